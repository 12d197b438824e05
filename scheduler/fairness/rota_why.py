"""Say why no duty rota exists and which single change mends it, as data (DOMAIN L-25, L-27, L-28; TRUST I38).

First the shortest run of days that the people there cannot serve (plain counting), then a minimal clash by QuickXplain:
every set is tried by a solve of its own, no raw core of the solver is shown. Each mend is tried against the whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice

from scheduler.fairness.rota_due import most
from scheduler.fairness.rota_model import Demand, Settled, first_cover, solve
from scheduler.fairness.rota_values import Cause, Day, Key, Lawyer, Mend, NoRota, Problem, in_keys_order

MENDS_PER_KIND = 3
TRIES_PER_KIND = 40
LONGEST_RUN = 31
STEPS = (1, 2, 3, 4)
EFFORT = 1.0  # a try that is not refuted by then counts as possible: the clash stays true, at worst it is not minimal


def explain(problem: Problem, settled: Settled) -> NoRota:
    """Return the refusal for a problem that has no rota; the days and lawyers of the clash are named in order."""
    problem = replace(problem, effort=min(problem.effort, EFFORT))
    clash = _minimal(problem, settled, _suspects(problem))
    causes = tuple(_causes(problem, clash))
    return NoRota(
        first=problem.days[0].on,
        last=problem.days[-1].on,
        days=tuple(sorted({on for cause in causes for on in cause.days})),
        lawyers=in_keys_order({key for cause in causes for key in cause.lawyers}),
        clash=causes,
        mends=tuple(_mends(problem, clash)),
    )


def _suspects(problem: Problem) -> list[Demand]:
    """List the demands to search, those a person understands at once first; the rest is searched only if needed."""
    days = _short_of_people(problem) or problem.days
    dates = {day.on for day in days}
    demands: list[Demand] = [("lock", on) for on in sorted(problem.locked) if on in dates]
    demands += [("cover", on) for on in sorted(dates - problem.may_stay_uncovered)]
    demands += [("leave", each.key) for each in problem.lawyers if each.unavailable & dates]
    demands += [("distance", each.key) for each in problem.lawyers]
    if problem.max_per_week is not None:
        demands += [("week", each.key) for each in problem.lawyers]
    demands += [("month_cap", each.key) for each in problem.lawyers if each.cap_per_month is not None]
    if len(days) < len(problem.days):
        return demands
    demands += [("firm_cap", firm) for firm in sorted(problem.firm_caps)]
    return demands + [("share", each.key) for each in problem.lawyers]


def _short_of_people(problem: Problem) -> tuple[Day, ...]:
    """Return the shortest run of days that mere counting shows cannot be covered, or nothing."""
    return next((run for run in _runs(problem.days) if _missing(problem, run) > 0), ())


def _runs(days: tuple[Day, ...]) -> Iterator[tuple[Day, ...]]:
    for length in range(1, min(LONGEST_RUN, len(days)) + 1):
        for start in range(len(days) - length + 1):
            yield days[start : start + length]


def _missing(problem: Problem, days: Iterable[Day]) -> int:
    """Count the places on these days beyond what all lawyers together can serve there."""
    due = [day for day in days if day.on not in problem.may_stay_uncovered]
    return sum(day.needed for day in due) - sum(most(problem, each, due) for each in problem.lawyers)


def _minimal(problem: Problem, settled: Settled, demands: list[Demand]) -> list[Demand]:
    """Shrink the demands to a set that cannot hold while each smaller one can (QuickXplain, Junker 2004)."""

    def clashes(some: Sequence[Demand]) -> bool:
        return solve(problem, settled, only=set(some)).status == "none"

    def shrink(kept: list[Demand], added: bool, rest: list[Demand]) -> list[Demand]:
        if added and clashes(kept):
            return []
        if len(rest) == 1:
            return rest
        left, right = rest[: len(rest) // 2], rest[len(rest) // 2 :]
        second = shrink(kept + left, bool(left), right)
        first = shrink(kept + second, bool(second), left)
        return first + second

    return shrink([], False, demands) if demands and clashes(demands) else demands


def _causes(problem: Problem, clash: Iterable[Demand]) -> Iterator[Cause]:
    """Turn a clash into one line per kind of demand; people away on the same days share a line."""
    chosen: dict[str, list[Key | date]] = defaultdict(list)
    for code, subject in clash:
        chosen[code].append(subject)
    cover = tuple(day for day in problem.days if day.on in chosen["cover"])
    by_key = {lawyer.key: lawyer for lawyer in problem.lawyers}
    if cover:
        yield Cause("cover", (), tuple(day.on for day in cover), {"places": sum(day.needed for day in cover)})
    yield from _locks(problem, chosen["lock"])
    yield from _leaves(problem, [by_key[key] for key in by_key if key in chosen["leave"]], cover)
    for code, params in (
        ("distance", {"distance": problem.min_distance}),
        ("week", {"amount": problem.max_per_week}),
        ("share", {"within": problem.within}),
    ):
        if chosen[code]:
            yield Cause(code, tuple(key for key in by_key if key in chosen[code]), (), params)
    for key in (key for key in by_key if key in chosen["month_cap"]):
        yield Cause("month_cap", (key,), (), {"amount": by_key[key].cap_per_month})
    for firm in (firm for firm in sorted(problem.firm_caps) if firm in chosen["firm_cap"]):
        yield Cause("firm_cap", (), (), {"firm": firm, "amount": problem.firm_caps[firm]})


def _locks(problem: Problem, chosen: list[Key | date]) -> Iterator[Cause]:
    for on in sorted(on for on in problem.locked if on in chosen):
        yield Cause("lock", in_keys_order(problem.locked[on]), (on,))


def _leaves(problem: Problem, lawyers: list[Lawyer], cover: tuple[Day, ...]) -> Iterator[Cause]:
    dates = {day.on for day in cover} or {day.on for day in problem.days}
    away: dict[tuple[date, ...], list[Key]] = defaultdict(list)
    for lawyer in lawyers:
        away[tuple(sorted((dates | set(problem.locked)) & lawyer.unavailable))].append(lawyer.key)
    for days, keys in sorted(away.items()):
        yield Cause("leave", tuple(keys), days)


def _mends(problem: Problem, clash: list[Demand]) -> Iterator[Mend]:
    """Yield the single changes that mend: each must touch the clash, so nothing else is tried."""
    codes = {code for code, _ in clash}
    worst = max(_runs(problem.days), key=lambda run: _missing(problem, run))

    def first(candidates: Iterable[tuple[Mend, Problem]], enough: int = 1) -> list[Mend]:
        """Try the candidates one by one against the whole problem; counting alone refuses most of the bad ones."""
        tried = (each for each in islice(candidates, TRIES_PER_KIND) if _missing(each[1], worst) <= 0)
        return list(islice((mend for mend, changed in tried if first_cover(changed)[1].status == "found"), enough))

    if "distance" in codes:
        yield from first(_shorter(problem))
    if "week" in codes and problem.max_per_week is not None:
        more = problem.max_per_week + 1
        yield from first([(Mend("more_per_week", {"amount": more}), replace(problem, max_per_week=more))])
    yield from first(_available(problem, clash), MENDS_PER_KIND)
    higher = (mend for candidates in _caps(problem, clash) for mend in first(candidates))
    yield from islice(higher, MENDS_PER_KIND)
    yield from first(_unlocked(problem, clash), MENDS_PER_KIND)
    if "cover" in codes:
        days = [day for day in problem.days if ("cover", day.on) in clash]
        single = first((_accepting(problem, (day,)) for day in days), MENDS_PER_KIND)
        yield from single or _fewest_uncovered(problem)
    if "share" in codes:
        wider = problem.within + 1
        yield from first([(Mend("wider_share", {"within": wider}), replace(problem, within=wider))])


def _shorter(problem: Problem) -> Iterator[tuple[Mend, Problem]]:
    for distance in range(problem.min_distance - 1, 0, -1):
        yield Mend("shorter_distance", {"distance": distance}), replace(problem, min_distance=distance)


def _available(problem: Problem, clash: list[Demand]) -> Iterator[tuple[Mend, Problem]]:
    """Ask somebody to come after all: on a day of the clash if it names days."""
    dates = [on for code, on in clash if code in ("cover", "lock")] or [day.on for day in problem.days]
    for day in (day for day in problem.days if day.on in dates):
        for lawyer in problem.lawyers:
            if ("leave", lawyer.key) in clash and day.on in lawyer.unavailable:
                there = replace(lawyer, unavailable=lawyer.unavailable - {day.on})
                yield Mend("available", {"lawyer": lawyer.key, "on": day.on}), _with(problem, there)


def _caps(problem: Problem, clash: list[Demand]) -> Iterator[list[tuple[Mend, Problem]]]:
    """List for each cap of the clash the next higher ones; the first that works is enough."""
    for lawyer in problem.lawyers:
        if lawyer.cap_per_month is not None and ("month_cap", lawyer.key) in clash:
            amounts = [lawyer.cap_per_month + more for more in STEPS]
            mends = [Mend("higher_cap", {"lawyer": lawyer.key, "amount": amount}) for amount in amounts]
            changed = [_with(problem, replace(lawyer, cap_per_month=amount)) for amount in amounts]
            yield list(zip(mends, changed, strict=True))
    for firm, cap in sorted(problem.firm_caps.items()):
        if ("firm_cap", firm) in clash:
            amounts = [cap + more for more in STEPS]
            mends = [Mend("higher_firm_cap", {"firm": firm, "amount": amount}) for amount in amounts]
            changed = [replace(problem, firm_caps={**problem.firm_caps, firm: amount}) for amount in amounts]
            yield list(zip(mends, changed, strict=True))


def _unlocked(problem: Problem, clash: list[Demand]) -> Iterator[tuple[Mend, Problem]]:
    for on in sorted(problem.locked):
        if ("lock", on) in clash:
            rest = {other: keys for other, keys in problem.locked.items() if other != on}
            yield Mend("unlock", {"on": on}), replace(problem, locked=rest)


def _fewest_uncovered(problem: Problem) -> Iterator[Mend]:
    """If no single day is enough: the fewest places the whole span must leave empty."""
    _, changed = _accepting(problem, problem.days)
    _, answer, _ = first_cover(changed)
    if answer.status == "found":
        yield _accepting(problem, [day for day in problem.days if len(answer.assignments[day.on]) < day.needed])[0]


def _accepting(problem: Problem, days: Sequence[Day]) -> tuple[Mend, Problem]:
    dates = tuple(day.on for day in days)
    accepted = replace(problem, may_stay_uncovered=problem.may_stay_uncovered.union(dates))
    return Mend("uncovered", {"days": dates}), accepted


def _with(problem: Problem, lawyer: Lawyer) -> Problem:
    """Put a changed lawyer into his place."""
    return replace(problem, lawyers=tuple(lawyer if each.key == lawyer.key else each for each in problem.lawyers))
