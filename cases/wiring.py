"""How the room of cases joins the application."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from accounts import navigation
from cases import history, models, rights, settings  # noqa: F401 - declared on import
from cases.views import entering, limits, parties


def init_app(app: Flask) -> None:
    """Register blueprints, commands, notices, jobs and places of the navigation."""
    for chapter in (entering, parties, limits):
        app.register_blueprint(chapter.bp)
    navigation.place(35, "cases.index", _l("Cases"), "archive", rights.SEE_CASE)
