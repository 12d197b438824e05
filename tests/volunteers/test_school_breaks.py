"""School holidays: posts at a school rest, open shifts stay till a person decides, and nothing is guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from extensions import db
from record.act import act, history
from record.invariants import broken
from scheduler.actions.calendar_days import correct_day
from scheduler.deadlines.models import DayKind
from tests.town import NOW, Town, local
from tests.volunteers.conftest import Crossing, all_of, bring
from volunteers.actions.posts import change_post
from volunteers.actions.resting import cancel_unbooked, keep_shift, resting
from volunteers.actions.school_breaks import BreakStands, change_break, enter_break, hit_by, remove_break
from volunteers.actions.shifts import Span, open_one, open_shifts, plan
from volunteers.forms.posts import NAMES
from volunteers.models.posts import Post, SchoolBreak
from volunteers.models.shifts import Shift
from volunteers.rules.shifts import DayKind as Kind
from volunteers.rules.shifts import ReasonNeeded, Staffed, staffed_on
from volunteers.views.opening import cells_of

WEEKDAYS = frozenset({1, 2, 3, 4, 5})
THURSDAY, SATURDAY = date(2026, 10, 8), date(2026, 10, 10)
BREAK = (date(2026, 10, 8), date(2026, 10, 10))


def school(crossing: Crossing, name: str = "市一小门前", **more: Any) -> Post:
    post = crossing.post(name, evening=None, weekdays=(1, 2, 3, 4, 5), **more)
    facts = {**{key: getattr(post, key) for key in NAMES}, "at_school": True}
    change_post(post, facts, post.squad, post.present_officers, crossing.coordinator, NOW)
    return post


@pytest.mark.parametrize(
    ("day", "kind", "at_school", "why"),
    [
        (THURSDAY, "working", True, "school_holiday"),
        (THURSDAY, "working", False, None),
        (SATURDAY, "makeup_work", True, "school_holiday"),
        (SATURDAY, "makeup_work", False, None),
        (SATURDAY, "weekend", True, "not_staffed"),
        (date(2026, 10, 7), "off", True, "holiday"),
        (date(2026, 10, 7), "local_off", False, "holiday"),
        (date(2026, 10, 7), "working", True, None),
        (date(2026, 10, 12), "working", True, None),
    ],
)
def test_a_school_post_rests_with_its_school_a_make_up_day_included(
    day: date, kind: Kind, at_school: bool, why: str | None
) -> None:
    """DOMAIN 3.3 `allow_weekend_holiday`, C-08; both ends of the holidays, and the days beside them."""
    post = Staffed("x", WEEKDAYS, {}, at_school)
    assert staffed_on(day, kind, post, holidays_too=False, breaks=[BREAK]) == why


def test_the_grid_leaves_out_school_days_and_names_them(town: Town, crossing: Crossing) -> None:
    post, other = school(crossing), crossing.post(evening=None)
    enter_break(town.office, "秋假", date(2026, 11, 26), date(2026, 11, 26), town.coordinator, NOW)
    found = plan(town.office, Span(date(2026, 11, 26), 2, frozenset({post.id, other.id}), frozenset({"morning"})), NOW)
    assert cells_of(found) == {
        (post.id, date(2026, 11, 26)): [("morning", "school_holiday")],
        (post.id, date(2026, 11, 27)): [("morning", "")],
        (other.id, date(2026, 11, 26)): [("morning", "")],
        (other.id, date(2026, 11, 27)): [("morning", "")],
    }


def test_a_break_entered_late_names_the_open_shifts_and_cancels_none(town: Town, crossing: Crossing) -> None:
    post = school(crossing)
    shifts = open_shifts(
        town.office, Span(date(2026, 11, 25), 3, frozenset({post.id}), frozenset({"morning"})), town.coordinator, NOW
    )
    crossing.shift(post=crossing.post(), on=date(2026, 11, 25))
    row = enter_break(town.office, "秋假", date(2026, 11, 26), date(2026, 11, 27), town.coordinator, NOW)
    assert hit_by(row, NOW) == shifts[1:]
    assert resting(town.office, NOW) == [(shift, "school_holiday") for shift in shifts[1:]]
    crossing.booked(shifts[2], crossing.person())
    with pytest.raises(ReasonNeeded):
        cancel_unbooked(shifts[1:], town.coordinator, NOW, " ")
    assert cancel_unbooked(shifts[1:], town.coordinator, NOW, "学校放假") == [shifts[1]]
    assert resting(town.office, NOW) == [(shifts[2], "school_holiday")]
    keep_shift(shifts[2], town.coordinator, NOW)
    assert (resting(town.office, NOW), history(shifts[2])[-1]) == ([], "shift.keep")
    assert hit_by(row, NOW) == [shifts[2]]
    change_break(row, "秋假", date(2026, 11, 25), date(2026, 11, 25), town.coordinator, NOW)
    assert resting(town.office, NOW) == [(shifts[0], "school_holiday")]
    remove_break(row, town.coordinator, NOW, "记错了")
    assert (resting(town.office, NOW), all_of(SchoolBreak), broken()) == ([], [], [])


def test_days_of_two_holidays_never_meet(town: Town) -> None:
    by = town.coordinator
    row = enter_break(town.office, "寒假", date(2027, 1, 20), date(2027, 2, 20), by, NOW)
    with pytest.raises(BreakStands):
        enter_break(town.office, "春节", date(2027, 2, 20), date(2027, 2, 22), by, NOW)
    enter_break(town.office, "春假", date(2027, 2, 21), date(2027, 2, 22), by, NOW)
    change_break(row, "寒假", date(2027, 1, 19), date(2027, 2, 20), by, NOW)
    with pytest.raises(BreakStands):
        change_break(row, "寒假", date(2027, 1, 19), date(2027, 2, 21), by, NOW)
    enter_break(town.other_office, "寒假", date(2027, 1, 20), date(2027, 2, 20), town.neighbour("coordinator"), NOW)


def test_a_corrected_calendar_lists_the_shifts_it_hits_but_none_that_was_meant(town: Town, crossing: Crossing) -> None:
    """Opened on a Saturday on purpose, one at a time of its own or in holidays, a shift is nobody's question."""
    post = crossing.post(weekdays=(1, 2, 3, 4, 5))
    at = local("2026-09-20 09:00")
    span = Span(date(2026, 10, 1), 10, frozenset({post.id}), frozenset({"morning"}), holidays_too=True)
    shifts = open_shifts(town.office, span, town.coordinator, at)
    open_one(post, local("2026-10-11 12:00"), local("2026-10-11 13:00"), 2, town.coordinator, at)
    assert resting(town.office, at) == []
    correct_day(
        town.office,
        SATURDAY,
        DayKind.LOCAL_OFF,
        name="",
        source="",
        by=town.coordinator,
        at=at,
        reason="本地不补班",
    )
    made_up = [shift for shift in shifts if shift.starts_on == SATURDAY]
    assert resting(town.office, at) == [(made_up[0], "holiday")]


