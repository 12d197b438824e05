"""Who hears of assessments, bookings and hours: the volunteer in plain and neutral words, and his prosecutor."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from flask import has_request_context, request
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from accounts.actions.memberships import local_day
from accounts.models import Office, Organisation, Role
from accounts.rights import members
from extensions import db
from record.models import Act, Message
from record.notices import Recipient, outdated_when, tells
from scheduler.notices import about_event
from scheduler.timeline.models import Quota, Resource, Waiting, WaitingState
from volunteers.figures import missed_of
from volunteers.models.assessment import Assessment, ServiceProof
from volunteers.models.attendance import UNSETTLED, Attendance, AttendanceState
from volunteers.models.evaluation import Remark
from volunteers.models.incidents import Incident, unclear
from volunteers.models.reminders import Told
from volunteers.models.shifts import KIND, Posting, Shift
from volunteers.rights import deciders
from volunteers.terms import terms_of


def facts_of(attendance: Attendance) -> dict[str, Any]:
    return _when(attendance.shift.event)


def _when(event: Any) -> dict[str, Any]:
    return {"place": event.place, "starts_at": event.starts_at.isoformat(), "ends_at": event.ends_at.isoformat()}


@tells("attendance.book")
def who_has_a_place(act: Act, attendance: Attendance) -> Iterable[Recipient]:
    """By himself, on his behalf, or moved up from the waiting list: he is told which."""
    event = attendance.shift.event
    template = "volunteers/promoted" if act.facts.get("from_the_list") else "volunteers/booked"
    yield Recipient(attendance.person_id, template, {**facts_of(attendance), **about_event(event)})


@tells("attendance.cancel", "attendance.call_off")
def who_has_a_place_no_longer(act: Act, attendance: Attendance) -> Iterable[Recipient]:
    if act.facts.get("together"):
        return
    if act.facts.get("by_service"):
        facts = {**facts_of(attendance), **_what_fits(attendance), "reason": act.reason}
        yield Recipient(attendance.person_id, "volunteers/cancelled_by_service", facts)
    else:
        yield Recipient(attendance.person_id, "volunteers/cancelled", {**facts_of(attendance), "reason": ""})


def _what_fits(attendance: Attendance) -> dict[str, Any]:
    """Where the shifts stand that fit him, and until when he comes first."""
    until = attendance.first_until
    first = until.isoformat() if until is not None and until != attendance.lost_at else ""
    return {
        "first_until": first,
        "site": request.host_url.rstrip("/") if has_request_context() else "",
        "page": "/booking",
    }


@tells("waiting.pass_over")
def who_was_passed_over(act: Act, place: Waiting) -> Iterable[Recipient]:
    """Why the place went to somebody else."""
    event = place.quota.event
    if event.kind == KIND and not act.facts.get("together") and place.resource.person_id is not None:
        facts = {**_when(event), "why": act.facts.get("why", "")}
        yield Recipient(place.resource.person_id, "volunteers/passed_over", facts)


@tells("attendance.credit")
def whose_hours_count(act: Act, attendance: Attendance) -> Iterable[Recipient]:
    yield Recipient(
        attendance.person_id, "volunteers/credited", {**facts_of(attendance), "minutes": act.facts["minutes"]}
    )


@tells("attendance.miss")
def who_did_not_come(act: Act, attendance: Attendance) -> Iterable[Recipient]:
    """So that he can say in time if it is a mistake."""
    yield Recipient(attendance.person_id, "volunteers/missed", facts_of(attendance))


@tells("attendance.miss")
def who_answers_for_somebody_who_stays_away(act: Act, attendance: Attendance) -> list[Recipient]:
    """With the shift that reaches the number of his scheme, and with no further one (DOMAIN 3.3 `no_show_limit`)."""
    one = attendance.assessment
    count = missed_of([one.id])[one.id]
    reached = count == terms_of(one, attendance.shift.starts_on).no_show_limit
    facts = {**facts_of(attendance), "count": count, "assessment": one.id}
    return but_the_actor(act, _prosecutors(one) if reached else [], "volunteers/missed_often", **facts)


@tells("attendance.report_absence")
def for_whom_an_absence_was_entered(act: Act, attendance: Attendance) -> Iterable[Recipient]:
    """On his behalf: so that he can say it if it is wrong. Who tells it himself knows."""
    if act.actor_id != attendance.person_id:
        yield Recipient(attendance.person_id, "volunteers/absence_entered", facts_of(attendance))


def _posted(shift: Shift) -> Iterable[int]:
    standing = select(Posting.person_id).where(Posting.shift_id == shift.id, Posting.ended_at.is_(None))
    return db.session.scalars(standing.order_by(Posting.id))


@tells("shift.cancel")
def officers_of_a_cancelled_shift(act: Act, shift: Shift) -> Iterable[Recipient]:
    facts = {**_when(shift.event), "reason": act.reason}
    people = [] if act.facts.get("together") else _posted(shift)
    return [Recipient(person, "volunteers/shift_cancelled", facts) for person in people]


@tells("shift.cancel_together")
def everybody_once(act: Act, office: Office) -> Iterable[Recipient]:
    """Of all the shifts that one reason cancelled: who had booked or waited, and who was posted."""
    shifts = db.session.scalars(select(Shift).where(Shift.id.in_(act.facts["shifts"]))).all()
    lost = {one.person_id: one for shift in shifts for one in shift.attendances if one.lost_at == act.at}
    for person, hit in _by_person(shifts, lambda one: [*_lost(one, act), *_waited(one)]):
        comes_first = _what_fits(lost[person]) if person in lost else {}
        yield Recipient(person, "volunteers/cancelled_together", {**comes_first, "shifts": hit, "reason": act.reason})
    for person, hit in _by_person(shifts, _posted):
        yield Recipient(person, "volunteers/shifts_cancelled", {"shifts": hit, "reason": act.reason})


def _by_person(
    shifts: Iterable[Shift], who: Callable[[Shift], Iterable[int]]
) -> Iterable[tuple[int, list[dict[str, Any]]]]:
    """Each of some people with the shifts that are his, soonest first."""
    told: dict[int, list[dict[str, Any]]] = {}
    for shift in sorted(shifts, key=lambda one: one.event.starts_at):
        for person in dict.fromkeys(who(shift)):
            told.setdefault(person, []).append(_when(shift.event))
    return told.items()


def _lost(shift: Shift, act: Act) -> list[int]:
    return [one.person_id for one in shift.attendances if one.lost_at == act.at]


def _waits(shift: Shift) -> Select[Any]:
    waits = select(Resource.person_id).join(Waiting, Waiting.resource_id == Resource.id)
    waits = waits.join(Quota, Quota.id == Waiting.quota_id).where(Quota.event_id == shift.event_id)
    return waits.order_by(Waiting.id)


def _waited(shift: Shift) -> Iterable[int]:
    told = _waits(shift).where(Waiting.why == "shift_cancelled")
    return [person for person in db.session.scalars(told) if person is not None]


@tells("shift.change")
def whoever_has_booked_a_moved_shift(act: Act, shift: Shift) -> Iterable[Recipient]:
    """Other hours are told to those who have booked, who wait, and to the officers; other places to nobody."""
    if not act.facts.get("moved"):
        return []
    booked = select(Attendance.person_id).where(
        Attendance.shift_id == shift.id, Attendance.state == AttendanceState.BOOKED
    )
    people = [*db.session.scalars(booked.order_by(Attendance.id)), *_posted(shift)]
    facts = {**_when(shift.event), "reason": act.reason, **about_event(shift.event)}
    told = [Recipient(person, "volunteers/shift_moved", facts) for person in people]
    waits = _waits(shift).where(Waiting.state == WaitingState.WAITING)
    waiting = [person for person in db.session.scalars(waits) if person is not None and person not in people]
    return [*told, *(Recipient(person, "volunteers/list_moved", facts) for person in waiting)]


@tells("shift.stop", "shift.resume", "shift.prolong")
def the_other_officers(act: Act, shift: Shift) -> Iterable[Recipient]:
    template = {"shift.stop": "volunteers/stopped", "shift.resume": "volunteers/goes_on"}.get(act.name)
    facts = {**_when(shift.event), "reason": act.reason, "agreed": shift.agreed_until.isoformat()}
    return [
        Recipient(person, template or "volunteers/prolonged", facts)
        for person in _posted(shift)
        if person != act.actor_id
    ]


@tells("shift.prolong")
def whoever_is_expected_or_here(act: Act, shift: Shift) -> Iterable[Recipient]:
    """That it ends later, and that nobody has to stay: he agreed to the old end."""
    expected = Attendance.state.in_([AttendanceState.BOOKED, AttendanceState.ARRIVED])
    here = select(Attendance.person_id).where(Attendance.shift_id == shift.id, expected)
    facts = {**_when(shift.event), "reason": act.reason, "agreed": shift.agreed_until.isoformat()}
    return [Recipient(person, "volunteers/prolonged", facts) for person in db.session.scalars(here)]


@tells("attendance.leave")
def who_was_sent_home(act: Act, attendance: Attendance) -> Iterable[Recipient]:
    """By a stop for everybody; else he was spoken to."""
    if act.facts.get("stopped"):
        yield Recipient(attendance.person_id, "volunteers/stopped", {**facts_of(attendance), "reason": act.reason})


@tells("attendance.stay_on", "attendance.reinstate", "attendance.come_back")
def for_whom_the_shift_goes_on(act: Act, attendance: Attendance) -> Iterable[Recipient]:
    """The stop was a mistake: he may come or stay, and nothing follows if he does not."""
    facts = {**facts_of(attendance), "ends_at": act.facts["until"]}
    yield Recipient(attendance.person_id, "volunteers/goes_on", facts)


@tells("organisation.plan_duty")
def officers_of_a_plan(act: Act, squad: Organisation) -> Iterable[Recipient]:
    """Each whose month has changed, once: where he stands now and where no longer."""
    told: dict[str, dict[str, list[str]]] = act.facts["told"]
    ids = {uuid.UUID(one) for words in told.values() for keys in words.values() for one in keys}
    shifts = select(Shift).where(Shift.public_id.in_(ids)).options(joinedload(Shift.event))
    known = {str(shift.public_id): _when(shift.event) for shift in db.session.scalars(shifts)}
    for person, words in told.items():
        facts = {word: sorted((known[key] for key in keys), key=_starts) for word, keys in words.items()}
        yield Recipient(int(person), "volunteers/duty_plan", facts)


def _starts(facts: dict[str, Any]) -> str:
    return str(facts["starts_at"])


@tells("posting.post", "posting.end")
def the_officer_himself(act: Act, posting: Posting) -> Iterable[Recipient]:
    if act.actor_id != posting.person_id and not act.facts.get("by_plan"):
        template = "volunteers/posted" if act.name == "posting.post" else "volunteers/relieved"
        yield Recipient(posting.person_id, template, {**_when(posting.shift.event), "reason": act.reason})


@tells("shift.remind")
def who_is_reminded_of_a_shift(act: Act, shift: Shift) -> list[Recipient]:
    """Its officers; later whoever can post another one: the coordinators and the squad leaders."""
    people = len(db.session.scalars(_unsettled(shift.id)).all())
    facts = {**_when(shift.event), "people": people, "shift": shift.id}
    if act.facts.get("told") == Told.OFFICERS:
        return [Recipient(one, "volunteers/not_confirmed", facts) for one in _posted(shift)]
    on = local_day(shift.office, act.at)
    chiefs = set(members(shift.office_id, Role.CHIEF, on))
    desk = [*members(shift.office_id, Role.COORDINATOR, on), *(d for d in deciders(shift, on) if d not in chiefs)]
    return [Recipient(one, "volunteers/not_confirmed_in_time", facts) for one in dict.fromkeys(desk)]


@outdated_when
def settled_since(message: Message) -> bool:
    """A reminder does not leave once everybody is settled, nor word of missed shifts of which one is excused (I25)."""
    if message.template == "volunteers/missed_often":
        return missed_of([message.facts["assessment"]]).get(message.facts["assessment"], 0) < message.facts["count"]
    if not message.template.startswith("volunteers/not_confirmed"):
        return False
    return db.session.scalar(_unsettled(message.facts["shift"]).limit(1)) is None


def _unsettled(shift_id: int) -> Select[int]:
    """Those of a shift whom an officer has still to settle."""
    return select(Attendance.id).where(
        Attendance.shift_id == shift_id,
        Attendance.state.in_(UNSETTLED),
        Attendance.struck_out.is_(False),
        Attendance.id.not_in(unclear()),
    )


@tells("attendance.send_back")
def whose_word_was_sent_back(act: Act, attendance: Attendance) -> Iterable[Recipient]:
    """The officer, with the leader's reason: he looks at it and confirms anew."""
    for one in attendance.confirmations[-1:]:
        yield Recipient(one.by_id, "volunteers/sent_back", {**facts_of(attendance), "reason": act.reason})


