"""The timeline: nobody and nothing is ever in two places."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from extensions import db
from record.act import act
from record.models import Act
from scheduler.timeline import timeline
from scheduler.timeline.models import Booking
from scheduler.timeline.timeline import Collision, Free, Move, Take
from tests.town import NOW, Town, local


def book(town: Town, *changes: timeline.Change) -> list[Booking]:
    subject = next(getattr(c, "event", None) or c.booking.event for c in changes)  # type: ignore[union-attr]
    with act("event.book", subject, by=town.coordinator, at=NOW):
        return timeline.rebook(*changes)


def test_a_room_taken_twice_is_refused_with_who_what_when_and_the_next_three_times_that_suit(town: Town) -> None:
    """I01, H-45."""
    first = town.event("听证会", "2026-11-25 09:00", "2026-11-25 10:30")
    book(town, Take(first, town.room(), "room"))
    second = town.event("会议", "2026-11-25 10:00", "2026-11-25 11:00")
    with pytest.raises(Collision) as refusal:
        book(town, Take(second, town.room(), "room"))
    assert [(c.resource, c.title, c.wanted, c.starts_at, c.ends_at) for c in refusal.value.clashes] == [
        ("听证室", "听证会", "会议", local("2026-11-25 09:00"), local("2026-11-25 10:30"))
    ]
    assert [(a, b) for a, b in refusal.value.times] == [
        (local("2026-11-25 10:30"), local("2026-11-25 11:30")),
        (local("2026-11-25 14:00"), local("2026-11-25 15:00")),
        (local("2026-11-26 08:30"), local("2026-11-26 09:30")),
    ]
    assert db.session.scalars(select(Booking)).all() == [first.bookings[0]]


def test_one_event_may_begin_at_the_minute_another_ends(town: Town) -> None:
    """I01: intervals are half-open."""
    first = town.event("一", "2026-11-25 09:00", "2026-11-25 10:00")
    second = town.event("二", "2026-11-25 10:00", "2026-11-25 11:00")
    made = book(town, Take(first, town.room(), "room"), Take(second, town.room(), "room"))
    assert [b.binds for b in made] == [True, True]


def test_two_events_swap_their_times_in_one_step(town: Town) -> None:
    """TRUST finding 17."""
    first = town.event("一", "2026-11-25 09:00", "2026-11-25 10:00")
    second = town.event("二", "2026-11-25 10:00", "2026-11-25 11:00")
    book(town, Take(first, town.room(), "room"), Take(second, town.room(), "room"))
    book(
        town,
        Move(first, local("2026-11-25 10:00"), local("2026-11-25 11:00")),
        Move(second, local("2026-11-25 09:00"), local("2026-11-25 10:00")),
    )
    assert [(b.event.title, b.starts_at) for b in db.session.scalars(select(Booking).order_by(Booking.id))] == [
        ("一", local("2026-11-25 10:00")),
        ("二", local("2026-11-25 09:00")),
    ]
    assert (first.sequence, second.sequence) == (1, 1)


def test_the_booking_of_another_office_refuses_without_saying_what_it_is(town: Town) -> None:
    """T35, I02."""
    lawyer = town.lawyer
    from datetime import date

    from accounts.actions.people import give_membership

    give_membership(lawyer, town.other_office, "lawyer", starts_on=date(2026, 1, 1), by=None, at=NOW)
    theirs = town.event("邻县秘密听证", "2026-11-25 09:00", "2026-11-25 10:30", office=town.other_office)
    book(town, Take(theirs, town.resource(lawyer), "duty_lawyer"))
    ours = town.event("值班", "2026-11-25 09:00", "2026-11-25 12:00")
    with pytest.raises(Collision) as refusal:
        book(town, Take(ours, town.resource(lawyer), "duty_lawyer"))
    assert [c.title for c in refusal.value.clashes] == [None]
    assert "秘密" not in repr(refusal.value.__dict__)


def test_the_database_itself_refuses_a_second_binding_booking(town: Town) -> None:
    """I01: whatever the program thinks."""
    first = town.event("一", "2026-11-25 09:00", "2026-11-25 10:00")
    second = town.event("二", "2026-11-25 11:00", "2026-11-25 12:00")
    _, b = book(town, Take(first, town.room(), "room"), Take(second, town.room(), "room"))
    with pytest.raises(IntegrityError), act("event.book", second, by=town.coordinator, at=NOW):
        db.session.execute(
            update(Booking)
            .where(Booking.id == b.id)
            .values(starts_at=local("2026-11-25 09:30"), ends_at=local("2026-11-25 11:30"), buffer_before=90)
        )


def test_a_row_changed_without_an_act_is_refused_by_the_database(town: Town) -> None:
    """I20."""
    event = town.event("一", "2026-11-25 09:00", "2026-11-25 10:00")
    with pytest.raises(IntegrityError) as refusal:
        db.session.execute(text("UPDATE event SET title = 'x' WHERE id = :id"), {"id": event.id})
    db.session.rollback()
    assert timeline.constraint_of(refusal.value) == "event_needs_an_act"


def test_a_freed_booking_leaves_its_place(town: Town) -> None:
    first = town.event("一", "2026-11-25 09:00", "2026-11-25 10:00")
    (booking,) = book(town, Take(first, town.room(), "room"))
    book(town, Free(booking))
    second = town.event("二", "2026-11-25 09:30", "2026-11-25 10:30")
    (again,) = book(town, Take(second, town.room(), "room"))
    assert (booking.binds, booking.status, again.binds) == (False, "cancelled", True)
    changes = db.session.scalars(select(Act).order_by(Act.id.desc())).all()[2].changes
    assert [(c["column"], c["from"], c["to"]) for c in changes] == [("status", "accepted", "cancelled")]
