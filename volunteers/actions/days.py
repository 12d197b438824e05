"""How many minutes each booking takes of its days: counted with the booking, kept by the database (I14); and how much
somebody has booked ahead (T06)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from accounts.settings import rule_for
from extensions import db
from law import Minutes
from scheduler.timeline.models import Event
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance, AttendanceState, BookedDay
from volunteers.models.shifts import Shift
from volunteers.rules.booking import judge_open, minutes_by_day
from volunteers.rules.obstacles import DayFull, Obstacle, TooManyOpen
from volunteers.rules.steering import fits_the_day
from volunteers.terms import terms_of

WHOLE_DAY = 24 * 60


def minutes_of(shift: Shift) -> dict[date, int]:
    """The minutes a shift takes of its local day, or of its two."""
    return minutes_by_day(shift.event.starts_at, shift.event.ends_at, ZoneInfo(shift.office.zone))


def count_days(attendance: Attendance, shift: Shift, most: int) -> None:
    """Count a booking on its days; the database refuses more than `most` of one. Raises: DayFull."""
    for day, minutes in minutes_of(shift).items():
        facts = {"person_id": attendance.person_id, "falls_on": day}
        attendance.days.append(BookedDay(**facts, minutes=minutes, most=most))
    try:
        db.session.flush()
    except IntegrityError as trouble:  # a rival of his own was faster
        raise DayFull([Obstacle("day_full", {"on": shift.starts_on, "most": Minutes(most)})]) from trouble


def booked_ahead(assessment: Assessment, now: datetime) -> tuple[int, int]:
    """How many shifts somebody has booked that are still to come, and the most he may book himself. Two queries."""
    query = (
        select(func.count())
        .select_from(Attendance)
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(Attendance.assessment_id == assessment.id, Attendance.state == AttendanceState.BOOKED)
        .where(Event.starts_at > now)
    )
    today = now.astimezone(ZoneInfo(assessment.office.zone)).date()
    most = rule_for("service.open_bookings", assessment.office, today).amount
    return db.session.scalar(query) or 0, int(most)


def check_ahead(assessment: Assessment, now: datetime) -> None:
    """Raises: TooManyOpen."""
    found = judge_open(*booked_ahead(assessment, now))
    if found:
        raise TooManyOpen(found)


def uncount_days(attendance_ids: Collection[int]) -> None:
    """Give the days back that bookings took."""
    db.session.execute(delete(BookedDay).where(BookedDay.attendance_id.in_(attendance_ids)))


def recount_days(shift: Shift) -> None:
    """After the service gave a shift other hours: whoever is booked stays so, even where his day becomes too long."""
    booked = select(Attendance).where(Attendance.shift_id == shift.id, Attendance.state == AttendanceState.BOOKED)
    people = list(db.session.scalars(booked))
    uncount_days([one.id for one in people])
    takes = minutes_of(shift)
    for attendance in people:
        for day, minutes in takes.items():
            facts = {"attendance_id": attendance.id, "person_id": attendance.person_id, "falls_on": day}
            db.session.add(BookedDay(**facts, minutes=minutes, most=WHOLE_DAY))


def follow_days(attendances: Collection[Attendance], shift: Shift) -> list[Attendance]:
    """Count bookings anew after the end of their shift has moved. Returns those whose day then holds more than it may:
    what they serve counts all the same (DOMAIN 3.3; I14)."""
    uncount_days([one.id for one in attendances])
    takes = minutes_of(shift)
    besides = booked_besides(attendances, set(takes))
    over = []
    for one in attendances:
        most = terms_of(one.assessment, shift.starts_on).max_day_minutes
        if not fits_the_day(takes, besides.get(one.person_id, {}), most):
            over.append(one)
            most = WHOLE_DAY
        for day, minutes in takes.items():
            facts = {"attendance_id": one.id, "person_id": one.person_id, "falls_on": day}
            db.session.add(BookedDay(**facts, minutes=minutes, most=most))
    db.session.flush()
    return over


def booked_besides(attendances: Collection[Attendance], days: Collection[date]) -> dict[int, dict[date, int]]:
    """What the people of some bookings have booked on days besides these, in minutes. One query."""
    query = (
        select(BookedDay.person_id, BookedDay.falls_on, func.sum(BookedDay.minutes))
        .where(
            BookedDay.person_id.in_({one.person_id for one in attendances}),
            BookedDay.falls_on.in_(days),
            BookedDay.attendance_id.not_in([one.id for one in attendances]),
        )
        .group_by(BookedDay.person_id, BookedDay.falls_on)
    )
    found: dict[int, dict[date, int]] = {}
    for person, day, minutes in db.session.execute(query):
        found.setdefault(person, {})[day] = int(minutes)
    return found
