"""Leave: asked for, it binds nothing; approved, it takes the person, once somebody has seen what it hits (8.0)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from accounts.models import Office, Person
from errors import Refusal
from extensions import db
from record.act import act
from scheduler.timeline import timeline
from scheduler.timeline.models import (
    ABSENCE,
    Absence,
    AbsenceState,
    Booking,
    BookingRole,
    BookingStatus,
    Event,
    EventStatus,
    Resource,
    Visibility,
)

KIND = "absence"
Release = Callable[[Booking, Absence, datetime], None]

_released: dict[str, Release] = {}
_whole: set[str] = set()  # kinds of which a release lets everything of the person go


class HitsUnseen(Refusal):
    """An approval must name everything that it releases; `hits` are the bookings in the way."""

    code = "hits_unseen"
    status = 409
    message = "This leave meets %(count)s commitments that nobody has released yet."
    help = "Look through the list and confirm that these commitments are released."

    def __init__(self, hits: list[Booking]) -> None:
        super().__init__(count=len(hits))
        self.hits = hits


class LeaveIsPast(Refusal):
    code = "leave_is_past"
    status = 422
    message = "This leave is over already."
    help = "Correct the days. Past leave is entered by whoever decides on it."


class LeaveOverlaps(Refusal):
    """The person has asked for some of these days already, or is on leave then."""

    code = "leave_overlaps"
    message = "Leave from %(first)s to %(last)s stands already and meets these days."
    help = "Withdraw it first, or ask only for the days that it leaves out."


def when_released(kind: str, follow: Release, *, whole: bool = False) -> None:
    """Register what follows when an approved leave releases a booking of an event of this kind.

    `whole`: the person is released from the rest of the event as well, also from hours that the leave does not meet.
    """
    _released[kind] = follow
    if whole:
        _whole.add(kind)


def request_absence(
    person: Person, office: Office, starts_at: datetime, ends_at: datetime, *, by: Person, at: datetime, why: str = ""
) -> Absence:
    """Ask for leave, or enter it for somebody, then also afterwards. Raises: EmptySpan, LeaveIsPast, LeaveOverlaps."""
    if starts_at >= ends_at:
        raise timeline.EmptySpan()
    if ends_at <= at and by.id == person.id:
        raise LeaveIsPast()
    _refuse_a_second(person, office, starts_at, ends_at)
    event = Event(
        office_id=office.id,
        kind=KIND,
        title=KIND,
        starts_at=starts_at,
        ends_at=ends_at,
        status=EventStatus.TENTATIVE,
        visibility=Visibility.PARTICIPANTS,
        changed_at=at,
    )
    absence = Absence(event=event, office_id=office.id, person_id=person.id, why=why, state=AbsenceState.REQUESTED)
    with act("absence.request", absence, by=by, at=at, reason=why):
        db.session.add_all([event, absence])
    return absence


def _refuse_a_second(person: Person, office: Office, starts_at: datetime, ends_at: datetime) -> None:
    """One day is asked for once at one office; what another office knows of him is not told here."""
    standing = (
        select(Absence)
        .join(Event, Absence.event_id == Event.id)
        .options(joinedload(Absence.event))
        .where(
            Absence.person_id == person.id,
            Absence.office_id == office.id,
            Absence.state.in_([AbsenceState.REQUESTED, AbsenceState.APPROVED]),
            Event.starts_at < ends_at,
            Event.ends_at > starts_at,
        )
        .order_by(Event.starts_at, Absence.id)
    )
    found = db.session.scalars(standing).first()
    if found is not None:
        zone = ZoneInfo(office.zone)
        first = found.event.starts_at.astimezone(zone).date()
        last = (found.event.ends_at - timedelta(microseconds=1)).astimezone(zone).date()
        raise LeaveOverlaps(first=first, last=last)


def hit_by(absence: Absence) -> list[Booking]:
    """What already binds the person within the leave, in order of time; another office's is to be named as such."""
    return hits([absence]).get(absence.id, [])


