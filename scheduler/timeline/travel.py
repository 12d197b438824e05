"""The way between two places: what else somebody has just before or after, somewhere else. It warns and refuses nothing
(TRUST I03)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from extensions import db
from scheduler.timeline.models import Booking, Event, Resource


@dataclass(frozen=True)
class ShortWay:
    """Another commitment at another place: so many `minutes` lie between. `comes_first`: it is the earlier of the two.

    `place` "": another office's, of which nothing more is said.
    """

    minutes: int
    comes_first: bool
    place: str


def short_ways(resource: Resource, events: Collection[Event], gap: timedelta, office_id: int) -> dict[int, ShortWay]:
    """Where less than `gap` lies between one of the events and something else of `resource` at another place, by the
    events' ids; the shortest of each. `office_id`: whose places may be named. One query."""
    if not events:
        return {}
    near = (
        select(Booking)
        .options(joinedload(Booking.event))
        .where(
            Booking.binds,
            Booking.resource_id == resource.id,
            Booking.ends_at > min(one.starts_at for one in events) - gap,
            Booking.starts_at < max(one.ends_at for one in events) + gap,
        )
        .order_by(Booking.starts_at)
    )
    bookings = list(db.session.scalars(near))
    found = {one.id: [way for b in bookings if (way := _between(one, b, office_id)) is not None] for one in events}
    short = {key: min(ways, key=lambda way: way.minutes) for key, ways in found.items() if ways}
    return {key: way for key, way in short.items() if way.minutes < gap / timedelta(minutes=1)}


def _between(event: Event, booking: Booking, office_id: int) -> ShortWay | None:
    """The way between an event and a booking, None where they are at one place, are one, or meet."""
    ours = booking.office_id == office_id
    place = booking.event.place if ours else ""
    if booking.event_id == event.id or (ours and place == event.place):
        return None
    before, after = event.starts_at - booking.ends_at, booking.starts_at - event.ends_at
    if max(before, after) < timedelta(0):
        return None
    return ShortWay(int(max(before, after) / timedelta(minutes=1)), before >= after, place)
