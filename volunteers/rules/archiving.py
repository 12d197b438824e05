"""When a closed shift is put away: once its hours have stood as long as a record may take (DOMAIN 8.3, V-07). Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date


def is_put_away(stands_since: date, on: date, within: int, add_working_days: Callable[[date, int], date]) -> bool:
    """Whether the last of `within` working days after a local day is over: that of its end or of what was counted last,
    whichever is later. Source: DOMAIN V-07, C-01."""
    return on > add_working_days(stands_since, within)
