"""The judge of a duty rota, which knows nothing of the solver (DOMAIN L-25 … L-28, TRUST I38)."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from scheduler.fairness import rota_check
from scheduler.fairness.rota_check import Broken, judge_cell, judge_plan, judge_rota
from scheduler.fairness.rota_values import Day, Lawyer, Measure, Plan, Problem

TUE, WED, THU, NEXT_TUE, NEXT_WED = (date(2026, 12, d) for d in (1, 2, 3, 8, 9))
SATURDAY = date(2026, 12, 5)
PROBLEM = Problem(
    days=tuple(Day(on) for on in (TUE, WED, THU, NEXT_TUE, NEXT_WED)),
    lawyers=(
        Lawyer("an", unavailable=frozenset({WED}), firm="Ming", served_before=(date(2026, 11, 25),)),
        Lawyer("bo", firm="Ming", booked_after=(date(2026, 12, 15),)),
        Lawyer("cao", cap_per_month=1),
        Lawyer("du"),
    ),
)
GOOD = {TUE: ("bo",), WED: ("an",), THU: ("cao",), NEXT_TUE: ("bo",), NEXT_WED: ("du",)}


def problem(**facts: object) -> Problem:
    return replace(PROBLEM, **facts)  # type: ignore[arg-type]


# One cell, edited by hand


def test_a_lawyer_who_breaks_nothing_may_be_set():
    assert judge_cell(PROBLEM, {TUE: ("bo",)}, WED, "du") == []


def test_a_day_on_which_the_station_is_closed_takes_nobody():
    assert judge_cell(PROBLEM, {}, SATURDAY, "du") == [Broken("not_open", SATURDAY, "du", {"on": SATURDAY})]


def test_somebody_not_on_the_register_is_refused():
    assert judge_cell(PROBLEM, {}, WED, "eve") == [Broken("not_registered", WED, "eve", {"lawyer": "eve"})]


def test_who_is_already_there_is_not_set_twice():
    there = [Broken("already_there", WED, "du", {"lawyer": "du", "on": WED})]
    assert judge_cell(PROBLEM, {WED: ("du",)}, WED, "du") == there


def test_a_full_day_takes_nobody_more():
    full = [Broken("too_many", WED, None, {"on": WED, "surplus": 1})]
    assert judge_cell(PROBLEM, {WED: ("cao",)}, WED, "du") == full


def test_leave_is_named_and_so_is_the_duty_before_the_span_that_lies_too_near():
    params = {"lawyer": "an", "other": date(2026, 11, 25), "days": 6, "distance": 7}
    assert judge_cell(PROBLEM, {}, TUE, "an") == [Broken("distance", TUE, "an", params)]
    assert judge_cell(PROBLEM, {}, WED, "an") == [Broken("leave", WED, "an", {"lawyer": "an", "on": WED})]


def test_every_duty_that_lies_too_near_is_named_with_its_date():
    found = judge_cell(PROBLEM, {WED: ("bo",)}, NEXT_WED, "bo")
    after = {"lawyer": "bo", "other": date(2026, 12, 15), "days": 6, "distance": 7}
    assert found == [Broken("distance", NEXT_WED, "bo", after)]
    near = {"lawyer": "du", "other": THU, "days": 5, "distance": 7}
    far = {"lawyer": "du", "other": WED, "days": 6, "distance": 7}
    assert judge_cell(PROBLEM, {WED: ("du",), THU: ("du",)}, NEXT_TUE, "du") == [
        Broken("distance", NEXT_TUE, "du", far),
        Broken("distance", NEXT_TUE, "du", near),
    ]


def test_seven_days_apart_is_far_enough():
    assert judge_cell(PROBLEM, {TUE: ("du",)}, NEXT_TUE, "du") == []


def test_the_caps_of_week_month_and_firm_are_named_with_what_would_be_served():
    loose = problem(min_distance=1, max_per_week=1, firm_caps={"Ming": 2})
    assert judge_cell(loose, {TUE: ("du",)}, THU, "du") == [
        Broken("week", THU, "du", {"lawyer": "du", "served": 2, "amount": 1})
    ]
    assert judge_cell(loose, {TUE: ("cao",)}, NEXT_TUE, "cao") == [
        Broken("month_cap", NEXT_TUE, "cao", {"lawyer": "cao", "served": 2, "amount": 1})
    ]
    assert judge_cell(loose, {NEXT_TUE: ("bo",)}, THU, "an") == [
        Broken("firm_cap", THU, "an", {"firm": "Ming", "served": 3, "amount": 2})
    ]


def test_a_weekly_cap_counts_monday_to_sunday_also_across_the_edge_of_a_month():
    lawyers = (Lawyer("a", served_before=(date(2026, 11, 30),)),)
    monday_before = Problem((Day(THU),), lawyers, min_distance=2, max_per_week=1)
    assert [broken.code for broken in judge_cell(monday_before, {}, THU, "a")] == ["week"]


# A whole rota


def test_a_rota_that_breaks_nothing_is_silent():
    fair = problem(lawyers=(*PROBLEM.lawyers[1:], Lawyer("an")))
    assert judge_rota(fair, GOOD) == []


def test_a_rota_is_judged_by_day_and_lawyer():
    assert judge_rota(PROBLEM, GOOD) == [Broken("leave", WED, "an", {"lawyer": "an", "on": WED})]


def test_empty_and_crowded_days_are_named_but_an_accepted_day_may_stay_empty():
    rota = {TUE: (), WED: ("cao", "du"), THU: (), NEXT_TUE: ("bo",), NEXT_WED: ()}
    judged = judge_rota(problem(may_stay_uncovered=frozenset({NEXT_WED})), rota)
    assert judged == [
        Broken("too_few", TUE, None, {"on": TUE, "missing": 1}),
        Broken("too_many", WED, None, {"on": WED, "surplus": 1}),
        Broken("too_few", THU, None, {"on": THU, "missing": 1}),
    ]


def test_a_lost_lock_is_named():
    judged = judge_rota(problem(lawyers=(*PROBLEM.lawyers[1:], Lawyer("an")), locked={NEXT_WED: ("cao",)}), GOOD)
    assert judged == [Broken("lock", NEXT_WED, "cao", {"lawyer": "cao", "on": NEXT_WED})]


def test_who_serves_more_than_one_duty_beyond_what_he_owes_is_named():
    dates = (TUE, NEXT_TUE, date(2026, 12, 15))
    even = Problem(tuple(Day(on) for on in dates), (Lawyer("a"), Lawyer("b"), Lawyer("c")))
    judged = judge_rota(even, {TUE: ("a",), NEXT_TUE: ("a",), date(2026, 12, 15): ("a",)})
    params = {"lawyer": "a", "served": 3, "due": Fraction(1), "within": 1}
    assert judged == [Broken("share", None, "a", params)]


def test_one_lawyer_twice_on_one_day_is_named():
    two = Problem((Day(TUE, needed=2),), (Lawyer("a"),))
    assert judge_rota(two, {TUE: ("a", "a")}) == [Broken("already_there", TUE, "a", {"lawyer": "a", "on": TUE})]


def test_a_cap_is_named_once_however_many_duties_break_it():
    loose = problem(min_distance=1, firm_caps={"Ming": 1}, within=9)
    judged = judge_rota(loose, {TUE: ("an",), WED: ("bo",), THU: ("an",), NEXT_TUE: ("cao",), NEXT_WED: ("du",)})
    assert judged == [Broken("firm_cap", THU, "an", {"firm": "Ming", "served": 4, "amount": 1})]


# A plan and what it says of itself


PLAN = Plan(
    assignments={TUE: ("a",), WED: ("b",)},
    uncovered=(),
    measures={"total": Measure(Fraction(0), Fraction(0), True)},
    due={"a": Fraction(1), "b": Fraction(1)},
    served={"a": 1, "b": 1},
    seconds=0.1,
)
SMALL = Problem((Day(TUE), Day(WED)), (Lawyer("a"), Lawyer("b")))


def test_a_true_plan_is_silent():
    assert judge_plan(SMALL, PLAN) == []


@pytest.mark.parametrize(
    ("claim", "what"),
    [
        ({"served": {"a": 2, "b": 0}}, "served"),
        ({"due": {"a": Fraction(1, 2), "b": Fraction(3, 2)}}, "due"),
        ({"uncovered": (WED,)}, "uncovered"),
        ({"measures": {"total": Measure(Fraction(1, 2), Fraction(1, 2), True)}}, "total"),
        ({"measures": {"total": Measure(Fraction(0), Fraction(0), False)}}, "total"),
    ],
)
def test_a_plan_that_says_more_than_is_true_is_found_out(claim, what):
    assert [broken.params["what"] for broken in judge_plan(SMALL, replace(PLAN, **claim))] == [what]


def test_what_is_owed_is_cut_at_nothing_and_at_what_one_can_serve_and_the_others_share_the_rest():
    dates = (TUE, WED, NEXT_TUE, NEXT_WED)
    lawyers = (
        Lawyer("deep", carried_over={"total": Fraction(9)}),
        Lawyer("ahead", carried_over={"total": Fraction(-9)}),
        Lawyer("even"),
    )
    short = Problem(tuple(Day(on) for on in dates), lawyers)
    judged = judge_rota(short, {TUE: ("ahead",), WED: ("even",), NEXT_TUE: ("ahead",), NEXT_WED: ("even",)})
    assert judged == [
        Broken("share", None, "ahead", {"lawyer": "ahead", "served": 2, "due": Fraction(0), "within": 1}),
        Broken("share", None, "deep", {"lawyer": "deep", "served": 0, "due": Fraction(2), "within": 1}),
    ]


def test_every_finding_has_a_message_its_facts_fill():
    rota = {TUE: ("an",), WED: ("an", "an"), THU: ("cao",), SATURDAY: ("eve",), NEXT_TUE: ("cao",), NEXT_WED: ()}
    strict = problem(max_per_week=1, firm_caps={"Ming": 1}, locked={NEXT_WED: ("du",)}, within=0)
    found = judge_rota(strict, rota)
    assert {broken.code for broken in found} == set(Broken.MESSAGES) - {"claim"}
    assert all("%" not in broken.message % broken.params for broken in found)


def test_the_judge_shares_no_counting_with_the_solver():
    tree = ast.parse(Path(rota_check.__file__).read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert [name for name in imported if name and name.startswith(("scheduler", "ortools"))] == [
        "scheduler.fairness.rota_values"
    ]
