"""Booking: what stands in the way, in which order; cancelling; the waiting list (SETTLED 5 and 12, I04 to I06)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import Person
from errors import Refusal
from extensions import db
from record.act import act, history
from record.invariants import broken
from record.models import Message
from scheduler.timeline import timeline
from scheduler.timeline.models import Booking, Quota, Waiting
from tests.racing import race
from tests.town import NOW, Town, local
from tests.volunteers.conftest import Crossing, all_of
from volunteers.actions.booking import (
    TooLateToCancel,
    TooLateToReport,
    book,
    cancel,
    excuse,
    leave_list,
    report_absence,
    wait,
)
from volunteers.actions.obstacles import obstacles
from volunteers.actions.shifts import change_shift
from volunteers.models.attendance import Attendance, BookedDay
from volunteers.models.shifts import Shift
from volunteers.rules.booking import Taken, Wanted, judge_booking
from volunteers.rules.obstacles import HoursComplete, NoPlace, NotServing, OutsidePeriod, Overlap, OwnHearing, ShiftOver


def state_of(attendance: Attendance) -> tuple[str, str, str | None]:
    db.session.refresh(attendance)
    return attendance.state, attendance.booking.status, attendance.outcome


def test_a_booked_place_is_a_booking_on_the_timeline_and_an_attendance(crossing: Crossing) -> None:
    shift, person = crossing.shift(), crossing.person()
    attendance = book(shift, person, person, NOW)
    assert state_of(attendance) == ("booked", "accepted", None)
    assert (attendance.booking.starts_at, attendance.booking.ends_at) == (
        local("2026-11-25 07:30"),
        local("2026-11-25 09:00"),
    )
    assert history(attendance) == ["attendance.book"]


def test_everything_in_the_way_is_found_in_the_fixed_order() -> None:
    """SETTLED 12: state, period, overlap, own hearing, places."""
    clash = Taken(local("2026-11-25 08:00"), local("2026-11-25 10:00"))
    hearing = Taken(clash.starts_at, clash.ends_at, hearing=True)
    wanted = Wanted(
        now=NOW,
        shift_state="open",
        starts_at=local("2026-11-25 07:30"),
        starts_on=date(2026, 11, 25),
        capacity=1,
        taken=1,
        state="proposed",
        clashes=(hearing, clash),
    )
    assert [one.code for one in judge_booking(wanted)] == ["not_serving", "overlap", "own_hearing", "full"]


def test_who_does_not_serve_here_cannot_book(town: Town, crossing: Crossing) -> None:
    with pytest.raises(NotServing):
        book(crossing.shift(), town.volunteer, town.volunteer, NOW)


@pytest.mark.parametrize(
    ("first", "last", "fits"),
    [
        (date(2026, 11, 25), date(2026, 11, 25), True),
        (date(2026, 11, 26), date(2026, 12, 10), False),
        (date(2026, 11, 1), date(2026, 11, 24), False),
    ],
)
def test_a_shift_lies_within_ones_own_period_both_days_included(
    crossing: Crossing, first: date, last: date, fits: bool
) -> None:
    person = crossing.person(first=first, last=last)
    if fits:
        book(crossing.shift(), person, person, NOW)
        return
    with pytest.raises(OutsidePeriod) as refusal:
        book(crossing.shift(), person, person, NOW)
    assert (refusal.value.first_on, refusal.value.last_on) == (first, last)


def test_nobody_books_two_shifts_at_one_time_but_one_after_the_other(crossing: Crossing) -> None:
    person = crossing.person()
    here = crossing.shift()
    book(here, person, person, NOW)
    there = crossing.shift(post=crossing.post("火车站前"))
    with pytest.raises(Overlap) as refusal:
        book(there, person, person, NOW)
    assert refusal.value.starts_at == local("2026-11-25 07:30")
    with pytest.raises(Overlap):
        book(here, person, person, NOW)
    book(crossing.shift(post=crossing.post("泸水桥头", morning=(crossing_end(), crossing_noon()))), person, person, NOW)
    assert [one.state for one in all_of(Attendance)] == ["booked", "booked"]


def crossing_end():
    return local("2026-11-25 09:00").time()


def crossing_noon():
    return local("2026-11-25 10:30").time()


def test_a_hearing_of_ones_own_goes_first_and_is_told_as_such(town: Town, crossing: Crossing) -> None:
    """DOMAIN 8.10: volunteers know of it by the timeline alone."""
    person = crossing.person()
    hearing = town.event("听证", "2026-11-25 08:30", "2026-11-25 10:00", kind="sitting")
    with act("sitting.plan", hearing, by=town.clerk, at=NOW):
        timeline.rebook(timeline.Take(hearing, timeline.resource_of(person), "party"))
    with pytest.raises(OwnHearing) as refusal:
        book(crossing.shift(), person, person, NOW)
    assert refusal.value.starts_at == local("2026-11-25 08:30")


def test_a_full_shift_says_so_and_offers_the_waiting_list(crossing: Crossing) -> None:
    shift = crossing.shift(post=crossing.post(capacity=1))
    first, second = crossing.person(), crossing.person()
    book(shift, first, first, NOW)
    with pytest.raises(NoPlace) as refusal:
        book(shift, second, second, NOW)
    assert (refusal.value.capacity, [one.code for one in refusal.value.obstacles]) == (1, ["full"])
    assert wait(shift, second, second, NOW).number == 1


def test_a_shift_that_has_begun_cannot_be_booked(crossing: Crossing) -> None:
    shift, person = crossing.shift(), crossing.person()
    with pytest.raises(ShiftOver):
        book(shift, person, person, local("2026-11-25 07:30"))
    book(shift, person, person, local("2026-11-25 07:29"))


def test_a_volunteer_cancels_until_twelve_hours_before_and_then_says_he_cannot_come(crossing: Crossing) -> None:
    """DOMAIN 9.2 service.cancel_before; both sides of the edge."""
    shift = crossing.shift()
    early, late = crossing.person(), crossing.person()
    one, other = crossing.booked(shift, early, late)
    cancel(one, early, local("2026-11-24 19:30"))
    with pytest.raises(TooLateToCancel):
        cancel(other, late, local("2026-11-24 19:31"))
    report_absence(other, late, local("2026-11-25 07:29"), "ill")
    assert [state_of(one), state_of(other)] == [
        ("cancelled", "cancelled", None),
        ("absent", "released", "absent_late"),
    ]


def test_a_booking_just_made_is_taken_back_without_consequence_until_the_shift_begins(crossing: Crossing) -> None:
    """Within twelve hours of the start: five minutes, both sides of the edge, and never once it has begun."""
    shift, at = crossing.shift(), local("2026-11-25 07:00")
    quick, slow, last = (crossing.person() for _ in range(3))
    one, other = book(shift, quick, quick, at), book(shift, slow, slow, at)
    cancel(one, quick, local("2026-11-25 07:05"))
    with pytest.raises(TooLateToCancel):
        cancel(other, slow, local("2026-11-25 07:06"))
    third = book(shift, last, last, local("2026-11-25 07:28"))
    with pytest.raises(TooLateToCancel):
        cancel(third, last, local("2026-11-25 07:31"))
    told = [(a.state, a.outcome, a.fault) for a in (one, other, third)]
    assert told == [("cancelled", None, None), ("booked", None, None), ("booked", None, None)]


def test_what_the_office_booked_for_somebody_is_no_slip_of_his_thumb(town: Town, crossing: Crossing) -> None:
    shift, person, at = crossing.shift(), crossing.person(), local("2026-11-25 07:00")
    booked = book(shift, person, town.coordinator, at)
    with pytest.raises(TooLateToCancel):
        cancel(booked, person, at)


def test_an_absence_told_long_before_is_not_late_and_none_is_told_after_the_start(crossing: Crossing) -> None:
    shift = crossing.shift()
    early, late = crossing.person(), crossing.person()
    one, other = crossing.booked(shift, early, late)
    report_absence(one, early, NOW, "ill")
    assert state_of(one) == ("absent", "released", "absent_told")
    with pytest.raises(TooLateToReport):
        report_absence(other, late, local("2026-11-25 07:30"), "ill")


def test_whom_other_hours_do_not_suit_gives_his_place_back_until_the_shift_begins(
    town: Town, crossing: Crossing
) -> None:
    """He had agreed to the old ones; who books after the change knows the new ones, and more places change nothing."""
    shift, moved_at, late = crossing.shift(), local("2026-11-25 01:30"), local("2026-11-25 09:59")
    early, told, after = (crossing.person() for _ in range(3))
    one, two = crossing.booked(shift, early, told)
    hours = local("2026-11-25 10:00"), local("2026-11-25 11:30")
    change_shift(shift, shift.event.starts_at, shift.event.ends_at, 11, town.coordinator, moved_at, "")
    with pytest.raises(TooLateToCancel):
        cancel(one, early, moved_at)
    change_shift(shift, *hours, 11, town.coordinator, moved_at, "roadworks")
    three = book(shift, after, after, moved_at)
    change_shift(shift, *hours, 12, town.coordinator, moved_at, "")
    cancel(one, early, late)
    report_absence(two, told, late, "ill")
    with pytest.raises(TooLateToCancel):
        cancel(three, after, late)
    report_absence(three, after, late, "ill")
    assert [state_of(a) for a in (one, two, three)] == [
        ("cancelled", "cancelled", None),
        ("absent", "released", "absent_told"),
        ("absent", "released", "absent_late"),
    ]


def test_a_coordinator_cancels_on_behalf_until_the_start(town: Town, crossing: Crossing) -> None:
    [one] = crossing.booked(crossing.shift(), crossing.person())
    cancel(one, town.coordinator, local("2026-11-25 07:00"), "said by phone")
    assert state_of(one) == ("cancelled", "cancelled", None)


def test_a_freed_place_goes_to_the_first_who_still_fits_and_makes_his_attendance(crossing: Crossing) -> None:
    shift = crossing.shift(post=crossing.post(capacity=1))
    holder, busy, next_one = crossing.person(), crossing.person(), crossing.person()
    [held] = crossing.booked(shift, holder)
    places = [wait(shift, person, person, NOW) for person in (busy, next_one)]
    other = crossing.shift(post=crossing.post("火车站前"))
    book(other, busy, busy, NOW)
    cancel(held, holder, NOW)
    assert [(p.number, p.state, p.why) for p in places] == [(1, "passed_over", "overlap"), (2, "promoted", "")]
    mine = db.session.scalars(select(Attendance).where(Attendance.person_id == next_one.id)).one()
    assert (state_of(mine), history(mine)) == (("booked", "accepted", None), ["attendance.book"])
    assert broken() == []


def test_who_leaves_the_waiting_list_is_not_promoted(crossing: Crossing) -> None:
    shift = crossing.shift(post=crossing.post(capacity=1))
    holder, other = crossing.person(), crossing.person()
    [held] = crossing.booked(shift, holder)
    place = wait(shift, other, other, NOW)
    leave_list(place, other, NOW)
    cancel(held, holder, NOW)
    assert [place.state, [a.state for a in all_of(Attendance)]] == ["left", ["cancelled"]]


def test_whoever_has_completed_his_hours_books_nothing_more(crossing: Crossing) -> None:
    person = crossing.person()
    shift = crossing.shift()
    from volunteers.actions.obstacles import assessment_at
    from volunteers.models.assessment import ASSESSMENT

    assessment = assessment_at(person, shift.office_id)
    with act("assessment.complete", assessment, by=None, at=NOW):
        ASSESSMENT.step("complete", assessment)
    with pytest.raises(HoursComplete):
        book(shift, person, person, NOW)


def test_a_missed_shift_is_excused_with_a_reason(town: Town, crossing: Crossing) -> None:
    from volunteers.actions.ticks import miss

    [one] = crossing.booked(crossing.shift(), crossing.person())
    miss(one, town.traffic_officer, local("2026-11-25 08:00"))
    assert state_of(one) == ("no_show", "accepted", "no_show")
    excuse(one, town.coordinator, local("2026-11-26 08:00"), "in hospital, letter of the doctor")
    assert state_of(one) == ("absent", "accepted", "absent_told")
    assert history(one) == ["attendance.book", "attendance.miss", "attendance.excuse"]
    assert (list(db.session.scalars(select(BookedDay))), broken()) == ([], [])


def test_of_sixteen_people_who_want_four_places_at_once_exactly_four_get_one(app: Flask, crossing: Crossing) -> None:
    """I04, I06: whoever comes too late waits, numbered without gap."""
    shift_id = crossing.shift(post=crossing.post(capacity=4)).id
    people = [crossing.person().id for _ in range(16)]

    def want(person_id: int) -> str:
        person, shift = db.session.get_one(Person, person_id), db.session.get_one(Shift, shift_id)
        try:
            book(shift, person, person, NOW)
            return "booked"
        except Refusal as refusal:
            assert refusal.code == "full"
        wait(shift, person, person, NOW)
        return "waiting"

    outcomes = race(app, [partial(want, one) for one in people])
    assert (outcomes.count("booked"), outcomes.count("waiting")) == (4, 12)
    quota = db.session.scalars(select(Quota)).one()
    bound = db.session.scalars(select(Booking).where(Booking.binds, Booking.role == "volunteer")).all()
    assert (quota.taken, len(bound)) == (4, 4)
    numbers = db.session.scalars(select(Waiting.number).order_by(Waiting.number)).all()
    assert numbers == list(range(1, 13))
    assert broken() == []


def test_what_stands_in_the_way_is_asked_for_the_page_without_booking(crossing: Crossing) -> None:
    shift, person = crossing.shift(), crossing.person(last=date(2026, 11, 24))
    assert [one.code for one in obstacles(person, shift, NOW)] == ["outside_period"]
    assert [one.code for one in obstacles(person, shift, NOW + timedelta(days=2))] == ["shift_over", "outside_period"]
    assert all_of(Attendance) == []


def test_whoever_moved_up_after_the_hours_were_changed_is_not_bound_to_them(town: Town, crossing: Crossing) -> None:
    """He waited for the old ones, and is told of the new; whoever joined after the change has agreed to them."""
    shift = crossing.shift(post=crossing.post("满", capacity=1))
    first, second, third = crossing.person(), crossing.person(), crossing.person()
    [one] = crossing.booked(shift, first)
    wait(shift, second, second, local("2026-11-24 01:30"))
    ten = local("2026-11-25 10:00"), local("2026-11-25 11:30")
    change_shift(shift, *ten, 1, town.coordinator, local("2026-11-24 02:30"), "roadworks")
    assert [m.recipient_id for m in all_of(Message) if m.template == "volunteers/list_moved"] == [second.id]
    wait(shift, third, third, local("2026-11-24 03:00"))
    cancel(one, first, local("2026-11-24 09:00"))
    [his] = all_of(Attendance, Attendance.person_id == second.id)
    cancel(his, second, local("2026-11-25 07:00"))
    [late] = all_of(Attendance, Attendance.person_id == third.id)
    with pytest.raises(TooLateToCancel):
        cancel(late, third, local("2026-11-25 07:10"))
