"""Stopping a shift that runs, and prolonging it: when, and for how long (DOMAIN 8.3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from errors import Refusal

PROLONGED_BY = (10, 20, 30, 60)  # minutes, as the officer's buttons offer them
UNDO_STOP = timedelta(minutes=5)
_MINUTE = timedelta(minutes=1)


class ShiftNotRunning(Refusal):
    code = "shift_not_running"
    message = "This is possible only while the shift runs, from %(starts_at)s to %(ends_at)s."
    help = "Before it begins, the coordinator or the squad leader cancels it or gives it other hours."
    source = "DOMAIN 8.3"


class StoppedAlready(Refusal):
    code = "stopped_already"
    message = "This shift was stopped at %(stopped_at)s."
    help = "If that was a mistake, it can be taken back within five minutes."
    source = "DOMAIN 8.3"


class NotStopped(Refusal):
    code = "not_stopped"
    message = "This shift is not stopped."
    help = "Look at the list as it is now."


class EndsLater(Refusal):
    """Pressed on a page that shows an earlier end: the button named another time than would come of it."""

    code = "ends_later"
    message = "This shift ends at %(ends_at)s by now: somebody has changed it since this page was opened."
    help = "Look at its hours, then choose again by how much."
    source = "DOMAIN 8.3"


class StopStands(Refusal):
    code = "stop_stands"
    message = "A stop can be taken back within five minutes; this one was at %(stopped_at)s."
    help = "If it is to go on, the coordinator opens another shift."
    source = "DOMAIN 8.3"


def runs(starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    return starts_at + _MINUTE <= now < ends_at


def check_running(
    starts_at: datetime, ends_at: datetime, stopped_at: datetime | None, now: datetime, *, somebody_here: bool = False
) -> None:
    """Whether a shift runs: from a minute after its start, so that something is left of it, until its end. It can be
    stopped as soon as somebody is here, as nobody can cancel it any more.

    Raises: StoppedAlready, ShiftNotRunning.
    """
    if stopped_at is not None:
        raise StoppedAlready(stopped_at=stopped_at)
    if not (runs(starts_at, ends_at, now) or (somebody_here and now < ends_at)):
        raise ShiftNotRunning(starts_at=starts_at, ends_at=ends_at)


def shortest_end(starts_at: datetime, stopped_at: datetime) -> datetime:
    """Where a stopped shift ends on the calendar. Nothing there is shorter than a minute."""
    return max(stopped_at, starts_at + _MINUTE)


def check_undo(stopped_at: datetime | None, now: datetime) -> None:
    """Whether a stop can still be taken back. Raises: NotStopped, StopStands."""
    if stopped_at is None:
        raise NotStopped()
    if now > undo_until(stopped_at):
        raise StopStands(stopped_at=stopped_at)


def undo_until(stopped_at: datetime) -> datetime:
    return stopped_at + UNDO_STOP


def fits_the_day(takes: Mapping[date, int], others: Mapping[date, int], most: int) -> bool:
    """Whether a shift's minutes and those booked besides stay within the most of each day. Source: TRUST I14."""
    return all(minutes + others.get(day, 0) <= most for day, minutes in takes.items())
