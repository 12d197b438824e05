"""Confirming what was served, and undoing it in time (D-29, TRUST 7.2 no. 6)."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select

from accounts.models import Person
from accounts.settings import rule_for
from errors import Refusal
from extensions import db
from record.act import act, current_act
from volunteers.actions.credit import OVER, append, held
from volunteers.actions.doubts import doubtful, held_back, hold
from volunteers.actions.interests import near_to
from volunteers.actions.ticks import SERVED, posting_of, roll, standing_of
from volunteers.models.attendance import ATTENDANCE, Attendance, AttendanceState
from volunteers.models.ledger import Confirmation
from volunteers.models.shifts import Shift, ShiftState
from volunteers.rules.minutes import Served, is_late, served
from volunteers.rules.schemes import Terms
from volunteers.terms import terms_of_many

Problem = Literal[
    "",
    "not_left",
    "not_come",
    "oneself",
    "interest",
    "doubtful",
    "unclear",
    "struck_out",
    "disagree",
    "nothing_served",
    "not_yet",
]


class UndoOver(Refusal):
    code = "undo_over"
    message = "This can no longer be undone: it is credited, or the time for it is over."
    help = "A mistake is put right by a correction, which two people make."
    source = "DOMAIN 8.4"


class UndoneAlready(Refusal):
    code = "undone_already"
    message = "This confirmation was taken back already: %(at)s."
    help = "Look at the list as it is now."


class NothingToUndo(Refusal):
    code = "nothing_to_undo"
    message = "This shift has no such confirmation."
    help = "Open the page again and press the button there."


class NotYours(Refusal):
    code = "not_yours"
    status = 403
    message = "Only who confirmed can undo it."
    help = "Ask the officer who confirmed."


class NothingToConfirm(Refusal):
    code = "nothing_to_confirm"
    message = "There is nobody to confirm now."
    help = "Tick people in and out first."


class ConfirmedAlready(Refusal):
    code = "confirmed_already"
    message = "This is confirmed already: %(people)s people, by %(name)s, %(at)s."
    help = "Look at the list as it is now."


class SheetChanged(Refusal):
    code = "sheet_changed"
    message = "Meanwhile the sheet has changed: it would be %(people)s people now. Nothing was confirmed."
    help = "Look at it as it is now, and confirm then."


@dataclass(frozen=True)
class Line:
    """One person of a shift as it stands before confirming. `problem` says why he is left out, "" if he is not.

    `differs`: his minutes are not the whole shift's.
    """

    attendance: Attendance
    served: Served | None
    problem: Problem
    late: bool
    differs: bool
    came_at: datetime | None = None
    left_at: datetime | None = None

    @property
    def minutes(self) -> int:
        return self.served.minutes if self.served else 0


@dataclass(frozen=True)
class Result:
    """What became of one person in a confirmation of many."""

    attendance: Attendance
    minutes: int
    problem: Problem


def sheet(shift: Shift, officer: Person, at: datetime | None = None) -> list[Line]:
    """Everybody of the shift who is still to be confirmed, by name."""
    return [one for one in roll_of(shift, officer, at) if one.attendance.state not in OVER]


def roll_of(shift: Shift, officer: Person, at: datetime | None = None) -> list[Line]:
    """Everybody on the shift's roll as he stands now, by name; a problem only of who is still to be confirmed,
    or was and is held back. Who served beyond `at` is none to be confirmed then."""
    return _lines(shift, officer, _apart(shift), at)[0]


def _apart(shift: Shift) -> int:
    """How many minutes two ticks may be apart: a rule of the office's officers, not of what a volunteer signs."""
    return int(rule_for("service.tick_conflict", shift.office, shift.starts_on).amount)


def _lines(shift: Shift, officer: Person, conflict: int, at: datetime | None) -> tuple[list[Line], dict[int, Terms]]:
    """The lines, and the terms by which each of them is held, by assessment."""
    everybody = roll(shift)
    terms = terms_of_many([one.assessment for one in everybody], shift.starts_on)
    doubts, near = doubted(everybody), near_to(officer, [one.person_id for one in everybody])
    barred: dict[int, Problem] = {**dict.fromkeys(near, "interest"), officer.id: "oneself"}
    found = []
    for one in everybody:
        grace = terms[one.assessment_id].late_grace_minutes
        line = _line(one, barred.get(one.person_id, ""), doubts.get(one.id, ""), conflict, grace)
        found.append(_if_served(line, at))
    return found, terms


