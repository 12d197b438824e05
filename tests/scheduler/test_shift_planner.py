"""The planner of volunteers' shifts and its independent checker (DOMAIN 3.3, 8.9; TRUST I14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as only
from hypothesis import strategies as st

from scheduler.fairness.shift_check import Broken, judge_shift_plan
from scheduler.fairness.shift_values import Server, ShiftPlan, Turn
from scheduler.fairness.shifts import plan_shifts
from tests.town import ZONE

MONDAY = date(2026, 11, 23)
POSTS = frozenset({"东门", "西门"})


def turn(day: int, begins: int = 7, post: str = "东门", places: int = 1, minutes: int = 90) -> Turn:
    on = MONDAY + timedelta(days=day)
    starts_at = datetime(on.year, on.month, on.day, begins, 30, tzinfo=ZONE)
    return Turn(f"{day}-{begins}-{post}", post, on, starts_at, starts_at + timedelta(minutes=minutes), places)


def server(key: int = 1, minutes: int = 90, **more: Any) -> Server:
    facts = {"first_on": MONDAY, "last_on": MONDAY + timedelta(days=13), "posts": POSTS, "a_day": 180}
    return Server(key, minutes, **{**facts, **more})


def keys(plan: ShiftPlan) -> dict[Any, tuple[Any, ...]]:
    return {key: tuple(sorted(mine)) for key, mine in plan.turns.items()}


def test_everybodys_hours_are_complete_where_there_are_places() -> None:
    plan = plan_shifts([turn(day) for day in range(3)], [server(1), server(2, 180)])
    assert (sum(map(len, plan.turns.values())), dict(plan.short), plan.proven) == (3, {}, True)


def test_what_finds_no_place_is_named_in_minutes() -> None:
    plan = plan_shifts([turn(0), turn(1)], [server(1, 200)])
    assert (keys(plan), dict(plan.short)) == ({1: ("0-7-东门", "1-7-东门")}, {1: 20})


def test_whoever_has_least_time_gets_the_place() -> None:
    plan = plan_shifts([turn(0), turn(1)], [server(1), server(2, last_on=MONDAY)])
    assert keys(plan) == {1: ("1-7-东门",), 2: ("0-7-东门",)}


@pytest.mark.parametrize(
    "bound",
    [
        {"first_on": MONDAY + timedelta(days=1)},
        {"last_on": MONDAY - timedelta(days=1)},
        {"posts": frozenset({"西门"})},
        {"off_days": frozenset({MONDAY})},
        {"least": 91},
        {"a_day": 89},
        {"booked": {MONDAY: 91}},
        {"busy": ((datetime(2026, 11, 23, 8, 59, tzinfo=ZONE), datetime(2026, 11, 23, 10, tzinfo=ZONE)),)},
    ],
)
def test_nobody_is_planned_where_he_may_not_serve(bound: dict[str, Any]) -> None:
    """Period, post (area, health, age), day off, the day's maximum, another commitment."""
    plan = plan_shifts([turn(0)], [server(**bound)])
    assert (keys(plan), dict(plan.short)) == ({}, {1: 90})


def test_at_the_edge_of_each_he_is_planned() -> None:
    free_from_nine = ((datetime(2026, 11, 23, 9, tzinfo=ZONE), datetime(2026, 11, 23, 10, tzinfo=ZONE)),)
    at_the_edge = {"last_on": MONDAY, "least": 90, "a_day": 90, "busy": free_from_nine}
    assert keys(plan_shifts([turn(0)], [server(**at_the_edge)])) == {1: ("0-7-东门",)}
    assert keys(plan_shifts([turn(0)], [server(booked={MONDAY: 90})])) == {1: ("0-7-东门",)}


def test_two_turns_at_one_time_are_never_his_but_one_after_the_other() -> None:
    both = [turn(0), turn(0, post="西门")]
    assert sum(plan_shifts(both, [server(1, 180)]).short.values()) == 90
    later = [turn(0), turn(0, begins=9)]
    assert dict(plan_shifts(later, [server(1, 180)]).short) == {}


def test_wishes_are_heeded_where_the_hours_allow_it_and_counted_where_not() -> None:
    night_worker = server(1, 90, unwanted=((0, 720),))
    assert keys(plan_shifts([turn(0), turn(0, begins=17)], [night_worker])) == {1: ("0-17-东门",)}
    plan = plan_shifts([turn(0)], [night_worker])
    assert (keys(plan), plan.unwanted) == ({1: ("0-7-东门",)}, 1)
    free_weekend = server(1, 90, rest_days=frozenset({6, 7}))
    assert keys(plan_shifts([turn(5), turn(7)], [free_weekend])) == {1: ("7-7-东门",)}


def test_nobody_always_stands_at_the_same_place() -> None:
    days = [turn(day, post=post) for day in range(4) for post in ("东门", "西门")]
    plan = plan_shifts(days, [server(1, 360)])
    stood = sorted(key.split("-")[2] for key in plan.turns[1])
    assert stood == ["东门", "东门", "西门", "西门"]


def test_nobody_is_planned_beyond_his_hours() -> None:
    plan = plan_shifts([turn(day) for day in range(9)], [server(1, 91)])
    assert len(plan.turns[1]) == 2


def over_midnight(day: int, post: str = "东门") -> Turn:
    """From 22:30 to 1:30."""
    return turn(day, begins=22, post=post, minutes=180)


def test_a_turn_over_midnight_takes_each_of_its_two_days_its_part() -> None:
    """I14: 90 minutes fall on either day, so of the next one's three hours 90 are left."""
    assert over_midnight(0).minutes_by_day == {MONDAY: 90, MONDAY + timedelta(days=1): 90}
    for minutes, missing in ((90, 0), (91, 91)):
        both = [over_midnight(0), turn(1, begins=17, minutes=minutes)]
        plan = plan_shifts(both, [server(1, 180 + minutes)])
        assert sum(plan.short.values()) == missing
        assert judge_shift_plan(plan, both, [server(1, 180 + minutes)]) == []


