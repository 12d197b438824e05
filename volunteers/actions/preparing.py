"""What comes before the first shift: told, consented, trained, insured, started (DOMAIN 8.5, D-20, D-22)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from accounts.actions.memberships import local_day
from accounts.models import Organisation, Person
from cases.models import Measure
from errors import Refusal
from extensions import db
from record.act import act
from record.course import OffCourse
from record.models import Act
from volunteers.actions.backplan import follow_plan
from volunteers.models.assessment import ASSESSMENT, BEFORE_COMPLETE, Assessment, AssessmentState
from volunteers.models.schemes import Scheme
from volunteers.rules.gates import QUIETEST, judge_fitness, judge_gates
from volunteers.rules.obstacles import refusal_of
from volunteers.rules.proposing import LONGEST, SINCE, BeforeTheStep, SignedLater, check_day
from volunteers.terms import gates_of, scheme_in_force, scheme_on, terms_of


class NoSchemeInForce(Refusal):
    code = "no_scheme_in_force"
    message = "No scheme is in force at this office, so nobody can be bound to one."
    help = "The coordinator drafts one, the chief prosecutor puts it in force."
    source = "DOMAIN 3.3"


class NoSchemeThatDay(Refusal):
    code = "no_scheme_that_day"
    status = 422
    message = "On %(on)s no scheme was in force at this office: its first one is in force from %(first)s."
    help = "Check the day. Whoever signed before signs anew, by the scheme that is in force now."
    source = "DOMAIN 3.3"


class InsuranceReversed(Refusal):
    code = "insurance_reversed"
    status = 422
    message = "The insurance would end on %(until)s, before it begins on %(first_on)s."
    help = "Check the two days."


class InsuredBesideTheService(Refusal):
    code = "insured_beside_the_service"
    status = 422
    message = "Insured from %(first_on)s until %(until)s, %(name)s is insured on no day of the service."
    help = "It covers the service from %(begins)s to %(ends)s, or a part of it."
    source = "DOMAIN D-22"


class NothingEntered(Refusal):
    code = "nothing_entered"
    status = 422
    message = "Nothing was filled in that is not on record already."
    help = "Fill in what is known of those you chose."


class TrainingTooShort(Refusal):
    code = "training_too_short"
    status = 422
    message = "The scheme asks for %(least)s minutes of training."
    help = "Enter it when it is complete."
    source = "DOMAIN 3.3, D-22"


@dataclass(frozen=True)
class Recorded:
    """What the office enters of somebody whose service began before the program; None: it stays as it is."""

    told_on: date | None = None
    consented_on: date | None = None
    trained_on: date | None = None
    insured_from: date | None = None
    insured_until: date | None = None
    policy: str = ""
    capable_of: int | None = None
    bail_area: str = ""


def tell(assessment: Assessment, on: date, document: str, by: Person, at: datetime) -> None:
    """The notice of matters is signed: risks, voluntary, data (D-20, D-22).

    Raises: SignedLater, BeforeTheStep where it lies before the case was received, OffCourse.
    """
    _check_past(assessment, on, at, assessment.case.received_on)
    with act("assessment.tell", assessment, by=by, at=at, document=document):
        ASSESSMENT.step("tell", assessment, told_on=on)


def consent(  # noqa: PLR0917 - who signed, when, what his health allows, for which squad, on which paper
    assessment: Assessment,
    on: date,
    capable_of: int,
    squad: Organisation | None,
    document: str,
    by: Person,
    at: datetime,
) -> None:
    """He signed the undertaking: the scheme in force on the day of his signature binds him, whatever follows (8.5).

    `capable_of` is the hardest post by what he says of his health (D-21); `squad` trains him and takes him on.
    Raises: SignedLater, BeforeTheStep, NoSchemeInForce, NoSchemeThatDay, OffCourse.
    """
    _check_past(assessment, on, at, assessment.told_on)
    scheme = _scheme_signed(assessment, on)
    with act("assessment.consent", assessment, by=by, at=at, document=document):
        signed = {"consented_on": on, "scheme_id": scheme.id, "capable_of": capable_of}
        ASSESSMENT.step("consent", assessment, **signed, squad_id=squad.id if squad else None)
        _go_on(assessment)


def _scheme_signed(assessment: Assessment, on: date) -> Scheme:
    """Raises: NoSchemeInForce, NoSchemeThatDay."""
    if scheme_in_force(assessment.office_id) is None:
        raise NoSchemeInForce()
    found = scheme_on(assessment.office_id, on)
    if found is None:
        first = select(func.min(Scheme.in_force_from)).where(Scheme.office_id == assessment.office_id)
        raise NoSchemeThatDay(on=on, first=db.session.scalar(first))
    return found


def train(  # noqa: PLR0917 - who was trained when, how long, by whom, who says so
    assessment: Assessment, on: date, minutes: int, trainer: str, by: Person, at: datetime
) -> None:
    """He was trained. Before or after the insurance; the state follows (8.5).

    Raises: SignedLater, BeforeTheStep, TrainingTooShort, OffCourse before he has consented.
    """
    _check_consented(assessment)
    _check_past(assessment, on, at, assessment.consented_on)
    least = terms_of(assessment, on).training_minutes
    if minutes < least:
        raise TrainingTooShort(least=least)
    with act("assessment.train", assessment, by=by, at=at):
        assessment.trained_on, assessment.trained_minutes, assessment.trained_by = on, minutes, trainer
        _go_on(assessment)


def insure(  # noqa: PLR0917 - who, from when until when, by which policy, who says so
    assessment: Assessment, first_on: date, until: date, policy: str, by: Person, at: datetime
) -> None:
    """Accident insurance before the first roadside shift; also its renewal while he serves (D-22).

    Raises: InsuranceReversed, InsuredBesideTheService, OffCourse before he has consented or after the end.
    """
    _check_insurance(assessment, first_on, until)
    _check_consented(assessment)
    with act("assessment.insure", assessment, by=by, at=at, policy=policy):
        assessment.insured_from, assessment.insured_until, assessment.policy = first_on, until, policy
        _go_on(assessment)


def start(assessment: Assessment, document: str, by: Person, at: datetime) -> None:
    """The liaison letter is sent to the squad; the service begins (8.5).

    Raises: OffCourse, and NotBookable with the gate of D-22 that is still open for his first day, or with what keeps
    him from every crossing (D-21).
    """
    on = local_day(assessment.office, at)
    first = max(on, assessment.first_on)
    gates = gates_of(assessment, terms_of(assessment, on))
    open_gates = [*judge_gates(gates, first), *judge_fitness(gates, QUIETEST, first)]
    if open_gates:
        raise refusal_of(open_gates)
    with act("assessment.start", assessment, by=by, at=at, document=document):
        ASSESSMENT.step("start", assessment, started_on=on)
        follow_plan(assessment, by, at)


def record(assessments: Sequence[Assessment], known: Recorded, by: Person, at: datetime, reason: str) -> int:
    """Enter what is known of people whose service runs (SETTLED 12): one act for each whose record changes.

    Raises: SignedLater, BeforeTheStep, DayCannotBe, InsuranceReversed, InsuredBesideTheService, OffCourse for one whose
    service is over; NothingEntered.
    """
    changed = 0
    for assessment in assessments:
        if assessment.state not in (AssessmentState.SERVING, AssessmentState.HOURS_COMPLETE):
            raise OffCourse(state=assessment.state)
        _check_signed(assessment, known, at)
        told_on, consented_on = known.told_on or assessment.told_on, known.consented_on or assessment.consented_on
        if told_on and consented_on and consented_on < told_on:
            raise BeforeTheStep(on=consented_on, before=told_on)
        if known.insured_from and known.insured_until:
            _check_insurance(assessment, known.insured_from, known.insured_until)
        changed += _record_one(assessment, known, by, at, reason)
    if not changed:
        raise NothingEntered()
    return changed


def _record_one(assessment: Assessment, known: Recorded, by: Person, at: datetime, reason: str) -> bool:
    names = ("told_on", "consented_on", "trained_on", "insured_from", "insured_until", "policy", "capable_of")
    values = {name: getattr(known, name) for name in names if getattr(known, name) not in (None, "")}
    new = {name: value for name, value in values.items() if getattr(assessment, name) != value}
    suspect = assessment.suspect
    area = known.bail_area if suspect is not None and suspect.measure == Measure.BAIL else ""
    moves = suspect is not None and bool(area) and suspect.bail_area != area
    if not new and not moves:
        return False
    with act("assessment.record", assessment, by=by, at=at, reason=reason):
        for name, value in new.items():
            setattr(assessment, name, value)
        if suspect is not None and moves:
            with act("party.correct", suspect, by=by, at=at, reason=reason):
                suspect.bail_area = area
    return True


ASKED_AGAIN_AFTER = timedelta(hours=24)


def ask_office(assessment: Assessment, codes: Sequence[str], by: Person, at: datetime) -> bool:
    """A volunteer reminds the coordinators of what is not on record; once a day is enough. Whether they were told."""
    lately = select(Act.id).where(
        Act.name == "assessment.ask_office",
        Act.subject_table == Assessment.__tablename__,
        Act.subject_id == assessment.id,
        Act.at > at - ASKED_AGAIN_AFTER,
    )
    if db.session.scalar(lately.limit(1)) is not None:
        return False
    with act("assessment.ask_office", assessment, by=by, at=at, missing=list(codes)):
        return True


def allow_elsewhere(assessment: Assessment, document: str, by: Person, at: datetime, reason: str) -> None:
    """The approval of the executing authority to serve outside the bail area (D-11)."""
    with act("assessment.allow_elsewhere", assessment, by=by, at=at, reason=reason, document=document):
        assessment.bail_leave = document


def _check_past(assessment: Assessment, on: date, at: datetime, after: date | None = None) -> None:
    if on > local_day(assessment.office, at):
        raise SignedLater(on=on)
    if after is not None and on < after:
        raise BeforeTheStep(on=on, before=after)


def _check_signed(assessment: Assessment, known: Recorded, at: datetime) -> None:
    """What was done before the program: not ahead, and not before anybody could have spoken of this service."""
    earliest = max(assessment.first_on - LONGEST, SINCE)
    for name in ("told_on", "consented_on", "trained_on"):
        on = getattr(known, name)
        if on is not None:
            _check_past(assessment, on, at)
            check_day(name, on, earliest, local_day(assessment.office, at))


def _check_insurance(assessment: Assessment, first_on: date, until: date) -> None:
    if until < first_on:
        raise InsuranceReversed(first_on=first_on, until=until)
    begins, ends = assessment.first_on, assessment.last_on
    if until < begins or first_on > ends:
        facts = {"first_on": first_on, "until": until, "begins": begins, "ends": ends}
        raise InsuredBesideTheService(name=assessment.person.name, **facts)


def _check_consented(assessment: Assessment) -> None:
    """Raises: OffCourse before he has consented, or after the end."""
    if assessment.state not in BEFORE_COMPLETE[2:]:
        raise OffCourse(state=assessment.state)


def _go_on(assessment: Assessment) -> None:
    """Let the state follow what is on record: training and insurance in either order (8.5)."""
    db.session.flush()
    terms = terms_of(assessment, assessment.first_on)
    trained = assessment.trained_on is not None or not terms.training_required
    insured = assessment.insured_until is not None or not terms.insurance_required
    if assessment.state == AssessmentState.CONSENTED and trained:
        ASSESSMENT.step("train", assessment)
    if assessment.state == AssessmentState.TRAINED and insured:
        ASSESSMENT.step("insure", assessment)
