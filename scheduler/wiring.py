"""How the room of the scheduler joins the application."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from accounts import navigation
from accounts.rights import CHANGE_SETTINGS
from scheduler import settings  # noqa: F401 - declared on import
from scheduler.deadlines import deadlines  # noqa: F401 - its invariants register on import
from scheduler.deadlines.commands import count_command
from scheduler.rights import APPROVE_ABSENCE, REQUEST_ABSENCE
from scheduler.timeline import (  # noqa: F401 - guards, invariants and the part in a merge register on import
    guards,
    invariants,
    lending,
    merging,
    selftest,
)
from scheduler.views import absence, calendar_days, rooms


def init_app(app: Flask) -> None:
    app.cli.add_command(count_command)
    app.register_blueprint(calendar_days.bp)
    app.register_blueprint(rooms.bp)
    app.register_blueprint(absence.bp)
    app.register_blueprint(absence.asked)
    navigation.place(75, "absence.index", _l("Leave"), "calendar-off", REQUEST_ABSENCE)
    navigation.place(
        76,
        "asked_leave.index_asked",
        _l("Leave to decide on"),
        "clipboard-check",
        APPROVE_ABSENCE,
        absence.waiting_count,
    )
    navigation.place(92, "calendar_days.year", _l("Working days"), "beach", CHANGE_SETTINGS)
