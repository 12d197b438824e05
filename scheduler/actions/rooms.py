"""Rooms: entering, changing, taking out of use; and booking one for a meeting that needs no hearing (R-01)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from accounts.actions.offices import NameTaken
from accounts.models import Office, Person
from accounts.rules.settings import check_reason
from errors import Refusal
from extensions import db
from record.act import act
from scheduler.timeline.changes import Take
from scheduler.timeline.models import Booking, BookingRole, Event, Resource, ResourceKind
from scheduler.timeline.timeline import EmptySpan, rebook

MEETING = "meeting"


class RoomOutOfUse(Refusal):
    code = "room_out_of_use"
    message = "“%(name)s” is out of use."
    help = "Choose another room, or take it into use again."


class InThePast(Refusal):
    code = "in_the_past"
    status = 422
    message = "This time is over."
    help = "Choose a time that begins later than now."


def rooms_of(office: Office, active: bool = True) -> list[Resource]:
    """The office's rooms by name; those in use, or all with those in use first."""
    rooms = select(Resource).where(Resource.office_id == office.id, Resource.kind == ResourceKind.ROOM)
    if active:
        rooms = rooms.where(Resource.active)
    return list(db.session.scalars(rooms.order_by(Resource.active.desc(), Resource.name)))


def enter_room(office: Office, facts: dict[str, Any], by: Person | None, at: datetime) -> Resource:
    """Enter a room: name, seats (people, or None), is_hearing_room. Raises: NameTaken."""
    room = Resource(kind=ResourceKind.ROOM, office_id=office.id)
    _check_free(room, office.id, facts["name"])
    with act("room.enter", room, by=by, at=at):
        _write(room, facts)
        db.session.add(room)
    return room


def change_room(room: Resource, facts: dict[str, Any], by: Person, at: datetime) -> None:
    """Raises: NameTaken."""
    _check_free(room, room.office_id, facts["name"])
    with act("room.change", room, by=by, at=at):
        _write(room, facts)


def _check_free(room: Resource, office_id: int | None, name: str) -> None:
    twin = select(Resource.id).where(
        Resource.office_id == office_id, Resource.kind == ResourceKind.ROOM, Resource.name == name
    )
    if room.id is not None:
        twin = twin.where(Resource.id != room.id)
    if db.session.scalar(twin) is not None:
        raise NameTaken(name=name)


def _write(room: Resource, facts: dict[str, Any]) -> None:
    room.name, room.seats, room.is_hearing_room = facts["name"], facts["seats"], facts["is_hearing_room"]


def retire_room(room: Resource, by: Person, at: datetime, reason: str) -> None:
    """Offer it no more. What is booked in it stays until somebody moves it. Raises: ReasonMissing."""
    check_reason(reason)
    with act("room.retire", room, by=by, at=at, reason=reason):
        room.active = False


def resume_room(room: Resource, by: Person, at: datetime) -> None:
    with act("room.resume", room, by=by, at=at):
        room.active = True


def still_booked(room: Resource, at: datetime) -> int:
    """How many bookings of the room lie ahead."""
    ahead = select(func.count(Booking.id)).where(Booking.resource_id == room.id, Booking.binds, Booking.ends_at > at)
    return db.session.scalar(ahead) or 0


def book_meeting(
    room: Resource, title: str, starts_at: datetime, ends_at: datetime, *, by: Person, at: datetime
) -> Event:
    """Book a room for a meeting.

    Raises: Collision with the next times that suit, EmptySpan, InThePast, RoomOutOfUse.
    """
    if not room.active:
        raise RoomOutOfUse(name=room.name)
    if starts_at >= ends_at:
        raise EmptySpan()
    if starts_at < at:
        raise InThePast()
    event = Event(office_id=room.office_id, kind=MEETING, title=title, starts_at=starts_at, ends_at=ends_at)
    with act("event.plan", event, by=by, at=at):
        db.session.add(event)
        db.session.flush()
        rebook(Take(event, room, BookingRole.ROOM))
    return event


def booked_on(rooms: list[Resource], since: datetime, until: datetime) -> dict[int, list[Booking]]:
    """What binds each room in a span, by the room's id, earliest first. One query."""
    taken = select(Booking).where(
        Booking.binds,
        Booking.resource_id.in_([room.id for room in rooms]),
        Booking.starts_at < until,
        Booking.ends_at > since,
    )
    found: dict[int, list[Booking]] = {room.id: [] for room in rooms}
    for booking in db.session.scalars(taken.order_by(Booking.starts_at)):
        found[booking.resource_id].append(booking)
    return found
