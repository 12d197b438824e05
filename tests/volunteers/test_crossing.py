"""The crossing: the unconfirmed first, ticks as facts, ten people in three taps, undo, credit (D-24, D-28, D-29)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from accounts.actions.people import enter_person, give_membership
from extensions import db
from record.act import act, history
from record.course import OffCourse
from record.invariants import broken
from tests.queries import queries_of
from tests.town import NOW, ZONE, Town
from tests.volunteers.conftest import Crossing, all_of, officer_called
from tests.volunteers.phone import Days, Kept, Phone
from volunteers.actions.booking import book, report_absence
from volunteers.actions.credit import append_due
from volunteers.actions.mistakes import arrive_anew, strike_out
from volunteers.actions.postings import end_posting, post_officer
from volunteers.actions.ticks import arrive, miss, standing_of
from volunteers.models.attendance import Attendance, Tick
from volunteers.models.ledger import Confirmation, CreditEntry


@pytest.fixture
def days(crossing: Crossing) -> Days:
    return Days(crossing)


def crew(days: Days, shift: Any, count: int, **more: Any) -> list[Any]:
    """So many people booked on a shift."""
    people = [days.person(**more) for _ in range(count)]
    before = shift.event.starts_at - timedelta(days=1)
    return [Kept(book(shift, person, days.town.coordinator, before)) for person in people]


def officer(town: Town, at: str = "/crossing") -> Phone:
    return Phone(town, town.traffic_officer, at)


def states() -> list[str]:
    return [one.state for one in all_of(Attendance)]


def test_the_page_opens_on_what_is_unconfirmed_oldest_first_then_today(town: Town, days: Days) -> None:
    older, newer, current, ahead = (days.shift(n) for n in (-3, -1, 0, 2))
    for shift in (newer, older, current, ahead):
        crew(days, shift, 1)
    days.shift(-2)
    page = officer(town).text
    order = ["Not yet confirmed", "岗位-3", "1 person to confirm", "岗位-1", "Today", "岗位0", "Here 0 of 1", "岗位2"]
    assert [page.index(word) for word in order] == sorted(page.index(word) for word in order)
    assert "岗位-2" not in page


def test_a_shift_of_ten_is_confirmed_in_three_taps_taken_back_and_confirmed_again(town: Town, days: Days) -> None:
    shift = days.shift(-1)
    crew(days, shift, 10)
    phone = officer(town)
    phone.tap("10 people to confirm").tap("All here, full time").tap("Confirm 10 people")
    assert (phone.taps, states()) == (3, ["confirmed"] * 10)
    assert "10 people confirmed" in phone.text
    phone.page = phone.browser.get("/crossing")
    phone.tap("Undo")
    assert states() == ["left"] * 10
    phone.tap("Confirm 10 people").tap("Confirm 10 people")
    assert (states(), all_of(CreditEntry), broken()) == (["confirmed"] * 10, [], [])


def test_after_ten_minutes_the_credit_stands_and_is_told(town: Town, days: Days) -> None:
    """I44, through the job of each minute."""
    shift = days.shift(-1)
    one = crew(days, shift, 1)[0]
    phone = officer(town)
    phone.tap("1 person to confirm").tap("All here, full time").tap("Confirm 1 person")
    now = datetime.now(UTC)
    assert append_due(now + timedelta(minutes=9)) == 0
    assert append_due(now + timedelta(minutes=10, seconds=1)) == 1
    assert [(entry.kind, entry.minutes) for entry in all_of(CreditEntry)] == [("credit", 90)]
    phone.page = phone.browser.get(f"/crossing/{shift.public_id}")
    assert "Credited" in phone.text and "Undo" not in phone.text
    hours = Phone(town, Kept(one.person), "/hours").text
    assert "1.5 of 20 hours" in hours and "confirmed by 朱交警" in hours
    assert "18 hours 30 minutes" in hours and broken() == []


def test_five_sendings_from_two_phones_confirm_and_credit_once(town: Town, days: Days) -> None:
    """T05: what was answered is answered alike; the other phone is told that it is done."""
    shift = days.shift(-1)
    crew(days, shift, 2)
    first, second = officer(town), officer(town)
    first.browser.post(f"/crossing/{shift.public_id}/full-time")
    shown = {"people": "2", "minutes": "180"}
    sent = [(first, "one"), (second, "two"), (first, "one"), (second, "two"), (first, "one")]
    pages = [
        phone.browser.post(f"/crossing/{shift.public_id}/confirmation", {**shown, "form_id": key})
        for phone, key in sent
    ]
    assert [page.status_code for page in pages] == [303, 409, 303, 409, 303]
    assert (states(), len(all_of(Confirmation))) == (["confirmed"] * 2, 2)
    later = datetime.now(UTC) + timedelta(minutes=11)
    assert [append_due(later), append_due(later)] == [2, 0]
    assert ([entry.minutes for entry in all_of(CreditEntry)], broken()) == ([90, 90], [])


def test_once_it_is_over_nobody_is_ticked_in_by_the_clock_of_now(town: Town, days: Days) -> None:
    """His arrival would lie after the end, and take all his time."""
    current, over = days.shift(0), days.shift(-1)
    for shift in (current, over):
        crew(days, shift, 1)
    pages = [officer(town, f"/crossing/{shift.public_id}").text for shift in (current, over)]
    assert [("Has come" in text, "All here, full time" in text) for text in pages] == [(True, False), (False, True)]


def test_a_press_is_a_stored_fact_with_the_devices_time_and_the_servers(town: Town, days: Days) -> None:
    shift = days.shift(0)
    one = crew(days, shift, 1)[0]
    phone = officer(town, f"/crossing/{shift.public_id}")
    pressed = datetime.now(UTC) - timedelta(seconds=40)
    answer = phone.browser.post(f"/crossing/people/{one.public_id}/arrival", {"device_at": pressed.isoformat()})
    [tick] = all_of(Tick)
    assert (answer.status_code, tick.kind, tick.at, tick.device_at) == (303, "in", pressed, pressed)
    assert (tick.server_at > pressed, tick.by.name, history(one)) == (
        True,
        "朱交警",
        ["attendance.book", "attendance.arrive"],
    )


@pytest.mark.parametrize("clock", ["", "x", "\U0001f600", "2026-11-24T07:30:00", "2001-01-01T00:00:00Z", "9" * 300])
def test_a_clock_that_cannot_be_right_is_noted_but_does_not_count(town: Town, days: Days, clock: str) -> None:
    shift = days.shift(0)
    one = crew(days, shift, 1)[0]
    browser = town.browser(town.traffic_officer)
    assert browser.post(f"/crossing/people/{one.public_id}/arrival", {"device_at": clock}).status_code == 303
    [tick] = all_of(Tick)
    assert tick.at == tick.server_at


def test_pressed_twice_or_from_an_old_page_it_is_one_tick(town: Town, days: Days) -> None:
    shift = days.shift(0)
    one = crew(days, shift, 1)[0]
    browser = town.browser(town.traffic_officer)
    for _ in range(2):
        assert browser.post(f"/crossing/people/{one.public_id}/arrival").status_code == 303
    for _ in range(2):
        assert browser.post(f"/crossing/people/{one.public_id}/leaving").status_code == 303
    assert browser.post(f"/crossing/people/{one.public_id}/arrival").status_code == 303
    assert [tick.kind for tick in all_of(Tick)] == ["in", "out"]


def test_htmx_gets_the_row_the_count_and_the_thumb(town: Town, days: Days) -> None:
    shift = days.shift(0)
    one = crew(days, shift, 2)[0]
    browser = town.browser(town.traffic_officer)
    answer = browser.post(f"/crossing/people/{one.public_id}/arrival", headers={"HX-Request": "true"})
    assert (answer.status_code, f'id="p-{one.public_id}"' in answer.text) == (200, True)
    assert 'id="count"' in answer.text and 'id="at-thumb"' in answer.text and "Here 1/2" in answer.text


def test_before_the_hour_before_the_start_nobody_is_ticked_in_and_the_page_says_from_when(
    town: Town, days: Days
) -> None:
    """On the shift's day: the list is open, the shift is still far. Late in the evening only one of tomorrow is that
    far, and its list is not open yet (D-24)."""
    now = datetime.now(ZONE)
    if now.hour >= 21:
        shift = days.shift(1)
        one = crew(days, shift, 1)[0]
        phone = officer(town, f"/crossing/{shift.public_id}")
        refused = phone.browser.post(f"/crossing/people/{one.public_id}/arrival").status_code
        assert ("The list opens on the day of the shift." in phone.text, "Has come" in phone.text) == (True, False)
        assert (refused, states()) == (404, ["booked"])
        return
    post = days.post("远岗", evening=(time(now.hour + 2), time(min(now.hour + 3, 23), 59)))
    shift = days.shift(0, post)
    one = crew(days, shift, 1)[0]
    phone = officer(town, f"/crossing/{shift.public_id}")
    opens = f"From {now.hour + 1:02}:00 on: tick people in"
    assert (opens in phone.text, "Has come" in phone.text) == (True, False)
    refused = phone.browser.post(f"/crossing/people/{one.public_id}/arrival")
    assert (refused.status_code, states()) == (409, ["booked"])
    assert "An arrival for this shift can be noted from" in refused.text and f"{now.hour + 1:02}:00" in refused.text


def test_what_is_untrue_of_a_corrected_time_is_not_said(town: Town, days: Days) -> None:
    """Of an evening shift a time at night is too early, not one of the next day."""
    shift = days.shift(-1)
    one = crew(days, shift, 1)[0]
    phone = officer(town, f"/crossing/{shift.public_id}").tap("All here, full time")
    path = f"/crossing/people/{one.public_id}/correction"
    said = {
        ("in", "03:10"): "is not of this shift, which lasts from",
        ("in", "19:01"): "is not of this shift, which lasts from",
        ("out", "17:29"): "If he was not there at all, take the tick back as a mistake.",
        ("in", "19:00"): "must come after the arrival",
        ("out", "17:30"): "must come after the arrival",
    }
    for (kind, clock), words in said.items():
        refused = phone.browser.post(path, {"kind": kind, "clock": clock, "reason": "typed wrong"})
        assert (refused.status_code in {409, 422}, words in refused.text) == (True, True)


def test_the_sheet_names_who_differs_and_the_sum(town: Town, days: Days) -> None:
    shift = days.shift(-1)
    late, gone, *_ = crew(days, shift, 4)
    with_officer = town.traffic_officer
    arrive(late.row(), with_officer, shift.event.starts_at + timedelta(minutes=12))
    miss(gone.row(), with_officer, shift.event.ends_at)
    phone = officer(town).tap("people to confirm").tap("All here, full time")
    assert "3 people 4 hours 18 minutes" in re.sub(r"\s+", " ", phone.text)
    assert "2 for the whole shift: 1 hour 30 minutes each" in phone.text
    assert late.person.name in phone.text and "came late" in phone.text
    assert gone.person.name not in phone.text
    phone.tap("Confirm 3 people")
    assert sorted(states()) == ["confirmed", "confirmed", "confirmed", "no_show"]


def test_that_somebody_did_not_come_is_said_after_the_end_in_two_steps(town: Town, days: Days) -> None:
    shift = days.shift(-1)
    crew(days, shift, 1)
    phone = officer(town, f"/crossing/{shift.public_id}")
    assert "Only the office can change this afterwards." in phone.text
    phone.tap("Yes, did not come")
    assert (states(), "Nothing waits for you here." in phone.text) == (["no_show"], True)


def test_who_is_left_with_times_that_give_no_minute_leads_to_the_reason(town: Town, days: Days) -> None:
    shift = days.shift(-1)
    one = crew(days, shift, 1)[0]
    phone = officer(town, f"/crossing/{shift.public_id}")
    for step in ("arrival", "leaving"):  # a day late: neither lies within the shift
        phone.browser.post(f"/crossing/people/{one.public_id}/{step}")
    phone.page = phone.browser.get(f"/crossing/{shift.public_id}")
    phone.tap("Who cannot be confirmed, and why")
    assert "no whole minute within the shift" in phone.text


def test_who_cannot_be_confirmed_is_named_or_all_in_one_sentence_where_all_fail_alike(town: Town, days: Days) -> None:
    shift = days.shift(-1)
    first, *_ = crew(days, shift, 3)
    sheet = f"/crossing/{shift.public_id}/confirmation"
    phone = officer(town, sheet)
    assert "3 people: not ticked in" in re.sub(r"\s+", " ", phone.text) and first.person.name not in phone.text
    phone.browser.post(f"/crossing/people/{first.public_id}/arrival")
    phone.page = phone.browser.get(sheet)
    assert f"{first.person.name} not ticked out" in re.sub(r"\s+", " ", phone.text)
    refused = phone.browser.post(sheet, {"people": "3", "minutes": "270"})
    assert (refused.status_code, "There is nobody to confirm now." in refused.text) == (409, True)


def test_what_was_not_seen_is_not_confirmed(town: Town, days: Days) -> None:
    """An old page, a second officer meanwhile: nothing happens but that it is said."""
    shift = days.shift(-1)
    crew(days, shift, 2)
    phone = officer(town, f"/crossing/{shift.public_id}").tap("All here, full time")
    for shown in ({"people": "3", "minutes": "270"}, {"people": "2", "minutes": "179"}):
        refused = phone.browser.post(f"/crossing/{shift.public_id}/confirmation", shown)
        assert (refused.status_code, "it would be 2 people now" in refused.text) == (409, True)
    for shown in ({}, {"people": "x", "minutes": "180"}, {"people": "9" * 40, "minutes": "1"}):
        assert phone.browser.post(f"/crossing/{shift.public_id}/confirmation", shown).status_code == 422
    assert states() == ["left", "left"]


def test_everybody_at_once_is_refused_in_one_sentence_before_the_end(town: Town, days: Days) -> None:
    shift = days.shift(0)
    crew(days, shift, 2)
    refused = town.browser(town.traffic_officer).post(f"/crossing/{shift.public_id}/full-time")
    assert (refused.status_code, "This can be said from the end of the shift on" in refused.text) == (409, True)
    assert (states(), "Has come" in refused.text) == (["booked", "booked"], True)


def test_undo_is_over_when_the_time_is_and_nobody_elses(town: Town, days: Days) -> None:
    shift = days.shift(-1)
    crew(days, shift, 1)
    phone = officer(town).tap("1 person to confirm").tap("All here, full time").tap("Confirm 1 person")
    for batch in ("", "x", "00000000-0000-0000-0000-000000000000"):
        assert phone.browser.post(f"/crossing/{shift.public_id}/undo", {"batch": batch}).status_code in {409, 422}
    assert states() == ["confirmed"]


def test_names_stand_on_the_roll_from_the_shifts_day_until_it_is_closed(town: Town, days: Days) -> None:
    """D-24. Of what he confirmed he knows; it is for a correction only (TRUST 2)."""
    ahead, over = days.shift(1), days.shift(-1)
    later, earlier = crew(days, ahead, 1)[0], crew(days, over, 1)[0]
    assert later.person.name not in officer(town, f"/crossing/{ahead.public_id}").text
    assert officer(town, f"/crossing/people/{later.public_id}").page.status_code == 404
    assert earlier.person.name in officer(town, f"/crossing/{over.public_id}").text
    phone = officer(town).tap("1 person to confirm").tap("All here, full time").tap("Confirm 1 person")
    phone.tap("Close the shift")
    said = "This shift is closed: what was confirmed is final." in phone.text
    assert (said, states()) == (True, ["booked", "credited"])
    assert earlier.person.name not in phone.text
    assert phone.browser.get(f"/crossing/people/{earlier.public_id}").status_code == 403


def steps(one: Any, shift: Any) -> list[str]:
    """Every press about one person and one shift."""
    about = ("arrival", "leaving", "no-show", "correction", "sending-home", "mistake", "restoration", "call")
    return [f"/crossing/people/{one.public_id}/{step}" for step in about] + [
        f"/crossing/{shift.public_id}/{step}" for step in ("full-time", "confirmation", "undo")
    ]


def test_another_offices_shift_and_one_he_is_not_posted_to_are_not_there(town: Town, days: Days) -> None:
    """T12, I15: also after he was relieved."""
    shift = days.shift(0)
    one = crew(days, shift, 1)[0]
    stranger = enter_person({"name": "别的民警"}, town.office, by=None, at=NOW)
    give_membership(stranger, town.office, "traffic_officer", starts_on=date(2026, 1, 1), by=None, at=NOW)
    days.crossing.account(stranger)
    for who in [Kept(stranger), Kept(town.neighbour("traffic_officer")), Kept(town.volunteer)]:
        browser = town.browser(who)
        assert browser.get(f"/crossing/{shift.public_id}").status_code in {403, 404}
        assert {browser.post(path, {"reason": "x"}).status_code for path in steps(one, shift)} <= {403, 404}
    [posting] = shift.postings
    end_posting(posting, town.coordinator, datetime.now(UTC), "another post")
    browser = town.browser(town.traffic_officer)
    assert {browser.post(path, {"reason": "x"}).status_code for path in steps(one, shift)} == {404}
    assert (states(), all_of(Tick)) == (["booked"], [])


def test_nobody_ticks_or_confirms_himself(town: Town, days: Days) -> None:
    """I15, D-29."""
    shift, both = days.shift(0), days.person()
    give_membership(both.row(), town.office, "traffic_officer", starts_on=date(2026, 1, 1), by=None, at=NOW)
    before = shift.event.starts_at - timedelta(days=1)
    own = Kept(book(shift, both, town.coordinator, before))
    post_officer(shift.row(), both.row(), town.coordinator, datetime.now(UTC), "help")
    phone = Phone(town, both, f"/crossing/{shift.public_id}")
    assert "This is you. Another officer of this shift ticks and confirms." in phone.text
    assert "Has come" not in phone.text
    assert phone.browser.post(f"/crossing/people/{own.public_id}/arrival").status_code == 403
    assert states() == ["booked"]


def test_a_time_is_corrected_with_a_reason_and_both_are_kept(town: Town, days: Days) -> None:
    shift = days.shift(-1)
    one = crew(days, shift, 1)[0]
    phone = officer(town, f"/crossing/{shift.public_id}").tap("All here, full time")
    path = f"/crossing/people/{one.public_id}"
    for wrong in (
        {"kind": "in", "clock": "17:40", "reason": ""},
        {"kind": "in", "clock": "25:00", "reason": "x"},
        {"kind": "sideways", "clock": "17:40", "reason": "x"},
        {"kind": "out", "clock": "17:20", "reason": "left before he came"},
        {"kind": "in", "clock": "17:40", "reason": "\x00"},
    ):
        assert phone.browser.post(f"{path}/correction", wrong).status_code == 422
    good = {"kind": "in", "clock": "17:40", "reason": "he helped a child first"}
    assert phone.browser.post(f"{path}/correction", good).status_code == 303
    phone.page = phone.browser.get(path)
    assert "Arrival 17:30 replaced" in re.sub(r"\s+", " ", phone.text) and "he helped a child first" in phone.text
    phone.page = phone.browser.get(f"/crossing/{shift.public_id}/confirmation")
    assert "1 hour 20 minutes" in phone.text


def test_nothing_is_corrected_once_it_is_confirmed(town: Town, days: Days) -> None:
    shift = days.shift(-1)
    one = crew(days, shift, 1)[0]
    phone = officer(town).tap("1 person to confirm").tap("All here, full time").tap("Confirm 1 person")
    good = {"kind": "in", "clock": "17:40", "reason": "x"}
    assert phone.browser.post(f"/crossing/people/{one.public_id}/correction", good).status_code == 409
    assert len(all_of(Tick)) == 2


def test_a_wrong_row_pressed_does_not_count_and_can_count_again(town: Town, days: Days) -> None:
    """The tick stays, as a fact."""
    shift = days.shift(-1)
    one, other = crew(days, shift, 2)
    phone = officer(town, f"/crossing/{shift.public_id}")
    phone.browser.post(f"/crossing/people/{one.public_id}/arrival")
    assert phone.browser.post(f"/crossing/people/{one.public_id}/mistake", {"reason": " "}).status_code == 422
    assert phone.browser.post(f"/crossing/people/{one.public_id}/mistake", {"reason": "wrong row"}).status_code == 303
    phone.page = phone.browser.get(f"/crossing/{shift.public_id}")
    phone.tap("All here, full time").tap("Confirm 1 person")
    assert (one.state, one.struck_out, other.state) == ("arrived", True, "confirmed")
    phone.browser.post(f"/crossing/people/{one.public_id}/restoration")
    assert history(one)[-2:] == ["attendance.strike_out", "attendance.restore"]


def test_after_a_tap_in_the_wrong_row_whoever_comes_is_ticked_in_by_the_same_button(town: Town, days: Days) -> None:
    """Nothing is overwritten: the new tick replaces the mistaken one, for the reason it was taken back."""
    shift = days.shift(0)
    [one] = crew(days, shift, 1)
    phone = officer(town, f"/crossing/{shift.public_id}")
    phone.tap("Has come").tap("Wrong row: take it back")
    assert ("Not here" in phone.text, "Here 0/1" in phone.text, one.struck_out) == (True, True, True)
    phone.tap("Has come")
    assert ("Here 1/1" in phone.text, one.struck_out) == (True, False)
    mistaken, counts = all_of(Tick)
    assert (counts.replaces_id, counts.reason) == (mistaken.id, "pressed in the wrong row")
    assert standing_of(one.row()).came_at == counts.at
    assert history(one)[-2:] == ["attendance.strike_out", "attendance.arrive_anew"]
    assert phone.browser.post(f"/crossing/people/{one.public_id}/arrival").status_code == 303
    assert (len(all_of(Tick)), broken()) == (2, [])


def test_a_mistake_of_another_officer_is_not_replaced_and_a_person_chooses(town: Town, days: Days) -> None:
    """I45, SETTLED 15."""
    shift, colleague = days.shift(-1), officer_called(town, "马交警")
    post_officer(shift.row(), colleague, town.coordinator, shift.event.starts_at, "help")
    [one] = crew(days, shift, 1)
    begun = shift.event.starts_at
    arrive(one.row(), town.traffic_officer, begun)
    with pytest.raises(OffCourse):
        arrive_anew(one.row(), colleague, begun)
    strike_out(one.row(), town.traffic_officer, begun, "wrong row")
    arrive_anew(one.row(), colleague, begun + timedelta(minutes=20))
    assert [tick.replaces_id for tick in all_of(Tick)] == [None, None]
    assert (standing_of(one.row()).disagree, broken()) == (True, [])


def test_sent_home_with_a_reason_what_was_served_counts(town: Town, days: Days) -> None:
    shift = days.shift(0)
    one = crew(days, shift, 1)[0]
    phone = officer(town, f"/crossing/{shift.public_id}")
    path = f"/crossing/people/{one.public_id}"
    phone.browser.post(f"{path}/arrival")
    assert phone.browser.post(f"{path}/sending-home", {"reason": ""}).status_code == 422
    assert phone.browser.post(f"{path}/sending-home", {"reason": "thunderstorm"}).status_code == 303
    assert (one.state, one.outcome, one.fault) == ("left", "sent_home", "nobody")


def test_who_told_that_he_cannot_come_is_excused_and_not_waited_for(town: Town, days: Days) -> None:
    shift = days.shift(-1)
    one, _ = crew(days, shift, 2)
    report_absence(one.row(), Kept(one.person).row(), shift.event.starts_at - timedelta(hours=1), "ill")
    phone = officer(town).tap("1 person to confirm")
    assert "Excused" in phone.text and "Here 0/1" in phone.text
    phone.tap("All here, full time").tap("Confirm 1 person")
    assert sorted(states()) == ["absent", "confirmed"]


def test_nothing_of_the_case_or_the_person_leaks_on_the_pages_of_the_crossing(town: Town, days: Days) -> None:
    """D-24, D-25: beside it stands all that could leak."""
    shift = days.shift(-1)
    one = crew(days, shift, 1)[0]
    assessment = db.session.scalars(select(Attendance)).one().assessment
    with act("assessment.note", assessment, by=None, at=NOW):
        assessment.aggravating, assessment.remark = "无证驾驶", "血检两次"
    person, case = assessment.person, assessment.case
    secrets = [person.id_number, person.phone, case.number, case.cause, "160.5", "无证驾驶", "血检两次", "郑检察"]
    secrets += [f"{assessment.first_on:%Y-%m-%d}", f"{assessment.last_on:%Y-%m-%d}", "20 hours"]
    secrets = [str(secret) for secret in secrets]
    phone = officer(town)
    pages = [phone.markup]
    for path in ("", "/confirmation"):
        pages.append(phone.browser.get(f"/crossing/{shift.public_id}{path}").text)
    pages.append(phone.browser.get(f"/crossing/people/{one.public_id}").text)
    pages += [phone.browser.get(path).text for path in ("/day", "/calendar", "/me/messages")]
    assert all(one.person.name in page for page in pages[1:2])
    assert [secret for secret in secrets for page in pages if secret in page] == []


def test_a_call_dials_without_printing_the_number_and_is_an_act(town: Town, days: Days) -> None:
    shift = days.shift(-1)
    one = crew(days, shift, 1)[0]
    number = one.person.phone
    phone = officer(town, f"/crossing/people/{one.public_id}").tap("Call")
    assert (f'href="tel:{number}"' in phone.markup, number in phone.text) == (True, False)
    assert history(one)[-1] == "attendance.call"


def test_my_day_lists_what_waits_at_the_crossing_and_the_calendar_leads_there(town: Town, days: Days) -> None:
    shift = days.shift(-1)
    crew(days, shift, 2)
    phone = officer(town, "/day")
    assert "2 people to confirm" in phone.text
    phone.tap("Confirm")
    assert f"/crossing/{shift.public_id}" in phone.markup and "岗位-1" in phone.text


def test_the_list_of_a_shift_asks_the_same_questions_whatever_its_length(town: Town, days: Days) -> None:
    few, many = days.shift(-1), days.shift(-2)
    crew(days, few, 2)
    crew(days, many, 9)
    browser = town.browser(town.traffic_officer)
    short, long = queries_of(browser, *(f"/crossing/{shift.public_id}" for shift in (few, many)))
    assert short == long
