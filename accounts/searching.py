"""Finding people: by half a name, pinyin, initials, badge number, last four of the phone, whole phone or ID number.

Phones and ID numbers are looked up by their keyed hashes, and only among the facts that the office at work has typed
itself (I34, SETTLED 24).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from accounts.access import Viewer, clause, grants_of
from accounts.actions.people import known_facts
from accounts.models import Membership, Office, Organisation, Person
from accounts.rights import KEEP_PEOPLE, SEE_PEOPLE
from accounts.rules.people import Sought, sought
from extensions import db
from record.sealed import keyed_hash

PER_PAGE = 50
FEWEST = 2  # letters of Latin script; one alone finds half the office


@dataclass(frozen=True)
class Asked:
    """What a list of people was asked for. `state`: "" works here now, "former" did."""

    q: str = ""
    role: str = ""
    organisation: uuid.UUID | None = None
    state: str = ""
    sort: str = "name"
    descending: bool = False
    page: int = 1


@dataclass(frozen=True)
class Line:
    """One person as the list shows him: memberships the viewer may know of, the phone if the office typed it."""

    person: Person
    memberships: list[Membership]
    phone: str | None


@dataclass(frozen=True)
class Found:
    lines: list[Line]
    total: int
    page: int
    pages: int = field(default=1)


def sees_everywhere(viewer: Viewer) -> bool:
    """Whether the viewer is one of the administrators, who see the whole installation."""
    return any(grant.scope == "p" for _, grant in grants_of(viewer, SEE_PEOPLE))


def standing(on: date) -> ColumnElement[bool]:
    """Memberships that have not ended by a day."""
    return or_(Membership.ends_on.is_(None), Membership.ends_on >= on)


def seen_memberships(viewer: Viewer, office: Office) -> ColumnElement[bool]:
    """The memberships that the viewer may know of at the office at work; administrators those of every office."""
    mine = clause(viewer, Membership, SEE_PEOPLE)
    return mine if sees_everywhere(viewer) else and_(mine, Membership.office_id == office.id)


def people(viewer: Viewer, office: Office, asked: Asked) -> Found:
    """The people the viewer may see at the office at work, a page of them. A fixed number of queries."""
    where = _where(viewer, office, asked)
    total = db.session.scalar(select(func.count(Person.id)).where(*where)) or 0
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(asked.page, 1), pages)
    rows = db.session.scalars(
        select(Person)
        .where(*where)
        .order_by(*_order(viewer, office, asked))
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    ).all()
    return Found(_lines(viewer, office, list(rows)), total, page, pages)


def _lines(viewer: Viewer, office: Office, rows: list[Person]) -> list[Line]:
    ids = [person.id for person in rows]
    known = {} if sees_everywhere(viewer) else known_facts(ids, office.id)
    held: dict[int, list[Membership]] = {}
    for membership in memberships_seen(viewer, office, ids):
        held.setdefault(membership.person_id, []).append(membership)
    return [Line(p, held.get(p.id, []), _phone(p, held.get(p.id, []), known, viewer.on)) for p in rows]


def memberships_seen(viewer: Viewer, office: Office, person_ids: list[int]) -> list[Membership]:
    """The memberships of people that the viewer may know of; those that stand first, then the latest."""
    query = (
        select(Membership)
        .options(joinedload(Membership.organisation), joinedload(Membership.office))
        .where(Membership.person_id.in_(person_ids), seen_memberships(viewer, office))
        .order_by(standing(viewer.on).desc(), Membership.starts_on.desc(), Membership.id)
    )
    return list(db.session.scalars(query))


def _phone(person: Person, held: list[Membership], known: dict[int, set[str]], on: date) -> str | None:
    stands = any(m.ends_on is None or m.ends_on >= on for m in held)
    return person.phone if stands and "phone" in known.get(person.id, ()) else None


def _where(viewer: Viewer, office: Office, asked: Asked) -> list[ColumnElement[bool]]:
    everywhere = sees_everywhere(viewer)
    stands = _has(seen_memberships(viewer, office), standing(viewer.on))
    at_all = _has(seen_memberships(viewer, office))
    where = [clause(viewer, Person, SEE_PEOPLE)]
    if asked.state == "former":
        where += [at_all, ~stands]
    else:
        where.append(or_(stands, ~at_all) if everywhere else stands)
    narrowed = _narrowed(asked)
    if narrowed:
        where.append(_has(seen_memberships(viewer, office), *narrowed))
    if asked.q:
        where.append(matching(asked.q, viewer, office))
    return where


def _narrowed(asked: Asked) -> list[ColumnElement[bool]]:
    narrowed: list[ColumnElement[bool]] = []
    if asked.role:
        narrowed.append(Membership.role == asked.role)
    if asked.organisation is not None:
        meant = select(Organisation.id).where(Organisation.public_id == asked.organisation)
        narrowed.append(Membership.organisation_id.in_(meant))
    return narrowed


def _has(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    return Person.id.in_(select(Membership.person_id).where(*where))


def joined_pinyin() -> ColumnElement[str]:
    """Somebody's pinyin as people type it into a search: without blanks."""
    return func.replace(Person.pinyin, " ", "")


