"""Proposing an assessment, and what changes its hours or its end afterwards (DOMAIN 8.5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from accounts.actions.memberships import local_day
from accounts.actions.people import enter_person, give_membership
from accounts.models import Membership, Office, Person, Role
from accounts.rules.people import born_on
from accounts.settings import in_force
from cases.actions.parties import follows_people, hold_people, keeps_party
from cases.models import Case, Party, PartyRole
from errors import Refusal
from extensions import db
from law import Doubt
from record.act import act
from record.course import OffCourse
from scheduler.timeline.timeline import constraint_of, resource_of
from volunteers.actions.backplan import Counted, follow_plan, plan_for, plan_of
from volunteers.actions.credit import follow_hours
from volunteers.actions.interests import near_to
from volunteers.figures import figures_of
from volunteers.models.assessment import (
    UNDER_ASSESSMENT,
    Assessment,
    AssessmentState,
    Origin,
    ServiceProof,
    Supplement,
)
from volunteers.rights import InterestStands
from volunteers.rules.proposing import (
    LONGEST,
    BeforeTheStep,
    HoursUnchanged,
    IdNumberNeeded,
    NoSuspect,
    NotProposable,
    PeriodReversed,
    Proposed,
    ReasonAsked,
    SignedLater,
    UnderAssessmentAlready,
    check_day,
    doubts_of,
)
from volunteers.terms import terms_in_force

ONE_AT_A_TIME = (
    "uq_assessment_one_at_a_time",
    "UNIQUE constraint failed: assessment.office_id, assessment.person_id",  # SQLite names columns
)
LINES = ("dd.bac.drunk", "dd.bac.minor_line", "dd.bac.probation_line")


@dataclass(frozen=True)
class Proposal:
    """What a prosecutor proposes for a suspect of a case. `minutes` None: as the scheme has it; `bac_hundredths` None:
    not typed yet, it is only looked at."""

    bac_hundredths: int | None
    aggravating: str
    pleaded: bool
    first_on: date
    last_on: date
    minutes: int | None = None
    with_hearing: bool = True


@dataclass(frozen=True)
class Look:
    """What a proposal would be: the hours, the back-plan, everything that speaks against it, what is brought along."""

    minutes: int
    counted: Counted
    doubts: list[Doubt]
    proof: ServiceProof | None


def look(suspect: Party, asked: Proposal, at: datetime, id_number: str = "") -> Look:
    """Judge a proposal without storing anything. His age may be known by the number alone."""
    office = suspect.case.office
    on = local_day(office, at)
    terms = terms_in_force(office, on)
    minutes = asked.minutes or terms.required_minutes
    if not asked.minutes and asked.bac_hundredths is not None:
        minutes = terms.minutes_for(asked.bac_hundredths, aggravated=bool(asked.aggravating))
    proof = proof_for(suspect.person, office) if suspect.person else None
    done = proof.standing_minutes if proof else 0
    period = (asked.first_on, asked.last_on)
    counted = plan_for(
        suspect.case, suspect, terms, on, minutes, *period, with_hearing=asked.with_hearing, done=done, from_today=False
    )
    held = in_force(office, on, LINES)
    drunk, minor, probation = (Decimal(held[key].rule.amount) for key in LINES)
    known = Proposed(
        bac_hundredths=asked.bac_hundredths,
        aggravated=bool(asked.aggravating),
        pleaded=asked.pleaded,
        born_on=_birth(suspect, id_number),
        on=on,
        earliest=min(suspect.case.received_on, terms.window_from or suspect.case.received_on),
        first_on=asked.first_on,
        last_on=asked.last_on,
        fast_track=suspect.case.fast_track,
        drunk=drunk,
        minor_line=minor,
        probation_line=probation,
        exempt_age=terms.exempt_age,
        cause=suspect.case.cause,
    )
    return Look(minutes, counted, [*doubts_of(known), *counted.plan.doubts], proof)


def _birth(suspect: Party, id_number: str) -> date | None:
    known = suspect.birth_on or (suspect.person.birth_on if suspect.person else None)
    return known or (born_on(id_number) if id_number else None)


def propose(  # noqa: PLR0917 - of whom, what, with which number, who says so when and why
    suspect: Party, asked: Proposal, id_number: str, by: Person, at: datetime, reason: str = ""
) -> Assessment:
    """Propose an assessment for a suspect (8.5): he becomes a person of the office, volunteer from the first day on.

    Raises: NoSuspect, IdNumberNeeded, BirthDiffers, UnderAssessmentAlready, NotProposable, ReasonAsked, InterestStands.
    """
    case, office = suspect.case, suspect.case.office
    hold_people(case)
    _check_suspect(suspect, id_number)
    check_period(asked.first_on, asked.last_on)
    seen = look(suspect, asked, at, id_number)
    check_doubts(seen.doubts, reason)
    assessment = Assessment(
        office_id=case.office_id,
        case_id=case.id,
        prosecutor_id=case.handler_id,
        first_on=asked.first_on,
        last_on=asked.last_on,
        required_minutes=seen.minutes,
        bac_hundredths=asked.bac_hundredths,
        aggravating=asked.aggravating or None,
        with_hearing=asked.with_hearing,
        origin=Origin.PROGRAM,
        state=AssessmentState.PROPOSED,
    )
    with act("assessment.propose", assessment, by=by, at=at, reason=reason):
        person = _person_of(suspect, id_number, office, by, at)
        if _runs_for(person, office):
            raise UnderAssessmentAlready(name=person.name)
        assessment.person_id = person.id
        db.session.add(assessment)
        _store(suspect)
        proof = proof_for(person, office)
        if proof is not None:
            proof.counts_for_id = assessment.id
        follow_plan(assessment, by, at, reason)
    return assessment


def _check_suspect(suspect: Party, id_number: str) -> None:
    if suspect.role != PartyRole.SUSPECT or suspect.left_on is not None:
        raise NoSuspect()
    if not id_number and not (suspect.person and suspect.person.id_number):
        raise IdNumberNeeded()


def _store(suspect: Party) -> None:
    """Raises: UnderAssessmentAlready where another desk was faster."""
    try:
        db.session.flush()
    except IntegrityError as trouble:
        if constraint_of(trouble) not in ONE_AT_A_TIME:
            raise
        raise UnderAssessmentAlready(name=suspect.name) from trouble


def check_period(first_on: date, last_on: date) -> None:
    """Raises: PeriodReversed."""
    if last_on < first_on:
        raise PeriodReversed(first_on=first_on, last_on=last_on)


def check_doubts(doubts: Iterable[Doubt], reason: str) -> None:
    """Raises: NotProposable with what is refused, ReasonAsked with what is warned where no reason is given."""
    told = list(doubts)
    refused = [doubt for doubt in told if doubt.level == "refuse"]
    if refused:
        raise NotProposable(doubts=refused)
    if told and not reason.strip():
        raise ReasonAsked(doubts=told)


def _person_of(suspect: Party, id_number: str, office: Office, by: Person, at: datetime) -> Person:
    """His row as a person, made on first use; volunteer of the office. Raises: InterestStands."""
    person = suspect.person
    if person is None or (id_number and person.id_number != id_number):
        facts = {
            "name": suspect.name,
            "id_number": id_number,
            "phone": suspect.phone,
            "birth_on": suspect.birth_on,
        }
        person = enter_person({key: value for key, value in facts.items() if value}, office, by=by, at=at)
        with act("party.correct", suspect, by=by, at=at):
            suspect.person_id = person.id
            suspect.birth_on = suspect.birth_on or person.birth_on
            db.session.flush()
        follows_people.tell(suspect.case, by, at, "")
    if near_to(by, [person.id]):
        raise InterestStands()
    db.session.execute(select(Person.id).where(Person.id == person.id).with_for_update())  # one desk after the other
    on = local_day(office, at)
    mine = select(Membership.id).where(
        Membership.person_id == person.id,
        Membership.office_id == office.id,
        Membership.role == Role.VOLUNTEER,
        Membership.ends_on.is_(None),
    )
    if db.session.scalar(mine) is None:
        give_membership(person, office, Role.VOLUNTEER, starts_on=on, by=by, at=at)
    resource_of(person)
    return person


def _runs_for(person: Person, office: Office) -> bool:
    query = select(Assessment.id).where(
        Assessment.person_id == person.id,
        Assessment.office_id == office.id,
        Assessment.state.in_(UNDER_ASSESSMENT),
    )
    return db.session.scalar(query.limit(1)) is not None


def proof_for(person: Person, office: Office) -> ServiceProof | None:
    """What somebody brings along from another office, and nobody has counted yet."""
    query = select(ServiceProof).where(
        ServiceProof.person_id == person.id,
        ServiceProof.to_office_id == office.id,
        ServiceProof.counts_for_id.is_(None),
    )
    return db.session.scalar(query.order_by(ServiceProof.id.desc()).limit(1))


def amend(  # noqa: PLR0917 - whose hours, how many, on which paper, who says so when and why
    assessment: Assessment, minutes: int, signed_on: date, document: str, by: Person, at: datetime, reason: str
) -> None:
    """Other hours by a supplementary agreement that he signed; without a signature they stay (8.5).

    Raises: OffCourse, HoursUnchanged, SignedLater, ReasonAsked and NotProposable by the back-plan.
    """
    if assessment.state != AssessmentState.SERVING:
        raise OffCourse(state=assessment.state)
    if minutes == assessment.required_minutes:
        raise HoursUnchanged()
    if signed_on > local_day(assessment.office, at):
        raise SignedLater(on=signed_on)
    if assessment.consented_on is not None and signed_on < assessment.consented_on:
        raise BeforeTheStep(on=signed_on, before=assessment.consented_on)
    with act("assessment.amend", assessment, by=by, at=at, reason=reason, document=document):
        facts = {"minutes_before": assessment.required_minutes, "minutes_after": minutes}
        row = Supplement(assessment_id=assessment.id, office_id=assessment.office_id, **facts)
        row.signed_on, row.document = signed_on, document
        db.session.add(row)
        db.session.flush()
        assessment.required_minutes = minutes
        db.session.flush()
        _check_plan(assessment, by, at, reason)
        follow_hours(assessment, at)


def extend(assessment: Assessment, last_on: date, by: Person, at: datetime, reason: str) -> None:
    """Another end of the period, judged by the back-plan (8.5, 8.9).

    Raises: OffCourse, PeriodReversed, DayCannotBe, ReasonAsked and NotProposable by the back-plan.
    """
    if assessment.state != AssessmentState.SERVING:
        raise OffCourse(state=assessment.state)
    check_period(assessment.first_on, last_on)
    check_day("last_on", last_on, assessment.first_on, local_day(assessment.office, at) + LONGEST)
    with act("assessment.extend", assessment, by=by, at=at, reason=reason):
        assessment.last_on = last_on
        db.session.flush()
        _check_plan(assessment, by, at, reason)


def _check_plan(assessment: Assessment, by: Person, at: datetime, reason: str) -> None:
    done = figures_of([assessment], at)[assessment.id].done
    check_doubts(plan_of(assessment, local_day(assessment.office, at), done).doubts, reason)
    follow_plan(assessment, by, at, reason)


class AssessmentRuns(Refusal):
    code = "assessment_runs"
    message = "%(name)s is under assessment in this case."
    help = "End the assessment first: withdrawn, stopped or handed on."
    source = "DOMAIN 8.5"


@keeps_party
def stays_while_assessed(party: Party) -> None:
    """Whoever is under assessment stays in his case as its suspect. Raises: AssessmentRuns."""
    runs = select(Assessment.id).where(
        Assessment.case_id == party.case_id,
        Assessment.person_id == party.person_id,
        Assessment.state.in_(UNDER_ASSESSMENT),
    )
    if party.role == PartyRole.SUSPECT and party.person_id and db.session.scalar(runs.limit(1)) is not None:
        raise AssessmentRuns(name=party.name)


def suspects_of(case: Case) -> list[Party]:
    """Those of a case for whom an assessment may be proposed."""
    return [party for party in case.present_parties if party.role == PartyRole.SUSPECT]
