"""What each lawyer owes: share times days available, scaled to the duties, carry-over added (L-28, I38)."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from fractions import Fraction

from scheduler.fairness.rota_values import MEASURES, Assignments, Day, Key, Lawyer, Problem, exact


def week_of(on: date) -> date:
    """Name a calendar week by its Monday."""
    return on - timedelta(days=on.weekday())


def month_of(on: date) -> date:
    """Name a calendar month by its first day."""
    return on.replace(day=1)


def most(problem: Problem, lawyer: Lawyer, days: Iterable[Day]) -> int:
    """Count the most duties one lawyer can serve on these days: leave, distance (L-27) and his own caps.

    Taking each day as early as possible is best: whatever another choice picks next, this one has picked no later.
    """
    free = [day.on for day in days if day.needed and day.on not in lawyer.unavailable]
    weeks, months = Counter(map(week_of, lawyer.elsewhere)), Counter(map(month_of, lawyer.elsewhere))
    taken: list[date] = []
    for on in sorted(free):
        near = [*lawyer.elsewhere, *taken[-1:]]
        if any(abs((on - other).days) < problem.min_distance for other in near):
            continue
        if problem.max_per_week is not None and weeks[week_of(on)] >= problem.max_per_week:
            continue
        if lawyer.cap_per_month is not None and months[month_of(on)] >= lawyer.cap_per_month:
            continue
        taken.append(on)
        weeks[week_of(on)] += 1
        months[month_of(on)] += 1
    return len(taken)


def weight(problem: Problem, lawyer: Lawyer, measure: str) -> Fraction:
    """Return share times days available of the measure's kind; who was not available owes nothing (L-28)."""
    days = [day for day in problem.days if day.counts_for(measure) and day.on not in lawyer.unavailable]
    return exact(lawyer.share) * len(days)


def dues(problem: Problem, measure: str, duties: int) -> dict[Key, Fraction]:
    """Return what each lawyer owes of `duties` duties; the parts add up to `duties` wherever that is possible.

    Each owes scale times weight + carry-over, but never less than nothing nor more than he can serve at all; what is
    cut off there the others owe, so the scale is chosen after cutting. The cut part stays in `carry_over` for later.
    """
    lawyers = problem.lawyers
    days = [day for day in problem.days if day.counts_for(measure)]
    weights = [weight(problem, lawyer, measure) for lawyer in lawyers]
    carried = [Fraction(lawyer.carried_over.get(measure, 0)) for lawyer in lawyers]
    tops = [Fraction(most(problem, lawyer, days)) for lawyer in lawyers]

    def at(scale: Fraction) -> list[Fraction]:
        return [min(max(scale * w + c, Fraction(0)), top) for w, c, top in zip(weights, carried, tops, strict=True)]

    bends = sorted(
        {(edge - c) / w for w, c, top in zip(weights, carried, tops, strict=True) if w for edge in (Fraction(0), top)}
    )
    parts = _scaled(at, bends, Fraction(duties))
    return {lawyer.key: part for lawyer, part in zip(lawyers, parts, strict=True)}


def _scaled(at: Callable[[Fraction], list[Fraction]], bends: list[Fraction], goal: Fraction) -> list[Fraction]:
    """Find the parts that sum to `goal`; between two bends every part grows on a straight line."""
    if not bends or sum(at(bends[0])) >= goal:
        return at(bends[0] if bends else Fraction(0))
    above = bisect_left(bends, goal, key=lambda bend: sum(at(bend), Fraction(0)))
    if above == len(bends):
        return at(bends[-1])
    lower, upper = at(bends[above - 1]), at(bends[above])
    part = (goal - sum(lower)) / (sum(upper) - sum(lower))
    return [a + part * (b - a) for a, b in zip(lower, upper, strict=True)]


def tally(problem: Problem, measure: str, assignments: Assignments) -> dict[Key, int]:
    """Count each lawyer's duties of one measure."""
    counts: Counter[Key] = Counter()
    for day in problem.days:
        if day.counts_for(measure):
            counts.update(assignments.get(day.on, ()))
    return {lawyer.key: counts[lawyer.key] for lawyer in problem.lawyers}


def carry_over(problem: Problem, served: Assignments) -> dict[Key, dict[str, Fraction]]:
    """Return what each lawyer takes along into the next span: owed less served, per measure, nothing cut off.

    `served` are the duties really served, after swaps and stand-ins. Among those who were available the result sums
    to zero; who was away the whole span keeps what he had.
    """
    owed: dict[Key, dict[str, Fraction]] = {lawyer.key: {} for lawyer in problem.lawyers}
    for measure in MEASURES:
        counts = tally(problem, measure, served)
        weights = {lawyer.key: weight(problem, lawyer, measure) for lawyer in problem.lawyers}
        carried = {lawyer.key: Fraction(lawyer.carried_over.get(measure, 0)) for lawyer in problem.lawyers}
        before = sum((carried[key] for key, w in weights.items() if w), Fraction(0))
        whole = sum(weights.values(), Fraction(0))
        scale = (sum(counts.values()) - before) / whole if whole else Fraction(0)
        for key, w in weights.items():
            owed[key][measure] = scale * w + carried[key] - counts[key]
    return owed
