"""People under assessment from the office's list: begun before the program, so they serve already (SETTLED 12)."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from accounts.actions.people import enter_person, give_membership
from accounts.models import Membership, Office, Person, Role
from accounts.settings import rule_for
from cases.actions.limits import follow_limit
from cases.actions.parties import follows_people, hold_people
from cases.models import Case, Party, PartyRole
from cases.rules.measures import held, measure_in_words, measure_named
from exchange.judging import TakenRow
from exchange.taking import Options
from exchange.tidy import sex_of
from exchange.vocabulary import vocabulary_beside
from extensions import db
from record.act import act
from record.sealed import keyed_hash
from scheduler.timeline.timeline import resource_of
from volunteers.actions.backplan import follow_plan
from volunteers.models.assessment import Assessment, AssessmentState, Origin
from volunteers.rules import intake as rules
from volunteers.rules.intake import IntakeContext

_WORDS: dict[str, Any] = vocabulary_beside(rules.__file__)
_STANDS_AS = func.coalesce(Person.merged_into_id, Person.id)  # an ID number may have stayed with a row merged since


class _People:
    """Whether somebody is under assessment here, asked by ID number through its keyed hash."""

    def __init__(self, office: Office) -> None:
        hashes = select(Person.id_hash).join(Assessment, Assessment.person_id == _STANDS_AS)
        self._hashes = frozenset(db.session.scalars(hashes.where(Assessment.office_id == office.id)))

    def __contains__(self, identity: object) -> bool:
        return isinstance(identity, tuple) and _hash(identity[0]) in self._hashes


def _hash(number: Hashable) -> str:
    return keyed_hash("id_number", str(number))


def context(office: Office, options: Options) -> IntakeContext:
    """What a list of people is judged against: the office's lines of blood alcohol and age (D-01, D-04, D-06)."""

    def line(key: str) -> Any:
        return rule_for(key, office, options.on).amount

    return IntakeContext(
        on=options.on,
        stored=_People(office),
        drunk=Decimal(line("dd.bac.drunk")),
        minor_line=Decimal(line("dd.bac.minor_line")),
        probation_line=Decimal(line("dd.bac.probation_line")),
        exempt_age=line("service.exempt_age"),
    )


def store(row: TakenRow, office: Office, by: Person | None, at: datetime) -> Assessment:
    """Store one person of the list: the person, his case with him as suspect, and the assessment, `serving`."""
    values = row.values
    on = at.astimezone(ZoneInfo(office.zone)).date()
    minutes = values["required_minutes"] or int(rule_for("service.required_hours", office, on).amount * 60)
    assessment = Assessment(
        office_id=office.id,
        first_on=values["first_on"],
        last_on=values["last_on"],
        required_minutes=minutes,
        bac_hundredths=round(values["blood_alcohol"] * 100),
        aggravating=values["aggravating"],
        measure=values["measure"] or "",
        in_custody=bool(values["measure"]) and held(values["measure"]),
        remark=values["remark"] or "",
        origin=Origin.IMPORT,
        state=AssessmentState.SERVING,
    )
    with act("assessment.import", assessment, by=by, at=at):
        told = {"birth_on": values["born_on"], "sex": sex_of(values["id_number"])}  # by the ID number, which is checked
        facts = {key: values[key] for key in ("name", "id_number", "phone") if values[key]}
        person = enter_person({**facts, **told}, office, by=by, at=at)
        starts_on = min(values["first_on"], on)
        give_membership(person, office, Role.VOLUNTEER, starts_on=starts_on, by=by, at=at)
        resource_of(person)
        prosecutor = _prosecutor(values["prosecutor"], office, by, at)
        case = _case(values, office, prosecutor, by, at)
        _suspect(case, person, values, by, at)
        hold_people(case)
        follow_limit(case, by, at, "")
        follows_people.tell(case, by, at, "")
        assessment.person_id, assessment.case_id = person.id, case.id
        assessment.prosecutor_id = prosecutor.id if prosecutor else None
        db.session.add(assessment)
        db.session.flush()
        follow_plan(assessment, by, at)
    return assessment