def matching(text: str, viewer: Viewer, office: Office) -> ColumnElement[bool]:
    """People whom a search means."""
    asked = sought(text)
    found: list[ColumnElement[bool]] = [func.lower(Person.name).contains(asked.words, autoescape=True)]
    letters = "".join(sign for sign in asked.words.replace("\u00fc", "v") if sign.isascii() and sign.isalpha())
    if letters and letters == "".join(asked.words.replace("\u00fc", "v").replace("'", "").split()):
        found.append(Person.initials.startswith(letters))
        if len(letters) >= FEWEST:
            found += [joined_pinyin().contains(letters), Person.initials.contains(letters)]
    if any(sign.isdigit() for sign in asked.words):
        found.append(_has(seen_memberships(viewer, office), func.lower(Membership.number) == asked.words))
        if not sees_everywhere(viewer):
            found.append(Person.id.in_(_by_number(asked, office)))
    return or_(*found)


def _by_number(asked: Sought, office: Office) -> list[int]:
    """Ids of those whose phone or ID number is meant, if the office has typed it itself."""
    hashes = {
        "phone": (Person.phone_tail_hash, "phone_tail", asked.tail),
        "phone ": (Person.phone_hash, "phone", asked.phone),
        "id_number": (Person.id_hash, "id_number", asked.id_number),
    }
    found: list[int] = []
    for fact, (column, purpose, number) in hashes.items():
        if number:
            ids = list(db.session.scalars(select(Person.id).where(column == keyed_hash(purpose, number))))
            known = known_facts(ids, office.id)
            found += [i for i in ids if fact.strip() in known.get(i, ())]
    return found


def _order(viewer: Viewer, office: Office, asked: Asked) -> list[Any]:
    seen = (seen_memberships(viewer, office), Membership.person_id == Person.id)
    keys: dict[str, Any] = {
        "role": select(func.min(Membership.role)).where(*seen).correlate(Person).scalar_subquery(),
        "since": select(func.min(Membership.starts_on)).where(*seen).correlate(Person).scalar_subquery(),
    }
    first = keys.get(asked.sort, Person.pinyin)
    return [first.desc() if asked.descending else first.asc(), Person.pinyin, Person.name, Person.id]


def organisations_of(office: Office, kinds: tuple[str, ...] = ()) -> list[Organisation]:
    """The organisations in use that work for an office, by name."""
    query = select(Organisation).where(Organisation.office_id == office.id, Organisation.active)
    if kinds:
        query = query.where(Organisation.kind.in_(kinds))
    return list(db.session.scalars(query.order_by(Organisation.kind, Organisation.name)))


def stayed_instead(public_id: uuid.UUID) -> uuid.UUID | None:
    """The public id of the row into which one was merged, if it was."""
    stays = aliased(Person)
    query = select(stays.public_id).join(Person, Person.merged_into_id == stays.id)
    return db.session.scalar(query.where(Person.public_id == public_id))


def doubles(person: Person, viewer: Viewer, office: Office) -> list[Person]:
    """Who may be the same person: of the same name, or of the same phone as far as the office typed both."""
    alike: list[ColumnElement[bool]] = [Person.name == person.name]
    if person.phone_hash and "phone" in known_facts([person.id], office.id).get(person.id, ()):
        ids = list(db.session.scalars(select(Person.id).where(Person.phone_hash == person.phone_hash)))
        known = known_facts(ids, office.id)
        alike.append(Person.id.in_([i for i in ids if "phone" in known.get(i, ())]))
    query: Select[Any] = select(Person).where(
        clause(viewer, Person, KEEP_PEOPLE), _has(seen_memberships(viewer, office)), Person.id != person.id, or_(*alike)
    )
    return list(db.session.scalars(query.order_by(Person.id).limit(5)))
