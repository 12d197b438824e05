"""What was ticked wrongly, or by nobody, once the shift is over: taken back, and said as it was (SETTLED 15)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from extensions import db
from record.act import history
from record.course import OffCourse
from record.invariants import broken
from tests.town import Town, local
from tests.volunteers.conftest import Crossing, all_of, officer_called
from tests.volunteers.phone import Days, Phone
from tests.volunteers.test_crossing import crew, officer
from volunteers.actions import steering
from volunteers.actions.confirmation import confirm, sheet
from volunteers.actions.mistakes import (
    PressStands,
    arrive_then,
    not_come,
    presses,
    strike_out,
    take_back_press,
)
from volunteers.actions.postings import post_officer
from volunteers.actions.ticks import (
    NotPosted,
    OutsideTheShift,
    TickReasonNeeded,
    TimeAhead,
    arrive,
    correct_tick,
    miss,
    tick_all,
)
from volunteers.models.attendance import Attendance, Tick
from volunteers.models.shifts import Shift

START, END = local("2026-11-25 07:30"), local("2026-11-25 09:00")
PRESSED = local("2026-11-25 09:05")
SAID = "the wrong shift"


@pytest.fixture
def three(crossing: Crossing) -> list[Attendance]:
    return crossing.booked(crossing.shift(), *(crossing.person() for _ in range(3)))


def clocks(one: Attendance) -> list[str]:
    """The ticks that count."""
    db.session.expire_all()
    return [f"{tick.kind} {(tick.at + timedelta(hours=8)):%H:%M}" for tick in one.counting]


def pressed(shift: Shift, town: Town, at: datetime) -> list[int]:
    return [len(one.people) for one in presses(shift, town.traffic_officer, at)]


def test_what_one_press_ticked_is_taken_back_at_once_and_an_earlier_tick_stands(
    town: Town, three: list[Attendance]
) -> None:
    """Both sides of the undo time; the ticks stay as facts, and the press can be made again."""
    by, (early, booked, missing), shift = town.traffic_officer, three, three[0].shift
    arrive(early, by, local("2026-11-25 07:42"))
    miss(missing, by, END)
    tick_all(shift, by, PRESSED)
    assert (pressed(shift, town, PRESSED + timedelta(minutes=10)), pressed(shift, town, PRESSED)) == ([], [2])
    [press] = presses(shift, by, PRESSED)
    with pytest.raises(PressStands):
        take_back_press(shift, press.batch, by, PRESSED + timedelta(minutes=10), SAID)
    assert take_back_press(shift, press.batch, by, PRESSED + timedelta(minutes=9, seconds=59), SAID) == 2
    assert [clocks(one) for one in three] == [["in 07:42"], [], []]
    assert [(one.state, one.outcome) for one in three] == [("arrived", None), ("booked", None), ("no_show", "no_show")]
    assert history(booked)[1:] == ["attendance.arrive", "attendance.leave", "attendance.take_back"]
    assert history(early)[1:] == ["attendance.arrive", "attendance.leave", "attendance.take_back_leaving"]
    assert history(shift)[-2:] == ["shift.tick_all", "shift.take_back_ticks"]
    assert (len(all_of(Tick)), broken()) == (4, [])
    with pytest.raises(PressStands):
        take_back_press(shift, press.batch, by, PRESSED, SAID)
    tick_all(shift, by, PRESSED)
    assert [line.problem for line in sheet(shift, by)] == ["", ""]
    assert sorted(one.minutes for one in confirm(shift, by, PRESSED)) == [78, 90]
    assert broken() == []


def test_a_press_is_taken_back_by_its_author_and_leaves_whoever_was_changed_since(
    town: Town, three: list[Attendance]
) -> None:
    by, (corrected, struck, plain), shift = town.traffic_officer, three, three[0].shift
    colleague = officer_called(town, "马交警")
    post_officer(shift, colleague, town.coordinator, START, "help")
    tick_all(shift, by, PRESSED)
    [press] = presses(shift, by, PRESSED)
    with pytest.raises(PressStands):
        take_back_press(shift, press.batch, colleague, PRESSED, SAID)
    correct_tick(corrected, "in", local("2026-11-25 07:50"), by, PRESSED, "as I saw")
    strike_out(struck, by, PRESSED, "wrong row")
    assert take_back_press(shift, press.batch, by, PRESSED, SAID) == 1
    assert [(one.state, one.struck_out) for one in (corrected, struck, plain)] == [
        ("left", False),
        ("left", True),
        ("booked", False),
    ]


def test_once_confirmed_nothing_of_the_press_is_taken_back(town: Town, three: list[Attendance]) -> None:
    by, shift = town.traffic_officer, three[0].shift
    tick_all(shift, by, PRESSED)
    confirm(shift, by, PRESSED)
    assert pressed(shift, town, PRESSED) == []


def test_whoever_was_there_and_nobody_ticked_is_noted_with_his_time_and_the_reason(
    town: Town, three: list[Attendance]
) -> None:
    """D-28: a tick is always possible; SETTLED 15: `at` is typed. Within the shift, and not ahead."""
    by, (one, *_), shift = town.traffic_officer, three, three[0].shift
    seen, why = local("2026-11-25 07:40"), "the phone was flat"
    with pytest.raises(TickReasonNeeded):
        arrive_then(one, seen, by, PRESSED, " ")
    with pytest.raises(OutsideTheShift):
        arrive_then(one, END + timedelta(minutes=1), by, PRESSED, why)
    with pytest.raises(TimeAhead):
        arrive_then(one, seen, by, seen - timedelta(minutes=1), why)
    with pytest.raises(NotPosted):
        arrive_then(one, seen, town.coordinator, PRESSED, why)
    tick = arrive_then(one, seen, by, PRESSED, why)
    assert (tick.at, tick.server_at, tick.reason, tick.method) == (seen, PRESSED, why, "hand")
    with pytest.raises(OffCourse):
        arrive_then(one, seen, by, PRESSED, why)
    tick_all(shift, by, PRESSED)
    assert [one.minutes for one in confirm(shift, by, PRESSED)] == [80, 90, 90]
    assert broken() == []


def test_of_a_row_ticked_by_mistake_it_can_be_said_that_he_did_not_come_or_when_he_came(
    town: Town, three: list[Attendance]
) -> None:
    by, (away, late, left) = town.traffic_officer, three
    for one in (away, late):
        arrive(one, by, START)
        strike_out(one, by, START, "wrong row")
    tick_all(left.shift, by, PRESSED)
    with pytest.raises(OffCourse):
        not_come(left, by, PRESSED)
    strike_out(left, by, PRESSED, "wrong row")
    not_come(away, by, PRESSED)
    not_come(left, by, PRESSED)
    arrive_then(late, local("2026-11-25 08:00"), by, PRESSED, "the list was wet")
    assert [(one.state, one.struck_out, one.outcome) for one in three] == [
        ("no_show", False, "no_show"),
        ("arrived", False, None),
        ("no_show", False, "no_show"),
    ]
    assert [clocks(one) for one in three] == [[], ["in 08:00"], []]
    assert history(away)[-2:] == ["attendance.take_back", "attendance.miss"]
    assert broken() == []


def test_whom_the_service_told_not_to_come_has_missed_nothing_whatever_was_pressed(
    town: Town, three: list[Attendance]
) -> None:
    """DOMAIN 8.3: a stop taken back. And in a stopped shift nobody is expected."""
    by, (one, here, other), shift = town.traffic_officer, three, three[0].shift
    arrive(here, by, START)
    steering.stop(shift, by, START + timedelta(minutes=5), "hail")
    steering.resume(shift, by, START + timedelta(minutes=6))
    tick_all(shift, by, PRESSED)
    [press] = presses(shift, by, PRESSED)
    take_back_press(shift, press.batch, by, PRESSED, SAID)
    miss(one, by, PRESSED)
    assert (one.state, one.outcome, one.fault) == ("cancelled", "cancelled_by_service", "service")
    arrive(other, by, START + timedelta(minutes=20))
    strike_out(other, by, START + timedelta(minutes=21), "wrong row")
    assert broken() == []


def test_after_a_stop_somebody_ticked_by_mistake_was_not_missing(town: Town, three: list[Attendance]) -> None:
    by, (one, here, _), shift = town.traffic_officer, three, three[0].shift
    for row in (one, here):
        arrive(row, by, START)
    strike_out(one, by, START, "wrong row")
    steering.stop(shift, by, START + timedelta(minutes=5), "hail")
    not_come(one, by, PRESSED)
    assert (one.state, one.outcome, one.fault, broken()) == ("cancelled", "cancelled_by_service", "service", [])


def test_after_the_end_a_row_offers_both_again_and_the_page_takes_a_press_back(town: Town, crossing: Crossing) -> None:
    days = Days(crossing)
    shift = days.shift(-1)
    one, other = crew(days, shift, 2)
    phone = officer(town).tap("2 people to confirm").tap("All here, full time")
    assert "2 people ticked full time" in phone.text
    phone.tap("Take it back")
    assert ("Taken back for 2 people." in phone.text, one.state, other.state) == (True, "booked", "booked")
    path = f"/crossing/people/{one.public_id}"
    assert _offers(phone, one) == ["arrival-then", "no-show"]
    for wrong in ({"clock": "", "reason": "x"}, {"clock": "17:40", "reason": " "}, {"clock": "20:40", "reason": "x"}):
        phone.page = phone.browser.post(f"{path}/arrival-then", wrong)
        assert (phone.page.status_code, 'value="17:40"' in phone.markup) == (422, wrong["clock"] == "17:40")
    good = {"clock": "17:40", "reason": "my phone was flat"}
    assert phone.browser.post(f"{path}/arrival-then", good).status_code == 303
    assert phone.browser.post(f"{path}/mistake", {"reason": "wrong row"}).status_code == 303
    phone.page = phone.browser.get(f"/crossing/{shift.public_id}")
    assert _offers(phone, one) == ["arrival-then", "no-show", "restoration"]
    assert phone.browser.post(f"{path}/no-show").status_code == 303
    assert (one.state, broken()) == ("no_show", [])


def _offers(phone: Phone, one: Attendance) -> list[str]:
    """What can be said of him in his row."""
    steps = ("arrival-then", "no-show", "restoration")
    return [step for step in steps if f'action="/crossing/people/{one.public_id}/{step}"' in phone.markup]
