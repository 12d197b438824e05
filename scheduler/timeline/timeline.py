"""`rebook`: the one writer of times.

It locks the resources in id order, releases all it touches, writes, and binds again; so a swap or a move of two
sessions passes wherever its result is lawful (TRUST finding 17). A refusal lists every collision.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute

from errors import Refusal
from extensions import db
from record.act import current_act
from scheduler.timeline import guards
from scheduler.timeline.changes import Cancel, Change, Free, Move, Reassign, Retime, Take
from scheduler.timeline.models import LIVE, Booking, BookingStatus, Event, EventStatus, Quota, Resource, ResourceKind
from scheduler.timeline.sessions import LentOut, with_lent_hours

__all__ = [
    "Cancel",
    "Change",
    "Clash",
    "Collision",
    "EmptySpan",
    "Free",
    "Full",
    "LentOut",
    "Move",
    "NotOfThisOffice",
    "Reassign",
    "Retime",
    "Take",
    "constraint_of",
    "free_between",
    "live_bookings",
    "rebook",
    "resource_of",
]


@dataclass(frozen=True)
class Clash:
    """Two things that want the same resource at the same time. `title` is None where it is another office's affair."""

    resource: str
    starts_at: datetime
    ends_at: datetime
    title: str | None
    wanted: str


class Collision(Refusal):
    """Somebody or something would be in two places. `clashes` names every one, `times` the next three that suit all."""

    code = "collision"
    message = "%(who)s is already taken then."
    help = "Choose one of the times that suit everybody, or somebody else."

    def __init__(self, clashes: Sequence[Clash], times: Sequence[tuple[datetime, datetime]] = ()) -> None:
        names = "、".join(dict.fromkeys(c.resource for c in clashes))  # citation: a list of names
        super().__init__(who=names)
        self.clashes = list(clashes)
        self.times = list(times)


class Full(Refusal):
    code = "full"
    message = "All %(capacity)s places are taken."
    help = "You can join the waiting list, or choose another time."


class NotOfThisOffice(Refusal):
    code = "not_of_this_office"
    status = 422
    message = "%(who)s does not work with this office."
    help = "Add the person to the office first."


class NotAllOfThisOffice(NotOfThisOffice):
    """The database does not say which of them it was."""

    code = "not_all_of_this_office"
    message = "Not all of these people work with this office: %(who)s."


class EmptySpan(Refusal):
    code = "empty_span"
    status = 422
    message = "The end must come after the beginning."
    help = "Correct the two times."


@dataclass
class _Touched:
    """What a set of changes concerns: stored bookings, new ones, and whom to lock."""

    bookings: dict[int, Booking] = field(default_factory=dict)
    made: list[Booking] = field(default_factory=list)

    def all(self) -> list[Booking]:
        return [*self.bookings.values(), *self.made]


def rebook(*changes: Change) -> list[Booking]:
    """Carry out the changes together, or none of them. Returns the bookings made by `Take`, in order.

    Lent hours follow: whatever ends a lent booking gives its hour back, and a session that is partly lent cannot be
    moved or ended before its hours are back.

    Raises: Collision with every clash and the next times that suit; Full; NotOfThisOffice; EmptySpan; LentOut.
    """
    current_act()
    _check_spans(changes)
    _lock(changes)
    all_changes = with_lent_hours(changes)
    touched = _touched(all_changes)
    for booking in touched.bookings.values():
        booking.binds = False
    db.session.flush()
    with db.session.no_autoflush:  # what is written below binds in one go
        for change in all_changes:
            _write(change, touched)
        _refuse_clashes(touched, all_changes)
        _refuse_full(touched)
        for booking in sorted(touched.all(), key=lambda b: (b.resource_id, b.starts_at)):
            booking.binds, booking.changed_at = booking.should_bind(), current_act().at
    _bind(touched)
    return touched.made


def _check_spans(changes: Sequence[Change]) -> None:
    for change in changes:
        starts_at, ends_at = getattr(change, "starts_at", None), getattr(change, "ends_at", None)
        if starts_at is not None and ends_at is not None and starts_at >= ends_at:
            raise EmptySpan()


def _touched(changes: Sequence[Change]) -> _Touched:
    touched = _Touched()
    for change in changes:
        match change:
            case Move(event=event) | Cancel(event=event):
                live = select(Booking).where(Booking.event_id == event.id, Booking.status.in_(LIVE))
                touched.bookings.update({b.id: b for b in db.session.scalars(live)})
            case Free(booking=booking) | Retime(booking=booking) | Reassign(booking=booking):
                touched.bookings[booking.id] = booking
            case Take():
                pass
    return touched


