"""Posts: the list, entering one by hand, changing and closing it; whose they are."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from sqlalchemy import select

from extensions import db
from record.act import history
from tests.queries import queries_of
from tests.town import NOW, Town
from tests.volunteers.conftest import Crossing, all_of
from volunteers.actions.posts import PostInUse, PostNameTaken, change_post, close_post, found_post, reopen_post
from volunteers.models.posts import Post
from volunteers.rules.shifts import TooLong, TooShort

FACTS: dict[str, Any] = {
    "name": "县医院门前",
    "capacity": 6,
    "morning_from": time(7, 30),
    "morning_till": time(9),
    "evening_from": None,
    "evening_till": None,
    "weekdays": [1, 2, 3, 4, 5],
    "remark": "",
}
TYPED = {
    "name": "县医院门前",
    "capacity": "6",
    "morning_from": "07:30",
    "morning_till": "09:00",
    "evening_from": "",
    "evening_till": "",
    "weekdays": ["1", "2", "3", "4", "5"],
    "squad": "",
    "remark": "",
}


def test_a_post_is_entered_with_its_hours_and_officers(town: Town) -> None:
    post = found_post(town.office, FACTS, None, [town.traffic_officer], town.coordinator, NOW)
    assert post.windows == {"morning": (time(7, 30), time(9))}
    assert [one.name for one in post.present_officers] == ["朱交警"]
    assert history(post) == ["post.enter"]


@pytest.mark.parametrize(("till", "refusal"), [(time(8, 29), TooShort), (time(8, 30), None)])
def test_a_peak_lasts_at_least_as_long_as_the_shortest_shift(town: Town, till: time, refusal: Any) -> None:
    """DOMAIN 9.2 `service.min_shift`: 60 minutes."""
    facts = {**FACTS, "morning_till": till}
    if refusal is None:
        assert found_post(town.office, facts, None, [], town.coordinator, NOW).windows["morning"][1] == till
        return
    with pytest.raises(refusal) as refused:
        found_post(town.office, facts, None, [], town.coordinator, NOW)
    assert refused.value.facts == {"least": 60}


def test_a_peak_lasts_at_most_twelve_hours(town: Town) -> None:
    """I32."""
    found_post(town.office, {**FACTS, "morning_till": time(19, 30)}, None, [], town.coordinator, NOW)
    with pytest.raises(TooLong):
        found_post(
            town.office, {**FACTS, "name": "另一处", "morning_till": time(19, 31)}, None, [], town.coordinator, NOW
        )


def test_two_posts_of_an_office_have_two_names_and_another_office_is_free_to_use_them(town: Town) -> None:
    found_post(town.office, FACTS, None, [], town.coordinator, NOW)
    found_post(town.other_office, FACTS, None, [], town.neighbour("coordinator"), NOW)
    with pytest.raises(PostNameTaken):
        found_post(town.office, FACTS, None, [], town.coordinator, NOW)


def test_an_officer_who_is_left_out_leaves_the_post_and_shifts_keep_theirs(town: Town, crossing: Crossing) -> None:
    post = crossing.post()
    shift = crossing.shift(post=post)
    facts = {**FACTS, "name": post.name, "evening_from": time(17), "evening_till": time(18, 30)}
    change_post(post, facts, post.squad, [], town.coordinator, NOW, "moved")
    assert post.present_officers == []
    assert [(one.person.name, one.left_on) for one in post.officers] == [("朱交警", date(2026, 11, 24))]
    assert [one.person.name for one in shift.postings] == ["朱交警"]
    change_post(post, facts, post.squad, [town.traffic_officer], town.coordinator, NOW, "back")
    assert [one.name for one in post.present_officers] == ["朱交警"]
    assert history(post) == ["post.enter", "post.change", "post.change"]


def test_a_post_is_closed_only_when_no_shift_to_come_is_open_there(town: Town, crossing: Crossing) -> None:
    post = crossing.post()
    shift = crossing.shift(post=post)
    with pytest.raises(PostInUse) as refusal:
        close_post(post, town.coordinator, NOW, "closed road")
    assert refusal.value.facts == {"count": 1}
    close_post(post, town.coordinator, shift.event.ends_at, "closed road")
    assert post.active is False
    reopen_post(post, town.coordinator, shift.event.ends_at)
    assert history(post) == ["post.enter", "post.close", "post.reopen"]


def test_the_list_shows_the_offices_posts_and_no_others(town: Town, crossing: Crossing) -> None:
    crossing.post("客运站前广场")
    found_post(town.other_office, {**FACTS, "name": "邻县路口"}, None, [], town.neighbour("coordinator"), NOW)
    page = town.browser(town.coordinator).get("/posts").get_data(as_text=True)
    assert ("客运站前广场" in page, "邻县路口" in page) == (True, False)


def test_the_list_is_read_in_as_many_queries_for_ten_posts_as_for_one(town: Town, crossing: Crossing) -> None:
    crossing.post("0号路口")
    browser = town.browser(town.coordinator)
    few = queries_of(browser, "/posts")
    for n in range(1, 10):
        crossing.post(f"{n}号路口")
    db.session.commit()
    assert queries_of(browser, "/posts") == few


def test_a_post_typed_in_the_browser(town: Town) -> None:
    browser = town.browser(town.coordinator)
    answer = browser.post("/posts", TYPED)
    post = db.session.scalars(select(Post)).one()
    assert (answer.status_code, post.name, post.capacity, post.weekdays) == (303, "县医院门前", 6, [1, 2, 3, 4, 5])
    assert browser.get(answer.headers["Location"]).status_code == 200


def test_a_post_lies_in_the_offices_county_unless_another_is_typed(town: Town) -> None:
    """D-11: bail says in which county somebody may serve."""
    browser = town.browser(town.coordinator)
    browser.post("/posts", TYPED)
    answer = browser.post("/posts", {**TYPED, "name": "邻县路口", "area": "邻县"})
    assert [(post.area, post.county) for post in all_of(Post)] == [("", "枫县"), ("邻县", "邻县")]
    page = browser.get(answer.headers["Location"]).get_data(as_text=True)
    assert ("邻县" in page, "as the office" in page) == (True, False)
    assert "Empty: 枫县." in browser.get("/posts/new").get_data(as_text=True)


def test_how_hard_a_post_is_is_chosen_and_changed(town: Town) -> None:
    """D-21: 0 indoors to 3 a busy crossing; what is not said is as usual."""
    browser = town.browser(town.coordinator)
    for typed in ({}, {"difficulty": "0"}, {"difficulty": "3"}):
        browser.post("/posts", {**TYPED, "name": f"路口{typed}", **typed})
    found = all_of(Post)
    assert [post.difficulty for post in found] == [2, 0, 3]
    path = f"/posts/{found[1].public_id}"
    browser.post(f"{path}/correction", {**TYPED, "difficulty": "1", "area": "邻县"})
    assert [(post.difficulty, post.area) for post in all_of(Post)] == [(2, ""), (1, "邻县"), (3, "")]
    assert "a quiet corner" in browser.get(path).get_data(as_text=True)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"difficulty": "4"}, "Not a valid choice"),
    ({"difficulty": "-1"}, "Not a valid choice"),
    ({"difficulty": "hard"}, "Invalid Choice: could not coerce."),
    ({"area": "县" * 61}, "At most 60 characters."),
    ({"name": ""}, "This is needed."),
    ({"name": "县\x00门"}, "cannot be stored"),
    ({"capacity": "many"}, "Give a whole number."),
    ({"capacity": "9" * 5000}, "Give a whole number."),
    ({"capacity": "0"}, "From 1 to 200."),
    ({"capacity": "999999999999999999999"}, "From 1 to 200."),
    ({"morning_till": "07:00"}, "The end must come after the beginning."),
    ({"morning_till": ""}, "A peak has two times, or none."),
    ({"morning_from": "", "morning_till": ""}, "Give the hours of at least one peak."),
    ({"morning_from": "soon"}, "Give a time like 07:30."),
    ({"morning_till": "08:00"}, "A shift lasts at least 60 minutes."),
    ({"weekdays": []}, "This is needed."),
]


def test_what_cannot_be_a_post_is_said_and_changes_nothing(town: Town) -> None:
    browser = town.browser(town.coordinator)
    for changes, said in WRONG:
        answer = browser.post("/posts", {**TYPED, **changes})
        assert (changes, answer.status_code, said in answer.get_data(as_text=True)) == (changes, 422, True)
    assert all_of(Post) == []


def test_whatever_is_searched_for_the_list_answers(town: Town, crossing: Crossing) -> None:
    crossing.post()
    browser = town.browser(town.coordinator)
    for asked in ("%", "😀", "x" * 5000):
        assert browser.get("/posts", query_string={"q": asked}).status_code == 200


def test_full_width_digits_are_digits(town: Town) -> None:
    town.browser(town.coordinator).post("/posts", {**TYPED, "capacity": "１２"})
    assert [post.capacity for post in all_of(Post)] == [12]


def test_a_squad_leader_keeps_his_own_squads_posts_only(town: Town, crossing: Crossing) -> None:
    own = crossing.post("自家路口")
    mine, squad = own.public_id, str(own.squad.public_id)
    theirs = crossing.post("别家路口", squad="二中队", officers=()).public_id
    browser = town.browser(town.squad_leader)
    page = browser.get("/posts").get_data(as_text=True)
    assert ("自家路口" in page, "别家路口" in page) == (True, False)
    assert browser.get(f"/posts/{mine}").status_code == 200
    assert browser.get(f"/posts/{theirs}").status_code == 404
    assert browser.post("/posts", {**TYPED, "squad": ""}).status_code == 422
    answer = browser.post("/posts", {**TYPED, "squad": squad})
    assert (answer.status_code, all_of(Post)[-1].squad.name) == (303, "一中队")


def test_another_offices_post_is_not_there(town: Town) -> None:
    there = found_post(town.other_office, FACTS, None, [], town.neighbour("coordinator"), NOW).public_id
    browser = town.browser(town.coordinator)
    assert browser.get(f"/posts/{there}").status_code == 404
    assert browser.post(f"/posts/{there}/closing", {"reason": "x"}).status_code == 404
    assert [history(post) for post in all_of(Post)] == [["post.enter"]]
