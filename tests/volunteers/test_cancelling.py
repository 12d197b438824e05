"""Several shifts cancelled for one reason: what it hits is shown first, and everybody is told once (DOMAIN 8.3)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from record.act import history
from record.invariants import broken
from record.models import Message
from scheduler.timeline.models import Waiting
from tests.accounts.visitor import text_of
from tests.examples import EXAMPLES
from tests.queries import queries_of
from tests.town import NOW, Town, local
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.phone import Days, today
from tests.volunteers.test_shifts import told
from volunteers.actions.booking import book, wait
from volunteers.actions.cancelling import HitsOthers, NothingToCancel, cancel_together, hit_by
from volunteers.actions.ticks import arrive
from volunteers.models.attendance import Attendance
from volunteers.models.shifts import Shift
from volunteers.rules.shifts import ReasonNeeded


@pytest.fixture
def storm(crossing: Crossing) -> list[Shift]:
    """Two shifts at different posts, and one of one place; 甲 has two, 乙 one and waits, 丙 only waits."""
    one, two = crossing.shift(post=crossing.post("甲岗")), crossing.shift(slot="evening", post=crossing.post("乙岗"))
    full = crossing.shift(date(2026, 11, 26), post=crossing.post("丙岗", capacity=1))
    first, second, third, fourth = (crossing.person(name) for name in ("甲", "乙", "丙", "丁"))
    crossing.booked(one, first, second)
    crossing.booked(two, first)
    crossing.booked(full, fourth)
    for person in (second, third):
        wait(full, person, person, NOW)
    return [one, two, full]


def test_what_it_would_hit_is_counted_by_people_not_by_places(storm: list[Shift]) -> None:
    hit = hit_by(storm, NOW)
    assert (len(hit.shifts), hit.people, hit.waiting, hit.officers) == (3, 3, 1, 1)
    assert list(hit.booked.values()) == [2, 1, 1]


def test_one_act_cancels_them_and_everybody_is_told_once_of_all_that_was_his(town: Town, storm: list[Shift]) -> None:
    cancel_together(town.office, storm, town.coordinator, NOW, "台风", shown="3-3-1")
    assert [one.state for one in storm] == ["cancelled"] * 3
    assert {(a.state, a.outcome, a.fault) for a in all_of(Attendance)} == {
        ("cancelled", "cancelled_by_service", "service")
    }
    assert {(w.state, w.why) for w in all_of(Waiting)} == {("passed_over", "shift_cancelled")}
    assert (sorted(told("cancelled_together")), told("shifts_cancelled")) == (sorted("甲乙丙丁"), ["朱交警"])
    assert [told(single) for single in ("cancelled_by_service", "passed_over", "shift_cancelled")] == [[], [], []]
    told_of = {
        m.recipient_id: [one["place"] for one in m.facts["shifts"]]
        for m in all_of(Message, Message.template.contains("_together"))
    }
    people = {name: town.person(name).id for name in "甲乙丙丁"}
    assert told_of == {
        people["甲"]: ["甲岗", "乙岗"],
        people["乙"]: ["甲岗", "丙岗"],
        people["丙"]: ["丙岗"],
        people["丁"]: ["丙岗"],
    }
    assert history(town.office)[-1] == "shift.cancel_together"
    assert history(storm[0]) == ["shift.plan", "shift.open", "shift.cancel"]
    assert broken() == []


def test_a_shift_that_has_begun_stays_and_the_others_are_cancelled(town: Town, storm: list[Shift]) -> None:
    arrive(storm[0].attendances[0], town.traffic_officer, local("2026-11-25 07:25"))
    hit = cancel_together(town.office, storm, town.coordinator, local("2026-11-25 07:26"), "台风")
    assert ([one.state for one in storm], hit.begun) == (["open", "cancelled", "cancelled"], [storm[0]])


def test_nothing_is_cancelled_without_a_reason_nor_where_the_preview_holds_no_longer(
    town: Town, crossing: Crossing, storm: list[Shift]
) -> None:
    with pytest.raises(ReasonNeeded):
        cancel_together(town.office, storm, town.coordinator, NOW, "  ")
    book(storm[1], town.person("丙"), town.coordinator, NOW)
    with pytest.raises(HitsOthers) as refusal:
        cancel_together(town.office, storm, town.coordinator, NOW, "台风", shown="3-3-1")
    assert refusal.value.facts == {"shifts": 3, "people": 4}
    with pytest.raises(NothingToCancel):
        cancel_together(town.office, [], town.coordinator, NOW, "台风")
    assert [one.state for one in storm] == ["open"] * 3


def test_from_the_week_a_day_is_picked_looked_at_and_cancelled(town: Town, crossing: Crossing) -> None:
    days = Days(crossing)
    stays, goes = days.shift(3, days.post("留岗")), days.shift(3, days.post("停岗"))
    theirs = EXAMPLES["Shift"](town, town.other_office)
    person, foreign = days.person("甲"), str(theirs.post.public_id)
    crossing.booked(goes.row(), person.row())
    post, on = str(goes.row().post.public_id), goes.starts_on.isoformat()
    browser = town.browser(town.coordinator)
    assert f"/shifts/cancellation?on={on}" in browser.get(f"/shifts/week?on={on}").text
    asked = {"first_on": on, "last_on": on, "posts": post}
    strange = browser.get("/shifts/cancellation", query_string={**asked, "posts": [post, foreign]})
    assert "would be cancelled" not in text_of(strange)
    page = text_of(browser.get("/shifts/cancellation", query_string=asked)).split("would be cancelled")
    assert ("1 shift" in page[0], "停岗" in page[1], "留岗" in page[1]) == (True, True, False)
    sent = {**asked, "shown": "1-1-0"}
    for reason in ("", " "):
        refused = browser.post("/shifts/cancellation", {**sent, "reason": reason})
        assert (refused.status_code, "Say why." in text_of(refused)) == (422, True)
    done = browser.post("/shifts/cancellation", {**sent, "reason": "台风"})
    assert done.status_code == 303
    assert "1 shift is cancelled. 2 people are told." in text_of(browser.get(done.location))
    assert (stays.state, goes.state) == ("open", "cancelled")


def test_a_squad_leader_cancels_his_squads_shifts_alone(town: Town, crossing: Crossing) -> None:
    days = Days(crossing)
    ours, others = days.shift(3, days.post("我岗")), days.shift(3, days.post("他岗", squad=None, officers=()))
    page = text_of(town.browser(town.squad_leader).get(f"/shifts/cancellation?on={ours.starts_on.isoformat()}"))
    assert ("我岗" in page, "他岗" in page, others.state) == (True, False, "open")


def test_the_preview_is_read_in_as_many_queries_for_ten_shifts_as_for_two(town: Town, crossing: Crossing) -> None:
    days = Days(crossing)
    for number in range(2):
        days.shift(3, days.post(f"岗{number}"))
    browser, path = (
        town.browser(town.coordinator),
        f"/shifts/cancellation?on={(today() + timedelta(days=3)).isoformat()}",
    )
    few = queries_of(browser, path)
    for number in range(2, 10):
        days.shift(3, days.post(f"岗{number}"))
    assert queries_of(browser, path) == few


def test_a_choice_that_is_none_is_refused_in_the_readers_language(town: Town, crossing: Crossing) -> None:
    """WTForms has no Chinese for several of a list."""
    crossing.post()
    desk = town.browser(town.coordinator)
    for language, words in (("en", "One of these cannot be chosen."), ("zh_Hans_CN", "不能选")):
        with desk.client.session_transaction() as cookie:
            cookie["language"] = language
        page = desk.post("/shifts/cancellation", {"posts": "nobody", "reason": "x"})
        assert (page.status_code, words in page.text, "valid choice" in page.text) == (422, True, False)
