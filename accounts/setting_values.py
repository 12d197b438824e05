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
    amount = value.amount
    if amount is None:
        return gettext("none")
    match kind:
        case "switch":
            return gettext("on") if amount else gettext("off")
        case "choice":
            return str(words.get(amount, amount))
        case "windows":
            return ", ".join(f"{_clock(starts)}–{_clock(ends)}" for starts, ends in amount)
        case "clock":
            return _clock(amount)
        case "date":
            return format_date(amount)
        case "monthly":
            weeks = ", ".join(str(week) for week in amount.weeks)
            return gettext("%(weekday)s no. %(weeks)s of the month", weekday=weekday(amount.weekday), weeks=weeks)
        case "money":
            yuan = Decimal(amount) / 100
            return gettext("%(n)s yuan", n=f"{yuan:,.2f}".removesuffix(".00"))
        case _:
            return with_unit(amount, value.unit)


def weekday(number: int) -> str:
    """The name of a weekday, 1 Monday to 7 Sunday."""
    return str(format_date(date(2024, 1, number), "EEEE"))  # 1 January 2024 was a Monday


def with_unit(amount: int | Decimal, unit: str) -> str:
    """`3 working days`. A unit that is not known is left out, so that a number never hides."""
    plural = int(amount) if amount == int(amount) else 2
    n = f"{amount:,}"
    match unit:
        case "second":
            return ngettext("%(n)s second", "%(n)s seconds", plural, n=n)
        case "minute":
            return ngettext("%(n)s minute", "%(n)s minutes", plural, n=n)
        case "hour":
            return ngettext("%(n)s hour", "%(n)s hours", plural, n=n)
        case "day":
            return ngettext("%(n)s day", "%(n)s days", plural, n=n)
        case "clear_day":
            return ngettext("%(n)s clear day", "%(n)s clear days", plural, n=n)
        case "working_day":
            return ngettext("%(n)s working day", "%(n)s working days", plural, n=n)
        case "month":
            return ngettext("%(n)s month", "%(n)s months", plural, n=n)
        case "year":
            return ngettext("%(n)s year", "%(n)s years", plural, n=n)
        case _:
            return _counted(n, plural, unit)


def _counted(n: str, plural: int, unit: str) -> str:
    match unit:
        case "people":
            return ngettext("%(n)s person", "%(n)s people", plural, n=n)
        case "times":
            return ngettext("%(n)s time", "%(n)s times", plural, n=n)
        case "duties":
            return ngettext("%(n)s duty", "%(n)s duties", plural, n=n)
        case "mg":
            return gettext("%(n)s mg/100 ml", n=n)
        case "characters":
            return ngettext("%(n)s character", "%(n)s characters", plural, n=n)
        case "digits":
            return ngettext("%(n)s digit", "%(n)s digits", plural, n=n)
        case "days_a_month":
            return ngettext("%(n)s day a month", "%(n)s days a month", plural, n=n)
        case "half_days_a_year":
            return ngettext("%(n)s half-day a year", "%(n)s half-days a year", plural, n=n)
        case "a_month":
            return gettext("%(n)s a month", n=n)
        case "a_quarter":
            return gettext("%(n)s a quarter", n=n)
        case _:
            return n


def unit_word(unit: str) -> str:
    """The unit beside an input field, without a number."""
    if unit == "yuan":
        return gettext("yuan")
    return with_unit(2, unit).removeprefix("2").strip()