def doubted(attendances: Collection[Attendance]) -> dict[int, Problem]:
    """Those about whom a doubt is open, and which: about the row of a sheet (data/README: a flagged sign-in credits
    nothing until then), or about who stood there."""
    unclear: dict[int, Problem] = dict.fromkeys(held_back(attendances), "unclear")
    rows: dict[int, Problem] = dict.fromkeys(doubtful(attendances), "doubtful")
    return {**unclear, **rows}


def _line(attendance: Attendance, barred: Problem, doubt: Problem, conflict: int, grace: int) -> Line:
    event = attendance.shift.event
    ticked = standing_of(attendance, conflict)
    span = None
    if ticked.came_at is not None and ticked.left_at is not None:
        span = served(ticked.came_at, ticked.left_at, event.starts_at, event.ends_at)
    problem: Problem = ""
    if attendance.state in OVER:
        problem = "unclear" if doubt == "unclear" and attendance.state == AttendanceState.CONFIRMED else ""
    elif barred:
        problem = barred
    elif attendance.struck_out:
        problem = "unclear" if doubt == "unclear" else "struck_out"
    elif doubt == "doubtful":
        problem = doubt
    elif attendance.state in SERVED:
        problem = "not_come" if attendance.state == AttendanceState.BOOKED else "not_left"
    elif doubt:
        problem = doubt
    elif ticked.disagree:
        problem = "disagree"
    elif span is None:
        problem = "nothing_served"
    late = ticked.came_at is not None and is_late(ticked.came_at, event.starts_at, grace)
    differs = span is None or span.minutes != attendance.shift.minutes
    return Line(attendance, span, problem, late, differs, ticked.came_at, ticked.left_at)


def _if_served(line: Line, at: datetime | None) -> Line:
    """Nobody has served what lies ahead: a sheet may say it, whatever wrote it."""
    ahead = at is not None and line.served is not None and line.served.ends_at > at
    open_still = not line.problem and line.attendance.state not in OVER
    return replace(line, problem="not_yet") if ahead and open_still else line


def confirm(shift: Shift, by: Person, at: datetime, shown: tuple[int, int] | None = None) -> list[Result]:
    """Confirm everybody of the shift who has come and gone; who cannot be confirmed is left out, with the reason.

    One press is one batch, to be undone together as long as any of them may be by his terms (`confirm_undo_minutes`);
    where nobody may, the credit follows at once. `shown`: how many people and minutes the officer saw.
    Raises: NotPosted, NothingToConfirm, ConfirmedAlready, SheetChanged.
    """
    posting_of(shift, by)
    hold(Attendance.shift_id == shift.id)
    apart = _apart(shift)
    everybody, terms = _lines(shift, by, apart, at)
    lines = [one for one in everybody if one.attendance.state not in OVER]
    good = [one for one in lines if not one.problem]
    if not good:
        raise _nobody_left(shift)
    if shown is not None and shown != (len(good), sum(one.minutes for one in good)):
        raise SheetChanged(people=len(good))
    undo = timedelta(minutes=max(terms[one.attendance.assessment_id].confirm_undo_minutes for one in good))
    with act("shift.confirm", shift, by=by, at=at, people=len(good), minutes=sum(one.minutes for one in good)):
        batch = current_act().uid
        made = [
            _confirm(line, by, at, at + undo, batch, terms[line.attendance.assessment_id].countersign != "none", apart)
            for line in good
        ]
        if not undo:
            for confirmation in made:
                append(confirmation, at)
    return [Result(one.attendance, one.minutes, one.problem) for one in lines]


