"""What `flask verify-db` asks of shifts, bookings and credits (TRUST I04, I09, I11, I12, I14; SETTLED 5)."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from sqlalchemy import select

from accounts.models import Office
from extensions import db
from record.invariants import invariant, rows
from scheduler.timeline.models import Event
from volunteers.models.shifts import Shift

_STATUS = {
    "accepted": ("booked", "arrived", "left", "confirmed", "credited", "no_show"),
    "cancelled": ("cancelled",),
}


@invariant("SETTLED 5 a booking stands as its attendance does")
def _bookings() -> list[str]:
    """An absence is released if it was told before, accepted if it was excused afterwards."""
    live, gone = (", ".join(f"'{state}'" for state in states) for states in _STATUS.values())
    return rows(
        "SELECT a.id AS attendance, a.state, b.status FROM attendance a JOIN booking b ON b.id = a.booking_id WHERE "
        f"(a.state IN ({live}) AND b.status <> 'accepted') OR (a.state IN ({gone}) AND b.status <> 'cancelled') "
        "OR (a.state = 'absent' AND b.status NOT IN ('released', 'accepted'))"
    )


@invariant("I28 an attendance is of its shift's event and its person")
def _belong() -> list[str]:
    return rows(
        "SELECT a.id AS attendance FROM attendance a JOIN booking b ON b.id = a.booking_id "
        "JOIN shift s ON s.id = a.shift_id JOIN resource r ON r.id = b.resource_id "
        "JOIN person p ON p.id = a.person_id "
        "WHERE b.event_id <> s.event_id OR b.role <> 'volunteer' "
        "OR r.person_id NOT IN (p.id, COALESCE(p.merged_into_id, p.id))"
    )


@invariant("DOMAIN 8.3 a shift that can be booked has its places")
def _places() -> list[str]:
    return rows(
        "SELECT s.id AS shift FROM shift s WHERE s.state IN ('planned', 'open') AND NOT EXISTS "
        "(SELECT 1 FROM quota q WHERE q.event_id = s.event_id AND q.role = 'volunteer')"
    )


@invariant("DOMAIN 8.3 a cancelled shift is off the calendar, and nobody is booked on it")
def _cancelled() -> list[str]:
    return rows(
        "SELECT s.id AS shift FROM shift s JOIN event e ON e.id = s.event_id "
        "WHERE (s.state = 'cancelled') <> (e.status = 'cancelled') OR (s.state = 'cancelled' AND EXISTS "
        "(SELECT 1 FROM attendance a WHERE a.shift_id = s.id AND a.state IN ('booked', 'arrived')))"
    )


@invariant("a shift belongs to the local day on which it starts")
def _days() -> Iterator[str]:
    query = select(Shift.id, Shift.starts_on, Event.starts_at, Office.zone)
    query = query.join(Event, Event.id == Shift.event_id).join(Office, Office.id == Shift.office_id)
    for key, on, starts_at, zone in db.session.execute(query):
        if starts_at.astimezone(ZoneInfo(zone)).date() != on:
            yield f"shift {key} starts on another day than {on}"


@invariant("I11 what is confirmed or credited has its confirmation")
def _confirmed() -> list[str]:
    return rows(
        "SELECT a.id AS attendance, a.state FROM attendance a WHERE (a.state IN ('confirmed', 'credited')) <> "
        "EXISTS (SELECT 1 FROM confirmation c WHERE c.attendance_id = a.id AND c.undone_at IS NULL)"
    )


@invariant("I12 one span for each live credit")
def _spans() -> list[str]:
    return rows(
        "SELECT a.id AS attendance FROM attendance a WHERE "
        "(SELECT COALESCE(SUM(CASE WHEN c.kind = 'credit' THEN 1 ELSE -1 END), 0) FROM credit_entry c "
        "WHERE c.attendance_id = a.id) <> (SELECT COUNT(*) FROM credit_span x WHERE x.attendance_id = a.id)"
    )
