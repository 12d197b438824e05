"""Opening shifts from posts and peak hours: the grid, all or nothing, holidays, what stands already; a single shift."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from record.act import history
from record.invariants import broken
from scheduler.timeline.timeline import EmptySpan
from tests.queries import queries_of
from tests.town import NOW, Town, local
from tests.volunteers.conftest import Crossing, all_of
from volunteers.actions.obstacles import quotas_of
from volunteers.actions.shifts import (
    NothingToOpen,
    PlanOutdated,
    ShiftPast,
    Span,
    WindowTaken,
    last_opened,
    open_one,
    open_shifts,
    plan,
)
from volunteers.forms.opening import SingleForm
from volunteers.models.posts import Post
from volunteers.models.shifts import Shift
from volunteers.rules.shifts import TooLong, TooShort, check_length
from volunteers.views.opening import cells_of

BOTH = frozenset({"morning", "evening"})


def span(post: Post, first: date = date(2026, 11, 25), days: int = 14, **more: Any) -> Span:
    return Span(first, days, frozenset({post.id}), BOTH, **more)


def test_a_fortnight_opens_every_peak_of_every_staffed_day(town: Town, crossing: Crossing) -> None:
    post = crossing.post(weekdays=(1, 2, 3, 4, 5))
    shifts = open_shifts(town.office, span(post), town.coordinator, NOW)
    assert len(shifts) == 20
    assert [(s.starts_on, s.slot) for s in shifts[:3]] == [
        (date(2026, 11, 25), "morning"),
        (date(2026, 11, 25), "evening"),
        (date(2026, 11, 26), "morning"),
    ]
    assert {quota.capacity for quota in quotas_of(shifts).values()} == {10}
    assert [one.person.name for one in shifts[0].postings] == ["朱交警"]
    assert history(shifts[0]) == ["shift.plan", "shift.open"]
    assert broken() == []


def test_a_holiday_is_left_out_unless_asked_for_and_a_make_up_day_is_staffed(town: Town, crossing: Crossing) -> None:
    """DOMAIN 3.3, C-08: 1 to 7 October 2026 are off, Saturday 10 October is worked."""
    post = crossing.post()
    at = local("2026-09-20 09:00")
    found = plan(town.office, span(post, date(2026, 9, 30), 12), at)
    assert sorted({one.on for one in found.planned}) == [
        date(2026, 9, 30),
        date(2026, 10, 8),
        date(2026, 10, 9),
        date(2026, 10, 10),
        date(2026, 10, 11),
    ]
    closed = {one.on for one in found.left_out if one.why == "holiday"}
    assert closed == {date(2026, 10, n) for n in range(1, 8)}
    all_days = plan(town.office, span(post, date(2026, 9, 30), 12, holidays_too=True), at)
    assert sorted({one.on for one in all_days.planned})[:3] == [date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 2)]


def test_the_grid_says_of_each_peak_whether_it_opens_stands_or_is_over(town: Town, crossing: Crossing) -> None:
    post = crossing.post()
    crossing.shift(on=date(2026, 11, 25), post=post)
    found = plan(town.office, span(post, date(2026, 11, 24), 2), NOW)
    assert cells_of(found) == {
        (post.id, date(2026, 11, 24)): [("morning", "past"), ("evening", "")],
        (post.id, date(2026, 11, 25)): [("morning", "stands"), ("evening", "")],
    }


def test_what_was_looked_at_is_opened_or_nothing(town: Town, crossing: Crossing) -> None:
    post = crossing.post()
    seen = len(plan(town.office, span(post), NOW).planned)
    crossing.shift(on=date(2026, 11, 25), post=post)
    with pytest.raises(PlanOutdated) as refusal:
        open_shifts(town.office, span(post), town.coordinator, NOW, shown=seen)
    assert (refusal.value.facts, len(all_of(Shift))) == ({"count": 27}, 1)
    open_shifts(town.office, span(post), town.coordinator, NOW, shown=27)
    with pytest.raises(NothingToOpen):
        open_shifts(town.office, span(post), town.coordinator, NOW)


def test_the_next_fortnight_begins_after_the_last_open_shift(town: Town, crossing: Crossing) -> None:
    assert last_opened(town.office) is None
    post = crossing.post()
    open_shifts(town.office, span(post), town.coordinator, NOW)
    open_one(post, local("2026-12-20 12:00"), local("2026-12-20 13:00"), 2, town.coordinator, NOW)
    assert last_opened(town.office) == date(2026, 12, 8)


@pytest.mark.parametrize(("minutes", "refusal"), [(59, TooShort), (60, None), (720, None), (721, TooLong)])
def test_a_shift_is_neither_too_short_nor_too_long(minutes: int, refusal: Any) -> None:
    """DOMAIN 9.2 `service.min_shift`, `service.shift_max`; I32."""
    if refusal is None:
        check_length(minutes, 60, 24)
        return
    with pytest.raises(refusal):
        check_length(minutes, 60, 24)


def test_a_single_shift_is_opened_at_a_time_of_its_own(town: Town, crossing: Crossing) -> None:
    post = crossing.post()
    shift = open_one(post, local("2026-11-28 22:00"), local("2026-11-29 00:30"), 3, town.coordinator, NOW)
    assert (shift.slot, shift.starts_on, shift.minutes, shift.state) == ("other", date(2026, 11, 28), 150, "open")
    assert [one.person.name for one in shift.postings] == ["朱交警"]
    assert broken() == []


def test_two_shifts_never_stand_at_one_post_at_one_time_but_one_after_the_other(town: Town, crossing: Crossing) -> None:
    post = crossing.post()
    crossing.shift(post=post)
    with pytest.raises(WindowTaken):
        open_one(post, local("2026-11-25 08:00"), local("2026-11-25 10:00"), 3, town.coordinator, NOW)
    open_one(post, local("2026-11-25 09:00"), local("2026-11-25 10:00"), 3, town.coordinator, NOW)
    assert len(all_of(Shift)) == 2


def test_a_single_shift_lies_ahead_and_ends_after_it_begins(town: Town, crossing: Crossing) -> None:
    post = crossing.post()
    with pytest.raises(ShiftPast):
        open_one(post, NOW, NOW + timedelta(hours=2), 3, town.coordinator, NOW)
    with pytest.raises(EmptySpan):
        open_one(post, NOW + timedelta(hours=2), NOW + timedelta(hours=2), 3, town.coordinator, NOW)
    assert all_of(Shift) == []


def test_the_grid_in_the_browser_is_opened_in_one_press(town: Town, crossing: Crossing) -> None:
    post = crossing.post()
    key = str(post.public_id)
    browser = town.browser(town.coordinator)
    page = browser.get("/shifts/opening").get_data(as_text=True)
    assert re.search(r'name="days"[^>]* value="14"', page)
    soon = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    asked = {"first_on": soon, "days": "3", "slots": ["morning", "evening"], "posts": [key]}
    page = browser.get("/shifts/opening", query_string={**asked, "holidays_too": "y"}).get_data(as_text=True)
    assert "6 shifts will be opened" in page
    stale = browser.post("/shifts/opening", {**asked, "shown": "7"})
    assert (stale.status_code, "Nothing was opened" in stale.get_data(as_text=True)) == (409, True)
    answer = browser.post("/shifts/opening", {**asked, "holidays_too": "y", "shown": "6"})
    assert (answer.status_code, len(all_of(Shift))) == (303, 6)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"first_on": "soon"}, "Give a whole date: year, month and day."),
    ({"first_on": "0001-01-01"}, "The year 1 lies outside 2017 to 2099."),
    ({"first_on": "9999-12-31"}, "The year 9999 lies outside 2017 to 2099."),
    ({"days": "0"}, "From 1 to 62."),
    ({"days": "9" * 5000}, "Give a whole number."),
    ({"days": "x"}, "Give a whole number."),
    ({"slots": []}, "This is needed."),
    ({"posts": []}, "This is needed."),
]


def test_what_cannot_be_opened_is_said_and_nothing_is(town: Town, crossing: Crossing) -> None:
    asked = {"first_on": "2030-01-07", "days": "2", "slots": ["morning"], "posts": [str(crossing.post().public_id)]}
    browser = town.browser(town.coordinator)
    for changes, said in WRONG:
        answer = browser.post("/shifts/opening", {**asked, **changes, "shown": "2"})
        assert (changes, answer.status_code, said in answer.get_data(as_text=True)) == (changes, 422, True)
        looked = browser.get("/shifts/opening", query_string={**asked, **changes})
        assert (changes, looked.status_code, said in looked.get_data(as_text=True)) == (changes, 200, True)
    assert all_of(Shift) == []


def test_a_shift_that_begins_when_it_ends_is_told_so(town: Town, crossing: Crossing) -> None:
    asked = {"post": str(crossing.post().public_id), "day": "2030-01-07", "capacity": "2"}
    answer = town.browser(town.coordinator).post("/shifts", {**asked, "starts": "12:00", "ends": "12:00"})
    said = "The beginning and the end are the same." in answer.text
    assert (answer.status_code, said, all_of(Shift)) == (422, True, [])


def test_a_squad_leader_opens_shifts_of_his_own_posts_only(town: Town, crossing: Crossing) -> None:
    own, theirs = crossing.post("自家"), crossing.post("别家", squad="二中队", officers=())
    keys = [str(own.public_id), str(theirs.public_id)]
    browser = town.browser(town.squad_leader)
    page = browser.get("/shifts/opening").get_data(as_text=True)
    assert ("自家" in page, "别家" in page) == (True, False)
    asked = {"first_on": "2030-01-07", "days": "1", "slots": ["morning"], "shown": "2"}
    assert browser.post("/shifts/opening", {**asked, "posts": keys}).status_code == 422
    assert browser.post("/shifts/opening", {**asked, "posts": keys[:1], "shown": "1"}).status_code == 303
    assert [shift.post.name for shift in all_of(Shift)] == ["自家"]


def test_the_grid_is_read_in_as_many_queries_for_ten_posts_as_for_one(town: Town, crossing: Crossing) -> None:
    crossing.post("0号")
    browser = town.browser(town.coordinator)
    few = queries_of(browser, "/shifts/opening")
    for n in range(1, 10):
        crossing.post(f"{n}号", morning=(time(7), time(8)))
    assert queries_of(browser, "/shifts/opening") == few


@pytest.mark.parametrize("typed", ["12:05", "１２：０５"])
def test_a_time_is_read_in_full_width_signs_too(town: Town, typed: str) -> None:
    with town.app.test_request_context(method="POST", data={"starts": typed}):
        form = SingleForm(posts=[])
    assert form.starts.data == time(12, 5)