def test_a_list_of_posts_marks_none_as_a_school_and_unmarks_none(town: Town, crossing: Crossing) -> None:
    school(crossing)
    bring(town, "posts")
    assert [post.name for post in all_of(Post) if post.at_school] == ["市一小门前"]


def test_holidays_in_the_browser_say_what_they_hit_and_a_squad_leader_only_reads(
    town: Town, crossing: Crossing
) -> None:
    soon = datetime.now(UTC).date() + timedelta(days=3)
    post = school(crossing)
    open_one(post, local(f"{soon} 12:00"), local(f"{soon} 13:00"), 2, town.coordinator, datetime.now(UTC))
    shift = all_of(Shift)[0]
    with act("shift.change", shift, by=None, at=NOW):
        shift.despite_rest = False
    db.session.commit()
    key = str(shift.public_id)
    desk, leader = town.browser(town.coordinator), town.browser(town.squad_leader)
    asked = {"name": "寒假", "first_on": str(soon), "last_on": str(soon)}
    assert leader.post("/shifts/school-holidays", asked).status_code == 403
    wrong = desk.post("/shifts/school-holidays", {**asked, "last_on": str(soon - timedelta(days=1))})
    assert (wrong.status_code, "must not come before" in wrong.text) == (422, True)
    assert desk.post("/shifts/school-holidays", asked).status_code == 303
    page = desk.get("/shifts/school-holidays").text
    assert ("1 open shift at a school lies in these days" in page, key in page) == (True, True)
    row = all_of(SchoolBreak)[0].public_id
    assert leader.get("/shifts/school-holidays").status_code == 200
    assert leader.post(f"/shifts/school-holidays/{row}/removal", {"reason": "x"}).status_code == 404
    assert key in leader.get("/shifts/at-rest").text
    assert leader.post(f"/shifts/at-rest/{key}/keeping").status_code == 303
    assert key not in desk.get("/shifts/at-rest").text
    assert desk.post(f"/shifts/school-holidays/{row}/removal", {"reason": ""}).status_code == 422
    desk.post(f"/shifts/school-holidays/{row}/removal", {"reason": "记错了"})
    assert (
        all_of(SchoolBreak),
        "1 shift that is open in these days stays." in desk.get("/shifts/school-holidays").text,
    ) == ([], True)
