"""How an assessment ends before its hours: withdrawn, stopped, exempted, transferred (DOMAIN 8.5, D-20)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from accounts.actions.memberships import local_day
from accounts.models import Office, Person
from errors import Refusal
from extensions import db
from record.act import act, plain
from scheduler.timeline import timeline
from scheduler.timeline.models import WAITING, BookingStatus, Resource, Waiting, WaitingState
from volunteers.actions.days import uncount_days
from volunteers.actions.places import fill_places
from volunteers.models.assessment import ASSESSMENT, Assessment, ServiceProof
from volunteers.models.attendance import ATTENDANCE, UNSETTLED, Attendance, AttendanceState, Fault
from volunteers.models.ledger import CreditEntry, CreditKind
from volunteers.models.shifts import Shift
from volunteers.terms import terms_of


class NoGround(Refusal):
    code = "no_ground"
    status = 422
    message = "The scheme knows no such ground."
    help = "Choose one of those the scheme has."
    source = "DOMAIN 3.3"


class StillPending(Refusal):
    """A proof and an evaluation count what is credited: what is not final yet would be lost."""

    code = "still_pending"
    message = "%(count)s shifts he was expected at are not settled: not confirmed, or confirmed and not final yet."
    help = "Have them confirmed, struck out or marked as missed, wait until what is confirmed is final, then go on."
    source = "DOMAIN 8.5"


def withdraw(assessment: Assessment, by: Person, at: datetime, reason: str = "") -> None:
    """He no longer takes part: a right, and nothing is held against him (D-20). Raises: OffCourse."""
    with act("assessment.withdraw", assessment, by=by, at=at, reason=reason):
        _end("withdraw", assessment, by, at, reason)


def stop(assessment: Assessment, ground: str, by: Person, at: datetime, reason: str) -> None:
    """Stopped on a ground of the scheme. Raises: NoGround, OffCourse."""
    if ground not in terms_of(assessment, local_day(assessment.office, at)).stops:
        raise NoGround()
    with act("assessment.stop", assessment, by=by, at=at, reason=reason, ground=ground):
        _end("stop", assessment, by, at, reason, ground)


def exempt(assessment: Assessment, ground: str, by: Person, at: datetime, reason: str) -> None:
    """Exempted on a ground of the scheme, with its evidence. Raises: NoGround, OffCourse."""
    if ground not in terms_of(assessment, local_day(assessment.office, at)).exemptions:
        raise NoGround()
    with act("assessment.exempt", assessment, by=by, at=at, reason=reason, ground=ground):
        _end("exempt", assessment, by, at, reason, ground)


def transfer(assessment: Assessment, to: Office, by: Person, at: datetime, reason: str) -> ServiceProof:
    """Hand it on to another office: what was credited goes along as a proof, never as a copy.

    The new office proposes its own assessment; the proof counts there once. Raises: StillPending, OffCourse.
    """
    check_all_final(assessment, at)
    lines = _lines(assessment)
    with act("assessment.transfer", assessment, by=by, at=at, reason=reason, to=to.name):
        _end("transfer", assessment, by, at, reason)
        proof = ServiceProof(
            assessment_id=assessment.id,
            office_id=assessment.office_id,
            to_office_id=to.id,
            person_id=assessment.person_id,
            minutes=sum(line[2] for line in lines),
            lines=plain(lines),
        )
        db.session.add(proof)
        db.session.flush()
    return proof


def check_all_final(assessment: Assessment, at: datetime) -> None:
    """Of shifts that have begun nothing is open any more, and what is confirmed is credited, before it is counted for
    good. Nobody ticks nor confirms meanwhile. Raises: StillPending."""
    rows = select(Attendance).where(
        Attendance.assessment_id == assessment.id,
        Attendance.state.in_([*UNSETTLED, AttendanceState.CONFIRMED]),
        Attendance.struck_out.is_(False),
    )
    held = rows.order_by(Attendance.id).with_for_update(of=Attendance).execution_options(populate_existing=True)
    known = db.session.scalars(held)
    waiting = [one for one in known if one.state != AttendanceState.BOOKED or one.shift.event.starts_at <= at]
    if waiting:
        raise StillPending(count=len(waiting))


def _lines(assessment: Assessment) -> list[list[object]]:
    """What stands credited, span by span; what was reversed is left out. What he brought along himself goes on."""
    gone = select(CreditEntry.reverses_id).where(CreditEntry.reverses_id.is_not(None))
    query = select(CreditEntry).where(
        CreditEntry.assessment_id == assessment.id,
        CreditEntry.kind == CreditKind.CREDIT,
        CreditEntry.id.not_in(gone),
    )
    own = [[e.starts_at, e.ends_at, e.minutes] for e in db.session.scalars(query.order_by(CreditEntry.starts_at))]
    return [*_brought_along(assessment), *own]


def _brought_along(assessment: Assessment) -> list[list[object]]:
    """The lines of the proof he came with, and what was corrected of them since, on the day it was corrected."""
    if assessment.proof is None:
        return []
    since = [[one.made_at, one.made_at, one.minutes] for one in assessment.proof.corrections]
    return [*assessment.proof.lines, *since]


def _end(step: str, assessment: Assessment, by: Person, at: datetime, reason: str, ground: str = "") -> None:  # noqa: PLR0917
    """Take the step, and free what is still booked or waited for."""
    ASSESSMENT.step(step, assessment, ended_on=local_day(assessment.office, at), ground=ground)
    free_places(step, assessment, by, at, reason)


def free_places(step: str, assessment: Assessment, by: Person, at: datetime, reason: str = "") -> None:
    """What is still booked ahead or waited for goes to whoever waits; nobody is at fault."""
    for attendance in _ahead(assessment, at):
        with act("attendance.cancel", attendance, by=by, at=at, reason=reason, ended=step):
            ATTENDANCE.step("cancel", attendance, fault=Fault.NOBODY)
            uncount_days([attendance.id])
            timeline.rebook(timeline.Free(attendance.booking, BookingStatus.CANCELLED))
            fill_places(attendance.shift, at)
    for place in _waits(assessment):
        with act("waiting.leave", place, by=by, at=at, reason=reason):
            WAITING.step("leave", place)


def _ahead(assessment: Assessment, at: datetime) -> list[Attendance]:
    query = (
        select(Attendance)
        .join(Shift, Shift.id == Attendance.shift_id)
        .where(Attendance.assessment_id == assessment.id, Attendance.state == AttendanceState.BOOKED)
        .order_by(Attendance.id)
    )
    return [one for one in db.session.scalars(query) if one.shift.event.starts_at > at]


def _waits(assessment: Assessment) -> list[Waiting]:
    query = (
        select(Waiting)
        .join(Resource, Resource.id == Waiting.resource_id)
        .where(
            Resource.person_id == assessment.person_id,
            Waiting.office_id == assessment.office_id,
            Waiting.state == WaitingState.WAITING,
        )
    )
    return list(db.session.scalars(query.order_by(Waiting.id)))
