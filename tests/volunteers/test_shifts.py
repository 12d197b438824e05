"""A shift at the desk: its list and page, other hours, more or fewer places, cancelling, officers, the sign-in sheet;
what people say at the desk is entered for them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from accounts.access import Viewer
from accounts.models import Person
from extensions import db
from record.act import act, history
from record.course import OffCourse
from record.invariants import broken
from record.models import Act, Message
from scheduler.timeline.timeline import Collision
from tests.accounts.visitor import text_of
from tests.examples import EXAMPLES
from tests.queries import queries_of
from tests.racing import race
from tests.town import NOW, ZONE, Town, local
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.phone import Days
from volunteers.actions.booking import book, excuse, wait
from volunteers.actions.obstacles import quotas_of
from volunteers.actions.postings import end_posting, post_officer
from volunteers.actions.shifts import ShiftBegun, TooFewPlaces, WindowTaken, cancel_shift, change_shift, open_one
from volunteers.actions.ticks import arrive, miss
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance
from volunteers.models.posts import Post
from volunteers.models.shifts import Shift
from volunteers.rules.shifts import ReasonNeeded, TooShort
from volunteers.waits import shifts_to_see_to

MORNING = (local("2026-11-25 07:30"), local("2026-11-25 09:00"))
SAID = {"how": "phone", "said_at": "2026-11-20T09:00", "words": "明天有空"}


def told(template: str) -> list[str]:
    """Who was told by a template, in order."""
    rows = select(Message).where(Message.template == f"volunteers/{template}").order_by(Message.id)
    return [db.session.get_one(Person, one.recipient_id).name for one in db.session.scalars(rows)]


def soon(crossing: Crossing, capacity: int = 3) -> Shift:
    """A shift in three days of the clock, for requests."""
    begins = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=3)
    post = crossing.post()
    return open_one(
        post, begins, begins + timedelta(minutes=90), capacity, crossing.town.coordinator, begins - timedelta(days=3)
    )


def serving(crossing: Crossing, name: str = "") -> Person:
    today = datetime.now(ZONE).date()
    return crossing.person(name, first=today - timedelta(days=5), last=today + timedelta(days=30))


def test_other_hours_are_told_to_those_who_have_booked_and_to_the_officers(town: Town, crossing: Crossing) -> None:
    shift, person = crossing.shift(), crossing.person("甲")
    crossing.booked(shift, person)
    times = local("2026-11-25 07:00"), local("2026-11-25 09:00")
    change_shift(shift, *times, 10, town.coordinator, NOW, "school begins earlier")
    assert (shift.event.starts_at, shift.event.ends_at, shift.minutes) == (*times, 120)
    assert told("shift_moved") == ["甲", "朱交警"]
    assert history(shift) == ["shift.plan", "shift.open", "shift.change"]
    assert broken() == []


def test_other_hours_need_a_reason_and_other_places_need_none_and_tell_nobody(town: Town, crossing: Crossing) -> None:
    shift = crossing.shift()
    crossing.booked(shift, crossing.person())
    with pytest.raises(ReasonNeeded):
        change_shift(shift, local("2026-11-25 07:00"), MORNING[1], 10, town.coordinator, NOW, " ")
    change_shift(shift, *MORNING, 12, town.coordinator, NOW, "")
    assert (quotas_of([shift])[shift.event_id].capacity, told("shift_moved")) == (12, [])


def test_a_shift_is_not_moved_onto_another_of_its_post(town: Town, crossing: Crossing) -> None:
    """To the minute; a cancelled one stands nowhere, and its own old hours are no other shift's."""
    post = crossing.post()
    morning, evening = crossing.shift(post=post), crossing.shift(slot="evening", post=post)
    onto, before = local("2026-11-25 17:31"), local("2026-11-25 17:30")
    with pytest.raises(WindowTaken) as refusal:
        change_shift(morning, local("2026-11-25 16:00"), onto, 10, town.coordinator, NOW, "roadworks")
    assert refusal.value.facts == {"place": "客运站前广场"}
    change_shift(morning, local("2026-11-25 16:00"), before, 10, town.coordinator, NOW, "roadworks")
    cancel_shift(evening, town.coordinator, NOW, "rain")
    change_shift(morning, local("2026-11-25 16:30"), onto, 10, town.coordinator, NOW, "roadworks")
    assert (morning.event.ends_at, broken()) == (onto, [])


