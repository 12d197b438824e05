"""People and what they are: entering, correcting, memberships."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from accounts.access import Viewer, holds
from accounts.models import ADMINISTRATORS, FIELD_ROLES, Membership, Office, Organisation, Person
from accounts.reading import reading_of
from accounts.rights import CREATE_ACCOUNT, KEEP_PEOPLE
from accounts.rules.people import born_on, check_agreement, sex_of
from errors import Refusal
from extensions import db
from record.act import act
from record.following import Following
from record.models import Act
from record.sealed import keyed_hash


class IdNumberKnown(Refusal):
    """One person per ID number; the office that enters him again learns nothing of the other (I34)."""

    code = "id_number_known"
    message = "A person with this ID number is already entered."
    help = "Search for the person by this number; if nobody is found, enter him with it, then merge the two rows."


class KeptByAdministrator(Refusal):
    """Whoever holds a staff role signs in by what stands here: a coordinator of any office must not be able to turn
    his phone or name into another (TRUST 2: `keep_people` is for field roles)."""

    code = "kept_by_administrator"
    status = 403
    message = "This person holds a staff role: what is known of him is corrected by the system administrator."
    help = "Ask the system administrator. Roles in your office can be given and ended here as always."


class AdministratorsApart(Refusal):
    code = "administrators_apart"
    message = "Nobody holds two of the three administrators' roles."
    help = "Give it to somebody else, or end the other role first."
    source = "TRUST 2"


PLAIN = ("name", "sex", "birth_on", "language", "pinyin", "initials")
GUARDED = ("phone", "email", "id_number", "birth_on", "sex")  # shown only to an office that typed them itself
KNOWING = ("person.enter", "person.correct", "person.merge")  # acts by which an office comes to know a person

# what is kept elsewhere of a person's name and must follow it
follows_person: Following[[Person]] = Following()


def enter_person(facts: dict[str, Any], office: Office, by: Person | None, at: datetime) -> Person:
    """Enter somebody: `name` and any of sex, birth_on, phone, id_number, email, language (all tidied before).

    A person of the same ID number is the same row, whatever office entered him. For an office that did not know him it
    is as if he were new: its own words stand, and it sees no others (I34, T35). Who holds a staff role keeps his facts.
    Raises: BirthDiffers, SexDiffers.
    """
    facts = _completed(facts)
    known = _of_id_number(facts.get("id_number"))
    if known is not None and is_known(known, office):
        return known
    person = known or Person()
    if known is not None and holds_staff_role(known, at.date()):
        facts = {"id_number": facts["id_number"]}
    with act("person.enter", person, by=by, at=at, at_office=office.id, office=office.name, typed=_typed(facts)):
        _write(person, facts)
        if known is None:
            db.session.add(person)
        db.session.flush()
        follows_person.tell(person)
    return person


def correct_person(
    person: Person, facts: dict[str, Any], *, by: Person, at: datetime, reason: str = "", office: Office | None = None
) -> None:
    """Correct what is known of somebody; a fact that is "" or None is taken out. Raises: IdNumberKnown, BirthDiffers,
    SexDiffers."""
    facts = _completed(facts, person)
    other = _of_id_number(facts.get("id_number"))
    if other is not None and other.id != person.id:
        raise IdNumberKnown()
    where = office.id if office else None
    with act("person.correct", person, by=by, at=at, reason=reason, at_office=where, typed=_typed(facts)):
        _write(person, facts)
        db.session.flush()
        follows_person.tell(person)


def permission_to_correct(person: Person, on: date) -> str:
    """Who corrects this person: a keeper, or for whoever holds a staff role anywhere the system administrator."""
    return CREATE_ACCOUNT if holds_staff_role(person, on) else KEEP_PEOPLE


def holds_staff_role(person: Person, on: date) -> bool:
    """Whether somebody holds a staff role in any office, or will."""
    return any(m.role not in FIELD_ROLES for m in memberships_from(person, on))


def memberships_from(person: Person, on: date) -> list[Membership]:
    """A person's memberships that have not ended by a day, in every office."""
    standing = or_(Membership.ends_on.is_(None), Membership.ends_on >= on)
    query = select(Membership).where(Membership.person_id == person.id, standing).order_by(Membership.id)
    return list(db.session.scalars(query))


