"""Planning a sitting: the form with the limits in view, and what stands in the way."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from accounts.access import NotFound, may
from accounts.models import Membership, Office, Person, Role
from accounts.settings import rule_for
from accounts.web import find, needs, now, person, see_other, today, viewer
from extensions import db
from hearings.actions.approval import ask_approval
from hearings.actions.parties import was_told
from hearings.actions.planning import Objections, plan_hearing
from hearings.actions.reassigning import chairs_no_more, lacks_chair
from hearings.dates import dates_of
from hearings.forms.planning import ELSEWHERE, OutsiderForm, PlanForm, VenueForm, WhenAndWhere
from hearings.models import About, Hearing, HearingState, PoolMember
from hearings.panels import Missing, Panel
from hearings.plan_facts import IN_THE_MORNING, Judging, Plan, left_behind, left_out, outsiders_of, pool_of
from hearings.rights import PLAN_HEARING, SEE_PARTICIPANTS, of_the_office
from law import Doubt
from scheduler.actions.rooms import rooms_of
from scheduler.timeline.models import Resource

bp = Blueprint("hearing_plan", __name__, url_prefix="/hearings/<uuid:public_id>")
STAFF = (Role.PROSECUTOR, Role.CHIEF, Role.DEPUTY_CHIEF)


@dataclass(frozen=True)
class Line:
    """Somebody of the pool as the form shows him: what would speak against him on the day at hand."""

    person: Person
    member: PoolMember | None
    doubts: list[Doubt]

    @property
    def possible(self) -> bool:
        return not any(doubt.level == "refuse" for doubt in self.doubts)


@bp.get("/plan")
@needs(PLAN_HEARING)
def write(public_id: uuid.UUID) -> ResponseReturnValue:
    hearing = find(Hearing, public_id, may=PLAN_HEARING)
    if hearing.state != HearingState.APPROVED:  # planned since: a page that was left open, or the way back to it
        return see_other("hearings.show", public_id=hearing.public_id)
    return _empty_page(hearing)


@bp.post("/plan")
@needs(PLAN_HEARING)
def plan(public_id: uuid.UUID) -> ResponseReturnValue:
    hearing = find(Hearing, public_id, may=PLAN_HEARING)
    form = PlanForm.of(lambda form: _page(hearing, form), **_choices(hearing))
    plan_hearing(hearing, _plan(hearing, form), person(), now(), despite=form.despite.data or "")
    flash(gettext("Planned. The hearing officers are invited."), "good")
    return see_other("hearings.show", public_id=hearing.public_id)


@bp.post("/venue")
@needs(PLAN_HEARING)
def ask_venue(public_id: uuid.UUID) -> ResponseReturnValue:
    """Put a place that is no hearing room before the chief prosecutor (H-45)."""
    hearing = find(Hearing, public_id, may=PLAN_HEARING)
    form = VenueForm.of(lambda _: _empty_page(hearing))
    ask_approval(hearing, About.VENUE, by=person(), at=now(), detail=form.place.data)
    flash(gettext("The place lies before the chief prosecutor. Plan the sitting once it is approved."), "good")
    return see_other("hearings.show", public_id=hearing.public_id)


@bp.post("/outsider")
@needs(PLAN_HEARING)
def ask_outsider(public_id: uuid.UUID) -> ResponseReturnValue:
    """Put somebody who is not of the pool before the chief prosecutor (H-35)."""
    hearing = find(Hearing, public_id, may=PLAN_HEARING)
    people = {str(p.public_id): p for p in _outside_the_pool(hearing)}
    if request.form.get("person") not in people:
        raise NotFound()
    form = OutsiderForm.of(lambda form: _empty_page(hearing, form), people=_named(people))
    wanted = people[form.person.data]
    ask_approval(
        hearing, About.OUTSIDER, by=person(), at=now(), person=wanted, detail=wanted.name, why=form.why.data or ""
    )
    flash(gettext("The person lies before the chief prosecutor. Plan the sitting once it is approved."), "good")
    return see_other("hearings.show", public_id=hearing.public_id)


def _named(people: dict[str, Person]) -> list[tuple[str, str]]:
    return [(key, one.name) for key, one in people.items()]


def _empty_page(hearing: Hearing, outsider: OutsiderForm | None = None) -> str:
    return _page(hearing, _form(hearing, formdata=None, data=_suggested(hearing)), outsider)


def _outside_the_pool(hearing: Hearing) -> list[Person]:
    """Hearing officers of the office who are not of its pool, and about whom the chief was not asked yet."""
    asked = {a.person_id for a in hearing.approvals if a.about == About.OUTSIDER}
    known = asked | set(pool_of(hearing.office))
    return [p for p in members_of(hearing.office, Role.HEARING_OFFICER) if p.id not in known]


def _form(hearing: Hearing, **kwargs: Any) -> PlanForm:
    return PlanForm(**_choices(hearing), **kwargs)


def _choices(hearing: Hearing) -> dict[str, Any]:
    staff = [(str(p.public_id), p.name) for p in staff_of(hearing.office)]
    case = hearing.case
    lead = [case.lead] if case.lead is not None and case.lead_id != case.handler_id else []
    chairs = [(str(p.public_id), p.name) for p in (case.handler, *lead)]
    pool = [(str(p.public_id), p.name) for p in _pool_people(hearing)]
    return {"rooms": room_choices(hearing.office), "chairs": chairs, "prosecutors": staff, "officers": pool}


def room_choices(office: Office) -> list[tuple[str, str]]:
    """The office's rooms, those in which hearings are held first."""
    rooms = sorted(rooms_of(office), key=lambda r: not r.is_hearing_room)
    named = [(r, r.name if r.is_hearing_room else gettext("%(name)s (no hearing room)", name=r.name)) for r in rooms]
    return [(str(room.public_id), name) for room, name in named]


