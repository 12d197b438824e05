"""What still runs about a case in rooms above it: registered, never imported (a hearing that is to be held)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cases.models import Case

Ask = Callable[[Case, datetime], bool]
_asked: list[Ask] = []


def keeps_open(ask: Ask) -> Ask:
    """Register what may keep a case from its end."""
    _asked.append(ask)
    return ask


def anything_pending(case: Case, at: datetime) -> bool:
    return any(ask(case, at) for ask in _asked)
