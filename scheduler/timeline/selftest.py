"""The timeline's forbidden writes, which the start-up self-test tries (TRUST I43)."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.engine import Connection

from accounts.models import Office
from record.selftest import forbid, pretend_act
from scheduler.timeline.guards import ONE_PLACE
from scheduler.timeline.models import Booking, Event, Quota, Resource

NINE, TEN = datetime(2001, 1, 1, 9, tzinfo=UTC), datetime(2001, 1, 1, 10, tzinfo=UTC)
MARK = "selftest"


def _insert(connection: Connection, model: Any, **values: Any) -> int:
    return int(connection.execute(insert(model.__table__).values(**values)).inserted_primary_key[0])  # type: ignore[index]


def _two_bookings_of_a_room(connection: Connection) -> None:
    """One that binds, one that does not yet, and a quota of no places; what is tried is to make the second bind."""
    pretend_act(connection, str(uuid.uuid4()))
    office = _insert(connection, Office, name=MARK)
    room = _insert(connection, Resource, kind="room", name=MARK, office_id=office)
    event = _insert(connection, Event, office_id=office, kind=MARK, title=MARK, starts_at=NINE, ends_at=TEN)
    _insert(connection, Quota, event_id=event, office_id=office, role="room", capacity=1)
    booked = {"event_id": event, "office_id": office, "resource_id": room, "role": "room"}
    for binds in (True, False):
        _insert(connection, Booking, **booked, starts_at=NINE, ends_at=TEN, binds=binds, status="accepted")


def _and_no_act(connection: Connection) -> None:
    _two_bookings_of_a_room(connection)
    pretend_act(connection, "")


forbid(
    "writing without an act",
    "booking_needs_an_act",
    "UPDATE booking SET status = 'declined' "
    "WHERE NOT binds AND event_id IN (SELECT id FROM event WHERE kind = 'selftest')",
    _and_no_act,
)
forbid(
    "being in two places",
    ONE_PLACE,
    "UPDATE booking SET binds = TRUE WHERE NOT binds AND event_id IN (SELECT id FROM event WHERE kind = 'selftest')",
    _two_bookings_of_a_room,
)
forbid(
    "taking more places than there are",
    "never_more_taken_than_there_are",
    "UPDATE quota SET taken = 2 WHERE event_id IN (SELECT id FROM event WHERE kind = 'selftest')",
    _two_bookings_of_a_room,
)
