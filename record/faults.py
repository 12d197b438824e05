"""A fault in words that a log may hold: where it happened and of which kind, never what it was about (TRUST 16.2.5)."""

from __future__ import annotations

import traceback
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError


def in_words(trouble: BaseException) -> str:
    """The lines of code and the kinds of a fault and of what led to it, the first one first.

    Their messages are left out: they quote what was typed or what is stored (PostgreSQL a whole row).
    """
    told: list[str] = []
    for one in reversed(list(_back_from(trouble))):
        told += [*traceback.format_tb(one.__traceback__), _kind_of(one) + "\n"]
    return "".join(told)


def _back_from(trouble: BaseException | None) -> Iterator[BaseException]:
    while trouble is not None:
        yield trouble
        trouble = trouble.__cause__ or (None if trouble.__suppress_context__ else trouble.__context__)


def _kind_of(trouble: BaseException) -> str:
    """Its class; of the database's, the constraint or guard that refused besides, which SQLite says in its message."""
    if not isinstance(trouble, DBAPIError):
        return type(trouble).__name__
    diagnosis = getattr(trouble.orig, "diag", None)
    what = f"{diagnosis.sqlstate} {diagnosis.constraint_name or ''}" if diagnosis is not None else str(trouble.orig)
    return f"{type(trouble).__name__}: {what}"
