"""Shifts that are over and not settled: reminding their officers, then the office; who lists them (DOMAIN V-07).

Sheets of paper remind nobody: they are entered weeks afterwards, a whole month at once. They stand on the list, with
their age from the day on which they were entered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from accounts.actions.memberships import local_day
from accounts.models import Office, Person
from accounts.settings import in_force
from extensions import db
from record.act import act, transaction
from scheduler.deadlines.calendar import calendar_in_force
from scheduler.deadlines.working_days import Calendar
from scheduler.timeline.models import Event
from scheduler.timeline.timeline import constraint_of
from volunteers.models.attendance import UNSETTLED, Attendance
from volunteers.models.incidents import unclear
from volunteers.models.reminders import ShiftReminder, Told
from volunteers.models.shifts import Posting, Shift, ShiftState
from volunteers.rules.unconfirmed import Terms, is_late, last_day, officers_due

ONCE = ("uq_shift_reminder_shift_id_told", "UNIQUE constraint failed: shift_reminder.shift_id, shift_reminder.told")


@dataclass(frozen=True)
class Unsettled:
    """A shift that waits: how many people, since how many working days, until when it would have been in time."""

    shift: Shift
    people: int
    age: int
    due_on: date
    late: bool


def unconfirmed_at(now: datetime) -> ColumnElement[bool]:
    """Whether an open shift is over and an officer has still to settle somebody of it: a condition on a select that
    joins shifts to their events and attendances. Those about whom the office decides wait for it, not for him."""
    return and_(
        Shift.state == ShiftState.OPEN,
        Event.ends_at <= now,
        Attendance.state.in_(UNSETTLED),
        Attendance.struck_out.is_(False),
        Attendance.id.not_in(unclear()),
    )


def _unsettled(now: datetime) -> Any:
    """Those shifts, and how many of their people wait; the oldest first."""
    return (
        select(Shift, func.count(Attendance.id))
        .join(Event, Event.id == Shift.event_id)
        .join(Attendance, Attendance.shift_id == Shift.id)
        .options(joinedload(Shift.event), joinedload(Shift.post), joinedload(Shift.office))
        .where(unconfirmed_at(now))
        .group_by(Shift.id, Event.id)
        .order_by(Event.ends_at, Shift.id)
    )


def terms_at(office: Office, on: date) -> Terms:
    rules = in_force(office, on, ["service.confirm_reminder", "volunteer.record_internal"])
    return Terms(
        rules["service.confirm_reminder"].rule.amount,
        rules["volunteer.record_internal"].rule.amount,
    )


def unsettled(office: Office, shifts: Any, now: datetime) -> list[Unsettled]:
    """Those of some shifts (a select of ids) of an office that wait, the oldest first. Four queries."""
    found = db.session.execute(_unsettled(now).where(Shift.office_id == office.id, Shift.id.in_(shifts))).all()
    on, calendar = local_day(office, now), calendar_in_force(office)
    terms = terms_at(office, on)
    return [_row(shift, people, on, calendar, terms) for shift, people in found]


def _row(shift: Shift, people: int, on: date, calendar: Calendar, terms: Terms) -> Unsettled:
    over_on = _over_on(shift)
    return Unsettled(
        shift,
        people,
        max(sum(1 for _ in calendar.working_days(over_on, on)) - calendar.is_working_day(over_on), 0),
        last_day(over_on, terms, calendar.add_working_days),
        is_late(over_on, on, terms, calendar.add_working_days),
    )


def _over_on(shift: Shift) -> date:
    """The local day from which its age counts: that of a sheet, when it was entered."""
    entered_at = shift.event.changed_at if shift.from_paper else None
    return local_day(shift.office, entered_at or shift.event.ends_at)


def remind(now: datetime) -> int:
    """Remind whoever is due and was not yet (the job of each quarter of an hour). Returns how many reminders.

    Each in a transaction of its own; of two runs at once one writes the row, and the message with it.
    """
    with transaction():
        waiting = db.session.execute(_unsettled(now).where(Shift.from_paper.is_(False))).all()
        due = list(_due([shift for shift, _ in waiting], now))
    return sum(_remind(shift_id, told, now) for shift_id, told in due)


def _due(shifts: Sequence[Shift], now: datetime) -> Iterable[tuple[int, str]]:
    ids = [shift.id for shift in shifts]
    sent = select(ShiftReminder.shift_id, ShiftReminder.told).where(ShiftReminder.shift_id.in_(ids))
    gone = {(shift, told) for shift, told in db.session.execute(sent)}
    offices: dict[int, tuple[Terms, Calendar, date]] = {}
    for shift in shifts:
        if shift.office_id not in offices:
            on = local_day(shift.office, now)
            offices[shift.office_id] = terms_at(shift.office, on), calendar_in_force(shift.office), on
        terms, calendar, on = offices[shift.office_id]
        if officers_due(shift.event.ends_at, terms) <= now and (shift.id, Told.OFFICERS) not in gone:
            yield shift.id, Told.OFFICERS
        late = is_late(_over_on(shift), on, terms, calendar.add_working_days)
        if late and (shift.id, Told.OFFICE) not in gone:
            yield shift.id, Told.OFFICE


def _remind(shift_id: int, told: str, now: datetime) -> bool:
    try:
        with transaction():
            shift = db.session.get_one(Shift, shift_id)
            reminder = ShiftReminder(office_id=shift.office_id, shift_id=shift.id, told=told, reminded_at=now)
            with act("shift.remind", shift, by=None, at=now, told=told):
                db.session.add(reminder)
                db.session.flush()
    except IntegrityError as trouble:  # another run was faster
        if constraint_of(trouble) not in ONCE:
            raise
        return False
    return True


def call_officer(posting: Posting, by: Person, at: datetime) -> str | None:
    """The number of an officer whose shift waits, to be dialled; each use is an act. None where none is known."""
    with act("posting.call", posting, by=by, at=at):
        return posting.person.phone
