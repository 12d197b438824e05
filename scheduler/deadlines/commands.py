"""`flask count`: what a clerk or a script asks when only one date is wanted (DOMAIN 6.2, 6.3)."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

import click
from flask import has_app_context
from sqlalchemy import inspect, select

from accounts.models import Office
from errors import Refusal
from extensions import db
from law import Roll, Unit
from scheduler.deadlines.calendar import calendar_in_force
from scheduler.deadlines.counting import Due, count
from scheduler.deadlines.reasons import render
from scheduler.deadlines.working_days import Calendar, statutory

_UNITS: tuple[Unit, ...] = ("hour", "day", "working_day", "month", "year")


class LocalTime(click.ParamType[date]):
    """`2026-09-30`, or `2026-09-30T16:20` in the office's time; nothing else, so that nothing is guessed."""

    name = "date"
    _shape = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2})?")

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Raises: click.BadParameter (exit 2) for another shape or a day that does not exist."""
        text = str(value)
        if isinstance(value, date):
            return value
        try:
            if self._shape.fullmatch(text):
                return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
        except ValueError:
            pass
        return self.fail(f"{text!r} is no date like 2026-09-30 or 2026-09-30T16:20.", param, ctx)


class Uncountable(click.ClickException):
    """A refusal on the command line: its sentence and its help on stderr, exit 2."""

    exit_code = 2

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.message % refusal.facts} {refusal.help}".strip())


class UnknownOffice(click.BadParameter):
    """No office, or several, go by this name; exit 2 as for every wrong option."""


def calendar_asked(office_name: str | None) -> Calendar:
    """The calendar `flask count` asks: of the office named, of the only one there is, else the installation's.

    Where there is no migrated database, statutory days alone. Raises: UnknownOffice.
    """
    if not has_app_context() or not _migrated():  # as when the program is not installed yet
        if office_name is not None:
            raise UnknownOffice(f"{office_name!r}: there is no database with offices here.")
        return statutory()
    try:
        db.session.rollback()
        db.session.connection(execution_options={"sqlite_begin": "DEFERRED"})  # counting waits for no writer
        return _stored(office_name)
    finally:
        db.session.rollback()


def _stored(office_name: str | None) -> Calendar:
    offices = db.session.scalars(select(Office).order_by(Office.id)).all()
    if office_name is not None:
        offices = [office for office in offices if office_name in (office.name, office.short_name)]
        if len(offices) != 1:
            raise UnknownOffice(f"{len(offices)} offices are called {office_name!r}.")
    return calendar_in_force(offices[0] if len(offices) == 1 else None)


def _migrated() -> bool:
    """Whether the calendar's tables stand. A SQLite file that is not there is not made by asking."""
    place = db.engine.url.database
    if db.engine.dialect.name == "sqlite" and not Path(place or "").exists():
        return False
    return inspect(db.engine).has_table("calendar_day")


@click.command("count")
@click.argument("start", type=LocalTime())
@click.option("--hours", "hour", type=int, help="Hours, from a start with a time.")
@click.option("--days", "day", type=int, help="Calendar days.")
@click.option("--working-days", "working_day", type=int, help="Working days, make-up working days included.")
@click.option("--months", "month", type=int, help="Months, by the corresponding date.")
@click.option("--years", "year", type=int, help="Years, by the corresponding date.")
@click.option("--before", is_flag=True, help="Count back from START.")
@click.option("--roll", is_flag=True, help="Off a day off: to the next working day, with --before to the one before.")
@click.option("--custody", is_flag=True, help="A period in custody ends on the exact day; overrides --roll.")
@click.option("--criminal", is_flag=True, help="A month from the last day of a month ends on the last day of a month.")
@click.option("--office", help="Count by this office's calendar, with its local days.")
def count_command(
    start: date, *, before: bool, roll: bool, custody: bool, criminal: bool, office: str | None, **amounts: int | None
) -> None:
    """Count a period from START, which is not counted itself, and say why it ends there.

    Prints the day (for hours the moment), and on a second line the reasons. START is 2026-09-30, or
    2026-09-30T16:20 for hours. Exit 2 where it cannot be counted.
    """
    unit, amount = _one_unit(amounts)
    direction: Roll = "previous_working" if before else "next_working_unless_custody"
    try:
        due = count(
            start,
            amount,
            unit,
            calendar_asked(office),
            roll=direction if roll else "none",
            before=before,
            custody=custody,
            criminal=criminal,
        )
    except Refusal as refusal:
        raise Uncountable(refusal) from refusal
    click.echo(_iso(due))
    click.echo(render(due.why))


def _one_unit(amounts: dict[str, int | None]) -> tuple[Unit, int]:
    given: list[tuple[Unit, int]] = []
    for unit in _UNITS:
        amount = amounts[unit]
        if amount is not None:
            given.append((unit, amount))
    if len(given) != 1:
        raise click.UsageError("Give exactly one of --hours, --days, --working-days, --months, --years.")
    return given[0]


def _iso(due: Due) -> str:
    return due.due.isoformat(timespec="minutes") if isinstance(due.due, datetime) else due.due.isoformat()
