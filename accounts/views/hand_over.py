"""Handing own open work over to a colleague of the same role and office till a date."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload
from wtforms import SelectChoice

from accounts.access import grants_of, hands_over, listed
from accounts.actions.delegation import colleagues
from accounts.actions.hand_over import end_hand_over, hand_over
from accounts.forms.delegation import HandOverForm
from accounts.forms.people import none_chosen, role_word
from accounts.models import HandOver, Office, Person
from accounts.rights import HAND_OVER_WORK
from accounts.web import find, needs, now, office_for, person, see_other, today, viewer
from extensions import db

bp = Blueprint("hand_over", __name__)
LATEST = 50


@bp.get("/hand-overs")
@needs(HAND_OVER_WORK)
def index() -> ResponseReturnValue:
    return _page(HandOverForm(formdata=None, data={"starts_on": today()}, **_offers()))


@bp.post("/hand-overs")
@needs(HAND_OVER_WORK)
def give() -> ResponseReturnValue:
    office = office_for(HAND_OVER_WORK)
    form = HandOverForm.of(_page, **_offers())
    to = next(one for one in _colleagues(office) if str(one.public_id) == form.to.data)
    hand_over(
        office,
        form.role.data,
        to,
        form.starts_on.data,
        form.ends_on.data,
        by=person(),
        at=now(),
        on=today(),
        reason=form.reason.data or "",
    )
    flash(gettext("%(name)s has your open work on those days.", name=to.name), "good")
    return see_other("hand_over.index")


@bp.post("/hand-overs/<uuid:public_id>/ending")
@needs(HAND_OVER_WORK)
def end(public_id: uuid.UUID) -> ResponseReturnValue:
    given = find(HandOver, public_id, may=HAND_OVER_WORK)
    end_hand_over(given, by=person(), at=now(), on=today())
    flash(gettext("You have your work back."), "good")
    return see_other("hand_over.index")


def _roles(office: Office) -> list[str]:
    return list(dict.fromkeys(m.role for m, _ in grants_of(viewer(), HAND_OVER_WORK) if m.office_id == office.id))


def _colleagues(office: Office) -> list[Person]:
    """Who has one of the viewer's roles in the office."""
    found = {one.id: one for role in _roles(office) for one in colleagues(office, role, today(), but=person())}
    return list(found.values())


def _offers() -> dict[str, Any]:
    office = office_for(HAND_OVER_WORK)
    people = [SelectChoice(str(one.public_id), one.name) for one in _colleagues(office)]
    return {
        "roles": [SelectChoice(role, role_word(role)) for role in _roles(office)],
        "people": [none_chosen(), *people],
    }


def _page(form: Any) -> str:
    office, me = office_for(HAND_OVER_WORK), person()
    names = joinedload(HandOver.from_person), joinedload(HandOver.to_person)
    given = listed(viewer(), HandOver, HAND_OVER_WORK).where(HandOver.office_id == office.id)
    taken = select(HandOver).where(HandOver.to_person_id == me.id, HandOver.ends_on >= today())
    either, latest = or_(HandOver.to_person_id == me.id, HandOver.from_person_id == me.id), HandOver.id.desc()
    return render_template(
        "accounts/hand_over.html",
        form=form,
        given=list(db.session.scalars(given.options(*names).order_by(latest).limit(LATEST))),
        taken=list(db.session.scalars(taken.options(*names).order_by(latest).limit(LATEST))),
        on=today(),
        standing=set(db.session.scalars(select(HandOver.id).where(either, hands_over(today())))),
        alone=len(form.to.choices) == 1,
    )
