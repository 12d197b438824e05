"""The timeline's part in merging two rows of one person (SETTLED 16): his bookings move through `rebook`.

A booking keeps its id, so that what hangs on it (attendances, credits, loans) hangs on it still. Two that overlap are
named and refused. Where only the row that goes was ever on the timeline, its resource goes over whole.
"""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from accounts.actions.following import Obstacle, move, obstacles, stays_with_row
from accounts.actions.merging import Plan, foresees, moves_with_person
from accounts.actions.people import follows_person
from accounts.models import Person
from accounts.trail import table_in_words
from errors import N_
from extensions import db
from record.guards import Guard, refuse_pg, register
from record.invariants import invariant, rows
from scheduler.timeline.models import Booking, Resource
from scheduler.timeline.timeline import Reassign, rebook

NOBODY_MERGED = "booking_of_nobody_merged"

stays_with_row("resource", "booking")


@foresees
def plan(kept: Person, other: Person, office_ids: set[int]) -> Plan:
    """How many bookings move, and which of them overlap with one of the row that stays."""
    ours, theirs = _resource(kept), _resource(other)
    if theirs is None:
        return Plan()
    shown = select(func.count(Booking.id)).where(Booking.resource_id == theirs.id, Booking.office_id.in_(office_ids))
    moves = [(table_in_words("booking"), db.session.scalar(shown) or 0)]
    if ours is None:
        return Plan([(word, n) for word, n in moves if n])
    stand = [*_overlaps(ours, theirs, office_ids), *obstacles(Resource, ours.id, theirs.id, office_ids)]
    return Plan([(word, n) for word, n in moves if n], stand)


@moves_with_person
def move_bookings(kept: Person, other: Person, at: datetime) -> None:
    """Raises: Collision with every clash, where somebody booked meanwhile."""
    ours, theirs = _resource(kept), _resource(other)
    if theirs is None:
        return
    if ours is None:
        theirs.person_id, theirs.name = kept.id, kept.name
        return
    both = select(Resource.id).where(Resource.id.in_([ours.id, theirs.id])).order_by(Resource.id)
    db.session.execute(both.with_for_update())  # whoever books the row that goes meanwhile is seen, or refused after
    booked = db.session.scalars(select(Booking).where(Booking.resource_id == theirs.id).order_by(Booking.id)).all()
    rebook(*(Reassign(booking, ours) for booking in booked))
    move(Resource, ours.id, theirs.id)
    theirs.active = False


@follows_person
def rename_resource(person: Person) -> None:
    """A person's resource has the person's name."""
    resource = _resource(person)
    if resource is not None and resource.name != person.name:
        resource.name = person.name


def _resource(person: Person) -> Resource | None:
    return db.session.scalar(select(Resource).where(Resource.person_id == person.id))


def _overlaps(ours: Resource, theirs: Resource, office_ids: set[int]) -> list[Obstacle]:
    mine, yours = aliased(Booking), aliased(Booking)
    pairs = (
        select(mine, yours)
        .where(mine.resource_id == ours.id, yours.resource_id == theirs.id, mine.binds, yours.binds)
        .where(mine.starts_at < yours.ends_at, yours.starts_at < mine.ends_at)
        .order_by(mine.starts_at, mine.id, yours.id)
    )
    return [
        Obstacle(
            N_("At the same time, from %(starts_at)s: %(one)s, and %(two)s."),
            {
                "starts_at": max(a.starts_at, b.starts_at),
                "one": _title(a, office_ids),
                "two": _title(b, office_ids),
            },
        )
        for a, b in db.session.execute(pairs)
    ]


def _title(booking: Booking, office_ids: set[int]) -> str:
    """Nothing is said of another office's affair (T35)."""
    return booking.event.title if booking.office_id in office_ids else gettext("occupied elsewhere")


@invariant("I02 a row that was merged into another is nowhere")
def _nowhere() -> list[str]:
    return rows(
        "SELECT b.id AS booking FROM booking b JOIN resource r ON r.id = b.resource_id "
        "JOIN person p ON p.id = r.person_id WHERE b.binds AND p.merged_into_id IS NOT NULL"
    )


_GONE = (
    "NEW.binds AND EXISTS (SELECT 1 FROM resource r JOIN person p ON p.id = r.person_id "
    "WHERE r.id = NEW.resource_id AND p.merged_into_id IS NOT NULL)"
)
register(
    [
        Guard(
            f"{NOBODY_MERGED}_{verb.lower()}",
            "booking",
            f"BEFORE {verb}",
            sqlite=f"WHEN {_GONE} BEGIN SELECT RAISE(ABORT, '{NOBODY_MERGED}'); END",
            postgresql=refuse_pg(NOBODY_MERGED, _GONE) + " RETURN NEW;",
        )
        for verb in ("INSERT", "UPDATE")
    ]
)
