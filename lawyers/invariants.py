"""What `flask verify-db` asks of duties, and what a change of the calendar hits (TRUST I39; DOMAIN C-15)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from accounts.models import Membership, Office
from accounts.presenting import dated
from extensions import db
from lawyers.actions.rota import ended_places, local_day
from lawyers.models import Duty, DutyState, LawyerEntry, Rota, RotaState
from lawyers.rules.opening import opening_days
from record.invariants import invariant, rows
from scheduler.deadlines.calendar import Hit, calendars, hit_by_calendar
from scheduler.deadlines.working_days import Calendar, Day
from scheduler.timeline.models import Booking, BookingRole, BookingStatus, Resource


@invariant("I47 a published duty has its bookings, a draft none")
def _bookings() -> Iterator[str]:
    """One whole session, lent or not, for each of its sessions, and all of its lawyer's."""
    whole = or_(Booking.status == BookingStatus.ACCEPTED, Booking.whole_starts_at.is_not(None))
    roots = (
        select(Booking.event_id, func.count().label("sessions"), func.min(Resource.person_id).label("who"))
        .join(Resource, Booking.resource_id == Resource.id)
        .where(Booking.role == BookingRole.DUTY_LAWYER, Booking.piece_of_id.is_(None), whole)
        .where(Booking.status != BookingStatus.CANCELLED)
        .group_by(Booking.event_id, Resource.person_id)
        .subquery()
    )
    query = (
        select(Duty.id, Duty.sessions, roots.c.sessions)
        .join(LawyerEntry, Duty.lawyer_id == LawyerEntry.id)
        .join(Membership, LawyerEntry.membership_id == Membership.id)
        .outerjoin(roots, (roots.c.event_id == Duty.event_id) & (roots.c.who == Membership.person_id))
        .where(Duty.state == DutyState.PUBLISHED)
    )
    for key, sessions, booked in db.session.execute(query):
        if len(sessions.split("+")) != (booked or 0):
            yield f"duty {key} has {booked or 0} bookings for {sessions}"


@invariant("I38 one rota in force for a station and time")
def _versions() -> list[str]:
    return rows(
        "SELECT d.id AS duty FROM duty d JOIN rota r ON r.id = d.rota_id "
        "WHERE d.state IN ('published', 'uncovered') AND r.state <> 'published' "
        "UNION ALL SELECT d.id FROM duty d JOIN rota r ON r.id = d.rota_id "
        "WHERE d.state = 'planned' AND r.state NOT IN ('draft', 'discarded')"
    )


@invariant("I39 no duty on a closed day unless marked")
def _closed_days() -> Iterator[str]:
    query = select(Duty.id, Duty.serves_on, Duty.office_id).join(Rota)
    unmarked = query.where(Rota.provisional.is_(False), Duty.on_day_off.is_(False))
    found = db.session.execute(unmarked.where(Duty.state == DutyState.PUBLISHED).order_by(Duty.id)).all()
    known = calendars({office_id for _, _, office_id in found})
    for key, on, office_id in found:
        if not known[office_id].is_working_day(on):
            yield f"duty {key} on {on}"


@hit_by_calendar
def duties_on_days_off(office: Office, changed: Mapping[date, Day], calendar: Calendar) -> Iterable[Hit]:
    """Published duties on days that are off now (C-15)."""
    off = [on for on in changed if not calendar.is_working_day(on)]
    query = (
        select(Duty)
        .join(Rota)
        .options(joinedload(Duty.rota).joinedload(Rota.station))
        .where(Duty.office_id == office.id, Rota.state == RotaState.PUBLISHED, Duty.serves_on.in_(off))
        .where(Duty.state.in_([DutyState.PUBLISHED, DutyState.UNCOVERED]))
        .order_by(Duty.serves_on, Duty.number)
    )
    return [
        Hit(
            _l("Duty at %(station)s on %(on)s", station=duty.rota.station.name, on=dated(duty.serves_on)),
            _l("The day is off now."),
            url_for("rota.show", public_id=duty.rota.public_id),
        )
        for duty in db.session.scalars(query)
    ]


@hit_by_calendar
def openings_without_duty(office: Office, changed: Mapping[date, Day], calendar: Calendar) -> Iterable[Hit]:
    """Days of published rotas on which the station opens now and nobody was asked for (C-15)."""
    if not changed:
        return []
    query = select(Rota).options(joinedload(Rota.station), selectinload(Rota.duties))
    query = query.where(Rota.office_id == office.id, Rota.state == RotaState.PUBLISHED)
    query = query.where(Rota.first_on <= max(changed), Rota.last_on >= min(changed)).order_by(Rota.first_on, Rota.id)
    return [
        Hit(
            _l("%(station)s opens on %(on)s", station=rota.station.name, on=dated(on)),
            _l("The rota in force has no duty on that day."),
            url_for("rota.show", public_id=rota.public_id),
        )
        for rota in db.session.scalars(query)
        for on in _openings_left_out(rota, calendar)
    ]


def _openings_left_out(rota: Rota, calendar: Calendar) -> list[date]:
    """Opening days since its publishing that a rota knows nothing of; what was ended for good is known."""
    station = rota.station
    closed = {closure.closed_on for closure in station.closures}
    standing = {duty.serves_on for duty in rota.duties if duty.state != DutyState.CANCELLED}
    known = standing | {on for on, _ in ended_places(rota)}
    assert rota.published_at is not None  # it is in force
    since = max(rota.first_on, local_day(station, rota.published_at))
    openings = opening_days(station.preset, station.weekday, (rota.first_on, rota.last_on), calendar, closed)
    return [opening.on for opening in openings if opening.on >= since and opening.on not in known]
