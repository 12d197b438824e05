"""Equipment: handed out and taken back at the shift, missing afterwards, settled once (DOMAIN 3.3 `equipment`)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from extensions import db
from record.act import act, history
from record.invariants import broken
from scheduler.timeline.timeline import constraint_of
from tests.queries import queries_of
from tests.town import NOW, Town, local
from tests.volunteers.conftest import DAY, Crossing, all_of, at
from tests.volunteers.phone import Days, Kept, Phone
from tests.volunteers.prepared import Prepared
from tests.volunteers.test_crossing import crew, officer
from volunteers import equipment_guards
from volunteers.actions.credit import close
from volunteers.actions.equipment import NothingOut, NothingToHandOut, hand_out, kit_of, missing, settle, take_back
from volunteers.actions.mistakes import strike_out
from volunteers.actions.ticks import NotForOneself, NotPosted, arrive, roll
from volunteers.models.equipment import Handing
from volunteers.rules.schemes import Terms
from volunteers.rules.shifts import ReasonNeeded

ALL = ["vest", "flag", "whistle"]


@pytest.fixture
def days(crossing: Crossing) -> Days:
    return Days(crossing)


def said() -> list[tuple[Any, ...]]:
    return [(one.attendance_id, one.kind, one.settles_id, one.reason) for one in all_of(Handing)]


def test_everybody_here_is_given_his_at_once_and_what_comes_back_is_settled_once(
    town: Town, crossing: Crossing
) -> None:
    shift, by = crossing.shift(DAY), town.traffic_officer
    here, late, away = crossing.booked(shift, *(crossing.person() for _ in range(3)))
    with pytest.raises(NotPosted):
        hand_out(shift, None, town.coordinator, at("07:30"))
    with pytest.raises(NothingToHandOut):
        hand_out(shift, None, by, at("07:29"))
    arrive(here, by, at("07:30"))
    assert (hand_out(shift, None, by, at("07:31")), kit_of(shift, roll(shift)).out[here.id].things) == (1, ALL)
    arrive(late, by, at("07:40"))
    assert hand_out(shift, None, by, at("07:41")) == 1
    with pytest.raises(NothingToHandOut):
        hand_out(shift, [away], by, at("07:42"))
    assert take_back(shift, [late], by, at("08:59")) == 1
    first, second = (one.id for one in all_of(Handing)[:2])
    assert take_back(shift, None, by, at("09:00")) == 1
    with pytest.raises(NothingOut):
        take_back(shift, None, by, at("09:01"))
    assert said() == [
        (here.id, "out", None, ""),
        (late.id, "out", None, ""),
        (late.id, "back", second, ""),
        (here.id, "back", first, ""),
    ]
    assert history(shift)[-4:] == ["shift.hand_out"] * 2 + ["shift.take_back"] * 2
    for values in ({"kind": "back", "settles_id": first}, {"kind": "back", "settles_id": second}):
        wrong = Handing(office_id=shift.office_id, attendance_id=here.id, things=ALL, by_id=by.id, at=NOW, **values)
        with pytest.raises(IntegrityError) as refused, act("x", here, by=by, at=NOW):
            db.session.add(wrong)
            db.session.flush()
        assert constraint_of(refused.value) == equipment_guards.ONCE
        db.session.rollback()
    assert broken() == []


def test_what_is_not_back_when_the_shift_is_closed_is_missing_until_it_is_settled_with_a_reason(
    town: Town, crossing: Crossing
) -> None:
    shift, by, desk = crossing.shift(DAY), town.traffic_officer, town.coordinator
    people = crossing.booked(shift, *(crossing.person() for _ in range(2)))
    for one in people:
        arrive(one, by, at("07:30"))
    hand_out(shift, None, by, at("07:31"))
    assert db.session.scalars(missing()).all() == []
    with act("shift.close", shift, by=None, at=at("12:00")):
        shift.state = "closed"
    assert [one.attendance_id for one in db.session.scalars(missing())] == [one.id for one in people]
    for reason in ("", "  "):
        with pytest.raises(ReasonNeeded):
            settle(people[0], False, desk, at("12:01"), reason)
    with pytest.raises(NotForOneself):
        settle(people[0], True, people[0].person, at("12:01"))
    settle(people[0], False, desk, at("12:02"), "哨子丢了")
    settle(people[1], True, desk, at("12:03"))
    with pytest.raises(NothingOut):
        settle(people[1], True, desk, at("12:04"))
    assert (db.session.scalars(missing()).all(), [row[1::2] for row in said()[2:]]) == (
        [],
        [("lost", "哨子丢了"), ("back", "")],
    )
    assert (history(people[0])[-1], broken()) == ("attendance.settle_equipment", [])


def test_a_scheme_without_equipment_shows_and_hands_out_nothing(town: Town, prepared: Prepared) -> None:
    prepared.in_force(Terms(required_minutes=180, equipment=()))
    crossing = Crossing(town)
    shift, by = crossing.shift(date(2026, 11, 27)), town.traffic_officer
    [one] = crossing.booked(shift, prepared.serving().person)
    arrive(one, by, local("2026-11-27 07:30"))
    kit = kit_of(shift, roll(shift))
    assert (kit.asked, kit.without) == (False, [])
    with pytest.raises(NothingToHandOut):
        hand_out(shift, None, by, local("2026-11-27 07:31"))


def test_two_taps_at_the_crossing_then_the_desk_and_the_person_know_what_is_missing(town: Town, days: Days) -> None:
    shift = days.shift(-1)
    one, other = crew(days, shift, 2)
    at_hand, by = shift.event.starts_at, town.traffic_officer
    for row in (one.row(), other.row()):
        arrive(row, by, at_hand)
    hand_out(shift.row(), None, by, at_hand)
    phone = officer(town, f"/crossing/{shift.public_id}")
    assert phone.text.count("has equipment") == 2 and "Equipment out" not in phone.text
    phone.browser.post(f"/crossing/people/{one.public_id}/equipment/return")
    assert phone.browser.get(f"/crossing/{shift.public_id}").text.count("has equipment") == 1
    assert "Still with you" not in Phone(town, Kept(other.person), "/hours").text
    for row in (one.row(), other.row()):
        strike_out(row, town.traffic_officer, at_hand, "wrong rows")
    close(shift.row(), town.traffic_officer, shift.event.ends_at)
    mine = Phone(town, Kept(other.person), "/hours").text
    assert "Still with you" in mine and "reflective vest, flag, whistle" in mine
    assert "Still with you" not in Phone(town, Kept(one.person), "/hours").text
    desk = Phone(town, town.coordinator, "/")
    assert "1 person has not returned the equipment" in desk.text
    desk.tap("Settle it")
    where = f"/equipment/{other.public_id}/loss"
    bare = desk.browser.post(where, {"reason": ""})
    assert (bare.status_code, other.person.name in bare.text) == (422, True)
    assert town.browser(town.neighbour("coordinator")).post(where, {"reason": "x"}).status_code == 404
    assert desk.tap("Has come back").text.count("Everything has come back") == 1


def test_the_buttons_say_to_how_many_and_the_roll_asks_no_more_for_many(town: Town, days: Days) -> None:
    shift = days.shift(0)
    one, other, _ = crew(days, shift, 3)
    phone = officer(town, f"/crossing/{shift.public_id}")
    phone.browser.post(f"/crossing/people/{one.public_id}/arrival")
    few = queries_of(phone.browser, f"/crossing/{shift.public_id}")
    phone.browser.post(f"/crossing/people/{other.public_id}/arrival")
    phone.page = phone.browser.get(f"/crossing/{shift.public_id}")
    phone.tap("Equipment out to 2 here")
    assert "Handed out to 2 people." in phone.text and "Equipment back from all 2" in phone.text
    assert queries_of(phone.browser, f"/crossing/{shift.public_id}") == few
    phone.tap("Equipment back from all 2")
    assert "Taken back from 2 people." in phone.text
    assert len(db.session.scalars(select(Handing)).all()) == 4
