"""Plan the shifts of everybody under assessment at once: hours complete in time, few of them unwanted, places shared.

Turns of one time at posts that the same people may stand at are one class: the solver chooses people for classes, and
the posts within a class are shared out afterwards, so that nobody always stands at the same place. Everybody allowed at
one post of a class is allowed at each of them, so the second step always succeeds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from time import perf_counter
from typing import Any

from ortools.sat.python import cp_model

from scheduler.fairness.shift_values import Key, NoPlanInTime, Server, ShiftPlan, Span, Turn

SHORT, UNWANTED = 1, 20  # an unwanted turn is worth twenty minutes of somebody's hours


@dataclass(frozen=True)
class _Class:
    """Turns of one time whose posts the same people may stand at."""

    turns: tuple[Turn, ...]

    @property
    def first(self) -> Turn:
        return self.turns[0]

    @property
    def places(self) -> int:
        return sum(turn.places for turn in self.turns)


def plan_shifts(
    turns: Sequence[Turn], servers: Sequence[Server], *, effort: float = 20.0, workers: int = 1, seed: int = 1
) -> ShiftPlan:
    """The turns that complete everybody's minutes, with few unwanted ones.

    A turn somebody would rather not have is taken where it saves twenty minutes or more.

    `effort` bounds the solve in the solver's own deterministic seconds.
    Raises: NoPlanInTime.
    """
    began = perf_counter()
    servers = [one for one in servers if one.minutes > 0]
    classes = _classes(turns, servers)
    model = cp_model.CpModel()
    chosen = {one.key: _choices(model, one, classes) for one in servers}
    short = {one.key: _served(model, one, classes, chosen[one.key]) for one in servers}
    for number, each in enumerate(classes):
        takers = [mine[number] for mine in chosen.values() if number in mine]
        if len(takers) > each.places:
            model.add(cp_model.LinearExpr.sum(takers) <= each.places)
    unwanted = [
        var for one in servers for number, var in chosen[one.key].items() if one.would_rather_not(classes[number].first)
    ]
    weights = [SHORT] * len(short) + [UNWANTED] * len(unwanted)
    model.minimize(cp_model.LinearExpr.weighted_sum([*short.values(), *unwanted], weights))
    _hint(model, classes, servers, chosen, short)
    solver, proven = _solved(model, effort, workers, seed)
    taken = {
        one.key: _needed(one, classes, [n for n, var in chosen[one.key].items() if solver.value(var)])
        for one in servers
    }
    served = {key: sum(classes[n].first.minutes for n in numbers) for key, numbers in taken.items()}
    missing = {one.key: one.minutes - served[one.key] for one in servers if served[one.key] < one.minutes}
    return ShiftPlan(
        turns=_shared_out(classes, taken),
        short=missing,
        unwanted=sum(one.would_rather_not(classes[n].first) for one in servers for n in taken[one.key]),
        proven=proven,
        seconds=perf_counter() - began,
    )


def _solved(model: cp_model.CpModel, effort: float, workers: int, seed: int) -> tuple[cp_model.CpSolver, bool]:
    """The solver with its answer, and whether it is proven to be the best. Raises: NoPlanInTime."""
    solver = cp_model.CpSolver()
    solver.parameters.max_deterministic_time = effort
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed
    solver.parameters.linearization_level = 2  # the relaxation is nearly whole: most plans are proven by it
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise NoPlanInTime()
    return solver, status == cp_model.OPTIMAL


def _classes(turns: Iterable[Turn], servers: Sequence[Server]) -> list[_Class]:
    """Turns with free places, by time and by who may stand at their posts; in the order of time."""
    turns = [turn for turn in turns if turn.places > 0]
    common = {post: frozenset(one.key for one in servers if post in one.posts) for post in {t.post for t in turns}}
    barred: dict[tuple[date, Key], set[Key]] = defaultdict(set)
    for one in servers:
        for each in one.barred:
            barred[each].add(one.key)
    found: dict[tuple[datetime, datetime, frozenset[Key]], list[Turn]] = defaultdict(list)
    for turn in turns:
        gone = barred.get((turn.on, turn.post))
        allowed = common[turn.post] - gone if gone else common[turn.post]
        if allowed:
            found[turn.starts_at, turn.ends_at, allowed].append(turn)
    ordered = sorted(
        found.values(), key=lambda several: (several[0].starts_at, several[0].ends_at, str(several[0].key))
    )
    return [_Class(tuple(sorted(several, key=lambda turn: str(turn.key)))) for several in ordered]


def _choices(model: cp_model.CpModel, one: Server, classes: Sequence[_Class]) -> dict[int, Any]:
    """A choice for each class he may serve in: no two at one time, no day beyond its maximum."""
    mine = {n: model.new_bool_var("") for n, each in enumerate(classes) if one.may_serve(each.first)}
    touched: dict[date, list[int]] = defaultdict(list)
    for n in mine:
        for on in classes[n].first.minutes_by_day:
            touched[on].append(n)
    for on, numbers in touched.items():
        for clash in _at_one_time([classes[n].first for n in numbers]):
            model.add_at_most_one(mine[numbers[place]] for place in clash)
        room = one.a_day - one.booked.get(on, 0)
        minutes = [classes[n].first.minutes_by_day[on] for n in numbers]
        if sum(minutes) > room:
            model.add(cp_model.LinearExpr.weighted_sum([mine[n] for n in numbers], minutes) <= max(room, 0))
    return mine


def _minutes(classes: Sequence[_Class], mine: Mapping[int, Any]) -> Any:
    return cp_model.LinearExpr.weighted_sum(list(mine.values()), [classes[n].first.minutes for n in mine])


def _at_one_time(turns: Sequence[Turn]) -> list[list[int]]:
    """Places of turns that share a moment, each group as large as it can be, only those of two or more."""
    groups = []
    for turn in turns:
        there = [n for n, other in enumerate(turns) if other.starts_at <= turn.starts_at < other.ends_at]
        if len(there) > 1 and there not in groups:
            groups.append(there)
    return groups


def _served(model: cp_model.CpModel, one: Server, classes: Sequence[_Class], mine: Mapping[int, Any]) -> Any:
    """What he is short of."""
    short = model.new_int_var(0, one.minutes, "")
    served = _minutes(classes, mine)
    model.add(served + short >= one.minutes)
    return short


def _needed(one: Server, classes: Sequence[_Class], numbers: list[int]) -> list[int]:
    """Without the turns his hours are complete without; unwanted ones go first."""
    left = sum(classes[n].first.minutes for n in numbers) - one.minutes
    kept = list(numbers)
    for n in sorted(numbers, key=lambda n: (not one.would_rather_not(classes[n].first), -n)):
        if classes[n].first.minutes <= left:
            kept.remove(n)
            left -= classes[n].first.minutes
    return kept


def _hint(
    model: cp_model.CpModel,
    classes: Sequence[_Class],
    servers: Sequence[Server],
    chosen: Mapping[Key, Mapping[int, Any]],
    short: Mapping[Key, Any],
) -> None:
    """A first plan for the solver: whoever has least time for his hours chooses first, wanted turns before others."""
    free = [each.places for each in classes]
    for one in sorted(servers, key=lambda s: _pressure(s, classes, chosen[s.key])):
        mine, left, days = chosen[one.key], one.minutes, Counter(one.booked)
        spans: list[Span] = []
        ranked = sorted(mine, key=lambda n: (one.would_rather_not(classes[n].first), days[classes[n].first.on], n))
        taken = set()
        for n in ranked:
            turn = classes[n].first
            clash = any(turn.starts_at < ends and starts < turn.ends_at for starts, ends in spans)
            if left > 0 and free[n] and not clash and _fits(turn, days, one.a_day):
                taken.add(n)
                free[n] -= 1
                left -= turn.minutes
                days.update(turn.minutes_by_day)
                spans.append((turn.starts_at, turn.ends_at))
        for n, var in mine.items():
            model.add_hint(var, n in taken)
        model.add_hint(short[one.key], max(left, 0))


def _fits(turn: Turn, days: Mapping[date, int], a_day: int) -> bool:
    return all(days.get(on, 0) + minutes <= a_day for on, minutes in turn.minutes_by_day.items())


def _pressure(one: Server, classes: Sequence[_Class], mine: Mapping[int, Any]) -> tuple[float, str]:
    room = sum(classes[n].first.minutes for n in mine)
    return (room - one.minutes, str(one.key))


def _shared_out(classes: Sequence[_Class], taken: Mapping[Key, list[int]]) -> dict[Key, tuple[Key, ...]]:
    """Give everybody of a class one of its posts: the one at which he stood least often, the emptiest first."""
    of_class: dict[int, list[Key]] = defaultdict(list)
    for key, numbers in taken.items():
        for n in numbers:
            of_class[n].append(key)
    stood: dict[Key, Counter[Key]] = defaultdict(Counter)
    found: dict[Key, list[Key]] = {key: [] for key in taken}
    for n in sorted(of_class):
        free = {turn.key: turn.places for turn in classes[n].turns}
        posts = {turn.key: turn.post for turn in classes[n].turns}
        for key in of_class[n]:
            best = min((k for k in free if free[k]), key=lambda k: (stood[key][posts[k]], -free[k], str(k)))
            free[best] -= 1
            stood[key][posts[best]] += 1
            found[key].append(best)
    return {key: tuple(several) for key, several in found.items() if several}
