"""The squad leader's signature under what his officers confirmed, where the scheme asks for it (D-29, DOMAIN 3.3).

Hours are credited in the transaction of his signature. Never for himself, never where he has an interest, never what
he confirmed himself (TRUST 2: then another one signs). What he does not sign goes back to the officer, with his reason:
the confirmation is void, its ticks stand, and it can be confirmed anew; of a closed shift it becomes a correction.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import joinedload, selectinload

from accounts.models import Person
from errors import Refusal
from extensions import db
from record.act import act
from volunteers.actions.credit import append, held
from volunteers.actions.interests import near_to
from volunteers.actions.ticks import standing_of
from volunteers.models.attendance import ATTENDANCE, Attendance
from volunteers.models.incidents import unclear
from volunteers.models.ledger import Confirmation
from volunteers.models.shifts import Shift
from volunteers.rules.minutes import is_late
from volunteers.terms import terms_of_many

Bar = Literal["", "oneself", "interest", "own_word"]
Mark = Literal["other_minutes", "late", "left_early", "sent_home", "from_paper", "extra", "corrected", "reconfirmed"]


class SignedAlready(Refusal):
    code = "signed_already"
    message = "Meanwhile this was settled: %(name)s, %(at)s. Nothing was signed now."
    help = "Look at the week as it is now."


class WeekChanged(Refusal):
    code = "week_changed"
    message = "Meanwhile the week has changed: it would be %(rows)s rows now. Nothing was signed."
    help = "Look at it as it is now, and sign then."


class NotYourSignature(Refusal):
    code = "not_your_signature"
    status = 403
    message = "Nobody countersigns his own hours, those of somebody he is too near to, or what he confirmed himself."
    help = "Another squad leader of the squad signs."
    source = "DOMAIN D-29"


class SendingBackNeedsReason(Refusal):
    code = "sending_back_needs_reason"
    status = 422
    message = "What is not signed goes back with a reason."
    help = "Say in a few words what the officer should look at."


@dataclass(frozen=True)
class Row:
    """One confirmation before the squad leader. `bar` says why he cannot sign it; `marks` what is unusual about it."""

    confirmation: Confirmation
    bar: Bar
    marks: list[Mark]


def waiting() -> ColumnElement[bool]:
    """Confirmations that wait for a signature and for nothing else, whether their undo time is over or not."""
    return and_(
        Confirmation.to_countersign,
        Confirmation.countersigned_at.is_(None),
        Confirmation.undone_at.is_(None),
        Confirmation.credited_at.is_(None),
        Confirmation.attendance_id.not_in(unclear()),
    )


def final_ones(shifts: Any, at: datetime) -> Any:
    """What can be signed now of some shifts, by their ids; with all that a row shows."""
    attendance = joinedload(Confirmation.attendance)
    return (
        select(Confirmation)
        .join(Shift, Shift.id == Confirmation.shift_id)
        .where(waiting(), Confirmation.final_at <= at, Confirmation.shift_id.in_(shifts))
        .options(
            joinedload(Confirmation.by),
            attendance.joinedload(Attendance.person),
            attendance.joinedload(Attendance.assessment),
            attendance.joinedload(Attendance.shift).options(joinedload(Shift.event), joinedload(Shift.post)),
            attendance.selectinload(Attendance.ticks),
            attendance.selectinload(Attendance.choices),
            attendance.selectinload(Attendance.confirmations),
        )
        .order_by(Shift.starts_on, Confirmation.starts_at, Shift.id, Confirmation.id)
    )


def days_waiting(shifts: Any, at: datetime) -> list[tuple[date, int]]:
    """The days of some shifts (a select of ids) on which something can be signed now, with how much."""
    query = (
        select(Shift.starts_on, func.count())
        .join(Confirmation, Confirmation.shift_id == Shift.id)
        .where(waiting(), Confirmation.final_at <= at, Shift.id.in_(shifts))
        .group_by(Shift.starts_on)
        .order_by(Shift.starts_on)
    )
    return [(on, number) for on, number in db.session.execute(query)]


def rows_for(confirmations: Sequence[Confirmation], leader: Person, on: date) -> list[Row]:
    """Each with what bars the leader and what is unusual; late by the terms that hold for him on a day. Four queries at
    most."""
    near = near_to(leader, [one.person_id for one in confirmations])
    terms = terms_of_many({one.attendance.assessment for one in confirmations}, on)
    found = []
    for one in confirmations:
        grace = terms[one.attendance.assessment_id].late_grace_minutes
        found.append(Row(one, _bar(one, leader, near), _marks(one, grace)))
    return found


def _bar(one: Confirmation, leader: Person, near: set[int]) -> Bar:
    if one.person_id == leader.id:
        return "oneself"
    if one.person_id in near:
        return "interest"
    return "own_word" if one.by_id == leader.id else ""


def _marks(one: Confirmation, grace: int) -> list[Mark]:
    attendance = one.attendance
    came_at = standing_of(attendance).came_at
    found: dict[Mark, bool] = {
        "other_minutes": one.minutes != one.shift_minutes,
        "late": came_at is not None and is_late(came_at, attendance.shift.event.starts_at, grace),
        "left_early": attendance.outcome == "left_early",
        "sent_home": attendance.outcome == "sent_home",
        "from_paper": attendance.from_paper,
        "extra": attendance.extra,
        "corrected": any(tick.replaces_id is not None for tick in attendance.ticks),
        "reconfirmed": len(attendance.confirmations) > 1,
    }
    return [mark for mark, holds in found.items() if holds]


def sign(
    confirmations: Collection[Confirmation], by: Person, at: datetime, shown: tuple[int, int] | None = None
) -> int:
    """Sign and credit, shift by shift. `shown`: how many rows and minutes the leader saw. Returns how many.

    Raises: WeekChanged, SignedAlready, NotYourSignature.
    """
    if shown is not None and shown != (len(confirmations), sum(one.minutes for one in confirmations)):
        raise WeekChanged(rows=len(confirmations))
    of_shift: dict[Shift, list[Confirmation]] = {}
    for one in sorted(confirmations, key=lambda one: one.id):
        of_shift.setdefault(one.attendance.shift, []).append(one)
    for shift, rows in of_shift.items():
        minutes = sum(one.minutes for one in rows)
        with act("shift.countersign", shift, by=by, at=at, people=len(rows), minutes=minutes):
            for one in rows:
                standing = _held(one, by, at)
                standing.countersigned_by_id, standing.countersigned_at = by.id, at
                db.session.flush()
                append(standing, at)
    return len(confirmations)


def _held(confirmation: Confirmation, by: Person, at: datetime) -> Confirmation:
    """The row, locked. Raises: SignedAlready, NotYourSignature."""
    standing = held(confirmation.id)
    if standing is None:
        db.session.refresh(confirmation)
        by_then = confirmation.countersigned_by or confirmation.sent_back_by or confirmation.by
        raise SignedAlready(name=by_then.name, at=confirmation.credited_at or confirmation.undone_at)
    if _bar(standing, by, near_to(by, [standing.person_id])):
        raise NotYourSignature()
    return standing


def send_back(confirmation: Confirmation, by: Person, at: datetime, reason: str) -> None:
    """Do not sign one: it is void, and its officer hears why.

    Raises: SendingBackNeedsReason, SignedAlready, NotYourSignature.
    """
    if not reason.strip():
        raise SendingBackNeedsReason()
    attendance = confirmation.attendance
    with act("attendance.send_back", attendance, by=by, at=at, reason=reason.strip()):
        standing = _held(confirmation, by, at)
        standing.undone_at, standing.sent_back_by_id, standing.sent_back_reason = at, by.id, reason.strip()
        ATTENDANCE.step("send_back", attendance)


def sent_back(shift: Shift) -> dict[int, Confirmation]:
    """What was sent back of a shift and not confirmed again, by its attendance's id."""
    query = (
        select(Confirmation).where(Confirmation.shift_id == shift.id).options(selectinload(Confirmation.sent_back_by))
    )
    last = {one.attendance_id: one for one in db.session.scalars(query.order_by(Confirmation.id))}
    return {key: one for key, one in last.items() if one.sent_back_by_id is not None}
