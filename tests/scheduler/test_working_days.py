"""The working-day calendar against the State Council's tables (DOMAIN 6.1; C-08, C-10, C-12, C-13)."""

from datetime import date, datetime, timedelta

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.deadlines.working_days import (
    FIRST_YEAR,
    LAST_YEAR,
    MAKEUP_NAME,
    CalendarUnknown,
    Day,
    statutory,
)

CALENDAR = statutory()

# DOMAIN 6.1, written out: first and last day of each span off, and the weekend days on which one works.
OFF = {
    2025: ["01-01/01-01", "01-28/02-04", "04-04/04-06", "05-01/05-05", "05-31/06-02", "10-01/10-08"],
    2026: ["01-01/01-03", "02-15/02-23", "04-04/04-06", "05-01/05-05", "06-19/06-21", "09-25/09-27", "10-01/10-07"],
}
MAKEUP = {
    2025: ["01-26", "02-08", "04-27", "09-28", "10-11"],
    2026: ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
}
BASE_LAW_2027 = [
    "01-01", "02-05", "02-06", "02-07", "02-08", "04-05", "05-01", "05-02",
    "06-09", "09-15", "10-01", "10-02", "10-03",
]  # fmt: skip


def days_of(year, month=None):
    day, days = date(year, 1, 1), []
    while day.year == year:
        days += [day] if month in (None, day.month) else []
        day += timedelta(days=1)
    return days


def notice(year):
    """The days off and the make-up working days of the notice, as sets of dates."""
    off = set()
    for span in OFF[year]:
        first, last = (date.fromisoformat(f"{year}-{end}") for end in span.split("/"))
        off |= {day for day in days_of(year) if first <= day <= last}
    return off, {date.fromisoformat(f"{year}-{day}") for day in MAKEUP[year]}


@pytest.mark.parametrize("year", [2025, 2026])
def test_every_day_of_the_year_is_what_the_notice_says(year):
    """C-13: day by day against the table of DOMAIN 6.1, written out in this file."""
    off, makeup = notice(year)
    expected = {day: day in makeup or (day.weekday() < 5 and day not in off) for day in days_of(year)}
    assert {day: CALENDAR.is_working_day(day) for day in days_of(year)} == expected


@pytest.mark.parametrize("year", [2025, 2026])
def test_every_kind_of_day_follows_from_the_notice(year):
    """C-10: a weekend inside a holiday is off as the notice writes it, so that no daily shift opens in it."""
    off, makeup = notice(year)

    def written(day: date) -> str:
        if day in off:
            return "off"
        return "makeup_work" if day in makeup else "weekend" if day.weekday() >= 5 else "working"

    assert {day: CALENDAR.kind(day) for day in days_of(year)} == {day: written(day) for day in days_of(year)}


@pytest.mark.parametrize("year", range(2001, 2027))
def test_every_published_year_agrees_with_the_package(year):
    """C-13: reading it a year at a time loses nothing that the package knows from neighbouring years."""
    package = holidays.country_holidays("CN", years=range(2000, 2028))
    assert [CALENDAR.is_working_day(day) for day in days_of(year)] == [
        package.is_working_day(day) for day in days_of(year)
    ]


def test_the_working_days_of_a_year_and_of_each_month_of_2026():
    """DOMAIN 6.1: 248 in both years; the months of 2026 one by one."""
    assert [sum(map(CALENDAR.is_working_day, days_of(year))) for year in (2025, 2026)] == [248, 248]
    monthly = [sum(map(CALENDAR.is_working_day, days_of(2026, month))) for month in range(1, 13)]
    assert monthly == [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]


def test_2025_and_2026_are_official_and_2027_is_not():
    """C-12, C-13: only a published notice makes a year official."""
    assert {year: CALENDAR.is_official(year) for year in (2000, 2001, 2025, 2026, 2027, 2101)} == {
        2000: False, 2001: True, 2025: True, 2026: True, 2027: False, 2101: False,
    }  # fmt: skip
    assert CALENDAR.unofficial_years(date(2026, 12, 31), date(2028, 1, 1)) == (2027, 2028)
    assert CALENDAR.unofficial_years(date(2025, 1, 1), date(2026, 12, 31)) == ()


def test_in_a_year_without_notice_only_weekends_and_the_thirteen_days_of_the_base_law_are_off():
    """C-12; Measures for Annual Leave art. 2: 13 days; nothing is worked instead."""
    base = {date.fromisoformat(f"2027-{day}") for day in BASE_LAW_2027}
    assert {day for day in days_of(2027) if CALENDAR.kind(day) == "off"} == base
    working = {day for day in days_of(2027) if CALENDAR.is_working_day(day)}
    assert working == {day for day in days_of(2027) if day.weekday() < 5 and day not in base}


def test_guessed_compensation_days_are_shown_and_never_counted():
    """C-13: 9-10 Feb, 3-4 May, 4-5 Oct 2027 are a guess."""
    guess = CALENDAR.guessed_compensation(2027)
    assert guess == {
        date(2027, 2, 9): "春节（补假）",
        date(2027, 2, 10): "春节（补假）",
        date(2027, 5, 3): "劳动节（补假）",
        date(2027, 5, 4): "劳动节（补假）",
        date(2027, 10, 4): "国庆节（补假）",
        date(2027, 10, 5): "国庆节（补假）",
    }
    assert all(CALENDAR.is_working_day(day) for day in guess)
    assert CALENDAR.guessed_compensation(2026) == {}


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        (date(2026, 10, 1), "off", "国庆节"),
        (date(2026, 10, 3), "off", "国庆节"),
        (date(2026, 10, 4), "off", "国庆节"),
        (date(2026, 10, 5), "off", "国庆节（补假）"),
        (date(2026, 2, 16), "off", "农历除夕"),
        (date(2026, 10, 10), "makeup_work", MAKEUP_NAME),
        (date(2026, 10, 8), "working", ""),
        (date(2026, 3, 8), "weekend", ""),
        (date(2026, 5, 4), "off", "劳动节（补假）"),
        (date(2025, 3, 7), "working", ""),
    ],
)
def test_a_day_has_a_kind_and_its_chinese_name(day, kind, name):
    assert (CALENDAR.kind(day), CALENDAR.name(day)) == (kind, name)


