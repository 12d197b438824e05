"""Stations: opened, changed, closed for a day; the guide's step (Walk 3; DOMAIN L-01, L-25, L-26)."""

from __future__ import annotations

import re
from datetime import date, time

import pytest
from sqlalchemy import select

from extensions import db
from lawyers.actions.station import HoursWrong, StationNameTaken, change_station
from lawyers.models import Station
from record.act import history
from tests.lawyers.conftest import make_station
from tests.town import NOW, Town

TYPED = {
    "name": "驻院法律援助工作站",
    "address": "一楼",
    "preset": "one_weekday",
    "weekday": "2",
    "am_starts": "09:00",
    "am_ends": "11:30",
    "pm_starts": "",
    "pm_ends": "",
    "lawyers_a_session": "2",
    "mode": "on_site",
    "active": "y",
    "reason": "协议",
}


def stored(name: str) -> Station:
    return db.session.scalars(select(Station).where(Station.name == name)).one()


def test_a_coordinator_opens_a_station_and_its_page_shows_the_days_to_come(town: Town) -> None:
    browser = town.browser(town.coordinator)
    assert browser.get("/stations/new").status_code == 200
    answer = browser.post("/stations", TYPED)
    station = stored("驻院法律援助工作站")
    assert (answer.status_code, answer.location) == (303, f"/stations/{station.public_id}")
    assert (station.preset, station.weekday, station.sessions, station.lawyers_a_session) == (
        "one_weekday",
        2,
        {"am": (time(9), time(11, 30))},
        2,
    )
    assert history(station) == ["station.open"]
    page = browser.get(answer.location).text
    listed = re.search(r'<ul class="ticks">(.*?)</ul>', page, re.DOTALL)
    assert listed is not None
    days = [date.fromisoformat(day) for day in re.findall(r'datetime="([0-9-]+)"', listed[1])]
    moved = listed[1].count("moved from")
    assert (len(days) >= 8, [day.isoweekday() for day in days].count(2) >= len(days) - moved) == (True, True)


def test_a_station_shows_whose_it_is(town: Town) -> None:
    path = f"/stations/{make_station(town).public_id}"
    page = town.browser(town.coordinator).get(path).text
    assert '<option selected value="">' not in page
    assert "法援中心</option>" in page


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", "", "Give it a name."),
        ("am_ends", "08:00", "A session begins before it ends"),
        ("am_ends", "", "A session begins before it ends"),
        ("lawyers_a_session", "0", "From 1 to 9."),
        ("lawyers_a_session", "9" * 30, "From 1 to 9."),
        ("weekday", "7", "Not a valid choice"),
        ("organisation", "x", "Not a valid choice"),
        ("reason", "", "Say why."),
        ("name", "\x00", "cannot be stored"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(town: Town, field: str, typed: str, said: str) -> None:
    answer = town.browser(town.coordinator).post("/stations", {**TYPED, field: typed})
    assert (answer.status_code, said in answer.text, "一楼" in answer.text) == (422, True, True)
    assert db.session.scalars(select(Station)).all() == []


def test_full_width_digits_are_digits(town: Town) -> None:
    assert town.browser(town.coordinator).post("/stations", {**TYPED, "lawyers_a_session": "３"}).status_code == 303
    assert stored("驻院法律援助工作站").lawyers_a_session == 3


def test_two_stations_of_an_office_have_two_names(town: Town) -> None:
    make_station(town, name="甲站")
    second = make_station(town, name="乙站")
    with pytest.raises(StationNameTaken):
        change_station(second, {"name": "甲站"}, town.coordinator, NOW, "试")
    db.session.rollback()
    with pytest.raises(HoursWrong):
        change_station(stored("乙站"), {"am_ends": time(15)}, town.coordinator, NOW, "试")
    db.session.rollback()
    assert town.browser(town.coordinator).post("/stations", {**TYPED, "name": "甲站"}).status_code == 409


def test_a_station_is_closed_for_a_day_and_opened_again(town: Town) -> None:
    station = make_station(town)
    key, path = station.id, f"/stations/{station.public_id}"
    browser = town.browser(town.coordinator)
    assert browser.post(f"{path}/closures", {"closed_on": "2027-03-02", "why": "停电"}).status_code == 303
    assert [c.closed_on for c in db.session.get_one(Station, key).closures] == [date(2027, 3, 2)]
    assert browser.post(f"{path}/closures", {"closed_on": "2月2日", "why": "停电"}).status_code == 422
    assert browser.post(f"{path}/closures/2027-03-02/withdrawal").status_code == 303
    assert browser.post(f"{path}/closures/2027-03-02/withdrawal").status_code == 404
    assert db.session.get_one(Station, key).closures == []
    assert history(db.session.get_one(Station, key)) == [
        "station.open",
        "station.close_day",
        "station.reopen_day",
    ]


def test_the_guide_opens_the_first_station(town: Town) -> None:
    browser = town.browser(town.coordinator)
    assert "Lawyers' station" in browser.get("/guide/stations").text
    typed = {name: value for name, value in TYPED.items() if name not in {"reason", "active"}}
    assert browser.post("/guide/stations", typed).status_code == 303
    assert "驻院法律援助工作站" in browser.get("/guide/stations").text
    assert browser.post("/guide/stations", {**typed, "name": ""}).status_code == 422


def test_another_offices_station_is_nothing_here(town: Town) -> None:
    path = f"/stations/{make_station(town).public_id}"
    assert town.browser(town.neighbour("coordinator")).get(path).status_code == 404
    assert town.browser(town.lawyer).get(path).status_code == 403
