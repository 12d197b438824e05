"""The guards: triggers and constraints that no migration, shell or mistake may lose.

Every package registers its guards; they are re-applied after each migration, because Alembic's batch mode on SQLite
rebuilds a table and drops its triggers without a word (TRUST finding 16, I43). `missing` compares the registry with
the database; the start-up self-test and `flask verify-db` ask it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.engine import Connection

APP_ROLE = "fengli_app"


@dataclass(frozen=True)
class Guard:
    """One trigger with the same name and effect on both engines.

    `when` is the event ("BEFORE INSERT"), `sqlite` the trigger's condition-and-body, `postgresql` the body of its
    PL/pgSQL function between BEGIN and END. `row` false makes a statement trigger (PostgreSQL only).
    """

    name: str
    table: str
    when: str
    sqlite: str = ""
    postgresql: str = ""
    row: bool = True
    deferred: bool = False

    def for_sqlite(self) -> str:
        return f"CREATE TRIGGER {self.name} {self.when} ON {self.table} {self.sqlite}"

    def function_body(self) -> str:
        return f"BEGIN {self.postgresql} END"

    def for_postgresql(self) -> list[str]:
        each = "ROW" if self.row else "STATEMENT"
        kind = "CONSTRAINT TRIGGER" if self.deferred else "TRIGGER"
        deferral = "DEFERRABLE INITIALLY DEFERRED " if self.deferred else ""
        return [
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$guard$ {self.function_body()} $guard$",
            f"CREATE {kind} {self.name} {self.when} ON {self.table} {deferral}FOR EACH {each} "
            f"EXECUTE FUNCTION {self.name}()",
        ]


@dataclass(frozen=True)
class Exclusion:
    """An exclusion constraint of PostgreSQL; on SQLite two triggers stand for it."""

    name: str
    table: str
    definition: str

    def fingerprint(self) -> str:
        return hashlib.sha256(self.definition.encode()).hexdigest()


_registry: dict[str, Guard] = {}
_exclusions: dict[str, Exclusion] = {}
_append_only: set[str] = set()


def register(guards: Iterable[Guard]) -> None:
    for guard in guards:
        if _registry.get(guard.name, guard) != guard:
            raise RuntimeError(f"two guards are called {guard.name}")
        _registry[guard.name] = guard


def exclude(exclusion: Exclusion) -> None:
    _exclusions[exclusion.name] = exclusion


def refuse_pg(name: str, when: str) -> str:
    """PL/pgSQL: raise `name` as a constraint's name when the condition holds, so that both engines report it alike."""
    return f"IF {when} THEN RAISE EXCEPTION '{name}' USING ERRCODE = '23514', CONSTRAINT = '{name}'; END IF;"


def append_only(table: str) -> None:
    """Rows of this table are never changed nor deleted (I18)."""
    _append_only.add(table)
    name = f"{table}_is_append_only"
    raising = f"RAISE EXCEPTION '{name}' USING ERRCODE = '23514', CONSTRAINT = '{name}';"
    for verb in ("UPDATE", "DELETE"):
        register(
            [
                Guard(
                    f"{name}_{verb.lower()}",
                    table,
                    f"BEFORE {verb}",
                    sqlite=f"BEGIN SELECT RAISE(ABORT, '{name}'); END",
                    postgresql=raising,
                )
            ]
        )
    register([Guard(f"{name}_truncate", table, "BEFORE TRUNCATE", postgresql=raising, row=False)])


def is_append_only(table: str) -> bool:
    return table in _append_only


def needs_act(table: str) -> None:
    """No row of this table changes without an act in the same transaction (I20)."""
    for verb in ("INSERT", "UPDATE", "DELETE"):
        given = "OLD" if verb == "DELETE" else "NEW"
        register(
            [
                Guard(
                    f"{table}_needs_an_act_{verb.lower()}",
                    table,
                    f"BEFORE {verb}",
                    sqlite=f"WHEN fengli_act() IS NULL BEGIN SELECT RAISE(ABORT, '{table}_needs_an_act'); END",
                    postgresql=refuse_pg(
                        f"{table}_needs_an_act", "coalesce(current_setting('fengli.act', true), '') = ''"
                    )
                    + f" RETURN {given};",
                )
            ]
        )


def course_guard(table: str, pairs: Sequence[tuple[str, str]], column: str = "state") -> None:
    """A state moves only along its course (I08)."""
    name = f"{table}_{column}_keeps_its_course"
    lawful = " OR ".join(f"(OLD.{column} = '{a}' AND NEW.{column} = '{b}')" for a, b in sorted(set(pairs))) or "FALSE"
    wrong = f"OLD.{column} <> NEW.{column} AND NOT ({lawful})"
    register(
        [
            Guard(
                name,
                table,
                f"BEFORE UPDATE OF {column}",
                sqlite=f"WHEN {wrong} BEGIN SELECT RAISE(ABORT, '{name}'); END",
                postgresql=refuse_pg(name, wrong) + " RETURN NEW;",
            )
        ]
    )


