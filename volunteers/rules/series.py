"""How far ahead a series keeps its shifts open."""

from __future__ import annotations

from datetime import date, timedelta

from volunteers.rules.shifts import days_from

A_MONTH = 30  # days: never longer ahead than the months allow


def days_ahead(on: date, first_on: date, last_on: date | None, ahead: int, months: int) -> list[date]:
    """The days on which a series keeps shifts open: of `ahead` days from today, those within its own.

    Source: DOMAIN 9.2 `timeline.series_horizon` (`months`, at most).
    """
    begins, ends = max(on, first_on), on + timedelta(days=min(ahead, months * A_MONTH) - 1)
    ends = min(ends, last_on) if last_on is not None else ends
    return days_from(begins, max((ends - begins).days + 1, 0))
