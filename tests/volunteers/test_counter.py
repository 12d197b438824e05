"""Counter mode: the coordinator's browser confined on the server, one person at a time, nothing left after a minute."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import entrance
from accounts.models import PersonSession
from extensions import db
from record.act import history
from record.invariants import broken
from record.models import Act
from scheduler.timeline.models import Waiting
from tests.accounts.visitor import PASSWORD, give_password, text_of
from tests.town import Browser, Town
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.phone import Days, Kept
from volunteers.actions.booking import book
from volunteers.actions.counter import issue_card
from volunteers.actions.obstacles import assessment_at
from volunteers.models.attendance import Attendance


class Tablet:
    """The coordinator's browser in counter mode."""

    def __init__(self, town: Town) -> None:
        give_password(town.coordinator)
        self.browser: Browser = town.browser(town.coordinator)
        assert self.browser.post("/counter-mode").location == "/counter"

    def find(self, **typed: str) -> Any:
        return self.browser.post("/counter", typed)

    def serve(self, who: Any) -> str:
        """Find somebody by the first letters of his name and the end of his number; his page."""
        person = who.row() if isinstance(who, Kept) else who
        assert self.find(initials=person.initials, tail=person.phone[-4:]).status_code == 303
        return self.page()

    def page(self) -> str:
        return text_of(self.browser.get("/counter"))

    def later(self, seconds: int) -> None:
        """As though the last touch were so long ago."""
        with self.browser.client.session_transaction() as cookie:
            at = datetime.fromisoformat(cookie["served"]["at"]) - timedelta(seconds=seconds)
            cookie["served"] = {**cookie["served"], "at": at.isoformat()}


@pytest.fixture
def days(crossing: Crossing) -> Days:
    return Days(crossing)


@pytest.fixture
def tablet(town: Town, days: Days) -> Tablet:
    return Tablet(town)


def acts(name: str) -> list[Act]:
    return list(db.session.scalars(select(Act).where(Act.name == name).order_by(Act.id)))


def test_while_it_lasts_no_other_page_of_his_opens_in_that_browser(app: Flask, town: Town, tablet: Tablet) -> None:
    """On the server: every address of the program without a key, whatever the method."""
    opened = []
    for rule in app.url_map.iter_rules():
        named = entrance.declared(app, rule.endpoint) not in {None, "public"} and not rule.arguments
        if not named or rule.endpoint.split(".")[0] == "counter" or rule.endpoint in entrance.ASKING:
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            ask = tablet.browser.get if method == "GET" else tablet.browser.post
            answer = ask(rule.rule)
            back = answer.status_code == 302 and answer.location == "/counter"
            if not (back if method == "GET" else answer.status_code == 403):
                opened.append((method, rule.rule, answer.status_code))
    assert opened == []
    person = town.volunteer.public_id
    assert tablet.browser.get(f"/people/{person}").location == "/counter"
    assert (
        town.browser(town.coordinator, datetime.now(UTC) - timedelta(seconds=9)).get("/shifts/week").status_code == 200
    )


def test_leaving_needs_the_password_again_and_then_everything_opens(town: Town, tablet: Tablet) -> None:
    asked = tablet.browser.post("/counter/leaving")
    assert (asked.status_code, "Your password, please" in text_of(asked)) == (401, True)
    wrong = tablet.browser.post(
        "/account/verify", {"again_secret": "no", "again_target": "/counter/leaving", "again_kept": "1"}
    )
    assert (wrong.status_code, tablet.browser.get("/shifts/week").location) == (422, "/counter")
    right = tablet.browser.post(
        "/account/verify", {"again_secret": PASSWORD, "again_target": "/counter/leaving", "again_kept": "1"}
    )
    assert (right.status_code, right.location) == (307, "/counter/leaving")
    assert tablet.browser.post("/counter/leaving").status_code == 303
    assert tablet.browser.get("/shifts/week").status_code == 200
    assert [
        one.name for one in db.session.scalars(select(Act).where(Act.name.startswith("session.")).order_by(Act.id))
    ] == [
        "session.confine",
        "session.set_free",
    ]


def test_it_ends_by_itself_after_minutes_without_a_touch(town: Town, tablet: Tablet) -> None:
    """The session is over, so that nobody is let into anything; service.counter_idle."""
    opened = db.session.scalars(select(PersonSession).where(PersonSession.confined_to == "counter")).one()
    assert opened.idle_minutes == 15
    opened.last_seen_at = datetime.now(UTC) - timedelta(minutes=15)
    db.session.commit()
    assert "/account/login" in tablet.browser.get("/counter").location


