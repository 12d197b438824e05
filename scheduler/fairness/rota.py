"""Generate the duty rota of one station (DOMAIN L-24 … L-28, TRUST I38): proven as even as the demands allow.

Each aim is a number; the least that mere counting allows is tried first and mostly holds, so it is proven by one
solve. Where it does not hold the solver refutes it and the next larger one is tried. What an aim reached binds all
later aims. The last solve runs alone on one worker under everything reached: same input, same plan.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from time import perf_counter

from scheduler.fairness.rota_due import dues, tally
from scheduler.fairness.rota_model import Settled, band, changes, first_cover, solve
from scheduler.fairness.rota_values import (
    CHANGES,
    TOTAL,
    UNCOVERED,
    Assignments,
    Key,
    Measure,
    Plan,
    Problem,
    RotaNotFound,
)
from scheduler.fairness.rota_why import explain

Cells = dict[date, tuple[Key, ...]]


def generate(problem: Problem) -> Plan:
    """Return the fairest plan that meets every hard demand.

    Hard: each day's places (accepted days excepted), leave, distance (L-27), caps, locks, every total within
    `problem.within` of what is owed (I38). Then `problem.aims` in strict order (L-28).

    Raises: NoRota with a minimal clash and what mends it; RotaNotFound when `problem.effort` ran out.
    """
    began = perf_counter()
    problem = problem.in_order()
    settled, answer, refuted = first_cover(problem)
    if answer.status == "none":
        raise explain(problem, settled)
    if answer.status == "unknown":
        raise RotaNotFound(first=problem.days[0].on, last=problem.days[-1].on)
    measures: dict[str, Measure] = {}
    cells = answer.assignments
    if problem.may_stay_uncovered:
        measures[UNCOVERED] = _uncovered(problem, settled, refuted)
        settled = replace(settled, filled={on: len(keys) for on, keys in cells.items()})
    for aim in problem.aims:
        if aim != CHANGES:
            settled, cells, measures[aim] = _even_out(problem, settled, cells, aim)
        elif problem.existing:
            settled, cells, measures[aim] = _keep(problem, settled, cells)
    deciding = solve(problem, settled, workers=1)
    return _plan(problem, deciding.assignments or cells, measures, perf_counter() - began)


def _uncovered(problem: Problem, settled: Settled, refuted: bool) -> Measure:
    """Say how many places stay empty; with an earlier "unknown" only none at all is a bound."""
    short = Fraction(problem.places - settled.duties)
    return Measure(short, short if refuted else Fraction(0), refuted or not short)


def _even_out(problem: Problem, settled: Settled, cells: Cells, measure: str) -> tuple[Settled, Cells, Measure]:
    """Make the largest difference between served and due as small as it can be (L-28) and keep it there."""
    duties = sum(len(cells[day.on]) for day in problem.days if day.counts_for(measure))
    due = dues(problem, measure, duties)
    steps = _steps(due, duties, _spread(problem, measure, due, cells))
    refuted = low = probe = 0
    high = len(steps) - 1
    while low < high:
        answer = solve(problem, settled.with_band(measure, band(due, steps[probe])))
        if answer.status == "found":
            cells = answer.assignments
            high = steps.index(_spread(problem, measure, due, cells))
        else:
            low = probe + 1
            refuted = low if answer.status == "none" else refuted
        probe = (low + high) // 2
    reached = Measure(steps[high], steps[refuted], refuted == high)
    return settled.with_band(measure, band(due, steps[high])), cells, reached


def _spread(problem: Problem, measure: str, due: Mapping[Key, Fraction], cells: Assignments) -> Fraction:
    """Return the largest difference between served and due over the lawyers."""
    served = tally(problem, measure, cells)
    return max((abs(served[key] - owed) for key, owed in due.items()), default=Fraction(0))


def _steps(due: Mapping[Key, Fraction], duties: int, reached: Fraction) -> list[Fraction]:
    """List the spreads worth trying: every difference a count can make, from the least that adds up to `duties`."""
    differences = {abs(count - owed) for owed in due.values() for count in range(duties + 1)}
    steps = sorted({each for each in differences if each <= reached} | {reached})
    return steps[bisect_left(steps, True, key=lambda spread: _adds_up(band(due, spread).values(), duties)) :]


def _adds_up(bands: Collection[tuple[int, int]], duties: int) -> bool:
    """Say whether counts within the bands can sum to `duties`; once they can, wider bands can too."""
    fits = all(least <= most for least, most in bands)
    return fits and sum(least for least, _ in bands) <= duties <= sum(most for _, most in bands)


def _keep(problem: Problem, settled: Settled, cells: Cells) -> tuple[Settled, Cells, Measure]:
    """Give up as few cells of the existing rota as possible."""
    answer = solve(problem, settled, fewest_changes=True)
    cells = answer.assignments or cells
    lost = changes(problem.existing, problem.days, cells)
    written = changes(problem.existing, problem.days, {})
    best = written - answer.bound if answer.status == "found" else 0
    return replace(settled, kept=written - lost), cells, Measure(Fraction(lost), Fraction(best), lost == best)


def _plan(problem: Problem, cells: Cells, measures: dict[str, Measure], seconds: float) -> Plan:
    return Plan(
        assignments=cells,
        uncovered=tuple(day.on for day in problem.days if len(cells[day.on]) < day.needed),
        measures=measures,
        due=dues(problem, TOTAL, sum(map(len, cells.values()))),
        served=tally(problem, TOTAL, cells),
        seconds=seconds,
    )
