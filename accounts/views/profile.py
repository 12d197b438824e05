"""One's own page: own data, own rights in words, language, sessions and devices, who opened the own record."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import aliased

from accounts import access
from accounts.access import NotFound
from accounts.actions import sessions
from accounts.language import LANGUAGES
from accounts.models import Enrolment, Person, PersonSession
from accounts.rights import MANAGE_OWN_DEVICES, SEE_ACCESSES_TO_ME, SEE_OWN_PROFILE
from accounts.web import find, needs, now, person, see_other, viewer
from extensions import db
from record.models import Act

bp = Blueprint("profile", __name__)
OPENINGS = ("person.disclose", "person.unmask")
SHOWN = 20


@bp.get("/me")
@needs(SEE_OWN_PROFILE)
def mine() -> ResponseReturnValue:
    me = person()
    rights = [
        (membership, sorted(name for name, one in access.permissions().items() if membership.role in one.grants))
        for membership in viewer().memberships
    ]
    return render_template(
        "accounts/profile.html",
        me=me,
        account=me.account,
        rights=rights,
        languages=LANGUAGES,
        opened=sessions.live_sessions(me, now()),
        issued_by=_who_issued(me),
        here=g.person_session,
        accesses=_accesses(),
    )


def _accesses() -> list[tuple[Act, str | None]]:
    """Who opened my record, the last time first: the act and a name."""
    actor = aliased(Person)
    query = access.listed(viewer(), Act, SEE_ACCESSES_TO_ME).where(Act.name.in_(OPENINGS))
    named = query.outerjoin(actor, actor.id == Act.actor_id).add_columns(actor.name)
    return [(act, name) for act, name in db.session.execute(named.order_by(Act.id.desc()).limit(SHOWN))]


def _who_issued(me: Person) -> dict[int, str]:
    """By whom each of my devices' links was issued, by the enrolment's id."""
    query = select(Enrolment.id, Person.name).join(Person, Person.id == Enrolment.issued_by_id)
    return dict(iter(db.session.execute(query.where(Enrolment.person_id == me.id))))


@bp.post("/me/sessions/<uuid:public_id>/revocation")
@needs(MANAGE_OWN_DEVICES)
def revoke(public_id: uuid.UUID) -> ResponseReturnValue:
    chosen = find(PersonSession, public_id, may=MANAGE_OWN_DEVICES)
    if chosen.revoked_at is not None:
        raise NotFound()
    sessions.revoke_sessions(person(), person(), now(), only=chosen)
    flash(gettext("That session has ended."), "good")
    return see_other("profile.mine")


@bp.post("/me/sessions/revocation")
@needs(MANAGE_OWN_DEVICES)
def revoke_others() -> ResponseReturnValue:
    ended = sessions.revoke_sessions(person(), person(), now(), spare=g.person_session)
    flash(ngettext("%(num)d session has ended.", "%(num)d sessions have ended.", ended), "good")
    return see_other("profile.mine")
