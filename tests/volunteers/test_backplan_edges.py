"""The back-plan at its edges: each date, figure and doubt by itself (DOMAIN 8.9, D-15, D-16, H-41)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from scheduler.deadlines.working_days import statutory
from volunteers.rules.backplan import BackPlan, Chain, Wanted, plan_back

CALENDAR = statutory()
CHAIN = Chain(intake=4, evaluation=2, buffer=5, lax=3, strict=3)
LIMIT, BAIL = date(2026, 12, 11), date(2027, 8, 31)  # a Friday: hearing by Friday 4 December
# Received on Monday 9 November, four working days of intake: the window is 14 to 26 November, nine working days.
WANTED = Wanted(date(2026, 11, 9), LIMIT, BAIL, in_custody=False, required=600, shift=90, a_day=180)
FIRST, LAST = date(2026, 11, 14), date(2026, 11, 26)


def plan(chain: Chain = CHAIN, **more: Any) -> BackPlan:
    return plan_back(replace(WANTED, **more), chain, CALENDAR)


def told(found: BackPlan) -> list[tuple[str, str, str]]:
    return [(one.level, one.code, one.source) for one in found.doubts]


def test_a_safe_day_of_telling_leaves_three_clear_days_and_is_a_working_day() -> None:
    """H-41, strict: hearing on Friday the 4th, three clear days from Tuesday, told on Monday at the latest."""
    found = plan()
    assert (found.hearing_by, found.told_safe, found.told_lawful, found.evaluation_by) == (
        date(2026, 12, 4),
        date(2026, 11, 30),
        date(2026, 12, 1),
        LAST,
    )
    assert plan(replace(CHAIN, strict=2)).told_safe == date(2026, 12, 1)
    assert plan(replace(CHAIN, strict=4)).told_safe == date(2026, 11, 27)  # from Sunday back to Friday


def test_without_a_hearing_nobody_is_told_and_the_evaluation_follows_the_buffer() -> None:
    found = plan(replace(CHAIN, hearing=False))
    assert (found.hearing_by, found.told_safe, found.told_lawful) == (None, None, None)
    assert found.evaluation_by == date(2026, 12, 2)


@pytest.mark.parametrize(
    ("more", "first", "last", "days", "working"),
    [
        ({}, FIRST, LAST, 13, 9),
        ({"last_on": date(2026, 11, 25)}, FIRST, date(2026, 11, 25), 12, 8),
        ({"last_on": date(2026, 12, 25)}, FIRST, LAST, 13, 9),
        ({"first_on": date(2026, 11, 13)}, FIRST, LAST, 13, 9),
        ({"first_on": date(2026, 11, 26)}, date(2026, 11, 26), LAST, 1, 1),
        ({"first_on": date(2026, 11, 27)}, date(2026, 11, 27), LAST, 0, 0),
        ({"first_on": date(2026, 12, 1)}, date(2026, 12, 1), LAST, 0, 0),
        ({"on": date(2026, 11, 20)}, date(2026, 11, 20), LAST, 7, 5),
        ({"window_from": date(2026, 11, 10)}, date(2026, 11, 10), LAST, 17, 13),
        ({"limit_on": None}, FIRST, None, 0, 0),
    ],
)
def test_the_window_begins_with_the_latest_and_ends_with_the_earliest_of_what_bounds_it(
    more: dict[str, Any], first: date, last: date | None, days: int, working: int
) -> None:
    found = plan(**more)
    assert (found.window_first, found.window_last, found.days, found.working_days) == (first, last, days, working)
    assert (found.most, found.one) == (working * 180, working * 90)


@pytest.mark.parametrize(
    ("more", "needed", "a_week"),
    [
        ({"required": 900}, 10, 6),  # ten shifts in thirteen days
        ({"required": 901}, 11, 6),
        ({"required": 900, "done": 899}, 1, 1),
        ({"required": 900, "done": 900}, 0, 0),
        ({"required": 900, "done": 1000}, 0, 0),
        ({"required": 720, "on": date(2026, 11, 19)}, 8, 7),  # eight days left
        ({"required": 720, "on": date(2026, 11, 20)}, 8, 8),  # a week left: all of them
        ({"required": 720, "on": date(2026, 11, 21)}, 8, 8),
    ],
)
def test_how_many_shifts_are_needed_and_how_many_a_week(more: dict[str, Any], needed: int, a_week: int) -> None:
    found = plan(**more)
    assert (found.shifts_needed, found.shifts_a_week) == (needed, a_week)


@pytest.mark.parametrize(
    ("more", "doubts", "verdict"),
    [
        ({}, [], "ok"),
        ({"in_custody": True}, [("refuse", "in_custody", "DOMAIN 8.9")], "refuse"),
        ({"last_on": LAST}, [], "ok"),
        ({"last_on": date(2026, 11, 27)}, [("warn", "period_after_evaluation", "DOMAIN 8.9")], "warn"),
        ({"last_on": LAST, "bail_on": LAST}, [], "ok"),
        (
            {"last_on": LAST, "bail_on": date(2026, 11, 25)},
            [("refuse", "period_after_bail", "DOMAIN D-16")],
            "refuse",
        ),
        ({"required": 1440}, [], "ok"),
        ({"required": 1441}, [("warn", "every_day_full", "DOMAIN 8.9")], "warn"),
        ({"required": 1620}, [("warn", "every_day_full", "DOMAIN 8.9")], "warn"),
        ({"required": 1621}, [("warn", "hours_do_not_fit", "DOMAIN 8.9")], "warn"),
        (
            {"required": 1621, "bail_on": LAST},
            [("refuse", "hours_after_bail", "DOMAIN D-16"), ("warn", "hours_do_not_fit", "DOMAIN 8.9")],
            "refuse",
        ),
        ({"bail_on": None, "required": 1620, "last_on": LAST}, [("warn", "every_day_full", "DOMAIN 8.9")], "warn"),
        ({"bail_on": None, "required": 9999}, [("warn", "hours_do_not_fit", "DOMAIN 8.9")], "warn"),
        ({"done": 600, "on": date(2026, 11, 27)}, [], "ok"),  # nothing left to serve, and no day left
        ({"done": 601, "on": date(2026, 11, 27)}, [], "ok"),  # more than was asked
        ({"done": 599, "on": date(2026, 11, 27)}, [("warn", "hours_do_not_fit", "DOMAIN 8.9")], "warn"),
        ({"limit_on": None, "required": 9999, "bail_on": None}, [], "ok"),
    ],
)
def test_each_doubt_by_itself_on_both_sides_of_its_edge(
    more: dict[str, Any], doubts: list[tuple[str, str, str]], verdict: str
) -> None:
    found = plan(**more)
    assert (told(found), found.verdict) == (doubts, verdict)


@pytest.mark.parametrize(
    ("more", "facts"),
    [
        ({"required": 1700, "done": 20}, [{"most": 1620, "left": 1680}]),
        ({"required": 1640, "done": 20}, [{"most": 1620, "left": 1620}]),
        (
            {"last_on": date(2026, 11, 27), "bail_on": date(2026, 11, 26)},
            [
                {"last_on": date(2026, 11, 27), "bail_on": date(2026, 11, 26)},
                {"last_on": date(2026, 11, 27), "evaluation_by": LAST},
            ],
        ),
        ({"required": 1621, "bail_on": LAST}, [{"bail_on": LAST}, {"most": 1620, "left": 1621}]),
        ({"in_custody": True}, [{}]),
    ],
)
def test_each_doubt_says_the_days_and_minutes_it_rests_on(more: dict[str, Any], facts: list[dict[str, Any]]) -> None:
    """Minutes are exact: what is done already is taken off, a day counts with what it may have."""
    assert [dict(one.facts) for one in plan(**more).doubts] == facts


def test_what_touches_a_year_that_is_not_announced_is_provisional() -> None:
    """C-12: the limit, the window or the period; bail alone asks nothing of the calendar."""
    assert [
        plan(**more).provisional for more in ({}, {"limit_on": date(2027, 1, 8)}, {"last_on": date(2027, 1, 1)})
    ] == [
        False,
        True,
        False,  # the window ends with the evaluation all the same
    ]
    assert plan(limit_on=None, last_on=date(2027, 1, 1)).provisional is True
