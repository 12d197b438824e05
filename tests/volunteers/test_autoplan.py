"""A plan of shifts for the whole office: made, looked at, booked with those who agree (D-20, I14)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask

from accounts.models import Person
from extensions import db
from record.act import act, history
from record.course import OffCourse
from record.invariants import broken
from scheduler.fairness.shift_values import Server, Turn
from tests.accounts.visitor import text_of
from tests.queries import reading
from tests.racing import race
from tests.town import NOW, Town, local
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.phone import Days, today
from volunteers.actions.autoplan import (
    NothingToPlan,
    ReasonOfAgreement,
    Taken,
    discard_plan,
    draft_plan,
    shifts_of,
    take_plan,
    wish,
)
from volunteers.actions.booking import book, cancel
from volunteers.actions.shifts import open_one
from volunteers.figures import figures_of
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance
from volunteers.models.plans import DraftPlan
from volunteers.rules.autoplan import judge_left, why_left_out

WEDNESDAY, THURSDAY = date(2026, 11, 25), date(2026, 11, 26)


def planned(crossing: Crossing, days: int = 30) -> DraftPlan:
    return draft_plan(crossing.office, days, crossing.coordinator, NOW)


def whose(plan: DraftPlan) -> dict[int, list[tuple[date, str]]]:
    shifts = shifts_of(plan)
    return {
        int(key): sorted((shifts[one].starts_on, shifts[one].slot) for one in mine) for key, mine in plan.turns.items()
    }


def test_a_plan_completes_the_hours_and_books_nobody(crossing: Crossing) -> None:
    crossing.person(minutes=180)
    (one,) = all_of(Assessment)
    post = crossing.post()
    for day in (WEDNESDAY, THURSDAY):
        crossing.shift(day, post=post)
    plan = planned(crossing)
    assert whose(plan) == {one.id: [(WEDNESDAY, "morning"), (THURSDAY, "morning")]}
    assert (plan.short, plan.needed, all_of(Attendance)) == ({}, {str(one.id): 180}, [])


def test_hours_without_a_place_are_named(crossing: Crossing) -> None:
    crossing.person(minutes=200)
    (one,) = all_of(Assessment)
    crossing.shift(WEDNESDAY)
    plan = planned(crossing, days=60)
    assert (plan.short, plan.later, plan.why) == ({str(one.id): 110}, {}, {str(one.id): "too_few"})


def test_hours_that_later_days_still_hold_are_no_shortfall(crossing: Crossing) -> None:
    """The plan reaches until 25 November: on the 26th a day more of three hours remains, or none does."""
    for last in (WEDNESDAY, THURSDAY):
        crossing.person(minutes=300, last=last)
    first, second = all_of(Assessment)
    crossing.shift(WEDNESDAY, post=crossing.post(capacity=2))
    plan = planned(crossing, days=1)
    assert (plan.short, plan.later) == ({str(first.id): 210, str(second.id): 30}, {str(second.id): 180})


def test_what_is_booked_counts_and_takes_its_time(crossing: Crossing) -> None:
    person = crossing.person(minutes=180)
    post = crossing.post()
    book(crossing.shift(WEDNESDAY, post=post), person, person, NOW)
    crossing.shift(WEDNESDAY, post=crossing.post("别岗"))
    crossing.shift(THURSDAY, post=post)
    assert list(whose(planned(crossing)).values()) == [[(THURSDAY, "morning")]]


@pytest.mark.parametrize(("wishes", "slot"), [(["morning"], "evening"), (["evening"], "morning")])
def test_wishes_are_heeded_where_they_can_be(crossing: Crossing, wishes: list[str], slot: str) -> None:
    person = crossing.person(minutes=90)
    (one,) = all_of(Assessment)
    wish(one, wishes, person, NOW)
    post = crossing.post()
    for each in ("morning", "evening"):
        crossing.shift(WEDNESDAY, each, post)
    assert whose(planned(crossing)) == {one.id: [(WEDNESDAY, slot)]}


def test_nobody_is_planned_whom_a_gate_keeps_away(crossing: Crossing) -> None:
    """D-22, D-21: nothing on record, or a post too hard for his health."""
    crossing.person(on_record=False)
    crossing.shift(WEDNESDAY)
    crossing.person(minutes=90)
    unknown, other = all_of(Assessment)
    with act("assessment.record", other, by=None, at=NOW):
        other.capable_of = 0
    plan = planned(crossing)
    assert (plan.turns, plan.later) == ({}, {})
    assert (plan.short, plan.why) == (
        {str(unknown.id): 1200, str(other.id): 90},
        {str(unknown.id): "health_unknown", str(other.id): "too_hard"},
    )


@pytest.mark.parametrize(
    ("changes", "taken", "why"),
    [
        ({"first_on": date(2026, 11, 27)}, (), "outside_period"),
        ({"posts": frozenset()}, (), "outside_bail_area"),
        ({"off_days": frozenset({WEDNESDAY, THURSDAY})}, (), "not_insured"),
        ({"busy": ((local("2026-11-25 00:00"), local("2026-11-27 00:00")),)}, (), "overlap"),
        ({"least": 90}, (), "full"),
        ({"least": 91}, (), "shift_too_short"),
        ({"a_day": 89}, (), "day_full"),
        ({"booked": {WEDNESDAY: 91, THURSDAY: 91}}, (), "day_full"),
        ({"booked": {WEDNESDAY: 90, THURSDAY: 91}}, (), "full"),
        ({}, (), "full"),
        ({}, (1,), "full"),
        ({}, (1, 2), "too_few"),
        ({"booked": {THURSDAY: 91}}, (1,), "day_full"),
        ({"last_on": WEDNESDAY}, (1,), "too_few"),
    ],
)
def test_whoever_is_left_out_is_told_the_first_thing_that_leaves_nothing(
    changes: dict[str, Any], taken: tuple[int, ...], why: str
) -> None:
    turns = [
        Turn(key, 7, day, local(f"{day} 07:30"), local(f"{day} 09:00"), 1)
        for key, day in ((1, WEDNESDAY), (2, THURSDAY))
    ]
    one = replace(Server(1, 300, WEDNESDAY, THURSDAY, frozenset({7}), 180), **changes)
    days_why = dict.fromkeys((WEDNESDAY, THURSDAY), "not_insured")
    assert why_left_out(one, turns, taken, "outside_bail_area", days_why) == why


@pytest.mark.parametrize(
    ("why", "room", "left"),
    [
        ("full", 0, (90, 0)),
        ("full", 89, (1, 89)),
        ("full", 500, (0, 90)),
        ("not_consented", 500, (90, 0)),
    ],
)
def test_only_what_another_day_can_mend_is_left_for_later(why: str, room: int, left: tuple[int, int]) -> None:
    found = judge_left(90, room, why)
    assert (found.short, found.later) == left


def test_whose_time_is_over_is_in_no_plan(crossing: Crossing) -> None:
    """The last day itself still counts."""
    for last in (date(2026, 11, 23), date(2026, 11, 24)):
        crossing.person(last=last)
    crossing.shift(WEDNESDAY)
    assert list(planned(crossing).needed) == [str(all_of(Assessment)[1].id)]


def test_where_there_is_nobody_or_no_place_nothing_is_planned(crossing: Crossing) -> None:
    with pytest.raises(NothingToPlan):
        planned(crossing)
    crossing.person()
    with pytest.raises(NothingToPlan):
        planned(crossing)


def test_a_plan_is_booked_for_those_who_agree_each_once_and_the_others_later(crossing: Crossing) -> None:
    """D-20: it says how it was agreed, and whoever was not asked is not booked."""
    for _ in range(2):
        crossing.person(minutes=90)
    first, second = all_of(Assessment)
    crossing.shift(WEDNESDAY)
    plan = planned(crossing)
    with pytest.raises(ReasonOfAgreement):
        take_plan(plan, plan.turns, crossing.coordinator, NOW, " ")
    taken = take_plan(plan, {str(first.id)}, crossing.coordinator, NOW, "电话约定")
    assert (taken.booked, taken.refused) == (1, [])
    assert [a.assessment_id for a in all_of(Attendance)] == [first.id]
    again = take_plan(plan, plan.turns, crossing.coordinator, NOW, "第二天当面约定")
    assert (again.booked, [a.assessment_id for a in all_of(Attendance)]) == (1, [first.id, second.id])
    assert take_plan(plan, plan.turns, crossing.coordinator, NOW, "再来").booked == 0
    assert history(plan) == ["draft_plan.make", *["draft_plan.take"] * 3]
    assert broken() == []


def test_what_somebody_else_has_taken_meanwhile_is_told_and_the_rest_is_booked(crossing: Crossing) -> None:
    crossing.person(minutes=180)
    (one,) = all_of(Assessment)
    post = crossing.post(capacity=1)
    shifts = [crossing.shift(day, post=post) for day in (WEDNESDAY, THURSDAY)]
    plan = planned(crossing)
    rival = crossing.person()
    book(shifts[0], rival, rival, NOW)
    taken = take_plan(plan, plan.turns, crossing.coordinator, NOW, "电话约定")
    assert (taken.booked, [(who.id, shift.id, why.code) for who, shift, why in taken.refused]) == (
        1,
        [(one.id, shifts[0].id, "full")],
    )
    assert broken() == []


def told(taken: Taken) -> tuple[int, list[tuple[int, date, str]]]:
    return taken.booked, [(who.id, shift.starts_on, why.code) for who, shift, why in taken.refused]


def test_what_somebody_has_booked_himself_meanwhile_is_not_booked_again_by_the_plan(crossing: Crossing) -> None:
    """Of the 180 minutes he needs, he has booked 90 elsewhere: one of the plan's two shifts is left for him."""
    person, other = crossing.person(minutes=180), crossing.person(minutes=90)
    mine, his = all_of(Assessment)
    post = crossing.post()
    for day in (WEDNESDAY, THURSDAY):
        crossing.shift(day, post=post)
    plan = planned(crossing)
    assert sorted(map(len, plan.turns.values())) == [1, 2]
    other_day = crossing.shift(date(2026, 11, 27), post=post)
    for who in (person, other):
        book(other_day, who, who, NOW)
    taken = take_plan(plan, plan.turns, crossing.coordinator, NOW, "电话约定")
    theirs = whose(plan)
    assert told(taken) == (
        1,
        [(mine.id, THURSDAY, "no_longer_needed"), (his.id, theirs[his.id][0][0], "no_longer_needed")],
    )
    booked = [one.assessment_id for one in all_of(Attendance)]
    assert (sorted(booked), list(plan.agreed)) == ([mine.id, mine.id, his.id], [str(mine.id)])


