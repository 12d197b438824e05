"""What somebody signed is what he is held to, where it differs from the numbers of the office too (DOMAIN 3.3)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from accounts.models import Person
from extensions import db
from record.act import act
from record.invariants import broken
from record.models import Message
from record.notices import is_outdated
from tests.accounts.visitor import text_of
from tests.town import NOW, Town, local
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.phone import Days
from tests.volunteers.prepared import Prepared
from volunteers.actions.autoplan import draft_plan
from volunteers.actions.booking import TooLateToCancel, book, cancel, excuse, own_cancel_until, report_absence
from volunteers.actions.confirmation import UndoOver, confirm, sheet, undo
from volunteers.actions.corrections import Grounds, approve, propose
from volunteers.actions.countersign import rows_for
from volunteers.actions.credit import append_due
from volunteers.actions.mistakes import PressStands, presses, take_back_press
from volunteers.actions.obstacles import assessment_at, obstacles
from volunteers.actions.shifts import open_one
from volunteers.actions.ticks import arrive, leave, miss, tick_all
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance
from volunteers.models.ledger import Confirmation, CreditEntry
from volunteers.models.posts import Post
from volunteers.models.shifts import Shift
from volunteers.rules.obstacles import ShiftTooShort
from volunteers.rules.schemes import Terms
from volunteers.rules.shifts import TooShort

MONDAY, SECOND = date(2026, 11, 30), timedelta(seconds=1)
MONDAY_NINE = local("2026-11-30 09:00")


def bound_by(prepared: Prepared, **terms: Any) -> Assessment:
    """Somebody who serves and has signed a version with these terms; the version in force is another one by now."""
    prepared.in_force(replace(Terms(), **terms))
    one = prepared.serving()
    prepared.in_force(Terms())
    return one


# Missed shifts: the prosecutor is told when they reach the number of the scheme (`no_show_limit`).


def missing(crossing: Crossing, one: Assessment, post: Post, number: int) -> Attendance:
    """He books the shift of the next day in turn, and does not come."""
    day = MONDAY + timedelta(days=number)
    attendance = book(crossing.shift(day, post=post), one.person, crossing.town.coordinator, NOW)
    miss(attendance, crossing.town.traffic_officer, local(f"{day} 08:00"))
    return attendance


def told(person: Person) -> list[tuple[str, int, str]]:
    """Word of missed shifts that somebody had on his page: how many, and the day of the last one."""
    query = select(Message).where(Message.recipient_id == person.id, Message.template == "volunteers/missed_often")
    query = query.where(Message.channel == "page").order_by(Message.id)
    return [(one.template, one.facts["count"], one.facts["starts_at"][:10]) for one in db.session.scalars(query)]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_the_prosecutor_hears_of_the_missed_shift_that_reaches_the_number_of_the_scheme_and_of_no_further_one(
    prepared: Prepared, crossing: Crossing, limit: int
) -> None:
    """3.3 `no_show_limit`: two by the office, others by what he signed."""
    one, post = bound_by(prepared, no_show_limit=limit), crossing.post()
    other = prepared.serving()
    heard = []
    for number in range(4):
        missing(crossing, one, post, number)
        heard.append(told(prepared.town.prosecutor))
    once = [("volunteers/missed_often", limit, f"{MONDAY + timedelta(days=limit - 2)}")]  # half past seven is 23:30 UTC
    assert heard == [[] if number + 1 < limit else once for number in range(4)]
    missing(crossing, other, crossing.post("西门"), 0)
    assert told(prepared.town.prosecutor) == once
    assert [told(who) for who in (prepared.town.coordinator, one.person, prepared.town.chief)] == [[], [], []]


def test_a_missed_shift_that_is_excused_or_was_served_after_all_no_longer_counts_and_the_number_is_reached_anew(
    prepared: Prepared, crossing: Crossing
) -> None:
    one, post, town = bound_by(prepared, no_show_limit=2), crossing.post(), prepared.town
    first, second = missing(crossing, one, post, 0), missing(crossing, one, post, 1)
    assert len(told(town.prosecutor)) == 1
    (mail,) = [m for m in all_of(Message) if m.template == "volunteers/missed_often" and m.channel == "page"]
    assert is_outdated(mail) is False
    excuse(first, town.coordinator, local("2026-12-02 08:00"), "in hospital, letter of the doctor")
    assert is_outdated(mail) is True
    missing(crossing, one, post, 2)
    assert len(told(town.prosecutor)) == 2
    event = second.shift.event
    paper, whole = Grounds("he was there", "paper", "sheet 1"), (event.starts_at, event.ends_at)
    made = propose(second, whole, paper, town.squad_leader, local("2026-12-02 12:00"))
    approve(made, town.chief, local("2026-12-02 13:00"), "the sheet has his signature")
    missing(crossing, one, post, 3)
    assert [count for _, count, _ in told(town.prosecutor)] == [2, 2, 2]


def test_the_board_the_list_and_his_page_mark_whoever_has_missed_so_many_shifts(
    prepared: Prepared, crossing: Crossing
) -> None:
    often, post = bound_by(prepared, no_show_limit=2), crossing.post()
    once = prepared.serving()
    for number in (0, 1):
        missing(crossing, often, post, number)
    missing(crossing, once, crossing.post("西门"), 0)
    pages = [f"/assessments/{one.public_id}" for one in (often, once)]
    desk = prepared.town.browser(prepared.town.prosecutor)
    said = [text_of(desk.get(path)) for path in ("/assessments/board", "/assessments", *pages)]
    assert [page.count("2 shifts missed") for page in said] == [1, 1, 1, 0]
    assert [page.count("1 shift missed") for page in said] == [0, 0, 0, 0]
    assert "至此已有2班未说明而缺勤" in text_of(desk.get("/me/messages"))


# Cancelling: until so many hours before as he signed (`cancel_before_hours`), whatever the office says to others.


def test_each_cancels_until_the_hours_that_he_signed(prepared: Prepared, crossing: Crossing) -> None:
    """48 hours for one, twelve for the others; both sides of each edge."""
    early, usual = bound_by(prepared, cancel_before_hours=48), prepared.serving()
    post = crossing.post()
    shift, other = crossing.shift(MONDAY, post=post), crossing.shift(MONDAY, post=post, slot="evening")
    one, two = crossing.booked(shift, early.person, usual.person)
    assert [own_cancel_until(a) for a in (one, two)] == [local("2026-11-28 07:30"), local("2026-11-29 19:30")]
    with pytest.raises(TooLateToCancel) as refusal:
        cancel(one, early.person, local("2026-11-28 07:30") + SECOND)
    assert refusal.value.facts == {"hours": 48}
    cancel(one, early.person, local("2026-11-28 07:30"))
    with pytest.raises(TooLateToCancel):
        cancel(two, usual.person, local("2026-11-29 19:30") + SECOND)
    cancel(two, usual.person, local("2026-11-29 19:30"))
    one, two = crossing.booked(other, early.person, usual.person)
    for attendance in (one, two):
        report_absence(attendance, attendance.person, local("2026-11-28 17:31"), "ill")
    assert [a.outcome for a in (one, two)] == ["absent_late", "absent_told"]


def test_the_desk_is_offered_for_each_what_would_follow_on_his_own_page(town: Town, crossing: Crossing) -> None:
    """A shift in three days: one has signed ten days, the office says twelve hours."""
    strict = Prepared(town).in_force(Terms(cancel_before_hours=240))
    days = Days(crossing)
    bound, free, shift = days.person(), days.person(), days.shift(3)
    with act("assessment.record", assessment_at(bound.row(), town.office.id), by=town.coordinator, at=NOW):
        assessment_at(bound.row(), town.office.id).scheme = strict
    Prepared(town)
    ids = [book(shift.row(), one.row(), town.coordinator, NOW).id for one in (bound, free)]
    markup = town.browser(town.coordinator).get(f"/shifts/{shift.public_id}").text
    checked = re.findall(r'value="(\w+)" id="what-(\d+)-\d" checked', markup)
    assert sorted((int(key), what) for what, key in checked) == [(ids[0], "absent"), (ids[1], "cancel")]


# Late: after the grace that he signed (`late_grace_minutes`); minutes stay what they were.


@pytest.mark.parametrize(
    ("seconds", "late"),
    [
        (1, [False, False]),
        (600, [False, False]),
        (601, [False, True]),
        (1800, [False, True]),
        (1801, [True, True]),
    ],
)
def test_each_is_late_after_the_grace_that_he_signed_for_the_officer_and_for_the_squad_leader(
    prepared: Prepared, crossing: Crossing, seconds: int, late: list[bool]
) -> None:
    """Thirty minutes for one, ten for the other; both lose the same minutes."""
    patient = bound_by(prepared, late_grace_minutes=30, countersign="squad_leader")
    usual = bound_by(prepared, countersign="squad_leader")
    shift, officer = crossing.shift(MONDAY), crossing.town.traffic_officer
    both = crossing.booked(shift, patient.person, usual.person)
    for one in both:
        arrive(one, officer, shift.event.starts_at + seconds * SECOND)
        leave(one, officer, MONDAY_NINE)
    lines = {line.attendance.id: line for line in sheet(shift, officer)}
    assert [lines[one.id].late for one in both] == late
    assert lines[both[0].id].minutes == lines[both[1].id].minutes
    confirm(shift, officer, MONDAY_NINE)
    rows = rows_for(all_of(Confirmation), prepared.who("squad_leader"), MONDAY)
    marks = {row.confirmation.attendance_id: row.marks for row in rows}
    assert ["late" in marks[one.id] for one in both] == late


# Undo: one press is one whole, so it stands open as long as the longest term among its people.


def served(crossing: Crossing, *people: Assessment) -> Shift:
    """A shift at which they were for its full time."""
    shift, officer = crossing.shift(MONDAY), crossing.town.traffic_officer
    for one in crossing.booked(shift, *(one.person for one in people)):
        arrive(one, officer, local(f"{MONDAY} 07:30"))
        leave(one, officer, MONDAY_NINE)
    return shift


@pytest.mark.parametrize(("terms", "minutes"), [((60, 10), 60), ((10, 10), 10), ((5, 0), 5)])
def test_a_press_can_be_undone_as_long_as_the_longest_term_among_its_people_and_nothing_counts_before(
    prepared: Prepared, crossing: Crossing, terms: tuple[int, int], minutes: int
) -> None:
    shift = served(crossing, *(bound_by(prepared, confirm_undo_minutes=one) for one in terms))
    officer, over = crossing.town.traffic_officer, MONDAY_NINE + timedelta(minutes=minutes)
    confirm(shift, officer, MONDAY_NINE)
    [batch] = {one.batch for one in all_of(Confirmation)}
    assert (append_due(over - SECOND), all_of(CreditEntry)) == (0, [])
    assert undo(shift, batch, officer, over - SECOND) == 2
    confirm(shift, officer, MONDAY_NINE)
    [again] = {one.batch for one in all_of(Confirmation)} - {batch}
    with pytest.raises(UndoOver):
        undo(shift, again, officer, over)
    db.session.rollback()
    assert (append_due(over), len(all_of(CreditEntry)), broken()) == (2, 2, [])


def test_whoever_signed_that_nothing_is_undone_is_credited_with_the_press_where_he_stands_alone(
    prepared: Prepared, crossing: Crossing
) -> None:
    """The office says ten minutes, his scheme none."""
    shift = served(crossing, bound_by(prepared, confirm_undo_minutes=0))
    confirm(shift, crossing.town.traffic_officer, MONDAY_NINE)
    assert [(one.credited_at, one.minutes) for one in all_of(CreditEntry)] == [(MONDAY_NINE, 90)]
    assert broken() == []


@pytest.mark.parametrize(("terms", "minutes"), [((60, 10), 60), ((5, 0), 5)])
def test_all_present_and_full_time_is_taken_back_as_long_as_the_longest_term_among_its_people(
    prepared: Prepared, crossing: Crossing, terms: tuple[int, int], minutes: int
) -> None:
    people = [bound_by(prepared, confirm_undo_minutes=one) for one in terms]
    shift, officer = crossing.shift(MONDAY), crossing.town.traffic_officer
    crossing.booked(shift, *(one.person for one in people))
    tick_all(shift, officer, MONDAY_NINE)
    over = MONDAY_NINE + timedelta(minutes=minutes)
    assert [len(presses(shift, officer, at)) for at in (over - SECOND, over)] == [1, 0]
    [press] = presses(shift, officer, MONDAY_NINE)
    with pytest.raises(PressStands):
        take_back_press(shift, press.batch, officer, over, "wrong shift")
    assert take_back_press(shift, press.batch, officer, over - SECOND, "wrong shift") == 2


# The shortest shift (`min_shift_minutes`): opened where it counts for somebody, booked by whom it counts for.


@pytest.mark.parametrize(("least", "code"), [(90, None), (91, "shift_too_short")])
def test_a_shift_shorter_than_the_shortest_that_he_signed_is_neither_booked_nor_planned_for_him(
    prepared: Prepared, crossing: Crossing, least: int, code: str | None
) -> None:
    one, other = bound_by(prepared, min_shift_minutes=least), prepared.serving()
    shift = crossing.shift(MONDAY)
    assert [found.code for found in obstacles(one.person, shift, NOW)] == ([code] if code else [])
    assert obstacles(other.person, shift, NOW) == []
    plan = draft_plan(crossing.office, 12, crossing.coordinator, NOW)
    assert (str(one.id) in plan.turns, plan.why.get(str(one.id)) == code or not code) == (code is None, True)
    if code:
        with pytest.raises(ShiftTooShort) as refusal:
            book(shift, one.person, one.person, NOW)
        assert refusal.value.facts == {"least": least}
    else:
        book(shift, one.person, one.person, NOW)


def test_to_whoever_signed_before_the_program_what_the_office_has_opened_is_long_enough(
    prepared: Prepared, crossing: Crossing
) -> None:
    """SETTLED 12: he signed no version; the one in force says two hours."""
    prepared.in_force(Terms(min_shift_minutes=120))
    person = crossing.person()
    assert obstacles(person, crossing.shift(MONDAY), NOW) == []
    plan = draft_plan(crossing.office, 12, crossing.coordinator, NOW)
    assert list(plan.turns) == [str(one.id) for one in all_of(Assessment)]


@pytest.mark.parametrize(("minutes", "opened"), [(29, False), (30, True)])
def test_a_scheme_that_counts_shorter_shifts_than_the_office_has_them_opened_for_those_who_signed_it(
    prepared: Prepared, crossing: Crossing, minutes: int, opened: bool
) -> None:
    """The office says sixty minutes, and so does the scheme that another one signed."""
    other = bound_by(prepared)
    prepared.in_force(Terms(min_shift_minutes=30))
    one, post, town = prepared.serving(), crossing.post(), prepared.town
    starts_at = local(f"{MONDAY} 12:00")
    span = (starts_at, starts_at + timedelta(minutes=minutes))
    if not opened:
        with pytest.raises(TooShort) as refusal:
            open_one(post, *span, 4, town.coordinator, NOW)
        assert refusal.value.facts == {"least": 30}
        return
    shift = open_one(post, *span, 4, town.coordinator, NOW)
    book(shift, one.person, one.person, NOW)
    with pytest.raises(ShiftTooShort):
        book(shift, other.person, other.person, NOW)


def test_what_is_still_to_come_is_counted_in_shifts_no_shorter_than_the_shortest_that_counts() -> None:
    assert [Terms(min_shift_minutes=least).shift for least in (60, 90, 91, 180)] == [90, 90, 91, 180]
