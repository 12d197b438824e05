"""`act`: the only way to change anything.

An act notes who did what to which row, from what to what, why; it is the audit entry and the source of every message.
In a request the edge opens the transaction and the act joins it; in a command, job or test the outermost act opens and
commits one.
"""

from __future__ import annotations

import enum
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Protocol

from sqlalchemy import event, inspect, text
from sqlalchemy.orm import Session, UOWTransaction

from extensions import db
from record.models import Act, Audited


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
    bumped: set[int] = field(default_factory=set)

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
    name: str, subject: Any, *, by: Someone | None, at: datetime, reason: str = "", **facts: Any
) -> Iterator[Current]:
    """Do something to `subject`, a row (new or stored); `by` is None for the program itself.

    `facts` are small plain values that notices and the trail need besides the changes.
    """
    with transaction():
        parent = _current.get()
        current = Current(name, subject, by, at, reason, _office_of(subject), parent, facts)
        token = _current.set(current)
        _mark(str(current.uid))
        try:
            yield current
            db.session.flush()
            _write(current)
        finally:
            _current.reset(token)
        if parent is None:
            _mark("")


def _office_of(subject: Any) -> int | None:
    return subject.id if subject.__tablename__ == "office" else getattr(subject, "office_id", None)


def _mark(uid: str) -> None:
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        connection.info["act"] = uid or None
    else:
        connection.execute(text("SELECT set_config('fengli.act', :uid, true)"), {"uid": uid})


def _write(current: Current) -> None:
    from record.notices import messages_of  # a notice's queries may ask for the act under way

    stored = Act(
        public_id=current.uid,
        name=current.name,
        at=current.at,
        actor_id=current.by.id if current.by else None,
        office_id=current.office_id if current.office_id is not None else _office_of(current.subject),
        subject_table=current.subject.__tablename__,
        subject_id=current.subject.id,
        subject_public_id=current.subject.public_id,
        parent_uid=current.parent.uid if current.parent else None,
        reason=current.reason,
        changes=current.changes,
        facts={key: plain(value) for key, value in current.facts.items()},
        origin=_origin.get({}),
    )
    db.session.add(stored)
    db.session.flush()
    db.session.add_all(messages_of(stored, current.subject))
    db.session.flush()


def plain(value: Any) -> Any:
    """A value as JSON can hold it: instants in ISO, enums by their name in code."""
    match value:
        case None | bool() | int() | float():
            return value
        case enum.Enum():
            return value.value
        case str():
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


@event.listens_for(Session, "before_flush")
def _note_changes(session: Session, context: UOWTransaction, instances: Any) -> None:
    touched = [r for r in (*session.new, *session.dirty, *session.deleted) if isinstance(r, Audited)]
    touched = [r for r in touched if r in session.new or r in session.deleted or session.is_modified(r)]
    if not touched:
        return
    current = current_act()
    for row in touched:
        if row in session.new and row.public_id is None:
            row.public_id = uuid.uuid4()
        _bump(session, current, row)
        _diff(current, row, gone=row in session.deleted)


def _bump(session: Session, current: Current, row: Any) -> None:
    """Raise `sequence` once per act, where a row has one."""
    if hasattr(row, "sequence") and row not in session.new and id(row) not in current.bumped:
        current.bumped.add(id(row))
        row.sequence += 1


def _diff(current: Current, row: Any, gone: bool) -> None:
    state = inspect(row)
    for column in state.mapper.column_attrs:
        if column.key in {"id", "public_id", "sequence"} or column.columns[0].info.get("derived"):
            continue
        kept = state.attrs[column.key].history
        if not gone and not kept.has_changes():
            continue
        old = (kept.deleted or kept.unchanged)[0] if (kept.deleted or (gone and kept.unchanged)) else None
        new = kept.added[0] if kept.added and not gone else None
        hide = masked if column.columns[0].info.get("sealed") else plain
        if hide(old) != hide(new) or old != new:
            current.note(row, column.key, hide(old), hide(new))
