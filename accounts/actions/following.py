"""What follows a row that is merged into another (SETTLED 16): every row that names it, read from the foreign keys.

A column names a person where its key leads to him, directly or through a composite key that carries him (a
confirmation's through its attendance). Those keys cascade, so that the parts of one key move together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import CheckConstraint, Column, ColumnElement, Table, UniqueConstraint, func, inspect, or_, select
from sqlalchemy.exc import IntegrityError

from accounts.trail import has_noun, table_in_words
from errors import N_, Refusal
from extensions import Base, db
from record import guards
from record.models import Audited


class MergeRefused(Refusal):
    """`obstacles` names every collision."""

    code = "merge_refused"
    message = "These two rows cannot become one yet: %(n)s things stand in the way."
    help = "Each is named on the page. Settle them, then merge again."


@dataclass(frozen=True)
class Obstacle:
    """One thing that stands in the way: a msgid (marked by `N_`) with its facts."""

    message: str
    facts: dict[str, Any] = field(default_factory=dict)


DoublesEnd = Callable[[int, int, datetime], set[int]]

STAY = {"account", "enrolment"}  # ways to sign in are never handed on: who merges could otherwise become somebody else
_doubles: dict[str, DoublesEnd] = {}
_taken_said: dict[str, Obstacle] = {}


def stays_with_row(*tables: str) -> None:
    """Register tables whose rows keep the person they name, though they could be changed."""
    STAY.update(tables)


def ends_doubles(table: str) -> Callable[[DoublesEnd], DoublesEnd]:
    """Register how two rows of a table become one where both hold the same place and nobody could settle it before.

    `end(kept_id, other_id, at)` lets the one of the row that stays go on, ends the other where it is, and returns the
    ids of those that end.
    """

    def register(end: DoublesEnd) -> DoublesEnd:
        _doubles[table] = end
        return end

    return register


def say_taken(table: str, said: Obstacle) -> None:
    """Register what helps where both rows stand in one place of a table, told to whoever may know of it."""
    _taken_said[table] = said


def moving(target: Any) -> list[tuple[Any, Column[Any]]]:
    """The columns that name a row of `target` in tables whose rows may change, with their models; parents first."""
    models = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    return [
        (models[table], column)
        for table in db.metadata.sorted_tables
        if table in models and table.name not in STAY and not guards.is_append_only(table.name)
        for column in table.columns
        if _names(column, target.__table__.c.id)
    ]


def _names(column: Column[Any], named: Column[Any]) -> bool:
    return any(key.column is named or _names(key.column, named) for key in column.foreign_keys)


def end_doubles(kept_id: int, other_id: int, at: datetime) -> dict[str, set[int]]:
    """The ids of the rows that end where they are, by table."""
    ended = {table: end(kept_id, other_id, at) for table, end in _doubles.items()}
    db.session.flush()
    return ended


def move(target: Any, kept_id: int, other_id: int, but: Mapping[str, set[int]] | None = None) -> None:
    """Let every row that names the one name the other; `but`: ids of rows that stay, by table.

    A row of mere bookkeeping (no act notes it) whose place is taken stays, too. All are read before the first moves:
    what a key's cascade takes along in the database is noted in the act all the same.
    """
    found = [
        (model, column, db.session.scalars(select(model).where(column == other_id).order_by(_key(column))).all())
        for model, column in moving(target)
    ]
    for model, column, rows in found:
        name, stay = inspect(model).get_property_by_column(column).key, (but or {}).get(model.__tablename__, set())
        for row in rows:
            row_id = inspect(row).identity[0]
            if row_id in stay:
                continue
            if issubclass(model, Audited) or not _taken(column, _values(column, row_id), kept_id):
                setattr(row, name, kept_id)
        flush()


def _key(column: Column[Any]) -> Any:
    return next(iter(column.table.primary_key.columns))


def _values(column: Column[Any], row_id: int) -> Mapping[Any, Any]:
    return db.session.execute(select(column.table).where(_key(column) == row_id)).mappings().one()


def flush() -> None:
    """Raises: MergeRefused where the database refuses what no check of ours foresaw."""
    try:
        db.session.flush()
    except IntegrityError as trouble:
        raise MergeRefused(n=1, obstacles=[Obstacle(N_("The database refuses it."))]) from trouble


def obstacles(target: Any, kept_id: int, other_id: int, offices: set[int]) -> list[Obstacle]:
    """Where both rows stand in one place that holds only one of them, or one would stand across from itself."""
    found: list[Obstacle] = []
    for model, column in moving(target):
        if not issubclass(model, Audited):
            continue
        office = office_of(column.table)
        whose = select(column.table) if office is None else select(column.table, office.label("whose_office"))
        for row in db.session.execute(whose.where(column == other_id)).mappings():
            elsewhere = row.get("whose_office") not in {None, *offices}
            obstacle = _obstacle(column, row, kept_id, elsewhere)
            if obstacle is not None:
                found.append(obstacle)
    return found


def _obstacle(column: Column[Any], row: Mapping[Any, Any], kept_id: int, elsewhere: bool) -> Obstacle | None:
    table = column.table.name
    what = gettext("elsewhere") if elsewhere else table_in_words(table)
    if table not in _doubles and _taken(column, row, kept_id):
        said = Obstacle(N_("Both stand in a place that holds only one of them: %(what)s."), {"what": what})
        return said if elsewhere else _taken_said.get(table, said)
    if _across(column, row, kept_id):
        return Obstacle(N_("One of them faces the other in: %(what)s."), {"what": what})
    return None


def office_of(table: Any) -> ColumnElement[Any] | None:
    """The office a row belongs to: its own column, or that of the row it hangs on; None where it belongs to none."""
    if "office_id" in table.c:
        return table.c.office_id
    for column in table.columns:
        for key in column.foreign_keys:
            parent = key.column.table
            if "office_id" in parent.c and parent is not table:
                return select(parent.c.office_id).where(key.column == column).scalar_subquery()
    return None


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


def count_moving(target: Any, other_id: int, offices: set[int]) -> list[tuple[str, int]]:
    """How many rows of what move, of those that belong to one of the offices or to none; bookkeeping is not told."""
    counted: dict[str, int] = {}
    for model, column in moving(target):
        table = model.__tablename__
        if not has_noun(table):
            continue
        query, office = (
            select(func.count()).select_from(column.table).where(column == other_id),
            office_of(column.table),
        )
        if office is not None:
            query = query.where(or_(office.is_(None), office.in_(offices)))
        counted[table] = counted.get(table, 0) + (db.session.scalar(query) or 0)
    return [(table_in_words(table), n) for table, n in sorted(counted.items()) if n]
