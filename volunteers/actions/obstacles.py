"""What keeps somebody from booking a shift, read from what is stored of him and of it (DOMAIN 8.4, D-22).

These questions are asked at every booking; their statements are built once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from accounts.models import Person
from extensions import db
from scheduler.deadlines.calendar import calendar_of
from scheduler.deadlines.working_days import Calendar
from scheduler.timeline.models import Booking, BookingRole, Quota, Resource
from volunteers.actions.days import booked_ahead, minutes_of
from volunteers.models.assessment import UNDER_ASSESSMENT, Assessment
from volunteers.models.attendance import BookedDay
from volunteers.models.shifts import Shift
from volunteers.rules.booking import Taken, Wanted, judge_booking
from volunteers.rules.gates import Gates
from volunteers.rules.obstacles import Obstacle
from volunteers.rules.schemes import Terms
from volunteers.terms import gates_of, gates_of_many, least_of, terms_of, terms_of_many


def assessment_at(person: Person, office_id: int) -> Assessment | None:
    """The person's assessment at an office: the one under way, else the newest."""
    mine = db.session.scalars(_assessments(), {"person": person.id, "office": office_id}).unique().all()
    return next((one for one in mine if one.state in UNDER_ASSESSMENT), mine[0] if mine else None)


def is_over(assessment: Assessment | None) -> bool:
    """Whether somebody served here and serves no more; of one whose service has not begun it is not so."""
    return assessment is not None and assessment.state not in UNDER_ASSESSMENT


@cache
def _assessments() -> Select[Assessment]:
    where = Assessment.person_id == bindparam("person"), Assessment.office_id == bindparam("office")
    around = Assessment.scheme, Assessment.person, Assessment.resource, Assessment.as_suspect
    query = select(Assessment).where(*where).order_by(Assessment.id.desc())
    return query.options(*(joinedload(part) for part in around))


def obstacles(person: Person, shift: Shift, now: datetime, *, own: bool = True) -> list[Obstacle]:
    """Everything that keeps the person from booking the shift, in the order in which it is told."""
    return obstacles_of(assessment_at(person, shift.office_id), [shift], now, own=own)[shift.id] if shift else []


def obstacles_of(
    assessment: Assessment | None, shifts: Sequence[Shift], now: datetime, *, own: bool = True
) -> dict[int, list[Obstacle]]:
    """The same for one person and many shifts, by the shifts' ids. At most ten queries, however many there are.

    `own`: he asks for them himself, so that what he may book ahead counts; the office may plan more for him.
    """
    return judged(Standing.of(assessment, shifts, now, own) if assessment and shifts else None, shifts, now)


def obstacles_of_many(people: Sequence[Assessment], shift: Shift, now: datetime) -> dict[int, list[Obstacle]]:
    """The same for many people and one shift for which the office books them, by the assessments' ids. Fifteen queries
    at most, however many there are."""
    on, quota = shift.starts_on, quotas_of([shift])[shift.event_id]
    terms, gates, calendar = terms_of_many(people, on), gates_of_many(people, on), calendar_of(shift.office, {on})
    booked, bound = minutes_booked_by(people, on), _bound_by(people, shift)
    found = {}
    for one in people:
        mine, days = terms[one.id], booked.get(one.person_id, {})
        person = Standing(one, mine, gates[one.id], calendar, days, bound.get(one.person_id, ()))
        found[one.id] = judge_booking(_wanted(person, shift, quota, now))
    return found


def judged(person: Standing | None, shifts: Sequence[Shift], now: datetime) -> dict[int, list[Obstacle]]:
    quotas = quotas_of(shifts)
    return {shift.id: judge_booking(_wanted(person, shift, quotas[shift.event_id], now)) for shift in shifts}


@dataclass(frozen=True)
class Standing:
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
    def of(cls, assessment: Assessment, shifts: Sequence[Shift], now: datetime, own: bool) -> Standing:
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
    found = db.session.scalars(_places(), {"events": {shift.event_id for shift in shifts}})
    return {quota.event_id: quota for quota in found}


