"""Bookkeeping that a reading leaves: when a session, device or feed was last used.

Written after the answer on a connection of its own, at most once a minute per row; it is no act and may be lost.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Response, current_app
from sqlalchemy import or_, update
from sqlalchemy.exc import SQLAlchemyError

from extensions import db

AT_MOST_EVERY = timedelta(minutes=1)


def is_due(last: datetime | None, at: datetime) -> bool:
    """Whether a trace may be left again. Whoever left one within the minute asks no database for the writer's place."""
    return last is None or last < at - AT_MOST_EVERY


def leave(response: Response, model: Any, row_id: int, column: str, at: datetime, **more: Any) -> None:
    """After `response` is sent, set `column` of the row to `at`, if it is older than a minute."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def write() -> None:
        stamp = getattr(model, column)
        stale = or_(stamp.is_(None), stamp < at - AT_MOST_EVERY)
        statement = update(model).where(model.id == row_id, stale).values({column: at, **more})
        with app.app_context():
            try:
                with db.engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection, connection.begin():
                    connection.execute(statement)
            except SQLAlchemyError:
                app.logger.debug("a trace was lost")

    response.call_on_close(write)
