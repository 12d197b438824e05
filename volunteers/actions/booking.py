"""Booking a shift, cancelling, waiting for a place, and saying in time that one cannot come (DOMAIN 8.4)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, true
from sqlalchemy.orm import contains_eager, joinedload

from accounts.models import Person
from accounts.rights import same_human
from accounts.settings import rule_for
from errors import Refusal
from extensions import db
from record.act import act
from record.models import Act
from scheduler.timeline import timeline, waiting
from scheduler.timeline.models import (
    WAITING,
    Booking,
    BookingRole,
    BookingStatus,
    Event,
    Quota,
    Resource,
    Waiting,
    WaitingState,
)
from volunteers.actions.days import check_ahead, count_days, uncount_days
from volunteers.actions.obstacles import Standing, assessment_at, judged, obstacles, quotas_of, shift_now
from volunteers.actions.places import check_list_open, fill_places, wait_no_longer
from volunteers.actions.priority import priority_of
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import ATTENDANCE, Attendance, AttendanceState, Fault, Outcome
from volunteers.models.shifts import KIND, Shift, ShiftState
from volunteers.rules.booking import (
    cancels_until,
    may_cancel,
    may_report,
)
from volunteers.rules.obstacles import NoPlace, Obstacle, Overlap, refusal_of
from volunteers.terms import terms_of


class TooLateToCancel(Refusal):
    code = "too_late_to_cancel"
    message = "A shift can be cancelled until %(hours)s hours before it begins."
    help = "You can still say that you cannot come, until it begins."
    source = "DOMAIN 9.2 service.cancel_before"


class TooLateToReport(Refusal):
    code = "too_late_to_report"
    message = "This shift has begun, so an absence can no longer be told in advance."
    help = "Please call the coordinator and say what happened."
    source = "DOMAIN D-23"


class PlacesFree(Refusal):
    code = "places_free"
    message = "There is a free place: nobody needs to wait."
    help = "Book the shift."


def book(shift: Shift, person: Person, by: Person, at: datetime, reason: str = "") -> Attendance:
    """Take a place of a shift for somebody.

    Raises: NotBookable (state, period, overlap, own hearing, places, in this order), with all that stands in the way.
    """
    shift = shift_now(Shift.id, shift.id)
    assessment = assessment_at(person, shift.office_id)
    own = by.id == person.id
    known = Standing.of(assessment, [shift], at, own) if assessment else None
    found = judged(known, [shift], at)[shift.id]
    if found or known is None:
        raise refusal_of(found)
    attendance = _attendance(shift, known.assessment)
    with act("attendance.book", attendance, by=by, at=at, reason=reason):
        try:
            resource = known.assessment.resource or timeline.resource_of(person)
            take = timeline.Take(shift.event, resource, BookingRole.VOLUNTEER)
            attendance.booking_id = timeline.rebook(take)[0].id
        except timeline.Full as full:  # somebody was faster
            raise NoPlace([Obstacle("full", full.facts)]) from full
        except timeline.Collision as clash:
            starts_at = clash.clashes[0].starts_at if clash.clashes else shift.event.starts_at
            raise Overlap([Obstacle("overlap", {"starts_at": starts_at})]) from clash
        if own:  # a rival of his own may have been faster; now he waits for this one
            check_ahead(known.assessment, at)
        db.session.add(attendance)
        count_days(attendance, shift, known.terms.max_day_minutes)
        wait_no_longer(shift, resource, by, at)
    return attendance


def _attendance(shift: Shift, assessment: Assessment) -> Attendance:
    return Attendance(
        office_id=shift.office_id,
        shift_id=shift.id,
        person_id=assessment.person_id,
        assessment_id=assessment.id,
        state=AttendanceState.BOOKED,
    )


def cancel_hours(attendance: Attendance) -> int:
    """Until how many hours before the start somebody cancels by himself, by the terms he signed (DOMAIN 3.3)."""
    return terms_of(attendance.assessment, attendance.shift.starts_on).cancel_before_hours


def moved_since(attendances: Collection[Attendance]) -> set[int]:
    """The ids of those whose shift was given other hours after they had booked it, or had joined the list from which
    they moved up. Three queries, one where no shift was moved."""
    shifts = {one.shift_id for one in attendances}
    moved = [(shift, number) for shift, number, facts in _acts("shift.change", Shift, shifts) if facts.get("moved")]
    if not moved:
        return set()
    last, joined = dict(moved), {}
    for shift, number, facts in _acts("waiting.join", Shift, shifts):
        joined[shift, facts.get("person")] = number
    agreed: dict[int, int] = {}
    of = {one.id: (one.shift_id, one.person_id) for one in attendances}
    for key, number, facts in _acts("attendance.book", Attendance, of):
        agreed[key] = joined.get(of[key], number) if facts.get("from_the_list") else number
    return {key for key, number in agreed.items() if number < last.get(of[key][0], 0)}


def _acts(name: str, model: type[Shift] | type[Attendance], ids: Collection[int]) -> list[Any]:
    """Of some rows the acts of a name, in their order: whose, which, what was noted."""
    query = select(Act.subject_id, Act.id, Act.facts).where(
        Act.subject_table == model.__tablename__, Act.subject_id.in_(ids), Act.name == name
    )
    return list(db.session.execute(query.order_by(Act.id)))


def own_cancel_until(attendance: Attendance) -> datetime:
    """Until when the person may cancel by himself."""
    return own_cancels_until([attendance])[attendance.id]


def own_cancels_until(attendances: Collection[Attendance], *, at_counter: bool = False) -> dict[int, datetime]:
    """Until when one person may cancel each of his bookings by himself: a slip of his thumb can be taken back close to
    the start as well, and hours to which he has not agreed until it begins. `at_counter`: his thumb books there as the
    coordinator."""
    moved, whose = moved_since(attendances), next((one.person_id for one in attendances), 0)
    booked = select(Act.subject_id, Act.at).where(
        Act.subject_table == Attendance.__tablename__,
        Act.subject_id.in_([one.id for one in attendances]),
        Act.name == "attendance.book",
        true() if at_counter else Act.actor_id.in_(same_human(whose)),
    )
    at = dict(db.session.execute(booked).all())
    starts = {one.id: one.shift.event.starts_at for one in attendances}
    return {
        one.id: starts[one.id] if one.id in moved else cancels_until(starts[one.id], cancel_hours(one), at.get(one.id))
        for one in attendances
    }


def notice_minutes(shift: Shift) -> int:
    """Until how many minutes before the start an absence can be told."""
    return int(rule_for("service.absence_notice", shift.office, shift.starts_on).amount)


def cancel(attendance: Attendance, by: Person, at: datetime, reason: str = "") -> None:
    """Give a place back; the waiting list moves up. Oneself until so many hours before as one has signed (a few
    minutes after booking in any case), on behalf, or where the hours were changed since, until the start.

    Raises: TooLateToCancel, OffCourse.
    """
    last = own_cancel_until(attendance) if by.id == attendance.person_id else attendance.shift.event.starts_at
    if at > last:
        raise TooLateToCancel(hours=cancel_hours(attendance))
    with act("attendance.cancel", attendance, by=by, at=at, reason=reason):
        ATTENDANCE.step("cancel", attendance)
        _free(attendance, BookingStatus.CANCELLED, at)


def report_absence(attendance: Attendance, by: Person, at: datetime, reason: str = "") -> None:
    """Say before the start that one cannot come: the place is free, the absence is told (D-23).

    Raises: TooLateToReport, OffCourse.
    """
    shift = attendance.shift
    if not may_report(shift.event.starts_at, at, notice_minutes(shift)):
        raise TooLateToReport()
    in_time = may_cancel(shift.event.starts_at, at, cancel_hours(attendance)) or moved_since([attendance])
    outcome = Outcome.ABSENT_TOLD if in_time else Outcome.ABSENT_LATE
    with act("attendance.report_absence", attendance, by=by, at=at, reason=reason):
        ATTENDANCE.step("report_absence", attendance, outcome=outcome, fault=Fault.NOBODY)
        _free(attendance, BookingStatus.RELEASED, at)


def _free(attendance: Attendance, status: str, at: datetime) -> None:
    uncount_days([attendance.id])
    timeline.rebook(timeline.Free(attendance.booking, status))
    fill_places(attendance.shift, at)


def excuse(attendance: Attendance, by: Person, at: datetime, reason: str) -> None:
    """Turn a missed shift into an absence, with reason and evidence. The past booking stays, his day is free."""
    with act("attendance.excuse", attendance, by=by, at=at, reason=reason):
        ATTENDANCE.step("excuse", attendance, outcome=Outcome.ABSENT_TOLD, fault=Fault.NOBODY)
        uncount_days([attendance.id])


def wait(shift: Shift, person: Person, by: Person, at: datetime, reason: str = "") -> Waiting:
    """Join the waiting list of a full shift. Where a place became free at this moment it is his at once. As in booking,
    the office may plan more for him than he books ahead himself.

    Raises: NotBookable for anything else in the way, PlacesFree, ListClosed, WaitsAlready.
    """
    shift = shift_now(Shift.id, shift.id)
    found = obstacles(person, shift, at, own=by.id == person.id)
    others = [one for one in found if one.code != "full"]
    if others:
        raise refusal_of(others)
    if not found:
        raise PlacesFree()
    check_list_open(shift, at)
    with act("waiting.join", shift, by=by, at=at, reason=reason, person=person.id):
        quota = quotas_of([shift])[shift.event_id]
        first = priority_of(person, shift.office_id, at)
        place = waiting.join(quota, timeline.resource_of(person), at, first.until if first else None)
        db.session.refresh(quota)
        if quota.taken < quota.capacity:
            fill_places(shift, at)
    return place


def leave_list(place: Waiting, by: Person, at: datetime, reason: str = "") -> None:
    """Wait no longer. Raises: OffCourse."""
    with act("waiting.leave", place, by=by, at=at, reason=reason):
        WAITING.step("leave", place)


def waits_of(person: Person, office_id: int) -> Mapping[int, Waiting]:
    """Where somebody waits, by event."""
    query = (
        select(Waiting)
        .join(Resource)
        .options(joinedload(Waiting.quota))
        .where(Resource.person_id == person.id, Waiting.office_id == office_id, Waiting.state == WaitingState.WAITING)
    )
    return {place.quota.event_id: place for place in db.session.scalars(query)}


def passed_over(person: Person, office_id: int, now: datetime) -> dict[Shift, str]:
    """Shifts to come of which a place went to somebody else instead of to this person, each with why, soonest first.
    Not those he has booked or waits for again."""
    stands = Attendance.person_id == person.id, Attendance.state == AttendanceState.BOOKED
    booked = select(Attendance.shift_id).where(*stands)
    query = (
        select(Shift, Waiting)
        .join(Event, Event.id == Shift.event_id)
        .join(Quota, Quota.event_id == Event.id)
        .join(Waiting, Waiting.quota_id == Quota.id)
        .join(Resource, Resource.id == Waiting.resource_id)
        .options(contains_eager(Shift.event), joinedload(Shift.post))
        .where(Resource.person_id == person.id, Shift.office_id == office_id)
        .where(Shift.state == ShiftState.OPEN, Shift.stopped_at.is_(None), Event.starts_at > now)
        .where(Shift.id.not_in(booked))
        .order_by(Event.starts_at, Waiting.number)
    )
    last = {one.Shift: one.Waiting for one in db.session.execute(query)}
    return {shift: place.why for shift, place in last.items() if place.state == WaitingState.PASSED_OVER}


def fits(event: Event, resource: Resource, now: datetime) -> str:
    """Whether somebody on the waiting list may take a place of a shift now; the first thing in the way, or ""."""
    person = resource.person
    if person is None:
        return "not_serving"
    shift = shift_now(Shift.event_id, event.id)
    found = [
        one.code for one in obstacles(person, shift, now, own=_joined_himself(shift, person)) if one.code != "full"
    ]
    return found[0] if found else ""


def _joined_himself(shift: Shift, person: Person) -> bool:
    """Whether it was he who last joined the list, not the office for him."""
    joins = select(Act.actor_id, Act.facts).where(
        Act.subject_table == Shift.__tablename__, Act.subject_id == shift.id, Act.name == "waiting.join"
    )
    him = set(db.session.scalars(same_human(person.id)))
    by = [actor for actor, facts in db.session.execute(joins.order_by(Act.id)) if facts.get("person") in him]
    return not by or by[-1] in him


def promoted(place: Waiting, booking: Booking, now: datetime) -> None:
    """Somebody moved up from the waiting list: his attendance is made with the booking."""
    shift = shift_now(Shift.event_id, booking.event_id)
    person = db.session.get_one(Person, place.resource.person_id)
    assessment = assessment_at(person, shift.office_id)
    if assessment is None:
        raise refusal_of([Obstacle("not_serving")])
    attendance = _attendance(shift, assessment)
    attendance.booking_id = booking.id
    with act("attendance.book", attendance, by=None, at=now, from_the_list=True):
        db.session.add(attendance)
        count_days(attendance, shift, terms_of(assessment, shift.starts_on).max_day_minutes)


waiting.promote_by(KIND, fits, promoted)
