"""When no duty rota exists: which demands clash and what mends it (DOMAIN L-25, L-27, L-28; TRUST I38)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import combinations

import pytest
from hypothesis import given

from scheduler.fairness.rota import generate
from scheduler.fairness.rota_values import Cause, Lawyer, Mend, NoRota, Problem, RotaNotFound
from tests.scheduler.rota_cases import (
    DECEMBER,
    OCTOBER,
    calm,
    change,
    days,
    dec,
    named,
    oct_,
    problems,
    refusal_of,
    register,
)


def test_three_lawyers_cannot_serve_five_days_four_days_apart_but_three_days_apart_they_can():
    refusal = refusal_of(Problem(days(oct_(12, 13, 14, 15, 16)), named("a", "b", "c"), min_distance=4))
    assert refusal.clash == (
        Cause("cover", (), oct_(12, 13, 14, 15), {"places": 4}),
        Cause("distance", ("a", "b", "c"), (), {"distance": 4}),
    )
    assert refusal.mends == (
        Mend("shorter_distance", {"distance": 3}),
        Mend("uncovered", {"days": oct_(13)}),
        Mend("uncovered", {"days": oct_(14)}),
        Mend("uncovered", {"days": oct_(15)}),
    )
    assert (refusal.days, refusal.lawyers, refusal.code) == (oct_(12, 13, 14, 15), ("a", "b", "c"), "no_rota")


def test_when_most_lawyers_are_at_a_meeting_those_at_the_meeting_are_named_in_one_line():
    away = frozenset(oct_(12, 13, 14))
    lawyers = tuple(Lawyer(key, unavailable=away if key in range(3, 10) else frozenset()) for key in range(1, 10))
    refusal = refusal_of(Problem(days(OCTOBER), lawyers))
    assert refusal.clash == (
        Cause("cover", (), oct_(12, 13, 14), {"places": 3}),
        Cause("leave", (3, 4, 5, 6, 7, 8, 9), oct_(12, 13, 14)),
        Cause("distance", (1, 2), (), {"distance": 7}),
    )
    assert refusal.mends == (
        Mend("shorter_distance", {"distance": 2}),
        Mend("available", {"lawyer": 3, "on": date(2026, 10, 12)}),
        Mend("available", {"lawyer": 4, "on": date(2026, 10, 12)}),
        Mend("available", {"lawyer": 5, "on": date(2026, 10, 12)}),
        Mend("uncovered", {"days": oct_(12)}),
        Mend("uncovered", {"days": oct_(13)}),
        Mend("uncovered", {"days": oct_(14)}),
    )


def test_a_lock_on_a_day_of_leave_is_named_with_both_ways_out():
    lawyers = change(named("a", "b"), "a", unavailable=frozenset(oct_(13)))
    refusal = refusal_of(Problem(days(oct_(13, 20)), lawyers, locked={date(2026, 10, 13): ("a",)}))
    assert refusal.clash == (Cause("lock", ("a",), oct_(13)), Cause("leave", ("a",), oct_(13)))
    assert refusal.mends == (
        Mend("available", {"lawyer": "a", "on": date(2026, 10, 13)}),
        Mend("unlock", {"on": date(2026, 10, 13)}),
    )


def test_locks_that_give_one_lawyer_far_more_than_he_owes_are_named():
    locked = dict.fromkeys(dec(1, 8, 15), ("a",))
    refusal = refusal_of(Problem(days(dec(1, 8, 15)), named("a", "b", "c"), locked=locked))
    assert refusal.clash == (
        Cause("lock", ("a",), dec(1)),
        Cause("lock", ("a",), dec(8)),
        Cause("lock", ("a",), dec(15)),
        Cause("share", ("a",), (), {"within": 1}),
    )
    assert refusal.mends == (
        Mend("unlock", {"on": date(2026, 12, 1)}),
        Mend("unlock", {"on": date(2026, 12, 8)}),
        Mend("unlock", {"on": date(2026, 12, 15)}),
        Mend("wider_share", {"within": 2}),
    )


def test_a_cap_that_is_too_low_is_named_with_the_next_higher_one():
    problem = Problem(days(dec(1, 8)), (Lawyer("a", cap_per_month=1),))
    refusal = refusal_of(problem)
    assert refusal.clash == (
        Cause("cover", (), dec(1, 8), {"places": 2}),
        Cause("month_cap", ("a",), (), {"amount": 1}),
    )
    assert refusal.mends[0] == Mend("higher_cap", {"lawyer": "a", "amount": 2})


def test_a_firm_that_may_not_serve_often_enough_is_named():
    lawyers = (Lawyer("a", firm="Ming"), Lawyer("b", firm="Ming"))
    refusal = refusal_of(Problem(days(dec(1, 2)), lawyers, firm_caps={"Ming": 1}))
    assert refusal.clash == (
        Cause("cover", (), dec(1, 2), {"places": 2}),
        Cause("firm_cap", (), (), {"firm": "Ming", "amount": 1}),
    )
    assert refusal.mends[0] == Mend("higher_firm_cap", {"firm": "Ming", "amount": 2})


def test_a_weekly_cap_that_leaves_a_day_empty_is_named():
    refusal = refusal_of(Problem(days(dec(1, 4)), named("a"), min_distance=3, max_per_week=1))
    assert refusal.clash == (
        Cause("cover", (), dec(1, 4), {"places": 2}),
        Cause("week", ("a",), (), {"amount": 1}),
    )
    assert refusal.mends[0] == Mend("more_per_week", {"amount": 2})


def test_when_no_single_change_is_enough_the_fewest_days_to_leave_empty_are_named():
    refusal = refusal_of(Problem(days(dec(1, 2, 3, 4)), named("a", "b"), min_distance=31, max_per_week=1))
    assert [mend.code for mend in refusal.mends] == ["uncovered"]
    assert refusal.mends[0].params["days"] in list(combinations(dec(1, 2, 3, 4), 2))


def test_a_station_without_lawyers_is_refused_like_any_other():
    refusal = refusal_of(Problem(days(dec(1)), ()))
    assert refusal.clash == (Cause("cover", (), dec(1), {"places": 1}),)
    assert refusal.mends == (Mend("uncovered", {"days": dec(1)}),)


def test_every_demand_and_every_mend_has_a_message_its_facts_fill():
    lawyers = tuple(
        Lawyer(key, unavailable=frozenset(oct_(12, 13, 14)) if key in range(3, 10) else frozenset())
        for key in range(1, 10)
    )
    refusal = refusal_of(Problem(days(OCTOBER), lawyers))
    for cause in refusal.clash:
        assert cause.message % {"lawyers": cause.lawyers, "days": cause.days, **cause.params}
    assert next(mend.message % mend.params for mend in refusal.mends) == "Let duties lie 2 days apart."
    assert refusal.message % refusal.facts == "No rota from 2026-10-08 to 2026-10-30 meets every demand."


def test_a_solver_out_of_effort_says_so_and_does_not_call_it_impossible():
    with pytest.raises(RotaNotFound):
        generate(Problem(days(DECEMBER, needed=3), register(40), effort=0.0))


@calm(15)
@given(problems(most_days=5, most_lawyers=3))
def test_every_named_mend_mends(problem):
    try:
        generate(problem)
    except NoRota as refusal:
        for mend in refusal.mends:
            generate(mended(problem, mend))


def mended(problem: Problem, mend: Mend) -> Problem:
    """Do what the mend says."""
    facts = mend.params
    by_key = {each.key: each for each in problem.lawyers}
    whom = by_key.get(facts.get("lawyer", ""))
    changes: dict[str, dict[str, object]] = {
        "shorter_distance": {"min_distance": facts.get("distance")},
        "more_per_week": {"max_per_week": facts.get("amount")},
        "higher_firm_cap": {"firm_caps": {**problem.firm_caps, facts.get("firm", ""): facts.get("amount", 0)}},
        "unlock": {"locked": {on: keys for on, keys in problem.locked.items() if on != facts.get("on")}},
        "uncovered": {"may_stay_uncovered": problem.may_stay_uncovered.union(facts.get("days", ()))},
        "wider_share": {"within": facts.get("within")},
    }
    if whom and mend.code == "available":
        there = whom.unavailable - {facts["on"]}
        return replace(problem, lawyers=change(problem.lawyers, whom.key, unavailable=there))
    if whom and mend.code == "higher_cap":
        return replace(problem, lawyers=change(problem.lawyers, whom.key, cap_per_month=facts["amount"]))
    return replace(problem, **changes[mend.code])  # type: ignore[arg-type]
