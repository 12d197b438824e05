"""What a plan for everybody leaves open: whether later days can hold it, and what kept somebody out (IDEAS A; D-22)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from scheduler.fairness.shift_values import Server, Turn

# What another day, or another shift, can mend: then the hours may still come after the days that were planned.
MENDED_LATER = frozenset({"outside_period", "shift_too_short", "overlap", "day_full", "too_few", "full"})


@dataclass(frozen=True)
class Left:
    """Minutes that found no place: `short` will find none, `later` the days after the plan still hold; and why."""

    short: int
    later: int
    why: str


def judge_left(short: int, room_after: int, why: str) -> Left:
    """Part what found no place. `room_after`: minutes that the days after the plan can hold for him, at most."""
    later = min(short, room_after) if why in MENDED_LATER else 0
    return Left(short - later, later, why)


def why_left_out(
    one: Server, turns: Sequence[Turn], taken: Collection[object], posts_why: str, days_why: Mapping[date, str]
) -> str:
    """What kept somebody out of (further) turns, by a code: the first thing that leaves none.

    `taken` are his own turns, `posts_why` what bars every post, `days_why` what bars a day.
    """
    open_ones = [turn for turn in turns if turn.key not in taken]
    in_time = [turn for turn in open_ones if one.first_on <= turn.on <= one.last_on]
    at_posts = [turn for turn in in_time if one.may_stand(turn.post, turn.on)]
    on_days = [turn for turn in at_posts if turn.on not in one.off_days]
    long = [turn for turn in on_days if turn.minutes >= one.least]
    own = [turn for turn in turns if turn.key in taken]
    free = [turn for turn in long if one.may_serve(turn) and not any(_at_once(turn, mine) for mine in own)]
    used = _minutes_by_day(one, turns, taken)
    fitting = [
        turn for turn in free if all(used.get(on, 0) + more <= one.a_day for on, more in turn.minutes_by_day.items())
    ]
    steps = [
        (in_time, "outside_period"),
        (at_posts, posts_why or "too_few"),
        (on_days, days_why.get(at_posts[0].on, "too_few") if at_posts else ""),
        (long, "shift_too_short"),
        (free, "overlap"),
        (fitting, "day_full"),
    ]
    first = next((why for left, why in steps if not left), "full")
    return "too_few" if taken and first in {"outside_period", "overlap"} else first


def _at_once(one: Turn, other: Turn) -> bool:
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def _minutes_by_day(one: Server, turns: Sequence[Turn], taken: Collection[object]) -> dict[date, int]:
    used = dict(one.booked)
    for turn in turns:
        if turn.key in taken:
            for on, minutes in turn.minutes_by_day.items():
                used[on] = used.get(on, 0) + minutes
    return used