def test_hours_that_somebody_cannot_keep_are_refused_with_his_name(town: Town, crossing: Crossing) -> None:
    """I02: the earlier shift of the same person stands in the way."""
    person = crossing.person("甲")
    early = open_one(
        crossing.post("早"), local("2026-11-25 06:00"), local("2026-11-25 07:10"), 3, town.coordinator, NOW
    )
    shift = crossing.shift()
    crossing.booked(early, person)
    crossing.booked(shift, person)
    with pytest.raises(Collision) as refusal:
        change_shift(shift, local("2026-11-25 07:00"), MORNING[1], 10, town.coordinator, NOW, "earlier")
    assert refusal.value.facts == {"who": "甲"}
    db.session.refresh(shift)
    assert (shift.event.starts_at, shift.minutes) == (MORNING[0], 90)


@pytest.mark.parametrize(("places", "refused"), [(1, True), (2, False)])
def test_there_are_never_fewer_places_than_are_taken(
    town: Town, crossing: Crossing, places: int, refused: bool
) -> None:
    """I05."""
    shift = crossing.shift()
    crossing.booked(shift, crossing.person(), crossing.person())
    if refused:
        with pytest.raises(TooFewPlaces) as refusal:
            change_shift(shift, *MORNING, places, town.coordinator, NOW, "")
        assert refusal.value.facts == {"taken": 2}
        return
    change_shift(shift, *MORNING, places, town.coordinator, NOW, "")
    assert quotas_of([shift])[shift.event_id].capacity == 2


def test_a_further_place_goes_to_the_waiting_list_at_once(town: Town, crossing: Crossing) -> None:
    shift = crossing.shift(post=crossing.post(capacity=1))
    first, second = crossing.person("甲"), crossing.person("乙")
    crossing.booked(shift, first)
    wait(shift, second, town.coordinator, NOW, "by phone")
    change_shift(shift, *MORNING, 2, town.coordinator, NOW, "")
    assert [(one.person.name, one.state) for one in all_of(Attendance)] == [("甲", "booked"), ("乙", "booked")]


def test_a_shift_that_has_begun_is_changed_no_more_and_one_too_short_is_none(town: Town, crossing: Crossing) -> None:
    shift = crossing.shift()
    with pytest.raises(TooShort):
        change_shift(shift, MORNING[0], local("2026-11-25 08:29"), 10, town.coordinator, NOW, "short")
    with pytest.raises(ShiftBegun):
        change_shift(shift, *MORNING, 12, town.coordinator, MORNING[0], "")
    cancel_shift(shift, town.coordinator, NOW, "rain")
    with pytest.raises(OffCourse):
        change_shift(shift, *MORNING, 12, town.coordinator, NOW, "")


def test_whoever_booked_waits_or_stands_there_is_told_of_a_cancelled_shift(town: Town, crossing: Crossing) -> None:
    shift = crossing.shift(post=crossing.post(capacity=1))
    crossing.booked(shift, crossing.person("甲"))
    wait(shift, crossing.person("乙"), town.coordinator, NOW)
    cancel_shift(shift, town.coordinator, NOW, "road works")
    assert (told("cancelled_by_service"), told("passed_over"), told("shift_cancelled")) == (["甲"], ["乙"], ["朱交警"])
    attendance = all_of(Attendance)[0]
    assert (attendance.state, attendance.outcome, attendance.fault) == ("cancelled", "cancelled_by_service", "service")
    assert broken() == []


def test_a_shift_at_which_somebody_arrived_is_not_cancelled_and_none_without_a_reason(
    town: Town, crossing: Crossing
) -> None:
    shift = crossing.shift()
    attendance = crossing.booked(shift, crossing.person())[0]
    with pytest.raises(ReasonNeeded):
        cancel_shift(shift, town.coordinator, NOW, "  ")
    arrive(attendance, town.traffic_officer, MORNING[0])
    with pytest.raises(ShiftBegun):
        cancel_shift(shift, town.coordinator, MORNING[0], "rain")


