"""Values of settings: how each kind is stored, read back, and said with its unit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any, Literal, NamedTuple, get_args

from flask_babel import format_date, gettext, ngettext

from law import Unit

Kind = Literal["whole", "decimal", "money", "switch", "choice", "windows", "clock", "date", "monthly"]
Words = dict[str, Any]  # choice -> lazy text


class MonthlyDays(NamedTuple):
    """Days of a month by weekday: `weeks` 1 to 5 (the first, second … such day), `weekday` 1 Monday to 7 Sunday."""

    weeks: tuple[int, ...]
    weekday: int


@dataclass(frozen=True)
class Value:
    """A value an office sets. `amount` None says "none", where a setting allows it; money is in integer fen."""

    amount: Any
    unit: str = ""


def _as_it_is(amount: Any) -> Any:
    return amount


def _clock(amount: time) -> str:
    return amount.strftime("%H:%M")


_STORE: dict[Kind, Callable[[Any], Any]] = {
    "decimal": str,
    "windows": lambda windows: [[_clock(starts), _clock(ends)] for starts, ends in windows],
    "clock": _clock,
    "date": lambda amount: amount.isoformat(),
    "monthly": lambda amount: {"weeks": list(amount.weeks), "weekday": amount.weekday},
}
_LOAD: dict[Kind, Callable[[Any], Any]] = {
    "decimal": Decimal,
    "windows": lambda kept: tuple((time.fromisoformat(starts), time.fromisoformat(ends)) for starts, ends in kept),
    "clock": time.fromisoformat,
    "date": date.fromisoformat,
    "monthly": lambda kept: MonthlyDays(tuple(kept["weeks"]), kept["weekday"]),
}


def stored(value: Value, kind: Kind) -> dict[str, Any]:
    """A value as a row keeps it."""
    amount = None if value.amount is None else _STORE.get(kind, _as_it_is)(value.amount)
    return {"amount": amount, "unit": value.unit}


def loaded(kept: dict[str, Any], kind: Kind) -> Value:
    """A value as a row kept it."""
    amount = kept["amount"]
    return Value(None if amount is None else _LOAD.get(kind, _as_it_is)(amount), kept.get("unit", ""))


def rule_unit(unit: str, kind: Kind) -> Unit:
    """The unit as rules know it: what is counted in people or times is a number."""
    if unit in get_args(Unit):
        return unit  # type: ignore[return-value]
    return {"choice": "choice", "switch": "choice"}.get(kind, "number" if kind in _NUMBERS else "text")  # type: ignore[return-value]


_NUMBERS = frozenset({"whole", "decimal", "money"})


def said(value: Value, kind: Kind, words: Words) -> str:
    """A value in words, with its unit, in the reader's language."""
    if value.amount is None:
        return gettext("none")
    if kind == "choice":
        return str(words.get(value.amount, value.amount))
    return _SAY[kind](value.amount) if kind in _SAY else with_unit(value.amount, value.unit)


def _say_monthly(amount: MonthlyDays) -> str:
    weeks = ", ".join(str(week) for week in amount.weeks)
    return gettext("%(weekday)s no. %(weeks)s of the month", weekday=weekday(amount.weekday), weeks=weeks)


def _say_money(fen: int) -> str:
    yuan = f"{Decimal(fen) / 100:,.2f}".removesuffix(".00")
    return gettext("%(n)s yuan", n=yuan)


_SAY: dict[Kind, Callable[[Any], str]] = {
    "switch": lambda on: gettext("on") if on else gettext("off"),
    "windows": lambda windows: ", ".join(f"{_clock(starts)}\u2013{_clock(ends)}" for starts, ends in windows),
    "clock": _clock,
    "date": lambda amount: str(format_date(amount)),
    "monthly": _say_monthly,
    "money": _say_money,
}


def weekday(number: int) -> str:
    """The name of a weekday, 1 Monday to 7 Sunday."""
    return str(format_date(date(2024, 1, number), "EEEE"))  # 1 January 2024 was a Monday


def with_unit(amount: int | Decimal, unit: str) -> str:
    """`3 working days`. A unit without words shows the bare number."""
    plural = int(amount) if amount == int(amount) else 2
    n = f"{amount:,}"
    return _UNITS[unit](n, plural) if unit in _UNITS else n


_UNITS: dict[str, Callable[[str, int], str]] = {
    "second": lambda n, k: ngettext("%(n)s second", "%(n)s seconds", k, n=n),
    "minute": lambda n, k: ngettext("%(n)s minute", "%(n)s minutes", k, n=n),
    "hour": lambda n, k: ngettext("%(n)s hour", "%(n)s hours", k, n=n),
    "day": lambda n, k: ngettext("%(n)s day", "%(n)s days", k, n=n),
    "clear_day": lambda n, k: ngettext("%(n)s clear day", "%(n)s clear days", k, n=n),
    "working_day": lambda n, k: ngettext("%(n)s working day", "%(n)s working days", k, n=n),
    "month": lambda n, k: ngettext("%(n)s month", "%(n)s months", k, n=n),
    "year": lambda n, k: ngettext("%(n)s year", "%(n)s years", k, n=n),
    "age": lambda n, k: ngettext("%(n)s year of age", "%(n)s years of age", k, n=n),
    "people": lambda n, k: ngettext("%(n)s person", "%(n)s people", k, n=n),
    "times": lambda n, k: ngettext("%(n)s time", "%(n)s times", k, n=n),
    "shift": lambda n, k: ngettext("%(n)s shift", "%(n)s shifts", k, n=n),
    "point": lambda n, k: ngettext("%(n)s point", "%(n)s points", k, n=n),
    "duties": lambda n, k: ngettext("%(n)s duty", "%(n)s duties", k, n=n),
    "characters": lambda n, k: ngettext("%(n)s character", "%(n)s characters", k, n=n),
    "digits": lambda n, k: ngettext("%(n)s digit", "%(n)s digits", k, n=n),
    "days_a_month": lambda n, k: ngettext("%(n)s day a month", "%(n)s days a month", k, n=n),
    "half_days_a_year": lambda n, k: ngettext("%(n)s half-day a year", "%(n)s half-days a year", k, n=n),
    "mg": lambda n, _: gettext("%(n)s mg/100 ml", n=n),
    "a_month": lambda n, _: gettext("%(n)s a month", n=n),
    "a_quarter": lambda n, _: gettext("%(n)s a quarter", n=n),
}


def unit_word(unit: str) -> str:
    """The unit beside an input field, without a number."""
    if unit == "yuan":
        return gettext("yuan")
    return with_unit(2, unit).removeprefix("2").strip()
