"""How the room of accounts joins the application."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from accounts import (  # noqa: F401 - rights and settings are declared on import
    navigation,
    office_wiring,
    own_settings,
    presenting,
    rights,
    sign_in,
)
from accounts.views import (
    delegation,
    devices,
    disclosure,
    hand_over,
    health,
    language,
    memberships,
    merging,
    people,
    profile,
    role_grants,
    settings,
)
from accounts.views import sign_in as sign_in_pages


def init_app(app: Flask) -> None:
    sign_in.init_app(app)
    presenting.init_app(app)
    office_wiring.init_app(app)
    for room in (sign_in_pages, devices, profile, language, health):
        app.register_blueprint(room.bp)
    app.register_blueprint(settings.bp)
    for room in (people, memberships, role_grants, disclosure, merging, delegation, hand_over):
        app.register_blueprint(room.bp)
    navigation.place(70, "people.listing", _l("People"), "users", rights.SEE_PEOPLE)
    navigation.place(
        72, "role_grants.index", _l("Roles to approve"), "id-badge-2", rights.APPROVE_ROLE, role_grants.waiting_for_me
    )
    navigation.place(74, "delegation.index", _l("Delegation"), "user-check", rights.DELEGATE_APPROVAL)
    navigation.place(76, "hand_over.index", _l("Hand-over"), "arrows-exchange", rights.HAND_OVER_WORK)
    navigation.place(90, "settings.index", _l("Settings"), "settings", rights.CHANGE_SETTINGS)
