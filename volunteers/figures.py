"""Where people under assessment stand: what is credited, pending, served and not yet confirmed, booked (DOMAIN 8.5).

A figure is a sum of lines; `lines_of` names them for one person, `figures_of` sums them for many. Both read the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from extensions import db
from scheduler.timeline.models import Event
from volunteers.models.assessment import Assessment, ProofCorrection, ServiceProof
from volunteers.models.attendance import Attendance, AttendanceState
from volunteers.models.corrections import Correction
from volunteers.models.incidents import in_doubt, unclear
from volunteers.models.ledger import Confirmation, CreditEntry, CreditKind
from volunteers.models.shifts import Posting, Shift
from volunteers.rules.minutes import Stated, served, standing
from volunteers.rules.pace import Pace, pace

HERE = (AttendanceState.ARRIVED, AttendanceState.LEFT)


@dataclass(frozen=True)
class Figures:
    """Minutes: `done` credited less reversed, with what was brought along from another office; `pending` confirmed and
    not yet final; `unconfirmed` served by what was ticked, waiting for an officer; `booked` in shifts not over,
    also of whoever stands there already. What is held back until the office has decided who stood there is none of
    them."""

    done: int = 0
    pending: int = 0
    unconfirmed: int = 0
    booked: int = 0


@dataclass(frozen=True)
class Lines:
    """What stands behind the figures of one person, each list newest first; `booked` soonest first. `held`: of which
    the office still decides whether it counts; it is in no figure."""

    credits: list[CreditEntry]
    pending: list[Confirmation]
    unconfirmed: list[tuple[Attendance, int]]
    booked: list[Attendance]
    held: list[Attendance] = field(default_factory=list)
    others: list[Attendance] = field(default_factory=list)

    @property
    def coming(self) -> list[Attendance]:
        """Of what is booked, that to which he has not come yet."""
        return [one for one in self.booked if one.state == AttendanceState.BOOKED]


def pace_of(assessment: Assessment, figures: Figures, on: date) -> Pace:
    """How far somebody has come on a day. What an officer has still to confirm counts as booked: it is not lost."""
    return pace(
        required=assessment.required_minutes,
        done=figures.done,
        pending=figures.pending,
        booked=figures.booked + figures.unconfirmed,
        first_on=assessment.first_on,
        last_on=assessment.last_on,
        on=on,
    )


def figures_of(assessments: Collection[Assessment], now: datetime) -> dict[int, Figures]:
    """The figures of many, by the assessments' ids. Seven queries, however many there are."""
    ids = {one.id for one in assessments}
    done, pending, booked = _credited(ids), _pending(ids), _booked(ids, now)
    brought = _brought(ids)
    unconfirmed = _unconfirmed(ids, now)
    return {
        key: Figures(
            done.get(key, 0) + brought.get(key, 0),
            pending.get(key, 0),
            sum(minutes for _, minutes in unconfirmed.get(key, ())),
            booked.get(key, 0),
        )
        for key in ids
    }


def _credited(ids: Iterable[int]) -> dict[int, int]:
    signed = case((CreditEntry.kind == CreditKind.REVERSAL, -CreditEntry.minutes), else_=CreditEntry.minutes)
    query = select(CreditEntry.assessment_id, func.sum(signed)).where(CreditEntry.assessment_id.in_(ids))
    return _sums(query.group_by(CreditEntry.assessment_id))


def _brought(ids: Iterable[int]) -> dict[int, int]:
    since = select(func.sum(ProofCorrection.minutes)).where(ProofCorrection.proof_id == ServiceProof.id)
    standing = ServiceProof.minutes + func.coalesce(since.scalar_subquery(), 0)
    query = select(ServiceProof.counts_for_id, standing)
    return _sums(query.where(ServiceProof.counts_for_id.in_(ids)))


def _pending(ids: Iterable[int]) -> dict[int, int]:
    query = (
        select(Attendance.assessment_id, func.sum(Confirmation.minutes))
        .join(Attendance, Attendance.id == Confirmation.attendance_id)
        .where(Attendance.assessment_id.in_(ids), Confirmation.undone_at.is_(None), Confirmation.credited_at.is_(None))
        .where(Attendance.id.not_in(unclear()))
    )
    return _sums(query.group_by(Attendance.assessment_id))


def _ahead(now: datetime) -> ColumnElement[bool]:
    """Booked, or there already, and the shift is not over. Whoever stands there and is in doubt is held back."""
    counts = Attendance.struck_out.is_(False), Attendance.id.not_in(unclear()), Attendance.id.not_in(in_doubt())
    here = and_(Attendance.state == AttendanceState.ARRIVED, *counts)
    return and_(Event.ends_at > now, or_(Attendance.state == AttendanceState.BOOKED, here))


def _booked(ids: Iterable[int], now: datetime) -> dict[int, int]:
    query = (
        select(Attendance.assessment_id, func.sum(Shift.minutes))
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(Attendance.assessment_id.in_(ids), _ahead(now))
    )
    return _sums(query.group_by(Attendance.assessment_id))


def missed_of(ids: Iterable[int]) -> dict[int, int]:
    """How many shifts each has missed without a word and is not excused for, by the assessments' ids. One query."""
    query = select(Attendance.assessment_id, func.count()).where(
        Attendance.assessment_id.in_(ids), Attendance.state == AttendanceState.NO_SHOW
    )
    return _sums(query.group_by(Attendance.assessment_id))


