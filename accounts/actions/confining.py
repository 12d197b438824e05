"""A browser that is handed over for others to stand at: until its owner proves who he is it opens one thing alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import Office, PersonSession
from accounts.rules.limits import Limits
from record.act import act

STALE = timedelta(days=1)


def confine(opened: PersonSession, to: str, idle_minutes: int, office: Office, at: datetime) -> None:
    """Let the browser open the pages of one blueprint; the session ends so many minutes after the last of them."""
    person = opened.account.person
    with act("session.confine", person, by=person, at=at, at_office=office.id, to=to):
        opened.confined_to, opened.idle_minutes = to, min(idle_minutes, opened.idle_minutes or idle_minutes)
        make_stale(opened, at)


def make_stale(opened: PersonSession, at: datetime) -> None:
    """Nothing proves any more who stands there."""
    opened.fresh_at = at - STALE


def set_free(opened: PersonSession, office: Office, at: datetime, limits: Limits) -> None:
    """Its owner is back, and has just proved it."""
    person = opened.account.person
    with act("session.set_free", person, by=person, at=at, at_office=office.id):
        opened.confined_to, opened.idle_minutes = "", int(limits.staff_idle.total_seconds() // 60)
