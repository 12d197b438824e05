"""Series of shifts: opened ahead by the calendar, each window once, nothing again that somebody cancelled."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from extensions import db
from record.act import history
from record.invariants import broken
from scheduler.actions.calendar_days import correct_day
from scheduler.deadlines.models import DayKind
from tests.queries import queries_of
from tests.racing import race
from tests.town import NOW, Town, local
from tests.volunteers.conftest import Crossing, all_of
from volunteers.actions.obstacles import quotas_of
from volunteers.actions.posts import change_post, close_post
from volunteers.actions.resting import resting
from volunteers.actions.school_breaks import enter_break, remove_break
from volunteers.actions.series import (
    SeriesEnded,
    SeriesStands,
    Wanted,
    change_series,
    end_series,
    keep_open,
    make_series,
    open_missing,
    plan_series,
    shifts_ahead,
)
from volunteers.actions.shifts import PlanOutdated, cancel_shift, change_shift, open_one
from volunteers.forms.posts import NAMES
from volunteers.models.posts import Post
from volunteers.models.series import Series
from volunteers.models.shifts import Shift, ShiftState
from volunteers.rules.series import days_ahead

MORNING = frozenset({"morning"})
WEEKDAYS = (1, 2, 3, 4, 5)
FIRST = date(2026, 11, 25)


def wanted(post: Post, last_on: date | None = None, first_on: date = FIRST, **more: Any) -> Wanted:
    return Wanted(post, more.get("slots", MORNING), more.get("capacity"), first_on, last_on)


def days_of(shifts: list[Shift]) -> list[date]:
    return sorted(shift.starts_on for shift in shifts)


@pytest.mark.parametrize(
    ("first_on", "last_on", "ahead", "months", "first", "last", "count"),
    [
        (date(2026, 11, 1), None, 7, 12, date(2026, 11, 24), date(2026, 11, 30), 7),
        (date(2026, 11, 30), None, 7, 12, date(2026, 11, 30), date(2026, 11, 30), 1),
        (date(2026, 11, 1), date(2026, 11, 25), 7, 12, date(2026, 11, 24), date(2026, 11, 25), 2),
        (date(2026, 11, 1), None, 365, 1, date(2026, 11, 24), date(2026, 12, 23), 30),
        (date(2026, 12, 1), None, 7, 12, None, None, 0),
        (date(2026, 11, 1), date(2026, 11, 23), 7, 12, None, None, 0),
    ],
)
def test_shifts_are_kept_open_so_far_ahead_and_no_further(
    first_on: date, last_on: date | None, ahead: int, months: int, first: date, last: date, count: int
) -> None:
    """DOMAIN 9.2 `timeline.series_horizon`."""
    days = days_ahead(date(2026, 11, 24), first_on, last_on, ahead, months)
    assert (len(days), days[0] if days else None, days[-1] if days else None) == (count, first, last)


def test_a_series_opens_four_weeks_and_the_job_the_next_day_once(town: Town, crossing: Crossing) -> None:
    post = crossing.post(weekdays=WEEKDAYS)
    series, shifts = make_series(wanted(post, capacity=3), town.coordinator, NOW)
    assert (len(shifts), days_of(shifts)[0], days_of(shifts)[-1]) == (19, FIRST, date(2026, 12, 21))
    assert {quota.capacity for quota in quotas_of(shifts).values()} == {3}
    assert [one.person.name for one in shifts[0].postings] == ["朱交警"]
    assert (keep_open(NOW), keep_open(NOW + timedelta(days=1)), keep_open(NOW + timedelta(days=1))) == (0, 1, 0)
    assert history(series) == ["series.open", "series.make", "series.open"]
    assert {shift.series_id for shift in all_of(Shift)} == {series.id}
    assert broken() == []


def test_what_somebody_cancelled_is_not_opened_again_by_a_series(town: Town, crossing: Crossing) -> None:
    """Its own shifts, and one that was opened and cancelled by hand; the preview names both."""
    post = crossing.post(weekdays=WEEKDAYS)
    by_hand = crossing.shift(on=date(2026, 12, 2), post=post)
    series, shifts = make_series(wanted(post), town.coordinator, NOW)
    assert (len(shifts), date(2026, 12, 2) in days_of(shifts)) == (18, False)
    cancel_shift(shifts[0], town.coordinator, NOW, "道路施工")
    cancel_shift(by_hand, town.coordinator, NOW, "道路施工")
    assert keep_open(NOW) == 0
    found = plan_series(wanted(post), NOW, series)
    assert [one.on for one in found.left_out if one.why == "cancelled"] == [FIRST, date(2026, 12, 2)]
    again = crossing.shift(on=FIRST, post=post)
    assert (again.series_id, again.state, broken()) == (None, ShiftState.OPEN, [])


def test_a_series_opens_nothing_onto_a_shift_that_was_moved_nor_again_where_it_stood(
    town: Town, crossing: Crossing
) -> None:
    post = crossing.post()
    moved = crossing.shift(post=post)
    change_shift(moved, local("2026-11-25 18:59"), local("2026-11-25 20:30"), 10, town.coordinator, NOW, "roadworks")
    both = wanted(post, FIRST + timedelta(days=1), slots=frozenset({"morning", "evening"}))
    plan = plan_series(both, NOW)
    assert [(one.on.day, one.slot, one.why) for one in plan.left_out] == [
        (25, "morning", "stands"),
        (25, "evening", "stands"),
    ]
    assert [(one.on.day, one.slot) for one in plan.planned] == [(26, "morning"), (26, "evening")]


def test_the_database_refuses_a_second_shift_of_a_series_in_one_window(town: Town, crossing: Crossing) -> None:
    post = crossing.post(weekdays=WEEKDAYS)
    series, shifts = make_series(wanted(post), town.coordinator, NOW)
    cancel_shift(shifts[0], town.coordinator, NOW, "道路施工")
    again = crossing.shift(on=FIRST, post=post)
    with pytest.raises(IntegrityError, match=r"uq_shift_once_in_its_series|series_id"):
        db.session.execute(
            Shift.__table__.update().where(Shift.id == again.id).values(series_id=series.id)  # type: ignore[attr-defined]
        )
    db.session.rollback()


def test_two_who_open_a_series_at_once_open_each_shift_once(app: Flask, town: Town, crossing: Crossing) -> None:
    post = crossing.post(weekdays=WEEKDAYS)
    make_series(wanted(post, first_on=FIRST), town.coordinator, NOW)
    later = NOW + timedelta(days=8)
    db.session.commit()
    assert sorted(race(app, [partial(keep_open, later)] * 2)) == [0, 6]
    windows = [(shift.starts_on, shift.slot) for shift in all_of(Shift)]
    assert len(windows) == len(set(windows)) == 25


def test_days_not_yet_opened_follow_calendar_and_holidays_and_open_ones_are_named(
    town: Town, crossing: Crossing
) -> None:
    by = town.coordinator
    post = crossing.post(weekdays=WEEKDAYS)
    make_series(wanted(post), by, NOW)
    off = {"kind": DayKind.LOCAL_OFF, "name": "", "source": "", "by": by, "at": NOW, "reason": "州庆"}
    correct_day(town.office, date(2026, 12, 24), **off)
    make_up = {**off, "kind": DayKind.MAKEUP_WORK}
    correct_day(town.office, date(2026, 12, 26), **make_up)
    correct_day(town.office, date(2026, 11, 28), **make_up)
    assert keep_open(NOW) == 1
    assert date(2026, 11, 28) in [shift.starts_on for shift in all_of(Shift)]

    facts = {**{key: getattr(post, key) for key in NAMES}, "at_school": True}
    change_post(post, facts, post.squad, post.present_officers, by, NOW)
    row = enter_break(town.office, "寒假", date(2026, 12, 21), date(2026, 12, 28), by, NOW)
    assert [shift.starts_on for shift, _ in resting(town.office, NOW)] == [date(2026, 12, 21)]
    assert keep_open(NOW + timedelta(days=8)) == 1  # the 29th alone; the make-up day lies within the holidays
    remove_break(row, by, NOW, "记错了")
    assert keep_open(NOW + timedelta(days=8)) == 5
    assert broken() == []


def test_ended_a_series_keeps_its_shifts_or_cancels_what_nobody_booked(town: Town, crossing: Crossing) -> None:
    by, post = town.coordinator, crossing.post(weekdays=WEEKDAYS)
    series, shifts = make_series(wanted(post, last_on=date(2026, 11, 27)), by, NOW)
    assert len(shifts) == 3
    with pytest.raises(SeriesStands):
        make_series(wanted(post, first_on=date(2026, 11, 27)), by, NOW)
    make_series(wanted(post, first_on=date(2026, 11, 28), last_on=date(2026, 11, 30)), by, NOW)
    crossing.booked(shifts[1], crossing.person())
    assert end_series(series, by, NOW, "改由其他中队", cancel=True) == [shifts[0], shifts[2]]
    assert shifts_ahead(series, NOW) == [shifts[1]]
    with pytest.raises(SeriesEnded):
        open_missing(series, by, NOW)
    with pytest.raises(SeriesEnded):
        end_series(series, by, NOW, "改由其他中队")
    later = NOW + timedelta(minutes=1)
    _, opened = make_series(wanted(post, last_on=date(2026, 11, 27)), by, later)
    assert days_of(opened) == [FIRST, date(2026, 11, 27)]
    assert broken() == []


def test_a_changed_series_opens_what_is_missing_and_leaves_what_is_open(town: Town, crossing: Crossing) -> None:
    by, post = town.coordinator, crossing.post(weekdays=WEEKDAYS)
    series, _ = make_series(wanted(post, last_on=date(2026, 11, 27)), by, NOW)
    both = frozenset({"morning", "evening"})
    opened = change_series(series, wanted(post, last_on=date(2026, 11, 26), slots=both, capacity=2), by, NOW)
    assert [(one.starts_on, one.slot) for one in opened] == [(FIRST, "evening"), (date(2026, 11, 26), "evening")]
    assert (len(all_of(Shift)), {quota.capacity for quota in quotas_of(opened).values()}) == (5, {2})


def test_a_post_out_of_use_has_no_series(town: Town, crossing: Crossing) -> None:
    by, post = town.coordinator, crossing.post(weekdays=WEEKDAYS)
    series, shifts = make_series(wanted(post, last_on=FIRST), by, NOW)
    cancel_shift(shifts[0], by, NOW, "撤岗")
    close_post(post, by, NOW, "撤岗")
    assert (history(series)[-1], keep_open(NOW + timedelta(days=1))) == ("series.end", 0)


def test_what_was_looked_at_is_made_or_nothing(town: Town, crossing: Crossing) -> None:
    post = crossing.post(weekdays=WEEKDAYS)
    with pytest.raises(PlanOutdated):
        make_series(wanted(post), town.coordinator, NOW, shown=18)
    assert all_of(Series) == []


def test_a_series_in_the_browser_from_preview_to_end(town: Town, crossing: Crossing) -> None:
    own, theirs = crossing.post("自家"), crossing.post("别家", squad="二中队", officers=())
    soon = datetime.now(UTC).date() + timedelta(days=2)
    asked = {"post": str(own.public_id), "first_on": str(soon), "slots": ["morning"], "capacity": ""}
    asked["last_on"] = str(soon + timedelta(days=2))
    open_one(own, local(f"{soon} 12:00"), local(f"{soon} 13:00"), 1, town.coordinator, datetime.now(UTC))
    foreign, theirs_id = str(theirs.public_id), theirs.id
    leader, desk = town.browser(town.squad_leader), town.browser(town.coordinator)
    assert leader.post("/shifts/series", {**asked, "post": foreign}).status_code == 422
    shown = leader.get("/shifts/series/new", query_string=asked).text
    count = next(n for n in (1, 2, 3) if f"{n} shift{'s' if n > 1 else ''} will be opened" in shown)
    wrong = leader.post("/shifts/series", {**asked, "last_on": str(soon - timedelta(days=1)), "shown": count})
    assert (wrong.status_code, "must not come before" in wrong.text) == (422, True)
    assert leader.post("/shifts/series", {**asked, "shown": count}).status_code == 303
    double = leader.post("/shifts/series", {**asked, "shown": 0})
    assert (double.status_code, "keeps these hours open already" in double.text) == (422, True)
    row = all_of(Series)[0].public_id
    assert "自家" in desk.get("/shifts/series").text
    assert desk.get(f"/shifts/series/{row}").status_code == 200
    changed = {"slots": ["evening"], "last_on": asked["last_on"], "capacity": "2"}
    assert leader.post(f"/shifts/series/{row}/correction", changed).status_code == 303
    assert leader.post(f"/shifts/series/{row}/ending", {"reason": ""}).status_code == 422
    assert leader.post(f"/shifts/series/{row}/ending", {"reason": "停", "shifts": "cancel"}).status_code == 303
    assert [s for s in all_of(Shift, Shift.series_id.is_not(None)) if s.state != ShiftState.CANCELLED] == []
    make_series(Wanted(db.session.get_one(Post, theirs_id), MORNING, None, soon, None), town.coordinator, NOW)
    key = all_of(Series)[-1].public_id
    assert (leader.get(f"/shifts/series/{key}").status_code, "别家" in leader.get("/shifts/series").text) == (
        404,
        False,
    )
    few = queries_of(desk, "/shifts/series")
    for n in range(3):
        make_series(Wanted(crossing.post(f"{n}号"), MORNING, None, soon, soon), town.coordinator, datetime.now(UTC))
    assert queries_of(desk, "/shifts/series") == few
