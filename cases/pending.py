"""Which hearings of a case are not closed: a fact of the case, answered by rooms above it, registered, never imported
(SETTLED, on the layout, 5)."""

from __future__ import annotations

import enum
from collections.abc import Callable
from datetime import datetime

from cases.models import Case


class Pending(enum.StrEnum):
    """What is still open: a hearing to be held, or one that was held and is not closed. The first goes first."""

    AHEAD = "ahead"
    HELD = "held"


Ask = Callable[[Case, datetime], Pending | None]
_asked: list[Ask] = []


def keeps_open(ask: Ask) -> Ask:
    """Register what may keep a case from its end."""
    _asked.append(ask)
    return ask


def pending_of(case: Case, at: datetime) -> Pending | None:
    found = {ask(case, at) for ask in _asked}
    return next((one for one in Pending if one in found), None)
