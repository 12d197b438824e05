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
from scheduler.timeline.timeline import Cancel, Collision, Free, Move, Take
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


def test_moving_an_event_takes_its_bookings_along_with_their_buffers(town: Town) -> None:
    """DOMAIN 9.2 hearing.room_buffer: only the room has time before and after."""
    event = town.event("听证会", "2026-11-25 09:00", "2026-11-25 10:30")
    book(
        town,
        Take(event, town.room(), "room", buffer_before=15, buffer_after=15),
        Take(event, town.resource(town.chief), "chair"),
    )
    book(town, Move(event, local("2026-11-26 14:00"), local("2026-11-26 16:00")))
    assert [(b.role, b.starts_at, b.ends_at) for b in timeline.live_bookings(event)] == [
        ("room", local("2026-11-26 13:45"), local("2026-11-26 16:15")),
        ("chair", local("2026-11-26 14:00"), local("2026-11-26 16:00")),
    ]


def test_every_clash_is_named_at_once(town: Town) -> None:
    chief, clerk = town.resource(town.chief), town.resource(town.clerk)
    first = town.event("一", "2026-11-25 09:00", "2026-11-25 10:00")
    book(town, Take(first, town.room(), "room"), Take(first, chief, "chair"))
    second = town.event("二", "2026-11-25 09:00", "2026-11-25 10:00")
    book(town, Take(second, clerk, "prosecutor"))
    third = town.event("三", "2026-11-25 09:30", "2026-11-25 10:30")
    with pytest.raises(Collision) as refusal:
        book(town, Take(third, town.room(), "room"), Take(third, chief, "chair"), Take(third, clerk, "prosecutor"))
    assert sorted((c.resource, c.title) for c in refusal.value.clashes) == [
        ("听证室", "一"),
        ("王检长", "一"),
        ("褚书记", "二"),
    ]


def test_a_role_that_is_not_exclusive_takes_nobody(town: Town) -> None:
    """DOMAIN 8.0: a traffic officer in charge may have two posts to look after."""
    officer = town.resource(town.traffic_officer)
    first = town.event("甲岗", "2026-11-25 07:30", "2026-11-25 09:00")
    second = town.event("乙岗", "2026-11-25 07:30", "2026-11-25 09:00")
    made = book(town, Take(first, officer, "traffic_officer"), Take(second, officer, "traffic_officer"))
    assert [(b.binds, b.status) for b in made] == [(False, "accepted"), (False, "accepted")]


def test_somebody_who_does_not_work_with_the_office_cannot_be_booked_by_it(town: Town) -> None:
    """I28."""
    event = town.event("会议", "2026-11-25 09:00", "2026-11-25 10:00")
    stranger = town.resource(town.neighbour("clerk"))
    takes = Take(event, stranger, "prosecutor"), Take(event, town.resource(town.prosecutor), "prosecutor")
    for several, names in ((takes[:1], [stranger.name]), (takes, [stranger.name, town.prosecutor.name])):
        with pytest.raises(timeline.NotOfThisOffice) as refusal:
            book(town, *several)
        assert refusal.value.facts == {"who": "、".join(names)}
    assert db.session.scalars(select(Booking)).all() == []


def test_cancelling_an_event_frees_everybody(town: Town) -> None:
    event = town.event("会议", "2026-11-25 09:00", "2026-11-25 10:00")
    book(town, Take(event, town.room(), "room"), Take(event, town.resource(town.chief), "chair"))
    book(town, Cancel(event))
    assert [(b.role, b.status, b.binds) for b in event.bookings] == [
        ("room", "cancelled", False),
        ("chair", "cancelled", False),
    ]
    assert (event.status, event.sequence) == ("cancelled", 1)
