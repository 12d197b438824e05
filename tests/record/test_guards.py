"""The guards survive migrations, and a database without them is not served (F52, I43)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask
from sqlalchemy import Connection, create_engine, text

from extensions import db, engine_options, listen_for_migration
from record import guards, selftest
from record.selftest import UnsafeDatabase
from scheduler.timeline.guards import ONE_PLACE
from tests.town import Town


@pytest.fixture
def owner(town: Town) -> Iterator[Connection]:
    """A connection of the tables' owner, as migrations have it."""
    db.session.remove()
    url = town.app.config["SQLALCHEMY_OWNER_URI"]
    engine = create_engine(url, **engine_options(url))
    listen_for_migration(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def rebuild_booking(connection: Connection, change: Any) -> None:
    """What a migration does to a table: on SQLite it makes a new one, copies, drops the old."""
    operations = Operations(MigrationContext.configure(connection))
    with operations.batch_alter_table("booking", recreate="auto") as batch:
        change(batch)


def test_a_migration_that_rebuilds_a_guarded_table_gets_its_guards_back(owner: Connection, town: Town) -> None:
    """F52: up and down."""
    for change in (
        lambda batch: batch.add_column(sa.Column("remark", sa.Text(), nullable=True)),
        lambda batch: batch.alter_column("remark", existing_type=sa.Text(), nullable=False, server_default=""),
        lambda batch: batch.drop_column("remark"),
    ):
        rebuild_booking(owner, change)
        guards.apply(owner)
        assert guards.missing(owner) == []
    owner.commit()
    selftest.check()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_without_that_sqlite_would_have_lost_them_without_a_word(owner: Connection, town: Town) -> None:
    """TRUST finding 16: the reason for all of this."""
    rebuild_booking(owner, lambda batch: batch.alter_column("status", existing_type=sa.Text(), server_default="x"))
    owner.commit()
    lost = guards.missing(owner)
    owner.rollback()
    assert {f"{ONE_PLACE}_insert", f"{ONE_PLACE}_update", "booking_needs_an_act_insert"} <= set(lost)
    assert {name for name in lost if "booking" not in name and "quota_counts" not in name} == set()
    with pytest.raises(UnsafeDatabase) as unsafe:
        selftest.check()
    assert "being in two places is not refused" in unsafe.value.faults


def lose(connection: Connection, name: str) -> None:
    guard = next(g for g in guards.registered() if g.name == name)
    on = "" if connection.dialect.name == "sqlite" else f" ON {guard.table}"
    connection.execute(text(f"DROP TRIGGER {name}{on}"))
    connection.commit()


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("booking_needs_an_act_update", "writing without an act is not refused"),
        ("act_is_append_only_update", ""),
        ("event_needs_an_act_delete", ""),
    ],
)
def test_a_database_that_lost_a_guard_is_not_served(owner: Connection, town: Town, name: str, fault: str) -> None:
    """I43. A guard that no attempt would notice is noticed by comparison."""
    selftest.check()
    db.session.remove()
    lose(owner, name)
    with pytest.raises(UnsafeDatabase) as unsafe:
        selftest.check()
    assert unsafe.value.faults[0] == f"a guard is missing or changed: {name}"
    if fault:
        assert fault in unsafe.value.faults


def test_a_guard_of_the_same_name_that_guards_nothing_is_noticed(owner: Connection, town: Town) -> None:
    if owner.dialect.name == "sqlite":
        lose(owner, "office_needs_an_act_update")
        hollow = "CREATE TRIGGER office_needs_an_act_update BEFORE UPDATE ON office BEGIN SELECT 1; END"
        owner.exec_driver_sql(hollow)
    else:
        body = "CREATE OR REPLACE FUNCTION office_needs_an_act_update() RETURNS trigger LANGUAGE plpgsql AS "
        owner.execute(text(body + "$$ BEGIN RETURN NEW; END $$"))
    owner.commit()
    assert guards.missing(owner) == ["office_needs_an_act_update"]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_right_too_much_of_the_applications_role_is_noticed(owner: Connection, town: Town) -> None:
    """I18."""
    owner.execute(text(f"GRANT DELETE ON act TO {guards.APP_ROLE}"))
    owner.commit()
    assert guards.missing(owner) == [f"{guards.APP_ROLE} may DELETE act"]


def test_the_process_ends_with_a_message_that_can_be_read(
    owner: Connection, town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    lose(owner, "event_needs_an_act_update")
    with pytest.raises(SystemExit) as end:
        selftest.or_exit(town.app)
    assert end.value.code == 3
    assert capsys.readouterr().err == (
        "Fengli does not start: the database is not fit to keep an office's records.\n"
        "  - a guard is missing or changed: event_needs_an_act_update\n"
        "`flask db upgrade` puts tables and guards right; `flask verify-db` then says whether anything slipped in.\n"
    )


def test_an_empty_database_is_told_from_an_unguarded_one(app: Flask, owner: Connection) -> None:
    if owner.dialect.name == "sqlite":
        for table in db.metadata.tables:
            owner.exec_driver_sql(f'DROP TABLE IF EXISTS "{table}"')
    else:
        owner.execute(text("DROP SCHEMA public CASCADE"))
        owner.execute(text("CREATE SCHEMA public"))
    owner.commit()
    with pytest.raises(UnsafeDatabase) as unsafe:
        selftest.check()
    assert unsafe.value.faults == ["there are no tables yet"]


def test_the_self_test_leaves_nothing_behind(town: Town) -> None:
    count = text("SELECT (SELECT count(*) FROM act) + (SELECT count(*) FROM booking) + (SELECT count(*) FROM office)")
    before = db.session.scalar(count)
    db.session.rollback()
    selftest.check()
    assert db.session.scalar(count) == before
