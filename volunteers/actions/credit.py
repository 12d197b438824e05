"""Crediting what was confirmed, once it is final; closing shifts (DOMAIN 8.6, I44). Nobody grants a credit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from accounts.models import Person
from errors import Refusal
from extensions import db
from record.act import act, transaction
from scheduler.timeline.models import Event
from scheduler.timeline.timeline import constraint_of
from volunteers.actions.doubts import held_back, hold
from volunteers.actions.ticks import posting_of, roll
from volunteers.models.assessment import ASSESSMENT, Assessment, AssessmentState, ProofCorrection, ServiceProof
from volunteers.models.attendance import ATTENDANCE, Attendance, AttendanceState
from volunteers.models.ledger import Confirmation, CreditEntry, CreditKind
from volunteers.models.shifts import SHIFT, Shift, ShiftState

CLOSED_AFTER = timedelta(hours=24)
log = structlog.get_logger("ledger")
OVER = frozenset(
    {
        AttendanceState.CONFIRMED,
        AttendanceState.CREDITED,
        AttendanceState.ABSENT,
        AttendanceState.NO_SHOW,
        AttendanceState.CANCELLED,
    }
)


class StillOpen(Refusal):
    code = "still_open"
    message = "%(count)s people of this shift are neither confirmed nor marked as absent."
    help = "Confirm what they served, or say that they did not come; then close the shift."
    source = "DOMAIN 8.3"


class StillRuns(Refusal):
    code = "still_runs"
    message = "The shift is not over before %(ends_at)s; whoever waits may still come."
    help = "Close it then. If it does not take place, stop or cancel it."
    source = "DOMAIN 8.3"


def standing_confirmations(shift: Shift) -> list[Confirmation]:
    """What is confirmed and not yet credited of a shift, oldest first."""
    query = select(Confirmation).where(
        Confirmation.shift_id == shift.id, Confirmation.undone_at.is_(None), Confirmation.credited_at.is_(None)
    )
    return list(db.session.scalars(query.order_by(Confirmation.id)))


def held(confirmation_id: int) -> Confirmation | None:
    """A confirmation that is neither undone nor credited, locked; None where it is."""
    query = select(Confirmation).where(
        Confirmation.id == confirmation_id, Confirmation.undone_at.is_(None), Confirmation.credited_at.is_(None)
    )
    return db.session.scalar(query.with_for_update().execution_options(populate_existing=True))


def close(shift: Shift, by: Person, at: datetime) -> None:
    """Close the shift as final: what is confirmed is credited at once. One that was stopped is over.

    Raises: NotPosted, StillRuns, StillOpen, OffCourse.
    """
    posting_of(shift, by)
    if at < shift.event.ends_at and shift.stopped_at is None:
        raise StillRuns(ends_at=shift.event.ends_at)
    unsettled = [one for one in roll(shift) if one.state not in OVER and not one.struck_out]
    if unsettled:
        raise StillOpen(count=len(unsettled))
    with act("shift.close", shift, by=by, at=at):
        for confirmation in standing_confirmations(shift):
            confirmation.final_at = min(confirmation.final_at, at)
            db.session.flush()
            append(confirmation, at)
        SHIFT.step("close", shift)


def append_due(now: datetime) -> int:
    """Credit every confirmation whose undo time is over (the job of each minute). Returns how many were credited.

    Each in a transaction of its own: one that cannot be credited must not hold up the others.
    """
    due = select(Confirmation.id).where(
        Confirmation.undone_at.is_(None),
        Confirmation.credited_at.is_(None),
        Confirmation.final_at <= now,
        ~Confirmation.to_countersign | Confirmation.countersigned_at.is_not(None),
    )
    with transaction():
        ids = db.session.scalars(due.order_by(Confirmation.id)).all()
    return sum(_append_one(key, now) for key in ids)


def _append_one(key: int, now: datetime) -> bool:
    try:
        with transaction():
            confirmation = held(key)
            return confirmation is not None and append(confirmation, now)
    except IntegrityError as refused:  # the ledger's guards spoke: a person must look at it, the others go on
        log.error("not credited", confirmation=key, guard=constraint_of(refused))
        return False


def append(confirmation: Confirmation, at: datetime) -> bool:
    """Append the credit of a final confirmation, once. Where the scheme says so it waits for the squad leader; while it
    is not established who stood there, for the office."""
    attendance = db.session.get_one(Attendance, confirmation.attendance_id)
    if confirmation.to_countersign and confirmation.countersigned_at is None:
        return False
    if held(confirmation.id) is None or confirmation.final_at > at:
        return False
    hold(Attendance.id == attendance.id)
    if held_back([attendance]):
        return False
    with act("attendance.credit", attendance, by=None, at=at, minutes=confirmation.minutes):
        confirmation.credited_at = at
        entry = _entry(confirmation, attendance, at)
        db.session.add(entry)
        ATTENDANCE.step("credit", attendance)
        db.session.flush()
        follow_hours(attendance.assessment, at)
        carry_on(attendance.assessment, [entry], None, at)
    return True


def _entry(confirmation: Confirmation, attendance: Attendance, at: datetime) -> CreditEntry:
    return CreditEntry(
        office_id=attendance.office_id,
        kind=CreditKind.CREDIT,
        attendance_id=attendance.id,
        confirmation_id=confirmation.id,
        assessment_id=attendance.assessment_id,
        person_id=confirmation.person_id,
        minutes=confirmation.minutes,
        attended_minutes=confirmation.minutes,
        final_at=confirmation.final_at,
        credited_at=at,
        starts_at=confirmation.starts_at,
        ends_at=confirmation.ends_at,
    )


def follow_hours(assessment: Assessment, at: datetime) -> None:
    """The hours are complete when the ledger says so, and no longer when it says less (DOMAIN 8.5)."""
    db.session.refresh(assessment, ["state"], with_for_update=True)  # two credits at once are counted one by one
    enough = credited_minutes(assessment) >= assessment.required_minutes
    if assessment.state == AssessmentState.SERVING and enough:
        with act("assessment.complete", assessment, by=None, at=at):
            ASSESSMENT.step("complete", assessment)
    elif assessment.state == AssessmentState.HOURS_COMPLETE and not enough:
        with act("assessment.reopen", assessment, by=None, at=at):
            ASSESSMENT.step("reopen", assessment)


def carry_on(assessment: Assessment, entries: Sequence[CreditEntry], by: Person | None, at: datetime) -> None:
    """What the ledger gained or lost after the hours were handed on with a proof: the figure follows wherever it counts
    today, and the prosecutor there is told. The proof stays what it was (V-14)."""
    if assessment.state != AssessmentState.TRANSFERRED:
        return
    minutes = sum(one.minutes if one.kind == CreditKind.CREDIT else -one.minutes for one in entries)
    proof = db.session.scalar(select(ServiceProof).filter_by(assessment_id=assessment.id))
    while proof is not None and minutes:
        old = proof.standing_minutes
        with act("service_proof.correct", proof, by=by, at=at, old=old, new=old + minutes):
            row = ProofCorrection(entry_id=entries[-1].id, office_id=proof.office_id, minutes=minutes, made_at=at)
            proof.corrections.append(row)
            db.session.flush()
        if proof.counts_for is None:
            return
        follow_hours(proof.counts_for, at)
        proof = db.session.scalar(select(ServiceProof).filter_by(assessment_id=proof.counts_for_id))


def credited_minutes(assessment: Assessment) -> int:
    """Credits less reversals, and what was brought along as a proof; exact."""
    kinds = select(CreditEntry.kind, func.sum(CreditEntry.minutes)).where(CreditEntry.assessment_id == assessment.id)
    sums: dict[str, int] = {kind: int(total) for kind, total in db.session.execute(kinds.group_by(CreditEntry.kind))}
    brought = assessment.proof.standing_minutes if assessment.proof else 0
    return sums.get(CreditKind.CREDIT, 0) - sums.get(CreditKind.REVERSAL, 0) + brought


def close_settled(now: datetime) -> int:
    """Close shifts that ended a day ago and in which nothing is open any more. Returns how many."""
    waiting = select(Attendance.shift_id).where(
        Attendance.state.in_(
            [AttendanceState.BOOKED, AttendanceState.ARRIVED, AttendanceState.LEFT, AttendanceState.CONFIRMED]
        ),
        Attendance.struck_out.is_(False),
    )
    ended = select(Event.id).where(Event.ends_at < now - CLOSED_AFTER)
    query = select(Shift).where(Shift.state == ShiftState.OPEN, Shift.event_id.in_(ended), Shift.id.not_in(waiting))
    with transaction():
        settled = db.session.scalars(query.order_by(Shift.id)).all()
        for shift in settled:
            with act("shift.close", shift, by=None, at=now):
                SHIFT.step("close", shift)
    return len(settled)
