"""The officer's pages of a shift that runs: stopped and prolonged with a press, taken back within five minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.presenting import clock
from record.act import history
from record.invariants import broken
from tests.accounts.visitor import text_of
from tests.town import Town
from tests.volunteers.conftest import Crossing, all_of, officer_called
from tests.volunteers.phone import Days, Kept, Phone
from tests.volunteers.test_crossing import crew, officer
from volunteers.actions.obstacles import assessment_at
from volunteers.actions.walk_in import guest_code
from volunteers.models.attendance import Attendance, Tick


@pytest.fixture
def days(crossing: Crossing) -> Days:
    return Days(crossing)


def states() -> list[Any]:
    return [(one.state, one.outcome) for one in all_of(Attendance)]


def test_stopped_with_one_press_of_a_reason_and_taken_back_with_another(town: Town, days: Days) -> None:
    shift = days.shift(0)
    here, away = crew(days, shift, 2)
    phone = officer(town, f"/crossing/{shift.public_id}")
    phone.browser.post(f"/crossing/people/{here.public_id}/arrival")
    phone.tap("Stop, prolong, hand over")
    assert "1 person who is here goes home" in phone.text and "1 person who has not come" in phone.text
    where = f"/crossing/{shift.public_id}/stop"
    phone.page = phone.browser.post(where, {"why": "weather"})
    phone.follow()
    assert ": Bad weather" in phone.text and "Ended for all" in phone.text and "4:5" in phone.text
    assert states() == [("left", "sent_home"), ("cancelled", "cancelled_by_service")]
    assert phone.browser.post(where, {"why": "weather"}).status_code == 303
    told = Phone(town, Kept(away.person), "/me/messages").text
    assert "Bad weather" in told
    phone.page = phone.browser.get(f"/crossing/{shift.public_id}")
    phone.tap("It goes on")
    assert "Need not come" in phone.text and "The shift goes on until" in phone.text
    assert (states(), history(shift)[-2:], broken()) == (
        [("arrived", None), ("booked", "cancelled_by_service")],
        ["shift.stop", "shift.resume"],
        [],
    )


def test_prolonging_names_whom_it_hits_and_words_are_asked_for_where_nothing_was_chosen(town: Town, days: Days) -> None:
    shift = days.shift(0)
    crew(days, shift, 1)
    phone = officer(town, f"/crossing/{shift.public_id}/steering")
    assert phone.text.count("minutes more") == 4
    where = f"/crossing/{shift.public_id}/prolongation"
    refused = phone.browser.post(where, {"why": "words", "words": " ", "minutes": "10"})
    assert (refused.status_code, "Say in a few words why." in refused.text) == (422, True)
    assert phone.browser.post(where, {"why": "traffic", "minutes": "11"}).status_code == 422
    before = shift.event.ends_at
    phone.page = phone.browser.post(where, {"why": "words", "words": "road works", "minutes": "20"})
    phone.follow()
    assert "The shift lasts until" in phone.text
    assert ((shift.event.ends_at - before).seconds, broken()) == (20 * 60, [])


def test_the_desk_and_the_squad_leader_steer_as_well_and_a_stranger_finds_nothing(town: Town, days: Days) -> None:
    shift = days.shift(0)
    asked = [(town.coordinator, 200), (town.squad_leader, 200), (town.prosecutor, 403)]
    asked += [(town.neighbour(role), 404) for role in ("traffic_officer", "coordinator")]
    for person, found in [(Kept(person), found) for person, found in asked]:
        assert town.browser(person).get(f"/crossing/{shift.public_id}/steering").status_code == found
    desk = town.browser(town.coordinator)
    answer = desk.post(f"/crossing/{shift.public_id}/stop", {"why": "words", "words": "暴雨橙色预警"})
    assert answer.location.endswith(f"/shifts/{shift.public_id}")
    assert "暴雨橙色预警" in desk.get(answer.location).text


def test_somebody_not_on_the_list_is_found_and_admitted_or_the_page_says_why_not(town: Town, days: Days) -> None:
    """By initials and number; what is wrong with his papers is told with what helps, and nothing of his case."""
    shift = days.shift(0)
    good, bare = days.person("王小明"), days.person("赵无险", on_record=False)
    phone = officer(town, f"/crossing/{shift.public_id}").tap("Not on the list")
    where = f"/crossing/{shift.public_id}/walk-in/search"
    assert "Nobody of this office" in phone.browser.post(where, {"initials": "wxm", "tail": "9999"}).text
    assert phone.browser.post(where, {"initials": "王", "tail": "9999"}).status_code == 422
    phone.page = phone.browser.post(where, {"initials": "zwx", "tail": bare.phone[-4:]})
    assert "He cannot serve here now." in phone.text and "the risks of this service" in phone.text
    assert "9999" not in phone.text and "without a booking" not in phone.text
    phone.page = phone.browser.post(where, {"initials": "wxm", "tail": good.phone[-4:]})
    phone.tap("Is here, without a booking")
    assert "王小明 is here, without a booking." in phone.text and "Here, extra" in phone.text
    assert states() == [("arrived", None)]
    forged = {"initials": "wxm", "tail": good.phone[-4:], "who": str(shift.public_id)}
    assert phone.browser.post(f"/crossing/{shift.public_id}/walk-in", forged).status_code == 404


def test_handed_over_the_colleague_finds_the_shift_on_top_of_his_page_and_the_first_one_no_longer(
    town: Town, days: Days
) -> None:
    shift = days.shift(0)
    crew(days, shift, 1)
    colleague = Kept(days.crossing.account(officer_called(town, "马交警")))
    phone = officer(town, f"/crossing/{shift.public_id}/steering")
    assert "马交警 · 一中队" in phone.text
    where = f"/crossing/{shift.public_id}/hand-over"
    refused = phone.browser.post(where, {"to": str(colleague.public_id), "why": "words"})
    assert (refused.status_code, "Say in a few words why." in refused.text) == (422, True)
    phone.page = phone.browser.post(where, {"to": str(colleague.public_id), "why": "called_away"})
    phone.follow()
    assert "马交警 has the shift now and is told." in phone.text and "岗位0" not in phone.text
    assert phone.browser.get(f"/crossing/{shift.public_id}").status_code == 404
    assert "岗位0" in Phone(town, colleague, "/crossing").text


def test_the_camera_reads_whoever_has_no_booking_and_the_officer_admits_him(town: Town, days: Days) -> None:
    shift, guest = days.shift(0), days.person("王小明")
    assert "my code" in Phone(town, guest, "/hours").tap("At a crossing without a booking").text.lower()
    shown = guest_code(assessment_at(guest.row(), town.office.id), datetime.now(UTC))
    assert shown is not None
    phone = officer(town, f"/crossing/{shift.public_id}/scan")
    phone.page = phone.browser.post(f"/crossing/{shift.public_id}/scan", {"code": shown.text})
    phone.tap("Look whether he can serve here").tap("Is here, without a booking")
    assert ("王小明 is here, without a booking." in phone.text, states()) == (True, [("arrived", None)])
    again = phone.browser.post(f"/crossing/{shift.public_id}/scan", {"code": shown.text})
    came = f"is on the list, arrived {clock(all_of(Tick)[0].at)}"
    assert (came in again.text, "Not on the list" in again.text) == (True, False)
    assert "Your arrival is noted" in Phone(town, guest, "/hours/code").follow().text


def test_what_was_searched_stands_again_when_the_admission_is_refused_and_a_guess_shows_nobody(
    town: Town, days: Days
) -> None:
    """The look is not made anew: by an id that was not found nothing is learnt."""
    shift, guest = days.shift(0, days.post("满岗", capacity=1, evening=days.around())), days.person("王小明")
    crew(days, shift, 1)
    phone, where = officer(town), f"/crossing/{shift.public_id}/walk-in"
    sought = {"initials": "wxm", "tail": guest.phone[-4:]}
    page = phone.browser.post(f"{where}/search", sought).text
    who = page.split('name="who" value="')[1].split('"')[0]
    refused = phone.browser.post(where, {**sought, "who": who, "reason": "x" * 201})
    for words in ("王小明", 'value="wxm"', "x" * 201, "At most 200 characters."):
        assert words in refused.text
    assert "王小明" in phone.browser.post(where, {**sought, "who": who}).text
    for guessed in (str(shift.public_id), "nobody"):
        assert "王小明" not in phone.browser.post(where, {**sought, "who": guessed}).text


def test_a_shift_is_prolonged_from_the_end_that_the_page_shows(town: Town, days: Days) -> None:
    """Two open pages: the button names a time, and no other comes of it."""
    shift = days.shift(0)
    crew(days, shift, 1)
    first, second = (officer(town, f"/crossing/{shift.public_id}/steering") for _ in range(2))
    ends_at, until = shift.event.ends_at, clock(shift.event.ends_at + timedelta(minutes=10))
    body = {"why": "traffic", "minutes": "10", "ends_at": ends_at.isoformat()}
    assert f'name="ends_at" value="{ends_at.isoformat()}"' in second.markup
    where = f"/crossing/{shift.public_id}/prolongation"
    pressed = [one.browser.post(where, body) for one in (first, second)]
    assert [answer.status_code for answer in pressed] == [303, 409]
    said = text_of(pressed[1])
    assert (until in said, "by now: somebody has changed it since this page was opened." in said) == (True, True)
    assert shift.event.ends_at == ends_at + timedelta(minutes=10)


def test_before_its_start_a_shift_can_be_stopped_once_somebody_is_here_and_goes_on_again(
    town: Town, days: Days
) -> None:
    shift = days.soon()
    [one] = crew(days, shift, 1)
    phone = officer(town, f"/crossing/{shift.public_id}").tap("Stop, prolong, hand over")
    assert ("coordinator or squad leader cancels it" in phone.text, "Bad weather" in phone.text) == (True, False)
    assert "Hand over to a colleague" in phone.text
    phone.browser.post(f"/crossing/people/{one.public_id}/arrival")
    assert "Stop or prolong" in town.browser(town.coordinator).get(f"/shifts/{shift.public_id}").text
    phone.page = phone.browser.get(f"/crossing/{shift.public_id}")
    phone.tap("Stop, prolong, hand over")
    assert "a shift the service cancelled, never a missed one" in phone.text and "minutes more" not in phone.text
    phone.page = phone.browser.post(f"/crossing/{shift.public_id}/stop", {"why": "weather"})
    phone.follow()
    assert ("Not on the list" in phone.text, states()) == (False, [("cancelled", "cancelled_by_service")])
    phone.tap("It goes on")
    assert ("Here 1/1" in phone.text, states(), broken()) == (True, [("arrived", None)], [])


def test_a_shift_stopped_before_its_start_keeps_its_people_its_hours_and_what_they_have_to_give_back(
    town: Town, days: Days
) -> None:
    """Not held is no "nobody has booked", and its hours are those that were planned."""
    shift = days.soon()
    here, away = crew(days, shift, 2)
    hours = f"{clock(shift.event.starts_at)}–{clock(shift.event.ends_at)}"
    phone = officer(town, f"/crossing/{shift.public_id}")
    phone.browser.post(f"/crossing/people/{here.public_id}/arrival")
    phone.browser.post(f"/crossing/{shift.public_id}/equipment")
    phone.page = phone.browser.post(f"/crossing/{shift.public_id}/stop", {"why": "weather"})
    phone.follow()
    for page in (phone.markup, phone.browser.get("/crossing").text, _desk(town, shift)):
        assert ("Not held" in page, hours in page, "Nobody has booked" in page) == (True, True, False)
    assert "before its start: Bad weather" in phone.text
    assert [one.person.name in phone.text for one in (here, away)] == [True, True]
    phone.tap("Equipment back from 1")
    assert ("Taken back from 1 person." in phone.text, broken()) == (True, [])


def _desk(town: Town, shift: Any) -> str:
    return str(town.browser(town.coordinator).get(f"/shifts/{shift.public_id}").text)
