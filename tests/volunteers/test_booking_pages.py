"""Booking on a phone: two taps, the waiting list, refusals with what helps, cancelling (DOMAIN 8.4, D-20, D-23)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from accounts.mail import written
from extensions import db
from record.act import act, history
from record.models import Message
from scheduler.timeline.models import Waiting
from tests.accounts.visitor import text_of
from tests.town import Town
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.phone import Days, Kept, Phone, today
from volunteers.actions.booking import book, wait
from volunteers.actions.ending import withdraw
from volunteers.actions.obstacles import assessment_at
from volunteers.actions.shifts import change_shift
from volunteers.models.assessment import ASSESSMENT, Assessment
from volunteers.models.attendance import Attendance


@pytest.fixture
def days(crossing: Crossing) -> Days:
    return Days(crossing)


def early(shift: Any) -> Any:
    """A day and a half before the start."""
    return shift.event.starts_at - timedelta(hours=36)


def told(person: Any) -> list[str]:
    """The first lines of what somebody was told, oldest first."""
    own = select(Message).where(Message.recipient_id == person.id, Message.channel == "page").order_by(Message.id)
    return [written(message).subject.split("：")[0] for message in db.session.scalars(own)]


def states() -> list[str]:
    return [one.state for one in all_of(Attendance)]


def test_a_shift_is_booked_in_two_taps(town: Town, days: Days) -> None:
    person, shift = days.person(), days.shift(3)
    phone = Phone(town, person, "/hours")
    phone.tap("Book a shift").tap("Book")
    assert (phone.taps, states()) == (2, ["booked"])
    assert f"Booked: {shift.starts_on:%a} {shift.starts_on.day}" in phone.text and "岗位3" in phone.text
    assert [history(one) for one in all_of(Attendance)] == [["attendance.book"]]


def test_the_same_tap_again_books_nothing_twice(town: Town, days: Days) -> None:
    person, shift = days.person(), days.shift(3)
    phone = Phone(town, person, "/booking")
    for _ in range(2):
        assert phone.browser.post(f"/booking/{shift.public_id}").status_code == 303
    assert states() == ["booked"]


def test_a_slip_of_the_thumb_is_taken_back_with_one_press(town: Town, days: Days) -> None:
    person = days.person()
    days.shift(3)
    phone = Phone(town, person, "/booking").tap("Book").tap("Undo")
    assert (states(), "You can book another shift at any time." in phone.text) == (["cancelled"], True)


def test_what_fits_stands_before_what_does_not(town: Town, days: Days) -> None:
    person = days.person()
    full, free = days.shift(3, days.post("甲岗", capacity=1)), days.shift(3, days.post("乙岗"))
    book(full, days.person(), town.coordinator, early(full))
    page = Phone(town, person, f"/booking?day={free.starts_on.isoformat()}")
    assert page.markup.index("乙岗") < page.markup.index("甲岗")
    assert "All 1 places are taken." in page.text and "1 shift fits" in page.text
    assert "甲岗" not in Phone(town, person, "/booking").text


def test_little_time_between_two_places_is_said_beforehand_and_refuses_nothing(town: Town, days: Days) -> None:
    """I03; at the desk it is said with the booking."""
    person, here, there = days.person(), days.post("甲岗"), days.post("乙岗", evening=(time(19, 10), time(20, 10)))
    first, close = days.shift(2, here), days.shift(2, there)
    book(first, person, person, early(first))
    page = Phone(town, person, f"/booking?day={close.starts_on}").text
    assert (page.count("Only 10 minutes after 甲岗"), "Only" in page.split("乙岗")[0]) == (1, False)
    desk, who = town.browser(town.coordinator), assessment_at(person, town.office.id)
    said = {"who": str(who.public_id), "how": "phone", "said_at": f"{today()}T00:00"}
    assert desk.post(f"/shifts/{close.public_id}/bookings", said).status_code == 303
    assert "Only 10 minutes after 甲岗" in desk.get(f"/shifts/{close.public_id}").text
    assert states() == ["booked", "booked"]


@pytest.mark.parametrize("asked", ["", "x", "2026-13-45", "0001-01-01", "９９９９-01-01"])
def test_a_day_that_is_none_shows_what_fits(town: Town, days: Days, asked: str) -> None:
    person = days.person()
    days.shift(3)
    phone = Phone(town, person, "/booking")
    assert phone.browser.get("/booking", query_string={"day": asked}).status_code == 200


def test_who_finds_a_shift_full_joins_the_list_sees_his_place_and_moves_up(town: Town, days: Days) -> None:
    shift = days.shift(3, days.post(capacity=1))
    holder, other, person = days.person(), days.person(), days.person()
    held = Kept(book(shift, holder, holder, early(shift)))
    wait(shift, other, other, early(shift))
    phone = Phone(town, person, f"/booking?day={shift.starts_on.isoformat()}").tap("Join the waiting list")
    assert "You are number 2" in phone.text
    assert phone.browser.post(f"/booking/{shift.public_id}/waiting").status_code == 303
    assert [one.number for one in all_of(Waiting)] == [1, 2]
    Phone(town, other, "/bookings").tap("Wait no longer")
    Phone(town, holder, f"/bookings/{held.public_id}").tap("Yes, cancel it")
    assert sorted(states()) == ["booked", "cancelled"]
    assert "Nothing is booked" not in Phone(town, person, "/bookings").text
    assert (told(holder), told(person)) == (["已预约", "已取消"], ["空出名额，已为您预约"])


def test_a_full_shift_whose_list_is_closed_offers_no_place_on_it(town: Town, days: Days) -> None:
    """DOMAIN 9.2 `service.fill_before`: nobody moves up any more, so nobody is asked to wait."""
    shift = days.soon(capacity=1)
    person = days.person()
    book(shift, days.person(), town.coordinator, early(shift))
    page = Phone(town, person, f"/booking?day={shift.starts_on.isoformat()}")
    assert ("All 1 places are taken." in page.text, "Join the waiting list" in page.markup) == (True, False)
    page.page = page.browser.post(f"/booking/{shift.public_id}")
    assert ("All 1 places are taken." in page.text, "Join the waiting list" in page.text) == (True, False)
    assert page.browser.post(f"/booking/{shift.public_id}/waiting").status_code == 409


def test_whom_the_place_passes_over_is_told_why(town: Town, days: Days) -> None:
    shift, elsewhere = days.shift(3, days.post(capacity=1)), days.shift(3, days.post("火车站前"))
    holder, person = days.person(), days.person()
    held = Kept(book(shift, holder, holder, early(shift)))
    wait(shift, person, person, early(shift))
    book(elsewhere, person, person, early(shift))
    Phone(town, holder, f"/bookings/{held.public_id}").tap("Yes, cancel it")
    assert told(person) == ["已预约", "候补情况"]


def test_a_refusal_says_why_by_which_rule_and_offers_the_waiting_list(town: Town, days: Days) -> None:
    shift, near = days.shift(3, days.post(capacity=1)), days.shift(4, days.post("火车站前"))
    person = days.person()
    phone = Phone(town, person, "/booking")
    book(shift, days.person(), town.coordinator, early(shift))
    phone.page = phone.browser.post(f"/booking/{shift.public_id}")
    assert phone.page.status_code == 409
    assert "All 1 places are taken." in phone.text and "§ 8.4" in phone.text
    assert f"/booking/{near.public_id}" in phone.markup
    phone.tap("Join the waiting list")
    assert "You are number 1" in phone.text


def test_a_refused_overlap_leads_to_the_booking_in_the_way_and_to_what_fits(town: Town, days: Days) -> None:
    here, there, later = days.shift(3), days.shift(3, days.post("火车站前")), days.shift(5)
    person = days.person()
    own = Kept(book(here, person, person, early(here)))
    phone = Phone(town, person, "/booking")
    phone.page = phone.browser.post(f"/booking/{there.public_id}")
    assert (phone.page.status_code, "Another commitment is in the way" in phone.text) == (409, True)
    assert f"/bookings/{own.public_id}" in phone.markup and f"/booking/{later.public_id}" in phone.markup
    phone.tap("Book")
    assert states() == ["booked", "booked"]


def test_on_a_day_that_is_taken_what_cannot_be_booked_is_one_line_that_names_the_other_shift(
    town: Town, days: Days
) -> None:
    here = days.shift(3)
    others = [days.shift(3, days.post(f"路口{n}")) for n in range(3)]
    free = days.shift(3, days.post("早岗"), slot="morning")
    person = days.person()
    book(here, person, person, early(here))
    page = Phone(town, person, f"/booking?day={here.starts_on}")
    said = "Another commitment is in the way: "
    folded = page.markup.split('<details class="alike">')[1].split("</details>")[0]
    assert (page.markup.count('<details class="alike">'), page.text.count("路口")) == (1, 3)
    assert re.findall("路口[0-9]", folded) == [f"路口{n}" for n in range(3)]
    assert (said in folded, "17:30, 岗位3." in page.text, "3 shifts" in folded) == (True, True, True)
    assert [f"/booking/{one.public_id}" in page.markup for one in (free, *others)] == [True, False, False, False]


def test_what_cannot_be_booked_stands_in_one_line_for_each_sentence(town: Town, days: Days) -> None:
    """Shifts of other lengths fill the day to other totals, which the sentence does not name."""
    noon = (time(10), time(11)), (time(10), time(11, 30)), (time(12), time(13)), (time(12), time(13, 30))
    others = [days.shift(3, days.post(f"路口{n}", evening=window)) for n, window in enumerate(noon)]
    person = days.person()
    for slot in ("morning", "evening"):
        shift = days.shift(3, days.post(f"自订{slot}"), slot=slot)
        book(shift, person, person, early(shift))
    page = Phone(town, person, f"/booking?day={others[0].starts_on}")
    assert (page.markup.count('<details class="alike">'), "4 shifts" in page.text) == (1, True)


def test_a_single_shift_that_cannot_be_booked_says_why_beside_it(town: Town, days: Days) -> None:
    here, there = days.shift(3), days.shift(3, days.post("火车站前"))
    person = days.person()
    book(here, person, person, early(here))
    page = Phone(town, person, f"/booking?day={there.starts_on}")
    assert ('<details class="alike">' in page.markup, "火车站前" in page.text) == (False, True)
    assert "Another commitment is in the way" in page.text


def test_who_has_completed_his_hours_is_thanked_and_led_to_them(town: Town, days: Days) -> None:
    shift, person = days.shift(3), days.person()
    assessment = assessment_at(person, shift.office_id)
    with act("assessment.complete", assessment, by=None, at=early(shift)):
        ASSESSMENT.step("complete", assessment)
    phone = Phone(town, person, "/booking")
    assert "The hours of service are complete already." in phone.text
    phone.page = phone.browser.post(f"/booking/{shift.public_id}")
    phone.tap("My hours")
    assert (phone.page.status_code, states()) == (200, [])


def test_a_day_outside_ones_period_is_refused_with_the_days_that_fit(town: Town, days: Days) -> None:
    person = days.person(last=today() + timedelta(days=2))
    shift = days.shift(3)
    phone = Phone(town, person, "/booking")
    phone.page = phone.browser.post(f"/booking/{shift.public_id}")
    assert "This shift lies outside the time of service" in phone.text


def test_what_was_given_back_in_another_tab_says_so(town: Town, days: Days) -> None:
    shift, other, person = days.shift(3), days.shift(4), days.person()
    own, told = (Kept(book(one, person, person, early(one))) for one in (shift, other))
    tab = town.browser(person)
    for path, first, again in (
        (f"/bookings/{own.public_id}/cancellation", "Cancelled.", "This booking was cancelled already."),
        (f"/bookings/{told.public_id}/absence", "Thank you for telling us.", "You have told us already."),
    ):
        for words in (first, again):
            assert words in text_of(tab.get(tab.post(path).location))
    assert "You did not wait" in text_of(tab.get(tab.post(f"/booking/{shift.public_id}/departure").location))
    assert states() == ["cancelled", "absent"]


def test_cancelling_says_beforehand_what_follows(town: Town, days: Days) -> None:
    shift, person = days.shift(3), days.person()
    own = Kept(book(shift, person, person, early(shift)))
    phone = Phone(town, person, f"/bookings/{own.public_id}")
    assert "Your place goes to whoever waits next, at once." in phone.text
    phone.tap("Yes, cancel it")
    assert phone.browser.post(f"/bookings/{own.public_id}/cancellation").status_code == 303
    assert (states(), history(own)) == (["cancelled"], ["attendance.book", "attendance.cancel"])


def test_who_is_too_late_to_cancel_tells_his_absence(town: Town, days: Days) -> None:
    """DOMAIN 9.2 service.cancel_before, D-23. The shift begins within the next twelve hours."""
    shift, person = days.soon(), days.person()
    own = Kept(book(shift, person, person, early(shift)))
    phone = Phone(town, person, f"/bookings/{own.public_id}")
    assert "It is less than 12 hours before the shift." in phone.text
    refused = phone.browser.post(f"/bookings/{own.public_id}/cancellation")
    assert (refused.status_code, states()) == (409, ["booked"])
    phone.tap("Say that I cannot come")
    assert [(one.state, one.outcome) for one in all_of(Attendance)] == [("absent", "absent_late")]


def test_one_button_says_beforehand_what_follows_whenever_it_is_pressed(town: Town, days: Days) -> None:
    """In time the place is freed, late an absence is noted, and once it has begun the page says whom to call."""
    ahead, soon, begun = days.shift(3, days.post("满岗", capacity=1)), days.soon(), days.shift(0)
    people = [days.person() for _ in range(4)]
    pairs = list(zip((ahead, soon, begun), people, strict=False))
    keys = [(who, book(one, who, who, early(one)).public_id) for one, who in pairs]
    wait(ahead, people[3], town.coordinator, early(ahead))
    pages = [Phone(town, who, f"/bookings/{key}").text for who, key in keys]
    said = ("I cannot come", "1 person waits.", "noted as an absence", "not a missed shift", "At the office: 周协调")
    assert [[words in page for words in said] for page in pages] == [
        [True, True, False, False, False],
        [True, False, True, True, False],
        [False, False, False, False, True],
    ]


def test_the_desk_enters_the_same_as_the_volunteer_would(town: Town, days: Days) -> None:
    """Said by phone: in time the place is given back, within the last hours it is an absence told."""
    person = days.person()
    for shift, chosen in ((days.shift(3), "cancel"), (days.soon(), "absent")):
        book(shift, person, person, early(shift))
        page = town.browser(town.coordinator).get(f"/shifts/{shift.public_id}").text
        assert re.findall(r'name="what" value="(\w+)"[^>]* checked', page) == [chosen]


def test_whose_shift_was_moved_is_told_that_he_may_cancel_it_and_the_desk_likewise(town: Town, days: Days) -> None:
    shift, person = days.soon(), days.person()
    own, begins = Kept(book(shift.row(), person.row(), person.row(), early(shift))), shift.event.starts_at
    change_shift(shift.row(), begins, begins + timedelta(minutes=90), 10, town.coordinator, early(shift), "施工")
    desk = town.browser(town.coordinator).get(f"/shifts/{shift.public_id}").text
    assert re.findall(r'name="what" value="(\w+)"[^>]* checked', desk) == ["cancel"]
    phone = Phone(town, person, f"/bookings/{own.public_id}")
    assert "The hours were changed after this was booked" in phone.text
    phone.tap("Yes, cancel it")
    assert [(one.state, one.outcome) for one in all_of(Attendance)] == [("cancelled", None)]


def test_a_slip_of_the_thumb_on_a_shift_that_begins_soon_is_taken_back(town: Town, days: Days) -> None:
    """Where the message with its button is gone, the booking's page still offers it for some minutes."""
    shift, person = days.soon(), days.person()
    phone = Phone(town, person, "/booking")
    phone.page = phone.browser.post(f"/booking/{shift.public_id}")
    [own] = all_of(Attendance)
    assert f"/bookings/{own.public_id}/cancellation" in phone.follow().markup
    phone.page = phone.browser.get(f"/bookings/{own.public_id}")
    phone.tap("Yes, cancel it")
    assert [(one.state, one.outcome) for one in all_of(Attendance)] == [("cancelled", None)]


