"""Why a date is what it is: every step as data, told in the reader's language (DOMAIN 6.2)."""

from datetime import date, datetime

import pytest

from scheduler.deadlines.counting import LARGEST, count
from scheduler.deadlines.reasons import MSGIDS, UNPUBLISHED, Reason, render
from scheduler.deadlines.working_days import statutory

CALENDAR = statutory()
ROLL = "next_working_unless_custody"


def day(text):
    return date.fromisoformat(text)


def codes(counted):
    return [reason.code for reason in counted.why]


def test_a_rolled_count_says_every_step():
    counted = count(day("2026-09-30"), 7, "day", CALENDAR, roll=ROLL)
    name = CALENDAR.name(date(2026, 10, 7))
    assert counted.why == (
        Reason.of("start_excluded", start=date(2026, 9, 30)),
        Reason.of("day", amount=7, end=date(2026, 10, 7)),
        Reason.of("rolled", raw=date(2026, 10, 7), name=name, due=date(2026, 10, 8)),
    )


def test_a_count_of_working_days_names_the_weekend_days_it_counted():
    """DOMAIN 9.3, rule 1: a working Saturday is a working day."""
    counted = count(day("2026-09-30"), 7, "working_day", CALENDAR)
    assert counted.why[-2:] == (
        Reason.of("rest_passed", count=8),
        Reason.of("makeup_counted", days=(date(2026, 10, 10),)),
    )


def test_the_last_day_of_a_month_is_named_as_the_reason_only_where_it_changes_the_day():
    """C-05: from 30 April the end is 31 May because of it; from 31 July 31 August is the same date anyway."""
    april, july = (count(day(start), 1, "month", CALENDAR, criminal=True) for start in ("2026-04-30", "2026-07-31"))
    assert (codes(april), codes(july)) == (["start_excluded", "month", "month_end"], ["start_excluded", "month"])


@pytest.mark.parametrize("unit", sorted(LARGEST))
@pytest.mark.parametrize("back", [False, True])
def test_every_unit_has_its_sentence_in_both_directions(unit, back):
    counted = count(datetime(2026, 9, 30, 9), 2, unit, CALENDAR, before=back)
    assert unit + ("_back" if back else "") in codes(counted)
    assert render(counted.why)


def test_every_reason_can_be_told_and_cites_its_rule():
    assert all(msgid and source for msgid, source in MSGIDS.values())
    assert Reason.of("custody").source.startswith("C-02")


def test_reasons_are_told_in_the_language_of_the_reader():
    counted = count(day("2027-01-04"), 1, "day", CALENDAR)
    catalogue = {
        "; ": "；",
        "%(start)s itself is not counted": "%(start)s 当日不计入",
        "%(amount)s calendar day(s) on: %(end)s": "%(amount)s 日：%(end)s",
        "%(mark)s (calendar of %(years)s not yet published)": "%(mark)s：%(years)s",
    }
    assert render(counted.why, catalogue.__getitem__) == (
        f"2027-01-04 当日不计入；1 日：2027-01-05；{UNPUBLISHED}：2027"
    )


@pytest.mark.parametrize(
    ("start", "roll", "code"),
    [
        ("2026-09-24", ROLL, "rolled"),
        ("2026-10-10", ROLL, "rolled_unnamed"),
        ("2026-09-24", "previous_working", "rolled_back"),
        ("2026-10-10", "previous_working", "rolled_back_unnamed"),
    ],
)
def test_a_moved_end_names_the_holiday_if_the_day_has_a_name(start, roll, code):
    assert codes(count(day(start), 7 if start < "2026-10" else 1, "day", CALENDAR, roll=roll))[-1] == code
