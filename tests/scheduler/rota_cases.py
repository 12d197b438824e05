"""Days, registers and random problems for the tests of the duty rota."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some

from scheduler.fairness.rota import generate
from scheduler.fairness.rota_values import MEASURES, Day, Key, Lawyer, NoRota, Plan, Problem

OCTOBER = [date(2026, 10, d) for d in (8, 9, 10, 12, 13, 14, 15, 16, 19, 20, 21, 22, 23, 26, 27, 28, 29, 30)]
DECEMBER = [
    date(2026, 12, d) for d in (1, 2, 3, 4, 7, 8, 9, 10, 11, 14, 15, 16, 17, 18, 21, 22, 23, 24, 25, 28, 29, 30, 31)
]
BEFORE_HOLIDAY = {date(2026, 9, 30), date(2026, 12, 31)}
TUESDAYS = [date(2026, 10, 8), date(2026, 10, 13), date(2026, 10, 20), date(2026, 10, 27)]  # 6 Oct is a holiday
KIND_OF = {0: "monday", 4: "friday"}


def days(dates: Iterable[date], needed: int = 1) -> tuple[Day, ...]:
    return tuple(
        Day(
            on,
            frozenset({KIND_OF[on.weekday()]} if on.weekday() in KIND_OF else set())
            | frozenset({"before_holiday"} if on in BEFORE_HOLIDAY else set()),
            needed,
        )
        for on in dates
    )


def oct_(*numbers: int) -> tuple[date, ...]:
    return tuple(date(2026, 10, number) for number in numbers)


def dec(*numbers: int) -> tuple[date, ...]:
    return tuple(date(2026, 12, number) for number in numbers)


def register(size: int) -> tuple[Lawyer, ...]:
    return tuple(Lawyer(key) for key in range(1, size + 1))


def named(*names: str) -> tuple[Lawyer, ...]:
    return tuple(Lawyer(name) for name in names)


def change(lawyers: tuple[Lawyer, ...], key: Key, **facts: object) -> tuple[Lawyer, ...]:
    return tuple(replace(each, **facts) if each.key == key else each for each in lawyers)  # type: ignore[arg-type]


def served_on(plan: Plan, key: Key) -> list[date]:
    return [on for on, keys in plan.assignments.items() if key in keys]


def refusal_of(problem: Problem) -> NoRota:
    with pytest.raises(NoRota) as refused:
        generate(problem)
    return refused.value


@some.composite
def problems(draw: some.DrawFn, most_days: int = 12, most_lawyers: int = 7) -> Problem:
    """Small problems with everything in them: shares, leave, debts, caps, locks, an older rota, accepted days."""
    start = date(2026, 12, 1)
    offsets = draw(some.lists(some.integers(0, 20), min_size=1, max_size=most_days, unique=True))
    dates = [start + timedelta(days=offset) for offset in sorted(offsets)]
    spans = tuple(replace(day, needed=draw(some.sampled_from([1, 1, 1, 2]))) for day in days(dates))
    few = some.fractions(-2, 2, max_denominator=3)
    lawyers = tuple(
        Lawyer(
            key,
            draw(some.sampled_from([Fraction(1), Fraction(1, 2), 0.3])),
            frozenset(draw(some.lists(some.sampled_from(dates), max_size=3))),
            draw(some.sampled_from([None, "Ming"])),
            draw(some.dictionaries(some.sampled_from(MEASURES), few, max_size=2)),
            tuple(draw(some.lists(some.dates(date(2026, 11, 24), date(2026, 11, 30)), max_size=1))),
            (),
            draw(some.sampled_from([None, None, 3])),
        )
        for key in range(draw(some.integers(1, most_lawyers)))
    )
    cells = some.dictionaries(some.sampled_from(dates), some.sampled_from(lawyers).map(lambda each: (each.key,)))
    return Problem(
        spans,
        lawyers,
        locked=dict(list(draw(cells).items())[:1]),
        existing=draw(cells),
        min_distance=draw(some.integers(1, 7)),
        max_per_week=draw(some.sampled_from([None, 1, 2])),
        firm_caps=draw(some.sampled_from([{}, {"Ming": 4}])),
        may_stay_uncovered=frozenset(draw(some.lists(some.sampled_from(dates), max_size=2))),
    )


def calm(examples: int) -> settings:
    return settings(
        max_examples=examples, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
    )
