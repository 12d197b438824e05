"""Ticks made without signal, delivered late: each is stored once, and judged afterwards (D-28; TRUST I46, 7.2)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from accounts.models import Person
from errors import Refusal
from extensions import db
from record.act import act
from volunteers.actions.conflicts import conflict_minutes
from volunteers.actions.scan import read_code, refuse_code
from volunteers.actions.ticks import (
    PRESENT,
    Device,
    Means,
    check_officer,
    make_tick,
    outcome_of,
    posting_of,
    standing_of,
)
from volunteers.models.attendance import ATTENDANCE, Attendance, AttendanceState, Tick, TickKind
from volunteers.models.scan import ScanAttempt
from volunteers.models.shifts import Shift, ShiftState
from volunteers.rules.minutes import arrives_from, stated_at
from volunteers.rules.scan import LATE_AT_MOST, Why, stated_late


class TickIdReused(Refusal):
    code = "tick_id_reused"
    status = 422
    message = "This tick was already delivered with another content."
    help = "What came first is kept. Tick the person by name."
    source = "TRUST I46"


@dataclass(frozen=True)
class Delivered:
    """A tick as a phone made it: under which id, which of the two, when by its clock; with a code, if one was read."""

    client_id: uuid.UUID
    kind: TickKind
    device_at: datetime
    code: str = ""


def deliver(  # noqa: PLR0917 - where, whose, what, by whom, when, on what
    shift: Shift, attendance: Attendance | None, given: Delivered, by: Person, at: datetime, device: str = ""
) -> Tick | ScanAttempt:
    """Store a tick that comes late, and take the steps that the ticks of the person now allow.

    The same id again is the same tick. What its course no longer allows is a fact all the same: two that disagree are a
    conflict, and nobody merges them. `attendance` is whose name was pressed; None where a code says it, which is judged
    by the time of the device, as the server saw none.
    Raises: TickIdReused, NotPosted, NotForOneself, NotWithAnInterest, NobodyElsePosted.
    """
    posting_of(shift, by)
    stored = _stored(given, attendance, by)
    if stored is not None:
        return stored
    means, where = Means(client_id=given.client_id), Device(device, given.device_at)
    if given.code or attendance is None:
        reading = read_code(shift, given.code, given.device_at, given.kind)
        if reading.why or reading.attendance is None:
            return refuse_code(shift, reading.why or Why.FOREIGN, by, at, where, reading.attendance)
        attendance, means = reading.attendance, Means(reading.method, reading.code, given.client_id)
    check_officer(attendance, by)
    try:
        return _store(attendance, given, means, by, at, where)
    except IntegrityError:  # delivered twice at once, or a rival has used up the same code
        stored = _stored(given, attendance, by)
        if stored is not None:
            return stored
        if means.code is None:
            raise
        return refuse_code(shift, Why.USED, by, at, where, attendance)


def _stored(given: Delivered, attendance: Attendance | None, by: Person) -> Tick | None:
    """The tick that came under this id before. Raises: TickIdReused."""
    found = db.session.scalar(select(Tick).filter_by(client_id=given.client_id))
    if found is None:
        return None
    same = (found.kind, found.device_at, found.by_id) == (given.kind, given.device_at, by.id)
    if not same or (attendance is not None and found.attendance_id != attendance.id):
        raise TickIdReused()
    return found


def _store(  # noqa: PLR0917 - whose, what, by which means, by whom, when, on what
    attendance: Attendance, given: Delivered, means: Means, by: Person, at: datetime, device: Device
) -> Tick:
    stated = stated_late(given.device_at, at)
    with act("attendance.deliver_tick", attendance, by=by, at=at, kind=given.kind):
        tick = make_tick(attendance, given.kind, stated=stated, by=by, at=at, device=device, means=means)
        open_still = attendance.shift.state == ShiftState.OPEN
        if open_still and at - stated <= LATE_AT_MOST and not attendance.struck_out:
            _catch_up(attendance, by, at)
    return tick


def _catch_up(attendance: Attendance, by: Person, at: datetime) -> None:
    """The steps that the ticks allow, in whatever order they came."""
    known = standing_of(attendance)
    from_at = arrives_from(attendance.shift.event.starts_at)
    if attendance.state == AttendanceState.BOOKED and known.came_at is not None and known.came_at >= from_at:
        with act("attendance.arrive", attendance, by=by, at=at, late=True):
            ATTENDANCE.step("arrive", attendance, **PRESENT)
    gone = known.came_at is not None and known.left_at is not None and known.left_at > known.came_at
    if attendance.state == AttendanceState.ARRIVED and gone and known.left_at is not None:
        with act("attendance.leave", attendance, by=by, at=at, late=True):
            ATTENDANCE.step("leave", attendance, **outcome_of(attendance, known.left_at))


def press_again(
    attendance: Attendance, kind: TickKind, by: Person, at: datetime, device: Device | None = None
) -> Tick | None:
    """A button pressed for somebody who has come, or gone, already. What says the same time is the same press; another
    time is a fact all the same, and two that disagree are a conflict that a person settles (I45). None: the same press.

    Raises: NotPosted, NotForOneself, NotWithAnInterest.
    """
    device = device or Device()
    stated, apart = stated_at(device.at, at), timedelta(minutes=conflict_minutes(attendance))
    replaced = {tick.replaces_id for tick in attendance.ticks}
    said = [tick.at for tick in attendance.counting if tick.kind == kind and tick.id not in replaced]
    if not said or any(abs(one - stated) <= apart for one in said):
        return None
    check_officer(attendance, by)
    with act("attendance.deliver_tick", attendance, by=by, at=at, kind=kind):
        return make_tick(attendance, kind, stated=stated, by=by, at=at, device=device)
