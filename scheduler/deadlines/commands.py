"""`flask count`: what a clerk or a script asks when only one date is wanted (DOMAIN 6.2, 6.3)."""

from __future__ import annotations

import re
from datetime import date, datetime

import click

from errors import Refusal
from law import Roll, Unit
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
        self.fail(f"{text!r} is no date like 2026-09-30 or 2026-09-30T16:20.", param, ctx)


class Uncountable(click.ClickException):
    """A refusal on the command line: its sentence and its help on stderr, exit 2."""

    exit_code = 2

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.message % refusal.facts} {refusal.help}".strip())


def calendar_in_force() -> Calendar:
    """The calendar `flask count` asks."""
    return statutory()


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
def count_command(start: date, before: bool, roll: bool, custody: bool, criminal: bool, **amounts: int | None) -> None:
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
            calendar_in_force(),
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
