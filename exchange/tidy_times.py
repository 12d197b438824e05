"""Tidying of dates, times of day, windows and weekdays in one cell. Pure; contracts as in `exchange.tidy`."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Any

from exchange.tidy import Untidy, compact, nothing, plain
from exchange.vocabulary import WORDS

_DAY: dict[str, Any] = WORDS["day"]
_CLOCK: dict[str, str] = WORDS["clock"]["separators"]
_WEEKDAYS: dict[str, Any] = WORDS["weekdays"]
_SEPARATOR = "[-/.]"
_TIME_OF_DAY = re.compile(r"(?:T|\s+)[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?$")
_WEEKDAY = re.compile(_DAY["weekday"] + "$")
_FULL = re.compile(rf"([0-9]{{4}}){_SEPARATOR}([0-9]{{1,2}}){_SEPARATOR}([0-9]{{1,2}})")
_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_SHORT = re.compile(rf"([0-9]{{1,2}}){_SEPARATOR}([0-9]{{1,2}})")
_TIME = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})(?::[0-9]{2})?")
_HOUR = re.compile(r"([0-9]{1,2}):")
_FOUR = re.compile(r"([0-9]{2})([0-9]{2})")
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_BETWEEN: str = WORDS["window"]["between"]


def day(value: str, year: int | None = None) -> date:
    """A date in any spelling offices use; `year` completes one that names only month and day.

    Raises: date_missing where there is no date (also a word such as "to be settled"), date_impossible where the
    calendar has no such day, year_missing where the cell has no year and none is given.
    """
    text = _WEEKDAY.sub("", compact(_TIME_OF_DAY.sub("", plain(value))))
    for word, sign in _DAY["separators"].items():
        text = text.replace(word, sign)
    for word in _DAY["endings"]:
        text = text.removesuffix(word)
    if found := _FULL.fullmatch(text) or _DIGITS.fullmatch(text):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if not (found := _SHORT.fullmatch(text)):
        raise Untidy("date_missing")
    if year is None:
        raise Untidy("year_missing")
    return _date(year, int(found[1]), int(found[2]))


def _date(year: int, month: int, day_of_month: int) -> date:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise Untidy("date_impossible")
    try:
        return date(year, month, day_of_month)
    except ValueError:
        raise Untidy("date_impossible") from None


def clock(value: str) -> time:
    """A time of day to the minute. Raises: time_missing where the cell is empty, time_impossible."""
    text = compact(value)
    if not text:
        raise Untidy("time_missing")
    for word, sign in _CLOCK.items():
        text = text.replace(word, sign)
    if found := _TIME.fullmatch(text) or _FOUR.fullmatch(text):
        hour, minute = int(found[1]), int(found[2])
    elif found := _HOUR.fullmatch(text):
        hour, minute = int(found[1]), 0
    else:
        raise Untidy("time_impossible")
    try:
        return time(hour, minute)
    except ValueError:
        raise Untidy("time_impossible") from None


def times_named(word: str) -> tuple[str, ...]:
    """The times of day that one word of a line names, as they stand there: one, or one and until when; else none."""
    parts = tuple(re.split(_BETWEEN, word))
    return parts if len(parts) <= 2 and all(_is_time(part) for part in parts) else ()


def _is_time(text: str) -> bool:
    try:
        clock(text)
    except Untidy:
        return False
    return True


def window(value: str) -> tuple[time, time] | None:
    """A part of the day from one time to a later one, or None where the cell says there is none.

    Raises: window_unreadable, window_reversed where it does not end after it begins.
    """
    text = compact(value)
    if nothing(text):
        return None
    parts = re.split(_BETWEEN, text)
    try:
        begins, ends = (clock(part) for part in parts)
    except (Untidy, ValueError):
        raise Untidy("window_unreadable") from None
    if ends <= begins:
        raise Untidy("window_reversed")
    return begins, ends


def weekdays(value: str) -> tuple[int, ...]:
    """Days of the week, 1 Monday to 7 Sunday, in order: every day, from one to another, or one by one.

    Raises: value_missing, weekdays_unreadable.
    """
    text = compact(value)
    if not text:
        raise Untidy("value_missing")
    for words, days in (("every_day", range(1, 8)), ("working_days", range(1, 6)), ("weekend", (6, 7))):
        if text in _WEEKDAYS[words]:
            return tuple(days)
    for prefix in _WEEKDAYS["prefixes"]:
        text = re.sub(rf"{prefix}(?=[{''.join(_WEEKDAYS['days'])}])", "", text)
    text = re.sub(_WEEKDAYS["list"], "", re.sub(_BETWEEN, "-", text))
    digit = "".join(str(_WEEKDAYS["days"].get(sign, sign)) for sign in text)
    if not re.fullmatch(r"(?:[1-7](?:-[1-7])?)+", digit) or any(sign.isdigit() for sign in text):
        raise Untidy("weekdays_unreadable")
    found: set[int] = set()
    for first, last in re.findall(r"([1-7])(?:-([1-7]))?", digit):
        found.update((int(first) + step - 1) % 7 + 1 for step in range((int(last or first) - int(first)) % 7 + 1))
    return tuple(sorted(found))