def current(row: TakenRow, office: Office) -> dict[str, Any] | None:
    """The stored assessment of this ID number, by the keys of the list."""
    found = db.session.scalar(
        select(Assessment)
        .join(Person, Assessment.person_id == _STANDS_AS)
        .where(Assessment.office_id == office.id, Person.id_hash == _hash(row.values["id_number"]))
        .order_by(Assessment.id.desc())
    )
    if found is None:
        return None
    values = row.values
    stored = {
        "name": found.person.name,
        "phone": found.person.phone,
        "case_number": found.case.number,
        "measure": _measure(found, values["measure"]),
        "blood_alcohol": Decimal(found.bac_hundredths) / 100,
        "aggravating": found.aggravating,
        "prosecutor": found.prosecutor.name if found.prosecutor else None,
        "first_on": found.first_on,
        "last_on": found.last_on,
        "required_minutes": found.required_minutes,
        "remark": found.remark or None,
    }
    return stored | ({"received_on": found.case.received_on} if values["received_on"] else {})


def _measure(assessment: Assessment, in_file: str | None) -> str | None:
    """The measure that he is under in his case, as the list says it; what was imported, where he left the case."""
    suspects = (one for one in assessment.case.parties if one.role == PartyRole.SUSPECT and one.left_on is None)
    party = next((one for one in suspects if one.person_id == assessment.person_id), None)
    said = assessment.measure or None
    return measure_in_words(party.measure, said, in_file) if party else said


def _prosecutor(name: str | None, office: Office, by: Person | None, at: datetime) -> Person | None:
    """Who handles the case: a prosecutor of the office, or whoever an earlier row named; else entered without a role.

    Only a security administrator gives staff roles, so a new name opens nothing to anybody (TRUST 2, `grant_role`).
    """
    if not name:
        return None
    works_here = (
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.office_id == office.id, Membership.role == Role.PROSECUTOR, Person.name == name)
    )
    named_before = select(Person).join(Case, Case.handler_id == Person.id).where(Case.office_id == office.id)
    for query in (works_here, named_before.where(Person.name == name)):
        found = db.session.scalar(query.order_by(Person.id).limit(1))
        if found is not None:
            return found
    return enter_person({"name": name}, office, by=by, at=at)


def _case(values: dict[str, Any], office: Office, prosecutor: Person | None, by: Person | None, at: datetime) -> Case:
    """The office's case of that number; entered with the first person who names it."""
    case = db.session.scalar(select(Case).filter_by(office_id=office.id, number=values["case_number"]))
    if case is not None:
        return case
    handler = prosecutor or by
    if handler is None:
        handler = enter_person({"name": _WORDS["handler"]["unknown"]}, office, by=by, at=at)
    case = Case(
        office_id=office.id,
        number=values["case_number"],
        cause=_WORDS["cause"]["usual"],
        received_on=values["received_on"] or values["first_on"],
        handler_id=handler.id,
    )
    with act("case.enter", case, by=by, at=at):
        db.session.add(case)
    return case


def _suspect(case: Case, person: Person, values: dict[str, Any], by: Person | None, at: datetime) -> None:
    """See to it that he stands in the case as a suspect; one entered by name before is he."""
    named = select(Party).where(Party.case_id == case.id, Party.role == PartyRole.SUSPECT, Party.left_on.is_(None))
    for party in db.session.scalars(named):
        if party.person_id == person.id:
            return
        if party.person_id is None and party.name == person.name:
            with act("party.correct", party, by=by, at=at):
                party.person_id = person.id
            return
    party = Party(
        case_id=case.id,
        office_id=case.office_id,
        person_id=person.id,
        name=person.name,
        role=PartyRole.SUSPECT,
        phone=values["phone"],
        birth_on=values["born_on"],
        measure=measure_named(values["measure"]),
    )
    with act("party.enter", party, by=by, at=at):
        db.session.add(party)