@cache
def _places() -> Select[Quota]:
    of_these = Quota.event_id.in_(bindparam("events", expanding=True))
    return select(Quota).where(Quota.role == BookingRole.VOLUNTEER, of_these)


def _booked_days(assessment: Assessment, shifts: Sequence[Shift]) -> dict[date, int]:
    """The minutes he has booked on the days of the shifts, at whichever office."""
    days = {shift.starts_on for shift in shifts}
    span = {"first": min(days), "last": max(days) + timedelta(days=1)}
    found = db.session.execute(_minutes_booked(), {"person": assessment.person_id, **span})
    return {day: int(minutes) for day, minutes in found}


@cache
def _minutes_booked() -> Select[date, int]:
    return (
        select(BookedDay.falls_on, func.sum(BookedDay.minutes))
        .where(BookedDay.person_id == bindparam("person"))
        .where(BookedDay.falls_on.between(bindparam("first"), bindparam("last")))
        .group_by(BookedDay.falls_on)
    )


def minutes_booked_by(people: Collection[Assessment], since: date) -> dict[int, dict[date, int]]:
    """The minutes that many have booked from a day on, by person and day. One query."""
    query = (
        select(BookedDay.person_id, BookedDay.falls_on, func.sum(BookedDay.minutes))
        .where(BookedDay.person_id.in_({one.person_id for one in people}), BookedDay.falls_on >= since)
        .group_by(BookedDay.person_id, BookedDay.falls_on)
    )
    found: dict[int, dict[date, int]] = {}
    for person_id, day, minutes in db.session.execute(query):
        found.setdefault(person_id, {})[day] = int(minutes)
    return found


def _bound_by(people: Collection[Assessment], shift: Shift) -> dict[int, list[Booking]]:
    """What binds many people while a shift lasts, by person. One query."""
    query = (
        select(Resource.person_id, Booking)
        .join(Resource, Resource.id == Booking.resource_id)
        .options(joinedload(Booking.event))
        .where(Booking.binds, Resource.person_id.in_({one.person_id for one in people}))
        .where(Booking.starts_at < shift.event.ends_at, Booking.ends_at > shift.event.starts_at)
        .order_by(Booking.starts_at)
    )
    found: dict[int, list[Booking]] = {}
    for person_id, booking in db.session.execute(query):
        found.setdefault(int(person_id or 0), []).append(booking)
    return found


def _commitments(assessment: Assessment, shifts: Sequence[Shift]) -> list[Booking]:
    """What binds the person while any of the shifts lasts."""
    if assessment.resource is None:
        return []
    first, last = min(shift.event.starts_at for shift in shifts), max(shift.event.ends_at for shift in shifts)
    span = {"first": first, "last": last}
    return list(db.session.scalars(_bound(), {"resource": assessment.resource.id, **span}))


@cache
def _bound() -> Select[Booking]:
    return (
        select(Booking)
        .options(joinedload(Booking.event))
        .where(Booking.binds, Booking.resource_id == bindparam("resource"))
        .where(Booking.starts_at < bindparam("last"), Booking.ends_at > bindparam("first"))
        .order_by(Booking.starts_at)
    )


def _wanted(person: Standing | None, shift: Shift, quota: Quota, now: datetime) -> Wanted:
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
        least=least_of(person.assessment, person.terms),
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


def shift_now(key: InstrumentedAttribute[int], value: int) -> Shift:
    """A shift as it is now, with its event, post and office; whoever would cancel it waits. One query."""
    return db.session.scalars(_shift_by(key), {"value": value}).one()


@cache
def _shift_by(key: InstrumentedAttribute[int]) -> Select[Shift]:
    query = select(Shift).where(key == bindparam("value")).with_for_update(read=True, of=Shift)
    around = joinedload(Shift.event), joinedload(Shift.post), joinedload(Shift.office)
    return query.options(*around).execution_options(populate_existing=True)
