"""How the room of records joins the application."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from record import commands, edge, jobs, outbox


def init_app(app: Flask) -> None:
    app.cli.add_command(commands.jobs)
    app.cli.add_command(commands.verify_db)
    jobs.every(timedelta(seconds=20), "outbox.deliver", outbox.deliver_due)
    jobs.every(timedelta(hours=1), "answers.forget", edge.forget_old_answers)
    jobs.every(timedelta(days=1), "runs.forget", jobs.forget_old_runs)