def is_known(person: Person, office: Office) -> bool:
    """Whether an office has entered a person itself, or ever had him."""
    member = select(Membership.id).where(Membership.person_id == person.id, Membership.office_id == office.id).limit(1)
    return db.session.scalar(member) is not None or bool(known_facts([person.id], office.id))


def known_facts(person_ids: Iterable[int], office_id: int) -> dict[int, set[str]]:
    """Which guarded facts of whom an office has typed itself, read from its acts; those on rows that were merged count
    for the row that stayed. One query."""
    ids = list(person_ids)
    rows = (
        select(Person.id, Person.merged_into_id, Act.facts)
        .join(Act, (Act.subject_table == "person") & (Act.subject_id == Person.id))
        .where(Act.office_id == office_id, Act.name.in_(KNOWING))
        .where(Person.id.in_(ids) | Person.merged_into_id.in_(ids))
    )
    found: dict[int, set[str]] = {}
    for person_id, merged_into_id, facts in db.session.execute(rows):
        found.setdefault(merged_into_id or person_id, {"name"}).update(facts.get("typed", ()))
    return found


def _completed(facts: dict[str, Any], person: Person | None = None) -> dict[str, Any]:
    """With what an ID number says: date of birth and sex. Raises: BirthDiffers, SexDiffers."""
    number = facts.get("id_number") if "id_number" in facts or person is None else person.id_number
    check_agreement(number, facts.get("birth_on"), facts.get("sex"))
    if not number or "id_number" not in facts:
        return facts
    return {**facts, "birth_on": born_on(number), "sex": sex_of(number)}


def _typed(facts: dict[str, Any]) -> list[str]:
    return [name for name in GUARDED if facts.get(name)]


def _of_id_number(number: str | None) -> Person | None:
    if not number:
        return None
    found = db.session.scalar(select(Person).where(Person.id_hash == keyed_hash("id_number", number)))
    while found is not None and found.merged_into_id:
        found = db.session.get_one(Person, found.merged_into_id)
    return found


def _write(person: Person, facts: dict[str, Any]) -> None:
    for name in PLAIN:
        if name in facts:
            setattr(person, name, facts[name] or (None if name in GUARDED else ""))
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
    reason: str = "",
) -> Membership:
    """Say that a person works with an office in a role from a day on; one that stands already is returned as it is.

    Raises: AdministratorsApart.
    """
    standing = [m for m in memberships_from(person, starts_on) if m.role == role and m.office_id == office.id]
    if standing:
        return standing[0]
    check_administrators(person, role, starts_on)
    membership = Membership(
        person_id=person.id,
        office_id=office.id,
        organisation_id=organisation.id if organisation else None,
        role=role,
        number=number,
        leader=leader,
        starts_on=starts_on,
    )
    try:
        with act("membership.give", membership, by=by, at=at, reason=reason, role=role):
            db.session.add(membership)
            db.session.flush()
    except IntegrityError as trouble:  # a rival who was faster; the index over the three roles saw it (SETTLED 25)
        if "one_administrator" not in str(trouble.orig) and "membership.person_id" not in str(trouble.orig):
            raise
        raise AdministratorsApart() from trouble
    return membership


def check_administrators(person: Person, role: str, on: date) -> None:
    """Raises: AdministratorsApart (TRUST 2)."""
    if role in ADMINISTRATORS and any(m.role in ADMINISTRATORS for m in memberships_from(person, on)):
        raise AdministratorsApart()


def may_correct(viewer: Viewer, person: Person) -> str:
    """The permission by which the viewer may correct this person. Raises: KeptByAdministrator."""
    permission = permission_to_correct(person, viewer.on)
    if permission == CREATE_ACCOUNT and not holds(viewer, CREATE_ACCOUNT):
        raise KeptByAdministrator()
    return permission
