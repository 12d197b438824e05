"""`act`: the only way to change anything.

An act notes who did what to which row, from what to what, why; it is the audit entry and the source of every message.
In a request the edge opens the transaction and the act joins it; in a command, job or test the outermost act opens and
commits one.
"""

from __future__ import annotations

import enum
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache
from typing import Any, Protocol

from sqlalchemy import event, insert, inspect, text
from sqlalchemy.orm import ColumnProperty, Mapper, RelationshipDirection, Session, UOWTransaction

from extensions import Base, db
from record.models import Act, Audited
from record.sealed import Sealed

# Of all rows there are most of these, and nobody asks for the one just written: past the unit of work.
_INSERT = insert(Act.__table__)  # type: ignore[arg-type]


class Someone(Protocol):
    """Whoever acts: `record` reads nothing of a person but the id."""

    @property
    def id(self) -> int: ...


class NoAct(RuntimeError):
    """A flush changed an audited table outside an act: a mistake in our code, never a person's (I20)."""


@dataclass
class Current:
    """The act under way. `note` adds a change made without the session's unit of work."""

    name: str
    subject: Any
    by: Someone | None
    at: datetime
    reason: str
    office_id: int | None
    parent: Current | None
    facts: dict[str, Any]
    uid: uuid.UUID = field(default_factory=uuid.uuid4)
    changes: list[dict[str, Any]] = field(default_factory=list)
    bumped: set[uuid.UUID] = field(default_factory=set)

    def note(self, row: Any, column: str, old: Any, new: Any) -> None:
        self.changes.append(
            {
                "table": row.__tablename__,
                "row": str(row.public_id),
                "column": column,
                "from": plain(old),
                "to": plain(new),
            }
        )


_current: ContextVar[Current | None] = ContextVar("fengli_current_act", default=None)
_in_transaction: ContextVar[bool] = ContextVar("fengli_in_transaction", default=False)
_origin: ContextVar[dict[str, Any]] = ContextVar("fengli_origin")


def current_act() -> Current:
    found = _current.get()
    if found is None:
        raise NoAct("nothing changes without an act")
    return found


@contextmanager
def origin(**facts: Any) -> Iterator[None]:
    """Say by which way the acts inside come: `via`, and where it applies network and session."""
    token = _origin.set(facts)
    try:
        yield
    finally:
        _origin.reset(token)


@contextmanager
def transaction() -> Iterator[None]:
    """Open the transaction that acts join, commit it at the end, roll it back on any error. Nested: joins."""
    if _in_transaction.get():
        yield
        return
    token = _in_transaction.set(True)
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _in_transaction.reset(token)


@contextmanager
def act(
    name: str,
    subject: Any,
    *,
    by: Someone | None,
    at: datetime,
    reason: str | None = "",
    at_office: int | None = None,
    **facts: Any,
) -> Iterator[Current]:
    """Do something to `subject`, a row (new or stored); `by` is None for the program itself.

    `reason` is None where the field for it was left empty; `facts` are small plain values that notices and the trail
    need besides the changes. The act belongs to the subject's office; where a subject has none (a person), to
    `at_office` (its id), else to the office at work in the request.
    An act within a transaction that stands already is whole or not at all: whoever catches its refusal and goes on
    keeps nothing of it.
    """
    inside = _in_transaction.get()
    with transaction():
        parent = _current.get()
        current = Current(name, subject, by, at, reason or "", at_office or _office_of(subject), parent, facts)
        token = _current.set(current)
        try:
            with db.session.begin_nested() if inside else nullcontext():
                _mark(str(current.uid))
                yield current
                db.session.flush()
                _write(current)
        except BaseException:
            if inside:
                _remark(parent)
            raise
        finally:
            _current.reset(token)
        _mark(str(parent.uid) if parent else "")


def _office_of(subject: Any) -> int | None:
    return subject.id if subject.__tablename__ == "office" else getattr(subject, "office_id", None)


def _mark(uid: str) -> None:
    """Tell the database which act is under way; its guards refuse what is written while there is none."""
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        connection.info["act"] = uid or None
    else:
        connection.execute(text("SELECT set_config('fengli.act', :uid, true)"), {"uid": uid})


def _remark(parent: Current | None) -> None:
    """After an act that came to nothing. PostgreSQL takes the mark back with the savepoint, SQLite does not know it."""
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        connection.info["act"] = str(parent.uid) if parent else None


def _write(current: Current) -> None:
    from record.notices import messages_of  # a notice's queries may ask for the act under way

    came_by = _origin.get({})
    office_id = current.office_id if current.office_id is not None else _office_of(current.subject)
    columns = {
        "public_id": current.uid,
        "name": current.name,
        "at": current.at,
        "actor_id": current.by.id if current.by else None,
        "office_id": office_id if office_id is not None else came_by.get("office"),
        "subject_table": current.subject.__tablename__,
        "subject_id": current.subject.id,
        "subject_public_id": current.subject.public_id,
        "parent_uid": current.parent.uid if current.parent else None,
        "reason": current.reason,
        "changes": current.changes,
        "facts": {key: plain(value) for key, value in current.facts.items()},
        "origin": came_by,
    }
    with db.session.no_autoflush:  # the act itself comes first
        messages = messages_of(Act(**columns), current.subject)
    db.session.execute(_INSERT, columns)
    if messages:
        db.session.add_all(messages)
        db.session.flush()


