"""Codes: the person's on his phone, the one printed for him; reading them, and what is stored of a refusal (D-28)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from accounts.models import Person
from accounts.settings import rule_for
from errors import Refusal
from extensions import db
from record.act import act, current_act
from record.course import OffCourse
from record.sealed import keyed_hash
from scheduler.timeline.models import Event
from scheduler.timeline.timeline import constraint_of
from volunteers.actions.mistakes import arrive_anew
from volunteers.actions.ticks import SERVED, Device, Means, arrive, leave, posting_of, roll
from volunteers.models.attendance import Attendance, AttendanceState, Tick, TickKind, TickMethod
from volunteers.models.scan import ScanAttempt
from volunteers.models.shifts import Posting, Shift, ShiftState
from volunteers.rules.minutes import ARRIVES_BEFORE, arrives_from
from volunteers.rules.scan import (
    CodeKind,
    Why,
    digits_of,
    judge_age,
    read,
    seconds_left,
    sole,
    spell,
    step_at,
    steps_known,
    typed,
)

Coded = Attendance | Posting
C = TypeVar("C", Attendance, Posting)
LEAVING = timedelta(minutes=30)  # after its end people still sign out, before the code of a next shift comes first
STILL_SHOWN = timedelta(hours=12)  # after its end a shift stands no longer on top of the person's pages
TRIES, TRIES_WITHIN = 10, timedelta(minutes=10)
EXPECTED = (*SERVED, AttendanceState.LEFT, AttendanceState.CONFIRMED, AttendanceState.CREDITED)
METHODS = {CodeKind.PERSON: TickMethod.SCAN, CodeKind.PRINTED: TickMethod.PRINTED}
USED_UP = frozenset({"tick.attendance_id, tick.code", "uq_tick_attendance_id_code"})


class TooManyTries(Refusal):
    code = "too_many_tries"
    status = 429
    message = "Too many codes that do not belong here within ten minutes."
    help = "Tick people by their names; codes are read again a little later."
    source = "DOMAIN D-28"


@dataclass(frozen=True)
class Shown:
    """A code as a page shows it now: what the QR says, its digits, how long it still lives and lived in all."""

    text: str
    digits: str
    seconds: int
    life: int


@dataclass(frozen=True)
class Reading:
    """What was presented. `why` None: it may be taken. `code` is what would be used up of it."""

    attendance: Attendance | None = None
    method: TickMethod = TickMethod.SCAN
    code: str = ""
    why: Why | None = None


@dataclass(frozen=True)
class Scanned:
    """What became of it: a tick, or an attempt; neither where somebody is here and the shift is not over."""

    attendance: Attendance | None = None
    tick: Tick | None = None
    attempt: ScanAttempt | None = None


def person_code(attendance: Attendance, at: datetime) -> Shown | None:
    """The code on the person's phone, from an hour before the shift until it is closed or he has left; else None."""
    shift = attendance.shift
    if attendance.state not in SERVED or shift.state != ShiftState.OPEN or at < arrives_from(shift.event.starts_at):
        return None
    return shown(CodeKind.PERSON, attendance, at, life_of(shift, "person"))


def shown(kind: CodeKind, row: Coded, at: datetime, life: int) -> Shown:
    """The code of a booking, or of an officer's posting, as it is now."""
    step = step_at(at, life)
    mark = mark_of(kind, row, step)
    return Shown(spell(kind, row.public_id, step, mark), digits_of(mark), seconds_left(at, life), life)


def printed_code(attendance: Attendance) -> str:
    """The code for somebody without a phone: of this booking and shift alone, once for coming and once for leaving."""
    mark = mark_of(CodeKind.PRINTED, attendance)
    return spell(CodeKind.PRINTED, attendance.public_id, None, mark)


def life_of(shift: Shift, whose: str) -> int:
    """Seconds that a code lives, of the person's phone or the officer's screen."""
    return int(rule_for(f"service.code_life.{whose}", shift.office, shift.starts_on).amount)


def mark_of(kind: CodeKind, row: Coded, step: int | None = None) -> str:
    """What only this installation can make: of the booking or posting, the shift and the step of time."""
    return keyed_hash(f"code.{kind}", f"{row.public_id} {row.shift.public_id} {step}")


def by_digits(kind: CodeKind, rows: Iterable[C], digits: str, at: datetime, life: int) -> tuple[C, int] | None:
    """Whose code has these digits, and of which step; None where it is nobody's, or more than one's."""
    known = {row.id: row for row in rows}
    steps = steps_known(at, life)
    marks = ((key, step, mark_of(kind, row, step)) for key, row in known.items() for step in steps)
    found = sole((key, step) for key, step, mark in marks if digits_of(mark) == digits)
    return None if found is None else (known[found[0]], found[1])


def at_hand(person: Person, at: datetime) -> list[Attendance]:
    """Whose code the person may need now: booked from an hour before the start on, and come and not left. What is
    on or soon begins stands before what is over and was never left. One query."""
    of_shift = joinedload(Attendance.shift)
    query = (
        select(Attendance)
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .options(of_shift.joinedload(Shift.event), of_shift.joinedload(Shift.post))
        .where(
            Attendance.person_id == person.id,
            Attendance.state.in_(SERVED),
            Attendance.struck_out.is_(False),
            Shift.state == ShiftState.OPEN,
            Event.starts_at <= at + ARRIVES_BEFORE,
            Event.ends_at > at - STILL_SHOWN,
        )
        .order_by(Event.ends_at <= at - LEAVING, Event.starts_at, Attendance.id)
    )
    return list(db.session.scalars(query))


