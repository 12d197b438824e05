"""Who is on duty: a lawyer's own duties; today's lawyer for everybody, and the card for the door (L-10)."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from accounts import access
from accounts.access import NotFound
from accounts.models import Office
from accounts.presenting import day
from accounts.web import needs, now, public, today, viewer
from extensions import db
from lawyers.actions.rota import local_day
from lawyers.models import Duty, DutyState, LawyerEntry, Rota, Station
from lawyers.rights import SEE_ROTA, own_duties
from scheduler.rights import REQUEST_ABSENCE

bp = Blueprint("duties", __name__)
FEED = "feeds.mine"


@bp.get("/duties")
@needs(SEE_ROTA)
def mine() -> ResponseReturnValue:
    """The viewer's own duties from today on, the next one first."""
    query = (
        select(Duty)
        .join(Rota)
        .options(joinedload(Duty.event), contains_eager(Duty.rota).joinedload(Rota.station))
        .where(own_duties(viewer()), Duty.state == DutyState.PUBLISHED, Duty.serves_on >= today())
        .order_by(Duty.serves_on, Duty.number)
    )
    duties = list(db.session.scalars(query))
    return render_template(
        "lawyers/duties.html",
        duties=duties,
        days=(duties[0].serves_on - today()).days if duties else None,
        sessions=session_words,
        feed=url_for(FEED) if FEED in current_app.view_functions else None,
        may_ask=access.holds(viewer(), REQUEST_ABSENCE),
    )


def session_words(duty: Duty) -> str:
    """`9:00–12:00 14:00–17:00`."""
    return " ".join(_hours(duty.rota.station, duty.sessions))


def _hours(station: Station, sessions: str) -> list[str]:
    wanted = sessions.split("+")
    return [f"{a:%H:%M}–{b:%H:%M}" for name, (a, b) in station.sessions.items() if name in wanted]


@bp.get("/duty/today")
@public
def now_on_duty() -> ResponseReturnValue:
    """Today's lawyers at each station: name, firm, hours, mode; nothing else of anybody (L-10)."""
    stations = select(Station).join(Office).options(contains_eager(Station.office)).where(Station.active)
    found = [(station, _today(station)) for station in db.session.scalars(stations.order_by(Office.name, Station.name))]
    return render_template("lawyers/duty_today.html", stations=found, hours=_hours)


def _today(station: Station, on: date | None = None) -> list[Duty]:
    """Who is on duty at a station on a day, by default today. One query."""
    member = joinedload(Duty.lawyer).joinedload(LawyerEntry.membership)
    query = (
        select(Duty)
        .join(Rota)
        .options(member)
        .where(
            Rota.station_id == station.id,
            Duty.serves_on == (on or local_day(station, now())),
            Duty.state.in_([DutyState.PUBLISHED, DutyState.UNCOVERED]),
        )
        .order_by(Duty.number)
    )
    return list(db.session.scalars(query))


@bp.get("/duty/today/<uuid:public_id>")
@public
def card(public_id: uuid.UUID) -> ResponseReturnValue:
    """The card for the station's door; `?on=` prints another day's."""
    station = db.session.scalar(select(Station).where(Station.public_id == public_id, Station.active))
    if station is None:
        raise NotFound()
    on = _asked_day(request.args.get("on", "")) or local_day(station, now())
    return render_template(
        "lawyers/door_card.html",
        station=station,
        on=on,
        duties=_today(station, on),
        hours=_hours,
        office=station.office,
        printed_at=day(now()),
    )


def _asked_day(text: str) -> Any:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
