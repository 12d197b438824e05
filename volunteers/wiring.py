"""How the room of volunteers joins the application."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from exchange.rights import IMPORT_FILES
from exchange.taking import Taker, register_taker
from volunteers import guards, rights, settings  # noqa: F401 - declared on import
from volunteers.actions import intake, posts, sheet
from volunteers.rules.intake import INTAKE
from volunteers.rules.posts import POSTS
from volunteers.rules.sheet import SHEET


def init_app(app: Flask) -> None:
    """Register blueprints, commands, notices, jobs and places of the navigation."""
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
