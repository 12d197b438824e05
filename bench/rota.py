"""Time the generator of duty rotas. Each line: name value unit. Run from the root: python -m bench.rota"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from time import perf_counter

import holidays

from scheduler.fairness.rota import generate
from scheduler.fairness.rota_due import carry_over
from scheduler.fairness.rota_values import MEASURES, Assignments, Day, Key, Lawyer, NoRota, Plan, Problem

YEAR, RECENT, AWAY = 2026, 7, 0.1
CHINA = holidays.country_holidays("CN", years=(YEAR, YEAR + 1))


def opening_days(first: date, after: date, needed: int) -> tuple[Day, ...]:
    """Return every working day of [first, after) with its kinds."""
    dates = [first + timedelta(days=n) for n in range((after - first).days)]
    return tuple(Day(on, kinds(on), needed) for on in dates if CHINA.is_working_day(on))


def kinds(on: date) -> frozenset[str]:
    """Say what a working day counts as; before a holiday: a day off follows that is no mere weekend."""
    off = on + timedelta(days=1)
    while not CHINA.is_working_day(off) and off not in CHINA:
        off += timedelta(days=1)
    found = {0: {"monday"}, 4: {"friday"}}.get(on.weekday(), set())
    return frozenset(found | ({"before_holiday"} if off in CHINA and not CHINA.is_working_day(off) else set()))


def register(size: int, days: tuple[Day, ...], seed: int) -> tuple[Lawyer, ...]:
    """Return lawyers with one day in ten off; every third works half."""
    chance = random.Random(seed)
    return tuple(
        Lawyer(key, 0.5 if key % 3 == 0 else 1, frozenset(day.on for day in days if chance.random() < AWAY))
        for key in range(size)
    )


def month(number: int, size: int, needed: int, **demands: object) -> Problem:
    """Return one month's problem."""
    first, after = date(YEAR, number, 1), date(YEAR + number // 12, number % 12 + 1, 1)
    days = opening_days(first, after, needed)
    return replace(Problem(days, register(size, days, number)), **demands)  # type: ignore[arg-type]


def year(size: int) -> tuple[float, dict[str, float]]:
    """Generate twelve months one after the other; return the seconds and what the worst-off is owed at the end."""
    began, carried, served = perf_counter(), dict[Key, dict[str, Fraction]](), dict[date, tuple[Key, ...]]()
    for number in range(1, 13):
        problem = month(number, size, 1)
        recent = [on for on in served if on > problem.days[0].on - timedelta(days=RECENT)]
        lawyers = tuple(
            replace(
                lawyer,
                carried_over=carried.get(lawyer.key, {}),
                served_before=tuple(on for on in recent if lawyer.key in served[on]),
            )
            for lawyer in problem.lawyers
        )
        problem = replace(problem, lawyers=lawyers)
        plan = generate(problem)
        served.update(plan.assignments)
        carried = carry_over(problem, plan.assignments)
    worst = {measure: max(abs(float(owed[measure])) for owed in carried.values()) for measure in MEASURES}
    return perf_counter() - began, worst


def refusal(problem: Problem) -> float:
    """Return the seconds until a clash is explained."""
    began = perf_counter()
    try:
        generate(problem)
    except NoRota:
        return perf_counter() - began
    raise AssertionError("this problem was to be infeasible")


def without(assignments: Assignments, problem: Problem) -> Problem:
    """Return the problem of a repair: the first lawyer falls out for the whole month."""
    gone = replace(problem.lawyers[0], unavailable=frozenset(day.on for day in problem.days))
    return replace(problem, lawyers=(gone, *problem.lawyers[1:]), existing=assignments)


def crowd_away(problem: Problem, there: int) -> Problem:
    """Return the problem with all but a few away in one week."""
    week = frozenset(day.on for day in problem.days[5:10])
    rest = tuple(replace(each, unavailable=each.unavailable | week) for each in problem.lawyers[there:])
    return replace(problem, lawyers=(*problem.lawyers[:there], *rest))


def main() -> None:
    """Print all figures."""
    plans: dict[str, Callable[[], Plan]] = {
        "month_26_lawyers": lambda: generate(month(12, 26, 1)),
        "month_120_lawyers_3_a_day": lambda: generate(month(12, 120, 3)),
        "month_26_repair": lambda: generate(without(generate(month(12, 26, 1)).assignments, month(12, 26, 1))),
    }
    for name, run in plans.items():
        plan = run()
        print(f"rota.{name} {plan.seconds:.2f} s")
        print(f"rota.{name}.proven {sum(each.proven for each in plan.measures.values())}/{len(plan.measures)} measures")
    print(f"rota.refusal_26_lawyers {refusal(crowd_away(month(12, 26, 1), 2)):.2f} s")
    print(f"rota.refusal_120_lawyers_3_a_day {refusal(crowd_away(month(12, 120, 3), 8)):.2f} s")
    seconds, worst = year(26)
    print(f"rota.year_rolling_26_lawyers {seconds:.2f} s")
    for measure, owed in worst.items():
        print(f"rota.year_rolling_26_lawyers.{measure} {owed:.2f} duties")


if __name__ == "__main__":
    main()
