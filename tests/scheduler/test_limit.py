"""The review limit of a case as spells (DOMAIN D-10, D-15, C-16)."""

from datetime import date

import pytest

from scheduler.deadlines.counting import NotCountable, Period
from scheduler.deadlines.limit import (
    REVIEW_IN_CUSTODY,
    Spell,
    SpellOutOfOrder,
    TooManyReturns,
    count_limit,
)
from scheduler.deadlines.working_days import statutory

CALENDAR = statutory()
MONTH = Period(1, "month")
FIFTEEN_DAYS = Period(15, "day")


def day(text):
    return date.fromisoformat(text)


def spell(kind, on, **more):
    return Spell(kind, day(on), **more)


RECEIVED = spell("received", "2026-09-01")


@pytest.mark.parametrize(
    ("spells", "expected"),
    [
        ([], "2026-10-08"),
        ([spell("extended", "2026-09-25", by=FIFTEEN_DAYS)], "2026-10-16"),
        ([spell("returned", "2026-09-21"), spell("re_received", "2026-10-20")], "2026-11-20"),
        ([spell("jurisdiction_changed", "2026-09-15")], "2026-10-15"),
        ([spell("suspended", "2026-09-10", until=date(2026, 9, 20))], "2026-10-12"),  # raw Sun 11 Oct
        ([spell("suspended", "2026-09-01", until=date(2026, 9, 11))], "2026-10-10"),  # 1 Sep is not counted anyway
        ([spell("suspended", "2026-09-28", until=date(2026, 10, 10))], "2026-10-13"),  # raw end is pushed as it goes
        ([spell("suspended", "2026-10-01", until=date(2026, 10, 8))], "2026-10-08"),
    ],
)
def test_the_review_limit_follows_from_its_spells(spells, expected):
    """D-10, D-15, C-16; the third line is the vector of DOMAIN 6.3."""
    assert count_limit([RECEIVED, *spells], MONTH, CALENDAR).due == day(expected)


def test_a_suspension_of_the_last_day_pushes_it():
    counted = count_limit([RECEIVED, spell("suspended", "2026-10-01", until=date(2026, 10, 3))], MONTH, CALENDAR)
    assert counted.raw == day("2026-10-03")


def test_the_same_limit_in_custody_ends_on_the_exact_day():
    assert count_limit([RECEIVED], MONTH, CALENDAR, REVIEW_IN_CUSTODY).due == day("2026-10-01")


def test_an_extension_ends_with_the_review_it_extended():
    """D-15: counted anew after the return; fifteen days come back only if they are granted again."""
    spells = [
        RECEIVED,
        spell("extended", "2026-09-25", by=FIFTEEN_DAYS),
        spell("returned", "2026-10-10"),
        spell("re_received", "2026-11-02"),
    ]
    assert count_limit(spells, MONTH, CALENDAR).due == day("2026-12-02")
    again = [*spells, spell("extended", "2026-11-30", by=FIFTEEN_DAYS)]
    counted = count_limit(again, MONTH, CALENDAR)
    assert counted.due == day("2026-12-17")
    assert [reason.code for reason in counted.why] == [
        "re_received",
        "extended",
        "start_excluded",
        "joined",
        "month",
        "day",
    ]


def test_suspended_days_named_twice_are_left_out_once():
    spells = [
        RECEIVED,
        spell("suspended", "2026-09-10", until=date(2026, 9, 20)),
        spell("suspended", "2026-09-15", until=date(2026, 9, 20)),
    ]
    assert count_limit(spells, MONTH, CALENDAR).raw == day("2026-10-11")


@pytest.mark.parametrize("last", [spell("returned", "2026-09-21"), spell("suspended", "2026-09-21")])
def test_no_limit_runs_while_a_case_is_returned_or_suspended_without_end(last):
    assert count_limit([RECEIVED, last], MONTH, CALENDAR) is None


RETURNED_TWICE = [
    RECEIVED,
    spell("returned", "2026-09-21"),
    spell("re_received", "2026-10-20"),
    spell("returned", "2026-11-10"),
    spell("re_received", "2026-12-08"),
]


def test_a_case_returned_twice_is_counted_anew_twice():
    assert count_limit(RETURNED_TWICE, MONTH, CALENDAR).due == day("2027-01-08")


@pytest.mark.parametrize("between", [[], [spell("jurisdiction_changed", "2026-12-20")]])
def test_a_third_return_is_refused_even_by_the_next_procuratorate(between):
    """D-15, 刑诉法 art. 175: twice at most, before and after a change of jurisdiction together."""
    with pytest.raises(TooManyReturns) as refusal:
        count_limit([*RETURNED_TWICE, *between, spell("returned", "2026-12-28")], MONTH, CALENDAR)
    assert refusal.value.facts == {"returns": 2}


@pytest.mark.parametrize(
    "spells",
    [
        [],
        [spell("returned", "2026-09-01")],
        [RECEIVED, spell("received", "2026-09-02")],
        [RECEIVED, spell("re_received", "2026-09-02")],
        [RECEIVED, spell("returned", "2026-08-31")],
        [RECEIVED, spell("returned", "2026-09-02"), spell("returned", "2026-09-03")],
        [RECEIVED, spell("returned", "2026-09-02"), spell("extended", "2026-09-03", by=FIFTEEN_DAYS)],
        [RECEIVED, spell("extended", "2026-09-03")],
        [RECEIVED, spell("suspended", "2026-09-03", until=date(2026, 9, 2))],
        [RECEIVED, spell("returned", "2026-09-03", until=date(2026, 9, 12))],
    ],
)
def test_spells_that_do_not_follow_from_each_other_are_refused(spells):
    with pytest.raises(SpellOutOfOrder) as refusal:
        count_limit(spells, MONTH, CALENDAR)
    assert refusal.value.message % refusal.value.facts


def test_a_limit_is_no_number_of_working_days():
    with pytest.raises(NotCountable):
        count_limit([RECEIVED], Period(20, "working_day"), CALENDAR)
