"""What a transaction reads once and asks for again and again, such as settings and calendars.

It is forgotten when the transaction ends, when it is taken back to a savepoint, and as soon as it writes one of the
tables that were read.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction, UOWTransaction

from extensions import Base, db

T = TypeVar("T")
_KEPT = "record.once"


def once(models: tuple[type[Base], ...], key: Hashable, read: Callable[[], T]) -> T:
    """What `read` found in the tables of `models` for `key`, within this transaction."""
    session = db.session()
    if session.autoflush:
        session.flush()
    kept = session.info.setdefault(_KEPT, {})
    if (models, key) not in kept:
        kept[models, key] = read()
    found: T = kept[models, key]
    return found


def forget(*models: type[Base]) -> None:
    """Read anew what was read of these tables: others may have written them while a lock was waited for."""
    _forget(db.session(), set(models))


def _forget(session: Session, written: set[type[Any]]) -> None:
    kept = session.info.get(_KEPT, {})
    for models, key in [one for one in kept if not written.isdisjoint(one[0])]:
        del kept[models, key]


@event.listens_for(Session, "after_flush")
def _written(session: Session, context: UOWTransaction) -> None:
    if session.info.get(_KEPT):
        _forget(session, {type(row) for row in (*session.new, *session.dirty, *session.deleted)})


@event.listens_for(Session, "after_transaction_end")
def _ended(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_KEPT, None)


@event.listens_for(Session, "after_soft_rollback")
def _taken_back(session: Session, previous: SessionTransaction) -> None:
    session.info.pop(_KEPT, None)
