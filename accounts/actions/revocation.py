"""Ending somebody's access: his sessions, the links nobody has used, and every other way to what is his (TRUST 2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from accounts.actions.devices import cancel_enrolment, open_links
from accounts.actions.sessions import revoke_sessions
from accounts.models import Office, Person
from record.act import transaction

WayEnds = Callable[[Person, Person | None, datetime, str, Office | None], int]

_ways: list[WayEnds] = []


@dataclass(frozen=True)
class Ended:
    """How many ended: sessions and devices, and other ways in."""

    sessions: int
    further: int


def ends_with_access(end: WayEnds) -> WayEnds:
    """Register how a package ends what opens somebody's things without a sign-in: `end(of, by, at, reason, office)`.

    All of it, or what he opened at one office. It returns how many ended.
    """
    if end not in _ways:
        _ways.append(end)
    return end


def end_further_ways(
    of: Person, by: Person | None, at: datetime, reason: str = "", *, office: Office | None = None
) -> int:
    """End what opens a person's things besides his sessions, in the act under way. Returns how many ended."""
    return sum(end(of, by, at, reason, office) for end in _ways)


def revoke_access(of: Person, by: Person, at: datetime, reason: str = "") -> Ended:
    """End all sessions and devices of a person, the links nobody has used, and every further way in, together."""
    with transaction():
        ended = revoke_sessions(of, by, at, reason)
        for link in open_links(of, at):
            cancel_enrolment(link, by, at)
        return Ended(ended, end_further_ways(of, by, at, reason))
