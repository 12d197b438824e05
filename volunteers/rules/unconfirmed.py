"""When hours that nobody confirmed are spoken of: to the officer after hours, to the office after working days (V-07).

Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True)
class Terms:
    """`hours` after its end its officers are reminded; `working_days` after its day the office takes it up."""

    hours: int
    working_days: int


def officers_due(ends_at: datetime, terms: Terms) -> datetime:
    """From when on its officers are reminded."""
    return ends_at + timedelta(hours=terms.hours)


def last_day(over_on: date, terms: Terms, add_working_days: Callable[[date, int], date]) -> date:
    """The last day on which a shift that was over on a local day is confirmed in time. Source: DOMAIN V-07, C-01."""
    return add_working_days(over_on, terms.working_days)


def is_late(over_on: date, on: date, terms: Terms, add_working_days: Callable[[date, int], date]) -> bool:
    """Whether it is for the office to see to it: the last day is over."""
    return on > last_day(over_on, terms, add_working_days)
