"""Tidying of dates, times, windows and weekdays."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.tidy import Untidy
from exchange.tidy_times import clock, day, weekdays, window


def code(function, *arguments):
    with pytest.raises(Untidy) as refusal:
        function(*arguments)
    return refusal.value.code


@pytest.mark.parametrize(
    "cell",
    [
        "2026-10-08",
        "2026/10/8",
        " 2026/10/08",
        "2026.10.8",
        "2026年10月8日",
        "2026 年 10 月 8 日",
        "2026年10月8号",
        "20261008",
        "２０２６－１０－０８",
        "2026—10—08",
        "2026-10-08 00:00:00",
        "2026-10-08T07:30",
        "2026年10月8日(周四)",
        "2026-10-08 星期四",
        "'2026-10-08",
        "10月8日",
        "10.8",
        "10.08",
        "10/8",
        "10-8",
        "１０．８",
    ],
)
def test_a_date_is_read_in_every_spelling(cell):
    assert day(cell, 2026) == date(2026, 10, 8)


def test_ten_point_twenty_is_a_day_and_ten_point_two_another():
    assert day("10.20", 2026) == date(2026, 10, 20)
    assert day("10.2", 2026) == date(2026, 10, 2)


@pytest.mark.parametrize("cell", ["", "待定", "无", "2026", "2026年10月", "26-10-08", "202610081", "10月中旬", "46303"])
def test_a_cell_without_a_date_misses_it(cell):
    assert code(day, cell, 2026) == "date_missing"


@pytest.mark.parametrize("cell", ["2026-10-32", "20261032", "2026-13-01", "10.32", "2027-02-29", "0.5", "1899-12-31"])
def test_a_day_no_calendar_has_is_impossible(cell):
    assert code(day, cell, 2026) == "date_impossible"


def test_29_february_is_a_day_of_leap_years_only():
    assert day("2.29", 2028) == date(2028, 2, 29)
    assert code(day, "2.29", 2026) == "date_impossible"


def test_a_date_without_a_year_needs_the_month_of_the_sheet():
    assert code(day, "10月8日") == "year_missing"
    assert day("2026年10月8日") == date(2026, 10, 8)


@pytest.mark.parametrize(
    "cell",
    ["7:30", "07:30 ", "７：３０", "07:30:00", "7点30分", "7时30", "7点半", "0730", "7.30", "7∶30", "7点30", "7时半"],
)
def test_a_time_of_day_is_read_in_every_spelling(cell):
    assert clock(cell) == time(7, 30)


def test_a_full_hour_may_stand_alone_and_the_day_ends_before_24():
    assert clock("7点") == time(7, 0)
    assert clock("23:59") == time(23, 59)
    assert clock("00:00") == time(0, 0)
    assert code(clock, "24:00") == "time_impossible"


@pytest.mark.parametrize("cell", ["7:60", "25:00", "早上", "730", "7:5", "7"])
def test_what_is_no_time_of_day_is_refused(cell):
    assert code(clock, cell) == "time_impossible"


def test_an_empty_time_is_missing():
    assert code(clock, "　") == "time_missing"


@pytest.mark.parametrize(
    "cell",
    [
        "7:30-9:00",
        "7:30—9:00",
        "07:30~09:00",
        "7:30 ～ 9:00",
        "7:30至9:00",
        "7:30到9:00",
        "7:30――9:00",
        "７：３０－９：００",
    ],
)
def test_a_window_is_read_in_every_spelling(cell):
    assert window(cell) == (time(7, 30), time(9, 0))


@pytest.mark.parametrize("cell", ["", "无", "—", " — ", "-", "/"])
def test_no_window_may_be_said_in_many_ways(cell):
    assert window(cell) is None


def test_a_window_ends_after_it_begins():
    assert window("7:30-7:31") == (time(7, 30), time(7, 31))
    assert code(window, "7:30-7:30") == "window_reversed"
    assert code(window, "9:00-7:30") == "window_reversed"


@pytest.mark.parametrize("cell", ["早高峰", "7:30", "7:30-9:00-10:00", "7:30-25:00", "-9:00"])
def test_what_is_no_window_is_refused(cell):
    assert code(window, cell) == "window_unreadable"


@pytest.mark.parametrize(
    ("cell", "days"),
    [
        ("每天", (1, 2, 3, 4, 5, 6, 7)),
        ("周一至周日", (1, 2, 3, 4, 5, 6, 7)),
        ("周一至周五", (1, 2, 3, 4, 5)),
        ("周一—周六", (1, 2, 3, 4, 5, 6)),
        ("星期一到星期六", (1, 2, 3, 4, 5, 6)),
        ("周一-五", (1, 2, 3, 4, 5)),
        ("每周一至周五", (1, 2, 3, 4, 5)),
        ("工作日", (1, 2, 3, 4, 5)),
        ("周末", (6, 7)),
        ("周一、周三、 周五", (1, 3, 5)),
        ("周一三五", (1, 3, 5)),
        ("周五", (5,)),
        ("周一至周三、周日", (1, 2, 3, 7)),
        ("周六至周一", (1, 6, 7)),
    ],
)
def test_days_of_the_week_are_read_as_offices_write_them(cell, days):
    assert weekdays(cell) == days


@pytest.mark.parametrize("cell", ["除周日外", "1-5", "节假日", "周一至", "周"])
def test_days_of_the_week_that_cannot_be_told_are_refused(cell):
    assert code(weekdays, cell) == "weekdays_unreadable"


def test_no_days_of_the_week_are_missing():
    assert code(weekdays, " ") == "value_missing"


ANY_TEXT = st.one_of(
    st.text(),
    st.text(st.characters()),
    st.text("0123456789.-/:：年月日号至到周一二六日每天点时分半 —~\u200b\x00'T", max_size=16),
)


@pytest.mark.parametrize("function", [day, clock, window, weekdays, lambda text: day(text, 2026)])
@given(text=ANY_TEXT)
def test_whatever_the_text_a_value_or_untidy_comes_back(function, text):
    try:
        function(text)
    except Untidy as untidy:
        assert untidy.code


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_day_reads_back_in_each_of_its_spellings(on):
    for text in (
        f"{on:%Y-%m-%d}",
        f"{on:%Y%m%d}",
        f"{on.year}年{on.month}月{on.day}日",
        f"{on.year}/{on.month}/{on.day}",
    ):
        assert day(text) == on
    assert day(f"{on.month}.{on.day}", on.year) == on


@given(st.times())
def test_every_minute_reads_back(at):
    assert clock(f"{at:%H:%M}") == clock(f"{at.hour}:{at:%M}") == clock(f"{at:%H%M}") == time(at.hour, at.minute)
