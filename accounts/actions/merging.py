"""Merging: two rows of one person become one (SETTLED 16).

Everything that may change moves to the row that stays; append-only rows keep their id and are read through the other
row, which is marked `merged_into` and can never be booked nor signed in again. What collides is listed, and refused.
What moves is read from the tables' foreign keys, so that no package can be forgotten; a package with rules of its own
for its rows registers them by `moves_with_person`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Table,
    UniqueConstraint,
    func,
    inspect,
    or_,
    select,
)
from sqlalchemy.exc import IntegrityError

from accounts.access import Viewer
from accounts.actions.devices import cancel_enrolment, open_links
from accounts.actions.memberships import local_day
from accounts.actions.people import GUARDED, known_facts, memberships_from
from accounts.actions.sessions import live_sessions, revoke_sessions
from accounts.models import Membership, Office, Person
from accounts.rights import keeps
from accounts.trail import table_in_words
from errors import Refusal
from extensions import Base, db
from record import guards
from record.act import act
from record.guards import Guard, refuse_pg
from record.models import Audited


class MergeRefused(Refusal):
    """`obstacles` names every collision."""

    code = "merge_refused"
    message = "These two rows cannot become one yet: %(n)s things stand in the way."
    help = "Each is named on the page. Settle them, then merge again."


class SamePerson(Refusal):
    code = "same_person"
    status = 422
    message = "A row cannot be merged with itself, nor with one that is merged already."
    help = "Choose the other row of the same person."


class NotKeptHere(Refusal):
    """Merging hands on what somebody may do: only what the merging person could give himself (T1, T35)."""

    code = "not_kept_here"
    status = 403
    message = "The row that goes holds roles that are not yours to give."
    help = "Keep that row and merge the other one into it, or have those roles ended first."


@dataclass(frozen=True)
class Obstacle:
    """One thing that stands in the way: a msgid with its facts."""

    message: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Plan:
    """What a merge would do: how many rows of what move, and what stands in the way."""

    moves: list[tuple[str, int]] = field(default_factory=list)
    obstacles: list[Obstacle] = field(default_factory=list)


Planner = Callable[[Person, Person, set[int]], Plan]
Mover = Callable[[Person, Person, datetime], None]

STAY = {"account", "enrolment"}  # ways to sign in are never handed on: who merges could otherwise become somebody else
_movers: list[tuple[Planner, Mover]] = []


def moves_with_person(planner: Planner) -> Callable[[Mover], Mover]:
    """Register how a package's rows move besides those with a foreign key to the person.

    `planner(kept, other, office_ids)` says what would move and what collides, without writing; what belongs to an
    office not among the ids is told without its name. `mover(kept, other, at)` moves it, inside the act, after `other`
    is marked; it may raise a Refusal. A table whose rows other rows name together with the person (composite keys of
    append-only rows) cannot move by itself: its package says `stays_with_row` and reads through `same_human`.
    """

    def register(mover: Mover) -> Mover:
        if (planner, mover) not in _movers:
            _movers.append((planner, mover))
        return mover

    return register


def stays_with_row(*tables: str) -> None:
    """Register tables whose rows keep the person they name, though they could be changed."""
    STAY.update(tables)


def plan_merge(kept: Person, other: Person, viewer: Viewer) -> Plan:
    """What merging would do, without doing it. Counts name only what is of offices the viewer keeps people for."""
    offices = {m.office_id for m in viewer.memberships}
    plan = Plan(obstacles=_facts_that_differ(kept, other) + obstacles(Person, kept.id, other.id, offices))
    counted: dict[str, int] = {}
    for model, column in moving(Person):
        table = model.__tablename__
        counted[table] = counted.get(table, 0) + _count(model, column, other.id, offices)
    plan.moves = [(table_in_words(table), n) for table, n in sorted(counted.items()) if n]
    for planner, _ in _movers:
        more = planner(kept, other, offices)
        plan.moves += more.moves
        plan.obstacles += more.obstacles
    return plan


def check_may_merge(kept: Person, other: Person, viewer: Viewer) -> None:
    """Raises: SamePerson, NotKeptHere."""
    if kept.id == other.id or kept.merged_into_id or other.merged_into_id:
        raise SamePerson()
    if not keeps_all(other, viewer):
        raise NotKeptHere()


def keeps_all(person: Person, viewer: Viewer) -> bool:
    """Whether every membership in force of a person is one the viewer may give and end himself."""
    return all(keeps(viewer, m.role, m.office_id, m.organisation_id) for m in memberships_from(person, viewer.on))


def merge_people(kept: Person, other: Person, office: Office, *, by: Person, at: datetime, reason: str) -> None:
    """Make two rows of one person one; `kept` stays. All or nothing.

    Raises: SamePerson, NotKeptHere, MergeRefused; Collision where bookings overlap.
    """
    both = select(Person).where(Person.id.in_([kept.id, other.id])).order_by(Person.id).with_for_update()
    db.session.scalars(both.execution_options(populate_existing=True)).all()
    viewer = Viewer(by, local_day(office, at))
    check_may_merge(kept, other, viewer)
    plan = plan_merge(kept, other, viewer)
    if plan.obstacles:
        raise MergeRefused(n=len(plan.obstacles), obstacles=plan.obstacles)
    filled = _blanks(kept, other) if keeps_all(kept, viewer) else {}
    typed = sorted(known_facts([other.id], office.id).get(other.id, set()) & set(filled))
    merged = str(other.public_id)
    with act("person.merge", kept, by=by, at=at, reason=reason, at_office=office.id, merged=merged, typed=typed):
        _close(other, kept, office, by=by, at=at, reason=reason)
        _fill(kept, other, filled)
        doubles = end_doubles(kept, other, viewer.on)
        move(Person, kept.id, other.id, but=doubles)
        for _, mover in _movers:
            mover(kept, other, at)
        _flush()
        db.session.expire_all()


def _close(other: Person, kept: Person, office: Office, *, by: Person, at: datetime, reason: str) -> None:
    """Mark the row that goes, and shut every way of signing in by it."""
    with act("person.yield", other, by=by, at=at, reason=reason, at_office=office.id, into=str(kept.public_id)):
        for link in open_links(other, at):
            cancel_enrolment(link, by, at)
        if live_sessions(other, at):
            revoke_sessions(other, by, at, reason)
        if other.account is not None:
            other.account.active = False
        other.merged_into_id = kept.id


def _facts_that_differ(kept: Person, other: Person) -> list[Obstacle]:
    """Two ID numbers are two people."""
    if kept.id_number and other.id_number and kept.id_number != other.id_number:
        return [Obstacle("The two rows have different ID numbers: they are two people, or one number is wrong.")]
    return []


def _blanks(kept: Person, other: Person) -> dict[str, Any]:
    """What the row that stays lacks and the other one has."""
    return {name: getattr(other, name) for name in GUARDED if not getattr(kept, name) and getattr(other, name)}


HASHES = {"phone": ("phone_hash", "phone_tail_hash"), "id_number": ("id_hash",)}


def _fill(kept: Person, other: Person, filled: dict[str, Any]) -> None:
    if "id_number" in filled:
        id_hash, other.id_hash, other.id_number = other.id_hash, None, None
        db.session.flush()  # the hash is unique: it leaves one row before it stands on the other
        kept.id_hash = id_hash
    for name, value in filled.items():
        setattr(kept, name, value)
    if "phone" in filled:
        kept.phone_hash, kept.phone_tail_hash = other.phone_hash, other.phone_tail_hash


def end_doubles(kept: Person, other: Person, on: date) -> set[int]:
    """Of two standing memberships of one role in one office the earlier beginning stays with the row that stays; the
    other one ends where it is. Returns the ids of those that end."""
    mine = {(m.office_id, m.role): m for m in kept.memberships if m.ends_on is None}
    ended: set[int] = set()
    for membership in other.memberships:
        double = mine.get((membership.office_id, membership.role))
        if double is not None and membership.ends_on is None:
            membership.ends_on = max(membership.starts_on, on)
            double.starts_on = min(membership.starts_on, double.starts_on)
            ended.add(membership.id)
    db.session.flush()
    return ended


# Rows that name a row of the merged kind, read from the foreign keys.


def moving(target: Any) -> list[tuple[Any, Column[Any]]]:
    """The columns that name a row of `target` in tables whose rows may change, with their models."""
    models = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    return [
        (models[table], column)
        for name, table in sorted(db.metadata.tables.items())
        if table in models and name not in STAY and not guards.is_append_only(name)
        for column in table.columns
        if any(key.column is target.__table__.c.id for key in column.foreign_keys)
    ]


def move(target: Any, kept_id: int, other_id: int, but: Iterable[int] = ()) -> None:
    """Let every row that names the one name the other; `but`: ids of memberships that stay.

    A row of mere bookkeeping (no act notes it) whose place is taken stays, too.
    """
    for model, column in moving(target):
        key = inspect(model).get_property_by_column(column).key
        for row in db.session.scalars(select(model).where(column == other_id).order_by(_key(column))).all():
            row_id = inspect(row).identity[0]
            if model is Membership and row_id in but:
                continue
            if issubclass(model, Audited) or not _taken(column, _values(column, row_id), kept_id):
                setattr(row, key, kept_id)
        _flush()


def _key(column: Column[Any]) -> Any:
    return next(iter(column.table.primary_key.columns))


def _values(column: Column[Any], row_id: int) -> Mapping[Any, Any]:
    return db.session.execute(select(column.table).where(_key(column) == row_id)).mappings().one()


def _flush() -> None:
    """Raises: MergeRefused where the database refuses what no check of ours foresaw."""
    try:
        db.session.flush()
    except IntegrityError as trouble:
        raise MergeRefused(n=1, obstacles=[Obstacle("The database refuses it.")]) from trouble


def obstacles(target: Any, kept_id: int, other_id: int, offices: set[int]) -> list[Obstacle]:
    """Where both rows stand in one place that holds only one of them, or one would stand across from itself."""
    found: list[Obstacle] = []
    for model, column in moving(target):
        if not issubclass(model, Audited):
            continue
        for row in db.session.execute(select(column.table).where(column == other_id)).mappings():
            elsewhere = row.get("office_id") not in {None, *offices}
            what = gettext("elsewhere") if elsewhere else table_in_words(model.__tablename__)
            if _taken(column, row, kept_id):
                found.append(Obstacle("Both stand in a place that holds only one of them: %(what)s.", {"what": what}))
            elif _across(column, row, kept_id):
                found.append(Obstacle("One of them faces the other in: %(what)s.", {"what": what}))
            elif _is_held(column, row):
                found.append(Obstacle("What hangs on it cannot follow: %(what)s.", {"what": what}))
    return found


def _taken(column: Column[Any], row: Mapping[Any, Any], kept_id: int) -> bool:
    """Whether a unique constraint would be broken if this row named the one that stays."""
    table = column.table
    for columns, where in _unique(table):
        if column.name not in columns:
            continue
        same = [table.c[name] == (kept_id if name == column.name else row[name]) for name in columns]
        key = _key(column)
        alike = select(key).where(*same, key != row[key.name])
        mine = select(key).where(key == row[key.name])
        if where is not None:
            alike, mine = alike.where(where), mine.where(where)
        if db.session.scalar(mine) is not None and db.session.scalar(alike.limit(1)) is not None:
            return True
    return False


def _unique(table: Table) -> list[tuple[list[str], Any]]:
    """Unique constraints and indexes: their columns, and the condition of a partial one."""
    found: list[tuple[list[str], Any]] = [
        ([c.name for c in constraint.columns], None)
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    ]
    for index in table.indexes:
        if index.unique:
            found.append(([c.name for c in index.columns], index.dialect_options["sqlite"].get("where")))
    return found


def _across(column: Column[Any], row: Mapping[Any, Any], kept_id: int) -> bool:
    """Whether a CHECK says that this column differs from another one which names the row that stays."""
    checks = [str(c.sqltext) for c in column.table.constraints if isinstance(c, CheckConstraint)]
    others = [c.name for c in column.table.columns if c.foreign_keys and c is not column and row[c.name] == kept_id]
    return any("<>" in check and column.name in check and name in check for check in checks for name in others)


def _is_held(column: Column[Any], row: Mapping[Any, Any]) -> bool:
    """Whether rows of another table name this one together with its person, so that it cannot change its person."""
    for table in db.metadata.tables.values():
        for key in (c for c in table.constraints if isinstance(c, ForeignKeyConstraint)):
            targets = [element.column for element in key.elements]
            if len(targets) > 1 and any(target is column for target in targets):
                pairs = zip(key.columns, targets, strict=True)
                held = select(func.count()).select_from(table).where(*(here == row[t.name] for here, t in pairs))
                if db.session.scalar(held):
                    return True
    return False


def _count(model: Any, column: Column[Any], other_id: int, offices: set[int]) -> int:
    """How many rows move, of those that belong to one of the offices or to none."""
    query = select(func.count()).select_from(model).where(column == other_id)
    if hasattr(model, "office_id"):
        query = query.where(or_(model.office_id.is_(None), model.office_id.in_(offices)))
    return db.session.scalar(query) or 0


def _no_more(name: str, table: str, verb: str, condition: str) -> Guard:
    return Guard(
        f"{name}_{verb.lower()}",
        table,
        f"BEFORE {verb}",
        sqlite=f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{name}'); END",
        postgresql=refuse_pg(name, condition) + " RETURN NEW;",
    )


_MERGED = "EXISTS (SELECT 1 FROM person p WHERE p.id = {person} AND p.merged_into_id IS NOT NULL)"
_STANDS = "NEW.ends_on IS NULL AND " + _MERGED.format(person="NEW.person_id")
_SIGNED_IN = (
    "EXISTS (SELECT 1 FROM account a JOIN person p ON p.id = a.person_id "
    "WHERE a.id = NEW.account_id AND p.merged_into_id IS NOT NULL)"
)
guards.register(
    [
        _no_more("membership_of_nobody_merged", "membership", "INSERT", _STANDS),
        _no_more("membership_of_nobody_merged", "membership", "UPDATE", _STANDS),
        _no_more("session_of_nobody_merged", "person_session", "INSERT", _SIGNED_IN),
    ]
)
