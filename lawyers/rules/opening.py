"""On which days a station is open, and what kind of day each is (DOMAIN L-25, L-28)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import NamedTuple, Protocol

ONE_DAY = timedelta(days=1)
LONGEST_REST = timedelta(days=21)  # no run of days off is longer; so far back may a day that moved have begun


class WorkingDays(Protocol):
    """The office's calendar, as far as opening days ask it."""

    def is_working_day(self, day: date) -> bool: ...

    def kind(self, day: date) -> str: ...

    def working_day_from(self, day: date) -> date: ...


class Opening(NamedTuple):
    """An opening day; `moved_from` is the station's weekday where a holiday moved it."""

    on: date
    moved_from: date | None = None


def opening_days(
    preset: str, weekday: int, span: tuple[date, date], calendar: WorkingDays, closed: Collection[date] = ()
) -> list[Opening]:
    """The opening days of a span, first and last day included, but for those on which the station is closed.

    *one_weekday*: the weekday (Monday is 1), on a holiday the next working day; a make-up working Saturday makes no
    extra duty, and a day that falls on an opening day already makes no second one. *every_working_day*: all of them,
    make-up days included. Source: DOMAIN L-25.
    """
    first, last = span
    days = range((last - first).days + 1)
    if preset == "every_working_day":
        all_days = (first + n * ONE_DAY for n in days)
        found = {on: Opening(on) for on in all_days if calendar.is_working_day(on)}
    else:
        found = {}
        for opening in sorted(_one_weekday(weekday, first - LONGEST_REST, last, calendar), key=_unmoved_first):
            if first <= opening.on <= last:
                found.setdefault(opening.on, opening)
    return [found[on] for on in sorted(found) if on not in closed]


def _unmoved_first(opening: Opening) -> tuple[bool, date]:
    return opening.moved_from is not None, opening.moved_from or opening.on


def _one_weekday(weekday: int, since: date, last: date, calendar: WorkingDays) -> Iterator[Opening]:
    on = since + ((weekday - since.isoweekday()) % 7) * ONE_DAY
    while on <= last:
        kept = calendar.is_working_day(on)
        yield Opening(on) if kept else Opening(calendar.working_day_from(on), on)
        on += 7 * ONE_DAY


def labels(on: date, calendar: WorkingDays) -> frozenset[str]:
    """What a duty on this day counts as: "monday", "friday", "before_holiday" (L-28).

    Before a holiday: a day off follows, before the next working day, that is no mere weekend.
    """
    found = {1: {"monday"}, 5: {"friday"}}.get(on.isoweekday(), set())
    after = on + ONE_DAY
    while not calendar.is_working_day(after):
        if calendar.kind(after) in {"off", "local_off"}:
            return frozenset(found | {"before_holiday"})
        after += ONE_DAY
    return frozenset(found)
