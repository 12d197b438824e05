"""How the room of records joins the application."""

from __future__ import annotations

from flask import Flask

from record import commands


def init_app(app: Flask) -> None:
    app.cli.add_command(commands.jobs)
    app.cli.add_command(commands.verify_db)
