"""Lending: an hour of somebody's duty goes to a hearing and comes back (DOMAIN L-24)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from errors import Refusal
from extensions import db
from scheduler.timeline.changes import Free, Take
from scheduler.timeline.models import Booking, BookingRole, BookingStatus, Event
from scheduler.timeline.sessions import laid_around, lent_from, whole
from scheduler.timeline.timeline import rebook


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
    session = whole(root)
    if not session[0] <= starts_at < ends_at <= session[1]:
        raise NotInTheSession()
    lent = lent_from(root)
    if any(b.starts_at < ends_at and starts_at < b.ends_at for b in lent):
        raise LentAlready()
    spans = [(b.starts_at, b.ends_at) for b in lent] + [(starts_at, ends_at)]
    take = Take(to, root.resource, role, starts_at=starts_at, ends_at=ends_at, lent_from=root)
    booked = rebook(*laid_around(root, spans), take)[-1]
    root.whole_starts_at, root.whole_ends_at = session  # only now is the row locked and known as it is
    return booked


def give_back(lent: Booking) -> None:
    """Return what was lent to the session it came from. Moving or ending what borrowed it does the same by itself."""
    rebook(Free(lent, BookingStatus.RELEASED))


def on_duty(office_id: int, starts_at: datetime, ends_at: datetime) -> list[Booking]:
    """The sessions of lawyers on duty at an office of which the whole span can be lent, in order of their numbers."""
    covering = select(Booking).where(
        Booking.office_id == office_id,
        Booking.binds,
        Booking.role == BookingRole.DUTY_LAWYER,
        Booking.lent_from_id.is_(None),
        Booking.starts_at <= starts_at,
        Booking.ends_at >= ends_at,
    )
    pieces = db.session.scalars(covering.order_by(Booking.id)).all()
    roots = {piece.piece_of_id or piece.id for piece in pieces}
    return list(db.session.scalars(select(Booking).where(Booking.id.in_(roots)).order_by(Booking.id)))
