"""Minutes from ticks: one pure function (DOMAIN V-06, SETTLED 15, TRUST I09)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteers.rules.minutes import Served, Standing, Stated, is_late, left_early, served, standing, within

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
END = START + timedelta(minutes=90)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("came", "left", "minutes"),
    [
        (0, 90, 90),
        (-12, 95, 90),  # before and after the shift nothing counts
        (12, 90, 78),
        (0, 80.99, 80),  # whole minutes, down
        (10.5, 11.49, None),
        (89, 90, 1),
        (-30, 0, None),
        (90, 120, None),
        (50, 20, None),
    ],
)
def test_only_whole_minutes_within_the_shift_count(came: float, left: float, minutes: int | None) -> None:
    found = served(at(came), at(left), START, END)
    assert (found.minutes if found else None) == minutes


def test_what_counts_has_the_span_in_which_it_was_served() -> None:
    assert served(at(-5), at(60), START, END) == Served(START, at(60), 60)


instants = st.integers(-7200, 7200).map(lambda seconds: START + timedelta(seconds=seconds))


@given(instants, instants, instants, instants)
def test_minutes_are_never_negative_never_longer_than_the_shift_or_the_stay(
    came: datetime, left: datetime, starts: datetime, ends: datetime
) -> None:
    """I09."""
    found = served(came, left, starts, ends)
    if found is None:
        assert min(left, ends) - max(came, starts) < timedelta(minutes=1)
        return
    assert 0 < found.minutes <= (ends - starts) // timedelta(minutes=1)
    assert found.minutes <= (left - came) // timedelta(minutes=1)
    assert max(came, starts) == found.starts_at < found.ends_at == min(left, ends)
    assert (
        timedelta(0) <= (found.ends_at - found.starts_at) - found.minutes * timedelta(minutes=1) < timedelta(minutes=1)
    )


@given(instants, instants, instants, st.integers(0, 60))
def test_staying_longer_never_counts_less(came: datetime, left: datetime, ends: datetime, more: int) -> None:
    before = served(came, left, START, ends)
    after = served(came, left + timedelta(minutes=more), START, ends)
    assert (after.minutes if after else 0) >= (before.minutes if before else 0)


def test_a_replaced_tick_does_not_count_and_is_no_conflict() -> None:
    ticks = [Stated(1, "in", at(12)), Stated(2, "in", at(2), replaces=1), Stated(3, "out", at(90))]
    assert standing(ticks) == Standing(at(2), at(90))


def test_two_ticks_within_a_minute_give_the_earlier_arrival_and_the_later_leaving() -> None:
    ticks = [Stated(1, "in", at(1)), Stated(2, "in", at(0)), Stated(3, "out", at(89)), Stated(4, "out", at(90))]
    assert standing(ticks) == Standing(at(0), at(90))


def test_two_ticks_further_apart_disagree_and_a_person_must_choose() -> None:
    """D-28, I45: more than one minute."""
    assert standing([Stated(1, "in", at(0)), Stated(2, "in", at(1.01))]).disagree
    assert not standing([Stated(1, "in", at(0)), Stated(2, "in", at(1))]).disagree


def test_late_is_written_after_the_grace_and_changes_no_minute() -> None:
    assert [is_late(at(m), START, 10) for m in (-5, 0, 10, 10.02)] == [False, False, False, True]


def test_who_leaves_a_minute_before_the_end_left_early() -> None:
    assert [left_early(at(m), END) for m in (88, 89, 89.5, 90, 95)] == [True, True, False, False, False]


def test_an_arrival_lies_from_an_hour_before_to_the_end_and_a_leaving_from_the_start_to_three_hours_after() -> None:
    """On both sides of each edge."""
    edges = {"in": (-61, -60, 90, 91), "out": (-1, 0, 270, 271)}
    told = {kind: [within(kind, at(minute), START, END) for minute in minutes] for kind, minutes in edges.items()}
    assert told == {"in": [False, True, True, False], "out": [False, True, True, False]}
