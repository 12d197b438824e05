"""The start-up self-test: the web and the jobs refuse to run on a database that lost its guards (TRUST I43, F52).

It compares the registry of guards with the database and tries one forbidden write of each kind, in a transaction that
is rolled back. Packages add theirs; each must be refused in the name of its guard.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import insert, inspect, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from extensions import db
from record import guards
from record.models import Act

Prepare = Callable[[Connection], None]
SHOWN = 8


@dataclass(frozen=True)
class Forbidden:
    """A write that must be refused. `prepare` makes the rows it needs; `refused_by` is part of the guard's name."""

    refused_by: str
    write: str
    prepare: Prepare | None


_forbidden: dict[str, Forbidden] = {}


class UnsafeDatabase(RuntimeError):
    """The database would let through what it must refuse. `faults` says what, one sentence each."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("; ".join(faults))


def forbid(what: str, refused_by: str, write: str, prepare: Prepare | None = None) -> None:
    """Register a forbidden write: plain SQL that both engines understand."""
    _forbidden[what] = Forbidden(refused_by, write, prepare)


def check() -> None:
    """Raises: UnsafeDatabase."""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table(Act.__tablename__):
            raise UnsafeDatabase(["there are no tables yet"])
        faults = [f"a guard is missing or changed: {name}" for name in guards.missing(connection)]
        for what, forbidden in _forbidden.items():
            faults += _try(connection, what, forbidden)
        connection.rollback()
    if faults:
        raise UnsafeDatabase(faults)


def _try(connection: Connection, what: str, forbidden: Forbidden) -> list[str]:
    attempt = connection.begin_nested()
    try:
        if forbidden.prepare is not None:
            forbidden.prepare(connection)
        connection.execute(text(forbidden.write))
    except DBAPIError as refusal:
        said = str(refusal.orig).splitlines()[0]
        lawful = forbidden.refused_by in said or "permission denied" in said
        return [] if lawful else [f"{what} is refused for another reason than its guard: {said}"]
    finally:
        attempt.rollback()
        pretend_act(connection, "")
    return [f"{what} is not refused"]


def pretend_act(connection: Connection, uid: str) -> None:
    """Say that an act is under way, on a connection whose work will be rolled back."""
    if connection.dialect.name == "sqlite":
        connection.info["act"] = uid or None
    else:
        connection.execute(text("SELECT set_config('fengli.act', :uid, true)"), {"uid": uid})


def or_exit(app: Flask) -> None:
    """Test for a process that is about to serve; where the test fails, end it with a message that can be read.

    3 is the exit status with which a gunicorn worker ends the whole server instead of being started again.
    """
    with app.app_context():
        try:
            check()
        except UnsafeDatabase as unsafe:
            _explain(unsafe.faults)
            sys.exit(3)
        except DBAPIError as trouble:
            _explain([f"it does not answer: {str(trouble.orig).splitlines()[0]}"])
            sys.exit(3)


def _explain(faults: list[str]) -> None:
    more = [f"and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else []
    lines = "".join(f"  - {fault}\n" for fault in (*faults[:SHOWN], *more))
    sys.stderr.write(
        f"Fengli does not start: the database is not fit to keep an office's records.\n{lines}"
        "`flask db upgrade` puts tables and guards right; `flask verify-db` then says whether anything slipped in.\n"
    )


def _write_an_act(connection: Connection) -> None:
    stored = {"name": "selftest", "at": datetime.now(UTC), "subject_table": Act.__tablename__}
    connection.execute(insert(Act.__table__).values(**stored))  # type: ignore[arg-type]


forbid("changing an act", "act_is_append_only", "UPDATE act SET name = 'x' WHERE name = 'selftest'", _write_an_act)
forbid("deleting an act", "act_is_append_only", "DELETE FROM act WHERE name = 'selftest'", _write_an_act)