def test_what_is_booked_of_the_day_after_leaves_less_of_it_for_a_turn_over_midnight() -> None:
    for booked, missing in ((90, 0), (91, 180)):
        one = server(1, 180, booked={MONDAY + timedelta(days=1): booked})
        assert sum(plan_shifts([over_midnight(0)], [one]).short.values()) == missing


def test_two_turns_at_one_time_are_never_his_though_they_begin_on_two_days() -> None:
    early = replace(turn(1, begins=0, post="西门"), key="early")
    plan = plan_shifts([over_midnight(0), early], [server(1, 270)])
    assert dict(plan.short) == {1: 90}


def test_a_post_is_closed_to_somebody_from_a_day_on() -> None:
    """He turns too old on the second day for one post, not for the other."""
    old = server(1, 270, barred=frozenset({(MONDAY + timedelta(days=n), "东门") for n in (1, 2)}))
    days = [turn(0), turn(1), turn(2, post="西门"), turn(2)]
    plan = plan_shifts(days, [old])
    assert (keys(plan), dict(plan.short)) == ({1: ("0-7-东门", "2-7-西门")}, {1: 90})
    assert judge_shift_plan(plan, days, [old]) == []


GOOD = ShiftPlan({1: ("0-7-东门",)}, {}, 0, True, 0.0)


@pytest.mark.parametrize(
    ("plan", "bound", "codes"),
    [
        (GOOD, {}, []),
        (replace(GOOD, turns={2: ("0-7-东门",)}), {}, ["unknown"]),
        (replace(GOOD, turns={1: ("nowhere",)}), {}, ["unknown"]),
        (replace(GOOD, turns={1: ("0-7-东门", "0-7-东门")}), {"minutes": 180}, ["full", "twice"]),
        (GOOD, {"posts": frozenset()}, ["not_his"]),
        (GOOD, {"barred": frozenset({(MONDAY, "东门")})}, ["not_his"]),
        (GOOD, {"barred": frozenset({(MONDAY, "西门"), (MONDAY + timedelta(days=1), "东门")})}, []),
        (GOOD, {"last_on": MONDAY - timedelta(days=1)}, ["not_his"]),
        (GOOD, {"off_days": frozenset({MONDAY})}, ["not_his"]),
        (GOOD, {"least": 90}, []),
        (GOOD, {"least": 91}, ["not_his"]),
        (GOOD, {"a_day": 89}, ["day_full"]),
        (GOOD, {"minutes": 0}, ["too_much"]),
        (replace(GOOD, turns={1: ("0-7-东门", "0-7-西门")}), {"minutes": 180}, ["overlap"]),
        (replace(GOOD, short={1: 1}), {}, ["claim"]),
        (GOOD, {"minutes": 100}, ["claim"]),
        (replace(GOOD, unwanted=1), {}, ["claim"]),
    ],
)
def test_the_checker_finds_each_thing_that_is_wrong(plan: ShiftPlan, bound: dict[str, Any], codes: list[str]) -> None:
    found = judge_shift_plan(plan, [turn(0), turn(0, post="西门")], [server(**bound)])
    assert [one.code for one in found] == codes


@pytest.mark.parametrize(("minutes", "codes"), [(90, []), (91, ["day_full"])])
def test_the_checker_splits_a_turn_at_midnight(minutes: int, codes: list[str]) -> None:
    both = [over_midnight(0), turn(1, begins=17, minutes=minutes)]
    plan = ShiftPlan({1: tuple(one.key for one in both)}, {}, 0, True, 0.0)
    assert [one.code for one in judge_shift_plan(plan, both, [server(1, 180 + minutes)])] == codes


def test_a_broken_demand_names_whom_and_where() -> None:
    found = judge_shift_plan(GOOD, [turn(0)], [server(posts=frozenset())])
    assert found == [Broken("not_his", 1, "0-7-东门")]


people = st.builds(
    server,
    key=st.integers(1, 10**6),
    minutes=st.integers(0, 600),
    last_on=st.dates(MONDAY, MONDAY + timedelta(days=13)),
    posts=st.sets(st.sampled_from(sorted(POSTS))).map(frozenset),
    barred=st.sets(
        st.tuples(st.dates(MONDAY, MONDAY + timedelta(days=13)), st.sampled_from(sorted(POSTS))), max_size=9
    ).map(frozenset),
    a_day=st.sampled_from([60, 90, 180, 240]),
    unwanted=st.sampled_from([(), ((0, 720),), ((720, 1440),)]),
    rest_days=st.sampled_from([frozenset(), frozenset({6, 7})]),
)
turns = st.builds(
    turn,
    st.integers(0, 13),
    st.sampled_from([0, 7, 8, 17, 22, 23]),
    st.sampled_from(sorted(POSTS)),
    st.integers(0, 3),
    st.sampled_from([60, 90, 120]),
)


@only(max_examples=60)
@given(
    turns=st.lists(turns, max_size=25, unique_by=lambda one: one.key),
    servers=st.lists(people, max_size=6, unique_by=lambda one: one.key),
)
def test_the_checker_finds_nothing_in_any_plan_and_the_same_problem_gives_the_same_plan(
    turns: list[Turn], servers: list[Server]
) -> None:
    plan = plan_shifts(turns, servers)
    assert judge_shift_plan(plan, turns, servers) == []
    again = plan_shifts(turns, servers)
    assert (plan.turns, plan.short) == (again.turns, again.short)
