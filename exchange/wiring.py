"""How the room of exchange joins the application."""

from __future__ import annotations

from flask import Flask

from exchange import commands, rights  # noqa: F401 - rights are declared on import


def init_app(app: Flask) -> None:
    app.cli.add_command(commands.import_command)
