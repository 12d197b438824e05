"""Stations: the list, one with its days and hours, a day on which it stays closed."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from accounts import access
from accounts.models import Office, Organisation, OrganisationKind
from accounts.rights import CHANGE_SETTINGS
from accounts.settings import rule_for
from accounts.web import find, needs, now, office_for, person, see_other, today
from extensions import db
from lawyers.actions.station import change_station, close_day, open_station, reopen_day
from lawyers.forms.station import ClosureForm, StationForm
from lawyers.models import Station
from lawyers.rules.opening import opening_days
from scheduler.deadlines.calendar import calendar_in_force

bp = Blueprint("station", __name__, url_prefix="/stations")
SHOWN_DAYS = timedelta(days=62)


@bp.get("/new")
@needs(CHANGE_SETTINGS)
def new() -> ResponseReturnValue:
    office = office_for(CHANGE_SETTINGS)
    preset = rule_for("station.preset", office, today()).amount
    return _page(office, None, StationForm(formdata=None, preset=preset, bodies=bodies_of(office)))


@bp.post("")
@needs(CHANGE_SETTINGS)
def enter() -> ResponseReturnValue:
    office = office_for(CHANGE_SETTINGS)
    form = StationForm.of(lambda form: _page(office, None, form), bodies=bodies_of(office))
    station = open_station(office, facts_of(office, form), person(), now(), form.reason.data)
    flash(gettext("“%(name)s” is opened.", name=station.name), "good")
    return see_other("station.show", public_id=station.public_id)


@bp.get("/<uuid:public_id>")
@needs(CHANGE_SETTINGS)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    station = find(Station, public_id, may=CHANGE_SETTINGS)
    return _page(station.office, station, _form_of(station))


def _form_of(station: Station) -> Any:
    whose = str(station.organisation.public_id) if station.organisation else ""
    columns = [name for name in StationForm(formdata=None).values if name not in {"organisation", "reason"}]
    stored = {name: getattr(station, name) for name in columns}
    return StationForm(formdata=None, data={**stored, "organisation": whose}, bodies=bodies_of(station.office))


@bp.post("/<uuid:public_id>/change")
@needs(CHANGE_SETTINGS)
def change(public_id: uuid.UUID) -> ResponseReturnValue:
    station = find(Station, public_id, may=CHANGE_SETTINGS)
    office = station.office
    form = StationForm.of(lambda form: _page(office, station, form), bodies=bodies_of(office))
    change_station(station, facts_of(office, form), person(), now(), form.reason.data)
    flash(gettext("Changed. What is published keeps its days and hours."), "good")
    return see_other("station.show", public_id=public_id)


@bp.post("/<uuid:public_id>/closures")
@needs(CHANGE_SETTINGS)
def close(public_id: uuid.UUID) -> ResponseReturnValue:
    station = find(Station, public_id, may=CHANGE_SETTINGS)
    form = ClosureForm.of(lambda form: _page(station.office, station, None, form))
    close_day(station, form.closed_on.data, form.why.data, person(), now())
    return see_other("station.show", public_id=public_id)


@bp.post("/<uuid:public_id>/closures/<on>/withdrawal")
@needs(CHANGE_SETTINGS)
def reopen(public_id: uuid.UUID, on: str) -> ResponseReturnValue:
    station = find(Station, public_id, may=CHANGE_SETTINGS)
    day = next((closure.closed_on for closure in station.closures if closure.closed_on.isoformat() == on), None)
    if day is None:
        raise access.NotFound()
    reopen_day(station, day, person(), now())
    return see_other("station.show", public_id=public_id)


def bodies_of(office: Office) -> list[tuple[str, str]]:
    """The legal-aid bodies of an office as choices, behind "none"."""
    query = select(Organisation).filter_by(office_id=office.id, kind=OrganisationKind.LEGAL_AID_BODY, active=True)
    bodies = db.session.scalars(query.order_by(Organisation.name))
    return [("", gettext("none")), *((str(body.public_id), body.name) for body in bodies)]


def facts_of(office: Office, form: Any) -> dict[str, Any]:
    """What was typed, by column of a station."""
    facts = {name: value for name, value in form.values.items() if name not in {"organisation", "reason"}}
    named = uuid.UUID(form.organisation.data or "0" * 32)
    body = select(Organisation.id).filter_by(office_id=office.id, public_id=named)
    return {**facts, "weekday": int(form.weekday.data), "organisation_id": db.session.scalar(body)}


def _page(office: Office, station: Station | None, form: Any, closure: Any = None) -> str:
    if form is None and station is not None:
        form = _form_of(station)
    return render_template(
        "lawyers/station.html",
        station=station,
        form=form,
        closure=closure or ClosureForm(formdata=None),
        coming=_coming(station) if station is not None else [],
        refused=g.get("refusal"),
    )


def _coming(station: Station) -> list[Any]:
    """Its next opening days, by the calendar as it is known today."""
    span: tuple[date, date] = (today(), today() + SHOWN_DAYS)
    closed = {closure.closed_on for closure in station.closures}
    return opening_days(station.preset, station.weekday, span, calendar_in_force(station.office), closed)[:12]