def hits(absences: Collection[Absence]) -> dict[int, list[Booking]]:
    """What each of several leaves hits, by the leave's id; with a lent hour its session, into which it would go back.

    One query, or two where an hour is lent; nothing is written.
    """
    query = (
        select(Absence.id, Booking)
        .join(Event, Absence.event_id == Event.id)
        .join(Resource, Resource.person_id == Absence.person_id)
        .join(Booking, Booking.resource_id == Resource.id)
        .options(joinedload(Booking.event).selectinload(Event.bookings))
        .where(
            Absence.id.in_([absence.id for absence in absences]),
            Booking.binds,
            Booking.starts_at < Event.ends_at,
            Booking.ends_at > Event.starts_at,
        )
        .order_by(Booking.starts_at, Booking.id)
    )
    found: dict[int, list[Booking]] = {}
    for absence_id, booking in db.session.execute(query):
        found.setdefault(absence_id, []).append(booking)
    lenders = {b.lent_from_id for some in found.values() for b in some} - {None}
    if lenders:
        sessions = select(Booking).options(joinedload(Booking.event)).where(Booking.id.in_(lenders))
        by_id = {b.id: b for b in db.session.scalars(sessions.order_by(Booking.id))}
        found = {absence_id: _with_lenders(some, by_id) for absence_id, some in found.items()}
    return found


def released_along(in_the_way: Collection[Booking]) -> dict[int, list[Booking]]:
    """What each of several hits takes with it though the leave does not meet it, by the hit's id."""
    known = {booking.id for booking in in_the_way}
    found: dict[int, list[Booking]] = {}
    for booking in in_the_way:
        if booking.event.kind not in _whole:
            continue
        mine = [b for b in booking.event.bookings if b.binds and b.resource_id == booking.resource_id]
        found[booking.id] = [b for b in mine if b.id not in known]
        known.update(b.id for b in mine)
    return found


def _with_lenders(some: list[Booking], sessions: Mapping[int, Booking]) -> list[Booking]:
    lenders = [sessions[b.lent_from_id] for b in some if b.lent_from_id is not None]
    return sorted(dict.fromkeys([*some, *lenders]), key=lambda b: (b.starts_at, b.id))


def approve_absence(
    absence: Absence, by: Person, at: datetime, *, release: Collection[int] = (), reason: str = ""
) -> None:
    """Approve leave and release what it hits; `release` holds the ids of the bookings that were seen and confirmed.

    Raises: HitsUnseen where it hits anything else; what another office booked cannot be released here.
    """
    with act("absence.approve", absence, by=by, at=at, reason=reason):
        ABSENCE.step("approve", absence)
        in_the_way = hit_by(absence)
        unseen = [b for b in in_the_way if b.id not in release or b.office_id != absence.office_id]
        if unseen:
            raise HitsUnseen(unseen)
        resource = timeline.resource_of(absence.person)
        absence.event.status = EventStatus.CONFIRMED
        free = [timeline.Free(b, BookingStatus.RELEASED) for b in in_the_way]
        timeline.rebook(*free, timeline.Take(absence.event, resource, BookingRole.ABSENCE))
        for booking in in_the_way:
            follow = _released.get(booking.event.kind)
            if follow is not None:
                follow(booking, absence, at)


def refuse_absence(absence: Absence, by: Person, at: datetime, reason: str) -> None:
    with act("absence.refuse", absence, by=by, at=at, reason=reason):
        ABSENCE.step("refuse", absence)
        timeline.rebook(timeline.Cancel(absence.event))


def withdraw_absence(absence: Absence, by: Person, at: datetime, reason: str = "") -> None:
    """Take back leave that was asked for or approved; the person is free again."""
    with act("absence.withdraw", absence, by=by, at=at, reason=reason):
        ABSENCE.step("withdraw", absence)
        timeline.rebook(timeline.Cancel(absence.event))
