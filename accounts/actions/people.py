"""People and what they are: entering, correcting, memberships."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from accounts.models import Membership, Office, Organisation, Person
from accounts.reading import reading_of
from errors import Refusal
from extensions import db
from record.act import act
from record.sealed import keyed_hash


class IdNumberKnown(Refusal):
    """One person per ID number; the office that enters him again learns nothing of the other (I34)."""

    code = "id_number_known"
    message = "A person with this ID number is already entered."
    help = "Search for the person instead of entering him again."


PLAIN = ("name", "sex", "birth_on", "language", "pinyin", "initials")


def enter_person(facts: dict[str, Any], office: Office, by: Person | None, at: datetime) -> Person:
    """Enter somebody: `name` and any of sex, birth_on, phone, id_number, email, language (all tidied before).

    A person of the same ID number is the same row, whatever office entered him.
    """
    known = _of_id_number(facts.get("id_number"))
    if known is not None:
        return known
    person = Person()
    with act("person.enter", person, by=by, at=at, office=office.name):
        _write(person, facts)
        db.session.add(person)
    return person


def correct_person(person: Person, facts: dict[str, Any], by: Person, at: datetime, reason: str = "") -> None:
    """Correct what is known of somebody. Raises: IdNumberKnown."""
    other = _of_id_number(facts.get("id_number"))
    if other is not None and other.id != person.id:
        raise IdNumberKnown()
    with act("person.correct", person, by=by, at=at, reason=reason):
        _write(person, facts)


def _of_id_number(number: str | None) -> Person | None:
    if not number:
        return None
    found = db.session.scalar(select(Person).where(Person.id_hash == keyed_hash("id_number", number)))
    return None if found is None or found.merged_into_id else found


def _write(person: Person, facts: dict[str, Any]) -> None:
    for name in PLAIN:
        if name in facts:
            setattr(person, name, facts[name])
    if "name" in facts and "pinyin" not in facts:
        person.pinyin, person.initials = reading_of(facts["name"])
    if "email" in facts:
        person.email = facts["email"] or None
    if "phone" in facts:
        phone = facts["phone"] or None
        person.phone = phone
        person.phone_hash = keyed_hash("phone", phone) if phone else None
        person.phone_tail_hash = keyed_hash("phone_tail", phone[-4:]) if phone else None
    if "id_number" in facts:
        number = facts["id_number"] or None
        person.id_number = number
        person.id_hash = keyed_hash("id_number", number) if number else None


def give_membership(
    person: Person,
    office: Office,
    role: str,
    *,
    starts_on: date,
    by: Person | None,
    at: datetime,
    organisation: Organisation | None = None,
    number: str = "",
    leader: bool = False,
) -> Membership:
    """Say that a person works with an office in a role from a day on; one that stands already is returned as it is."""
    where = {"person_id": person.id, "office_id": office.id, "role": role, "ends_on": None}
    standing = db.session.scalar(select(Membership).filter_by(**where))
    if standing is not None:
        return standing
    membership = Membership(
        person_id=person.id,
        office_id=office.id,
        organisation_id=organisation.id if organisation else None,
        role=role,
        number=number,
        leader=leader,
        starts_on=starts_on,
    )
    with act("membership.give", membership, by=by, at=at, role=role):
        db.session.add(membership)
    return membership
