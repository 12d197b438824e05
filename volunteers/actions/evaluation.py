"""The end of an assessment: remarks, checks, evaluation, report and decision (DOMAIN 8.5, D-07, D-26, V-10)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from accounts.actions.memberships import local_day
from accounts.models import Office, Organisation, Person
from accounts.settings import in_force
from cases.pending import Pending, pending_of
from errors import Refusal
from extensions import db
from record.act import act
from record.course import OffCourse
from scheduler.timeline.models import Event
from volunteers.actions.credit import credited_minutes
from volunteers.actions.ending import check_all_final, free_places
from volunteers.models.assessment import ASSESSMENT, UNDER_ASSESSMENT, Assessment, AssessmentState
from volunteers.models.attendance import Attendance, AttendanceState, Fault, Outcome
from volunteers.models.evaluation import Evaluation, Remark, SpotCheck
from volunteers.models.shifts import Shift
from volunteers.rules.evaluation import Facts, PeriodRuns, Points, Proposal, check_decision, propose_grade
from volunteers.rules.proposing import SignedLater
from volunteers.terms import terms_of


class AskedAlready(Refusal):
    code = "remark_asked_already"
    message = "%(squad)s has been asked already."
    help = "Its remark appears here as soon as its leader has given it."


class RemarkGiven(Refusal):
    code = "remark_given"
    message = "The remark is given already, and stays as it is."
    help = "What is to be added goes to the prosecutor."


class HearingRuns(Refusal):
    """DOMAIN 8.5: a hearing, if there is any, is over before the assessment is closed."""

    code = "hearing_runs"
    message = "A hearing in this case is still to be held."
    help = "Close the assessment after it, or cancel the hearing if it is not needed."
    source = "DOMAIN 8.5, D-12"


class HearingNotClosed(Refusal):
    """DOMAIN 8.5, 8.1: held is not closed; its record is signed, its decision served and told first."""

    code = "hearing_not_closed"
    status = 422
    field = "hearing_closed_on"
    message = "A hearing in this case has been held and is not closed in the program."
    help = "Close it first; or, where that was done on paper, say on which day."
    source = "DOMAIN 8.5, 8.1 close"


@dataclass(frozen=True)
class Decided:
    """What was decided in the case, on which day, by which paper. `hearing_closed_on`: the day on which a hearing that
    the program knows as held was closed on paper."""

    kind: str
    on: date
    document: str
    hearing_closed_on: date | None = None


def ask_squad(assessment: Assessment, squad: Organisation, by: Person, at: datetime) -> Remark:
    """Ask a squad how it found somebody's service. Raises: AskedAlready, OffCourse once it is evaluated or ended."""
    _check_open(assessment)
    if any(one.squad_id == squad.id for one in remarks_of(assessment)):
        raise AskedAlready(squad=squad.name)
    remark = Remark(assessment_id=assessment.id, office_id=assessment.office_id, squad_id=squad.id, asked_at=at)
    with act("remark.ask", remark, by=by, at=at):
        db.session.add(remark)
        db.session.flush()
    return remark


def give_remark(remark: Remark, opinion: str, text: str, by: Person, at: datetime) -> None:
    """The squad leader's word, once. Raises: RemarkGiven, OffCourse."""
    _check_open(remark.assessment)
    db.session.refresh(remark, with_for_update=True)
    if remark.given_at is not None:
        raise RemarkGiven()
    with act("remark.give", remark, by=by, at=at):
        remark.opinion, remark.text, remark.given_by_id, remark.given_at = opinion, text, by.id, at


def note_check(assessment: Assessment, on: date, found: bool, note: str, by: Person, at: datetime) -> None:  # noqa: PLR0917
    """An unannounced check that was made. Raises: SignedLater for a day ahead, OffCourse."""
    _check_open(assessment)
    if on > local_day(assessment.office, at):
        raise SignedLater(on=on)
    check = SpotCheck(
        assessment_id=assessment.id, office_id=assessment.office_id, checked_on=on, found=found, note=note, by_id=by.id
    )
    with act("spot_check.note", check, by=by, at=at):
        db.session.add(check)
        db.session.flush()


def _check_open(assessment: Assessment) -> None:
    if assessment.state not in UNDER_ASSESSMENT:
        raise OffCourse(state=assessment.state)


def remarks_of(assessment: Assessment) -> list[Remark]:
    return list(db.session.scalars(select(Remark).filter_by(assessment_id=assessment.id).order_by(Remark.id)))


def checks_of(assessment: Assessment) -> list[SpotCheck]:
    rows = select(SpotCheck).filter_by(assessment_id=assessment.id)
    return list(db.session.scalars(rows.order_by(SpotCheck.checked_on, SpotCheck.id)))


def evaluation_of(assessment: Assessment) -> Evaluation | None:
    return db.session.scalar(select(Evaluation).filter_by(assessment_id=assessment.id))


def squads_of(assessment: Assessment) -> list[Organisation]:
    """At whose shifts he was booked, and which trained him, by name."""
    at_shifts = select(Shift.squad_id).join(Attendance, Attendance.shift_id == Shift.id)
    at_shifts = at_shifts.where(Attendance.assessment_id == assessment.id)
    rows = select(Organisation).where(Organisation.id.in_(at_shifts) | (Organisation.id == assessment.squad_id))
    return list(db.session.scalars(rows.order_by(Organisation.name)))


