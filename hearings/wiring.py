"""How the room of hearings joins the application."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from accounts import navigation
from accounts.models import Role
from cases import panels as case_panels
from cases import pending
from exchange.rights import IMPORT_FILES
from exchange.taking import Taker, register_taker
from hearings import (  # noqa: F401 - declared on import
    days_off,
    history,
    models,
    notices,
    panels,
    rights,
    settings,
    sitting_wiring,
    waiting,
)
from hearings.actions.pool import current_officer, pool_context, store_officer
from hearings.rules.pool import POOL
from hearings.views import approval, hearings, pool, request
from scheduler.calendar import desk


def init_app(app: Flask) -> None:
    """Register blueprints, commands, notices, jobs and places of the navigation."""
    for chapter in (hearings, request, approval, pool):
        app.register_blueprint(chapter.bp)
    panels.panel("request", 10, request.request_panel)
    panels.panel("approval", 20, approval.approval_panel)
    panels.need("request", 10, request.what_is_missing)
    panels.need("approval", 5, approval.what_is_missing)
    sitting_wiring.init_app(app)
    pending.keeps_open(waiting.not_closed)
    case_panels.panel("hearings", 10, request.hearings_of_case)
    desk.waits("hearings", waiting.waiting)
    navigation.place(30, "hearings.index", _l("Hearings"), "gavel", rights.SEE_HEARING)
    navigation.place(
        31,
        "hearing_approval.index",
        _l("Hearings to decide on"),
        "clipboard-check",
        rights.APPROVE_HEARING,
        approval.waiting_count,
    )
    navigation.place(32, "pool.index", _l("Hearing officers"), "users", rights.READ_POOL)
    register_taker(
        Taker(
            "hearing-officers",
            _l("Hearing officers"),
            POOL,
            IMPORT_FILES,
            context=pool_context,
            store=store_officer,
            current=current_officer,
            roles=frozenset({Role.COORDINATOR, Role.CASE_MANAGEMENT}),
            note=_l("The pool of hearing officers: one row a person, known by name and date of birth."),
            order=40,
        )
    )
