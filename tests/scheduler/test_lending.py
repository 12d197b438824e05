"""Lending: an hour of a duty goes to a hearing and comes back (L-24, I42)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from extensions import db
from record import invariants
from record.act import act
from scheduler.timeline import lending, timeline
from scheduler.timeline.lending import LentAlready, NotInTheSession
from scheduler.timeline.models import Booking, Event
from scheduler.timeline.timeline import Collision, Take
from tests.town import NOW, Town


@pytest.fixture
def duty(town: Town) -> Booking:
    """The lawyer's morning, 9:00 to 12:00."""
    event = town.event("值班", "2026-11-25 09:00", "2026-11-25 12:00", kind="duty")
    with act("duty.publish", event, by=town.coordinator, at=NOW):
        return timeline.rebook(Take(event, town.resource(town.lawyer), "duty_lawyer"))[0]


def lend(town: Town, duty: Booking, hearing: Event) -> Booking:
    with act("duty.lend", duty.event, by=town.coordinator, at=NOW):
        return lending.lend(duty, hearing.starts_at, hearing.ends_at, hearing, "hearing_officer")


def pieces(duty: Booking) -> list[tuple[str, str]]:
    live = select(Booking).where(Booking.event_id == duty.event_id, Booking.binds).order_by(Booking.starts_at)
    return [
        (f"{b.starts_at.hour + 8}:{b.starts_at:%M}", f"{b.ends_at.hour + 8}:{b.ends_at:%M}")
        for b in db.session.scalars(live)
    ]


def test_a_lent_hour_splits_the_duty_and_comes_back_whole(town: Town, duty: Booking) -> None:
    hearing = town.event("听证会", "2026-11-25 10:00", "2026-11-25 11:00", kind="hearing")
    lent = lend(town, duty, hearing)
    assert pieces(duty) == [("9:00", "10:00"), ("11:00", "12:00")]
    assert (lent.event.title, lent.role, lent.binds) == ("听证会", "hearing_officer", True)
    assert invariants.broken() == []
    with act("duty.give_back", duty.event, by=town.coordinator, at=NOW):
        lending.give_back(lent)
    assert pieces(duty) == [("9:00", "12:00")]
    assert (lent.status, lent.binds) == ("released", False)
    assert invariants.broken() == []


def test_two_hours_lent_leave_three_pieces_and_the_middle_comes_back_first(town: Town, duty: Booking) -> None:
    first = lend(town, duty, town.event("一", "2026-11-25 09:30", "2026-11-25 10:00"))
    lend(town, duty, town.event("二", "2026-11-25 11:00", "2026-11-25 11:30"))
    assert pieces(duty) == [("9:00", "9:30"), ("10:00", "11:00"), ("11:30", "12:00")]
    with act("duty.give_back", duty.event, by=town.coordinator, at=NOW):
        lending.give_back(first)
    assert pieces(duty) == [("9:00", "11:00"), ("11:30", "12:00")]
    assert invariants.broken() == []


def test_the_whole_duty_can_be_lent_and_returned(town: Town, duty: Booking) -> None:
    lent = lend(town, duty, town.event("听证会", "2026-11-25 09:00", "2026-11-25 12:00"))
    assert pieces(duty) == []
    with act("duty.give_back", duty.event, by=town.coordinator, at=NOW):
        lending.give_back(lent)
    assert pieces(duty) == [("9:00", "12:00")]
    assert invariants.broken() == []


def test_what_lies_outside_the_duty_cannot_be_lent(town: Town, duty: Booking) -> None:
    hearing = town.event("听证会", "2026-11-25 11:30", "2026-11-25 12:30")
    with pytest.raises(NotInTheSession):
        lend(town, duty, hearing)
    assert pieces(duty) == [("9:00", "12:00")]


def test_an_hour_is_not_lent_twice(town: Town, duty: Booking) -> None:
    lend(town, duty, town.event("一", "2026-11-25 10:00", "2026-11-25 11:00"))
    with pytest.raises(LentAlready):
        lend(town, duty, town.event("二", "2026-11-25 10:30", "2026-11-25 11:30"))
    assert pieces(duty) == [("9:00", "10:00"), ("11:00", "12:00")]


def test_a_lawyer_on_duty_is_not_free_for_anything_else(town: Town, duty: Booking) -> None:
    event = town.event("会议", "2026-11-25 10:00", "2026-11-25 11:00")
    with pytest.raises(Collision), act("event.book", event, by=town.coordinator, at=NOW):
        timeline.rebook(Take(event, town.resource(town.lawyer), "hearing_officer"))
    assert pieces(duty) == [("9:00", "12:00")]