def _lock(changes: Sequence[Change]) -> None:
    """Lock resources, then quotas, each in id order (deadlock freedom); read again what may have changed meanwhile.

    SQLite has one writer, and this transaction is it: there is nothing to lock and nothing stale.
    """
    db.session.flush()
    if db.session.connection().dialect.name == "sqlite":
        return
    bookings = _touched(changes).bookings.values()
    events = {c.event.id for c in changes if isinstance(c, Move | Cancel | Take)} | {b.event_id for b in bookings}
    resources = {b.resource_id for b in bookings} | {c.resource.id for c in changes if isinstance(c, Take | Reassign)}
    db.session.scalars(_now(Resource.id, lock=True), {"keys": resources}).all()
    db.session.scalars(_now(Quota.event_id, lock=True), {"keys": events}).all()
    db.session.scalars(_now(Event.id), {"keys": events}).all()
    if not all(isinstance(change, Take) for change in changes):
        db.session.scalars(_now(Booking.event_id), {"keys": events}).all()
        db.session.scalars(_now(Booking.id), {"keys": {b.id for b in bookings}}).all()


@cache
def _now(key: InstrumentedAttribute[int], lock: bool = False) -> Select[Any]:
    """Some rows as they are now, in id order. Asked at every booking: built once."""
    model = key.class_
    rows = select(model).where(key.in_(bindparam("keys", expanding=True))).order_by(model.id)
    return (rows.with_for_update() if lock else rows).execution_options(populate_existing=True)


def _write(change: Change, touched: _Touched) -> None:
    match change:
        case Move(event, starts_at, ends_at):
            _move(event, starts_at, ends_at, touched)
        case Take():
            touched.made.append(_make(change))
        case Free(booking, status):
            booking.status, booking.ended_at = status, current_act().at
        case Retime(booking, starts_at, ends_at, status):
            booking.starts_at, booking.ends_at, booking.status = starts_at, ends_at, status
            booking.ended_at = None
        case Reassign(booking, resource):
            booking.resource = resource
            booking.resource_id = resource.id
        case Cancel(event):
            event.status, event.changed_at = EventStatus.CANCELLED, current_act().at
            for booking in touched.bookings.values():
                if booking.event_id == event.id and booking.status in LIVE:
                    booking.status, booking.ended_at = BookingStatus.CANCELLED, current_act().at


def _move(event: Event, starts_at: datetime, ends_at: datetime, touched: _Touched) -> None:
    later, longer = starts_at - event.starts_at, ends_at - event.ends_at
    for booking in touched.bookings.values():
        if booking.event_id == event.id and booking.status in LIVE:
            booking.starts_at += later
            booking.ends_at += longer
            if booking.whole_starts_at is not None and booking.whole_ends_at is not None:
                booking.whole_starts_at += later
                booking.whole_ends_at += longer
            if booking.starts_at >= booking.ends_at:
                raise EmptySpan()
    event.starts_at, event.ends_at, event.changed_at = starts_at, ends_at, current_act().at


def _make(take: Take) -> Booking:
    booking = Booking(
        event=take.event,
        event_id=take.event.id,
        office_id=take.event.office_id,
        resource=take.resource,
        resource_id=take.resource.id,
        role=take.role,
        status=take.status,
        starts_at=take.starts_at or take.event.starts_at - timedelta(minutes=take.buffer_before),
        ends_at=take.ends_at or take.event.ends_at + timedelta(minutes=take.buffer_after),
        buffer_before=take.buffer_before,
        buffer_after=take.buffer_after,
        piece_of_id=take.piece_of.id if take.piece_of else None,
        lent_from_id=take.lent_from.id if take.lent_from else None,
        binds=False,
    )
    db.session.add(booking)
    return booking


def _bind(touched: _Touched) -> None:
    binding = (b.resource for b in touched.all() if b.binds)
    people = list(dict.fromkeys(one.name for one in binding if one.kind == ResourceKind.PERSON))
    try:
        db.session.flush()
    except IntegrityError as trouble:
        raise _told(constraint_of(trouble), people) from trouble


