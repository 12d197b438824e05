"""What `flask verify-db` asks of attendances, confirmations and the ledger (TRUST section 3)."""

from __future__ import annotations

from record.invariants import invariant, rows


@invariant("I09 no more minutes confirmed than served")
def _minutes() -> list[str]:
    return rows(
        "SELECT c.id AS confirmation FROM confirmation c JOIN shift s ON s.id = c.shift_id "
        "WHERE c.minutes > s.minutes OR c.shift_minutes <> s.minutes"
    )


@invariant("I11 every credit has its confirmation")
def _confirmed() -> list[str]:
    """Of the same attendance, standing, and by somebody posted to the shift."""
    return rows(
        "SELECT e.id AS credit FROM credit_entry e LEFT JOIN confirmation c ON c.id = e.confirmation_id "
        "AND c.attendance_id = e.attendance_id AND c.person_id = e.person_id AND c.undone_at IS NULL "
        "WHERE c.id IS NULL"
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