@pytest.mark.parametrize("reason", ["\x00", "a" * 5000])
def test_a_reason_that_cannot_be_kept_is_refused_and_nothing_changes(town: Town, days: Days, reason: str) -> None:
    shift, person = days.shift(3), days.person()
    own = Kept(book(shift, person, person, early(shift)))
    phone = Phone(town, person, "/bookings")
    assert phone.browser.post(f"/bookings/{own.public_id}/absence", {"reason": reason}).status_code == 422
    assert states() == ["booked"]


def test_nobody_sees_or_cancels_somebody_elses_booking_here(town: Town, days: Days) -> None:
    """The coordinator acts on behalf at his desk, with a reason."""
    shift, person = days.shift(3), days.person()
    own = Kept(book(shift, person, person, early(shift)))
    others = [Kept(who) for who in (town.coordinator, town.volunteer, town.neighbour("volunteer"))]
    for viewer in [days.person(), *others]:
        browser = town.browser(viewer)
        assert browser.get(f"/bookings/{own.public_id}").status_code == 404
        assert browser.post(f"/bookings/{own.public_id}/cancellation", {"reason": "x"}).status_code == 404
    assert states() == ["booked"]


def test_another_offices_shift_cannot_be_found(town: Town, days: Days) -> None:
    shift = days.shift(3)
    browser = town.browser(town.neighbour("volunteer"))
    for path in ("", "/waiting", "/departure"):
        assert browser.post(f"/booking/{shift.public_id}{path}").status_code == 404


