"""Judging a value that an office sets: never looser than the law, never nonsense (DOMAIN 9.2, TRUST 2). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from errors import Refusal

Amount = int | Decimal


@dataclass(frozen=True)
class Bounds:
    """What a number may be. `law` cites the article behind the bounds; "" where only common sense does."""

    least: Amount | None = None
    most: Amount | None = None
    law: str = ""


class ValueRefused(Refusal):
    """A value that cannot be taken; `source` is the law where there is one."""

    status = 422

    def __init__(self, law: str = "", **facts: object) -> None:
        super().__init__(**facts)
        self.source = law


class LessThanLawful(ValueRefused):
    code = "less_than_lawful"
    message = "At least %(bound)s: the law allows no less."
    help = "Give the bound itself or more."


class MoreThanLawful(ValueRefused):
    code = "more_than_lawful"
    message = "At most %(bound)s: the law allows no more."
    help = "Give the bound itself or less."


class TooLittle(ValueRefused):
    code = "too_little"
    message = "At least %(bound)s."
    help = "Check the number and its unit."


class TooMuch(ValueRefused):
    code = "too_much"
    message = "At most %(bound)s."
    help = "Check the number and its unit."


class MayNotBeOff(ValueRefused):
    """A protection that only a demonstration office goes without."""

    code = "may_not_be_off"
    message = "This protection stays on."
    help = "Only a demonstration office may go without it."


class UnknownChoice(ValueRefused):
    code = "unknown_choice"
    message = "“%(value)s” is none of the choices."
    help = "Choose one of those on the page."


class ValueMissing(ValueRefused):
    code = "value_missing"
    message = "This setting needs a value."
    help = "Give a value, or go back to the default."


class AlreadySo(ValueRefused):
    code = "already_so"
    message = "That is the value here already, since %(since)s."
    help = "Nothing was changed."


class WindowsCollide(ValueRefused):
    code = "windows_collide"
    message = "The window that begins at %(starts)s begins before another has ended, or ends before it begins."
    help = "Give the windows of one day in order, each with a later end."


class NoDayChosen(ValueRefused):
    code = "no_day_chosen"
    message = "Choose at least one week of the month."
    help = "The first to the fourth exist in every month; a fifth does not."


class BeginsInThePast(ValueRefused):
    """A value never holds for days that are over: what was decided then was decided by the old one."""

    code = "begins_in_the_past"
    message = "A value cannot hold from %(begins)s: that day is over."
    help = "Today is the earliest day."


class WrongOrder(ValueRefused):
    code = "wrong_order"
    message = "With this value “%(lower)s” would be above “%(upper)s”."
    help = "Change the other one first."


class ReasonMissing(Refusal):
    code = "reason_missing"
    status = 422
    message = "Say why: this change is kept with its reason."
    help = "One sentence is enough."


def check_amount(amount: Amount, bounds: Bounds) -> None:
    """Refuse a number outside its bounds; where they are the law's, the refusal cites it."""
    if bounds.least is not None and amount < bounds.least:
        raise (LessThanLawful if bounds.law else TooLittle)(bounds.law, bound=bounds.least)
    if bounds.most is not None and amount > bounds.most:
        raise (MoreThanLawful if bounds.law else TooMuch)(bounds.law, bound=bounds.most)


def check_switch(on: bool, always_on: bool, demonstration: bool) -> None:
    """Refuse to switch a protection off outside a demonstration office."""
    if always_on and not on and not demonstration:
        raise MayNotBeOff()


def check_choice(value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise UnknownChoice(value=value)


def check_windows(windows: Sequence[tuple[time, time]]) -> None:
    """Windows of one day: each ends after it begins, none begins before the one before it has ended."""
    free = time(0)
    for starts, ends in windows:
        if starts < free or ends <= starts:
            raise WindowsCollide(starts=starts.strftime("%H:%M"))
        free = ends


def check_weeks(weeks: Sequence[int]) -> None:
    if not weeks:
        raise NoDayChosen()


def check_beginning(begins: date, today: date) -> None:
    """A new value holds from today at the earliest."""
    if begins < today:
        raise BeginsInThePast(begins=begins)


def check_order(lower: Amount, upper: Amount, lower_label: object, upper_label: object) -> None:
    """Of two settings that belong together the lower one must not be above the upper one."""
    if lower > upper:
        raise WrongOrder(lower=lower_label, upper=upper_label)


def check_reason(reason: str) -> None:
    """Mark R of TRUST 2: a change of this kind is kept with its reason."""
    if not reason.strip():
        raise ReasonMissing()