# An assessment: neutral words, neither case nor offence (LOOK).


def but_the_actor(act: Act, people: Iterable[int | None], template: str, **facts: Any) -> list[Recipient]:
    return [Recipient(one, template, facts) for one in dict.fromkeys(people) if one and one != act.actor_id]


def _coordinators(act: Act, assessment: Assessment) -> list[int]:
    return members(assessment.office_id, Role.COORDINATOR, local_day(assessment.office, act.at))


def _prosecutors(assessment: Assessment) -> list[int | None]:
    return [assessment.prosecutor_id, assessment.case.handler_id]


@tells("assessment.propose")
def whoever_prepares(act: Act, assessment: Assessment) -> list[Recipient]:
    """The coordinators: telling, consent, training and insurance come next."""
    people = _coordinators(act, assessment)
    return but_the_actor(act, people, "volunteers/assessment_proposed")


@tells("assessment.ask_office")
def whoever_keeps_the_record(act: Act, assessment: Assessment) -> list[Recipient]:
    people = _coordinators(act, assessment)
    return but_the_actor(act, people, "volunteers/record_asked_for")


@tells("assessment.start", "assessment.extend", "assessment.amend")
def whose_service_it_is(act: Act, assessment: Assessment) -> list[Recipient]:
    facts = {
        "first_on": assessment.first_on.isoformat(),
        "last_on": assessment.last_on.isoformat(),
        "minutes": assessment.required_minutes,
    }
    template = "volunteers/service_begins" if act.name == "assessment.start" else "volunteers/service_changed"
    return but_the_actor(act, [assessment.person_id], template, **facts)