def test_who_has_no_service_here_is_told_so_without_a_dead_end(town: Town, days: Days) -> None:
    days.shift(3)
    for path in ("/hours", "/booking", "/bookings"):
        assert Phone(town, town.volunteer, path).page.status_code == 200
    assert "No service of yours is entered here" in Phone(town, town.volunteer, "/hours").text


def test_volunteers_begin_on_their_hours_and_officers_at_the_crossing(town: Town) -> None:
    for role, start in (("volunteer", "/hours"), ("traffic_officer", "/crossing")):
        assert town.browser(getattr(town, role)).get("/").location == start
    assert town.browser(town.coordinator).get("/").status_code == 200


def test_the_words_to_a_volunteer_are_neutral(town: Town, days: Days) -> None:
    """D-20, D-25: nothing of a case, no threat, whatever the page."""
    shift, person = days.shift(3), days.person()
    own = Kept(book(shift, person, person, early(shift)))
    for path in ("/hours", "/booking", "/bookings", f"/bookings/{own.public_id}", "/me/messages"):
        page = Phone(town, person, path).markup
        found = [word for word in ("枫检刑诉", "160.5", "危险驾驶", "punish", "penalt", "must ") if word in page]
        assert (path, found) == (path, [])


def test_who_lacks_an_entry_of_the_office_tells_the_coordinator_by_one_press_a_day(
    town: Town, crossing: Crossing
) -> None:
    """SETTLED 12: an unknown is a question to the coordinator; the refusal carries the button that asks it."""
    days = Days(crossing)
    person, shift = days.person("李小明", on_record=False), days.shift(2)
    phone = Phone(town, person, "/booking")
    phone.page = phone.browser.post(f"/booking/{shift.public_id}")
    assert phone.page.status_code == 409
    phone.tap("Tell the coordinator")
    assert "The coordinator is told." in phone.text
    phone.page = phone.browser.post(f"/booking/{shift.public_id}/question")
    assert "The coordinator was told today already." in phone.follow().text
    told = select(Message.template).where(Message.recipient_id == town.coordinator.id)
    assert list(db.session.scalars(told)) == ["volunteers/record_asked_for"]


def test_whoever_has_left_reads_that_his_service_has_ended_and_is_offered_nothing(town: Town, days: Days) -> None:
    person = days.person("李四")
    days.shift(2)
    [one] = all_of(Assessment)
    withdraw(one, person.row(), datetime.now(UTC))
    phone = Phone(town, person, "/booking")
    assert ("Your service here has ended" in phone.text, "Book" in phone.text) == (True, True)
    offered = phone.markup.count('class="offers"')
    bookings = phone.browser.get("/bookings").text
    assert (offered, "Your service here has ended" in bookings, "Two taps" in bookings) == (0, True, False)
