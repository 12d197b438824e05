"""What the planner of volunteers' shifts receives and returns: frozen values (DOMAIN 3.3, 8.9; TRUST I14)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property

from errors import Refusal

Key = int | str
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Turn:
    """A shift that can be booked: at a post, on its local day, with so many free places."""

    key: Key
    post: Key
    on: date
    starts_at: datetime
    ends_at: datetime
    places: int

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds()) // 60

    @cached_property
    def minutes_by_day(self) -> Mapping[date, int]:
        """Of its local day, or of its two: split at midnight, as a booking counts them."""
        found, begins = {}, self.starts_at
        while begins < self.ends_at:
            midnight = datetime.combine(begins.date() + timedelta(days=1), time(), begins.tzinfo)
            ends = min(midnight, self.ends_at)
            found[begins.date()] = int((ends - begins).total_seconds()) // 60
            begins = ends
        return found


@dataclass(frozen=True)
class Server:
    """Somebody who has `minutes` still to serve, from `first_on` to `last_on`.

    `posts` are those he may stand at (area, health, age), `barred` the days on which one of them is closed to him.
    `least` are the minutes of the shortest turn that counts for him, `a_day` is the most of one day, `booked` what is
    booked of days already, `busy` what takes him elsewhere, `unwanted` the spans of a day he would rather not serve in,
    as minutes after midnight; `rest_days` the weekdays (1 Monday to 7 Sunday) he would rather keep free.
    """

    key: Key
    minutes: int
    first_on: date
    last_on: date
    posts: frozenset[Key]
    a_day: int
    booked: Mapping[date, int] = field(default_factory=dict)
    busy: tuple[Span, ...] = ()
    unwanted: tuple[tuple[int, int], ...] = ()
    rest_days: frozenset[int] = frozenset()
    off_days: frozenset[date] = frozenset()
    least: int = 0
    barred: frozenset[tuple[date, Key]] = frozenset()

    def may_stand(self, post: Key, on: date) -> bool:
        return post in self.posts and (on, post) not in self.barred

    def may_serve(self, turn: Turn) -> bool:
        """Whether nothing but the places and the day's maximum stands in the way."""
        return (
            self.may_stand(turn.post, turn.on)
            and turn.minutes >= self.least
            and self.first_on <= turn.on <= self.last_on
            and turn.on not in self.off_days
            and not any(turn.starts_at < ends and starts < turn.ends_at for starts, ends in self.busy)
        )

    def would_rather_not(self, turn: Turn) -> bool:
        begins = turn.starts_at.hour * 60 + turn.starts_at.minute
        ends = begins + turn.minutes
        return turn.on.isoweekday() in self.rest_days or any(begins < b and a < ends for a, b in self.unwanted)


@dataclass(frozen=True)
class ShiftPlan:
    """Who takes which turns. `short` are the minutes that find no place, by person; nobody is named who has none.

    `proven`: no plan leaves fewer minutes open, or asks for fewer unwanted turns.
    """

    turns: Mapping[Key, tuple[Key, ...]]
    short: Mapping[Key, int]
    unwanted: int
    proven: bool
    seconds: float


class NoPlanInTime(Refusal):
    code = "no_plan_in_time"
    message = "No plan was found in the time it was given."
    help = "Plan fewer people or fewer days at once."
