"""What was ticked wrongly, or by nobody: taken back, alone or all of one press, and said as it was (SETTLED 15)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from accounts.models import Person
from errors import Refusal
from extensions import db
from record.act import act, transaction
from record.course import OffCourse
from record.models import Act
from volunteers.actions.doubts import check_clear
from volunteers.actions.interests import near_to
from volunteers.actions.ticks import (
    BY_HAND,
    CORRECTABLE,
    PRESENT,
    Device,
    Means,
    TickReasonNeeded,
    check_arrival,
    check_officer,
    check_time,
    make_tick,
    miss,
    own_tick,
    posting_of,
    roll,
)
from volunteers.models.attendance import ATTENDANCE, Attendance, AttendanceState, Tick, TickChoice, TickKind
from volunteers.models.shifts import Shift
from volunteers.rules.minutes import stated_at
from volunteers.rules.schemes import MOST_UNDO_MINUTES, Terms
from volunteers.terms import terms_of_many


class PressStands(Refusal):
    code = "press_stands"
    message = "This press can no longer be taken back as a whole: its time is over, or everybody was changed since."
    help = "Take back single rows, or correct their times."
    source = "SETTLED 15"


@dataclass(frozen=True)
class Press:
    """A press of “all here, full time” that can be taken back until a time, and whom it still stands for, with the
    kinds of tick that it gave each."""

    batch: uuid.UUID
    until: datetime
    people: Sequence[tuple[Attendance, frozenset[str]]]


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


# After the end


def not_come(attendance: Attendance, by: Person, at: datetime) -> None:
    """Somebody whose ticks were said to be a mistake did not come at all. Whoever had not booked has missed nothing.

    Raises: NotPosted, NotForOneself, OffCourse, StillUnclear.
    """
    check_officer(attendance, by)
    _check_struck_out(attendance)
    if attendance.extra:
        raise OffCourse(state=attendance.state)
    reason = _why_struck_out(attendance)
    with transaction():
        _to_booked(attendance, by, at, reason)
        miss(attendance, by, at, reason)


def arrive_then(attendance: Attendance, stated: datetime, by: Person, at: datetime, reason: str) -> Tick:
    """Say afterwards when somebody came whom nobody ticked, or only by mistake: a typed time, with its reason.

    A tick is possible as long as the shift is not closed; the time that it states lies within the shift (D-28).
    Raises: TickReasonNeeded, TimeAhead, OutsideTheShift, NotPosted, NotForOneself, OffCourse, StillUnclear.
    """
    check_officer(attendance, by)
    if not reason.strip():
        raise TickReasonNeeded()
    with transaction():
        if attendance.struck_out:
            _check_struck_out(attendance)
            _to_booked(attendance, by, at, reason.strip())
        check_time(attendance, TickKind.IN, stated, at)
        with act("attendance.arrive", attendance, by=by, at=at, reason=reason.strip()):
            ATTENDANCE.step("arrive", attendance, **PRESENT)
            return make_tick(
                attendance, TickKind.IN, stated=stated, by=by, at=at, device=Device(), reason=reason.strip()
            )


def _check_struck_out(attendance: Attendance) -> None:
    """Raises: OffCourse, StillUnclear."""
    if not attendance.struck_out or attendance.from_paper:
        raise OffCourse(state=attendance.state)
    check_clear(attendance)


def _to_booked(attendance: Attendance, by: Person, at: datetime, reason: str) -> None:
    """Nothing that was ticked of him counts, and he stands as he did before."""
    with act("attendance.take_back", attendance, by=by, at=at, reason=reason):
        _set_aside(attendance, {tick.kind for tick in attendance.counting}, by, at, reason)
        ATTENDANCE.step("take_back", attendance, struck_out=False, **_before_he_came(attendance))


def _set_aside(attendance: Attendance, kinds: set[str] | frozenset[str], by: Person, at: datetime, reason: str) -> None:
    for kind in sorted(kinds):
        attendance.choices.append(
            TickChoice(
                office_id=attendance.office_id,
                kind=kind,
                up_to_id=max(tick.id for tick in attendance.ticks),
                by_id=by.id,
                chosen_at=at,
                reason=reason,
            )
        )
    db.session.flush()


def _before_he_came(attendance: Attendance) -> dict[str, Any]:
    """What an arrival had cleared: that the service had told him not to come stays said (DOMAIN 8.3)."""
    query = select(Act).where(
        Act.name == "attendance.arrive",
        Act.subject_table == Attendance.__tablename__,
        Act.subject_id == attendance.id,
    )
    last = db.session.scalar(query.order_by(Act.id.desc()).limit(1))
    cleared = {one["column"]: one["from"] for one in last.changes if one["column"] in PRESENT} if last else {}
    for moment in {"lost_at", "first_until"} & set(cleared):
        cleared[moment] = datetime.fromisoformat(cleared[moment])
    return {**PRESENT, **cleared}


# All of one press


def presses(shift: Shift, by: Person, at: datetime) -> list[Press]:
    """The officer's presses of “all here, full time” that he can still take back, the newest first. Whoever was
    confirmed or changed since stays as he is. A press stands open as long as that of confirming, by the terms of those
    whom it is still about. One query, and the roll with its terms where there is such a press."""
    made = select(Act).where(
        Act.name == "shift.tick_all",
        Act.subject_table == Shift.__tablename__,
        Act.subject_id == shift.id,
        Act.actor_id == by.id,
        Act.at > at - timedelta(minutes=MOST_UNDO_MINUTES),
    )
    found = db.session.scalars(made.order_by(Act.id.desc())).all()
    if not found:
        return []
    each, people = aliased(Act), roll(shift)
    ticks = select(Tick.id, each.parent_uid).join(each, each.public_id == Tick.act_uid)
    of_these = each.parent_uid.in_([one.public_id for one in found])
    of_press = {one.id: one.parent_uid for one in db.session.execute(ticks.where(of_these))}
    near = near_to(by, [one.person_id for one in people])
    mine = [one for one in people if one.person_id not in near]
    terms = terms_of_many([one.assessment for one in mine], shift.starts_on)
    given = [_press(one, _given(mine, _of(one, of_press)), terms) for one in found]
    return [one for one in given if one.people and at < one.until]


def _press(made: Act, people: Sequence[tuple[Attendance, frozenset[str]]], terms: Mapping[int, Terms]) -> Press:
    undo = max((terms[one.assessment_id].confirm_undo_minutes for one, _ in people), default=0)
    return Press(made.public_id, made.at + timedelta(minutes=undo), people)


def _of(press: Act, of_press: dict[int, uuid.UUID | None]) -> set[int]:
    return {tick for tick, batch in of_press.items() if batch == press.public_id}


def _given(people: Sequence[Attendance], made: set[int]) -> list[tuple[Attendance, frozenset[str]]]:
    """Who still stands as these ticks left him: nothing of them replaced, none other of their kind beside them."""
    found = []
    for one in people:
        mine = {tick.id: tick.kind for tick in one.ticks if tick.id in made}
        kinds = frozenset(mine.values())
        counting = {tick.id for tick in one.counting if tick.kind in kinds}
        untouched = counting == set(mine) and not any(tick.replaces_id in mine for tick in one.ticks)
        if mine and untouched and one.state == AttendanceState.LEFT and not one.struck_out:
            found.append((one, kinds))
    return found


def take_back_press(shift: Shift, batch: uuid.UUID, by: Person, at: datetime, reason: str) -> int:
    """Take back all the ticks that one press gave: whoever was here by an earlier tick is here again, the others are
    booked. The ticks stay as facts. Returns of how many people.

    Raises: NotPosted, PressStands.
    """
    posting_of(shift, by)
    press = next((one for one in presses(shift, by, at) if one.batch == batch), None)
    if press is None:
        raise PressStands()
    with act("shift.take_back_ticks", shift, by=by, at=at, reason=reason, people=len(press.people)):
        for one, kinds in press.people:
            _take_back(one, kinds, by, at, reason)
    return len(press.people)


def _take_back(attendance: Attendance, kinds: frozenset[str], by: Person, at: datetime, reason: str) -> None:
    if TickKind.IN in kinds:
        _to_booked(attendance, by, at, reason)
    else:
        with act("attendance.take_back_leaving", attendance, by=by, at=at, reason=reason):
            _set_aside(attendance, kinds, by, at, reason)
            ATTENDANCE.step("take_back_leaving", attendance, **PRESENT)
