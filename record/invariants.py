"""The invariants that `flask verify-db` asks of the whole database (TRUST section 3).

A check is a query, or a function, that yields one line for each row that breaks it; packages register theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from extensions import db
from record import guards, outbox
from record.models import Delivery, Message

Check = Callable[[], Iterable[str]]
_checks: dict[str, Check] = {}


@dataclass(frozen=True)
class Broken:
    """An invariant by its id and what breaks it."""

    invariant: str
    what: str


def invariant(name: str) -> Callable[[Check], Check]:
    """Register a check under its id of TRUST section 3 and a word, as `I01 one place at a time`."""

    def register(check: Check) -> Check:
        _checks[name] = check
        return check

    return register


def broken() -> list[Broken]:
    """Every breach, in the order of the ids. A question that the database cannot answer is one as well."""
    return [Broken(name, what) for name in sorted(_checks) for what in _ask(_checks[name])]


def _ask(check: Check) -> list[str]:
    try:
        return list(check())
    except DBAPIError as trouble:
        db.session.rollback()
        return [f"cannot be asked: {trouble.orig}".splitlines()[0]]


def names() -> list[str]:
    return sorted(_checks)


def rows(query: str) -> list[str]:
    """Run a query whose rows are breaches; each is told by its columns."""
    found = db.session.execute(text(query)).mappings()
    return [", ".join(f"{key} {value}" for key, value in row.items()) for row in found]


@invariant("I43 every guard stands")
def _guards() -> Iterable[str]:
    return guards.missing(db.session.connection())


@invariant("I23 one message per act, recipient and channel")
def _messages() -> Iterable[str]:
    return rows(
        "SELECT act_uid, recipient_id, channel, count(*) AS times FROM message "
        "GROUP BY act_uid, recipient_id, channel HAVING count(*) > 1"
    )


@invariant("I07 one answer per key")
def _answers() -> Iterable[str]:
    return rows(
        "SELECT who, route, key, count(*) AS times FROM stored_answer GROUP BY who, route, key HAVING count(*) > 1"
    )


@invariant("I20 every message has its act")
def _told_of_nothing() -> list[str]:
    return rows("SELECT id AS message FROM message WHERE NOT EXISTS (SELECT 1 FROM act WHERE public_id = act_uid)")


@invariant("I24 no message waits longer than a day")
def _waiting() -> Iterable[str]:
    """A day, and an hour in which the jobs may have stood still."""
    long_ago = datetime.now(UTC) - outbox.DEAD_AFTER - timedelta(hours=1)
    stuck = select(Message.id).where(Message.state == Delivery.QUEUED, Message.created_at < long_ago)
    return [f"message {key}" for key in db.session.scalars(stuck)]
