"""Judge a plan of volunteers' shifts without the solver: every broken demand, and every wrong claim.

Written apart from the planner on purpose: it shares no counting with it, so that each can find the other's mistake.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from scheduler.fairness.shift_values import Key, Server, ShiftPlan, Turn


@dataclass(frozen=True)
class Broken:
    """One broken demand: which, of whom, at which turn."""

    code: str
    server: Key | None = None
    turn: Key | None = None


def judge_shift_plan(plan: ShiftPlan, turns: Sequence[Turn], servers: Sequence[Server]) -> list[Broken]:
    """Everything that is wrong with a plan; an empty list: it may be taken.

    `unknown` person or turn, `twice` the same turn, `full` a turn, `not_his` a post, day, length or busy hour,
    `overlap` of two turns, `day_full` beyond the day's maximum (I14), `too_much` a turn he does not need, `claim` a
    wrong figure.
    """
    known_turns, known = {turn.key: turn for turn in turns}, {one.key: one for one in servers}
    found = [Broken("unknown", key) for key in plan.turns if key not in known]
    found += [Broken("unknown", key, t) for key, mine in plan.turns.items() for t in mine if t not in known_turns]
    if found:
        return found
    crowd = Counter(t for mine in plan.turns.values() for t in mine)
    found = [Broken("full", turn=t) for t, count in crowd.items() if count > known_turns[t].places]
    for one in servers:
        found += _judge(one, [known_turns[t] for t in plan.turns.get(one.key, ())], plan)
    unwanted = sum(_unwanted(known[key], known_turns[t]) for key, mine in plan.turns.items() for t in mine)
    return found + ([Broken("claim")] if unwanted != plan.unwanted else [])


def _judge(one: Server, mine: Sequence[Turn], plan: ShiftPlan) -> Iterator[Broken]:
    for place, turn in enumerate(mine):
        if any(other.key == turn.key for other in mine[:place]):
            yield Broken("twice", one.key, turn.key)
        if turn.post not in one.posts or (turn.on, turn.post) in one.barred:
            yield Broken("not_his", one.key, turn.key)
        if not one.first_on <= turn.on <= one.last_on or turn.on in one.off_days:
            yield Broken("not_his", one.key, turn.key)
        busy = any(starts < turn.ends_at and turn.starts_at < ends for starts, ends in one.busy)
        if busy or turn.minutes < one.least:
            yield Broken("not_his", one.key, turn.key)
        for other in mine[:place]:
            if other.key != turn.key and other.starts_at < turn.ends_at and turn.starts_at < other.ends_at:
                yield Broken("overlap", one.key, turn.key)
    days = {moment.date() for turn in mine for moment in (turn.starts_at, turn.ends_at)}
    for on in sorted(days):
        more = sum(_within(turn, on) for turn in mine)
        if more and one.booked.get(on, 0) + more > one.a_day:
            yield Broken("day_full", one.key)
    total = sum(turn.minutes for turn in mine)
    if mine and total - min(turn.minutes for turn in mine) >= one.minutes:
        yield Broken("too_much", one.key)
    if max(one.minutes - total, 0) != plan.short.get(one.key, 0):
        yield Broken("claim", one.key)


def _within(turn: Turn, on: date) -> int:
    """The minutes of a turn that fall on a local day."""
    midnight = datetime.combine(on, time(), turn.starts_at.tzinfo)
    span = min(turn.ends_at, midnight + timedelta(days=1)) - max(turn.starts_at, midnight)
    return max(int(span / timedelta(minutes=1)), 0)


def _unwanted(one: Server, turn: Turn) -> bool:
    midnight = turn.starts_at.replace(hour=0, minute=0)
    begins = int((turn.starts_at - midnight).total_seconds()) // 60
    asked = any(a < begins + turn.minutes and begins < b for a, b in one.unwanted)
    return asked or turn.on.isoweekday() in one.rest_days
