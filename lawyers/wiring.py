"""How the room of lawyers joins the application."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from accounts import navigation
from exchange.rights import IMPORT_FILES
from exchange.taking import Taker, register_taker
from lawyers import invariants, notices, rights, settings  # noqa: F401 - declared and registered on import
from lawyers.actions.register import context_of, current_lawyer, store_lawyer
from lawyers.rules.register import REGISTER
from lawyers.views import register


def init_app(app: Flask) -> None:
    """Register blueprints, commands, notices, jobs and places of the navigation."""
    app.register_blueprint(register.bp)
    navigation.place(42, "register.index", _l("Duty lawyers"), "scale", rights.DRAFT_ROTA)
    register_taker(
        Taker(
            "lawyers",
            _l("Duty lawyers"),
            REGISTER,
            IMPORT_FILES,
            context=context_of,
            store=store_lawyer,
            current=current_lawyer,
            note=_l("The register of the legal-aid body: one row a lawyer, known by his licence number."),
            order=10,
        )
    )
