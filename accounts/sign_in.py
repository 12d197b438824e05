"""Signing in with Flask-Security-Too: which parts of it are used, and how they meet our sessions."""

from __future__ import annotations

from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore

from accounts.models import Account
from extensions import db
from record.sealed import keyed_hash

security = Security()


class NoRoles:
    """Flask-Security asks for a role model; ours are memberships, judged by `accounts.access`."""


def init_app(app: Flask) -> None:
    app.config["SECURITY_USER_IDENTITY_ATTRIBUTES"] = [
        {"phone_hash": {"mapper": lambda typed: keyed_hash("phone", typed)}},
        {"username": {"mapper": lambda typed: typed, "case_insensitive": True}},
    ]
    security.init_app(app, SQLAlchemyUserDatastore(db, Account, NoRoles))
