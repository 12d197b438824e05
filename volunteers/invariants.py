"""What `flask verify-db` asks of attendances, confirmations and the ledger (TRUST section 3)."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from sqlalchemy import select

from accounts.models import Office
from extensions import db
from record.invariants import invariant, rows
from scheduler.timeline.models import Event
from volunteers.models.shifts import Shift

_READ_THROUGH = "JOIN person p ON p.id = e.person_id"
_WHO = "COALESCE(p.merged_into_id, p.id)"


@invariant("I09 no more minutes confirmed than served")
def _minutes() -> list[str]:
    return rows(
        "SELECT c.id AS confirmation FROM confirmation c JOIN shift s ON s.id = c.shift_id "
        "WHERE c.minutes > s.minutes OR c.shift_minutes <> s.minutes"
    )


@invariant("I11 every credit has its confirmation")
def _confirmed() -> list[str]:
    """Of the same attendance and person, and standing."""
    return rows(
        f"SELECT e.id AS credit FROM credit_entry e {_READ_THROUGH} LEFT JOIN confirmation c "
        "ON c.id = e.confirmation_id AND c.attendance_id = e.attendance_id "
        f"AND c.person_id = {_WHO} AND c.undone_at IS NULL WHERE c.id IS NULL"
    )


@invariant("I11 every credit is of its assessment's person")
def _his_own() -> list[str]:
    return rows(
        f"SELECT e.id AS credit FROM credit_entry e {_READ_THROUGH} JOIN assessment a ON a.id = e.assessment_id "
        f"WHERE a.person_id <> {_WHO}"
    )


@invariant("I12 one span for each live credit")
def _spans() -> list[str]:
    live = (
        "SELECT e.attendance_id FROM credit_entry e WHERE e.kind = 'credit' "
        "AND NOT EXISTS (SELECT 1 FROM credit_entry r WHERE r.reverses_id = e.id)"
    )
    return rows(
        f"SELECT attendance_id AS without_span FROM ({live}) AS a "
        "WHERE attendance_id NOT IN (SELECT attendance_id FROM credit_span) "
        f"UNION ALL SELECT attendance_id FROM credit_span WHERE attendance_id NOT IN ({live})"
    )


@invariant("I13 nobody is credited twice for a minute")
def _overlaps() -> list[str]:
    return rows(
        "SELECT a.attendance_id AS one, b.attendance_id AS other FROM credit_span a JOIN credit_span b "
        "ON a.person_id = b.person_id AND a.attendance_id < b.attendance_id "
        "AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
    )


@invariant("I13 the span of a credit is its attendance's person's")
def _whose_spans() -> list[str]:
    return rows(
        "SELECT s.attendance_id AS span FROM credit_span s JOIN attendance a ON a.id = s.attendance_id "
        "WHERE s.person_id <> a.person_id"
    )


@invariant("I15 who confirmed was posted to the shift, and is not the person")
def _officers() -> list[str]:
    return rows(
        "SELECT c.id AS confirmation FROM confirmation c WHERE c.by_id = c.person_id OR NOT EXISTS "
        "(SELECT 1 FROM posting p WHERE p.shift_id = c.shift_id AND p.person_id = c.by_id)"
    )


@invariant("I44 nothing is credited before it is final")
def _final() -> list[str]:
    return rows("SELECT id AS credit FROM credit_entry WHERE kind = 'credit' AND credited_at < final_at")


@invariant("I08 an attendance stands where its confirmation and its credit say")
def _states() -> list[str]:
    standing = "SELECT 1 FROM confirmation c WHERE c.attendance_id = a.id AND c.undone_at IS NULL"
    credited = "SELECT 1 FROM credit_entry e WHERE e.attendance_id = a.id AND e.kind = 'credit'"
    return rows(
        "SELECT a.id AS attendance, a.state FROM attendance a WHERE "
        f"(a.state = 'confirmed') <> (EXISTS ({standing}) AND NOT EXISTS ({credited})) "
        f"OR (a.state = 'credited') <> EXISTS ({credited})"
    )


@invariant("I47 a volunteer's booking follows his attendance")
def _bookings() -> list[str]:
    """SETTLED 5; a missed shift that was excused keeps its past booking."""
    return rows(
        "SELECT a.id AS attendance, a.state, b.status FROM attendance a JOIN booking b ON b.id = a.booking_id WHERE "
        "(a.state IN ('booked', 'arrived', 'left', 'confirmed', 'credited', 'no_show') AND b.status <> 'accepted') "
        "OR (a.state = 'cancelled' AND b.status <> 'cancelled') "
        "OR (a.state = 'absent' AND b.status NOT IN ('released', 'accepted'))"
    )


@invariant("I28 an attendance is of its shift's event and its person")
def _belong() -> list[str]:
    return rows(
        "SELECT a.id AS attendance FROM attendance a JOIN booking b ON b.id = a.booking_id "
        "JOIN shift s ON s.id = a.shift_id JOIN resource r ON r.id = b.resource_id "
        "WHERE b.event_id <> s.event_id OR b.role <> 'volunteer' OR r.person_id IS NULL OR r.person_id <> a.person_id"
    )


@invariant("D-28 a code that was not taken names nobody of another office")
def _attempts() -> list[str]:
    return rows(
        "SELECT t.id AS attempt FROM scan_attempt t JOIN attendance a ON a.id = t.attendance_id "
        "WHERE a.office_id <> t.office_id"
    )


@invariant("D-28 who says that he is there has the code of an officer of his shift")
def _claims() -> list[str]:
    """An officer entered twice is read through the row that stays (SETTLED 16)."""
    return rows(
        "SELECT c.id AS claim FROM presence_claim c JOIN attendance a ON a.id = c.attendance_id "
        f"JOIN person p ON p.id = c.officer_id WHERE a.office_id <> c.office_id OR NOT EXISTS "
        f"(SELECT 1 FROM posting o WHERE o.shift_id = a.shift_id AND o.person_id IN ({_WHO}, p.id))"
    )


@invariant("I14 a day's booked minutes are those of its bookings, and no more than it may have")
def _booked_days() -> list[str]:
    return rows(
        "SELECT d.attendance_id AS attendance, d.falls_on FROM booked_day d JOIN attendance a "
        "ON a.id = d.attendance_id WHERE a.state IN ('cancelled', 'absent') OR d.person_id <> a.person_id "
        "UNION ALL SELECT MAX(d.attendance_id), d.falls_on FROM booked_day d GROUP BY d.person_id, d.falls_on "
        "HAVING SUM(d.minutes) > MAX(d.most)"
    )


@invariant("DOMAIN 8.5 hours that a signature changed are those of the last supplement")
def _signed_hours() -> list[str]:
    return rows(
        "SELECT a.id AS assessment FROM assessment a JOIN supplement s ON s.assessment_id = a.id "
        "WHERE s.id = (SELECT MAX(t.id) FROM supplement t WHERE t.assessment_id = a.id) "
        "AND s.minutes_after <> a.required_minutes"
    )


@invariant("DOMAIN 8.5 nobody serves by the program without a signature and a scheme")
def _signed() -> list[str]:
    return rows(
        "SELECT id AS assessment FROM assessment WHERE origin = 'program' AND state IN ('serving', 'hours_complete') "
        "AND (consented_on IS NULL OR scheme_id IS NULL OR told_on IS NULL OR started_on IS NULL)"
    )


@invariant("DOMAIN 8.3 a shift that can be booked has its places")
def _places() -> list[str]:
    return rows(
        "SELECT s.id AS shift FROM shift s WHERE s.state IN ('planned', 'open') AND NOT EXISTS "
        "(SELECT 1 FROM quota q WHERE q.event_id = s.event_id AND q.role = 'volunteer')"
    )


@invariant("SETTLED 21 a place added for a walk-in is nobody else's")
def _added_places() -> list[str]:
    return rows(
        "SELECT s.id AS shift FROM shift s JOIN quota q ON q.event_id = s.event_id AND q.role = 'volunteer' "
        "WHERE q.capacity - q.extra < (SELECT COUNT(*) FROM attendance a JOIN booking b ON b.id = a.booking_id "
        "WHERE a.shift_id = s.id AND NOT a.extra AND b.binds)"
    )


@invariant("DOMAIN 8.3 a stopped shift ends when it was stopped, and expects nobody")
def _stopped() -> list[str]:
    return rows(
        "SELECT s.id AS shift FROM shift s JOIN event e ON e.id = s.event_id WHERE s.stopped_at IS NOT NULL "
        "AND (s.stopped_at <> e.ends_at OR EXISTS "
        "(SELECT 1 FROM attendance a WHERE a.shift_id = s.id AND a.state = 'booked'))"
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
