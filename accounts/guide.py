"""The first-run guide: the registry of its steps, and the door of an installation that nobody has signed in to yet.

A package registers its steps at start-up with `guide.step(...)`; each has a page of its own that shows itself in the
guide's frame (`templates/accounts/guide_step.html`). A step is done when its office says so, or set aside for later.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from flask import Flask, Response, current_app, redirect, request, session, url_for
from flask.cli import with_appcontext
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.models import Account, Office
from extensions import db
from record.models import Act

CODE_FILE = "start.code"
COOKIE_KEY = "start"
SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that looks like another
ALWAYS_OPEN = ("guide.", "language.", "static")
SET_ASIDE = "guide.set_aside"

Done = Callable[[Office], bool]
Open = Callable[[Office], str]


def _nothing_open(office: Office) -> str:
    return ""


@dataclass(frozen=True)
class Step:
    """`done` says whether the office has what the step gives; `remains` in a few words what is still open though done.
    `optional`: it may be set aside, the office can work without it."""

    order: int
    name: str
    title: Any
    text: Any
    endpoint: str
    done: Done
    optional: bool = False
    remains: Open = _nothing_open


@dataclass(frozen=True)
class Standing:
    """A step as it stands in one office. `state` is done, aside, or open."""

    step: Step
    state: str
    remains: str = ""


@dataclass
class Progress:
    """Where an office stands in the guide."""

    standings: list[Standing] = field(default_factory=list)

    @property
    def done(self) -> int:
        return sum(s.state == "done" for s in self.standings)

    @property
    def next(self) -> Step | None:
        return next((s.step for s in self.standings if s.state == "open"), None)

    def after(self, name: str) -> Step | None:
        """The next open step behind the one of this name, else the first open one."""
        names = [s.step.name for s in self.standings]
        behind = self.standings[names.index(name) + 1 :] if name in names else self.standings
        return next((s.step for s in behind if s.state == "open"), self.next)


_steps: dict[str, Step] = {}


def step(
    order: int,
    name: str,
    title: Any,
    text: Any,
    endpoint: str,
    *,
    done: Done,
    optional: bool = False,
    remains: Open = _nothing_open,
) -> None:
    """Register a step (office 10, people 20, approvers 30, rooms 40, organisations 50, mail 60, first booking 90)."""
    _steps[name] = Step(order, name, title, text, endpoint, done, optional, remains)


def steps() -> list[Step]:
    return sorted(_steps.values(), key=lambda one: one.order)


def named(name: str) -> Step | None:
    return _steps.get(name)


def progress(office: Office | None) -> Progress:
    """Every step of an office; before there is one, all are open."""
    if office is None:
        return Progress([Standing(one, "open") for one in steps()])
    aside = _set_aside(office)
    return Progress([_standing(one, office, aside) for one in steps()])


def _standing(one: Step, office: Office, aside: set[str]) -> Standing:
    if one.done(office):
        return Standing(one, "done", one.remains(office))
    return Standing(one, "aside" if one.name in aside else "open")


def _set_aside(office: Office) -> set[str]:
    acts = select(Act.facts).where(Act.name == SET_ASIDE, Act.office_id == office.id)
    return {str(facts.get("step")) for facts in db.session.scalars(acts)}


# The door of an empty installation


def is_open() -> bool:
    """Whether nobody can sign in yet: then every page leads to the guide."""
    if current_app.extensions.get("fengli_guide_over"):
        return False
    if db.session.scalar(select(Account.id).limit(1)) is not None:
        current_app.extensions["fengli_guide_over"] = True
        return False
    return True


def lead() -> ResponseReturnValue | None:
    """Before each request of an empty installation: any page leads to the guide."""
    if request.method != "GET" or (request.endpoint or "").startswith(ALWAYS_OPEN) or not is_open():
        return None
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": url_for("guide.index")})
    return redirect(url_for("guide.index"))


def new_code() -> str:
    """Make the start code anew and return it; only its hash is kept, in a file of the installation (mode 0600)."""
    code = "-".join("".join(secrets.choice(SIGNS) for _ in range(4)) for _ in range(3))
    path = _code_file()
    path.touch(mode=0o600)
    path.write_text(_hash(code) + "\n")
    return code


def admits(code: str) -> bool:
    """Whether this is the start code of the installation, and a browser that typed it may go on."""
    kept = _kept()
    typed = _hash("".join(sign for sign in code.upper() if sign in SIGNS))
    if not kept or not hmac.compare_digest(kept, typed):
        return False
    session[COOKIE_KEY] = kept
    return True


def is_installer() -> bool:
    """Whether this browser has typed the start code, and nobody can sign in yet."""
    kept = _kept()
    return bool(kept) and hmac.compare_digest(kept, str(session.get(COOKIE_KEY, ""))) and is_open()


def forget_code() -> None:
    """The code has done its one work."""
    _code_file().unlink(missing_ok=True)
    session.pop(COOKIE_KEY, None)


def _code_file() -> Path:
    return Path(current_app.config["FENGLI_DATA"]) / CODE_FILE


def _kept() -> str:
    try:
        return _code_file().read_text().strip()
    except FileNotFoundError:
        return ""


def _hash(code: str) -> str:
    return hashlib.sha256("".join(sign for sign in code if sign in SIGNS).encode()).hexdigest()


@click.command("start-code")
@with_appcontext
def start_code() -> None:
    """Print the code that opens the first-run guide of an empty installation."""
    if is_open():
        click.echo(new_code())
    else:
        click.echo(
            "This installation is set up already: sign in, or ask its system administrator for a link.", err=True
        )
        raise SystemExit(1)


def init_app(app: Flask) -> None:
    app.before_request(lead)
    app.cli.add_command(start_code)
