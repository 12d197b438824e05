"""Which events somebody may see, as queries."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import selectinload

from accounts import access
from accounts.access import Viewer
from scheduler.rights import SEE_CALENDAR
from scheduler.timeline.models import LIVE, Booking, Event, EventStatus, Resource, Visibility


def takes_part(person_id: int) -> Select[int]:
    """Ids of events in which a person takes part now."""
    mine = select(Booking.event_id).join(Resource, Resource.id == Booking.resource_id)
    return mine.where(Resource.person_id == person_id, Booking.status.in_(LIVE))


def between(viewer: Viewer, starts_at: datetime, ends_at: datetime, office_id: int | None = None) -> Select[Event]:
    """Events that touch the span: the viewer's own, and those of the office that are not for participants alone."""
    own = Event.id.in_(takes_part(viewer.person.id))
    known = _known(viewer)
    if office_id is not None:
        known &= Event.office_id == office_id
    query = select(Event).where(Event.starts_at < ends_at, Event.ends_at > starts_at, or_(own, known))
    query = query.where(Event.status != EventStatus.CANCELLED)
    return query.options(selectinload(Event.bookings).joinedload(Booking.resource)).order_by(Event.starts_at, Event.id)


def of_office(
    viewer: Viewer, starts_at: datetime, ends_at: datetime, office_id: int, cancelled_since: datetime
) -> Select[Event]:
    """Events of an office that touch the span and are not for participants alone, with those cancelled lately."""
    query = select(Event).where(Event.starts_at < ends_at, Event.ends_at > starts_at)
    stands = or_(Event.status != EventStatus.CANCELLED, Event.changed_at >= cancelled_since)
    query = query.where(Event.office_id == office_id, _known(viewer), stands)
    return query.options(selectinload(Event.bookings).joinedload(Booking.resource)).order_by(Event.starts_at, Event.id)


def _known(viewer: Viewer) -> ColumnElement[bool]:
    return access.clause(viewer, Event, SEE_CALENDAR) & (Event.visibility == Visibility.OFFICE)


def own_between(viewer: Viewer, starts_at: datetime, ends_at: datetime) -> Select[Event]:
    """Events in which the viewer takes part and that touch the span."""
    query = select(Event).where(Event.starts_at < ends_at, Event.ends_at > starts_at)
    query = query.where(Event.id.in_(takes_part(viewer.person.id)), Event.status != EventStatus.CANCELLED)
    return query.options(selectinload(Event.bookings).joinedload(Booking.resource)).order_by(Event.starts_at, Event.id)


def ever_took_part(person_id: int) -> Select[Event]:
    """Events in which a person takes part or did once."""
    mine = exists().where(
        Booking.event_id == Event.id, Booking.resource_id == Resource.id, Resource.person_id == person_id
    )
    return select(Event).where(mine).options(selectinload(Event.bookings).selectinload(Booking.resource))
