"""Sessions of which an hour can be lent: what is lent and what stays cover the whole (I42).

The root booking keeps the whole interval of its session; its pieces name it, and so does what was lent from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, or_, select

from errors import Refusal
from extensions import db
from scheduler.timeline.changes import Cancel, Change, Free, Move, Retime, Take
from scheduler.timeline.models import LIVE, Booking, BookingStatus

Span = tuple[datetime, datetime]


class LentOut(Refusal):
    """A session that is partly lent, or an event that has borrowed, cannot be moved or ended as it stands."""

    code = "lent_out"
    message = "An hour of this is lent: “%(title)s”."
    help = "Give the hour back first, then take this step again."


def whole(root: Booking) -> Span:
    return root.whole_starts_at or root.starts_at, root.whole_ends_at or root.ends_at


def lent_from(root: Booking) -> list[Booking]:
    """What is lent from a session now, in order of time."""
    live = select(Booking).where(Booking.lent_from_id == root.id, Booking.status.in_(LIVE))
    return list(db.session.scalars(live.order_by(Booking.starts_at)))


def laid_around(root: Booking, lent: Sequence[Span]) -> list[Change]:
    """The changes that lay the pieces of a session around what is lent; the root is the first piece."""
    stays: list[Span] = []
    start, end = whole(root)
    for a, b in sorted(lent):
        if start < a:
            stays.append((start, a))
        start = b
    if start < end:
        stays.append((start, end))
    mine = or_(Booking.id == root.id, Booking.piece_of_id == root.id)
    pieces = list(db.session.scalars(_as_it_is(select(Booking).where(mine).order_by(Booking.id))))
    changes: list[Change] = [Retime(piece, *span) for piece, span in zip(pieces, stays, strict=False)]
    changes += [Free(piece, BookingStatus.RELEASED) for piece in pieces[len(stays) :]]
    changes += [
        Take(root.event, root.resource, root.role, starts_at=a, ends_at=b, piece_of=root)
        for a, b in stays[len(pieces) :]
    ]
    return changes


def _as_it_is(bookings: Select[Booking]) -> Select[Booking]:
    """Read anew once their resource is locked: a rival may have laid them otherwise since they were loaded."""
    return bookings.execution_options(populate_existing=True)


def with_lent_hours(changes: Sequence[Change]) -> list[Change]:
    """The changes, and with them what they mean for lent hours. Raises: LentOut."""
    if all(isinstance(change, Take) for change in changes):
        return list(changes)
    ended = _ended(changes)
    relaid = {c.booking.id for c in changes if isinstance(c, Retime)}
    for booking in _moved_or_ended(changes, ended):
        if booking.id not in relaid and booking.whole_starts_at is not None:
            rest = [b for b in lent_from(booking) if b.id not in ended]
            if rest and booking.piece_of_id is None and not _relays(changes, booking):
                raise LentOut(title=rest[0].event.title)
    for change in changes:
        if isinstance(change, Move):
            _refuse_borrowed(change)
    return [*changes, *_given_back(changes, ended)]


def _ended(changes: Sequence[Change]) -> dict[int, Booking]:
    """Live bookings that the changes end, by id."""
    found: dict[int, Booking] = {}
    for change in changes:
        if isinstance(change, Free):
            found[change.booking.id] = change.booking
        elif isinstance(change, Cancel):
            live = select(Booking).where(Booking.event_id == change.event.id, Booking.status.in_(LIVE))
            found.update({b.id: b for b in db.session.scalars(live)})
    return found


def _moved_or_ended(changes: Sequence[Change], ended: dict[int, Booking]) -> list[Booking]:
    events = {c.event.id for c in changes if isinstance(c, Move | Cancel)}
    roots = select(Booking).where(Booking.event_id.in_(events), Booking.whole_starts_at.is_not(None))
    return [*ended.values(), *(b for b in db.session.scalars(roots) if b.id not in ended)]


def _relays(changes: Sequence[Change], root: Booking) -> bool:
    """Whether the changes themselves lay this session anew (a lending, or a return)."""
    return any(
        (isinstance(c, Take) and (c.lent_from is root or c.piece_of is root))
        or (isinstance(c, Free) and c.booking.lent_from_id == root.id)
        for c in changes
    )


def _refuse_borrowed(move: Move) -> None:
    borrowed = select(Booking).where(
        Booking.event_id == move.event.id, Booking.lent_from_id.is_not(None), Booking.status.in_(LIVE)
    )
    found = db.session.scalar(borrowed)
    if found is not None:
        raise LentOut(title=move.event.title)


def _given_back(changes: Sequence[Change], ended: dict[int, Booking]) -> list[Change]:
    """Lay every session anew whose lent hours end; a session that ends with them ends whole."""
    roots = {b.lent_from_id for b in ended.values() if b.lent_from_id is not None}
    cancelled = {c.event.id for c in changes if isinstance(c, Cancel)}
    added: list[Change] = []
    for root in db.session.scalars(_as_it_is(select(Booking).where(Booking.id.in_(roots)).order_by(Booking.id))):
        if root.id in ended:
            rest = select(Booking).where(Booking.piece_of_id == root.id, Booking.status.in_(LIVE))
            added += [Free(b, BookingStatus.RELEASED) for b in db.session.scalars(rest) if b.id not in ended]
        elif root.event_id not in cancelled:
            spans = [(b.starts_at, b.ends_at) for b in lent_from(root) if b.id not in ended]
            added += laid_around(root, spans)
    return added
