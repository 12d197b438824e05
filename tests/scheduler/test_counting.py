"""Counting periods: the vectors of DOMAIN 6.3 and 8.9, the edges of 6.2, and what must hold for every count."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import Refusal
from scheduler.deadlines.counting import (
    FIRST_YEAR,
    LARGEST,
    LAST_YEAR,
    AmountNegative,
    AmountNotWhole,
    AmountTooLarge,
    Manner,
    NotCountable,
    Period,
    TimeMissing,
    YearOutOfRange,
    count,
    count_joined,
)
from scheduler.deadlines.reasons import render
from scheduler.deadlines.working_days import CalendarUnknown, statutory

CALENDAR = statutory()
ROLL = "next_working_unless_custody"
MONTH = Period(1, "month")


def due(start, amount, unit, **manner):
    return count(day(start), amount, unit, CALENDAR, **manner).due


def day(text):
    return date.fromisoformat(text)


def codes(counted):
    return [reason.code for reason in counted.why]


# The vectors of DOMAIN 6.3.


@pytest.mark.parametrize(
    ("start", "amount", "unit", "manner", "ends"),
    [
        ("2026-09-30", 7, "day", {"roll": ROLL}, ["2026-10-07", "2026-10-08"]),
        ("2026-09-30", 7, "day", {}, ["2026-10-07", "2026-10-07"]),
        ("2026-09-30", 7, "working_day", {}, ["2026-10-15", "2026-10-15"]),
        ("2026-02-12", 7, "day", {"roll": ROLL}, ["2026-02-19", "2026-02-24"]),
        ("2026-05-06", 3, "working_day", {}, ["2026-05-09", "2026-05-09"]),
        ("2026-11-30", 3, "month", {"roll": ROLL}, ["2027-02-28", "2027-03-01"]),
        ("2026-09-01", 1, "month", {"roll": ROLL, "criminal": True}, ["2026-10-01", "2026-10-08"]),
        ("2026-09-01", 1, "month", {"roll": ROLL, "criminal": True, "custody": True}, ["2026-10-01", "2026-10-01"]),
        ("2026-10-15", 3, "clear_day", {"before": True}, ["2026-10-11", "2026-10-11"]),
        ("2026-10-15", 3, "day", {"before": True}, ["2026-10-12", "2026-10-12"]),
        ("2026-10-10", 3, "clear_day", {"before": True}, ["2026-10-06", "2026-10-06"]),
        ("2026-10-10", 3, "day", {"before": True}, ["2026-10-07", "2026-10-07"]),
        ("2026-10-10", 3, "clear_day", {"before": True, "roll": "previous_working"}, ["2026-10-06", "2026-09-30"]),
        ("2026-10-10", 3, "day", {"before": True, "roll": "previous_working"}, ["2026-10-07", "2026-09-30"]),
        ("2026-02-27", 1, "month", {"criminal": True}, ["2026-03-27", "2026-03-27"]),
    ],
)
def test_the_vectors_of_domain_6_3(start, amount, unit, manner, ends):
    counted = count(day(start), amount, unit, CALENDAR, **manner)
    assert [counted.raw, counted.due] == [day(end) for end in ends]


def test_a_month_and_fifteen_days_are_joined_and_rolled_once():
    """C-16, DOMAIN 6.3: Fri 16 Oct; rolling the month first would give 23 Oct."""
    joined = count_joined(day("2026-09-01"), [MONTH, Period(15, "day")], CALENDAR, Manner(roll=ROLL))
    assert (joined.raw, joined.due) == (day("2026-10-16"), day("2026-10-16"))
    rolled_first = count(day("2026-09-01"), 1, "month", CALENDAR, roll=ROLL).due
    assert count(rolled_first, 15, "day", CALENDAR, roll=ROLL).due == day("2026-10-23")


# The chain of DOMAIN 8.9, counted back from the review limit.


@pytest.mark.parametrize(
    ("limit", "hearing", "strict", "lax", "evaluation"),
    [
        ("2026-10-08", "2026-09-23", "2026-09-18", "2026-09-20", "2026-09-16"),
        ("2026-10-16", "2026-10-10", "2026-09-30", "2026-10-07", "2026-09-28"),
    ],
)
def test_the_back_plan_of_domain_8_9(limit, hearing, strict, lax, evaluation):
    """H-55 five working days before the limit, H-41 told in time, evaluation two working days before the notice."""
    assert due(limit, 5, "working_day", before=True) == day(hearing)
    assert due(hearing, 3, "clear_day", before=True, roll="previous_working") == day(strict)
    assert due(hearing, 3, "day", before=True) == day(lax)
    assert due(strict, 2, "working_day", before=True) == day(evaluation)


@pytest.mark.parametrize(
    ("intake", "last", "first", "days", "working"),
    [
        (0, "2026-09-16", "2026-09-02", 15, 11),
        (0, "2026-09-28", "2026-09-02", 27, 19),
        (4, "2026-09-16", "2026-09-08", 9, 7),
        (4, "2026-09-28", "2026-09-08", 21, 15),
    ],
)
def test_the_window_of_domain_8_9_opens_after_the_intake(intake, last, first, days, working):
    opens = CALENDAR.next_working_day(due("2026-09-01", intake, "working_day"))
    assert opens == day(first)
    assert (day(last) - opens).days + 1 == days
    assert len(list(CALENDAR.working_days(opens, day(last)))) == working


# Months and years (C-04, C-05).


@pytest.mark.parametrize(
    ("start", "months", "civil", "criminal"),
    [
        ("2026-04-30", 1, "2026-05-30", "2026-05-31"),  # DOMAIN 9.3, runner-up
        ("2026-04-29", 1, "2026-05-29", "2026-05-29"),
        ("2026-02-28", 1, "2026-03-28", "2026-03-31"),
        ("2028-02-28", 1, "2028-03-28", "2028-03-28"),  # not the last day in a leap year
        ("2028-02-29", 1, "2028-03-29", "2028-03-31"),
        ("2026-01-31", 1, "2026-02-28", "2026-02-28"),
        ("2026-01-29", 1, "2026-02-28", "2026-02-28"),
        ("2026-01-28", 1, "2026-02-28", "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29", "2028-02-29"),
        ("2026-12-15", 1, "2027-01-15", "2027-01-15"),
        ("2026-11-30", 12, "2027-11-30", "2027-11-30"),
        ("2027-02-28", 12, "2028-02-28", "2028-02-29"),
        ("2026-06-30", 0, "2026-06-30", "2026-06-30"),
    ],
)
def test_a_month_ends_on_the_same_date_and_criminal_ones_answer_last_day_with_last_day(start, months, civil, criminal):
    assert due(start, months, "month") == day(civil)
    assert due(start, months, "month", criminal=True) == day(criminal)


@pytest.mark.parametrize(
    ("start", "back", "civil", "criminal"),
    [
        ("2026-03-31", 1, "2026-02-28", "2026-02-28"),
        ("2026-02-28", 1, "2026-01-28", "2026-01-31"),
        ("2026-01-15", 1, "2025-12-15", "2025-12-15"),
    ],
)
def test_months_counted_back_mirror_months_counted_on(start, back, civil, criminal):
    assert due(start, back, "month", before=True) == day(civil)
    assert due(start, back, "month", before=True, criminal=True) == day(criminal)


@pytest.mark.parametrize("criminal", [False, True])
def test_a_year_from_29_february_ends_on_28_february(criminal):
    """C-04: no corresponding day, so the month's last day. C-05 speaks of months only: years keep the date."""
    assert due("2028-02-29", 1, "year", criminal=criminal) == day("2029-02-28")
    assert due("2028-02-29", 4, "year", criminal=criminal) == day("2032-02-29")
    assert due("2027-02-28", 1, "year", criminal=criminal) == day("2028-02-28")


