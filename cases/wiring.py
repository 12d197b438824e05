"""How the room of cases joins the application."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from accounts import navigation
from accounts.models import Role
from cases import history, models, notices, rights, settings  # noqa: F401 - declared on import
from cases.actions import intake
from cases.rules.intake import CASES
from cases.views import entering, limits, parties, reassigning
from exchange.rights import IMPORT_FILES
from exchange.taking import Taker, register_taker


def init_app(app: Flask) -> None:
    """Register blueprints, commands, notices, jobs and places of the navigation."""
    for chapter in (entering, parties, limits, reassigning):
        app.register_blueprint(chapter.bp)
    register_taker(
        Taker(
            "cases",
            _l("Cases"),
            CASES,
            IMPORT_FILES,
            intake.context,
            intake.store,
            intake.current,
            roles=frozenset({Role.PROSECUTOR, Role.COORDINATOR, Role.CASE_MANAGEMENT}),
            note=_l("One row a suspect: number, cause, receipt, who handles it, and under which measure he is."),
            page="cases.show",
            order=25,
        )
    )
    navigation.place(35, "cases.index", _l("Cases"), "archive", rights.SEE_CASE)
