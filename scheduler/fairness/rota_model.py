"""The duty rota as a CP-SAT model: the hard demands, and one solve. Sources: DOMAIN L-25, L-27, L-28; TRUST I38."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import Literal

from ortools.sat.python import cp_model

from scheduler.fairness.rota_due import dues, month_of, week_of
from scheduler.fairness.rota_values import TOTAL, Assignments, Day, Key, Lawyer, Problem

Demand = tuple[str, Key | date]
Bands = Mapping[Key, tuple[int, int]]


@dataclass(frozen=True)
class Settled:
    """What the plan must keep while later aims are pursued.

    `duties`: places filled in all. `filled`: places per day, once decided. `bands`: measure → lawyer → least and most.
    `kept`: cells of the existing rota that stay.
    """

    duties: int
    filled: Mapping[date, int] = field(default_factory=dict)
    bands: Mapping[str, Bands] = field(default_factory=dict)
    kept: int = 0

    def with_band(self, measure: str, band: Bands) -> Settled:
        """Return the same with one measure's band in place."""
        return replace(self, bands={**self.bands, measure: band})


@dataclass(frozen=True)
class Answer:
    """One solve: "found" with the assignments, "none" (refuted) or "unknown"; `bound` belongs to an objective."""

    status: Literal["found", "none", "unknown"]
    assignments: dict[date, tuple[Key, ...]] = field(default_factory=dict)
    bound: int = 0


def band(due: Mapping[Key, Fraction], spread: Fraction | int) -> dict[Key, tuple[int, int]]:
    """Return the counts that lie within `spread` of what is owed."""
    return {key: (max(0, ceil(owed - spread)), floor(owed + spread)) for key, owed in due.items()}


def settled_at(problem: Problem, duties: int) -> Settled:
    """Start from the hard demand of I38: everybody within `problem.within` of his due."""
    return Settled(duties, bands={TOTAL: band(dues(problem, TOTAL, duties), problem.within)})


def first_cover(problem: Problem) -> tuple[Settled, Answer, bool]:
    """Leave as few places empty as the accepted days allow; the last part says whether fewer is refuted."""
    spare = sum(day.needed for day in problem.days if day.on in problem.may_stay_uncovered)
    settled, answer, refuted = settled_at(problem, problem.places), Answer("unknown"), True
    for short in range(spare + 1):
        settled = settled_at(problem, problem.places - short)
        answer = solve(problem, settled)
        if answer.status == "found":
            break
        refuted = refuted and answer.status == "none"
    if answer.status != "found":
        answer = Answer("none" if refuted else "unknown")
    return settled, answer, refuted


def solve(
    problem: Problem,
    settled: Settled,
    only: Collection[Demand] | None = None,
    fewest_changes: bool = False,
    workers: int | None = None,
) -> Answer:
    """Look for assignments under the demands (only some of them, to explain a clash). Same arguments, same answer."""
    grid = Grid(problem, settled, only)
    if fewest_changes:
        grid.model.maximize(grid.kept())
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = problem.seed
    solver.parameters.num_workers = workers or problem.workers
    solver.parameters.max_deterministic_time = problem.effort
    solver.parameters.linearization_level = 2  # too few people for the places: the LP sees it at once, search does not
    status = solver.solve(grid.model)
    if status == cp_model.INFEASIBLE:
        return Answer("none")
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Answer("unknown")
    bound = floor(solver.best_objective_bound + 1e-6) if fewest_changes else 0
    return Answer("found", grid.read(solver.boolean_value), bound)