def two_plans(crossing: Crossing) -> tuple[Assessment, DraftPlan, DraftPlan]:
    """Somebody who needs one shift, planned twice, on two days."""
    crossing.person(minutes=90)
    (one,) = all_of(Assessment)
    post = crossing.post(capacity=1)
    crossing.shift(WEDNESDAY, post=post)
    first = planned(crossing)
    crossing.shift(THURSDAY, post=post)
    rival = crossing.person(minutes=90)
    taken_by_rival = book(shifts_of(first)[first.turns[str(one.id)][0]], rival, rival, NOW)
    second = planned(crossing)
    cancel(taken_by_rival, rival, NOW)
    assert (whose(first)[one.id], whose(second)[one.id]) == ([(WEDNESDAY, "morning")], [(THURSDAY, "morning")])
    return one, first, second


def test_two_plans_made_before_either_was_taken_book_the_hours_once(crossing: Crossing) -> None:
    one, first, second = two_plans(crossing)
    assert told(take_plan(second, {str(one.id)}, crossing.coordinator, NOW, "电话约定")) == (1, [])
    again = take_plan(first, {str(one.id)}, crossing.coordinator, NOW, "电话约定")
    assert told(again) == (0, [(one.id, WEDNESDAY, "no_longer_needed")])
    assert figures_of([one], NOW)[one.id].booked == 90


