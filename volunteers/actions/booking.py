"""Booking a shift, cancelling, waiting for a place, and saying in time that one cannot come (DOMAIN 8.4)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import contains_eager, joinedload

from accounts.models import Person
from accounts.rights import same_human
from accounts.settings import rule_for
from errors import Refusal
from extensions import db
from record.act import act
from record.models import Act
from scheduler.deadlines.calendar import calendar_of
from scheduler.deadlines.working_days import Calendar
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
from volunteers.actions.days import booked_ahead, check_ahead, count_days, minutes_of, uncount_days
from volunteers.actions.places import check_list_open, fill_places, wait_no_longer
from volunteers.actions.priority import priority_of
from volunteers.models.assessment import UNDER_ASSESSMENT, Assessment
from volunteers.models.attendance import ATTENDANCE, Attendance, AttendanceState, BookedDay, Fault, Outcome
from volunteers.models.shifts import KIND, Shift, ShiftState
from volunteers.rules.booking import (
    Taken,
    Wanted,
    cancels_until,
    judge_booking,
    may_cancel,
    may_report,
)
from volunteers.rules.gates import Gates
from volunteers.rules.obstacles import NoPlace, Obstacle, Overlap, refusal_of
from volunteers.rules.schemes import Terms
from volunteers.terms import gates_of, terms_of


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


def assessment_at(person: Person, office_id: int) -> Assessment | None:
    """The person's assessment at an office: the one under way, else the newest."""
    where = Assessment.person_id == person.id, Assessment.office_id == office_id
    query = select(Assessment).where(*where).order_by(Assessment.id.desc())
    around = Assessment.scheme, Assessment.office, Assessment.person, Assessment.resource, Assessment.as_suspect
    mine = db.session.scalars(query.options(*(joinedload(part) for part in around))).unique().all()
    return next((one for one in mine if one.state in UNDER_ASSESSMENT), mine[0] if mine else None)


def obstacles(person: Person, shift: Shift, now: datetime) -> list[Obstacle]:
    """Everything that keeps the person from booking the shift, in the order in which it is told."""
    return obstacles_of(assessment_at(person, shift.office_id), [shift], now)[shift.id] if shift else []


def obstacles_of(
    assessment: Assessment | None, shifts: Sequence[Shift], now: datetime, *, own: bool = True
) -> dict[int, list[Obstacle]]:
    """The same for one person and many shifts, by the shifts' ids. At most ten queries, however many there are.

    `own`: he asks for them himself, so that what he may book ahead counts; the office may plan more for him.
    """
    return _judged(_Person.of(assessment, shifts, now, own) if assessment and shifts else None, shifts, now)


def _judged(person: _Person | None, shifts: Sequence[Shift], now: datetime) -> dict[int, list[Obstacle]]:
    quotas = quotas_of(shifts)
    return {shift.id: judge_booking(_wanted(person, shift, quotas[shift.event_id], now)) for shift in shifts}


@dataclass(frozen=True)
class _Person:
    """What is known of somebody around some shifts."""

    assessment: Assessment
    terms: Terms
    gates: Gates
    calendar: Calendar | None
    booked: Mapping[date, int]
    commitments: Sequence[Booking]
    open: int = 0
    most_open: int | None = None

    @classmethod
    def of(cls, assessment: Assessment, shifts: Sequence[Shift], now: datetime, own: bool) -> _Person:
        terms = terms_of(assessment, min(shift.starts_on for shift in shifts))
        return cls(
            assessment,
            terms,
            gates_of(assessment, terms),
            None if terms.every_day else calendar_of(assessment.office, {shift.starts_on for shift in shifts}),
            _booked_days(assessment, shifts),
            _commitments(assessment, shifts),
            *(booked_ahead(assessment, now) if own else ()),
        )


def quotas_of(shifts: Collection[Shift]) -> dict[int, Quota]:
    """The places of shifts, by event."""
    query = select(Quota).where(Quota.role == BookingRole.VOLUNTEER, Quota.event_id.in_({s.event_id for s in shifts}))
    return {quota.event_id: quota for quota in db.session.scalars(query)}


def _booked_days(assessment: Assessment, shifts: Sequence[Shift]) -> dict[date, int]:
    """The minutes he has booked on the days of the shifts, at whichever office."""
    days = {shift.starts_on for shift in shifts}
    query = (
        select(BookedDay.falls_on, func.sum(BookedDay.minutes))
        .where(
            BookedDay.person_id == assessment.person_id,
            BookedDay.falls_on.between(min(days), max(days) + timedelta(days=1)),
        )
        .group_by(BookedDay.falls_on)
    )
    return {day: int(minutes) for day, minutes in db.session.execute(query)}


def _commitments(assessment: Assessment, shifts: Sequence[Shift]) -> list[Booking]:
    """What binds the person while any of the shifts lasts."""
    if assessment.resource is None:
        return []
    query = (
        select(Booking)
        .options(joinedload(Booking.event))
        .where(
            Booking.binds,
            Booking.resource_id == assessment.resource.id,
            Booking.starts_at < max(shift.event.ends_at for shift in shifts),
            Booking.ends_at > min(shift.event.starts_at for shift in shifts),
        )
        .order_by(Booking.starts_at)
    )
    return list(db.session.scalars(query))


