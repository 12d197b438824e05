"""What is unusual in the hours: found once, looked at by a person, and no hour changes by it (V-12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from extensions import db
from record.act import act, history
from record.invariants import broken
from tests.accounts.visitor import text_of
from tests.engines import LONG_ON_POSTGRESQL
from tests.town import NOW, local
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.test_ending import serve
from volunteers.actions.anomalies import ClosedAlready, close_anomaly, find_anomalies
from volunteers.actions.booking import book
from volunteers.models.anomalies import Anomaly
from volunteers.models.ledger import CreditEntry
from volunteers.rules.anomalies import Said, unusual

EVENING = local("2026-11-25 19:00")
ONE = Said(
    office_id=1,
    assessment_id=1,
    person_id=1,
    by_id=9,
    said_at=EVENING,
    said_on=date(2026, 11, 25),
    starts_at=local("2026-11-25 17:30"),
    ends_at=local("2026-11-25 19:00"),
    minutes=90,
    on=date(2026, 11, 25),
    most=180,
)


def others(number: int, seconds: float = 0) -> list[Said]:
    """So many people, confirmed one after the other within so many seconds."""
    whole = timedelta(seconds=seconds)
    times = [EVENING + whole * n / (number - 1) for n in range(number)]
    return [replace(ONE, person_id=n, assessment_id=n, said_at=at) for n, at in enumerate(times)]


def found(*said: Said) -> list[tuple[str, int, str]]:
    return [(one.kind, one.office_id, one.about) for one in unusual(said)]


@pytest.mark.parametrize(("number", "seconds", "unusually"), [(20, 60, True), (19, 0, False), (20, 61, False)])
def test_twenty_people_within_a_minute_are_unusual(number: int, seconds: float, unusually: bool) -> None:
    assert found(*others(number, seconds)) == ([("many_at_once", 1, "9:2026-11-25")] if unusually else [])


def test_two_officers_who_confirm_ten_each_are_not() -> None:
    halves = [replace(one, by_id=one.person_id % 2) for one in others(20)]
    assert found(*halves) == []


@pytest.mark.parametrize(("minutes", "long"), [(90, False), (91, True)])
def test_more_than_a_day_may_have_is_said_at_each_office_and_names_no_other(minutes: int, long: bool) -> None:
    """T35: the total is said, where it was served is not."""
    morning = {"starts_at": local("2026-11-25 07:30"), "ends_at": local("2026-11-25 09:01")}
    elsewhere = replace(ONE, office_id=2, assessment_id=5, minutes=minutes, **morning)
    about = [("long_day", 1, "1:2026-11-25"), ("long_day", 2, "5:2026-11-25")] if long else []
    assert found(ONE, elsewhere) == about
    for one in unusual([ONE, elsewhere]):
        assert one.facts == {"minutes": 90 + minutes, "most": 180, "on": "2026-11-25"}


@pytest.mark.parametrize(("number", "officers", "always"), [(5, 1, True), (4, 1, False), (6, 2, False)])
def test_always_the_same_officer_is_unusual_from_five_on(number: int, officers: int, always: bool) -> None:
    said = [
        replace(
            ONE,
            by_id=9 + n % officers,
            on=ONE.on + timedelta(days=n),
            said_on=ONE.said_on + timedelta(days=n),
            starts_at=ONE.starts_at + timedelta(days=n),
            ends_at=ONE.ends_at + timedelta(days=n),
        )
        for n in range(number)
    ]
    assert found(*said) == ([("same_officer", 1, "1:9")] if always else [])


@pytest.mark.parametrize(("starts", "twice"), [("2026-11-25 19:00", False), ("2026-11-25 18:59", True)])
def test_one_time_confirmed_at_two_places_is_unusual_at_both(starts: str, twice: bool) -> None:
    later = replace(ONE, office_id=2, assessment_id=5, starts_at=local(starts), ends_at=local("2026-11-25 20:00"))
    kinds = [(kind, office) for kind, office, _ in found(ONE, later)]
    assert kinds == ([("two_places", 1), ("two_places", 2)] if twice else [])


def twenty(crossing: Crossing) -> None:
    """Twenty people of two shifts, confirmed with two presses within a minute."""
    for name in ("东门", "西门"):
        shift = crossing.shift(date(2026, 11, 25), post=crossing.post(name))
        for _ in range(10):
            person = crossing.person()
            book(shift, person, person, NOW)
        serve(crossing, shift)


@LONG_ON_POSTGRESQL
def test_each_is_found_once_closed_by_name_and_changes_no_hour(crossing: Crossing) -> None:
    twenty(crossing)
    credited = [(one.id, one.minutes) for one in all_of(CreditEntry)]
    later = local("2026-11-25 20:00")
    assert [find_anomalies(later), find_anomalies(later), find_anomalies(later + timedelta(days=9))] == [1, 0, 0]
    (one,) = all_of(Anomaly)
    assert (one.kind, one.officer.name, one.facts) == ("many_at_once", "朱交警", {"count": 20, "on": "2026-11-25"})
    close_anomaly(one, crossing.town.coordinator, later, "两班同时结束，已核对签到表")
    with pytest.raises(ClosedAlready):
        close_anomaly(one, crossing.town.chief, later, "…")
    assert find_anomalies(later) == 0
    assert history(one) == ["anomaly.find", "anomaly.close"]
    for change in ({"facts": {}}, {"why": "别的"}, {"about": "x"}):
        with pytest.raises(IntegrityError, match="anomaly_stands"), act("anomaly.cheat", one, by=None, at=NOW):
            db.session.execute(update(Anomaly).values(**change))
        db.session.rollback()
    assert [(entry.id, entry.minutes) for entry in all_of(CreditEntry)] == credited
    assert broken() == []


def test_the_page_lists_what_waits_and_asks_for_a_reason(crossing: Crossing) -> None:
    twenty(crossing)
    find_anomalies(local("2026-11-25 20:00"))
    key = all_of(Anomaly)[0].public_id
    desk = crossing.town.browser(crossing.town.coordinator)
    assert "20 people within a minute" in text_of(desk.get("/anomalies"))
    assert desk.post(f"/anomalies/{key}/closing", {"reason": ""}).status_code == 422
    assert desk.post(f"/anomalies/{key}/closing", {"reason": "已核对"}).status_code == 303
    assert "Nothing is unusual" in text_of(desk.get("/anomalies"))
    assert desk.post(f"/anomalies/{key}/closing", {"reason": "再次"}).status_code == 409
    for name, status in (("秦队长", 403), ("郑检察", 403), ("朱交警", 403)):
        assert crossing.town.browser(crossing.town.person(name)).get("/anomalies").status_code == status