def _sums(query: Any) -> dict[int, int]:
    return {key: int(total) for key, total in db.session.execute(query)}


def _unconfirmed(ids: Iterable[int], now: datetime) -> dict[int, list[tuple[Attendance, int]]]:
    """Those who came and are not confirmed, with the minutes their ticks say; struck out ones, and those that the
    office still decides about, do not count, and whoever still stands there is booked."""
    query = (
        select(Attendance)
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(Attendance.assessment_id.in_(ids), Attendance.state.in_(HERE), Attendance.struck_out.is_(False))
        .where(Attendance.id.not_in(unclear()), Attendance.id.not_in(in_doubt()), ~_ahead(now))
        .options(
            joinedload(Attendance.shift).joinedload(Shift.event),
            selectinload(Attendance.ticks),
            selectinload(Attendance.choices),
        )
        .order_by(Event.starts_at.desc(), Attendance.id)
    )
    found: dict[int, list[tuple[Attendance, int]]] = {}
    for one in db.session.scalars(query):
        found.setdefault(one.assessment_id, []).append((one, ticked_minutes(one)))
    return found


def ticked_minutes(attendance: Attendance) -> int:
    """Minutes that the ticks of an attendance say, before anybody confirms them."""
    said = standing([Stated(tick.id, tick.kind, tick.at, tick.replaces_id) for tick in attendance.counting])
    if said.came_at is None or said.left_at is None:
        return 0
    event = attendance.shift.event
    span = served(said.came_at, said.left_at, event.starts_at, event.ends_at)
    return span.minutes if span else 0


def lines_of(assessment: Assessment, now: datetime) -> Lines:
    """The lines behind somebody's figures. Eight queries."""
    mine = Attendance.assessment_id == assessment.id
    rows = select(Attendance).join(Shift, Shift.id == Attendance.shift_id).join(Event, Event.id == Shift.event_id)
    shift = joinedload(Attendance.shift)
    rows = rows.where(mine).options(shift.joinedload(Shift.event), shift.joinedload(Shift.post))
    ahead = _ahead(now)
    over = rows.where(~ahead, Attendance.state.not_in([*HERE, AttendanceState.CONFIRMED, AttendanceState.CREDITED]))
    struck = rows.where(Attendance.state.in_(HERE), Attendance.struck_out)
    held = Attendance.state.in_([*HERE, AttendanceState.CONFIRMED]) & Attendance.struck_out.is_(False)
    doubted = rows.where(held, Attendance.id.in_(unclear()) | Attendance.id.in_(in_doubt()))
    others = [*db.session.scalars(over), *db.session.scalars(struck)]
    return Lines(
        credits=_credits(assessment),
        pending=_confirmations(assessment),
        unconfirmed=_unconfirmed([assessment.id], now).get(assessment.id, []),
        booked=list(db.session.scalars(rows.where(ahead).order_by(Event.starts_at, Attendance.id))),
        held=list(db.session.scalars(doubted.order_by(Event.starts_at.desc(), Attendance.id))),
        others=sorted(others, key=lambda one: one.shift.event.starts_at, reverse=True),
    )


def _credits(assessment: Assessment) -> list[CreditEntry]:
    at = joinedload(CreditEntry.attendance).joinedload(Attendance.shift)
    query = (
        select(CreditEntry)
        .where(CreditEntry.assessment_id == assessment.id)
        .options(
            at.joinedload(Shift.event),
            at.joinedload(Shift.post),
            joinedload(CreditEntry.confirmation).options(
                joinedload(Confirmation.by), joinedload(Confirmation.countersigned_by)
            ),
            joinedload(CreditEntry.correction).options(
                joinedload(Correction.proposed_by), joinedload(Correction.decided_by)
            ),
        )
        .order_by(CreditEntry.starts_at.desc(), CreditEntry.id.desc())
    )
    return list(db.session.scalars(query))


def _confirmations(assessment: Assessment) -> list[Confirmation]:
    at = joinedload(Confirmation.attendance).joinedload(Attendance.shift)
    query = (
        select(Confirmation)
        .join(Attendance, Attendance.id == Confirmation.attendance_id)
        .where(
            Attendance.assessment_id == assessment.id,
            Confirmation.undone_at.is_(None),
            Confirmation.credited_at.is_(None),
            Attendance.id.not_in(unclear()),
        )
        .options(at.joinedload(Shift.event), at.joinedload(Shift.post), joinedload(Confirmation.by))
        .order_by(Confirmation.starts_at.desc())
    )
    return list(db.session.scalars(query))


def officers_of(shifts: Collection[Shift]) -> Mapping[int, list[Posting]]:
    """Who stands at shifts, by the shifts' ids, in the order in which they were posted. One query."""
    query = (
        select(Posting)
        .where(Posting.shift_id.in_({shift.id for shift in shifts}), Posting.ended_at.is_(None))
        .options(joinedload(Posting.person))
        .order_by(Posting.posted_at, Posting.id)
    )
    found: dict[int, list[Posting]] = {}
    for posting in db.session.scalars(query):
        found.setdefault(posting.shift_id, []).append(posting)
    return found
