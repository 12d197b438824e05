"""How long a session lasts and how often somebody may try (DOMAIN 9.2 `login.*`, TRUST 7.3). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

State = Literal["open", "locked", "over"]


@dataclass(frozen=True)
class Limits:
    """The numbers of `login.*`, here their defaults; TRUST section 7 gives the life of a link."""

    tries: int = 5
    lock: timedelta = timedelta(minutes=15)
    staff_idle: timedelta = timedelta(minutes=30)
    staff_absolute: timedelta = timedelta(hours=12)
    field_absolute: timedelta = timedelta(days=30)
    pin_after: timedelta = timedelta(minutes=15)
    pin_length: int = 6
    pin_tries: int = 5
    fresh: timedelta = timedelta(minutes=5)
    link: timedelta = timedelta(hours=72)


LIMITS = Limits()


def judge_session(kind: str, last_seen_at: datetime, expires_at: datetime, now: datetime, limits: Limits) -> State:
    """Whether a session is open, waits for its PIN (field), or is over. A limit reached to the second has passed.

    Source: DOMAIN 9.2 login.staff.idle / absolute, login.field.device / pin_after_idle; TRUST T23, T32.
    """
    if now >= expires_at:
        return "over"
    idle = now - last_seen_at
    if kind == "field":
        return "locked" if idle >= limits.pin_after else "open"
    return "over" if idle >= limits.staff_idle else "open"


def is_fresh(fresh_at: datetime, now: datetime, limits: Limits) -> bool:
    """Whether the last proof of who is here is young enough for a step marked `A`. Source: DOMAIN 9.2 login.fresh."""
    return now - fresh_at < limits.fresh


def is_locked(locked_until: datetime | None, now: datetime) -> bool:
    """Whether an account still waits after too many failures. Source: DOMAIN 9.2 login.max_fail / lock."""
    return locked_until is not None and now < locked_until
