"""Who is on duty: a lawyer's own duties; today's lawyer for everybody, and the card for the door (L-10)."""

from __future__ import annotations

import uuid
from datetime import date

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from accounts import access
from accounts.access import NotFound
from accounts.models import Office
from accounts.presenting import dated
from accounts.web import day_asked, find, needs, now, person, public, today, viewer
from extensions import db
from lawyers import on_duty
from lawyers.actions.duty import call_lawyer
from lawyers.actions.rota import local_day
from lawyers.models import Duty, Station
from lawyers.rights import CALL_LAWYER, DRAFT_ROTA, SEE_ROTA
from scheduler.rights import REQUEST_ABSENCE
from scheduler.timeline.models import Event

bp = Blueprint("duties", __name__)
FEED = "feeds.mine"


@bp.get("/duties")
@needs(SEE_ROTA)
def mine() -> ResponseReturnValue:
    """The viewer's own duties from today on, the next one first; below, those he has given up."""
    duties = on_duty.duties_of(person().id, today())
    names = {duty.id: on_duty.stands_in_for(duty) for duty in duties}
    return render_template(
        "lawyers/duties.html",
        duties=duties,
        days=(duties[0].serves_on - today()).days if duties else None,
        hours={duty.id: on_duty.hours_of(duty) for duty in duties},
        stands_in={key: name for key, name in names.items() if name},
        given_up=on_duty.given_up_by(person().id, today()),
        feed=url_for(FEED) if FEED in current_app.view_functions else None,
        may_ask=access.holds(viewer(), REQUEST_ABSENCE),
    )


@bp.get("/duties/events/<uuid:public_id>")
@needs(SEE_ROTA)
def of_event(public_id: uuid.UUID) -> ResponseReturnValue:
    """Where an event of the calendar leads: the day for whoever drafts, the month for the others."""
    seen = access.listed(viewer(), Duty, SEE_ROTA).join(Event, Duty.event_id == Event.id)
    duty = db.session.scalar(seen.where(Event.public_id == public_id))
    if duty is None:
        raise NotFound()
    if duty.serves_on >= today() and access.may(viewer(), DRAFT_ROTA, duty):
        return redirect(url_for("cells.show", public_id=duty.rota.public_id, on=duty.serves_on))
    return redirect(url_for("rota.show", public_id=duty.rota.public_id))


@bp.post("/duties/<uuid:public_id>/call")
@needs(CALL_LAWYER)
def call(public_id: uuid.UUID) -> ResponseReturnValue:
    """The number of today's lawyer, ready to be pressed; each look is an act."""
    duty = find(Duty, public_id, may=CALL_LAWYER)
    phone = call_lawyer(duty, person(), now())
    fragment = request.headers.get("HX-Request") == "true"
    return render_template("lawyers/_call.html" if fragment else "lawyers/call.html", duty=duty, phone=phone)


@bp.get("/duty/today")
@public
def now_on_duty() -> ResponseReturnValue:
    """Today's lawyers at each station: name, firm, hours, mode; nothing else of anybody (L-10)."""
    query = select(Station).join(Office).options(contains_eager(Station.office)).where(Station.active)
    stations = list(db.session.scalars(query.order_by(Office.name, Station.name)))
    return render_template(
        "lawyers/duty_today.html",
        stations=[(s, _there(s, local_day(s, now()))) for s in stations],
        hours=on_duty.hours_at,
    )


def _there(station: Station, on: date) -> list[Duty]:
    return on_duty.on_day([station.id], on).get(station.id, [])


@bp.get("/duty/today/<uuid:public_id>")
@public
def card(public_id: uuid.UUID) -> ResponseReturnValue:
    """The card for the station's door; `?on=` prints another day's, for whoever may see the rota."""
    station = db.session.scalar(select(Station).where(Station.public_id == public_id, Station.active))
    if station is None:
        raise NotFound()
    at_station = local_day(station, now())
    asked = day_asked(request.args.get("on", ""))
    on = asked if asked and current_user.is_authenticated and access.may(viewer(), SEE_ROTA, station) else at_station
    return render_template(
        "lawyers/door_card.html",
        station=station,
        on=on,
        today=at_station,
        duties=_there(station, on),
        hours=on_duty.hours_at,
        office=station.office,
        printed_at=dated(now()),
    )
