"""Whether the program and its database answer."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from accounts.web import public
from extensions import db

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def show() -> ResponseReturnValue:
    """`{"status": "ok", "schema": "0001"}`; 503 where the database does not answer."""
    try:
        revision = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    except DBAPIError:
        db.session.rollback()
        return {"status": "no database", "schema": None}, 503
    return {"status": "ok", "schema": revision}
