"""Who hears of assessments, bookings and hours: the volunteer in plain and neutral words, and his prosecutor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from accounts.actions.memberships import local_day
from accounts.models import Role
from accounts.rights import members
from extensions import db
from record.models import Act
from record.notices import Recipient, tells
from scheduler.notices import about_event
from scheduler.timeline.models import Waiting
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance, AttendanceState
from volunteers.models.shifts import KIND, Posting, Shift


def _facts(attendance: Attendance) -> dict[str, Any]:
    return _when(attendance.shift.event)


def _when(event: Any) -> dict[str, Any]:
    return {"place": event.place, "starts_at": event.starts_at.isoformat(), "ends_at": event.ends_at.isoformat()}


@tells("attendance.book")
def who_has_a_place(act: Act, attendance: Attendance) -> Iterable[Recipient]:
    """By himself, on his behalf, or moved up from the waiting list: he is told which."""
    event = attendance.shift.event
    template = "volunteers/promoted" if act.facts.get("from_the_list") else "volunteers/booked"
    yield Recipient(attendance.person_id, template, {**_facts(attendance), **about_event(event)})


@tells("attendance.cancel")
def who_has_a_place_no_longer(act: Act, attendance: Attendance) -> Iterable[Recipient]:
    by_service = bool(act.facts.get("by_service"))
    template = "volunteers/cancelled_by_service" if by_service else "volunteers/cancelled"
    yield Recipient(attendance.person_id, template, {**_facts(attendance), "reason": act.reason if by_service else ""})


@tells("waiting.pass_over")
def who_was_passed_over(act: Act, place: Waiting) -> Iterable[Recipient]:
    """Why the place went to somebody else."""
    event = place.quota.event
    if event.kind == KIND and place.resource.person_id is not None:
        facts = {**_when(event), "why": act.facts.get("why", "")}
        yield Recipient(place.resource.person_id, "volunteers/passed_over", facts)


@tells("attendance.credit")
def whose_hours_count(act: Act, attendance: Attendance) -> Iterable[Recipient]:
    yield Recipient(
        attendance.person_id, "volunteers/credited", {**_facts(attendance), "minutes": act.facts["minutes"]}
    )


@tells("attendance.miss")
def who_did_not_come(act: Act, attendance: Attendance) -> Iterable[Recipient]:
    """So that he can say in time if it is a mistake."""
    yield Recipient(attendance.person_id, "volunteers/missed", _facts(attendance))


@tells("attendance.report_absence")
def for_whom_an_absence_was_entered(act: Act, attendance: Attendance) -> Iterable[Recipient]:
    """On his behalf: so that he can say it if it is wrong. Who tells it himself knows."""
    if act.actor_id != attendance.person_id:
        yield Recipient(attendance.person_id, "volunteers/absence_entered", _facts(attendance))


def _posted(shift: Shift) -> Iterable[int]:
    standing = select(Posting.person_id).where(Posting.shift_id == shift.id, Posting.ended_at.is_(None))
    return db.session.scalars(standing.order_by(Posting.id))


@tells("shift.cancel")
def officers_of_a_cancelled_shift(act: Act, shift: Shift) -> Iterable[Recipient]:
    facts = {**_when(shift.event), "reason": act.reason}
    return [Recipient(person, "volunteers/shift_cancelled", facts) for person in _posted(shift)]


@tells("shift.change")
def whoever_has_booked_a_moved_shift(act: Act, shift: Shift) -> Iterable[Recipient]:
    """Other hours are told to those who have booked and to the officers; other places to nobody."""
    if not act.facts.get("moved"):
        return []
    booked = select(Attendance.person_id).where(
        Attendance.shift_id == shift.id, Attendance.state == AttendanceState.BOOKED
    )
    people = [*db.session.scalars(booked.order_by(Attendance.id)), *_posted(shift)]
    facts = {**_when(shift.event), "reason": act.reason, **about_event(shift.event)}
    return [Recipient(person, "volunteers/shift_moved", facts) for person in people]


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
        yield Recipient(attendance.person_id, "volunteers/stopped", {**_facts(attendance), "reason": act.reason})


@tells("attendance.stay_on", "attendance.reinstate")
def for_whom_the_shift_goes_on(act: Act, attendance: Attendance) -> Iterable[Recipient]:
    """The stop was a mistake: he may come or stay, and nothing follows if he does not."""
    facts = {**_facts(attendance), "ends_at": act.facts["until"]}
    yield Recipient(attendance.person_id, "volunteers/goes_on", facts)


@tells("posting.post", "posting.end")
def the_officer_himself(act: Act, posting: Posting) -> Iterable[Recipient]:
    if act.actor_id != posting.person_id:
        template = "volunteers/posted" if act.name == "posting.post" else "volunteers/relieved"
        yield Recipient(posting.person_id, template, {**_when(posting.shift.event), "reason": act.reason})


# An assessment: neutral words, neither case nor offence (LOOK).


def _but_the_actor(act: Act, people: Iterable[int | None], template: str, **facts: Any) -> list[Recipient]:
    return [Recipient(one, template, facts) for one in dict.fromkeys(people) if one and one != act.actor_id]


def _coordinators(act: Act, assessment: Assessment) -> list[int]:
    return members(assessment.office_id, Role.COORDINATOR, local_day(assessment.office, act.at))


def _prosecutors(assessment: Assessment) -> list[int | None]:
    return [assessment.prosecutor_id, assessment.case.handler_id]


@tells("assessment.propose")
def whoever_prepares(act: Act, assessment: Assessment) -> list[Recipient]:
    """The coordinators: telling, consent, training and insurance come next."""
    people = _coordinators(act, assessment)
    return _but_the_actor(act, people, "volunteers/assessment_proposed")


@tells("assessment.ask_office")
def whoever_keeps_the_record(act: Act, assessment: Assessment) -> list[Recipient]:
    people = _coordinators(act, assessment)
    return _but_the_actor(act, people, "volunteers/record_asked_for")


@tells("assessment.start", "assessment.extend", "assessment.amend")
def whose_service_it_is(act: Act, assessment: Assessment) -> list[Recipient]:
    facts = {
        "first_on": assessment.first_on.isoformat(),
        "last_on": assessment.last_on.isoformat(),
        "minutes": assessment.required_minutes,
    }
    template = "volunteers/service_begins" if act.name == "assessment.start" else "volunteers/service_changed"
    return _but_the_actor(act, [assessment.person_id], template, **facts)


@tells("assessment.withdraw", "assessment.stop", "assessment.exempt", "assessment.transfer")
def who_hears_that_it_ended(act: Act, assessment: Assessment) -> list[Recipient]:
    """The person himself, and who answers for his case."""
    told = _but_the_actor(act, [assessment.person_id], "volunteers/service_ended")
    return told + _but_the_actor(act, _prosecutors(assessment), "volunteers/assessment_ended")


@tells("assessment.replan")
def who_answers_for_the_limit(act: Act, assessment: Assessment) -> list[Recipient]:
    return _but_the_actor(act, _prosecutors(assessment), "volunteers/back_plan_moved", **act.facts)
