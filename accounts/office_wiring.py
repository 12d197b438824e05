"""How the pages of the trail, the messages, the office and the first-run guide join the application."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from accounts import guide, mail, navigation, notices, rights  # noqa: F401 - notices register on import
from accounts.views import guide as guide_pages
from accounts.views import guide_units, installation, messages, office, trail  # noqa: F401 - a step and its routes


def init_app(app: Flask) -> None:
    mail.init_app(app)
    guide.init_app(app)
    for room in (trail, messages, office, installation, guide_pages):
        app.register_blueprint(room.bp)
    app.add_template_global(trail.trail_of)
    navigation.place(60, "messages.mine", _l("Messages"), "bell", badge=messages.dead_letters)
    navigation.place(85, "office.index", _l("Office"), "building-bank", rights.CHANGE_SETTINGS)
    navigation.place(86, "installation.index", _l("Installation"), "database", rights.CHANGE_INSTALLATION)
    navigation.place(88, "trail.index", _l("Trail"), "history", rights.READ_AUDIT)
