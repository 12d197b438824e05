"""The step of the first-run guide that opens a station."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from accounts import guide
from accounts.models import Office
from accounts.rights import CHANGE_SETTINGS
from accounts.settings import rule_for
from accounts.views.guide import page
from accounts.web import needs, now, office_for, person, see_other, today
from extensions import db
from lawyers.actions.station import open_station
from lawyers.forms.station import FirstStationForm
from lawyers.models import Station
from lawyers.views.station import bodies_of, facts_of

bp = Blueprint("station_guide", __name__, url_prefix="/guide/stations")


def stations_of(office: Office) -> list[Station]:
    return list(db.session.scalars(select(Station).filter_by(office_id=office.id).order_by(Station.id)))


@bp.get("")
@needs(CHANGE_SETTINGS)
def show() -> ResponseReturnValue:
    office = office_for(CHANGE_SETTINGS)
    preset, bodies = rule_for("station.preset", office, today()).amount, bodies_of(office)
    return _page(FirstStationForm(formdata=None, preset=preset, bodies=bodies, organisation=bodies[-1][0]))


def _page(form: Any) -> str:
    office = office_for(CHANGE_SETTINGS)
    values = {"form": form, "stations": stations_of(office), "refused": g.get("refusal")}
    return page("stations", "lawyers/station_guide.html", office, **values)


@bp.post("")
@needs(CHANGE_SETTINGS)
def enter() -> ResponseReturnValue:
    office = office_for(CHANGE_SETTINGS)
    form = FirstStationForm.of(_page, bodies=bodies_of(office))
    station = open_station(office, facts_of(office, form), person(), now(), gettext("first steps"))
    flash(gettext("“%(name)s” is opened.", name=station.name), "good")
    return see_other("station_guide.show")


guide.step(
    55,
    "stations",
    _l("Lawyers' station"),
    _l("Where duty lawyers sit, on which days and in which hours."),
    "station_guide.show",
    done=lambda office: bool(stations_of(office)),
    optional=True,
)
