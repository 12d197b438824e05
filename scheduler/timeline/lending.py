"""Lending: an hour of somebody's duty goes to a hearing and comes back (DOMAIN L-24, I42).

The root booking keeps the whole interval of its session. What is lent and what stays cover it without gap or overlap.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select

from errors import Refusal
from extensions import db
from record.invariants import invariant, rows
from scheduler.timeline.models import LIVE, Booking, BookingStatus, Event
from scheduler.timeline.timeline import Change, Free, Retime, Take, rebook


class NotInTheSession(Refusal):
    code = "not_in_the_session"
    status = 422
    message = "The time to be lent does not lie within the duty."
    help = "Choose a time within the duty, or somebody else."


class LentAlready(Refusal):
    code = "lent_already"
    message = "Part of this time is already lent."
    help = "Choose another time of the duty."


def lend(root: Booking, starts_at: datetime, ends_at: datetime, to: Event, role: str) -> Booking:
    """Give part of a session to another event. Returns the booking there.

    Raises: NotInTheSession, LentAlready, Collision.
    """
    whole = _whole(root)
    if not whole[0] <= starts_at < ends_at <= whole[1]:
        raise NotInTheSession()
    lent = _lent(root)
    if any(b.starts_at < ends_at and starts_at < b.ends_at for b in lent):
        raise LentAlready()
    root.whole_starts_at, root.whole_ends_at = whole
    spans = [(b.starts_at, b.ends_at) for b in lent] + [(starts_at, ends_at)]
    take = Take(to, root.resource, role, starts_at=starts_at, ends_at=ends_at, lent_from=root)
    return rebook(*_relaid(root, spans), take)[-1]


def give_back(lent: Booking) -> None:
    """Return what was lent to the session it came from."""
    root = db.session.get_one(Booking, lent.lent_from_id)
    spans = [(b.starts_at, b.ends_at) for b in _lent(root) if b is not lent]
    rebook(Free(lent, BookingStatus.RELEASED), *_relaid(root, spans))


def _whole(root: Booking) -> tuple[datetime, datetime]:
    return root.whole_starts_at or root.starts_at, root.whole_ends_at or root.ends_at


def _lent(root: Booking) -> list[Booking]:
    live = select(Booking).where(Booking.lent_from_id == root.id, Booking.status.in_(LIVE))
    return list(db.session.scalars(live.order_by(Booking.starts_at)))


def _relaid(root: Booking, lent: list[tuple[datetime, datetime]]) -> list[Change]:
    """The changes that lay the pieces of a session around what is lent; the root is the first piece."""
    stays: list[tuple[datetime, datetime]] = []
    start, end = _whole(root)
    for a, b in sorted(lent):
        if start < a:
            stays.append((start, a))
        start = b
    if start < end:
        stays.append((start, end))
    mine = or_(Booking.id == root.id, Booking.piece_of_id == root.id)
    pieces = list(db.session.scalars(select(Booking).where(mine).order_by(Booking.id)))
    changes: list[Change] = [Retime(piece, *span) for piece, span in zip(pieces, stays, strict=False)]
    changes += [Free(piece, BookingStatus.RELEASED) for piece in pieces[len(stays) :]]
    changes += [
        Take(root.event, root.resource, root.role, starts_at=a, ends_at=b, piece_of=root)
        for a, b in stays[len(pieces) :]
    ]
    return changes


@invariant("I42 lent and kept cover the session")
def _covers() -> list[str]:
    """A live session's pieces and what is lent from it add up to the whole; they cannot overlap (I02)."""
    if db.session.connection().dialect.name == "sqlite":
        seconds = "strftime('%s', {b}) - strftime('%s', {a})"
    else:
        seconds = "extract(epoch FROM {b} - {a})"
    kept = seconds.format(a="b.starts_at", b="b.ends_at")
    whole = seconds.format(a="r.whole_starts_at", b="r.whole_ends_at")
    return rows(
        f"SELECT r.id AS booking FROM booking r JOIN event e ON e.id = r.event_id JOIN booking b ON b.binds "
        f"AND (b.id = r.id OR b.piece_of_id = r.id OR b.lent_from_id = r.id) "
        f"WHERE r.whole_starts_at IS NOT NULL AND e.status <> 'cancelled' "
        f"GROUP BY r.id, r.whole_starts_at, r.whole_ends_at HAVING sum({kept}) <> {whole}"
    )
