"""Hearing officers after the plan: who said what, who takes a free place."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts.access import NotFound, may
from accounts.settings import rule_for
from accounts.web import find, needs, now, person, see_other, today, viewer
from hearings.actions.invitations import secret_of
from hearings.actions.officers import OPEN, choose_officer
from hearings.forms.officers import OfficerForm
from hearings.models import Capacity, Hearing, Participant
from hearings.panels import Missing, Panel
from hearings.plan_facts import Judging, outsiders_of, pool_of
from hearings.rights import PLAN_HEARING, SEE_PARTICIPANTS, SEND_NOTICE, of_the_office
from hearings.views.planning import objections

bp = Blueprint("hearing_officers", __name__, url_prefix="/hearings/<uuid:public_id>")


@bp.get("/officers")
@needs(PLAN_HEARING)
def write(public_id: uuid.UUID) -> ResponseReturnValue:
    hearing = _planned(public_id)
    return _page(hearing, OfficerForm(formdata=None, **_choices(hearing)))


@bp.post("/officers")
@needs(PLAN_HEARING)
def choose(public_id: uuid.UUID) -> ResponseReturnValue:
    hearing = _planned(public_id)
    form = OfficerForm.of(lambda form: _page(hearing, form), **_choices(hearing))
    people = {str(m.person.public_id): m.person for m in pool_of(hearing.office).values()}
    people |= {str(p.public_id): p for p in outsiders_of(hearing)}
    sitting = {str(p.public_id): p for p in hearing.taking_part(Capacity.HEARING_OFFICER)}
    chosen = choose_officer(
        hearing,
        people[form.person.data],
        person(),
        now(),
        why=form.why.data,
        instead_of=sitting.get(form.instead_of.data or ""),
        despite=form.despite.data or "",
    )
    flash(gettext("%(name)s is chosen and invited.", name=chosen.name), "good")
    return see_other("hearings.show", public_id=hearing.public_id)


def _choices(hearing: Hearing) -> dict[str, Any]:
    """Whom one may choose: the pool without those who take part, whoever may sit that day first."""
    judging, event = Judging(hearing, now()), hearing.event
    on = judging.day(event.starts_at) if event else judging.today
    pool = pool_of(hearing.office)
    here = {p.person_id for p in hearing.taking_part()}
    members = sorted(pool.values(), key=lambda m: (m.person.pinyin, m.person.name, m.id))
    people = [p for p in (*outsiders_of(hearing), *(m.person for m in members)) if p.id not in here]
    possible = [p for p in people if not any(d.level == "refuse" for d in judging.of_officer(p, on, pool))]
    words = {
        m.person_id: "，".join(w for w in (m.standing, m.field, m.remark) if w) for m in members
    }  # citation: words in a row
    named = [(str(p.public_id), " · ".join(w for w in (p.name, words.get(p.id, "")) if w)) for p in possible]
    return {
        "people": named,
        "sitting": [(str(p.public_id), p.name) for p in hearing.taking_part(Capacity.HEARING_OFFICER)],
    }


def _planned(public_id: uuid.UUID) -> Hearing:
    hearing = find(Hearing, public_id, may=PLAN_HEARING)
    if hearing.event is None or hearing.state not in OPEN:
        raise NotFound()
    return hearing


def _page(hearing: Hearing, form: OfficerForm) -> str:
    return render_template("hearings/officer.html", hearing=hearing, form=form, objections=objections())


def least_of(hearing: Hearing) -> int:
    least: int = rule_for("hearing_officer.per_hearing.min", hearing.office, today()).amount
    return least


def link_of(participant: Participant) -> str:
    return url_for(
        "invitation_link.show", public_id=participant.public_id, secret=secret_of(participant), _external=True
    )


def officers_panel(hearing: Hearing, forms: Any) -> Panel | None:
    """Who was asked, and what each said. A defender reads who takes part, not who said no, nor why."""
    if hearing.event is None or not may(viewer(), SEE_PARTICIPANTS, hearing):
        return None
    inside = of_the_office(viewer(), hearing)
    asked = [p for p in hearing.participants if p.capacity == Capacity.HEARING_OFFICER and (inside or p.live)]
    links = {}
    if hearing.state in OPEN and may(viewer(), SEND_NOTICE, hearing):
        links = {p.id: link_of(p) for p in asked if p.live}
    return Panel(
        "officers",
        gettext("Hearing officers"),
        "hearings/_officers.html",
        {
            "asked": sorted(asked, key=lambda p: (not p.live, p.id)),
            "inside": inside,
            "number": sum(p.live for p in asked),
            "least": least_of(hearing),
            "links": links,
            "members": pool_of(hearing.office),
            "may_choose": hearing.state in OPEN and may(viewer(), PLAN_HEARING, hearing),
        },
    )


def what_is_missing(hearing: Hearing) -> list[Missing]:
    if hearing.event is None or hearing.state not in OPEN or not of_the_office(viewer(), hearing):
        return []
    officers = hearing.taking_part(Capacity.HEARING_OFFICER)
    least, yes = least_of(hearing), sum(p.booking is not None and p.booking.status == "accepted" for p in officers)
    url = ""
    if may(viewer(), PLAN_HEARING, hearing):
        url = url_for("hearing_officers.write", public_id=hearing.public_id)
    found = []
    if len(officers) < least:
        note = gettext("%(number)s of at least %(least)s", number=len(officers), least=least)
        found.append(Missing(gettext("Enough hearing officers"), False, note, url, gettext("Choose somebody")))
    note = gettext("%(yes)s of %(number)s have said yes", yes=yes, number=len(officers))
    return [*found, Missing(gettext("Every hearing officer has answered"), yes == len(officers), note)]