def test_of_two_plans_taken_at_once_one_finds_nothing_missing(app: Flask, crossing: Crossing) -> None:
    one, *both = two_plans(crossing)
    plans, by, key = [plan.id for plan in both], crossing.coordinator.id, one.id
    db.session.commit()

    def take(plan: int) -> int:
        who = db.session.get_one(Person, by)
        return take_plan(db.session.get_one(DraftPlan, plan), {str(key)}, who, NOW, "电话约定").booked

    assert sorted(race(app, [partial(take, plan) for plan in plans])) == [0, 1]
    assert figures_of([db.session.get_one(Assessment, key)], NOW)[key].booked == 90


def test_whose_every_shift_was_refused_has_not_agreed_and_can_be_taken_later(crossing: Crossing) -> None:
    crossing.person(minutes=90)
    (one,) = all_of(Assessment)
    shift = crossing.shift(WEDNESDAY, post=crossing.post(capacity=1))
    plan = planned(crossing)
    rival = crossing.person()
    in_the_way = book(shift, rival, rival, NOW)
    taken = take_plan(plan, plan.turns, crossing.coordinator, NOW, "电话约定")
    assert (told(taken), plan.agreed) == ((0, [(one.id, WEDNESDAY, "full")]), {})
    cancel(in_the_way, rival, NOW)
    again = take_plan(plan, plan.turns, crossing.coordinator, NOW, "第二天当面约定")
    assert (told(again), list(plan.agreed)) == ((1, []), [str(one.id)])