def test_a_shift_at_which_somebody_was_missed_is_not_cancelled(town: Town, crossing: Crossing) -> None:
    """8.4: a missed shift keeps its booking, excused or not; found by the random walk."""
    shift = crossing.shift()
    [one] = crossing.booked(shift, crossing.person())
    miss(one, town.traffic_officer, MORNING[1])
    with pytest.raises(ShiftBegun):
        cancel_shift(shift, town.coordinator, MORNING[1], "rain")
    excuse(one, town.coordinator, MORNING[1], "it rained")
    with pytest.raises(ShiftBegun):
        cancel_shift(shift, town.coordinator, MORNING[1], "rain")
    assert (one.state, shift.state, broken()) == ("absent", "open", [])


def test_the_database_gives_nobody_a_place_of_a_cancelled_shift(town: Town, crossing: Crossing) -> None:
    shift = crossing.shift()
    [one] = crossing.booked(shift, crossing.person())
    cancel_shift(shift, town.coordinator, NOW, "台风")
    late = {"shift_id": shift.id, "office_id": shift.office_id, "person_id": one.person_id}
    with pytest.raises(IntegrityError, match="attendance_of_a_cancelled_shift"), act("x.x", one, by=None, at=NOW):
        db.session.add(Attendance(**late, assessment_id=one.assessment_id, booking_id=one.booking_id, state="booked"))
        db.session.flush()
    db.session.rollback()
    assert broken() == []


def test_whoever_books_while_the_shift_is_cancelled_is_refused_or_told(
    app: Flask, town: Town, crossing: Crossing
) -> None:
    """8.3 `cancel`: nobody keeps a place of a shift that does not take place."""
    people, shift_id, desk = [crossing.person().id for _ in range(4)], crossing.shift().id, town.coordinator.id

    def want(person_id: int) -> str:
        shift, person = db.session.get_one(Shift, shift_id), db.session.get_one(Person, person_id)
        book(shift, person, person, NOW)
        return "booked"

    def call_off() -> str:
        cancel_shift(db.session.get_one(Shift, shift_id), db.session.get_one(Person, desk), NOW, "台风")
        return "cancelled"

    tries = [partial(want, one) for one in people]
    outcomes = race(app, [*tries[:2], call_off, *tries[2:]])
    assert (outcomes[2], set(outcomes) - {"cancelled", "booked", "shift_not_open"}) == ("cancelled", set())
    assert {(one.state, one.booking.binds) for one in all_of(Attendance)} <= {("cancelled", False)}
    assert (len(all_of(Attendance)), broken()) == (outcomes.count("booked"), [])


def test_an_officer_is_relieved_and_another_posted_and_each_is_told(town: Town, crossing: Crossing) -> None:
    shift = crossing.shift()
    end_posting(shift.postings[0], town.coordinator, NOW, "ill")
    post_officer(shift, town.traffic_officer, town.coordinator, NOW, "well again")
    assert (told("relieved"), told("posted")) == (["朱交警"], ["朱交警"])
    assert [one.ended_at for one in shift.postings] == [None]
    assert broken() == []


def test_the_list_of_shifts_is_read_in_as_many_queries_for_twenty_as_for_two(town: Town, crossing: Crossing) -> None:
    post = crossing.post()
    start = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=1)
    for n in range(2):
        open_one(post, start + timedelta(hours=2 * n), start + timedelta(hours=2 * n + 1), 3, town.coordinator, NOW)
    browser = town.browser(town.coordinator)
    pages = ("/shifts", f"/shifts/week?on={start.date()}")
    few = queries_of(browser, *pages)
    post = all_of(Post)[0]
    for n in range(2, 20):
        open_one(post, start + timedelta(hours=2 * n), start + timedelta(hours=2 * n + 1), 3, town.coordinator, NOW)
    assert queries_of(browser, *pages) == few


def test_the_list_shows_what_is_asked_for(town: Town, crossing: Crossing) -> None:
    shift = soon(crossing)
    other = EXAMPLES["Shift"](town, town.other_office)
    place, theirs = shift.post.name, other.post.name
    browser = town.browser(town.coordinator)

    def shown(query: str) -> tuple[bool, bool]:
        page = browser.get(f"/shifts{query}").get_data(as_text=True)
        rows = page[page.index('id="list"') :]
        return place in rows, theirs in rows

    assert shown("") == (True, False)
    assert shown("?show=free") == (True, False)
    assert shown("?show=uncovered") == (False, False)
    assert shown("?show=past") == (False, False)
    assert shown("?show=nonsense&page=-4&post=nothing") == (True, False)