def _wanted(person: _Person | None, shift: Shift, quota: Quota, now: datetime) -> Wanted:
    event = shift.event
    common = Wanted(
        now=now,
        shift_state=shift.state if shift.stopped_at is None and not shift.from_paper else "not_bookable",
        starts_at=event.starts_at,
        starts_on=shift.starts_on,
        capacity=quota.capacity,
        taken=quota.taken,
        state=person.assessment.state if person else None,
    )
    if person is None:
        return common
    clashes = [b for b in person.commitments if b.starts_at < event.ends_at and event.starts_at < b.ends_at]
    return replace(
        common,
        gates=person.gates,
        first_on=person.assessment.first_on,
        last_on=person.assessment.last_on,
        area=shift.post.county,
        difficulty=shift.post.difficulty,
        day_served=person.calendar is None or person.terms.serves_on(person.calendar.kind(shift.starts_on)),
        takes=minutes_of(shift),
        booked=person.booked,
        a_day=person.terms.max_day_minutes,
        open=person.open,
        most_open=person.most_open,
        clashes=[_taken(booking, shift.office_id) for booking in clashes],
    )


def _taken(booking: Booking, office_id: int) -> Taken:
    ours = booking.office_id == office_id
    hearing = booking.role == BookingRole.PARTY
    return Taken(booking.starts_at, booking.ends_at, hearing, booking.event.place if ours else None)


def book(shift: Shift, person: Person, by: Person, at: datetime, reason: str = "") -> Attendance:
    """Take a place of a shift for somebody.

    Raises: NotBookable (state, period, overlap, own hearing, places, in this order), with all that stands in the way.
    """
    shift = _read(Shift.id == shift.id)
    assessment = assessment_at(person, shift.office_id)
    own = by.id == person.id
    known = _Person.of(assessment, [shift], at, own) if assessment else None
    found = _judged(known, [shift], at)[shift.id]
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


def _read(which: ColumnElement[bool]) -> Shift:
    """A shift as it is now, with its event, post and office; whoever would cancel it waits. One query."""
    query = select(Shift).where(which).with_for_update(read=True, of=Shift)
    around = joinedload(Shift.event), joinedload(Shift.post), joinedload(Shift.office)
    return db.session.scalars(query.options(*around).execution_options(populate_existing=True)).one()


def _attendance(shift: Shift, assessment: Assessment) -> Attendance:
    return Attendance(
        office_id=shift.office_id,
        shift_id=shift.id,
        person_id=assessment.person_id,
        assessment_id=assessment.id,
        state=AttendanceState.BOOKED,
    )


def cancel_hours(shift: Shift) -> int:
    """Until how many hours before the start a volunteer cancels by himself."""
    return int(rule_for("service.cancel_before", shift.office, shift.starts_on).amount)


def own_cancel_until(attendance: Attendance) -> datetime:
    """Until when the person may cancel by himself: a slip of his thumb can be taken back close to the start as well."""
    booked = select(Act.at).where(
        Act.subject_table == Attendance.__tablename__,
        Act.subject_id == attendance.id,
        Act.name == "attendance.book",
        Act.actor_id.in_(same_human(attendance.person_id)),
    )
    shift = attendance.shift
    return cancels_until(shift.event.starts_at, cancel_hours(shift), db.session.scalar(booked))


def notice_minutes(shift: Shift) -> int:
    """Until how many minutes before the start an absence can be told."""
    return int(rule_for("service.absence_notice", shift.office, shift.starts_on).amount)


def cancel(attendance: Attendance, by: Person, at: datetime, reason: str = "") -> None:
    """Give a place back; the waiting list moves up. Oneself until `service.cancel_before` (a few minutes
    after booking in any case), on behalf until the start.

    Raises: TooLateToCancel, OffCourse.
    """
    last = own_cancel_until(attendance) if by.id == attendance.person_id else attendance.shift.event.starts_at
    if at > last:
        raise TooLateToCancel(hours=cancel_hours(attendance.shift))
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
    told_late = not may_cancel(shift.event.starts_at, at, cancel_hours(shift))
    outcome = Outcome.ABSENT_LATE if told_late else Outcome.ABSENT_TOLD
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
    """Join the waiting list of a full shift. Where a place became free at this moment it is his at once.

    Raises: NotBookable for anything else in the way, PlacesFree, ListClosed, WaitsAlready.
    """
    shift = _read(Shift.id == shift.id)
    found = obstacles(person, shift, at)
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
    found = [one.code for one in obstacles(person, _read(Shift.event_id == event.id), now) if one.code != "full"]
    return found[0] if found else ""


def promoted(place: Waiting, booking: Booking, now: datetime) -> None:
    """Somebody moved up from the waiting list: his attendance is made with the booking."""
    shift = _read(Shift.event_id == booking.event_id)
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
