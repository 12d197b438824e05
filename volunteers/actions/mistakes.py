"""A tick about the wrong person: taken back, and the person ticked in when he comes (SETTLED 15)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from accounts.models import Person
from extensions import db
from record.act import act
from record.course import OffCourse
from record.models import Act
from volunteers.actions.doubts import check_clear
from volunteers.actions.ticks import (
    BY_HAND,
    CORRECTABLE,
    Device,
    Means,
    TickReasonNeeded,
    check_arrival,
    check_officer,
    make_tick,
    own_tick,
)
from volunteers.models.attendance import Attendance, AttendanceState, Tick, TickKind
from volunteers.rules.minutes import stated_at


def strike_out(attendance: Attendance, by: Person, at: datetime, reason: str) -> None:
    """Say that the ticks of somebody are a mistake: they stay as facts and do not count, until `restore`.

    Raises: TickReasonNeeded, NotPosted, NotForOneself, OffCourse.
    """
    check_officer(attendance, by)
    if not reason.strip():
        raise TickReasonNeeded()
    if attendance.state not in CORRECTABLE[TickKind.IN] or attendance.from_paper or attendance.struck_out:
        raise OffCourse(state=attendance.state)
    with act("attendance.strike_out", attendance, by=by, at=at, reason=reason.strip()):
        attendance.struck_out = True


def restore(attendance: Attendance, by: Person, at: datetime) -> None:
    """Let the ticks count again. Of a paper sheet, and of an impostor, the office decides.

    Raises: NotPosted, NotForOneself, OffCourse, StillUnclear.
    """
    check_officer(attendance, by)
    if not attendance.struck_out or attendance.from_paper:
        raise OffCourse(state=attendance.state)
    check_clear(attendance)
    with act("attendance.restore", attendance, by=by, at=at):
        attendance.struck_out = False


def arrive_anew(
    attendance: Attendance, by: Person, at: datetime, device: Device | None = None, means: Means = BY_HAND
) -> Tick:
    """Tick in somebody whose arrival had been ticked by mistake: he counts again, from now.

    The new tick replaces the mistaken one, for the reason that was given then. One of another officer is not replaced:
    two then stand, and a person chooses (I45).
    Raises: NotPosted, NotForOneself, TooEarlyToArrive, OffCourse, StillUnclear.
    """
    check_officer(attendance, by)
    if not attendance.struck_out or attendance.from_paper or attendance.state != AttendanceState.ARRIVED:
        raise OffCourse(state=attendance.state)
    check_clear(attendance)
    device = device or Device()
    stated = stated_at(device.at, at)
    check_arrival(attendance, stated)
    reason = _why_struck_out(attendance)
    with act("attendance.arrive_anew", attendance, by=by, at=at, reason=reason):
        replaces = own_tick(attendance, TickKind.IN, by)
        attendance.struck_out = False
        return make_tick(
            attendance,
            TickKind.IN,
            stated=stated,
            by=by,
            at=at,
            device=device,
            means=means,
            replaces=replaces,
            reason=reason,
        )


def _why_struck_out(attendance: Attendance) -> str:
    query = select(Act.reason).where(
        Act.name == "attendance.strike_out",
        Act.subject_table == Attendance.__tablename__,
        Act.subject_id == attendance.id,
    )
    return db.session.scalars(query.order_by(Act.id.desc()).limit(1)).one()
