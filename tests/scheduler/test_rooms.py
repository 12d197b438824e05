"""Rooms of the office, and meetings booked in them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from accounts.actions.offices import NameTaken
from accounts.rules.settings import ReasonMissing
from extensions import db
from record.act import history
from scheduler.actions.rooms import (
    InThePast,
    RoomOutOfUse,
    book_meeting,
    change_room,
    enter_room,
    resume_room,
    retire_room,
    rooms_of,
    still_booked,
)
from scheduler.timeline.models import Booking, Event, Resource
from scheduler.timeline.timeline import Collision, EmptySpan
from tests.accounts.visitor import in_english, text_of
from tests.town import NOW, Browser, Town, local

FACTS = {"name": "三楼会议室", "seats": 30, "is_hearing_room": False}


def desk(town: Town, role: str = "coordinator") -> Browser:
    browser = town.browser(getattr(town, role))
    in_english(browser)
    return browser


def test_a_room_is_entered_changed_taken_out_of_use_and_back(town: Town) -> None:
    room = enter_room(town.office, FACTS, town.coordinator, NOW)
    change_room(room, {**FACTS, "seats": 40}, town.coordinator, NOW)
    with pytest.raises(ReasonMissing):
        retire_room(room, town.coordinator, NOW, "")
    retire_room(room, town.coordinator, NOW, "rebuilt")
    assert [r.name for r in rooms_of(town.office)] == ["二楼会议室", "听证室"]
    resume_room(room, town.coordinator, NOW)
    assert [r.name for r in rooms_of(town.office)] == ["三楼会议室", "二楼会议室", "听证室"]
    assert history(room) == ["room.enter", "room.change", "room.retire", "room.resume"]


def test_two_rooms_of_one_office_are_not_called_alike(town: Town) -> None:
    with pytest.raises(NameTaken):
        enter_room(town.office, {**FACTS, "name": "听证室"}, town.coordinator, NOW)
    with pytest.raises(NameTaken):
        change_room(town.room("二楼会议室"), {**FACTS, "name": "听证室"}, town.coordinator, NOW)


def test_a_meeting_stands_on_the_timeline_and_keeps_others_out(town: Town) -> None:
    nine, ten = local("2026-11-25 09:00"), local("2026-11-25 10:00")
    event = book_meeting(town.room(), "党组会", nine, ten, by=town.coordinator, at=NOW)
    assert [(b.role, b.binds) for b in event.bookings] == [("room", True)]
    with pytest.raises(Collision) as refusal:
        book_meeting(town.room(), "例会", nine, ten, by=town.clerk, at=NOW)
    assert [c.title for c in refusal.value.clashes] == ["党组会"]
    assert len(refusal.value.times) == 3
    assert db.session.scalars(select(Event.title)).all() == ["党组会"]
    assert still_booked(town.room(), NOW) == 1


def test_a_meeting_needs_a_room_in_use_and_a_time_to_come(town: Town) -> None:
    nine, ten = local("2026-11-25 09:00"), local("2026-11-25 10:00")
    with pytest.raises(EmptySpan):
        book_meeting(town.room(), "会议", ten, nine, by=town.coordinator, at=NOW)
    with pytest.raises(InThePast):
        book_meeting(town.room(), "会议", local("2026-11-23 09:00"), ten, by=town.coordinator, at=NOW)
    retire_room(town.room(), town.coordinator, NOW, "rebuilt")
    with pytest.raises(RoomOutOfUse):
        book_meeting(town.room(), "会议", nine, ten, by=town.coordinator, at=NOW)
    assert db.session.scalars(select(Booking)).all() == []


def test_the_pages_of_rooms_are_the_offices_own(town: Town) -> None:
    browser = desk(town)
    assert browser.post("/office/rooms", {"name": "三楼会议室", "seats": "30"}).status_code == 303
    room = db.session.scalars(select(Resource).where(Resource.name == "三楼会议室")).one()
    path = f"/office/rooms/{room.public_id}"
    changed = browser.post(f"{path}/change", {"name": "四楼会议室", "seats": "", "is_hearing_room": "y"})
    assert changed.status_code == 303
    assert browser.post(f"{path}/retirement", {"reason": "rebuilt"}).status_code == 303
    page = text_of(browser.get(path))
    assert "四楼会议室" in page and "Out of use" in page and "Reason: rebuilt" in page
    theirs = f"/office/rooms/{town.room(office=town.other_office).public_id}"
    assert [browser.get(theirs).status_code, browser.post(f"{theirs}/retirement", {"reason": "x"}).status_code] == [
        404,
        404,
    ]


def test_retiring_says_first_what_is_booked(town: Town) -> None:
    book_meeting(town.room(), "会议", local("2027-03-01 09:00"), local("2027-03-01 10:00"), by=town.coordinator, at=NOW)
    path = f"/office/rooms/{town.room().public_id}"
    db.session.remove()
    assert "1 booking ahead stays in it until somebody moves it." in text_of(desk(town).get(path))


@pytest.mark.parametrize("role", ["clerk", "receptionist", "system_admin", "lawyer"])
def test_rooms_are_kept_by_coordinator_and_chief(town: Town, role: str) -> None:
    path = f"/office/rooms/{town.room().public_id}"
    browser = desk(town, role)
    assert browser.get("/office/rooms").status_code == 403
    assert browser.post(f"{path}/retirement", {"reason": "x"}).status_code in {403, 404}
    assert town.room().active