class Grid:
    """One Boolean per day and lawyer, and a constraint per demand; a demand is named `(code, whom or when)`."""

    def __init__(self, problem: Problem, settled: Settled, only: Collection[Demand] | None = None) -> None:
        self.problem, self.settled, self.only = problem, settled, only
        self.model = cp_model.CpModel()
        self.days = [day for day in problem.days if self._matters(day)]
        self.cells = {
            (day.on, lawyer.key): self.model.new_bool_var(f"{day.on}/{lawyer.key}")
            for day in self.days
            for lawyer in problem.lawyers
        }
        self._cover()
        self._locks()
        for lawyer in problem.lawyers:
            self._leave(lawyer)
            self._distance(lawyer)
            self._week(lawyer)
            self._month(lawyer)
        self._firms()
        self._bands()
        if settled.kept:
            self.model.add(self.kept() >= settled.kept)

    def wanted(self, code: str, subject: Key | date) -> bool:
        """Say whether a demand is in force."""
        return self.only is None or (code, subject) in self.only

    def kept(self) -> cp_model.LinearExprT:
        """Return the number of cells of the existing rota that stay as they are."""
        return sum_of(
            self.cells[on, key]
            for on, keys in sorted(self.problem.existing.items())
            for key in keys
            if (on, key) in self.cells
        )

    def read(self, value: Callable[[cp_model.LiteralT], bool]) -> dict[date, tuple[Key, ...]]:
        """Turn a solution into date → lawyers, in order."""
        return {
            day.on: tuple(each.key for each in self.problem.lawyers if value(self.cells[day.on, each.key]))
            for day in self.days
        }

    def _matters(self, day: Day) -> bool:
        if self.only is None or any(code == "share" for code, _ in self.only):
            return True
        return ("cover", day.on) in self.only or ("lock", day.on) in self.only

    def _cover(self) -> None:
        for day in self.days:
            row = sum_of(self.cells[day.on, each.key] for each in self.problem.lawyers)
            filled = self.settled.filled.get(day.on)
            if filled is not None:
                self.model.add(row == filled)
            elif day.on in self.problem.may_stay_uncovered:
                self.model.add(row <= day.needed)
            elif self.wanted("cover", day.on):
                self.model.add(row == day.needed)
        if self.only is None and not self.settled.filled and self.problem.may_stay_uncovered:
            self.model.add(sum_of(self.cells.values()) == self.settled.duties)

    def _locks(self) -> None:
        for on, keys in self.problem.locked.items():
            if self.wanted("lock", on):
                for key in keys:
                    self.model.add(self.cells[on, key] == 1)

    def _leave(self, lawyer: Lawyer) -> None:
        if self.wanted("leave", lawyer.key):
            for day in self.days:
                if day.on in lawyer.unavailable:
                    self.model.add(self.cells[day.on, lawyer.key] == 0)

    def _distance(self, lawyer: Lawyer) -> None:
        if not self.wanted("distance", lawyer.key):
            return
        gap, dates, end = self.problem.min_distance, [day.on for day in self.days], 0
        for start, first in enumerate(dates):
            if any(abs((first - other).days) < gap for other in lawyer.elsewhere):
                self.model.add(self.cells[first, lawyer.key] == 0)
            stop = start
            while stop < len(dates) and (dates[stop] - first).days < gap:
                stop += 1
            if stop > max(end, start + 1):  # a window inside the one before it says nothing new
                self.model.add_at_most_one(self.cells[on, lawyer.key] for on in dates[start:stop])
                end = stop

    def _week(self, lawyer: Lawyer) -> None:
        if self.problem.max_per_week is not None and self.wanted("week", lawyer.key):
            self._at_most(self.problem.max_per_week, [lawyer], week_of)

    def _month(self, lawyer: Lawyer) -> None:
        if lawyer.cap_per_month is not None and self.wanted("month_cap", lawyer.key):
            self._at_most(lawyer.cap_per_month, [lawyer], month_of)

    def _firms(self) -> None:
        for firm, amount in self.problem.firm_caps.items():
            if self.wanted("firm_cap", firm):
                self._at_most(amount, [each for each in self.problem.lawyers if each.firm == firm], month_of)

    def _at_most(self, amount: int, lawyers: list[Lawyer], span_of: Callable[[date], date]) -> None:
        """Bound these lawyers' duties together in each week or month; duties outside the rota count."""
        spans: dict[date, list[cp_model.IntVar]] = defaultdict(list)
        for day in self.days:
            spans[span_of(day.on)] += [self.cells[day.on, each.key] for each in lawyers]
        for span, cells in spans.items():
            before = sum(span_of(on) == span for each in lawyers for on in each.elsewhere)
            self.model.add(sum_of(cells) <= max(0, amount - before))

    def _bands(self) -> None:
        for measure, bands in self.settled.bands.items():
            for key, (least, most) in bands.items():
                if self.wanted("share", key):
                    row = sum_of(self.cells[day.on, key] for day in self.days if day.counts_for(measure))
                    self.model.add_linear_constraint(row, least, most)


def sum_of(cells: Iterable[cp_model.IntVar]) -> cp_model.LinearExprT:
    """Add up cells; of none the sum is a constant the model accepts too."""
    return cp_model.LinearExpr.sum(list(cells))


def changes(existing: Assignments, days: Iterable[Day], assignments: Assignments) -> int:
    """Count the cells of an existing rota, on days still open, that a plan gives up."""
    return sum(len(set(existing.get(day.on, ())) - set(assignments.get(day.on, ()))) for day in days)
