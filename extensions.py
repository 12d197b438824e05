"""Extensions: created here, initialised in `app.py`. The one place that knows how each database engine is opened."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pysqlite3.dbapi2
from flask import Flask, has_request_context, request
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import JSON, BigInteger, Dialect, Engine, Integer, MetaData, Text, Uuid, event
from sqlalchemy import DateTime as SqlDateTime
from sqlalchemy.engine import Connection, CursorResult, Result
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from errors import Refusal

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
READING = frozenset({"GET", "HEAD", "OPTIONS"})
OLDEST_SAFE_SQLITE = (3, 51, 3)

Key = BigInteger().with_variant(Integer, "sqlite")


# NUL, and what turns the direction of reading: embeddings, overrides and isolates
UNSTORABLE = frozenset("\x00\u202a\u202b\u202d\u202e\u2066\u2067")


class UnstorableText(Refusal, DontWrapMixin):
    """A text that no database may hold: NUL, half a surrogate pair, or a control that turns reading direction (I33)."""

    code = "unstorable_text"
    status = 422
    message = "The text contains characters that cannot be stored."
    help = "Remove the invisible characters and send it again."


def storable(text: str) -> str:
    """Return the text in NFC. Raises: UnstorableText (TRUST I33)."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise UnstorableText() from None
    if not UNSTORABLE.isdisjoint(text):
        raise UnstorableText()
    return unicodedata.normalize("NFC", text)


# Pinyin with its syllables apart: blanks stand before letters on both databases, so that Chen comes before Cheng.
BY_SYLLABLE = Text().with_variant(Text(collation="C"), "postgresql")


class Utc(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database; on SQLite text of one width, so that `<` compares times."""

    impl = SqlDateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is no instant")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class CleanText(TypeDecorator[str]):
    """Text of any length that both engines store alike (I33)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class Base(DeclarativeBase):
    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={
            datetime: Utc(),
            str: CleanText(),
            uuid.UUID: Uuid(),
            dict[str, Any]: JSON(),
            list[Any]: JSON(),
        },
    )


class Row:
    """What every table has: a bigint key inside, a random public id outside."""

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)


db = SQLAlchemy(model_class=Base)
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model

migrate = Migrate(db=db, directory="migrations", render_as_batch=True)
babel = Babel()
csrf = CSRFProtect()
limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=True)


def rows_hit(result: Result[Any]) -> int:
    """How many rows an UPDATE or DELETE hit."""
    return int(cast("CursorResult[Any]", result).rowcount)


_only_looks: ContextVar[bool] = ContextVar("fengli_only_looks", default=False)


def is_reading() -> bool:
    """Whether the work at hand may not write: a GET or HEAD request (TRUST section 5, 3.5.3), or a part that reads."""
    return has_request_context() and (request.method in READING or _only_looks.get())


@contextmanager
def only_looking() -> Iterator[None]:
    """A part of a writing request that only reads, outside the transaction of the edge: it waits for no writer.

    What comes after begins a transaction of its own, so that it may write.
    """
    if not has_request_context() or request.method in READING:
        yield
        return
    db.session.rollback()
    token = _only_looks.set(True)
    try:
        yield
    finally:
        _only_looks.reset(token)
        db.session.rollback()


def _open_sqlite(raw: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    raw.isolation_level = None
    cursor = raw.cursor()
    for pragma in (
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=10000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    raw.create_function("fengli_act", 0, lambda: entry.info.get("act"))


def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        reading = is_reading()
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED" if reading else "IMMEDIATE")
        connection.exec_driver_sql(f"PRAGMA query_only={int(mode == 'DEFERRED')}")
        connection.exec_driver_sql(f"BEGIN {mode}")
    elif is_reading():
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


def _forget_act(connection: Connection) -> None:
    if not connection.invalidated:  # a lost connection took its act with it
        connection.info.pop("act", None)


def listen(engine: Engine) -> None:
    """Attach what every connection of this engine needs (TRUST section 3, TRIED section 2)."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _open_sqlite)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "commit", _forget_act)
    event.listen(engine, "rollback", _forget_act)


def listen_for_migration(engine: Engine) -> None:
    """Attach what a migration's connections need. Batch mode drops a table and renames its copy: with foreign keys on,
    SQLite would delete the children first, and without the legacy form of ALTER it would refuse the renaming where a
    guard of another table reads this one (tried: F52)."""
    listen(engine)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _open_sqlite_for_migration)


def _open_sqlite_for_migration(raw: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    cursor = raw.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.execute("PRAGMA legacy_alter_table=ON")
    cursor.close()


def engine_options(url: str) -> dict[str, Any]:
    """Engine options by database address; an error never quotes what was to be stored.

    Raises RuntimeError where the SQLite is one that can lose a database.
    """
    if not url.startswith("sqlite"):
        return {"hide_parameters": True, "pool_pre_ping": True, "connect_args": {"connect_timeout": 5}}
    if pysqlite3.dbapi2.sqlite_version_info < OLDEST_SAFE_SQLITE:
        raise RuntimeError(f"SQLite {pysqlite3.dbapi2.sqlite_version} can corrupt a WAL database; 3.51.3 is needed")
    return {"hide_parameters": True, "module": pysqlite3.dbapi2, "connect_args": {"timeout": 10}}


def open_database(app: Flask) -> None:
    """Initialise the database extensions and their connection listeners."""
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(app.config["SQLALCHEMY_DATABASE_URI"])
    db.init_app(app)
    migrate.init_app(app)
    with app.app_context():
        listen(db.engine)
