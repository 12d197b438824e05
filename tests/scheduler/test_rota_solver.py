"""The generator of duty rotas: what it promises (DOMAIN L-24 … L-28, TRUST I38)."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from scheduler.fairness.rota import generate
from scheduler.fairness.rota_check import judge_plan
from scheduler.fairness.rota_due import carry_over
from scheduler.fairness.rota_values import CHANGES, MEASURES, UNCOVERED, Lawyer, Mend, Problem
from tests.scheduler.rota_cases import (
    DECEMBER,
    KIND_OF,
    OCTOBER,
    TUESDAYS,
    change,
    days,
    dec,
    named,
    oct_,
    refusal_of,
    register,
    served_on,
)

# A month


@pytest.mark.parametrize("dates", [OCTOBER, DECEMBER], ids=["october", "december"])
def test_a_month_of_twenty_six_lawyers_covers_every_working_day_and_no_plan_is_more_even(dates):
    problem = Problem(days(dates), register(26))
    plan = generate(problem)
    assert judge_plan(problem, plan) == []
    assert (plan.uncovered, list(plan.assignments)) == ((), dates)
    assert sorted(plan.served.values()) == [0] * (26 - len(dates)) + [1] * len(dates)
    assert {name: measure.proven for name, measure in plan.measures.items()} == dict.fromkeys(MEASURES, True)


def test_the_make_up_saturday_is_a_day_like_any_other():
    plan = generate(Problem(days(OCTOBER), register(26)))
    assert len(plan.assignments[date(2026, 10, 10)]) == 1


def test_a_station_open_one_weekday_a_week_takes_turns_over_the_register():
    problem = Problem(days(TUESDAYS), register(26), max_per_week=1)
    first = generate(problem)
    assert judge_plan(problem, first) == []
    owed = carry_over(problem, first.assignments)
    november = [date(2026, 11, d) for d in (3, 10, 17, 24)]
    later = tuple(
        replace(each, carried_over=owed[each.key], served_before=tuple(served_on(first, each.key)))
        for each in problem.lawyers
    )
    second = generate(Problem(days(november), later, max_per_week=1))
    assert [key for key in first.served if first.served[key] and second.served[key]] == []


def test_three_lawyers_a_day_are_three_different_lawyers():
    problem = Problem(days(DECEMBER, needed=3), register(26))
    plan = generate(problem)
    assert judge_plan(problem, plan) == []
    assert {len(set(keys)) for keys in plan.assignments.values()} == {3}
    assert sorted(set(plan.served.values())) == [2, 3]


def test_nobody_serves_during_his_leave():
    away = frozenset(dec(*range(1, 19)))
    problem = Problem(days(DECEMBER), change(register(6), 3, unavailable=away))
    plan = generate(problem)
    assert judge_plan(problem, plan) == []
    assert [on for on in served_on(plan, 3) if on in away] == []


def test_who_was_away_all_month_owes_nothing_and_the_others_make_up_for_nobody():
    away = Lawyer("away", unavailable=frozenset(DECEMBER), carried_over={"total": Fraction(2)})
    lawyers = (*register(23), away)
    plan = generate(Problem(days(DECEMBER), lawyers))
    assert (plan.due["away"], plan.served["away"]) == (0, 0)
    assert {plan.due[key] for key in range(1, 24)} == {Fraction(1)}
    assert plan.measures["total"].spread == 0


def test_half_a_share_owes_half_the_duties():
    lawyers = (Lawyer("half", 0.5), *named("a", "b", "c", "d", "e"))
    plan = generate(Problem(days(DECEMBER[:22]), lawyers, min_distance=5))
    assert plan.due == {"half": 2, "a": 4, "b": 4, "c": 4, "d": 4, "e": 4}
    assert plan.served == plan.due


def test_who_still_owes_from_before_serves_more_and_who_served_too_much_serves_less():
    lawyers = (
        Lawyer("owes", carried_over={"total": Fraction(1)}),
        Lawyer("served too much", carried_over={"total": Fraction(-1)}),
        *named("a", "b", "c", "d", "e", "f"),
    )
    plan = generate(Problem(days(DECEMBER[:16]), lawyers))
    assert (plan.served["owes"], plan.served["served too much"], plan.served["a"]) == (3, 1, 2)


def test_a_debt_nobody_can_serve_in_one_month_waits_instead_of_making_the_month_impossible():
    lawyers = (Lawyer("deep", carried_over={"total": Fraction(9)}), *named("a", "b", "c", "d", "e", "f"))
    problem = Problem(days(DECEMBER), lawyers)
    plan = generate(problem)
    assert (plan.due["deep"], plan.served["deep"]) == (5, 5)
    owed = {key: facts["total"] for key, facts in carry_over(problem, plan.assignments).items()}
    assert (plan.due["deep"] < owed["deep"] + plan.served["deep"], sum(owed.values())) == (True, 0)


def test_mondays_and_fridays_go_to_those_who_still_owe_them():
    served = {"monday": Fraction(-1), "friday": Fraction(-1)}
    lawyers = (
        *(Lawyer(key, carried_over={"friday": Fraction(-1)}) for key in range(1, 6)),
        *(Lawyer(key, carried_over={"monday": Fraction(-1)}) for key in range(6, 11)),
        *(Lawyer(key, carried_over=served) for key in range(11, 24)),
    )
    plan = generate(Problem(days(DECEMBER), lawyers))
    on_monday = {keys[0] for on, keys in plan.assignments.items() if KIND_OF.get(on.weekday()) == "monday"}
    on_friday = {keys[0] for on, keys in plan.assignments.items() if KIND_OF.get(on.weekday()) == "friday"}
    assert (on_monday <= {1, 2, 3, 4, 5}, on_friday <= {6, 7, 8, 9, 10}) == (True, True)
    assert all(measure.proven for measure in plan.measures.values())


def test_duties_of_last_month_keep_their_distance_across_the_edge():
    thursday, friday = date(2026, 11, 26), date(2026, 11, 27)
    lawyers = (Lawyer("a", served_before=(thursday,)), Lawyer("b", served_before=(friday,)), *named("c", "d"))
    problem = Problem(days(dec(1, 2, 3, 4)), lawyers)
    plan = generate(problem)
    assert judge_plan(problem, plan) == []
    assert {plan.assignments[on] for on in dec(1, 2)} == {("c",), ("d",)}
    assert [plan.assignments[on] for on in dec(3, 4)] == [("a",), ("b",)]


def test_seven_days_apart_allows_monday_and_the_next_monday():
    mondays = dec(7, 14, 21, 28)
    plan = generate(Problem(days(mondays), named("only")))
    assert served_on(plan, "only") == list(mondays)


def test_duties_already_published_after_the_span_keep_their_distance_too():
    lawyers = (Lawyer("a", booked_after=(date(2027, 1, 4),)), Lawyer("b"))
    plan = generate(Problem(days(dec(24, 31)), lawyers))
    assert plan.assignments == {dec(24)[0]: ("a",), dec(31)[0]: ("b",)}


def test_caps_of_a_lawyer_and_of_a_firm_bind_per_month():
    lawyers = (*(Lawyer(key, firm="Ming") for key in (1, 2, 3, 4)), Lawyer("a", cap_per_month=1), *named("b", "c", "d"))
    problem = Problem(days(DECEMBER[:16]), lawyers, firm_caps={"Ming": 8}, min_distance=4)
    plan = generate(problem)
    assert judge_plan(problem, plan) == []
    assert (plan.served["a"], sum(plan.served[key] for key in (1, 2, 3, 4))) == (1, 8)


def test_a_firm_cap_below_what_its_lawyers_owe_is_named_with_the_next_cap_that_works():
    lawyers = (*(Lawyer(key, firm="Ming") for key in (1, 2, 3, 4)), *named("a", "b", "c", "d"))
    refusal = refusal_of(Problem(days(DECEMBER[:17]), lawyers, firm_caps={"Ming": 5}, min_distance=4))
    assert [cause.code for cause in refusal.clash] == ["share", "firm_cap"]
    assert refusal.mends == (
        Mend("higher_firm_cap", {"firm": "Ming", "amount": 8}),
        Mend("wider_share", {"within": 2}),
    )


def test_locked_cells_stay():
    locked = {dec(1)[0]: (5,), dec(7)[0]: (9,), dec(31)[0]: (26,)}
    problem = Problem(days(DECEMBER), register(26), locked=locked)
    plan = generate(problem)
    assert judge_plan(problem, plan) == []
    assert {on: plan.assignments[on] for on in locked} == locked


def test_an_accepted_day_stays_uncovered_only_where_it_must():
    away = frozenset(oct_(12, 13))
    lawyers = tuple(Lawyer(key, unavailable=away) for key in range(1, 9))
    problem = Problem(days(OCTOBER), lawyers, may_stay_uncovered=frozenset(oct_(12, 13, 14)))
    plan = generate(problem)
    assert judge_plan(problem, plan) == []
    assert (plan.uncovered, plan.measures[UNCOVERED].spread, plan.measures[UNCOVERED].proven) == (oct_(12, 13), 2, True)


# Repair


def test_a_repair_with_changes_as_first_aim_touches_only_the_days_of_who_fell_out():
    problem = Problem(days(DECEMBER), register(26))
    before = generate(problem)
    gone = next(key for key, count in before.served.items() if count)
    hurt = replace(
        problem,
        lawyers=change(problem.lawyers, gone, unavailable=frozenset(DECEMBER)),
        existing=before.assignments,
        aims=(CHANGES, *MEASURES),
    )
    after = generate(hurt)
    assert judge_plan(hurt, after) == []
    assert [on for on in DECEMBER if after.assignments[on] != before.assignments[on]] == served_on(before, gone)
    assert (after.measures[CHANGES].spread, after.measures[CHANGES].proven) == (1, True)


def test_changes_as_last_aim_never_cost_evenness():
    problem = Problem(days(DECEMBER), register(9))
    before = generate(problem)
    hurt = replace(problem, lawyers=change(problem.lawyers, 1, unavailable=frozenset(dec(1, 2, 3, 4))))
    fresh, after = generate(hurt), generate(replace(hurt, existing=before.assignments))
    assert judge_plan(replace(hurt, existing=before.assignments), after) == []
    assert {name: after.measures[name] for name in MEASURES} == fresh.measures
    assert after.measures[CHANGES].proven


def test_a_rota_that_needs_no_change_is_not_changed():
    problem = Problem(days(DECEMBER), register(9))
    before = generate(problem)
    again = generate(replace(problem, existing=before.assignments))
    assert (again.assignments, again.measures[CHANGES].spread) == (before.assignments, 0)


def test_a_day_that_became_a_holiday_is_not_a_change():
    before = {dec(1)[0]: ("a",), dec(2)[0]: ("b",)}
    plan = generate(Problem(days(dec(1)), named("a", "b"), existing=before))
    assert (plan.assignments, plan.measures[CHANGES].spread) == ({dec(1)[0]: ("a",)}, 0)


# The same input, the same plan


def test_the_order_of_rows_decides_nothing():
    problem = Problem(days(DECEMBER), change(register(26), 4, share=Fraction(1, 2)))
    turned = replace(problem, days=problem.days[::-1], lawyers=problem.lawyers[::-1])
    assert generate(turned) == generate(problem)


PROGRAM = """
from datetime import date
from scheduler.fairness.rota import generate
from scheduler.fairness.rota_values import Day, Lawyer, Problem
days = tuple(Day(date(2026, 12, d), frozenset({"monday", "before_holiday"})) for d in (1, 2, 3, 4, 7, 8, 9))
print(generate(Problem(days, tuple(Lawyer(name) for name in "abcdefghij"))).assignments)
"""


def test_another_process_finds_the_same_plan():
    runs = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            check=True,
        )
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout


def test_more_workers_prove_but_do_not_decide():
    problem = Problem(days(OCTOBER), register(26))
    assert generate(replace(problem, workers=2)) == generate(problem)


@pytest.mark.parametrize(
    "facts",
    [
        {"days": days(dec(1, 1))},
        {"lawyers": named("a", "a")},
        {"locked": {date(2026, 12, 2): ("a",)}},
        {"locked": {date(2026, 12, 1): ("z",)}},
        {"min_distance": 0},
        {"aims": ("wishes",)},
    ],
)
def test_a_problem_that_contradicts_itself_is_a_mistake_of_the_caller(facts):
    with pytest.raises(ValueError):
        Problem(**{"days": days(dec(1)), "lawyers": named("a"), **facts})