@tells("assessment.withdraw", "assessment.stop", "assessment.exempt", "assessment.transfer")
def who_hears_that_it_ended(act: Act, assessment: Assessment) -> list[Recipient]:
    """The person himself, and who answers for his case."""
    told = but_the_actor(act, [assessment.person_id], "volunteers/service_ended")
    return told + but_the_actor(act, _prosecutors(assessment), "volunteers/assessment_ended")


@tells("assessment.replan")
def who_answers_for_the_limit(act: Act, assessment: Assessment) -> list[Recipient]:
    return but_the_actor(act, _prosecutors(assessment), "volunteers/back_plan_moved", **act.facts)


@tells("remark.ask")
def who_leads_the_squad(act: Act, remark: Remark) -> list[Recipient]:
    on = local_day(remark.assessment.office, act.at)
    leaders = members(remark.office_id, Role.SQUAD_LEADER, on, remark.squad_id)
    return but_the_actor(act, leaders, "volunteers/remark_asked")


@tells("remark.give")
def whoever_evaluates(act: Act, remark: Remark) -> list[Recipient]:
    return but_the_actor(act, _prosecutors(remark.assessment), "volunteers/remark_given")


@tells("assessment.evaluate")
def whose_service_is_evaluated(act: Act, assessment: Assessment) -> list[Recipient]:
    """He has a right to know how, and to ask (D-26)."""
    return but_the_actor(act, [assessment.person_id], "volunteers/evaluated")


@tells("incident.note")
def whoever_answers_for_him(act: Act, incident: Incident) -> list[Recipient]:
    """The prosecutor of the person's case; of a whole shift the coordinators. What it says stands on its page alone."""
    shift, one = incident.shift, incident.attendance
    on = local_day(shift.office, act.at)
    prosecutors = members(shift.office_id, Role.PROSECUTOR, on)
    people = [key for key in _prosecutors(one.assessment) if key in prosecutors] if one else []
    desk = members(shift.office_id, Role.COORDINATOR, on)
    return but_the_actor(act, people or desk, "volunteers/incident_noted", **_when(shift.event))


@tells("service_proof.correct")
def where_hours_brought_along_count(act: Act, proof: ServiceProof) -> list[Recipient]:
    """The prosecutor at the office where they count; where nobody has counted them yet, its coordinators."""
    on = local_day(proof.to_office, act.at)
    known = _prosecutors(proof.counts_for) if proof.counts_for else members(proof.to_office_id, Role.COORDINATOR, on)
    return but_the_actor(act, known, "volunteers/proof_corrected", old=act.facts["old"], new=act.facts["new"])