def _nobody_left(shift: Shift) -> Refusal:
    """Why nobody is there to be confirmed: the last press that stands has done it; where none stands, nobody came."""
    query = select(Confirmation).where(Confirmation.shift_id == shift.id, Confirmation.undone_at.is_(None))
    standing = db.session.scalars(query.order_by(Confirmation.id)).all()
    if not standing:
        return NothingToConfirm()
    last = standing[-1]
    people = sum(one.batch == last.batch for one in standing)
    return ConfirmedAlready(people=people, name=last.by.name, at=last.confirmed_at)


def _confirm(  # noqa: PLR0917 - whose line, who says so when, from when it is final, in which press, signed by whom, ticks how near
    line: Line, by: Person, at: datetime, final_at: datetime, batch: uuid.UUID, signed: bool, apart: int
) -> Confirmation:
    attendance, span = line.attendance, line.served
    if span is None:
        raise NothingToConfirm()
    confirmation = Confirmation(
        office_id=attendance.office_id,
        attendance_id=attendance.id,
        shift_id=attendance.shift_id,
        person_id=attendance.person_id,
        by_id=by.id,
        batch=batch,
        minutes=span.minutes,
        shift_minutes=attendance.shift.minutes,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        confirmed_at=at,
        final_at=final_at,
        to_countersign=signed,
        apart_minutes=apart,
    )
    with act("attendance.confirm", attendance, by=by, at=at, minutes=span.minutes):
        ATTENDANCE.step("confirm", attendance)
        db.session.add(confirmation)
    return confirmation


def take_back(attendance: Attendance, by: Person, at: datetime) -> None:
    """Void the confirmation that stands and is not credited: the office found that it was somebody else."""
    for one in attendance.confirmations:
        standing = held(one.id)
        if standing is not None:
            with act("attendance.undo", attendance, by=by, at=at):
                standing.undone_at = at
                ATTENDANCE.step("undo", attendance)


def undoable(shifts: Collection[Shift], by: Person, at: datetime) -> dict[uuid.UUID, list[Confirmation]]:
    """The officer's presses of confirming that he can still take back, by batch, the newest first."""
    query = (
        select(Confirmation)
        .where(
            Confirmation.shift_id.in_([shift.id for shift in shifts if shift.state == ShiftState.OPEN]),
            Confirmation.by_id == by.id,
            Confirmation.undone_at.is_(None),
            Confirmation.credited_at.is_(None),
            Confirmation.final_at > at,
        )
        .order_by(Confirmation.id.desc())
    )
    found: dict[uuid.UUID, list[Confirmation]] = {}
    for one in db.session.scalars(query):
        found.setdefault(one.batch, []).append(one)
    return found


def undo(shift: Shift, batch: uuid.UUID, by: Person, at: datetime) -> int:
    """Take back what stands of one press of confirming, by its author, while nothing of it is final. Returns how many.

    Raises: NotYours, NothingToUndo, UndoneAlready, UndoOver.
    """
    query = select(Confirmation).where(Confirmation.shift_id == shift.id, Confirmation.batch == batch)
    made = db.session.scalars(query.order_by(Confirmation.id).execution_options(populate_existing=True)).all()
    if any(one.by_id != by.id for one in made):
        raise NotYours()
    if not made:
        raise NothingToUndo()
    if shift.state != ShiftState.OPEN:
        raise UndoOver()
    standing = [one for one in made if one.undone_at is None]  # the office may have taken one back meanwhile
    if not standing:
        raise UndoneAlready(at=max(one.undone_at for one in made if one.undone_at))
    with act("shift.undo_confirmation", shift, by=by, at=at, people=len(standing)):
        for confirmation in standing:
            _undo(confirmation, by, at)
    return len(standing)


def _undo(confirmation: Confirmation, by: Person, at: datetime) -> None:
    """The row is locked first: the race with the credit settles itself (I44)."""
    standing = held(confirmation.id)
    if standing is None:
        db.session.refresh(confirmation)
    if confirmation.undone_at is not None:
        raise UndoneAlready(at=confirmation.undone_at)
    if standing is None or confirmation.final_at <= at:
        raise UndoOver()
    attendance = db.session.get_one(Attendance, confirmation.attendance_id)
    with act("attendance.undo", attendance, by=by, at=at):
        confirmation.undone_at = at
        ATTENDANCE.step("undo", attendance)
