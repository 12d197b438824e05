"""Correcting what is credited: asked for, proposed, refused, approved by a second person (DOMAIN 8.6, V-08, V-14)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from accounts.actions.memberships import local_day
from accounts.models import Person
from accounts.settings import rule_for
from errors import Refusal
from extensions import db
from law import Minutes
from record.act import act
from scheduler.actions.deadlines import meet_deadline, start_deadline
from scheduler.deadlines.models import Deadline, DeadlineState
from scheduler.timeline.timeline import constraint_of
from volunteers.actions.credit import carry_on, follow_hours
from volunteers.actions.doubts import check_clear
from volunteers.actions.interests import check_decides
from volunteers.actions.ticks import NotForOneself
from volunteers.guards import ONCE
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import ATTENDANCE, Attendance, AttendanceState, Outcome, TickMethod
from volunteers.models.corrections import CORRECTION, UNDER_WAY, Correction, CorrectionState
from volunteers.models.ledger import CreditEntry, CreditKind
from volunteers.rules.corrections import (
    ASKABLE,
    CORRECTABLE,
    Counts,
    NotDisputable,
    NotFinalYet,
    check_change,
    check_evidence,
    stated,
)

ANSWER = "volunteer.correction"
ONE_UNDER_WAY = ("uq_correction_one_under_way", "UNIQUE constraint failed: correction.attendance_id")
Times = tuple[datetime, datetime] | None


class CorrectionUnderWay(Refusal):
    code = "correction_under_way"
    message = "A correction of this entry is under way already%(by)s."
    help = "Decide that one first; a further one can follow."
    source = "DOMAIN 8.6"


class DecidedAlready(Refusal):
    code = "correction_decided_already"
    message = "This correction was decided already: %(name)s, %(at)s."
    help = "Look at it as it is now. A further correction can be proposed."


class NotTheProposer(Refusal):
    code = "not_the_proposer"
    status = 403
    message = "Whoever proposed a correction does not decide it."
    help = "Another squad leader of the post decides, or the chief."
    source = "DOMAIN V-14"


class RecordMoved(Refusal):
    code = "record_moved"
    message = "Meanwhile the record has changed: %(minutes)s now count. Nothing was corrected."
    help = "Refuse this proposal; a new one can rest on what counts now."
    source = "DOMAIN 8.6"


class CreditedElsewhere(Refusal):
    code = "credited_elsewhere"
    message = "A part of this time is credited to the same person for another service already."
    help = "No minute counts twice. Propose times that do not overlap."
    source = "TRUST I13"


class DecisionNeedsReason(Refusal):
    code = "decision_needs_reason"
    status = 422
    message = "A decision needs its reason."
    help = "Say in a few words why."


@dataclass(frozen=True)
class Grounds:
    """Why a correction is proposed, and what proves it."""

    reason: str
    rests_on: str
    evidence: str


def live_credit(attendance: Attendance) -> CreditEntry | None:
    """The line that counts now; None where none does."""
    gone = select(CreditEntry.reverses_id).where(CreditEntry.reverses_id.is_not(None))
    query = select(CreditEntry).where(
        CreditEntry.attendance_id == attendance.id,
        CreditEntry.kind == CreditKind.CREDIT,
        CreditEntry.id.not_in(gone),
    )
    return db.session.scalar(query)


def under_way(attendance: Attendance) -> Correction | None:
    """The correction of an attendance that nobody has decided yet."""
    query = select(Correction).where(Correction.attendance_id == attendance.id, Correction.state.in_(UNDER_WAY))
    return db.session.scalar(query)


def _check_disputable(attendance: Attendance, at: datetime, states: frozenset[str]) -> None:
    """Raises: NotDisputable, NotFinalYet."""
    if attendance.state == AttendanceState.CONFIRMED and attendance.state not in states:
        raise NotFinalYet()
    if attendance.state not in states or attendance.shift.event.ends_at > at:
        raise NotDisputable()


def disputable(attendance: Attendance, at: datetime) -> bool:
    """Whether its person may say that it is wrong."""
    return attendance.state in ASKABLE and attendance.shift.event.ends_at <= at


def disputed(assessment: Assessment) -> set[int]:
    """The attendances of somebody of which a correction is under way, by their ids."""
    mine = select(Correction.attendance_id).join(Attendance, Attendance.id == Correction.attendance_id)
    mine = mine.where(Attendance.assessment_id == assessment.id, Correction.state.in_(UNDER_WAY))
    return set(db.session.scalars(mine))


def correctable(attendance: Attendance, at: datetime) -> bool:
    """Whether a correction can be proposed."""
    return attendance.state in CORRECTABLE and attendance.shift.event.ends_at <= at


def _counts_now(attendance: Attendance) -> tuple[Counts, CreditEntry | None]:
    live = live_credit(attendance)
    return (Counts(live.minutes, live.starts_at, live.ends_at) if live else Counts()), live


def ask(attendance: Attendance, times: Times, by: Person, at: datetime, reason: str) -> Correction:
    """The volunteer says that an entry of his is wrong, and what is right; its deadline runs from today (V-08).

    Raises: NotDisputable, OutsideShift, NothingChanges, CorrectionUnderWay.
    """
    _check_disputable(attendance, at, ASKABLE)
    event = attendance.shift.event
    old, live = _counts_now(attendance)
    new = stated(times, event.starts_at, event.ends_at)
    check_change(old, new)
    asked = _new(attendance, CorrectionState.ASKED, old, live)
    asked.asked_at, asked.asked_minutes, asked.asked_reason = at, new.minutes, reason.strip()
    asked.asked_from, asked.asked_until = new.starts_at, new.ends_at
    with act("correction.ask", asked, by=by, at=at, reason=reason.strip(), old=old.minutes, new=new.minutes):
        _store(asked)
        on = local_day(attendance.shift.office, at)
        rule = rule_for(ANSWER, attendance.shift.office, on)
        start_deadline(asked, rule, on, office=attendance.shift.office, by=by, at=at, role="squad_leader")
    return asked


def _new(attendance: Attendance, state: str, old: Counts, live: CreditEntry | None) -> Correction:
    return Correction(
        office_id=attendance.office_id,
        attendance_id=attendance.id,
        shift_id=attendance.shift_id,
        person_id=attendance.person_id,
        shift_minutes=attendance.shift.minutes,
        state=state,
        old_minutes=old.minutes,
        old_credit_id=live.id if live else None,
    )


def _store(correction: Correction) -> None:
    """Raises: CorrectionUnderWay where another desk was faster."""
    db.session.add(correction)
    try:
        db.session.flush()
    except IntegrityError as trouble:
        if constraint_of(trouble) not in ONE_UNDER_WAY:
            raise
        raise CorrectionUnderWay(by="") from trouble


def propose(attendance: Attendance, times: Times, grounds: Grounds, by: Person, at: datetime) -> Correction:
    """Propose what is to count instead, with reason and evidence; it answers what the volunteer asked for, if he did.

    Raises: NotForOneself, NotDisputable, NotFinalYet, OutsideShift, NothingChanges, EvidenceNeeded, CorrectionUnderWay.
    """
    if attendance.person_id == by.id:
        raise NotForOneself()
    check_decides(attendance.shift, attendance.person_id, by, local_day(attendance.shift.office, at))
    _check_disputable(attendance, at, CORRECTABLE)
    event = attendance.shift.event
    new = stated(times, event.starts_at, event.ends_at)
    check_change(_counts_now(attendance)[0], new)
    if new.minutes:
        check_clear(attendance)
    confirmed = any(one.undone_at is None for one in attendance.confirmations)
    check_evidence(grounds.rests_on, confirmed=confirmed, ticked=_ticked(attendance))
    proposal = {
        "minutes": new.minutes,
        "starts_at": new.starts_at,
        "ends_at": new.ends_at,
        "rests_on": grounds.rests_on,
        "evidence": grounds.evidence.strip(),
        "reason": grounds.reason.strip(),
        "proposed_by_id": by.id,
        "proposed_at": at,
    }
    return _propose(attendance, proposal, by, at)


def _ticked(attendance: Attendance) -> bool:
    """Whether somebody who stood there has ticked him."""
    return any(tick.method != TickMethod.STOP_AFAR for tick in attendance.ticks)


def _propose(attendance: Attendance, proposal: dict[str, Any], by: Person, at: datetime) -> Correction:
    old, live = _counts_now(attendance)
    asked = under_way(attendance)
    correction = asked or _new(attendance, CorrectionState.PROPOSED, old, live)
    facts: dict[str, Any] = {"old": old.minutes, "new": proposal["minutes"]}
    if asked is not None and asked.state != CorrectionState.ASKED:
        raise _rival(asked)
    with act("correction.propose", correction, by=by, at=at, reason=proposal["reason"], **facts):
        if asked is not None:
            seen = {"old_minutes": old.minutes, "old_credit_id": live.id if live else None}
            CORRECTION.step("propose", asked, **seen, **proposal)
        else:
            for name, value in proposal.items():
                setattr(correction, name, value)
            _store(correction)
    return correction


def _rival(standing: Correction) -> CorrectionUnderWay:
    return CorrectionUnderWay(by=f" ({standing.proposed_by.name})" if standing.proposed_by else "")


def _held(correction: Correction) -> Correction:
    """The correction, locked, as it stands now. Raises: DecidedAlready."""
    query = select(Correction).where(Correction.id == correction.id).with_for_update(of=Correction)
    standing = db.session.scalars(query.execution_options(populate_existing=True)).one()
    if standing.decided_by is not None:
        raise DecidedAlready(name=standing.decided_by.name, at=standing.decided_at)
    return standing


def _check_decider(correction: Correction, by: Person, at: datetime, reason: str) -> None:
    """Raises: NotForOneself, NotTheProposer, NotWithAnInterest, DecisionNeedsReason."""
    if correction.person_id == by.id:
        raise NotForOneself()
    if correction.proposed_by_id == by.id:
        raise NotTheProposer()
    shift = correction.attendance.shift
    check_decides(shift, correction.person_id, by, local_day(shift.office, at))
    if not reason.strip():
        raise DecisionNeedsReason()


def refuse(correction: Correction, by: Person, at: datetime, reason: str) -> None:
    """Leave the record as it is; the volunteer is told why.

    Raises: DecidedAlready, NotForOneself, NotTheProposer, NotWithAnInterest, DecisionNeedsReason.
    """
    with act("correction.refuse", correction, by=by, at=at, reason=reason.strip()):
        standing = _held(correction)
        _check_decider(standing, by, at, reason)
        CORRECTION.step("refuse", standing, decided_by_id=by.id, decided_at=at, decision=reason.strip())
        _answer(standing, by, at)


def approve(correction: Correction, by: Person, at: datetime, reason: str) -> None:
    """Reverse what counted and credit what was proposed, in one transaction (8.6); his hours follow.

    Raises: DecidedAlready, NotForOneself, NotTheProposer, NotWithAnInterest, DecisionNeedsReason, RecordMoved,
    CreditedElsewhere, OffCourse.
    """
    facts = {"old": correction.old_minutes, "new": correction.minutes}
    with act("correction.approve", correction, by=by, at=at, reason=reason.strip(), **facts):
        standing = _held(correction)
        _check_decider(standing, by, at, reason)
        attendance = _locked(standing)
        live = _as_proposed(standing, attendance)
        CORRECTION.step("approve", standing, decided_by_id=by.id, decided_at=at, decision=reason.strip())
        entries = []
        if live is not None:
            entries.append(_reversal(live, standing, attendance, at))
            db.session.add(entries[0])
            db.session.flush()
        if standing.minutes:
            check_clear(attendance)
            entries.append(_credit(standing, attendance, at))
        follow_hours(attendance.assessment, at)
        carry_on(attendance.assessment, entries, by, at)
        _answer(standing, by, at)


def _locked(correction: Correction) -> Attendance:
    query = select(Attendance).where(Attendance.id == correction.attendance_id).with_for_update(of=Attendance)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def _as_proposed(correction: Correction, attendance: Attendance) -> CreditEntry | None:
    """The line to be reversed, as it was when the correction was proposed. Raises: RecordMoved."""
    live = live_credit(attendance)
    moved = (live.id if live else None) != correction.old_credit_id
    if moved or attendance.state not in CORRECTABLE:
        waiting = [one.minutes for one in attendance.confirmations if one.undone_at is None]
        raise RecordMoved(minutes=Minutes(live.minutes if live else sum(waiting)))
    return live


def _reversal(live: CreditEntry, correction: Correction, attendance: Attendance, at: datetime) -> CreditEntry:
    return CreditEntry(
        office_id=live.office_id,
        kind=CreditKind.REVERSAL,
        attendance_id=live.attendance_id,
        correction_id=correction.id,
        assessment_id=live.assessment_id,
        person_id=attendance.person_id,
        minutes=live.minutes,
        attended_minutes=live.attended_minutes,
        final_at=at,
        credited_at=at,
        starts_at=live.starts_at,
        ends_at=live.ends_at,
        reverses_id=live.id,
    )


def _credit(correction: Correction, attendance: Attendance, at: datetime) -> CreditEntry:
    """Raises: CreditedElsewhere, OffCourse."""
    entry = CreditEntry(
        office_id=attendance.office_id,
        kind=CreditKind.CREDIT,
        attendance_id=attendance.id,
        correction_id=correction.id,
        assessment_id=attendance.assessment_id,
        person_id=attendance.person_id,
        minutes=correction.minutes,
        attended_minutes=correction.minutes,
        final_at=at,
        credited_at=at,
        starts_at=correction.starts_at,
        ends_at=correction.ends_at,
    )
    db.session.add(entry)
    try:
        db.session.flush()
    except IntegrityError as trouble:
        if constraint_of(trouble) != ONCE:
            raise
        raise CreditedElsewhere() from trouble
    if attendance.state != AttendanceState.CREDITED:
        ATTENDANCE.step("correct", attendance, outcome=Outcome.ATTENDED, fault=None, struck_out=False)
    return entry


def _answer(correction: Correction, by: Person, at: datetime) -> None:
    """What the volunteer asked for is answered: its deadline is met."""
    running = answer_due(correction)
    if running is not None:
        meet_deadline(running, by=by, at=at, evidence=correction.decision)


def answer_due(correction: Correction) -> Deadline | None:
    """Until when the volunteer has his answer; None where he did not ask, or has it."""
    return answers_due([correction]).get(correction.id)


def answers_due(corrections: Collection[Correction]) -> dict[int, Deadline]:
    """The same for many, by their ids. One query."""
    query = select(Deadline).where(
        Deadline.subject_table == Correction.__tablename__,
        Deadline.subject_id.in_([one.id for one in corrections]),
        Deadline.rule_key == ANSWER,
        Deadline.state == DeadlineState.RUNNING,
    )
    return {one.subject_id: one for one in db.session.scalars(query)}
