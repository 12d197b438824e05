"""Which shifts a span of days needs: posts times windows times days that are staffed (DOMAIN 3.3)."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from errors import Refusal
from law import LONGEST_SHIFT_MINUTES

DayKind = Literal["working", "weekend", "off", "makeup_work", "local_off"]
Why = Literal["holiday", "school_holiday", "not_staffed", "stands", "cancelled", "past"]
Break = tuple[date, date]
_MONDAY_TO_FRIDAY = frozenset({1, 2, 3, 4, 5})


class TooShort(Refusal):
    code = "shift_too_short"
    status = 422
    message = "A shift lasts at least %(least)s minutes."
    help = "Correct the two times."
    source = "DOMAIN 9.2 service.min_shift"


class TooLong(Refusal):
    code = "shift_too_long"
    status = 422
    message = "A shift lasts at most %(most)s hours."
    help = "Correct the two times, or open two shifts."
    source = "DOMAIN 9.2 service.shift_max"


class ReasonNeeded(Refusal):
    code = "reason_needed"
    status = 422
    message = "This needs a reason."
    help = "Say why in a few words."


@dataclass(frozen=True)
class Staffed:
    """A post as the plan sees it: `weekdays` 1 Monday to 7 Sunday, windows by slot; one `at_school` rests with it."""

    key: Hashable
    weekdays: frozenset[int]
    windows: Mapping[str, tuple[time, time]]
    at_school: bool = False


@dataclass(frozen=True)
class Planned:
    """A shift to be made; `despite_rest`: on a day on which its post would rest."""

    post: Hashable
    slot: str
    on: date
    starts_at: datetime
    ends_at: datetime
    despite_rest: bool = False


@dataclass(frozen=True)
class LeftOut:
    """A shift that is not made, and why."""

    post: Hashable
    slot: str
    on: date
    why: Why


def staffed_on(day: date, kind: DayKind, post: Staffed, holidays_too: bool, breaks: Iterable[Break] = ()) -> Why | None:
    """Whether a post is staffed on a day; why not, if not. `breaks` are the school holidays, both ends included.

    A make-up working day has the traffic of a working day, so posts of Monday to Friday stand; but within a school
    holiday no school is open on it either. Source: DOMAIN 3.3 `allow_weekend_holiday`, C-08.
    """
    if kind in {"off", "local_off"} and not holidays_too:
        return "holiday"
    made_up = kind == "makeup_work" and post.weekdays >= _MONDAY_TO_FRIDAY
    if not made_up and day.isoweekday() not in post.weekdays:
        return "not_staffed"
    closed = post.at_school and any(first <= day <= last for first, last in breaks)
    return "school_holiday" if closed else None


def plan_shifts(
    posts: Sequence[Staffed],
    days: Iterable[date],
    kind: Callable[[date], DayKind],
    *,
    slots: Container[str],
    holidays_too: bool,
    breaks: Sequence[Break],
    taken: Mapping[tuple[Hashable, date, str], Why],
    now: datetime,
    zone: ZoneInfo,
) -> tuple[list[Planned], list[LeftOut]]:
    """The shifts that a span of days needs, by day and post, and those left out with the reason.

    `taken`: the windows, by post, day and slot, in which none is opened because one stands, or was cancelled.
    """
    planned: list[Planned] = []
    left_out: list[LeftOut] = []
    for day in days:
        for post in posts:
            at_rest = staffed_on(day, kind(day), post, holidays_too=False, breaks=breaks)
            why = staffed_on(day, kind(day), post, holidays_too, breaks)
            for slot, (begins, ends) in post.windows.items():
                if slot not in slots:
                    continue
                starts_at = datetime.combine(day, begins, zone)
                past: Why | None = "past" if starts_at <= now else None
                reason = why or taken.get((post.key, day, slot)) or past
                if reason is not None:
                    left_out.append(LeftOut(post.key, slot, day, reason))
                else:
                    ends_at = datetime.combine(day, ends, zone)
                    planned.append(Planned(post.key, slot, day, starts_at, ends_at, despite_rest=bool(at_rest)))
    return planned, left_out


def days_from(first_on: date, count: int) -> list[date]:
    """`count` days in a row."""
    return [first_on + timedelta(days=n) for n in range(count)]


def check_length(minutes: int, shortest_minutes: int, longest_hours: int) -> None:
    """Refuse a shift that is too short to count or longer than anybody stands (I32).

    Raises: TooShort, TooLong. Source: DOMAIN 9.2 `service.min_shift`, `service.shift_max`.
    """
    most = min(longest_hours * 60, LONGEST_SHIFT_MINUTES)
    if minutes < shortest_minutes:
        raise TooShort(least=shortest_minutes)
    if minutes > most:
        raise TooLong(most=most // 60)
