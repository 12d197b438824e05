"""Claims of presence: by the code on an officer's screen somebody says "I am here"; it credits nothing (D-28)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from accounts.models import Person
from errors import Refusal
from extensions import db
from record.act import act, current_act
from record.course import OffCourse
from volunteers.actions.scan import Shown, by_digits, check_tries, life_of, mark_of, refuse_code, shown
from volunteers.actions.ticks import Device, TooEarlyToArrive
from volunteers.models.attendance import Attendance, AttendanceState
from volunteers.models.scan import PresenceClaim, ScanAttempt
from volunteers.models.shifts import Posting, ShiftState
from volunteers.rules.minutes import arrives_from
from volunteers.rules.scan import (
    CodeKind,
    Why,
    judge_age,
    read,
    typed,
)


class ForOneselfOnly(Refusal):
    code = "for_oneself_only"
    status = 403
    message = "Only the person himself says that he is here."
    help = "The officer ticks people by their names."
    source = "DOMAIN D-28"


def screen_code(posting: Posting, at: datetime) -> Shown:
    """The code on the officer's screen, bound to him and his shift."""
    return shown(CodeKind.SCREEN, posting, at, life_of(posting.shift, "screen"))


def may_claim(attendance: Attendance, at: datetime) -> bool:
    """Whether somebody can say that he is here: as long as he could be ticked in and is not."""
    shift = attendance.shift
    waits = attendance.state == AttendanceState.BOOKED and shift.state == ShiftState.OPEN
    return waits and at >= arrives_from(shift.event.starts_at)


def claim(
    attendance: Attendance, said: str, by: Person, at: datetime, device: Device | None = None
) -> PresenceClaim | ScanAttempt:
    """Say that one is here, once for each attendance; a code that is not taken is stored as an attempt.

    Raises: ForOneselfOnly, TooEarlyToArrive, OffCourse, TooManyTries.
    """
    if attendance.person_id != by.id:
        raise ForOneselfOnly()
    if attendance.claim is not None:
        return attendance.claim
    from_at = arrives_from(attendance.shift.event.starts_at)
    if at < from_at:
        raise TooEarlyToArrive(from_at=from_at)
    if not may_claim(attendance, at):
        raise OffCourse(state=attendance.state)
    check_tries(attendance.shift, by, at)
    posting, why = _read(attendance, said, at)
    device = device or Device()
    if why or posting is None:
        return refuse_code(attendance.shift, why or Why.FOREIGN, by, at, device, attendance)
    try:
        return _store(attendance, posting, by, at, device)
    except IntegrityError:  # the same press, sent twice at once
        stored = db.session.scalar(select(PresenceClaim).filter_by(attendance_id=attendance.id))
        if stored is None:
            raise
        return stored


def _store(attendance: Attendance, posting: Posting, by: Person, at: datetime, device: Device) -> PresenceClaim:
    with act("attendance.claim_presence", attendance, by=by, at=at):
        made = PresenceClaim(
            office_id=attendance.office_id,
            attendance_id=attendance.id,
            officer_id=posting.person_id,
            device=device.name,
            device_at=device.at,
            server_at=at,
            act_uid=current_act().uid,
        )
        db.session.add(made)
        db.session.flush()
    db.session.expire(attendance, ["claim"])
    return made


def _read(attendance: Attendance, said: str, at: datetime) -> tuple[Posting | None, Why | None]:
    """Which officer's code this is at the person's shift, and why it is not taken."""
    shift = attendance.shift
    life = life_of(shift, "screen")
    here = [one for one in shift.postings if one.ended_at is None]
    digits, code = typed(said), read(said)
    if digits:
        found = by_digits(CodeKind.SCREEN, here, digits, at, life)
        return (found[0], judge_age(found[1], at, life)) if found else (None, Why.FOREIGN)
    if code is None or code.kind != CodeKind.SCREEN or code.step is None:
        return None, Why.FOREIGN
    for posting in here:
        if bytes.fromhex(mark_of(CodeKind.SCREEN, posting, code.step))[: len(code.mark)] == code.mark:
            return posting, judge_age(code.step, at, life)
    return None, Why.FOREIGN
