"""How the room of accounts joins the application."""

from __future__ import annotations

from flask import Flask

from accounts import presenting, rights, sign_in  # noqa: F401 - rights are declared on import


def init_app(app: Flask) -> None:
    sign_in.init_app(app)
    presenting.init_app(app)