def shifts_at(assessment: Assessment, squad: Organisation) -> list[Attendance]:
    """What was seen of him at the shifts of a squad, oldest first."""
    rows = select(Attendance).join(Shift, Shift.id == Attendance.shift_id).join(Event, Event.id == Shift.event_id)
    rows = rows.where(Attendance.assessment_id == assessment.id, Shift.squad_id == squad.id)
    rows = rows.where(Attendance.state.not_in([AttendanceState.CANCELLED, AttendanceState.BOOKED]))
    rows = rows.options(joinedload(Attendance.shift).joinedload(Shift.event))
    return list(db.session.scalars(rows.where(Attendance.struck_out.is_(False)).order_by(Event.starts_at)))


def facts_of(assessment: Assessment) -> Facts:
    """What is known of somebody's service. Six queries."""
    counted = select(Attendance.outcome, Attendance.fault, func.count()).where(
        Attendance.assessment_id == assessment.id, Attendance.struck_out.is_(False)
    )
    counted = counted.group_by(Attendance.outcome, Attendance.fault)
    outcomes = {(outcome, fault): number for outcome, fault, number in db.session.execute(counted)}

    def number_of(outcome: Outcome, *faults: Fault) -> int:
        return sum(n for (o, f), n in outcomes.items() if o == outcome and (not faults or f in faults))

    checks = checks_of(assessment)
    return Facts(
        required=assessment.required_minutes,
        done=credited_minutes(assessment),
        no_shows=number_of(Outcome.NO_SHOW, Fault.PERSON),
        absent_late=number_of(Outcome.ABSENT_LATE),
        left_early=number_of(Outcome.LEFT_EARLY, Fault.PERSON),
        by_service=number_of(Outcome.CANCELLED_BY_SERVICE),
        opinions=tuple(one.opinion for one in remarks_of(assessment) if one.opinion is not None),
        checks=len(checks),
        not_found=sum(not one.found for one in checks),
    )


def proposal_of(assessment: Assessment, at: datetime) -> tuple[Facts, Proposal]:
    """What the program proposes today by the points in force, and from which facts."""
    facts, on = facts_of(assessment), local_day(assessment.office, at)
    return facts, propose_grade(facts, terms_of(assessment, on), points_of(assessment.office, on))


def points_of(office: Office, on: date) -> Points:
    """What the settings of an office give and take. One query."""
    names = [one.name for one in fields(Points)]
    held = in_force(office, on, [f"service.points.{name}" for name in names])
    return Points(**{name: int(held[f"service.points.{name}"].rule.amount) for name in names})


def evaluate(assessment: Assessment, grade: str, reasons: str, by: Person, at: datetime) -> Evaluation:
    """A prosecutor decides on the grade (D-26). What is booked ahead becomes free.

    Raises: StillPending, PeriodRuns, HoursMissing, PassedShort, ReasonsNeeded, OffCourse.
    """
    over = local_day(assessment.office, at) > assessment.last_on
    if assessment.state == AssessmentState.SERVING and not over:
        raise PeriodRuns(last_on=assessment.last_on)
    check_all_final(assessment, at)
    facts, proposal = proposal_of(assessment, at)
    check_decision(grade, proposal, facts, reasons)
    found = Evaluation(
        assessment_id=assessment.id,
        office_id=assessment.office_id,
        proposed=proposal.grade,
        grade=grade,
        score=proposal.score,
        lines=[list(asdict(line).values()) for line in proposal.lines],
        required_minutes=facts.required,
        done_minutes=facts.done,
        reasons=reasons.strip(),
        decided_by_id=by.id,
        decided_at=at,
    )
    with act("assessment.evaluate", assessment, by=by, at=at, reason=reasons.strip(), grade=str(grade)):
        ASSESSMENT.step("evaluate", assessment)
        db.session.add(found)
        free_places("evaluate", assessment, by, at)
        db.session.flush()
    return found


def report(assessment: Assessment, by: Person, at: datetime) -> Evaluation:
    """The report gets the next number of its office and year, in the transaction that stores it (V-10).

    The office's row is held meanwhile, so that two reports at once get two numbers, and a failed one leaves no gap.
    Raises: OffCourse.
    """
    held = select(Office).where(Office.id == assessment.office_id).with_for_update(key_share=True)
    db.session.scalars(held).one()
    found = evaluation_of(assessment)
    if found is None:
        raise OffCourse(state=assessment.state)
    year = local_day(assessment.office, at).year
    last = select(func.max(Evaluation.report_number)).filter_by(office_id=assessment.office_id, report_year=year)
    with act("assessment.report", assessment, by=by, at=at):
        ASSESSMENT.step("report", assessment)
        number = (db.session.scalar(last) or 0) + 1
        found.report_year, found.report_number, found.reported_at = year, number, at
        db.session.flush()
    return found


def close(assessment: Assessment, decided: Decided, by: Person, at: datetime, reason: str) -> None:
    """What was decided in the case is recorded, and the assessment is over (D-07, D-12).

    Raises: SignedLater, HearingRuns, HearingNotClosed, OffCourse.
    """
    late = max(decided.on, decided.hearing_closed_on or decided.on)
    if late > local_day(assessment.office, at):
        raise SignedLater(on=late)
    waits = pending_of(assessment.case, at)
    if waits == Pending.AHEAD:
        raise HearingRuns()
    if waits == Pending.HELD and decided.hearing_closed_on is None:
        raise HearingNotClosed()
    found = evaluation_of(assessment)
    if found is None:
        raise OffCourse(state=assessment.state)
    with act("assessment.close", assessment, by=by, at=at, reason=reason, decision=decided.kind):
        ASSESSMENT.step("close", assessment, ended_on=local_day(assessment.office, at))
        found.decision, found.decision_on, found.decision_document = decided.kind, decided.on, decided.document
        found.hearing_closed_on = decided.hearing_closed_on if waits == Pending.HELD else None
        db.session.flush()