def test_somebody_is_booked_on_his_behalf_with_how_and_when_he_said_it(town: Town, crossing: Crossing) -> None:
    shift, person = soon(crossing), serving(crossing, "甲")
    serving(crossing, "乙")  # the office's other volunteer must not be taken for him
    mine = next(one for one in all_of(Assessment) if one.person_id == person.id)
    key, path = str(mine.public_id), f"/shifts/{shift.public_id}/bookings"
    browser = town.browser(town.coordinator)
    answer = browser.post(path, {**SAID, "who": key})
    assert answer.status_code == 303
    attendance = all_of(Attendance)[0]
    assert (attendance.person.name, attendance.state) == ("甲", "booked")
    said = db.session.scalars(select(Act).where(Act.name == "attendance.book")).one()
    assert said.reason.startswith("by phone · ") and said.reason.endswith(" · 明天有空")
    again = browser.post(path, {**SAID, "who": key})
    assert again.status_code == 422  # he is no longer among those who can be chosen


def test_whom_the_shift_fits_is_offered_and_the_others_below_with_what_keeps_them(
    town: Town, crossing: Crossing
) -> None:
    shift = soon(crossing)
    crossing.person("丁", last=shift.starts_on, on_record=False)
    crossing.person("丙", first=shift.starts_on - timedelta(days=9), last=shift.starts_on - timedelta(days=1))
    serving(crossing, "乙")
    path = f"/shifts/{shift.public_id}"
    browser = town.browser(town.coordinator)

    def offered() -> list[str]:
        menu = browser.get(path).get_data(as_text=True).split('name="who"')[1].split("</select>")[0]
        rows = re.findall(r'<optgroup label="([^"]+)|<option( disabled)? value="[^"]*">([^<]+)', menu)
        return [group or ("- " if disabled else "") + name for group, disabled, name in rows]

    below = [
        "Not for this shift, and why",
        "- 丙 · This shift lies outside the time of service, which runs from",
        "- 丁 · It is not on record yet that the risks of this service were explained.",
    ]
    assert [re.sub(r" from .*", " from", one) for one in offered()] == ["choose", "乙", *below]
    few = queries_of(browser, path)
    for name in ("戊", "己"):
        serving(crossing, name)
    assert queries_of(browser, path) == few


def test_what_somebody_says_by_phone_is_entered_by_whoever_may_answer_for_him(town: Town, crossing: Crossing) -> None:
    """TRUST 2 answer_on_behalf: the coordinator, before the shift and after; neither squad leader nor volunteer."""
    days = Days(crossing)
    ahead, past, person = days.shift(3), days.shift(-3), days.person("甲")
    for one in (ahead, past):
        book(one.row(), person.row(), town.coordinator, one.event.starts_at - timedelta(days=1))
    first, second = all_of(Attendance)
    miss(second, town.traffic_officer, past.event.ends_at)
    own, missed = f"/shifts/bookings/{first.public_id}/giving-up", f"/shifts/bookings/{second.public_id}/excuse"
    pages = [f"/shifts/{one.public_id}" for one in (ahead, past)]
    leader, desk = town.browser(town.squad_leader), town.browser(town.coordinator)
    assert [path in leader.get(page).text for path, page in ((own, pages[0]), (missed, pages[1]))] == [False, False]
    assert [path in desk.get(page).text for path, page in ((own, pages[0]), (missed, pages[1]))] == [True, True]
    answers = [
        town.browser(who).post(own, {**SAID, "what": "absent"}).status_code for who in (town.squad_leader, person)
    ]
    assert answers == [403, 403]
    assert desk.post(own, {**SAID, "what": "absent"}).status_code == 303
    assert desk.post(missed, {"reason": "医院证明"}).status_code == 303
    assert [one.state for one in all_of(Attendance)] == ["absent", "absent"]


