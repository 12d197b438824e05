"""Opening days of a station (DOMAIN L-25), with dates of 2026 and 2027."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as some

from lawyers.rules.opening import Opening, labels, opening_days
from scheduler.deadlines.working_days import statutory

CALENDAR = statutory()
OCTOBER = date(2026, 10, 1), date(2026, 10, 31)


def days(preset: str, weekday: int, first: date, last: date, closed: set[date] | None = None) -> list[date]:
    return [opening.on for opening in opening_days(preset, weekday, (first, last), CALENDAR, closed or set())]


def october(*numbers: int) -> list[date]:
    return [date(2026, 10, number) for number in numbers]


def test_every_working_day_opens_on_the_make_up_saturday_and_never_in_the_holiday() -> None:
    assert days("every_working_day", 1, *OCTOBER) == october(
        8, 9, 10, 12, 13, 14, 15, 16, 19, 20, 21, 22, 23, 26, 27, 28, 29, 30
    )


def test_a_weekday_in_the_national_holiday_moves_to_the_next_working_day() -> None:
    """Tuesday 6 October 2026 is off; Thursday 8 October is the first working day. The Saturday makes no extra duty."""
    assert opening_days("one_weekday", 2, OCTOBER, CALENDAR) == [
        Opening(date(2026, 10, 8), date(2026, 10, 6)),
        Opening(date(2026, 10, 13)),
        Opening(date(2026, 10, 20)),
        Opening(date(2026, 10, 27)),
    ]


def test_a_day_that_moves_onto_an_opening_day_makes_no_second_one() -> None:
    """Thursday 1 October moves to Thursday 8 October, which is open already."""
    assert opening_days("one_weekday", 4, OCTOBER, CALENDAR) == [Opening(on) for on in october(8, 15, 22, 29)]


def test_a_day_that_moves_into_the_next_month_belongs_there() -> None:
    """Friday 1 May to Tuesday 5 May 2026 are off: the Friday moves to Wednesday 6 May, as Monday and Tuesday do."""
    may = date(2026, 5, 1), date(2026, 5, 31)
    assert [days("one_weekday", weekday, *may)[0] for weekday in (1, 2, 5)] == [date(2026, 5, 6)] * 3
    new_year = days("one_weekday", 4, date(2026, 12, 1), date(2026, 12, 31))
    assert new_year == [date(2026, 12, d) for d in (3, 10, 17, 24, 31)]
    assert days("one_weekday", 5, date(2027, 1, 1), date(2027, 1, 10)) == [date(2027, 1, 4), date(2027, 1, 8)]


def test_a_closed_day_is_left_out() -> None:
    assert days("one_weekday", 2, *OCTOBER, {date(2026, 10, 13)}) == october(8, 20, 27)


def test_days_are_counted_as_mondays_fridays_and_days_before_a_holiday() -> None:
    known = {on: sorted(labels(on, CALENDAR)) for on in (date(2026, 9, 24), date(2026, 9, 30), date(2026, 11, 27))}
    assert known == {
        date(2026, 9, 24): ["before_holiday"],
        date(2026, 9, 30): ["before_holiday"],
        date(2026, 11, 27): ["friday"],
    }
    assert labels(date(2026, 11, 23), CALENDAR) == {"monday"}
    assert labels(date(2026, 12, 31), CALENDAR) == {"before_holiday"}


@given(some.dates(date(2025, 1, 1), date(2026, 11, 30)), some.integers(1, 5), some.integers(0, 60))
def test_opening_days_are_working_days_and_a_span_cut_in_two_has_the_same(first: date, weekday: int, more: int) -> None:
    last = first + timedelta(days=more)
    cut = first + timedelta(days=more // 2)
    for preset in ("one_weekday", "every_working_day"):
        whole = days(preset, weekday, first, last)
        assert all(CALENDAR.is_working_day(on) for on in whole)
        rest = days(preset, weekday, cut + timedelta(days=1), last)
        assert whole == days(preset, weekday, first, cut) + rest