def test_an_office_corrects_single_days_without_making_the_year_official():
    """Base law art. 4: a prefecture's local day off; a statutory day can be taken away as well."""
    local = statutory({date(2027, 12, 1): ("local_off", "local"), date(2027, 6, 9): ("working", "")})
    assert (local.kind(date(2027, 12, 1)), local.name(date(2027, 12, 1))) == ("local_off", "local")
    assert not local.is_working_day(date(2027, 12, 1))
    assert local.is_working_day(date(2027, 6, 9))
    assert not local.is_official(2027)
    assert CALENDAR.is_working_day(date(2027, 12, 1)) and not CALENDAR.is_working_day(date(2027, 6, 9))


def test_an_imported_notice_makes_a_year_official_and_reaches_into_the_year_before():
    """C-11, C-12: the notice's days count, the guess is gone, a make-up day in December of the year before counts."""
    imported = statutory(
        {
            date(2027, 2, 9): ("off", "spring"),
            date(2027, 2, 20): ("makeup_work", "swap"),
            date(2026, 12, 26): ("makeup_work", "swap"),
        },
        official_years=[2027],
    )
    assert imported.is_official(2027)
    assert imported.guessed_compensation(2027) == {}
    days = [date(2027, 2, 9), date(2027, 2, 10), date(2027, 2, 20), date(2027, 2, 21), date(2026, 12, 26)]
    assert [imported.is_working_day(day) for day in days] == [False, True, True, False, True]
    assert not imported.is_working_day(date(2027, 2, 5))
    assert imported == statutory(dict(imported.corrections), {2027})


def test_a_kind_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="no such kind of day: holiday"):
        statutory({date(2027, 1, 4): ("holiday", "")})


def test_a_calendar_is_asked_about_dates_and_not_moments():
    """C-14: a moment would slip past the corrections without a word."""
    with pytest.raises(TypeError):
        CALENDAR.is_working_day(datetime(2026, 10, 1, 9))


@pytest.mark.parametrize("day", [date(FIRST_YEAR - 1, 12, 31), date(LAST_YEAR + 1, 1, 1)])
def test_years_whose_lunar_holidays_are_unknown_are_refused_and_not_guessed(day):
    package = holidays.country_holidays("CN")
    assert (package.start_year, package.end_year) == (FIRST_YEAR, LAST_YEAR)
    with pytest.raises(CalendarUnknown) as refusal:
        CALENDAR.is_working_day(day)
    assert refusal.value.facts == {"year": day.year, "first": FIRST_YEAR, "last": LAST_YEAR}
    assert refusal.value.message % refusal.value.facts


def test_next_and_previous_are_strict_while_from_and_until_may_stay():
    friday, saturday, monday = date(2026, 10, 16), date(2026, 10, 17), date(2026, 10, 19)
    assert (CALENDAR.next_working_day(friday), CALENDAR.previous_working_day(monday)) == (monday, friday)
    assert (CALENDAR.working_day_from(friday), CALENDAR.working_day_until(friday)) == (friday, friday)
    assert (CALENDAR.working_day_from(saturday), CALENDAR.working_day_until(saturday)) == (monday, friday)


def test_the_working_days_of_a_span_include_both_ends():
    span = list(CALENDAR.working_days(date(2026, 10, 8), date(2026, 10, 12)))
    assert span == [date(2026, 10, 8), date(2026, 10, 9), date(2026, 10, 10), date(2026, 10, 12)]
    assert list(CALENDAR.working_days(date(2026, 10, 12), date(2026, 10, 8))) == []
    last_known = date(2100, 12, 31)
    assert list(CALENDAR.working_days(last_known, last_known)) == [last_known]


def test_a_calendar_is_a_frozen_value():
    with pytest.raises(AttributeError):
        CALENDAR.official_years = frozenset({2027})
    with pytest.raises(TypeError):
        statutory({date(2027, 1, 4): ("off", "")}).corrections[date(2027, 1, 5)] = Day("off")
    assert {CALENDAR, statutory()} == {CALENDAR}


DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
AMOUNTS = st.integers(0, 120)


@given(DAYS, st.integers(1, 120))
@settings(max_examples=60, deadline=None)
def test_adding_working_days_lands_on_a_working_day_with_as_many_between(day, amount):
    end = CALENDAR.add_working_days(day, amount)
    assert CALENDAR.is_working_day(end)
    assert len(list(CALENDAR.working_days(day + timedelta(days=1), end))) == amount


@given(DAYS, AMOUNTS)
@settings(max_examples=60, deadline=None)
def test_forward_and_back_come_home_from_a_working_day(day, amount):
    start = CALENDAR.working_day_from(day)
    assert CALENDAR.add_working_days(CALENDAR.add_working_days(start, amount), -amount) == start
    assert CALENDAR.add_working_days(CALENDAR.add_working_days(start, -amount), amount) == start


@given(DAYS)
@settings(max_examples=100, deadline=None)
def test_no_working_day_lies_between_a_day_and_its_neighbours(day):
    before, after = CALENDAR.previous_working_day(day), CALENDAR.next_working_day(day)
    assert before < day < after
    between = set(CALENDAR.working_days(before, after)) - {before, after}
    assert between == ({day} if CALENDAR.is_working_day(day) else set())
