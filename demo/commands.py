"""What comes before serving: the database brought up to date, the demonstration office, and how to sign in."""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import select

from accounts import guide
from accounts.actions.devices import issue_link
from accounts.models import Account, Office, Role
from config import ROOT
from demo import office as demo
from extensions import db
from record.act import origin, transaction

PASSWORD_FILE = "demo.password"  # noqa: S105 - the name of a file
PHONES = (Role.TRAFFIC_OFFICER, Role.VOLUNTEER, Role.LAWYER, Role.HEARING_OFFICER)


@click.command("prepare")
@click.option("--address", default="http://127.0.0.1:8000", help="Where the pages will be served.")
@with_appcontext
def prepare(address: str) -> None:
    """Migrate the database, build the demonstration office on the first start, print address and sign-ins."""
    prepare_office(address)


def prepare_office(address: str) -> None:
    """The same, for the program that goes on to serve."""
    upgrade(directory=str(ROOT / "migrations"))
    click.echo(f"Fengli 枫历  {address}")  # citation: the name of the program
    empty = db.session.scalar(select(Office.id).limit(1)) is None and db.session.scalar(select(Account.id)) is None
    db.session.rollback()
    if empty and os.environ.get("FENGLI_DEMO", "1") != "0":
        click.echo("  first start: building the demonstration office …")
        _build()
    shown = db.session.scalar(select(Office).where(Office.is_demo, Office.parent_id.is_not(None)))
    if shown is not None:
        _say_sign_ins(shown, address)
    elif db.session.scalar(select(Account.id)) is None:
        click.echo(f"  empty installation; open {address} and type the start code {guide.new_code()}")
    db.session.rollback()


def _build() -> None:
    password = secrets.token_urlsafe(9)
    path = _password_file()
    path.touch(mode=0o600)
    path.write_text(password + "\n", encoding="utf-8")
    now = datetime.now(UTC)
    with origin(via="command"):
        demo.build(password, now, now.astimezone(ZoneInfo("Asia/Shanghai")).date())


def _password_file() -> Path:
    return Path(current_app.config["FENGLI_DATA"]) / PASSWORD_FILE


def _say_sign_ins(office: Office, address: str) -> None:
    path = _password_file()
    password = path.read_text(encoding="utf-8").strip() if path.exists() else "?"
    click.echo(f"  staff sign in by name, all with the password  {password}")
    for role, name in demo.staff(office):
        click.echo(f"    {role:<18}{name}")
    click.echo("  phones (each link once; open it in a private window):")
    now = datetime.now(UTC)
    today = now.astimezone(ZoneInfo(office.zone)).date()
    with transaction(), origin(via="command"):
        for role in PHONES:
            person = demo.somebody(office, role, today)
            if person is not None:
                click.echo(f"    {role:<18}{person.name}  {address}/i/{issue_link(person, role, office, None, now)}")
    click.echo("  stop with Ctrl-C")


def init_app(app: Flask) -> None:
    app.cli.add_command(prepare)