def test_on_a_full_shift_he_is_refused_or_put_on_the_list_as_he_wishes(town: Town, crossing: Crossing) -> None:
    shift = soon(crossing, capacity=1)
    book(shift, serving(crossing, "甲"), town.coordinator, datetime.now(UTC))
    serving(crossing, "乙")
    key = next(str(one.public_id) for one in all_of(Assessment) if one.person.name == "乙")
    path = f"/shifts/{shift.public_id}/bookings"
    browser = town.browser(town.coordinator)
    refused = browser.post(path, {**SAID, "who": key})
    assert (refused.status_code, "All 1 places are taken" in refused.get_data(as_text=True)) == (409, True)
    assert browser.post(path, {**SAID, "who": key, "or_wait": "y"}).status_code == 303
    page = browser.get(f"/shifts/{all_of(Shift)[0].public_id}").get_data(as_text=True)
    assert "1 person waits" in page


WRONG: list[tuple[dict[str, str], str]] = [
    ({"how": ""}, "This is needed."),
    ({"said_at": ""}, "This is needed."),
    ({"said_at": "yesterday"}, "Give a day and a time."),
    ({"said_at": "2999-01-01T00:00"}, "This lies in the future."),
    ({"words": "\x00"}, "cannot be stored"),
    ({"words": "字" * 201}, "At most 200 characters."),
    ({"who": ""}, "This is needed."),
    ({"who": "nobody"}, "Not a valid choice"),
]


def test_what_is_not_said_properly_books_nobody(town: Town, crossing: Crossing) -> None:
    shift = soon(crossing)
    serving(crossing)
    key = str(all_of(Assessment)[0].public_id)
    path = f"/shifts/{shift.public_id}/bookings"
    browser = town.browser(town.coordinator)
    for changes, said in WRONG:
        answer = browser.post(path, {**SAID, "who": key, **changes})
        assert (changes, answer.status_code, said in answer.get_data(as_text=True)) == (changes, 422, True)
    assert all_of(Attendance) == []


@pytest.mark.parametrize(("what", "state"), [("cancel", "cancelled"), ("absent", "absent")])
def test_a_place_is_given_back_for_somebody_who_called(town: Town, crossing: Crossing, what: str, state: str) -> None:
    shift = soon(crossing)
    key = book(shift, serving(crossing), town.coordinator, datetime.now(UTC)).public_id
    answer = town.browser(town.coordinator).post(f"/shifts/bookings/{key}/giving-up", {**SAID, "what": what})
    assert (answer.status_code, all_of(Attendance)[0].state) == (303, state)


def test_a_missed_shift_is_excused_with_its_reason(town: Town, crossing: Crossing) -> None:
    attendance = crossing.booked(crossing.shift(), crossing.person())[0]
    miss(attendance, town.traffic_officer, MORNING[1])
    path = f"/shifts/bookings/{attendance.public_id}/excuse"
    browser = town.browser(town.coordinator)
    unsaid = browser.post(path, {"reason": ""})
    opened = re.search(r'<details class="ask wide-ask" open>.{0,400}?Excuse<', unsaid.text, re.DOTALL)
    assert (unsaid.status_code, opened is not None) == (422, True)
    assert browser.post(path, {"reason": "hospital, paper seen"}).status_code == 303
    assert [one.state for one in all_of(Attendance)] == ["absent"]


def test_the_page_says_how_many_are_told_before_a_shift_is_cancelled(town: Town, crossing: Crossing) -> None:
    shift = soon(crossing)
    for _ in range(2):
        book(shift, serving(crossing), town.coordinator, datetime.now(UTC))
    path = f"/shifts/{shift.public_id}"
    browser = town.browser(town.coordinator)
    page = browser.get(path).get_data(as_text=True)
    assert "2 people who have booked are told at once" in page
    assert browser.post(f"{path}/cancellation", {"reason": ""}).status_code == 422
    assert browser.post(f"{path}/cancellation", {"reason": "rain"}).status_code == 303
    assert [one.state for one in all_of(Shift)] == ["cancelled"]


def test_the_sign_in_sheet_names_volunteers_and_nothing_of_their_cases(town: Town, crossing: Crossing) -> None:
    """D-25."""
    shift = soon(crossing)
    attendance = book(shift, serving(crossing, "甲志愿"), town.coordinator, datetime.now(UTC))
    case, path = attendance.assessment.case.number, f"/shifts/{shift.public_id}/sheet"
    page = town.browser(town.coordinator).get(path).get_data(as_text=True)
    assert ("甲志愿" in page, case in page, "assessment" in page.lower()) == (True, False, False)


