"""Vest, flag and whistle: handed out at a shift, taken back, and what is missing later (DOMAIN 3.3 `equipment`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased, joinedload

from accounts.models import Person
from errors import Refusal
from extensions import db
from record.act import act
from scheduler.timeline.models import Event
from volunteers.actions.doubts import hold
from volunteers.actions.ticks import NotForOneself, posting_of, roll
from volunteers.models.attendance import Attendance, AttendanceState
from volunteers.models.equipment import Handing, HandingKind
from volunteers.models.shifts import DONE, Shift
from volunteers.rules.shifts import ReasonNeeded
from volunteers.terms import terms_of_many


class NothingToHandOut(Refusal):
    code = "nothing_to_hand_out"
    message = "Nobody here is without equipment."
    help = "Tick people in first; whoever comes later gets it from his row."


class NothingOut(Refusal):
    code = "nothing_out"
    message = "Nothing is out any more."
    help = "Look at the list as it is now."


@dataclass(frozen=True)
class Kit:
    """The equipment of a shift: what each one's scheme asks for, by attendance; who has it; who is here without."""

    things: dict[int, tuple[str, ...]]
    out: dict[int, Handing]
    without: list[Attendance]

    @property
    def asked(self) -> bool:
        return any(self.things.values()) or bool(self.out)


def kit_of(shift: Shift, people: Sequence[Attendance]) -> Kit:
    """Two queries, and those of the terms."""
    terms = terms_of_many([one.assessment for one in people], shift.starts_on)
    things = {one.id: terms[one.assessment_id].equipment for one in people}
    out = {one.attendance_id: one for one in db.session.scalars(_out().where(Handing.attendance_id.in_(things)))}
    here = [one for one in people if one.state == AttendanceState.ARRIVED and not one.struck_out]
    return Kit(things, out, [one for one in here if things[one.id] and one.id not in out])


def _out() -> Select[Handing]:
    """What was handed out and is not settled."""
    settled = aliased(Handing)
    return select(Handing).where(Handing.kind == HandingKind.OUT, ~exists().where(settled.settles_id == Handing.id))


def hand_out(shift: Shift, people: Collection[Attendance] | None, by: Person, at: datetime) -> int:
    """Give everybody here, or some of them, what his scheme asks for; whoever has it is left out. Returns how many.

    Raises: NotPosted, NothingToHandOut.
    """
    posting_of(shift, by)
    asked = {one.id for one in people} if people is not None else None
    kit = kit_of(shift, _locked(shift))
    given = [one for one in kit.without if one.person_id != by.id and (asked is None or one.id in asked)]
    if not given:
        raise NothingToHandOut()
    with act("shift.hand_out", shift, by=by, at=at, people=len(given)):
        for one in given:
            _note(one, HandingKind.OUT, kit.things[one.id], by, at)
    return len(given)


def take_back(shift: Shift, people: Collection[Attendance] | None, by: Person, at: datetime) -> int:
    """Say that everything has come back, or what some have. Returns of how many. Raises: NotPosted, NothingOut."""
    posting_of(shift, by)
    asked = {one.id for one in people} if people is not None else None
    held = _locked(shift)
    kit = kit_of(shift, held)
    back = [one for one in held if one.id in kit.out and one.person_id != by.id]
    back = [one for one in back if asked is None or one.id in asked]
    if not back:
        raise NothingOut()
    with act("shift.take_back", shift, by=by, at=at, people=len(back)):
        for one in back:
            _note(one, HandingKind.BACK, kit.out[one.id].things, by, at, settles=kit.out[one.id])
    return len(back)


def settle(attendance: Attendance, came_back: bool, by: Person, at: datetime, reason: str = "") -> None:
    """In the office, afterwards: it came back after all, or is lost, with a reason.

    Raises: NothingOut, ReasonNeeded, NotForOneself.
    """
    if attendance.person_id == by.id:
        raise NotForOneself()
    if not came_back and not reason.strip():
        raise ReasonNeeded()
    hold(Attendance.id == attendance.id)
    given = db.session.scalar(_out().where(Handing.attendance_id == attendance.id))
    if given is None:
        raise NothingOut()
    kind = HandingKind.BACK if came_back else HandingKind.LOST
    with act("attendance.settle_equipment", attendance, by=by, at=at, reason=reason.strip()):
        _note(attendance, kind, given.things, by, at, settles=given, reason=reason.strip())


def _locked(shift: Shift) -> list[Attendance]:
    """Of two presses at once the second finds what the first has done."""
    hold(Attendance.shift_id == shift.id)
    return roll(shift)


def _note(
    attendance: Attendance,
    kind: HandingKind,
    things: Collection[str],
    by: Person,
    at: datetime,
    *,
    settles: Handing | None = None,
    reason: str = "",
) -> None:
    db.session.add(
        Handing(
            office_id=attendance.office_id,
            attendance_id=attendance.id,
            kind=kind,
            things=list(things),
            settles_id=settles.id if settles else None,
            by_id=by.id,
            at=at,
            reason=reason,
        )
    )
    db.session.flush()


def missing() -> Select[Handing]:
    """What has not come back although its shift is closed, the oldest first."""
    return (
        _out()
        .join(Attendance, Attendance.id == Handing.attendance_id)
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .options(
            joinedload(Handing.attendance).options(
                joinedload(Attendance.person), joinedload(Attendance.shift).joinedload(Shift.event)
            ),
            joinedload(Handing.by),
        )
        .where(Shift.state.in_(DONE))
        .order_by(Event.starts_at, Handing.id)
    )