def _told(constraint: str, people: Sequence[str]) -> Refusal:
    """What a refusal of the database means where nothing was found before: a rival who did not go through `rebook`."""
    if constraint == guards.KNOWN:
        names = "、".join(people)  # citation: a list of names
        return NotOfThisOffice(who=names) if len(people) == 1 else NotAllOfThisOffice(who=names)
    if constraint.startswith("ck_quota"):
        return Full(capacity="")
    return Collision([])


def constraint_of(trouble: IntegrityError) -> str:
    """The name of the constraint or guard that refused, alike on both engines."""
    diagnosis = getattr(trouble.orig, "diag", None)
    if diagnosis is not None:
        return str(diagnosis.constraint_name or "")
    return str(trouble.orig).removeprefix("CHECK constraint failed: ")


def _refuse_clashes(touched: _Touched, changes: Sequence[Change]) -> None:
    binding = [b for b in touched.all() if b.should_bind()]
    clashes = _among_themselves(binding) + _with_others(binding)
    if not clashes:
        return
    from scheduler.timeline.slots import next_times

    span = next(((c.starts_at, c.ends_at) for c in changes if isinstance(c, Move)), None)
    starts_at, ends_at = span or (binding[0].event.starts_at, binding[0].event.ends_at)
    times = next_times({b.resource_id for b in binding}, ends_at - starts_at, after=starts_at)
    raise Collision(clashes, times)


def _among_themselves(binding: list[Booking]) -> list[Clash]:
    ordered = sorted(binding, key=lambda b: (b.resource_id, b.starts_at, b.ends_at))
    return [
        Clash(b.resource.name, a.starts_at, a.ends_at, a.event.title, b.event.title)
        for i, a in enumerate(ordered)
        for b in ordered[i + 1 :]
        if a.resource_id == b.resource_id and a.starts_at < b.ends_at and b.starts_at < a.ends_at
    ]


def _with_others(binding: list[Booking]) -> list[Clash]:
    if not binding:
        return []
    around = {"first": min(b.starts_at for b in binding), "last": max(b.ends_at for b in binding)}
    rivals = db.session.scalars(_rivals(), {"resources": {b.resource_id for b in binding}, **around})
    return [_clash(rival, b) for rival in rivals for b in binding if _overlap(rival, b)]


@cache
def _rivals() -> Select[Booking]:
    """Whatever binds some resources within a span."""
    during = Booking.starts_at < bindparam("last"), Booking.ends_at > bindparam("first")
    theirs = select(Booking).where(Booking.binds, Booking.resource_id.in_(bindparam("resources", expanding=True)))
    return theirs.where(*during).order_by(Booking.starts_at, Booking.id)


def _overlap(a: Booking, b: Booking) -> bool:
    return a.resource_id == b.resource_id and a.starts_at < b.ends_at and b.starts_at < a.ends_at


def _clash(rival: Booking, ours: Booking) -> Clash:
    """What may be said of the rival: nothing but the time if he is another office's (T35)."""
    elsewhere = rival.office_id != ours.office_id
    title = None if elsewhere else rival.event.title
    return Clash(ours.resource.name, rival.starts_at, rival.ends_at, title, ours.event.title)


def _refuse_full(touched: _Touched) -> None:
    events = {b.event_id for b in touched.all() if b.should_bind()}
    for quota in db.session.scalars(_now(Quota.event_id), {"keys": events}):
        wanted = sum(b.should_bind() for b in touched.all() if b.event_id == quota.event_id and b.role == quota.role)
        if quota.taken + wanted > quota.capacity:
            raise Full(capacity=quota.capacity)


def resource_of(person: Any) -> Resource:
    """The person's resource; made on first use, within the act at hand."""
    found = db.session.scalar(select(Resource).filter_by(person_id=person.id))
    if found is None:
        found = Resource(kind="person", name=person.name, person_id=person.id)
        db.session.add(found)
        db.session.flush()
    return found


def live_bookings(event: Event, role: str | None = None) -> list[Booking]:
    """The live bookings of an event, oldest first."""
    query = select(Booking).where(Booking.event_id == event.id, Booking.status.in_(LIVE)).order_by(Booking.id)
    return list(db.session.scalars(query if role is None else query.where(Booking.role == role)))


def free_between(resource_ids: Iterable[int], starts_at: datetime, ends_at: datetime) -> set[int]:
    """Those of the resources that nothing binds in the span."""
    ids = set(resource_ids)
    taken = select(Booking.resource_id).where(
        Booking.binds, Booking.resource_id.in_(ids), Booking.starts_at < ends_at, Booking.ends_at > starts_at
    )
    return ids - set(db.session.scalars(taken))