def staff_of(office: Office) -> list[Person]:
    return members_of(office, *STAFF)


def members_of(office: Office, *roles: str) -> list[Person]:
    held = select(Membership.person_id).where(
        Membership.office_id == office.id,
        Membership.role.in_(roles),
        Membership.starts_on <= today(),
        Membership.ends_on.is_(None) | (Membership.ends_on >= today()),
    )
    return list(db.session.scalars(select(Person).where(Person.id.in_(held)).order_by(Person.pinyin, Person.id)))


def _pool_people(hearing: Hearing) -> list[Person]:
    members = sorted(pool_of(hearing.office).values(), key=lambda m: (m.person.pinyin, m.person.name, m.id))
    return [*outsiders_of(hearing), *(m.person for m in members)]


def _suggested(hearing: Hearing) -> dict[str, Any]:
    """The next time at which a hearing room and the chair are free, and the usual length."""
    office = hearing.office
    minutes = rule_for("hearing.default_duration", office, today()).amount
    room = next((r for r in rooms_of(office) if r.is_hearing_room), None)
    judging = Judging(hearing, now())
    wanted = datetime.combine(judging.earliest_day(), IN_THE_MORNING, judging.zone)
    found = judging.next_times(_held_by(room, hearing.case.handler), minutes, wanted, buffered=True)
    starts = (found[0][0] if found else wanted).astimezone(judging.zone)
    return {
        "day": starts.date(),
        "starts": starts.time(),
        "minutes": minutes,
        "room": str(room.public_id) if room else ELSEWHERE,
        "chair": str(hearing.case.handler.public_id),
    }


def _held_by(room: Resource | None, chair: Person) -> set[int]:
    known = select(Resource.id).where(Resource.person_id == chair.id)
    return {*db.session.scalars(known), *([room.id] if room else [])}


def _plan(hearing: Hearing, form: PlanForm) -> Plan:
    people = {str(p.public_id): p for p in (*staff_of(hearing.office), *_pool_people(hearing))}
    people |= {str(p.public_id): p for p in (hearing.case.handler, hearing.case.lead) if p is not None}
    return Plan(
        starts_at=form.starts_at(hearing.office.zone),
        minutes=form.minutes.data,
        chair=people[form.chair.data],
        officers=tuple(people[key] for key in form.officers.data or ()),
        prosecutors=tuple(people[key] for key in form.prosecutors.data or ()),
        room=room_chosen(hearing.office, form),
        place=form.place.data or "",
        officers_why=form.officers_why.data or "",
    )


