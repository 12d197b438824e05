"""Cases from the office's list: the case with its first row, each further row one more suspect of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from accounts.models import Membership, Office, Person, Role
from cases.actions.entering import enter_case
from cases.actions.parties import enter_party
from cases.models import Case, Party, PartyRole
from cases.rules.intake import CasesContext
from cases.rules.measures import measure_in_words, measure_named
from errors import Refusal
from exchange.judging import TakenRow
from exchange.taking import Options
from extensions import db


class NobodyHandlesIt(Refusal):
    code = "nobody_handles_it"
    status = 422
    message = "The case %(number)s names no prosecutor of this office, and you are none."
    help = "Enter the prosecutor in the list, or let him import it."


def context(office: Office, options: Options) -> CasesContext:
    """What a list of cases is judged against."""
    rows = select(Case.number, Party.name).join(Party, Party.case_id == Case.id)
    rows = rows.where(Case.office_id == office.id, Party.role == PartyRole.SUSPECT, Party.left_on.is_(None))
    names = frozenset(person.name for person in _prosecutors(office, options.on))
    stored = frozenset((number, name) for number, name in db.session.execute(rows))
    return CasesContext(on=options.on, stored=stored, prosecutors=names)


def _prosecutors(office: Office, on: date) -> list[Person]:
    query = (
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.office_id == office.id, Membership.role == Role.PROSECUTOR, Membership.starts_on <= on)
        .where(Membership.ends_on.is_(None) | (Membership.ends_on >= on))
    )
    return list(db.session.scalars(query.order_by(Person.id)))


def store(row: TakenRow, office: Office, by: Person | None, at: datetime) -> Party:
    """Store one row. Raises: NobodyHandlesIt where the list names no prosecutor and none brings it."""
    values = row.values
    case = db.session.scalar(select(Case).filter_by(office_id=office.id, number=values["number"]))
    if case is None:
        known = {person.name: person for person in reversed(_prosecutors(office, at.date()))}
        handler = known.get(values["prosecutor"]) or next((p for p in known.values() if by and p.id == by.id), None)
        if handler is None:
            raise NobodyHandlesIt(number=values["number"])
        facts = {key: values[key] for key in ("number", "cause", "received_on")}
        facts |= {"fast_track": bool(values["fast_track"]), "handler_id": handler.id}
        case = enter_case(office, facts, by, at)  # type: ignore[arg-type]
    return enter_party(case, _suspect(values), by, at)


def _suspect(values: dict[str, Any]) -> dict[str, Any]:
    measure = measure_named(values["measure"])
    begun = values["measure_from"]
    return {
        "name": values["name"],
        "role": PartyRole.SUSPECT,
        "birth_on": values["born_on"],
        "phone": values["phone"],
        "measure": measure,
        "measure_from": begun if measure != "none" else None,
        "bail_area": values["bail_area"] or "",
    }


def current(row: TakenRow, office: Office) -> dict[str, Any] | None:
    """The stored suspect of this case, by the keys of the list."""
    number, name = row.identity
    query = select(Party).join(Case, Case.id == Party.case_id)
    query = query.where(Case.office_id == office.id, Case.number == number, Party.name == name)
    party = db.session.scalar(query.where(Party.role == PartyRole.SUSPECT, Party.left_on.is_(None)).limit(1))
    if party is None:
        return None
    values = row.values
    stored = {
        "number": party.case.number,
        "cause": party.case.cause,
        "received_on": party.case.received_on,
        "name": party.name,
        "born_on": party.birth_on,
        "phone": party.phone,
        "measure": measure_in_words(party.measure, values["measure"]),
        "measure_from": party.measure_from,
        "bail_area": party.bail_area or None,
    }
    said = {"prosecutor": party.case.handler.name, "fast_track": party.case.fast_track}
    return stored | {key: one for key, one in said.items() if values[key] is not None}