def test_neighbouring_months_are_added_before_they_are_counted():
    """C-16: one month and one month from 31 January are two months, not 28 February and a month."""
    joined = count_joined(day("2026-01-31"), [MONTH, MONTH], CALENDAR, Manner())
    assert joined.due == day("2026-03-31")


# Both sides of the edges of rolling (C-02).


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-09-23", "2026-09-30"),  # ends on the last working day before the holiday
        ("2026-09-24", "2026-10-08"),  # on its first day
        ("2026-09-30", "2026-10-08"),  # on its last day
        ("2026-10-01", "2026-10-08"),  # on the first working day after it
        ("2026-10-03", "2026-10-10"),  # on the working Saturday, which does not move
        ("2026-10-04", "2026-10-12"),  # on the Sunday after it
    ],
)
def test_seven_days_around_the_national_day(start, expected):
    assert due(start, 7, "day", roll=ROLL) == day(expected)


def test_custody_ends_on_the_exact_day_whatever_roll_is_asked():
    """C-02, 刑诉法 art. 105(4)."""
    for roll in ("none", "next_working", ROLL, "previous_working"):
        counted = count(day("2026-09-01"), 1, "month", CALENDAR, roll=roll, custody=True)
        assert (counted.due, codes(counted)[-1]) == (day("2026-10-01"), "custody")