# Reading


def redeem(shift: Shift, said: str, by: Person, at: datetime, device: Device | None = None) -> Scanned:
    """Tick in or out whose code this is. A code that is not taken is stored as an attempt with its reason.

    Whoever is here is ticked out from the end of the shift on; before it a second look at his code says only that he is
    here, unless that had been ticked by mistake: then he has come now. Codes are judged by the server's time.

    Raises: NotPosted, NotForOneself, TooEarlyToArrive, TooManyTries, OffCourse.
    """
    posting_of(shift, by)
    if shift.state != ShiftState.OPEN:
        raise OffCourse(state=shift.state)
    check_tries(shift, by, at)
    device = device or Device()
    reading = read_code(shift, said, at)
    one = reading.attendance
    why = reading.why or _misplaced(one)
    if why or one is None:
        return Scanned(attempt=refuse_code(shift, why or Why.FOREIGN, by, at, device, one))
    running = one.state == AttendanceState.ARRIVED and at < shift.event.ends_at
    if running != one.struck_out:
        return Scanned(one)
    take = arrive_anew if one.struck_out else arrive if one.state == AttendanceState.BOOKED else leave
    try:
        return Scanned(one, take(one, by, at, device, Means(reading.method, reading.code)))
    except OffCourse:  # a rival read the same code, or pressed the name, in this moment
        return Scanned(attempt=refuse_code(shift, Why.USED, by, at, device, one))
    except IntegrityError as trouble:
        if constraint_of(trouble).removeprefix("UNIQUE constraint failed: ") not in USED_UP:
            raise
        return Scanned(attempt=refuse_code(shift, Why.USED, by, at, device, one))


def _misplaced(one: Attendance | None) -> Why | None:
    """Why somebody's code is not taken as he stands: he is not expected, or has come and left already."""
    if one is None or one.state not in EXPECTED:
        return Why.FOREIGN
    return None if one.state in SERVED else Why.USED


def read_code(shift: Shift, said: str, at: datetime, kind: TickKind | None = None) -> Reading:
    """Whose code this is at this shift, and whether it may be taken at that time: for coming or for leaving; None: for
    whichever is next."""
    digits = typed(said)
    found = _by_digits(shift, digits, at) if digits else _by_code(shift, said, at, kind)
    one = found.attendance
    if one is not None and found.why != Why.FOREIGN and found.code in {tick.code for tick in one.ticks}:
        return Reading(one, why=Why.USED)
    return found


def _by_code(shift: Shift, said: str, at: datetime, kind: TickKind | None) -> Reading:
    code = read(said)
    if code is None or code.kind not in METHODS:
        return Reading(why=Why.FOREIGN)
    least, most = code.keys
    one = db.session.scalar(select(Attendance).where(Attendance.public_id.between(least, most)))
    if one is None or bytes.fromhex(mark_of(code.kind, one, code.step))[: len(code.mark)] != code.mark:
        return Reading(why=Why.FOREIGN)
    if one.shift_id != shift.id:
        return Reading(one, why=Why.FOREIGN)
    if code.step is None:
        next_one = TickKind.IN if one.state == AttendanceState.BOOKED else TickKind.OUT
        return Reading(one, TickMethod.PRINTED, f"printed {kind or next_one}")
    return Reading(one, TickMethod.SCAN, str(code.step), judge_age(code.step, at, life_of(shift, "person")))


def _by_digits(shift: Shift, digits: str, at: datetime) -> Reading:
    life = life_of(shift, "person")
    found = by_digits(CodeKind.PERSON, roll(shift), digits, at, life)
    if found is None:
        return Reading(why=Why.FOREIGN)
    one, step = found
    return Reading(one, TickMethod.TYPED, str(step), judge_age(step, at, life))


# Attempts


def refuse_code(  # noqa: PLR0917 - where, why, who presented it when and on what, whose it is
    shift: Shift, why: Why, by: Person, at: datetime, device: Device, one: Attendance | None = None
) -> ScanAttempt:
    """Store that a code was not taken. Of another office's booking nothing is kept."""
    known = one if one is not None and one.office_id == shift.office_id else None
    with act("shift.refuse_code", shift, by=by, at=at, why=why):
        attempt = ScanAttempt(
            office_id=shift.office_id,
            shift_id=shift.id,
            attendance=known,
            by_id=by.id,
            why=why,
            device=device.name,
            device_at=device.at,
            server_at=at,
            act_uid=current_act().uid,
        )
        db.session.add(attempt)
        db.session.flush()
    return attempt


def check_tries(shift: Shift, by: Person, at: datetime) -> None:
    """Who guesses is stopped; a tick by name stays possible (T04). Raises: TooManyTries."""
    lately = select(func.count()).where(
        ScanAttempt.shift_id == shift.id,
        ScanAttempt.by_id == by.id,
        ScanAttempt.why == Why.FOREIGN,
        ScanAttempt.server_at > at - TRIES_WITHIN,
    )
    if (db.session.scalar(lately) or 0) >= TRIES:
        raise TooManyTries()


def attempts_at(shift: Shift) -> list[ScanAttempt]:
    """Every code that was refused at a shift, oldest first."""
    return list(db.session.scalars(select(ScanAttempt).filter_by(shift_id=shift.id).order_by(ScanAttempt.id)))
