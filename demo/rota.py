"""The demonstration office's station, and the rotas of this month and the next."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from accounts.models import Membership, Office, Organisation, Person, Role
from extensions import db
from lawyers.actions.publishing import publish_rota
from lawyers.actions.rota import NeverOpen, asked_of, draft_rota, fill_rota
from lawyers.actions.station import open_station
from lawyers.models import Station


def plan(cast: dict[str, Any], office: Office, at: datetime, today: date) -> None:
    """Open the station of the cast, generate what is left of this month and all of the next, and publish both."""
    query = select(Person).join(Membership).where(Membership.office_id == office.id)
    coordinator = db.session.scalars(query.where(Membership.role == Role.COORDINATOR).order_by(Membership.id)).first()
    assert coordinator is not None  # the cast has one
    station = _open(cast["station"], office, coordinator, at)
    first = today.replace(day=1)
    for _ in range(2):
        following = (first + timedelta(days=32)).replace(day=1)
        _publish(station, (first, following - timedelta(days=1)), coordinator, at, today)
        first = following


def _open(facts: dict[str, Any], office: Office, by: Person, at: datetime) -> Station:
    body = select(Organisation.id).filter_by(office_id=office.id, kind="legal_aid_body").order_by(Organisation.id)
    hours = {name: time.fromisoformat(facts[name]) for name in ("am_starts", "am_ends", "pm_starts", "pm_ends")}
    told = {name: facts[name] for name in ("name", "address", "preset")}
    return open_station(office, {**told, **hours, "organisation_id": db.session.scalar(body.limit(1))}, by, at)


def _publish(station: Station, span: tuple[date, date], by: Person, at: datetime, today: date) -> None:
    from scheduler.fairness.rota import generate  # here: the solver is a tenth of the program's start

    try:
        rota = draft_rota(station, *span, by, at)
    except NeverOpen:
        return  # the last days of a month may all be days off
    asked = asked_of(rota, today)
    fill_rota(rota, generate(asked.problem), asked.made_from, by, at)
    publish_rota(rota, by, at)
