"""Commands of the records: the jobs process and the check of the whole database."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from extensions import db
from record import invariants, selftest
from record import jobs as work


@click.command("jobs")
@with_appcontext
def jobs() -> None:
    """Deliver messages, remind, tidy up: the work nobody clicks for."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    selftest.or_exit(app)
    work.work(app, Path(app.config["FENGLI_DATA"]) / "jobs.lock")


@click.command("verify-db")
@with_appcontext
def verify_db() -> None:
    """Check every invariant; exit 1 naming what is broken."""
    found = invariants.broken()
    db.session.rollback()
    for breach in found:
        click.echo(f"{breach.invariant}: {breach.what}")
    click.echo(f"{len(invariants.names())} invariants checked, {len(found)} breaches")
    sys.exit(1 if found else 0)
