"""How the room of volunteers joins the application."""

from __future__ import annotations

from datetime import datetime

from flask import Flask
from flask_babel import lazy_gettext as _l

from accounts import navigation
from exchange.rights import IMPORT_FILES
from exchange.taking import Taker, register_taker
from scheduler.calendar import kinds
from volunteers import (  # noqa: F401 - declared and registered on import
    desk,
    guards,
    history,
    invariants,
    notices,
    rights,
    settings,
)
from volunteers.actions import intake, posts, sheet
from volunteers.rules.intake import INTAKE
from volunteers.rules.posts import POSTS
from volunteers.rules.sheet import SHEET
from volunteers.views import assessments, board, on_behalf, opening, shifts
from volunteers.views import posts as post_pages


def _desk(app: Flask) -> None:
    """The pages of coordinator, squad leader and prosecutor."""
    for chapter in (post_pages, opening, shifts, on_behalf, board, assessments):
        app.register_blueprint(chapter.bp)
    app.add_template_filter(datetime.fromisoformat, "instant")
    kinds.register_kind(kinds.Kind("shift", _l("Traffic service"), "traffic-lights", link=shifts.link_of))
    navigation.place(44, "shifts.week", _l("Traffic shifts"), "traffic-lights", rights.KEEP_SHIFTS)
    navigation.place(
        46, "board.show", _l("People under assessment"), "progress", rights.SEE_ASSESSMENT, roles=assessments.DESK
    )


def init_app(app: Flask) -> None:
    """Register blueprints, commands, notices, jobs and places of the navigation."""
    _desk(app)
    register_taker(
        Taker(
            "posts",
            _l("Traffic posts"),
            POSTS,
            IMPORT_FILES,
            posts.context,
            posts.store,
            posts.current,
            note=_l("Where volunteers stand, in which hours, how many, and under which officers."),
            order=20,
        )
    )
    register_taker(
        Taker(
            "volunteers",
            _l("People under assessment"),
            INTAKE,
            IMPORT_FILES,
            intake.context,
            intake.store,
            intake.current,
            note=_l("Who serves until when, for how many hours, and in which case."),
            order=30,
        )
    )
    register_taker(
        Taker(
            "signins",
            _l("Sign-in sheets"),
            SHEET,
            IMPORT_FILES,
            sheet.context,
            sheet.store,
            sheet.current,
            note=_l("The paper sheets of a month. Nothing is confirmed by this: each sheet is put before its officer."),
            monthly=True,
            settled=sheet.settled,
            order=50,
        )
    )
