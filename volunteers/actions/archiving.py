"""Putting closed shifts away, by the program alone (DOMAIN 8.3 `archive`). What can be read and corrected stays so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import joinedload

from accounts.actions.memberships import local_day
from accounts.models import Office
from accounts.settings import rule_for
from extensions import db
from record.act import act, transaction
from scheduler.deadlines.calendar import calendars
from scheduler.timeline.models import Event
from volunteers.models.attendance import UNSETTLED, Attendance, AttendanceState
from volunteers.models.corrections import UNDER_WAY, Correction
from volunteers.models.incidents import Incident, IncidentDecision, IncidentKind
from volunteers.models.ledger import CreditEntry
from volunteers.models.shifts import SHIFT, Shift, ShiftState
from volunteers.rules.archiving import is_put_away


def archive_settled(now: datetime) -> int:
    """Put away what is closed and has stood long enough (the job of each day). Returns how many.

    Each in a transaction of its own, so that nobody at a crossing waits for all of them.
    """
    with transaction():
        due = [shift.id for shift in _due(now)]
    for key in due:
        with transaction():
            shift = db.session.get_one(Shift, key)
            with act("shift.archive", shift, by=None, at=now):
                SHIFT.step("archive", shift)
    return len(due)


def _due(now: datetime) -> Iterable[Shift]:
    rows = db.session.execute(_settled(now)).all()
    offices: dict[int, Office] = {shift.office_id: shift.office for shift, _ in rows}
    within = {key: _within(office, now) for key, office in offices.items()}
    calendar = calendars(offices)
    for shift, counted_at in rows:
        since = max(shift.event.ends_at, counted_at or shift.event.ends_at)
        add, office = calendar[shift.office_id].add_working_days, shift.office
        if is_put_away(local_day(office, since), local_day(office, now), within[office.id], add):
            yield shift


def _within(office: Office, now: datetime) -> int:
    return int(rule_for("volunteer.record_within", office, local_day(office, now)).amount)


def _settled(now: datetime) -> Select[Any]:
    """Closed shifts in which nothing waits for anybody, and when something of them was counted last."""
    open_ones = select(Attendance.shift_id).where(
        Attendance.state.in_([*UNSETTLED, AttendanceState.CONFIRMED]), Attendance.struck_out.is_(False)
    )
    disputed = (
        select(Attendance.shift_id)
        .join(Correction, Correction.attendance_id == Attendance.id)
        .where(Correction.state.in_(UNDER_WAY))
    )
    undecided = select(Incident.shift_id).where(
        Incident.kind == IncidentKind.IMPOSTOR, ~exists().where(IncidentDecision.incident_id == Incident.id)
    )
    counted = (
        select(Attendance.shift_id, func.max(CreditEntry.credited_at).label("at"))
        .join(CreditEntry, CreditEntry.attendance_id == Attendance.id)
        .group_by(Attendance.shift_id)
        .subquery()
    )
    return (
        select(Shift, counted.c.at)
        .join(Event, Event.id == Shift.event_id)
        .outerjoin(counted, counted.c.shift_id == Shift.id)
        .options(joinedload(Shift.event), joinedload(Shift.office))
        .where(
            Shift.state == ShiftState.CLOSED,
            Event.ends_at < now,
            Shift.id.not_in(open_ones),
            Shift.id.not_in(disputed),
            Shift.id.not_in(undecided),
        )
        .order_by(Shift.id)
    )
