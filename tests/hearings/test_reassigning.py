"""A case goes to another prosecutor: its hearing ahead goes with it, and his time (T14, H-26, H-27)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from accounts.models import Person
from cases.actions.reassigning import reassign_case
from extensions import db
from hearings.actions.move import move_sitting
from hearings.actions.reassigning import chairs_no_more
from hearings.models import Hearing
from record.act import act, history
from record.invariants import broken
from record.models import Message
from scheduler.timeline import timeline
from scheduler.timeline.models import BookingRole
from scheduler.timeline.timeline import Take
from tests.cases.test_reassigning import colleague
from tests.hearings.planned import planned
from tests.town import NOW, Town, local

WHY = "人员调整"
TOLD = select(Message.recipient_id).where(Message.template == "hearings/handed_over")


@pytest.fixture
def hearing(town: Town) -> Hearing:
    return planned(town).hearing


def staff(hearing: Hearing) -> list[tuple[str, str, str]]:
    """Who sits for the case: in which capacity, and how his booking stands."""
    db.session.expire_all()
    live = hearing.taking_part("chair", "prosecutor")
    return [(one.name, one.capacity, one.booking.status if one.booking else "") for one in live]


def engaged(town: Town, person: Person, starts: str = "2026-12-02 09:00", ends: str = "2026-12-02 10:00") -> None:
    """The person is taken at that time."""
    event = town.event("样例会", starts, ends)
    with act("event.book", event, by=town.coordinator, at=NOW):
        timeline.rebook(Take(event, timeline.resource_of(person), BookingRole.CHAIR))


def test_the_chair_and_his_time_go_to_whoever_has_the_case_now(town: Town, hearing: Hearing) -> None:
    to, had_it = colleague(town), town.prosecutor
    reassign_case(hearing.case, to, town.chief, NOW, WHY)
    assert staff(hearing) == [("新检察", "chair", "accepted")]
    assert [(one.name, one.ended_why, one.booking.status) for one in hearing.participants if not one.live] == [
        (had_it.name, WHY, "released")
    ]
    assert (history(hearing)[-1], chairs_no_more(hearing)) == ("hearing.hand_over", None)
    assert list(db.session.scalars(TOLD)) == [to.id]
    engaged(town, had_it)  # his time is free
    assert broken() == []


def test_one_who_sat_beside_moves_up_and_of_two_only_who_had_the_case_goes(town: Town) -> None:
    hearing = planned(town, prosecutors=(town.chief,)).hearing
    reassign_case(hearing.case, town.chief, town.case_management, NOW, WHY)
    assert (staff(hearing), broken()) == ([("王检长", "chair", "accepted")], [])


def test_whoever_cannot_come_is_named_to_the_coordinator_until_the_sitting_is_moved(
    town: Town, hearing: Hearing
) -> None:
    to, had_it = colleague(town), town.prosecutor
    engaged(town, to)
    reassign_case(hearing.case, to, town.chief, NOW, WHY)
    assert (hearing.case.handler_id, staff(hearing)) == (to.id, [(had_it.name, "chair", "accepted")])
    assert (chairs_no_more(hearing), broken()) == (hearing.taking_part("chair")[0], [])
    page = f"/hearings/{hearing.public_id}"
    db.session.remove()
    desk = town.browser(town.coordinator)
    assert "no longer has the case" in desk.get(page).text
    refused = desk.post(f"{page}/hand-over")
    said = "he is taken at that time", "Move it and tell everybody"
    assert (refused.status_code, [words in refused.text for words in said]) == (409, [True, True])
    assert "still chairs its hearing" in desk.get("/").text
    hearing = db.session.scalars(select(Hearing)).one()
    move_sitting(hearing.sittings[-1], local("2026-12-03 09:00"), 90, town.coordinator, NOW, WHY, room=town.room())
    assert (staff(hearing), broken()) == ([("新检察", "chair", "accepted")], [])
    assert list(db.session.scalars(TOLD)) == [hearing.case.handler_id]
    held = [one for one in hearing.taking_part("chair") if one.booking is not None]
    assert [one.booking.starts_at for one in held] == [local("2026-12-03 09:00")]
