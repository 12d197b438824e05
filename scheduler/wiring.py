"""How the room of the scheduler joins the application."""

from __future__ import annotations

from flask import Flask

from scheduler.deadlines.commands import count_command
from scheduler.timeline import guards, invariants, lending, selftest  # noqa: F401 - guards and invariants register on import


def init_app(app: Flask) -> None:
    app.cli.add_command(count_command)
