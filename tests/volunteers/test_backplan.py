"""The back-plan of an assessment, counted back from the limit (DOMAIN 8.9, D-16, H-41, H-55)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.deadlines.working_days import statutory
from volunteers.rules.backplan import BackPlan, Chain, Wanted, plan_back

CALENDAR = statutory()
RECEIVED = date(2026, 9, 1)
NO_EXTENSION, EXTENDED = date(2026, 10, 8), date(2026, 10, 16)
BAIL = date(2027, 8, 31)
CHAIN = Chain(intake=4, evaluation=2, buffer=5, lax=3, strict=3)
WANTED = Wanted(RECEIVED, NO_EXTENSION, BAIL, in_custody=False, required=1200, shift=90, a_day=180)


def plan(chain: Chain = CHAIN, **more: object) -> BackPlan:
    return plan_back(replace(WANTED, **more), chain, CALENDAR)  # type: ignore[arg-type]


def dates(one: BackPlan) -> tuple[date | None, ...]:
    return (one.hearing_by, one.told_safe, one.told_lawful, one.evaluation_by)


def codes(one: BackPlan) -> list[tuple[str, str]]:
    return [(doubt.level, doubt.code) for doubt in one.doubts]


def test_the_chain_is_counted_back_from_the_limit_as_the_worked_example_has_it() -> None:
    """8.9, without extension: 23 September, 18, 20 and 16; with 15 days joined: 10 October, 30 September, 7 and 28."""
    assert dates(plan()) == (date(2026, 9, 23), date(2026, 9, 18), date(2026, 9, 20), date(2026, 9, 16))
    extended = plan(limit_on=EXTENDED)
    assert dates(extended) == (date(2026, 10, 10), date(2026, 9, 30), date(2026, 10, 7), date(2026, 9, 28))


@pytest.mark.parametrize(
    ("limit_on", "intake", "first", "last", "days", "working", "most", "one"),
    [
        (NO_EXTENSION, 0, date(2026, 9, 2), date(2026, 9, 16), 15, 11, 33, 16.5),
        (EXTENDED, 0, date(2026, 9, 2), date(2026, 9, 28), 27, 19, 57, 28.5),
        (NO_EXTENSION, 4, date(2026, 9, 8), date(2026, 9, 16), 9, 7, 21, 10.5),
        (EXTENDED, 4, date(2026, 9, 8), date(2026, 9, 28), 21, 15, 45, 22.5),
    ],
)
def test_the_window_and_the_hours_it_holds_are_those_of_the_worked_example(
    limit_on: date, intake: int, first: date, last: date, days: int, working: int, most: float, one: float
) -> None:
    found = plan(replace(CHAIN, intake=intake), limit_on=limit_on)
    assert (found.window_first, found.window_last) == (first, last)
    assert (found.days, found.working_days, found.most / 60, found.one / 60) == (days, working, most, one)


def test_twenty_hours_without_extension_ask_for_two_shifts_on_every_working_day_and_say_so() -> None:
    found = plan()
    assert (found.shifts_needed, found.shifts_a_week) == (14, 11)
    assert codes(found) == [("warn", "every_day_full")]
    assert codes(plan(required=1080)) == []  # 18 hours leave one of the seven days free
    assert codes(plan(required=1081)) == [("warn", "every_day_full")]
    assert codes(plan(required=1260)) == [("warn", "every_day_full")]
    assert codes(plan(required=1261)) == [("warn", "hours_do_not_fit")]


def test_hours_that_fit_before_bail_ends_but_not_before_the_review_limit_are_warned() -> None:
    """D-16: beyond the review limit warned, beyond bail refused, on both sides of the edge."""
    eight_days_of_bail = {"bail_on": date(2026, 9, 17)}  # 8 to 17 September: eight working days, 24 hours
    assert codes(plan(required=1440, **eight_days_of_bail)) == [("warn", "hours_do_not_fit")]
    assert codes(plan(required=1441, **eight_days_of_bail)) == [
        ("refuse", "hours_after_bail"),
        ("warn", "hours_do_not_fit"),
    ]


def test_a_period_may_end_on_the_last_day_of_bail_and_not_a_day_later() -> None:
    bound = {"bail_on": date(2026, 10, 30), "limit_on": None, "required": 600}
    assert plan(last_on=date(2026, 10, 30), **bound).verdict == "ok"
    late = plan(last_on=date(2026, 10, 31), **bound)
    assert codes(late) == [("refuse", "period_after_bail")]
    assert late.verdict == "refuse"


def test_a_period_that_ends_after_the_evaluation_is_warned() -> None:
    assert codes(plan(required=600, last_on=date(2026, 9, 16))) == []
    assert codes(plan(required=600, last_on=date(2026, 9, 17))) == [("warn", "period_after_evaluation")]


def test_nobody_in_custody_serves_at_a_crossing() -> None:
    assert codes(plan(required=600, in_custody=True)) == [("refuse", "in_custody")]


def test_while_no_limit_runs_only_bail_and_the_period_bound_the_window() -> None:
    """A returned case has no review limit (D-15)."""
    found = plan(limit_on=None)
    assert (*dates(found), found.window_last) == (None, None, None, None, None)
    assert codes(found) == []
    bounded = plan(limit_on=None, first_on=date(2026, 9, 14), last_on=date(2026, 9, 18))
    assert (bounded.window_first, bounded.window_last, bounded.working_days) == (
        date(2026, 9, 14),
        date(2026, 9, 18),
        5,
    )
    assert codes(bounded) == [("warn", "hours_do_not_fit")]


def test_the_window_may_be_set_earlier_or_later_than_the_intake() -> None:
    assert plan(window_from=date(2026, 8, 20)).window_first == date(2026, 8, 20)
    assert plan(window_from=date(2026, 9, 14)).window_first == date(2026, 9, 14)


def test_what_is_past_or_done_already_is_counted_no_more() -> None:
    later = plan(on=date(2026, 9, 14), done=660)
    assert (later.window_first, later.working_days, later.shifts_needed) == (date(2026, 9, 14), 3, 6)
    assert codes(later) == [("warn", "every_day_full")]


def test_without_a_hearing_the_evaluation_lies_before_the_decision_alone() -> None:
    alone = plan(replace(CHAIN, hearing=False))
    assert dates(alone) == (None, None, None, date(2026, 9, 21))


def test_a_plan_that_touches_a_year_without_notice_is_provisional() -> None:
    assert plan().provisional is False
    assert plan(received_on=date(2026, 12, 20), limit_on=date(2027, 1, 20)).provisional is True


@given(
    limit=st.dates(date(2026, 9, 1), date(2026, 12, 20)),
    required=st.integers(1, 6000),
    more=st.integers(0, 600),
    intake=st.integers(0, 10),
)
def test_a_later_limit_or_fewer_hours_never_make_a_plan_worse(
    limit: date, required: int, more: int, intake: int
) -> None:
    order = ("ok", "warn", "refuse")
    chain = replace(CHAIN, intake=intake)
    one = plan(chain, limit_on=limit, required=required + more)
    fewer = plan(chain, limit_on=limit, required=required)
    later = plan(chain, limit_on=EXTENDED if limit <= EXTENDED else BAIL, required=required + more)
    assert order.index(fewer.verdict) <= order.index(one.verdict)
    assert order.index(later.verdict) <= order.index(one.verdict)


@given(limit=st.dates(date(2026, 1, 1), date(2026, 12, 20)))
def test_the_links_of_the_chain_follow_each_other(limit: date) -> None:
    one = plan(limit_on=limit)
    assert one.evaluation_by and one.told_safe and one.told_lawful and one.hearing_by
    assert one.evaluation_by < one.told_safe < one.told_lawful < one.hearing_by < limit