def test_only_a_coordinator_begins_it(town: Town, days: Days) -> None:
    volunteer = town.browser(days.person())
    for browser in (volunteer, town.browser(town.prosecutor), town.browser(town.squad_leader)):
        assert (browser.get("/counter-mode").status_code, browser.post("/counter-mode").status_code) == (403, 403)
    assert volunteer.post("/counter", {"card": "0123456789"}).status_code == 403
    unconfined = town.browser(town.coordinator)
    assert (unconfined.get("/counter").location, unconfined.post("/counter").status_code) == ("/counter-mode", 403)


def test_who_is_found_books_in_two_taps_waits_and_gives_back_as_the_coordinators_act(
    town: Town, days: Days, tablet: Tablet
) -> None:
    person, other = days.person("李小明"), days.person("王芳")
    free, full = days.shift(3, days.post("空岗")), days.shift(4, days.post("满岗", capacity=1))
    book(full, other, other, full.event.starts_at - timedelta(hours=40))
    page = tablet.serve(person)
    assert ("李小明" in page, "王芳" in page, "空岗" in page, "满岗" in page) == (True, False, True, True)
    tablet.browser.post(f"/counter/shifts/{free.public_id}/booking")
    tablet.browser.post(f"/counter/shifts/{full.public_id}/waiting")
    assert "You are number 1" in tablet.page()
    mine = Kept(all_of(Attendance, Attendance.person_id == person.id)[0])
    tablet.browser.post(f"/counter/bookings/{mine.public_id}/giving-up")
    tablet.browser.post(f"/counter/shifts/{full.public_id}/departure")
    done = [acts(name)[-1] for name in ("attendance.book", "waiting.join", "attendance.cancel", "waiting.leave")]
    assert [(one.actor_id, one.reason) for one in done] == [
        (town.coordinator.id, "At the counter, known by name and phone")
    ] * 4
    assert history(mine) == ["attendance.book", "attendance.cancel"]
    assert "Traffic volunteer: 李小明" in text_of(tablet.browser.get("/counter/plan"))
    assert broken() == []


def test_a_slip_of_the_thumb_at_the_counter_is_taken_back_and_an_earlier_booking_is_an_absence(
    days: Days, tablet: Tablet
) -> None:
    """Of a shift that begins soon, as on his own phone."""
    person, other, shift = days.person("李小明"), days.person("王芳"), days.soon()
    late = Kept(book(shift.row(), other.row(), other.row(), shift.event.starts_at - timedelta(hours=40)))
    tablet.serve(person)
    tablet.browser.post(f"/counter/shifts/{shift.public_id}/booking")
    assert "noted as an absence" not in tablet.page()
    [slip] = [Kept(one) for one in all_of(Attendance) if one.id != late.row().id]
    tablet.browser.post(f"/counter/bookings/{slip.public_id}/giving-up")
    assert "noted as an absence" in tablet.serve(other)
    tablet.browser.post(f"/counter/bookings/{late.public_id}/giving-up")
    assert [(one.state, one.outcome) for one in (slip, late)] == [("cancelled", None), ("absent", "absent_late")]


def test_a_refusal_says_why_on_his_own_page(days: Days, tablet: Tablet, town: Town) -> None:
    person, shift = days.person("李小明"), days.shift(3, days.post(capacity=1))
    other = days.person("王芳")
    tablet.serve(person)
    book(shift, other, other, shift.event.starts_at - timedelta(hours=40))
    refused = tablet.browser.post(f"/counter/shifts/{shift.public_id}/booking")
    assert (refused.status_code, "All 1 places are taken." in text_of(refused)) == (409, True)


def test_nobody_elses_booking_is_given_back(days: Days, tablet: Tablet) -> None:
    person, other, shift = days.person("李小明"), days.person("王芳"), days.shift(3)
    own = Kept(book(shift, other, other, shift.event.starts_at - timedelta(hours=40)))
    tablet.serve(person)
    assert tablet.browser.post(f"/counter/bookings/{own.public_id}/giving-up").status_code == 404
    assert own.state == "booked"


def test_a_minute_after_the_last_touch_nothing_of_him_is_left(days: Days, tablet: Tablet) -> None:
    """On the server, both sides of the edge; what is pressed later changes nothing."""
    person, shift = days.person("李小明"), days.shift(3)
    tablet.serve(person)
    tablet.later(55)
    assert "李小明" in tablet.page()
    tablet.later(60)
    late = tablet.browser.post(f"/counter/shifts/{shift.public_id}/booking")
    assert (late.status_code, all_of(Attendance)) == (409, [])
    assert ("李小明" in tablet.page(), tablet.browser.get("/counter/plan").location) == (False, "/counter")
    tablet.serve(person)
    tablet.browser.post("/counter/done")
    assert "李小明" not in tablet.page()