def test_a_roll_without_custody_is_the_same_under_both_names():
    for roll in ("next_working", ROLL):
        assert due("2026-09-01", 1, "month", roll=roll) == day("2026-10-08")


def test_a_period_of_nothing_ends_where_it_starts_and_rolls_from_there():
    assert due("2026-10-03", 0, "day") == due("2026-10-03", 0, "working_day") == day("2026-10-03")
    assert due("2026-10-03", 0, "working_day", roll=ROLL) == day("2026-10-08")
    assert due("2026-10-03", 0, "day", roll="previous_working") == day("2026-09-30")


# Hours (C-01).


def test_twenty_four_hours_end_at_the_same_minute_of_the_next_day_holiday_or_not():
    counted = count(datetime(2026, 9, 30, 16, 20), 24, "hour", CALENDAR, roll=ROLL)
    assert (counted.due, counted.raw) == (datetime(2026, 10, 1, 16, 20), datetime(2026, 10, 1, 16, 20))
    assert codes(counted) == ["hours_run", "hour", "hours_stay"]


def test_hours_count_back_over_midnight():
    assert count(datetime(2026, 10, 1, 0, 0), 1, "hour", CALENDAR, before=True).due == datetime(2026, 9, 30, 23, 0)


def test_a_moment_counted_in_days_is_its_date():
    """C-14: due dates stand on local dates; the time of receipt does not matter."""
    assert count(datetime(2026, 9, 30, 23, 59), 7, "day", CALENDAR, roll=ROLL).due == day("2026-10-08")


def test_a_moment_with_a_zone_is_no_local_time():
    """C-14: 16:30 UTC is the next day in Kaiyuan."""
    with pytest.raises(ValueError, match="C-14"):
        count(datetime(2026, 9, 30, 16, 30, tzinfo=UTC), 7, "day", CALENDAR)


# What a year without notice does (C-12).


@pytest.mark.parametrize(
    ("start", "amount", "unit", "manner", "provisional"),
    [
        ("2026-12-24", 7, "day", {"roll": ROLL}, False),  # 31 Dec, nothing of 2027 counted
        ("2026-12-24", 8, "day", {}, True),  # 1 Jan
        ("2026-12-30", 1, "working_day", {}, False),
        ("2026-12-31", 1, "working_day", {}, True),
        ("2027-01-04", 3, "day", {"before": True}, True),
        ("2027-01-01", 1, "day", {"before": True}, False),  # the event's own day is not counted
        ("2026-11-30", 3, "month", {"custody": True}, True),
        ("2000-12-31", 1, "month", {}, False),
        ("2027-01-01", 0, "day", {"roll": "previous_working"}, False),
    ],
)
def test_a_count_is_provisional_when_it_touches_a_year_without_notice(start, amount, unit, manner, provisional):
    counted = count(day(start), amount, unit, CALENDAR, **manner)
    assert counted.provisional == provisional == ("unpublished" in codes(counted))


def test_a_roll_that_enters_a_year_without_notice_is_provisional():
    """31 December made a local day off: the end moves to 2027, over New Year and a weekend."""
    local = statutory({date(2026, 12, 31): ("local_off", "local")})
    counted = count(day("2026-12-24"), 7, "day", local, roll=ROLL)
    assert (counted.raw, counted.due, counted.provisional) == (day("2026-12-31"), day("2027-01-04"), True)


def test_importing_the_notice_takes_the_mark_away_and_may_move_the_day():
    """C-11, C-12: 9 February 2027 is counted as a working day until a notice says otherwise."""
    before = count(day("2027-02-02"), 7, "day", CALENDAR, roll=ROLL)
    after = count(day("2027-02-02"), 7, "day", statutory({date(2027, 2, 9): ("off", "")}, [2027]), roll=ROLL)
    assert (before.due, before.provisional) == (day("2027-02-09"), True)
    assert (after.due, after.provisional) == (day("2027-02-10"), False)


# What cannot be counted.


