"""The pages of codes: the person's, the officer's, what is told of a refusal, the printed one, ticks that come late."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from record.invariants import broken
from tests.accounts.visitor import text_of
from tests.town import Town
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.phone import Days, Kept, Phone
from volunteers.actions.booking import book
from volunteers.actions.presence import screen_code
from volunteers.actions.scan import person_code, printed_code
from volunteers.models.attendance import Attendance, Tick
from volunteers.models.scan import PresenceClaim, ScanAttempt


class Scene:
    """Today's shift with one booked, who has a phone as his officer has."""

    def __init__(self, town: Town, crossing: Crossing) -> None:
        self.town, self.days = town, Days(crossing)
        self.shift = self.days.shift(0)
        self.man = self.days.person("李小明")
        before = self.shift.event.starts_at - timedelta(days=1)
        self.one = Kept(book(self.shift, self.man, town.coordinator, before))

    def officer(self, at: str = "") -> Phone:
        return Phone(self.town, self.town.traffic_officer, f"/crossing/{self.shift.public_id}{at}")

    def volunteer(self, at: str) -> Phone:
        return Phone(self.town, self.man.row(), at)

    def code(self, ago: int = 0) -> str:
        shown = person_code(self.one.row(), datetime.now(UTC) - timedelta(seconds=ago))
        assert shown is not None
        return shown.text

    def send(self, phone: Phone, code: str, at: str = "scan") -> Any:
        return phone.browser.post(f"/crossing/{self.shift.public_id}/{at}", {"code": code, "device_at": ""})


@pytest.fixture
def scene(town: Town, crossing: Crossing) -> Scene:
    return Scene(town, crossing)


def test_a_volunteer_finds_his_code_on_top_of_his_pages_and_it_holds_its_digits(scene: Scene) -> None:
    phone = scene.volunteer("/hours").tap("Show my code")
    shown = person_code(scene.one.row(), datetime.now(UTC))
    assert shown is not None
    digits = re.search(r"\b(\d{3}) (\d{3})\b", phone.text)
    assert digits is not None and "Please show this code to the officer." in phone.text
    assert phone.page.headers["Cache-Control"] == "no-store"
    assert shown.text not in phone.markup
    assert "Show my code" in scene.volunteer("/bookings").text
    assert scene.volunteer(f"/bookings/{scene.one.public_id}").tap("Show my code").page.status_code == 200


def test_another_one_does_not_see_the_code_nor_reads_it(scene: Scene) -> None:
    other = Phone(scene.town, scene.days.person().row(), "/hours")
    assert other.browser.get(f"/bookings/{scene.one.public_id}/code").status_code == 404
    assert scene.send(other, scene.code()).status_code == 403
    desk = Phone(scene.town, scene.town.coordinator, "/shifts")
    assert desk.browser.get(f"/bookings/{scene.one.public_id}/code").status_code == 404
    assert scene.send(desk, scene.code()).status_code == 403
    assert (all_of(Tick), all_of(ScanAttempt)) == ([], [])


def test_the_officer_reads_a_code_and_each_refusal_has_its_status_its_words_and_its_row(scene: Scene) -> None:
    """T03."""
    officer = scene.officer().tap("Scan")
    code = scene.code()
    answers = [
        scene.send(officer, said) for said in (scene.code(ago=300), scene.code(ago=3600), "nonsense", code, code)
    ]
    assert [answer.status_code for answer in answers] == [410, 410, 404, 200, 409]
    told = ["stands still", "This code is old", "not of this shift", "李小明", "used already"]
    assert [words in text_of(answer) for words, answer in zip(told, answers, strict=True)] == [True] * 5
    assert "arrived" in text_of(answers[3])
    assert [attempt.why for attempt in all_of(ScanAttempt)] == ["screenshot", "old", "foreign", "used"]
    assert [(tick.method, tick.kind) for tick in all_of(Tick)] == [("scan", "in")]
    desk = Phone(scene.town, scene.town.coordinator, f"/shifts/{scene.shift.public_id}")
    assert "Codes that were not taken" in desk.text and desk.text.count("presented by 朱交警") == 4
    assert "code read" in Phone(scene.town, scene.town.traffic_officer, f"/crossing/people/{scene.one.public_id}").text
    assert broken() == []


def test_a_refusal_sent_twice_is_one_attempt(scene: Scene) -> None:
    officer = scene.officer("/scan")
    sent = {"code": "nonsense", "device_at": "", "form_id": str(uuid.uuid4())}
    answers = [officer.browser.post(f"/crossing/{scene.shift.public_id}/scan", sent) for _ in range(2)]
    assert ([answer.status_code for answer in answers], len(all_of(ScanAttempt))) == ([404, 404], 1)


def test_the_code_on_the_officers_screen_lets_somebody_say_that_he_is_here(scene: Scene) -> None:
    posting = scene.shift.postings[0]
    shown = screen_code(posting, datetime.now(UTC))
    assert "Only your tick counts." in scene.officer("/screen").text
    phone = scene.volunteer(f"/bookings/{scene.one.public_id}/code").tap("I am here")
    where = f"/bookings/{scene.one.public_id}/presence"
    assert phone.browser.post(where, {"code": "nonsense", "device_at": ""}).status_code == 404
    said = phone.browser.post(where, {"code": shown.digits, "device_at": ""})
    assert (said.status_code, "that you are here" in text_of(said)) == (200, True)
    assert (len(all_of(PresenceClaim)), scene.one.state, all_of(Tick)) == (1, "booked", [])
    assert "says he is here" in scene.officer().text


def test_the_coordinator_prints_a_code_on_the_plan_of_who_has_no_phone(scene: Scene) -> None:
    path = f"/assessments/{scene.one.assessment.public_id}/paper"
    paper = Phone(scene.town, scene.town.coordinator, path)
    assert "Code of this shift" in paper.text and paper.markup.count('class="qr"') == 1
    prosecutor = Phone(scene.town, scene.town.prosecutor, path)
    assert (prosecutor.page.status_code, "Code of this shift" in prosecutor.text) == (200, False)
    officer = scene.officer()
    assert scene.send(officer, printed_code(scene.one.row())).status_code == 200
    assert [tick.method for tick in all_of(Tick)] == ["printed"]


def test_a_tick_of_a_phone_without_signal_is_taken_once_and_answered_alike(scene: Scene) -> None:
    """I46."""
    officer = scene.officer()
    at = datetime.now(UTC) - timedelta(minutes=20)
    sent = {
        "client_id": str(uuid.uuid4()),
        "attendance": str(scene.one.public_id),
        "kind": "in",
        "device_at": at.isoformat(),
    }
    where, asked = f"/crossing/{scene.shift.public_id}/ticks", {"Accept": "application/json"}
    answers = [officer.browser.post(where, dict(sent), headers=asked) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert (
        answers[0].json
        == answers[1].json
        == {"id": sent["client_id"], "kind": "in", "method": "hand", "at": at.isoformat()}
    )
    assert (len(all_of(Tick)), scene.one.state) == (1, "arrived")
    other = officer.browser.post(where, {**sent, "kind": "out"}, headers=asked)
    wrong = officer.browser.post(where, {**sent, "device_at": "17:02"}, headers=asked)
    foreign = officer.browser.post(where, {**sent, "attendance": str(uuid.uuid4())}, headers=asked)
    assert [answer.status_code for answer in (other, wrong, foreign)] == [422, 422, 404]
    assert [one.state for one in all_of(Attendance)] == ["arrived"]
