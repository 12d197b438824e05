"""How the room of lawyers joins the application."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from accounts import navigation
from accounts.models import Role
from exchange.rights import IMPORT_FILES
from exchange.taking import Taker, register_taker
from lawyers import (  # noqa: F401 - declared and registered on import
    history,
    invariants,
    my_day,
    notices,
    rights,
    settings,
)
from lawyers.actions import days_off  # noqa: F401 - follows the calendar
from lawyers.actions.register import context_of, current_lawyer, store_lawyer
from lawyers.rules.register import REGISTER
from lawyers.views import cells, duties, publication, register, rota, station, station_guide

LAWYERS = frozenset({Role.LAWYER})
STAFF_SIDE = frozenset(Role) - LAWYERS


def init_app(app: Flask) -> None:
    """Register blueprints, commands, notices, jobs and places of the navigation."""
    for chapter in (register, rota, cells, publication, duties, station, station_guide):
        app.register_blueprint(chapter.bp)
    my_day.register()
    navigation.place(40, "rota.index", _l("Duty rota"), "scale", rights.SEE_ROTA, roles=STAFF_SIDE)
    navigation.place(40, "duties.mine", _l("My duties"), "scale", rights.SEE_ROTA, roles=LAWYERS)
    navigation.place(42, "register.index", _l("Duty lawyers"), "users", rights.DRAFT_ROTA)
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
            page="register.show",
            order=10,
        )
    )
