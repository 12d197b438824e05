"""Who is on duty: today at a station, and one person's own duties, kept or given up (DOMAIN L-10, 8.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload

from accounts.models import Membership
from extensions import db
from lawyers.models import Duty, DutyState, LawyerEntry, Rota, RotaState, Station
from scheduler.timeline.models import LIVE, Booking, BookingRole, BookingStatus, Event, Resource

IN_FORCE = (DutyState.PUBLISHED, DutyState.UNCOVERED)


def on_day(stations: Collection[int], on: date) -> dict[int, list[Duty]]:
    """The duties in force at these stations on a day, by the station's id. One query."""
    member = joinedload(Duty.lawyer).joinedload(LawyerEntry.membership)
    query = (
        select(Duty)
        .join(Rota)
        .options(
            contains_eager(Duty.rota),
            member.joinedload(Membership.person),
            member.joinedload(Membership.organisation),
        )
        .where(Rota.station_id.in_(stations), Duty.serves_on == on, Duty.state.in_(IN_FORCE))
        .order_by(Duty.number)
    )
    found: defaultdict[int, list[Duty]] = defaultdict(list)
    for duty in db.session.scalars(query):
        found[duty.rota.station_id].append(duty)
    return dict(found)


def hours_at(station: Station, sessions: str) -> list[str]:
    """`["09:00–12:00", "14:00–17:00"]`."""
    wanted = sessions.split("+")
    return [f"{a:%H:%M}–{b:%H:%M}" for name, (a, b) in station.sessions.items() if name in wanted]


def _coming(since: date) -> Select[Duty]:
    """Duties from a day on with station, event and bookings, the next first."""
    return (
        select(Duty)
        .join(Rota)
        .options(
            joinedload(Duty.event).selectinload(Event.bookings).joinedload(Booking.resource),
            contains_eager(Duty.rota).joinedload(Rota.station),
            joinedload(Duty.lawyer).joinedload(LawyerEntry.membership).joinedload(Membership.person),
        )
        .where(Duty.serves_on >= since, Rota.state == RotaState.PUBLISHED)
        .order_by(Duty.serves_on, Duty.number)
    )


def duties_of(person_id: int, since: date) -> list[Duty]:
    """A person's duties from a day on, at whatever office."""
    his = select(LawyerEntry.id).join(Membership, LawyerEntry.membership_id == Membership.id)
    mine = Duty.lawyer_id.in_(his.where(Membership.person_id == person_id))
    return list(db.session.scalars(_coming(since).where(mine, Duty.state == DutyState.PUBLISHED)))


def given_up_by(person_id: int, since: date) -> list[Duty]:
    """Published duties from a day on that were a person's and are his no more: somebody stands in, or nobody yet."""
    once = (
        select(Booking.event_id)
        .join(Resource, Resource.id == Booking.resource_id)
        .where(
            Resource.person_id == person_id,
            Booking.role == BookingRole.DUTY_LAWYER,
            Booking.status.in_([BookingStatus.RELEASED, BookingStatus.CANCELLED]),
        )
    )
    found = db.session.scalars(_coming(since).where(Duty.event_id.in_(once)))
    return [
        duty
        for duty in found
        if duty.state == DutyState.CANCELLED or duty.lawyer is None or duty.lawyer.membership.person_id != person_id
    ]


def hours_of(duty: Duty) -> list[tuple[datetime, datetime]]:
    """The hours for which a duty's lawyer is booked, as they stand on the timeline."""
    bookings = duty.event.bookings if duty.event else []
    return sorted((b.starts_at, b.ends_at) for b in bookings if b.role == BookingRole.DUTY_LAWYER and b.status in LIVE)


def stands_in_for(duty: Duty) -> str | None:
    """Who gave the duty up before its lawyer took it; the last of them."""
    if duty.event is None or duty.lawyer is None:
        return None
    mine = duty.lawyer.membership.person_id
    gone = [
        booking
        for booking in duty.event.bookings
        if booking.status == BookingStatus.RELEASED and booking.resource.person_id != mine
    ]
    return max(gone, key=lambda booking: booking.id).resource.name if gone else None


def uncovered(stations: Collection[int], first: date, last: date) -> list[Duty]:
    """Published duties without a lawyer in these days, the next first."""
    query = (
        select(Duty)
        .join(Rota)
        .options(contains_eager(Duty.rota).joinedload(Rota.station))
        .where(Rota.station_id.in_(stations), Duty.state == DutyState.UNCOVERED, Duty.serves_on.between(first, last))
        .order_by(Duty.serves_on, Duty.number)
    )
    return list(db.session.scalars(query))


def on_days_off(stations: Collection[int], since: date) -> list[Duty]:
    """Duties in force from a day on whose days are off by now, the next first."""
    query = (
        select(Duty)
        .join(Rota)
        .options(contains_eager(Duty.rota).joinedload(Rota.station))
        .where(Rota.station_id.in_(stations), Duty.on_day_off, Duty.serves_on >= since)
        .where(Duty.state.in_([DutyState.PUBLISHED, DutyState.UNCOVERED]))
        .order_by(Duty.serves_on, Duty.number)
    )
    return list(db.session.scalars(query))