def room_chosen(office: Office, form: WhenAndWhere) -> Resource | None:
    if form.room.data == ELSEWHERE:
        return None
    found = next((room for room in rooms_of(office) if str(room.public_id) == form.room.data), None)
    if found is None:
        raise NotFound()
    return found


def _page(hearing: Hearing, form: PlanForm, outsider: OutsiderForm | None = None) -> str:
    judging = Judging(hearing, now())
    on = form.day.data or judging.today
    pool = pool_of(hearing.office)
    lines = [Line(p, pool.get(p.id), judging.of_officer(p, on, pool)) for p in _pool_people(hearing)]
    lines.sort(key=lambda line: not line.possible)
    return render_template(
        "hearings/plan.html",
        hearing=hearing,
        form=form,
        lines=lines,
        chosen=set(form.officers.data or ()),
        dates=dates_of(hearing, today()),
        earliest=judging.earliest_day(),
        objections=objections(),
        venue=unapproved_venue(),
        outsider=outsider or _outsider_form(hearing),
    )


def _outsider_form(hearing: Hearing) -> OutsiderForm:
    people = {str(p.public_id): p for p in _outside_the_pool(hearing)}
    return OutsiderForm(formdata=None, people=_named(people))


def objections() -> Objections | None:
    """What the plan just sent was refused for, if it was."""
    refusal = g.get("refusal")
    return refusal if isinstance(refusal, Objections) else None


def unapproved_venue() -> str:
    """The place that needs the chief's approval, if that stands in the way."""
    found = objections()
    return next((who for who, d in found.doubts if d.code == "venue_not_approved"), "") if found else ""


def sitting_panel(hearing: Hearing, forms: Any) -> Panel | None:
    """The sitting: when, where, who; moving and cancelling it."""
    was = hearing.sittings[-1].event if hearing.sittings and hearing.state == HearingState.CANCELLED else None
    if hearing.event is None and was is None and hearing.state != HearingState.APPROVED:
        return None
    from hearings.views.cancelling import may_cancel, will_be_told

    plans = may(viewer(), PLAN_HEARING, hearing)
    live = hearing.state in {HearingState.PLANNED, HearingState.NOTICED}
    inside = live and of_the_office(viewer(), hearing)
    return Panel(
        "sitting",
        gettext("Sitting"),
        "hearings/_sitting.html",
        {
            "was": was,
            "left_out": left_out(hearing) if inside else [],
            "behind": {p: was_told(p) for p in left_behind(hearing)} if inside else {},
            "chairs_no_more": chairs_no_more(hearing) if inside else None,
            "lacks_chair": inside and lacks_chair(hearing, now()),
            "may_plan": plans and hearing.state == HearingState.APPROVED,
            "may_move": plans and live,
            "may_cancel": may_cancel(hearing),
            "told": will_be_told(hearing),
            "sees_people": may(viewer(), SEE_PARTICIPANTS, hearing),
        },
    )


def what_is_missing(hearing: Hearing) -> list[Missing]:
    if lacks_chair(hearing, now()) and of_the_office(viewer(), hearing):
        url = url_for("hearings.show", public_id=hearing.public_id, _anchor="sitting")
        seats = may(viewer(), PLAN_HEARING, hearing)
        return [Missing(gettext("Somebody in the chair"), False, "", url if seats else "", gettext("Seat somebody"))]
    if hearing.state != HearingState.APPROVED:
        return []
    url = ""
    if may(viewer(), PLAN_HEARING, hearing):
        url = url_for("hearing_plan.write", public_id=hearing.public_id)
    return [Missing(gettext("Time, place, chair and hearing officers"), False, "", url, gettext("Plan the sitting"))]