def plain(value: Any) -> Any:
    """A value as JSON can hold it: instants in ISO, enums by their name in code."""
    match value:
        case enum.Enum():
            return value.value
        case None | bool() | int() | float() | str():
            return value
        case datetime() | date() | time():
            return value.isoformat()
        case dict():
            return {str(k): plain(v) for k, v in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(v) for v in value]
        case _:
            return str(value)


def masked(value: Any) -> Any:
    """How a sealed value stands in a history: its length and last two characters, never itself."""
    return value if value in (None, "") else "●" * max(len(str(value)) - 2, 1) + str(value)[-2:]


def history(row: Any) -> list[str]:
    """The names of the acts of a row, oldest first."""
    acts = db.select(Act.name).where(Act.subject_table == row.__tablename__, Act.subject_id == row.id)
    return list(db.session.scalars(acts.order_by(Act.id)))


def subject_of(act: Act) -> Any:
    """The row an act was done to, or None where it is gone."""
    model = model_of(act.subject_table)
    return None if model is None else db.session.get(model, act.subject_id)


def model_of(table: str) -> Any:
    """The model of a table's name."""
    return next((m.class_ for m in Base.registry.mappers if m.class_.__tablename__ == table), None)


@event.listens_for(Mapper, "mapper_configured")
def _remember_old_values(mapper: Mapper[Any], model: Any) -> None:
    """Load an old value before it is overwritten: a row of an earlier transaction would seem to change "from None"."""
    if issubclass(model, Audited):
        for column in mapper.column_attrs:
            getattr(model, column.key).impl.active_history = True


@event.listens_for(Session, "before_flush")
def _ask_for_an_act(session: Session, context: UOWTransaction, instances: Any) -> None:
    touched = _touched(session)
    if not touched:
        return
    current = current_act()
    for row in touched:
        _bump(session, current, row)
        if row in session.deleted:
            _note_end(current, row)


@event.listens_for(Session, "after_flush")
def _note_changes(session: Session, context: UOWTransaction) -> None:
    """Note what the flush wrote: only now defaults are filled in and relationships have become keys."""
    for row in _touched(session):
        if row not in session.deleted:
            _note_row(current_act(), row, new=row in session.new)


def _touched(session: Session) -> list[Any]:
    rows = [r for r in (*session.new, *session.dirty, *session.deleted) if isinstance(r, Audited)]
    return [r for r in rows if r in session.new or r in session.deleted or _is_changed(r)]


def _is_changed(row: Any) -> bool:
    """Whether a column of the row changes, or what it points to; a row that others point to does not change by that."""
    state = inspect(row)
    own = _own(state.mapper)
    return any(state.attrs[key].history.has_changes() for key in state.committed_state if key in own)


@cache
def _own(mapper: Mapper[Any]) -> frozenset[str]:
    """A row's columns and what it points to, by attribute."""
    pointers = [r for r in mapper.relationships if r.direction is RelationshipDirection.MANYTOONE]
    return frozenset(part.key for part in (*mapper.column_attrs, *pointers))


def _bump(session: Session, current: Current, row: Any) -> None:
    """Raise `sequence` once per act, where a row has one."""
    if hasattr(row, "sequence") and row not in session.new and row.public_id not in current.bumped:
        current.bumped.add(row.public_id)
        row.sequence += 1


@cache
def _noted(mapper: Mapper[Any]) -> list[ColumnProperty[Any]]:
    """The columns whose changes are told: neither keys, nor what the database derives, nor what few may know."""
    return [
        c
        for c in mapper.column_attrs
        if c.key not in {"id", "public_id", "sequence"} and not {"derived", "untold"} & c.columns[0].info.keys()
    ]


def _shown(column: ColumnProperty[Any]) -> Callable[[Any], Any]:
    stored = column.columns[0]
    return masked if stored.info.get("sealed") or isinstance(stored.type, Sealed) else plain


def _note_row(current: Current, row: Any, new: bool) -> None:
    state = inspect(row)
    for column in _noted(state.mapper):
        show = _shown(column)
        if new:
            value = state.dict.get(column.key)
            if value not in (None, ""):
                current.note(row, column.key, None, show(value))
            continue
        kept = state.attrs[column.key].history
        old, now = (kept.deleted[0] if kept.deleted else None), (kept.added[0] if kept.added else None)
        if kept.has_changes() and old != now:
            current.note(row, column.key, show(old), show(now))


def _note_end(current: Current, row: Any) -> None:
    for column in _noted(inspect(row).mapper):
        value = getattr(row, column.key)
        if value not in (None, ""):
            current.note(row, column.key, _shown(column)(value), None)