def test_a_squad_leader_sees_his_shifts_without_the_way_into_anybodys_assessment(
    town: Town, crossing: Crossing
) -> None:
    shift = soon(crossing)
    attendance = book(shift, serving(crossing, "甲志愿"), town.coordinator, datetime.now(UTC))
    key, path = attendance.assessment.public_id, f"/shifts/{shift.public_id}"
    browser = town.browser(town.squad_leader)
    page = browser.get(path).get_data(as_text=True)
    assert ("甲志愿" in page, str(key) in page, "on his behalf" in page) == (True, False, False)
    assert browser.post(f"{path}/bookings", SAID).status_code == 403


def test_another_offices_shift_is_not_there(town: Town) -> None:
    key = EXAMPLES["Shift"](town, town.other_office).public_id
    browser = town.browser(town.coordinator)
    assert browser.get(f"/shifts/{key}").status_code == 404
    assert browser.get(f"/shifts/{key}/sheet").status_code == 404
    assert browser.post(f"/shifts/{key}/cancellation", {"reason": "x"}).status_code == 404
    assert browser.post(f"/shifts/{key}/officers/{key}/relief", {"reason": "x"}).status_code == 404


def test_from_the_calendar_one_comes_to_the_shift(town: Town, crossing: Crossing) -> None:
    shift = soon(crossing)
    event, key = shift.event.public_id, shift.public_id
    answer = town.browser(town.coordinator).get(f"/shifts/events/{event}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/shifts/{key}")


def test_the_desk_is_told_of_a_shift_without_an_officer_and_that_shifts_run_out(town: Town, crossing: Crossing) -> None:
    shift = crossing.shift(on=date(2026, 11, 25))
    seen = Viewer(town.coordinator, date(2026, 11, 24))
    with town.app.test_request_context():
        assert [wait.icon for wait in shifts_to_see_to(seen, town.office, NOW)] == ["calendar-plus"]
        end_posting(shift.postings[0], town.coordinator, NOW, "ill")
        assert [wait.icon for wait in shifts_to_see_to(seen, town.office, NOW)] == ["user-x", "calendar-plus"]
        assert list(shifts_to_see_to(Viewer(town.prosecutor, date(2026, 11, 24)), town.office, NOW)) == []


def test_a_volunteer_never_comes_to_the_desks_page_by_a_form_of_the_desk(town: Town, crossing: Crossing) -> None:
    """D-24: he may book for himself, and the page shown again names everybody."""
    shift, person = soon(crossing), crossing.account(serving(crossing, "甲"))
    own = book(shift, person, town.coordinator, datetime.now(UTC)).public_id
    book(shift, serving(crossing, "乙志愿"), town.coordinator, datetime.now(UTC))
    path = f"/shifts/{shift.public_id}"
    browser = town.browser(person)
    for refused in (f"{path}/bookings", f"/shifts/bookings/{own}/giving-up", f"{path}/cancellation"):
        answer = browser.post(refused, {})
        assert (refused, answer.status_code, "乙志愿" in answer.get_data(as_text=True)) == (refused, 403, False)
    assert browser.get(path).status_code == 403


def test_an_officer_is_not_relieved_without_a_reason_that_can_be_kept(town: Town, crossing: Crossing) -> None:
    shift = soon(crossing)
    path = f"/shifts/{shift.public_id}/officers/{shift.postings[0].public_id}/relief"
    browser = town.browser(town.coordinator)
    for reason in ("", "\x00", "字" * 5000):
        assert browser.post(path, {"reason": reason}).status_code == 422
    assert [one.ended_at for one in all_of(Shift)[0].postings] == [None]


def test_a_sheet_for_another_day_says_no_today(town: Town, crossing: Crossing) -> None:
    days = Days(crossing)
    shift, desk = days.shift(0), town.browser(town.coordinator)
    said = [text_of(desk.get(f"/shifts/{shift.public_id}{path}")) for path in ("", "/sheet")]
    assert ["today" in page for page in said] == [True, False]