def test_what_is_pressed_within_the_minute_is_done_and_later_he_is_asked_again_who_he_is(
    town: Town, days: Days, tablet: Tablet
) -> None:
    """counter_gone, both sides for each press: the coordinator's own pages are not shown to whoever stands there."""
    person, other = days.person("李小明"), days.person("王芳")
    free, full = days.shift(3, days.post("空岗")), days.shift(4, days.post("满岗", capacity=1))
    book(full, other, other, full.event.starts_at - timedelta(hours=40))

    def so_far() -> tuple[list[str], list[str]]:
        mine = all_of(Attendance, Attendance.person_id == person.id)
        return [one.state for one in mine], [one.state for one in all_of(Waiting)]

    nothing: tuple[list[str], list[str]] = [], []
    for target, before, after in (
        (f"shifts/{free.public_id}/booking", nothing, (["booked"], [])),
        (f"shifts/{full.public_id}/waiting", (["booked"], []), (["booked"], ["waiting"])),
        (f"shifts/{full.public_id}/departure", (["booked"], ["waiting"]), (["booked"], ["left"])),
        ("bookings/{}/giving-up", (["booked"], ["left"]), (["cancelled"], ["left"])),
    ):
        mine = all_of(Attendance, Attendance.person_id == person.id)
        press = f"/counter/{target.format(*(one.public_id for one in mine))}"
        tablet.serve(person)
        tablet.later(60)
        late = tablet.browser.post(press)
        assert (late.status_code, "For a minute nobody touched the screen" in text_of(late)) == (409, True)
        assert ("who are you?" in late.text, 'class="side"' in late.text, so_far()) == (True, False, before)
        tablet.serve(person)
        tablet.later(55)
        assert (tablet.browser.post(press).status_code, so_far()) == (303, after)


def test_a_card_finds_its_person_and_an_earlier_one_nobody(town: Town, days: Days, tablet: Tablet) -> None:
    person = days.person("李小明")
    desk = town.browser(town.coordinator, datetime.now(UTC) - timedelta(seconds=5))
    assessment = assessment_at(person, town.office.id)
    card = desk.post(f"/counter-mode/cards/{assessment.public_id}")
    said = text_of(card)
    number = re.sub(r"\D", "", re.search(r"\d{5} \d{5}", said)[0])
    assert ("李小明" in said, "枫检刑诉" in said, "<svg" in card.text) == (True, False, True)
    assert (tablet.find(card=number).status_code, "李小明" in tablet.page()) == (303, True)
    issue_card(assessment_at(person, town.office.id), town.coordinator, datetime.now(UTC))
    tablet.browser.post("/counter/done")
    tablet.find(card=number)
    assert "李小明" not in tablet.page()
    assert acts("assessment.issue_card")[0].changes[0]["to"] != number


def test_nobody_of_another_office_nobody_whose_phone_the_office_does_not_know_and_not_two_at_once(
    town: Town, days: Days, tablet: Tablet
) -> None:
    person = days.person("李小明").row()
    letters, tail = person.initials, person.phone[-4:]
    for typed in ({"initials": letters, "tail": "0000"}, {"initials": "zz", "tail": tail}, {"card": "0000000000"}):
        tablet.find(**typed)
        assert "Nobody is found by this." in tablet.page()
    assert tablet.find(initials=letters.upper(), tail=tail).status_code == 303


@pytest.mark.parametrize("typed", [{}, {"card": "12"}, {"initials": "lxm"}, {"initials": "lxm", "tail": "12a4"}])
def test_what_names_nobody_is_refused_and_not_counted(tablet: Tablet, typed: dict[str, str]) -> None:
    assert (tablet.find(**typed).status_code, acts("counter.miss")) == (422, [])


def test_wrong_searches_are_limited_and_kept_without_what_was_typed(days: Days, tablet: Tablet) -> None:
    person = days.person("李小明")
    for _ in range(5):
        tablet.find(initials="qqq", tail="9876")
    answer = tablet.find(initials=person.initials, tail=person.phone[-4:])
    assert (answer.status_code, "李小明" in tablet.page()) == (429, False)
    kept = acts("counter.miss")
    assert [(one.facts, one.changes, one.reason) for one in kept] == [({"how": "name"}, [], "")] * 5


def test_a_page_of_the_counter_holds_no_list_and_nothing_of_a_case(days: Days, tablet: Tablet) -> None:
    person, _ = days.person("李小明"), days.person("王芳")
    asking = tablet.browser.get("/counter").text
    tablet.serve(person)
    mine = tablet.browser.get("/counter").text
    for words in ("王芳", "枫检刑诉", "160.5", "/assessments", "/people"):
        assert (words in asking, words in mine) == (False, False), words