@pytest.mark.parametrize(
    ("start", "amount", "unit", "refusal"),
    [
        (date(2026, 9, 30), 24, "hour", TimeMissing),
        (date(2026, 9, 30), -1, "day", AmountNegative),
        (date(2026, 9, 30), 0.5, "month", AmountNotWhole),
        (date(2026, 9, 30), True, "day", AmountNotWhole),
        (date(2026, 9, 30), 1, "minute", NotCountable),
        (date(FIRST_YEAR - 1, 12, 31), 1, "day", YearOutOfRange),
        (date(FIRST_YEAR, 1, 1), 1, "year", None),
        (date(FIRST_YEAR, 1, 1), 1, "working_day", CalendarUnknown),
        (date(LAST_YEAR, 12, 30), 1, "day", None),
        (date(LAST_YEAR, 12, 31), 1, "day", YearOutOfRange),
        (date(LAST_YEAR, 12, 31), 1, "month", YearOutOfRange),
        (date(9999, 12, 31), 1, "year", YearOutOfRange),
        (date(2100, 12, 31), 1, "working_day", CalendarUnknown),
        (datetime(LAST_YEAR, 12, 31, 23), 1, "hour", YearOutOfRange),
    ],
)
def test_what_cannot_be_counted_is_refused_with_a_sentence(start, amount, unit, refusal):
    if refusal is None:
        assert count(start, amount, unit, CALENDAR).due > start
        return
    with pytest.raises(refusal) as raised:
        count(start, amount, unit, CALENDAR)
    assert raised.value.message % raised.value.facts
    assert raised.value.code


@pytest.mark.parametrize("unit", sorted(LARGEST))
def test_absurd_amounts_are_refused_from_the_first_one_on(unit):
    assert Period(LARGEST[unit], unit).amount == LARGEST[unit]
    with pytest.raises(AmountTooLarge):
        Period(LARGEST[unit] + 1, unit)


def test_hours_do_not_join_days():
    with pytest.raises(NotCountable):
        count_joined(datetime(2026, 9, 30, 9), [Period(1, "day"), Period(4, "hour")], CALENDAR, Manner())


# What holds for every count.

STARTS = st.dates(date(2019, 1, 1), date(2032, 12, 31))
AMOUNTS = st.integers(0, 60)
DAY_UNITS = st.sampled_from(["day", "clear_day", "working_day", "month"])
FLAGS = st.booleans()


@given(STARTS, AMOUNTS, DAY_UNITS, FLAGS)
@settings(max_examples=150, deadline=None)
def test_a_forward_roll_never_shortens_and_lands_on_the_nearest_working_day(start, amount, unit, criminal):
    counted = count(start, amount, unit, CALENDAR, roll=ROLL, criminal=criminal)
    assert counted.due >= counted.raw >= start
    assert next(CALENDAR.working_days(counted.raw, counted.due)) == counted.due


@given(STARTS, AMOUNTS, DAY_UNITS, FLAGS)
@settings(max_examples=150, deadline=None)
def test_a_count_back_that_rolls_ends_on_a_working_day_no_later(start, amount, unit, criminal):
    counted = count(start, amount, unit, CALENDAR, roll="previous_working", before=True, criminal=criminal)
    assert counted.due <= counted.raw <= start
    assert list(CALENDAR.working_days(counted.due, counted.raw)) == [counted.due]


@given(STARTS, AMOUNTS, DAY_UNITS, FLAGS, FLAGS)
@settings(max_examples=150, deadline=None)
def test_a_longer_period_never_ends_earlier(start, amount, unit, criminal, roll):
    manner = {"roll": ROLL if roll else "none", "criminal": criminal}
    assert count(start, amount, unit, CALENDAR, **manner).due <= count(start, amount + 1, unit, CALENDAR, **manner).due


@given(STARTS, AMOUNTS, DAY_UNITS)
@settings(max_examples=150, deadline=None)
def test_a_later_start_never_ends_earlier(start, amount, unit):
    later = start + timedelta(days=1)
    assert count(start, amount, unit, CALENDAR, roll=ROLL).due <= count(later, amount, unit, CALENDAR, roll=ROLL).due


@given(STARTS, AMOUNTS, st.sampled_from(["day", "clear_day"]))
@settings(max_examples=60, deadline=None)
def test_days_on_and_days_back_come_home(start, amount, unit):
    assert count(count(start, amount, unit, CALENDAR).due, amount, unit, CALENDAR, before=True).due == start


@given(STARTS, st.lists(st.builds(Period, AMOUNTS, st.sampled_from(["day", "month", "year"])), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_every_count_that_is_not_refused_can_be_told(start, periods):
    try:
        counted = count_joined(start, periods, CALENDAR, Manner(criminal=True))
    except Refusal as refusal:
        assert refusal.message % refusal.facts
        return
    assert render(counted.why)
    assert counted.due == counted.raw
