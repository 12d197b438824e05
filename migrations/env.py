"""Migrations: one set for both engines, run by the owner of the tables; the guards are re-applied after every one."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection, create_engine

from extensions import db, engine_options, listen_for_migration
from record import guards


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Column types of ours stand in migrations as what they are in the database."""
    if kind != "type":
        return False
    names = {
        "Utc": "sa.DateTime(timezone=True)",
        "CleanText": "sa.Text()",
        "Sealed": "sa.Text()",
        "AsaList": "sa.Text()",
    }
    return names.get(type(item).__name__, False)


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        render_item=render_item,
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
        guards.apply(connection)
    if connection.dialect.name == "sqlite":
        lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if lost:
            raise RuntimeError(f"the migration left rows without their parents: {lost[:5]}")


def migrate() -> None:
    url = current_app.config["SQLALCHEMY_OWNER_URI"]
    engine = create_engine(url, **engine_options(url))
    listen_for_migration(engine)
    with engine.connect() as connection:
        run(connection)
    engine.dispose()


migrate()