def test_what_people_still_need_is_read_once_however_many_a_plan_is_taken_for(crossing: Crossing) -> None:
    """Each further person who needs nothing more costs no query."""
    crossing.shift(WEDNESDAY, post=crossing.post(capacity=10))

    def asked(people: int) -> int:
        for _ in range(people):
            crossing.person(minutes=90)
        late, early = planned(crossing), planned(crossing)
        assert take_plan(early, early.turns, crossing.coordinator, NOW, "电话约定").booked == people
        with reading() as sent:
            taken = take_plan(late, late.turns, crossing.coordinator, NOW, "电话约定")
        assert (taken.booked, len(taken.refused)) == (0, people)
        return len(sent)

    assert asked(2) == asked(5)


def test_what_changes_with_the_day_is_judged_on_the_day_of_the_shift(crossing: Crossing) -> None:
    """D-21: from 65 on nobody is asked to stand at a crossing; indoors he still serves."""
    crossing.person(minutes=360)
    (one,) = all_of(Assessment)
    with act("person.change", one.person, by=None, at=NOW):
        one.person.birth_on = date(1961, 11, 26)
    outdoors, indoors = crossing.post(), crossing.post("值班室")
    with act("post.change", indoors, by=None, at=NOW):
        indoors.difficulty = 0
    for day in (WEDNESDAY, THURSDAY, date(2026, 11, 27)):
        crossing.shift(day, post=outdoors)
    crossing.shift(date(2026, 11, 28), post=indoors)
    plan = planned(crossing)
    assert whose(plan) == {one.id: [(WEDNESDAY, "morning"), (date(2026, 11, 28), "morning")]}
    assert (sum(plan.short.values()) + sum(plan.later.values()), plan.why) == (180, {str(one.id): "too_old"})
    assert told(take_plan(plan, plan.turns, crossing.coordinator, NOW, "电话约定")) == (2, [])


