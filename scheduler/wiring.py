"""How the room of the scheduler joins the application."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_babel import lazy_gettext as _l

from accounts import navigation
from accounts.access import Viewer
from accounts.models import Role
from accounts.rights import CHANGE_SETTINGS
from record import jobs
from scheduler import history, notices, settings  # noqa: F401 - declared on import
from scheduler.calendar import desk, ending, kinds
from scheduler.deadlines import deadlines  # noqa: F401 - its invariants register on import
from scheduler.deadlines.commands import count_command
from scheduler.rights import APPROVE_ABSENCE, MANAGE_OWN_FEED, REQUEST_ABSENCE, SEE_CALENDAR
from scheduler.timeline import (  # noqa: F401 - guards, invariants and the part in a merge register on import
    guards,
    invariants,
    lending,
    merging,
    selftest,
)
from scheduler.timeline.models import Event
from scheduler.views import absence, calendar, calendar_days, day, feeds, rooms

NO_CALENDAR_PAGE = frozenset({Role.HEARING_OFFICER})  # everybody else finds his feed on the calendar


def _own_words(event: Event, viewer: Viewer) -> str:
    return event.title


def init_app(app: Flask) -> None:
    kinds.register_kind(kinds.Kind("absence", _l("Leave"), "calendar-off"))
    kinds.register_kind(kinds.Kind("meeting", _l("Meeting"), "users", title=_own_words))
    app.cli.add_command(count_command)
    app.register_blueprint(calendar_days.bp)
    app.register_blueprint(rooms.bp)
    for room in (day, calendar, feeds):
        app.register_blueprint(room.bp)
    navigation.place(10, "day.mine", _l("My day"), "home")
    navigation.place(20, "calendar.show", _l("Calendar"), "calendar", SEE_CALENDAR)
    app.register_blueprint(absence.bp)
    app.register_blueprint(absence.asked)
    navigation.place(25, "feeds.mine", _l("My phone's calendar"), "rss", MANAGE_OWN_FEED, roles=NO_CALENDAR_PAGE)
    navigation.place(75, "absence.index", _l("Leave"), "calendar-off", REQUEST_ABSENCE)
    navigation.place(
        76,
        "asked_leave.index_asked",
        _l("Leave to decide on"),
        "clipboard-check",
        APPROVE_ABSENCE,
        absence.waiting_count,
    )
    desk.waits("leave", absence.requests_waiting)
    jobs.every(timedelta(days=1), "feeds.tend", ending.tend_feeds)
    navigation.place(92, "calendar_days.year", _l("Working days"), "beach", CHANGE_SETTINGS)