def _fingerprint(guard: Guard) -> str:
    return hashlib.sha256(" ".join(guard.for_postgresql()).encode()).hexdigest()


def apply(connection: Connection) -> None:
    """(Re)create every guard of the registry on tables that exist, and drop those that are no longer in it."""
    if connection.dialect.name == "sqlite":
        _apply_sqlite(connection)
    else:
        _apply_postgresql(connection)


def _apply_sqlite(connection: Connection) -> None:
    tables = set(connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars())
    for name in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    for guard in _registry.values():
        if guard.sqlite and guard.table in tables:
            connection.exec_driver_sql(guard.for_sqlite())


def _apply_postgresql(connection: Connection) -> None:
    tables = set(connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars())
    for name, table in connection.execute(_PG_TRIGGERS).all():
        connection.exec_driver_sql(f'DROP TRIGGER "{name}" ON "{table}"')
    for guard in _registry.values():
        if guard.postgresql and guard.table in tables:
            for statement in guard.for_postgresql():
                connection.exec_driver_sql(statement)
            connection.exec_driver_sql(f"COMMENT ON TRIGGER {guard.name} ON {guard.table} IS '{_fingerprint(guard)}'")
    _exclude(connection, tables)
    _grant(connection, tables)


def _exclude(connection: Connection, tables: set[str]) -> None:
    kept = {row.name: row.said for row in connection.execute(_PG_EXCLUSIONS)}
    for exclusion in _exclusions.values():
        if exclusion.table not in tables or kept.get(exclusion.name) == exclusion.fingerprint():
            continue
        if exclusion.name in kept:
            connection.exec_driver_sql(f"ALTER TABLE {exclusion.table} DROP CONSTRAINT {exclusion.name}")
        connection.exec_driver_sql(
            f"ALTER TABLE {exclusion.table} ADD CONSTRAINT {exclusion.name} {exclusion.definition}"
        )
        connection.exec_driver_sql(
            f"COMMENT ON CONSTRAINT {exclusion.name} ON {exclusion.table} IS '{exclusion.fingerprint()}'"
        )


def _grant(connection: Connection, tables: set[str]) -> None:
    """Give the application's role its rights: it owns nothing, and may only add to what is append-only."""
    known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": APP_ROLE}).scalar()
    if not known:
        connection.exec_driver_sql(f"CREATE ROLE {APP_ROLE} LOGIN")
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}")
    connection.exec_driver_sql(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP_ROLE}")
    connection.exec_driver_sql(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}")
    for table in sorted(_append_only & tables):
        connection.exec_driver_sql(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {APP_ROLE}")


_PG_TRIGGERS = text(
    "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal"
)
_PG_EXCLUSIONS = text(
    "SELECT conname AS name, coalesce(obj_description(oid, 'pg_constraint'), '') AS said FROM pg_constraint "
    "WHERE contype = 'x'"
)
_PG_STATE = text(
    "SELECT t.tgname, t.tgenabled::text AS enabled, obj_description(t.oid, 'pg_trigger') AS said, p.prosrc AS body "
    "FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal"
)
_PG_RIGHTS = text("SELECT has_table_privilege(:role, CAST(:table AS text), :right)")


def registered() -> list[Guard]:
    """Every guard there is, as packages registered them."""
    return list(_registry.values())


def missing(connection: Connection) -> list[str]:
    """Name every guard of the registry that the database lacks, has switched off, or holds in another wording."""
    if connection.dialect.name == "sqlite":
        triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        stored = {row.name: row.sql for row in triggers}
        return [g.name for g in _registry.values() if g.sqlite and stored.get(g.name) != g.for_sqlite()]
    state = {row.tgname: (row.enabled, row.said, row.body.strip()) for row in connection.execute(_PG_STATE)}
    kept = {row.name: row.said for row in connection.execute(_PG_EXCLUSIONS)}
    lost = [
        g.name
        for g in _registry.values()
        if g.postgresql and state.get(g.name) != ("O", _fingerprint(g), g.function_body())
    ]
    lost += [e.name for e in _exclusions.values() if kept.get(e.name) != e.fingerprint()]
    return lost + _too_much_right(connection)


def _too_much_right(connection: Connection) -> list[str]:
    """Rights that the application's role must not have on what is append-only (I18)."""
    tables = set(connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars())
    known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": APP_ROLE}).scalar()
    return [
        f"{APP_ROLE} may {right} {table}"
        for table in sorted(_append_only & tables)
        for right in ("UPDATE", "DELETE", "TRUNCATE")
        if known and connection.scalar(_PG_RIGHTS, {"role": APP_ROLE, "table": table, "right": right})
    ]