def test_a_shift_over_midnight_leaves_less_of_the_day_after(crossing: Crossing) -> None:
    """I14: an hour of the night falls on the 26th, on which at most two more of three are his."""
    crossing.person(minutes=360)
    (one,) = all_of(Assessment)
    post = crossing.post()
    for begins, ends in (("2026-11-25 22:00", "2026-11-26 01:00"), ("2026-11-26 17:00", "2026-11-26 20:00")):
        open_one(post, local(begins), local(ends), 5, crossing.coordinator, NOW)
    plan = planned(crossing)
    assert (len(plan.turns[str(one.id)]), plan.why) == (1, {str(one.id): "day_full"})
    assert told(take_plan(plan, plan.turns, crossing.coordinator, NOW, "电话约定")) == (1, [])


def test_a_plan_put_away_books_nobody(crossing: Crossing) -> None:
    crossing.person()
    crossing.shift(WEDNESDAY)
    plan = planned(crossing)
    discard_plan(plan, crossing.coordinator, NOW)
    with pytest.raises(OffCourse):
        take_plan(plan, plan.turns, crossing.coordinator, NOW, "电话约定")
    assert all_of(Attendance) == []


def test_shifts_of_another_office_are_in_nobodys_plan(town: Town, crossing: Crossing) -> None:
    crossing.person()
    crossing.shift(WEDNESDAY)
    plan = planned(crossing)
    assert {shift.office_id for shift in shifts_of(plan).values()} == {town.office.id}
    address = f"/shifts/plans/{plan.public_id}"
    assert town.browser(town.neighbour("coordinator")).get(address).status_code == 404


def test_the_desk_makes_looks_and_books_on_pages_and_a_volunteer_does_not(town: Town, crossing: Crossing) -> None:
    days = Days(crossing)
    person = days.person("李小明", minutes=90)
    assert town.browser(person).get("/shifts/plans").status_code == 403
    desk = town.browser(town.coordinator)
    refused = desk.post("/shifts/plans", {"days": "30"})
    assert (refused.status_code, "no shift with a free place" in text_of(refused)) == (422, True)
    days.shift(3)
    crossing.person("王等待", on_record=False)
    days.person("孙期满", last=today() - timedelta(days=1))
    page = text_of(desk.get(desk.post("/shifts/plans", {"days": "30"}).location))
    assert ("李小明" in page, "Hours that find no place 20 hours" in page) == (True, True)
    assert "the health is not entered" in page
    assert re.search("In no plan: the time of service is over 1 person 孙期满 until ", re.sub(r"\s+", " ", page))
    (plan,) = all_of(DraftPlan)
    key, address = next(iter(plan.turns)), f"/shifts/plans/{plan.public_id}/taking"
    unsaid = desk.post(address, {"chosen": key})
    assert (unsaid.status_code, all_of(Attendance)) == (422, [])
    assert desk.post(address, {"chosen": key, "reason": "电话约定"}).status_code == 303
    again = desk.get(desk.post(address, {"chosen": key, "reason": "电话约定"}).location)
    assert ("is booked already" in again.text, "0 shifts are booked" in again.text) == (True, False)
    assert [(one.person.name, one.state) for one in all_of(Attendance)] == [("李小明", "booked")]


def test_a_volunteer_says_himself_when_he_would_rather_not_serve(town: Town, crossing: Crossing) -> None:
    person = Days(crossing).person()
    (one,) = all_of(Assessment)
    address = f"/assessments/{one.public_id}/wishes"
    phone = town.browser(person)
    assert phone.post(address, {"wishes": ["morning", "weekend"]}).status_code == 303
    assert [row.wishes for row in all_of(Assessment)] == [["morning", "weekend"]]
    assert phone.post(address, {"wishes": ["never"]}).status_code == 422
    assert town.browser(town.neighbour("coordinator")).get(address).status_code == 404
