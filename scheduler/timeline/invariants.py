"""The timeline's invariants as `flask verify-db` asks them (TRUST section 3)."""

from __future__ import annotations

from sqlalchemy import or_, select

from extensions import db
from record.invariants import invariant, rows
from record.models import Act
from scheduler.timeline.models import SHOULD_BIND, Booking, Event


@invariant("I01 I02 nobody and nothing is in two places")
def _one_place() -> list[str]:
    return rows(
        "SELECT a.id AS booking, b.id AS rival, a.resource_id AS resource FROM booking a JOIN booking b "
        "ON a.resource_id = b.resource_id AND a.id < b.id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at "
        "WHERE a.binds AND b.binds"
    )


@invariant("I04 I05 as many places taken as bookings bind")
def _quotas() -> list[str]:
    return rows(
        "SELECT q.id AS quota, q.taken AS taken, count(b.id) AS bound, q.capacity AS capacity FROM quota q "
        "LEFT JOIN booking b ON b.event_id = q.event_id AND b.role = q.role AND b.binds "
        "GROUP BY q.id, q.taken, q.capacity HAVING q.taken <> count(b.id) OR q.taken > q.capacity"
    )


@invariant("I47 what should bind binds")
def _binds() -> list[str]:
    return rows(f"SELECT id AS booking FROM booking WHERE binds <> {SHOULD_BIND}")


@invariant("I28 a row of an office stays there")
def _offices() -> list[str]:
    return rows(
        "SELECT b.id AS booking FROM booking b JOIN event e ON e.id = b.event_id WHERE b.office_id <> e.office_id "
        "UNION ALL SELECT b.id FROM booking b JOIN resource r ON r.id = b.resource_id WHERE b.binds AND NOT "
        "(coalesce(r.office_id, -1) = b.office_id OR EXISTS (SELECT 1 FROM membership m "
        "WHERE m.person_id = r.person_id AND m.office_id = b.office_id))"
    )


@invariant("I32 everything starts before it ends")
def _spans() -> list[str]:
    return rows(
        "SELECT id AS event FROM event WHERE starts_at >= ends_at "
        "UNION ALL SELECT id FROM booking WHERE starts_at >= ends_at"
    )


@invariant("I41 a booking lies within its event")
def _within() -> list[str]:
    return rows(
        "SELECT b.id AS booking FROM booking b JOIN event e ON e.id = b.event_id "
        "WHERE b.binds AND b.role <> 'room' AND (b.starts_at < e.starts_at OR b.ends_at > e.ends_at)"
    )


@invariant("I20 every booking has its act")
def _acts() -> list[str]:
    noted = {change["row"] for changes in db.session.scalars(select(Act.changes)) for change in changes}
    found = db.session.execute(select(Booking.id, Booking.public_id))
    return [f"booking {key}" for key, public_id in found if str(public_id) not in noted]


@invariant("waiting lists are numbered without gap or double")
def _numbers() -> list[str]:
    return rows(
        "SELECT quota_id AS quota, count(*) AS people, max(number) AS last FROM waiting "
        "GROUP BY quota_id HAVING count(*) <> max(number) OR min(number) <> 1"
    )


@invariant("I42 lent and kept cover the session")
def _covers() -> list[str]:
    """A live session's pieces and what is lent from it lie within it and add up to it; they cannot overlap (I02)."""
    roots = select(Booking).join(Event).where(Booking.whole_starts_at.is_not(None), Event.status != "cancelled")
    return [f"booking {root.id}" for root in db.session.scalars(roots) if not _covered(root)]


def _covered(root: Booking) -> bool:
    mine = or_(Booking.id == root.id, Booking.piece_of_id == root.id, Booking.lent_from_id == root.id)
    parts = db.session.scalars(select(Booking).where(mine, Booking.binds).order_by(Booking.starts_at)).all()
    edges = [root.whole_starts_at, *(b.ends_at for b in parts)]
    return not parts or (edges[:-1] == [b.starts_at for b in parts] and edges[-1] == root.whole_ends_at)
