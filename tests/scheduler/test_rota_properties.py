"""What holds for every duty rota, tried on random problems and against every rota there is (L-28, I38)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import combinations, product

from hypothesis import given

from scheduler.fairness.rota import generate
from scheduler.fairness.rota_check import count_measure, judge_plan, judge_rota
from scheduler.fairness.rota_due import dues, most
from scheduler.fairness.rota_values import Cause, Key, NoRota, Problem
from tests.scheduler.rota_cases import calm, problems


@calm(60)
@given(problems())
def test_the_independent_checker_finds_nothing_in_any_plan_and_the_same_problem_gives_the_same_plan(problem):
    try:
        plan = generate(problem)
    except NoRota as refusal:
        assert refusal.clash
        assert generate_or_clash(problem) == refusal.clash
        return
    assert judge_plan(problem, plan) == []
    assert all(abs(plan.served[key] - owed) <= 1 for key, owed in plan.due.items())
    assert generate(problem) == plan


def generate_or_clash(problem: Problem) -> tuple[Cause, ...]:
    try:
        generate(problem)
    except NoRota as refusal:
        return refusal.clash
    return ()


def all_rotas(problem: Problem) -> Iterator[dict[date, tuple[Key, ...]]]:
    """Try every rota there is."""
    keys = [each.key for each in problem.lawyers]
    rows = [[row for size in range(day.needed + 1) for row in combinations(keys, size)] for day in problem.days]
    for cells in product(*rows):
        rota = dict(zip([day.on for day in problem.days], cells, strict=True))
        if not judge_rota(problem, rota):
            yield rota


@calm(40)
@given(problems(most_days=4, most_lawyers=3))
def test_trying_every_rota_finds_none_that_is_better(problem):
    problem = replace(problem, may_stay_uncovered=frozenset())
    rotas = list(all_rotas(problem))
    try:
        plan = generate(problem)
    except NoRota:
        assert rotas == []
        return
    aims = [aim for aim in problem.aims if aim in plan.measures]
    best = min([count_measure(problem, rota, aim) for aim in aims] for rota in rotas)
    assert [plan.measures[aim].spread for aim in aims] == best
    assert all(plan.measures[aim].proven for aim in aims)


@calm(60)
@given(problems())
def test_what_is_owed_adds_up_to_the_duties_or_everybody_owes_all_he_can_serve(problem):
    owed = dues(problem, "total", problem.places)
    can = {each.key: most(problem, each, problem.days) for each in problem.lawyers}
    fits = problem.places <= sum(can[each.key] for each in problem.lawyers)
    there = any(each.share and each.unavailable < {day.on for day in problem.days} for each in problem.lawyers)
    assert owed == can or sum(owed.values()) == problem.places or not (fits and there)
    assert all(0 <= owed[key] <= can[key] for key in owed)
