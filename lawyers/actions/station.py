"""Stations: opened, changed, closed for a day (DOMAIN L-01, L-25)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from accounts.models import Office, Person
from errors import Refusal
from extensions import db
from lawyers.models import Station, StationClosure
from record.act import act


class StationNameTaken(Refusal):
    code = "station_name_taken"
    message = "Another station of the office is called “%(name)s”."
    help = "Give it another name."


class HoursWrong(Refusal):
    code = "hours_wrong"
    status = 422
    message = "A session begins before it ends, the morning before the afternoon, and there is at least one."
    help = "Correct the hours; leave both fields of a session empty where there is none."
    source = "DOMAIN L-26"


def open_station(
    office: Office, facts: Mapping[str, Any], by: Person | None, at: datetime, reason: str = ""
) -> Station:
    """Open a station; `facts` by column. Raises: StationNameTaken, HoursWrong."""
    station = Station(office_id=office.id, **facts)
    _check(station, office.id)
    with act("station.open", station, by=by, at=at, reason=reason):
        db.session.add(station)
    return station


def change_station(station: Station, facts: Mapping[str, Any], by: Person, at: datetime, reason: str) -> None:
    """Change a station. What is published keeps its hours and days. Raises: StationNameTaken, HoursWrong."""
    with act("station.change", station, by=by, at=at, reason=reason), db.session.no_autoflush:
        for name, value in facts.items():
            setattr(station, name, value)
        _check(station, station.office_id)


def _check(station: Station, office_id: int) -> None:
    hours = [station.am_starts, station.am_ends, station.pm_starts, station.pm_ends]
    known = [hour for hour in hours if hour is not None]
    whole = (hours[0] is None) == (hours[1] is None) and (hours[2] is None) == (hours[3] is None)
    if not known or not whole or sorted(set(known)) != known:
        raise HoursWrong()
    same = select(Station.id).where(Station.office_id == office_id, Station.name == station.name)
    if db.session.scalar(same.where(Station.id != (station.id or 0))) is not None:
        raise StationNameTaken(name=station.name)


def close_day(station: Station, on: date, why: str, by: Person, at: datetime) -> None:
    """Close a station for a day; a day that is closed already keeps its first reason. Duties published stay."""
    with act("station.close_day", station, by=by, at=at, reason=why, on=on):
        if all(closure.closed_on != on for closure in station.closures):
            station.closures.append(
                StationClosure(office_id=station.office_id, station_id=station.id, closed_on=on, why=why)
            )


def reopen_day(station: Station, on: date, by: Person, at: datetime) -> None:
    """Open a station again on a day on which it was to be closed."""
    with act("station.reopen_day", station, by=by, at=at, on=on):
        for closure in [closure for closure in station.closures if closure.closed_on == on]:
            station.closures.remove(closure)
            db.session.delete(closure)
