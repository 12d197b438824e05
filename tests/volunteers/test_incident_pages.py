"""Notes from the crossing on the pages: a few taps to write one, one place to read it, and nobody else's eyes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from record.invariants import broken
from tests.queries import queries_of
from tests.town import Town
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.phone import Days, Kept, Phone
from tests.volunteers.test_crossing import crew, officer
from volunteers.actions.incidents import note
from volunteers.models.attendance import Attendance
from volunteers.models.incidents import Incident, IncidentKind

SECRET = "样例密语"


@pytest.fixture
def days(crossing: Crossing) -> Days:
    return Days(crossing)


def test_a_kind_is_chosen_and_then_noted_with_a_few_words_and_only_the_office_reads_it(town: Town, days: Days) -> None:
    """A tap on what it was notes nothing yet. The person, other volunteers, the squad leader,
    the chief and the clerk find it nowhere."""
    shift = days.shift(0)
    one, other = crew(days, shift, 2)
    phone = officer(town, f"/crossing/{shift.public_id}")
    phone.page = phone.browser.get(f"/crossing/people/{one.public_id}/note")
    assert "What has happened?" in phone.text and "Somebody else in his place" in phone.text
    phone.tap("Somebody else in his place")
    assert ("Nothing of this shift counts for him" in phone.text, all_of(Incident)) == (True, [])
    assert "What has happened?" in phone.browser.get(f"/crossing/people/{one.public_id}/note?kind=nothing").text
    where = f"/crossing/people/{one.public_id}/note"
    bare = phone.browser.post(where, {"kind": "other", "words": " "})
    assert (bare.status_code, "This needs a few words." in bare.text) == (422, True)
    assert 'name="kind" value="other"' in bare.text
    phone.page = phone.browser.post(where, {"kind": "impostor", "words": SECRET})
    phone.follow()
    assert "Noted. It goes to the procuratorate" in phone.text and SECRET not in phone.text
    phone.page = phone.browser.get(where)
    assert SECRET in phone.text and "郑检察" not in phone.text
    desk = town.browser(town.prosecutor)
    assert "1 note from a crossing" in desk.get("/").text
    page = desk.get("/incidents").text
    assert SECRET in page and "I have read it" in page and "Decide who it was" in page
    key = all_of(Incident)[0].public_id
    people = [town.squad_leader, town.chief, town.clerk, one.person, other.person]
    for who in [Kept(person) for person in people]:
        browser = town.browser(who)
        places = (
            "/",
            "/hours",
            "/bookings",
            "/me/messages",
            f"/shifts/{shift.public_id}",
            "/shifts/week",
            "/incidents",
        )
        found = [place for place in places if SECRET in browser.get(place, follow_redirects=True).text]
        assert found == []
        assert browser.post(f"/incidents/{key}/decision", {"was_he": "yes", "reason": "x"}).status_code in {403, 404}
    assert town.browser(town.neighbour("coordinator")).post(f"/incidents/{key}/reading").status_code == 404


def test_the_coordinator_decides_and_what_he_cannot_decide_stays_with_the_prosecutor(town: Town, days: Days) -> None:
    shift = days.shift(0)
    [one] = crew(days, shift, 1)
    phone = officer(town, f"/crossing/{shift.public_id}")
    phone.browser.post(f"/crossing/people/{one.public_id}/arrival")
    phone.browser.post(f"/crossing/people/{one.public_id}/leaving")
    phone.browser.post(f"/crossing/people/{one.public_id}/note", {"kind": "impostor", "words": ""})
    phone.page = phone.browser.get(f"/crossing/{shift.public_id}")
    assert "The office decides" in phone.text and "Let it count again" not in phone.text
    desk, himself = Kept(town.coordinator), Kept(one.person)
    his = f"/assessments/{one.assessment.public_id}"
    for who, where in ((desk, f"/shifts/{shift.public_id}"), (desk, his), (himself, "/hours")):
        assert "The office decides" in Phone(town, who, where).text
    key = all_of(Incident)[0].public_id
    desk = town.browser(town.coordinator)
    page = desk.get("/incidents").text
    assert "Decide who it was" in page and "I have read it" not in page
    bare = desk.post(f"/incidents/{key}/decision", {"was_he": "no", "reason": " "})
    assert (bare.status_code, "Say why." in bare.text) == (422, True)
    desk.post(f"/incidents/{key}/reading")
    assert "1 note from a crossing" in town.browser(town.prosecutor).get("/").text
    done = desk.post(f"/incidents/{key}/decision", {"was_he": "no", "reason": "他承认替人"})
    assert "does not count" in desk.get(done.location).text
    assert [(row.state, row.struck_out) for row in all_of(Attendance)] == [("left", True)]
    page = phone.browser.get(f"/crossing/{shift.public_id}").text
    assert "Let it count again" not in page and "他承认替人" not in page
    assert "他承认替人" in town.browser(town.prosecutor).get("/incidents").text
    assert broken() == []


def test_a_note_about_the_whole_shift_goes_to_the_coordinator_and_the_list_reads_no_more_for_many(
    town: Town, days: Days
) -> None:
    shift = days.shift(0)
    phone = officer(town, f"/crossing/{shift.public_id}").tap("Note an incident")
    assert "The whole shift" in phone.text and "Somebody else in his place" not in phone.text
    phone.page = phone.browser.post(f"/crossing/{shift.public_id}/note", {"kind": "conflict", "words": SECRET})
    phone.follow()
    desk = town.browser(town.coordinator)
    assert SECRET not in town.browser(town.prosecutor).get("/incidents").text
    assert SECRET in desk.get("/incidents").text
    few = queries_of(desk, "/incidents")
    row = shift.row()
    for minute in range(3):
        at = row.event.starts_at + timedelta(minutes=minute)
        note(row, None, IncidentKind.ACCIDENT, "x", town.traffic_officer, at)
    assert queries_of(desk, "/incidents") == few
    assert Phone(town, town.coordinator, "/incidents").tap("I have read it").text.count("read by 周协调") == 1
