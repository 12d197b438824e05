"""A shift that runs: stopped for everybody, the stop taken back, prolonged (DOMAIN 8.3 `stop`, `prolong`)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from extensions import db
from record.act import act, history
from record.invariants import broken
from record.models import Message
from scheduler.timeline.models import Waiting
from scheduler.timeline.timeline import Take, constraint_of, rebook, resource_of
from tests.town import NOW, Town
from tests.volunteers.conftest import DAY, Crossing, all_of, at, officer_called
from volunteers import guards
from volunteers.actions.booking import book, report_absence, wait
from volunteers.actions.confirmation import confirm
from volunteers.actions.postings import NoTrafficOfficer
from volunteers.actions.shifts import ShiftBegun, cancel_shift, open_one
from volunteers.actions.steering import (
    ConfirmedMeanwhile,
    NextBooking,
    colleagues,
    hand_over,
    prolong,
    prospects,
    resume,
    stop,
    stopping,
)
from volunteers.actions.ticks import (
    Device,
    Means,
    NotPosted,
    arrive,
    correct_tick,
    leave,
    make_tick,
    miss,
    standing_of,
)
from volunteers.models.attendance import Attendance, BookedDay, Tick, TickMethod
from volunteers.models.shifts import Posting
from volunteers.rules.obstacles import ShiftNotOpen
from volunteers.rules.shifts import ReasonNeeded
from volunteers.rules.steering import NotStopped, ShiftNotRunning, StoppedAlready, StopStands

MINUTE = timedelta(minutes=1)


def told(one: Attendance) -> list[str]:
    query = select(Message.template).where(Message.recipient_id == one.person_id).order_by(Message.id)
    return [name.partition("/")[2] for name in db.session.scalars(query)]


def how(*people: Attendance) -> list[tuple[Any, ...]]:
    return [(one.state, one.outcome, one.fault, one.booking.status) for one in people]


def test_a_stop_ends_the_shift_for_all_now_and_is_nobodys_fault_but_the_services(
    town: Town, crossing: Crossing, shift: Any
) -> None:
    """Those here are ticked out and keep their minutes, those who had not come never count as missing."""
    officer = town.traffic_officer
    here, early, late, away, absent = crossing.booked(shift, *(crossing.person() for _ in range(5)))
    for one in (here, early):
        arrive(one, officer, at("07:28"))
    leave(early, officer, at("08:00"))
    arrive(late, officer, at("08:05"))
    report_absence(absent, absent.person, at("06:00"))
    with pytest.raises(ReasonNeeded):
        stop(shift, officer, at("08:12"), " ")
    stop(shift, officer, at("08:12") + timedelta(seconds=40), "大雨")
    assert how(here, early, late, away, absent) == [
        ("left", "sent_home", "service", "accepted"),
        ("left", "left_early", "person", "accepted"),
        ("left", "sent_home", "service", "accepted"),
        ("cancelled", "cancelled_by_service", "service", "cancelled"),
        ("absent", "absent_late", "nobody", "released"),
    ]
    assert (shift.event.ends_at, shift.minutes, shift.stopped_why) == (
        at("08:12") + 40 * timedelta(seconds=1),
        42,
        "大雨",
    )
    assert [told(one)[1:] for one in (here, away, absent)] == [["stopped"], ["cancelled_by_service"], []]
    days = {row.attendance_id: row.minutes for row in all_of_days()}
    assert days == {here.id: 42, early.id: 42, late.id: 42}
    assert [(line.minutes, line.problem) for line in confirm(shift, officer, at("08:13"))] == [
        (42, ""),
        (30, ""),
        (7, ""),
    ]
    with pytest.raises(StoppedAlready):
        stop(shift, officer, at("08:14"), "again")
    assert broken() == []


def all_of_days() -> list[BookedDay]:
    return list(db.session.scalars(select(BookedDay)))


def test_only_what_runs_is_stopped_from_its_first_minute_to_its_last(town: Town, shift: Any) -> None:
    for clock in ("07:29", "07:30", "09:00"):
        with pytest.raises(ShiftNotRunning):
            stop(shift, town.traffic_officer, at(clock), "storm")
    stop(shift, town.traffic_officer, at("07:31"), "storm")
    assert (shift.minutes, broken()) == (1, [])


def test_a_stop_pressed_by_mistake_is_taken_back_within_five_minutes_and_told(
    town: Town, crossing: Crossing, shift: Any
) -> None:
    """The tick of the stop stays as a fact and counts no longer; who stays away after it has missed nothing."""
    officer = town.traffic_officer
    here, gone, coming, staying_away = crossing.booked(shift, *(crossing.person() for _ in range(4)))
    arrive(here, officer, at("07:30"))
    arrive(gone, officer, at("07:30"))
    with pytest.raises(NotStopped):
        resume(shift, officer, at("07:40"))
    stop(shift, officer, at("07:40"), "误按")
    correct_tick(gone, "out", at("07:38"), officer, at("07:41"), "went two minutes before")
    with pytest.raises(StopStands):
        resume(shift, officer, at("07:45") + MINUTE / 60)
    resume(shift, officer, at("07:45"))
    assert how(here, gone, coming, staying_away) == [
        ("arrived", None, None, "accepted"),
        ("left", "sent_home", "service", "accepted"),
        ("booked", "cancelled_by_service", "service", "accepted"),
        ("booked", "cancelled_by_service", "service", "accepted"),
    ]
    assert (shift.event.ends_at, shift.minutes, shift.stopped_at) == (at("09:00"), 90, None)
    assert (standing_of(here).left_at, len(here.ticks), told(here)[1:]) == (None, 2, ["stopped", "goes_on"])
    assert here.booking.ends_at == coming.booking.ends_at == at("09:00")
    assert gone.booking.ends_at == at("07:40")
    arrive(coming, officer, at("07:50"))
    miss(staying_away, officer, at("09:01"))
    leave(here, officer, at("09:00"))
    leave(coming, officer, at("09:00"))
    assert how(here, coming, staying_away) == [
        ("left", "attended", None, "accepted"),
        ("left", "attended", None, "accepted"),
        ("cancelled", "cancelled_by_service", "service", "cancelled"),
    ]
    assert history(staying_away) == [f"attendance.{step}" for step in ("book", "cancel", "reinstate", "cancel")]
    assert [(line.minutes, line.problem) for line in confirm(shift, officer, at("09:02"))] == [
        (90, ""),
        (8, ""),
        (70, ""),
    ]
    assert broken() == []


def test_a_stop_whose_hours_are_confirmed_is_not_taken_back(town: Town, crossing: Crossing, shift: Any) -> None:
    [here] = crossing.booked(shift, crossing.person())
    arrive(here, town.traffic_officer, at("07:30"))
    stop(shift, town.traffic_officer, at("08:00"), "storm")
    confirm(shift, town.traffic_officer, at("08:01"))
    with pytest.raises(ConfirmedMeanwhile):
        resume(shift, town.traffic_officer, at("08:02"))
    assert (here.state, shift.minutes, broken()) == ("confirmed", 30, [])


def test_whoever_has_something_else_meanwhile_stays_as_the_stop_left_him(
    town: Town, crossing: Crossing, shift: Any
) -> None:
    here, away = crossing.booked(shift, crossing.person(), crossing.person())
    arrive(here, town.traffic_officer, at("07:30"))
    stop(shift, town.traffic_officer, at("08:00"), "storm")
    next_one = open_one(shift.post, at("08:30"), at("09:30"), 2, town.coordinator, at("08:01"))
    crossing_booked = [book(next_one, one.person, town.coordinator, at("08:02")) for one in (here, away)]
    resume(shift, town.traffic_officer, at("08:03"))
    assert (how(here, away), shift.event.ends_at) == (
        [
            ("left", "sent_home", "service", "accepted"),
            ("cancelled", "cancelled_by_service", "service", "cancelled"),
        ],
        at("09:00"),
    )
    assert ([one.state for one in crossing_booked], broken()) == (["booked", "booked"], [])


def test_a_prolonged_shift_counts_in_full_and_whoever_goes_as_agreed_has_not_left_early(
    town: Town, crossing: Crossing, shift: Any
) -> None:
    officer = town.traffic_officer
    stays, goes, early = crossing.booked(shift, *(crossing.person() for _ in range(3)))
    for one in (stays, goes, early):
        arrive(one, officer, at("07:30"))
    leave(early, officer, at("08:00"))
    with pytest.raises(ReasonNeeded):
        prolong(shift, 20, officer, at("08:50"), "")
    assert prolong(shift, 20, officer, at("08:50"), "队伍未散") == []
    leave(goes, officer, at("09:00"))
    leave(stays, officer, at("09:20"))
    assert how(stays, goes, early) == [
        ("left", "attended", None, "accepted"),
        ("left", "attended", None, "accepted"),
        ("left", "left_early", "person", "accepted"),
    ]
    assert (shift.minutes, shift.agreed_until, told(stays)[1:], told(early)[1:]) == (
        110,
        at("09:00"),
        ["prolonged"],
        [],
    )
    assert (stays.booking.ends_at, early.booking.ends_at) == (at("09:20"), at("09:00"))
    results = confirm(shift, officer, at("09:21"))
    assert ([line.minutes for line in results], broken()) == ([110, 90, 30], [])


def test_beyond_the_most_of_a_day_it_is_said_and_counts_all_the_same(
    town: Town, crossing: Crossing, shift: Any
) -> None:
    """I14, DOMAIN 3.3: 90 and 90 minutes fill the three hours of a day to the minute."""
    evening = crossing.shift(DAY, "evening", shift.post)
    full, free = crossing.person(), crossing.person()
    here, other = crossing.booked(shift, full, free)
    crossing.booked(evening, full)
    for one in (here, other):
        arrive(one, town.traffic_officer, at("07:30"))
    assert [[one.id for one in each.over] for each in prospects(shift)] == [[here.id]] * 4
    assert [one.id for one in prolong(shift, 10, town.traffic_officer, at("08:59"), "accident")] == [here.id]
    assert (sorted((row.minutes, row.most) for row in all_of_days()), broken()) == (
        [(90, 180), (100, 180), (100, 1440)],
        [],
    )


def test_whose_next_booking_it_would_hit_is_named_and_of_another_office_nothing_else_is_said(
    town: Town, crossing: Crossing, shift: Any
) -> None:
    near, clear = crossing.person("王近"), crossing.person("李空")
    elsewhere = town.event("听证会", f"{DAY} 09:30", f"{DAY} 10:30", office=town.office, kind="hearing")
    own = open_one(crossing.post("西门"), at("09:10"), at("10:10"), 3, town.coordinator, at("06:00"))
    here, other = crossing.booked(shift, near, clear)
    crossing.booked(own, near)
    _is_party(town, elsewhere, clear)
    for one in (here, other):
        arrive(one, town.traffic_officer, at("07:30"))
    shown = [[(hit.attendance.person.name, hit.starts_at, hit.place) for hit in each.hits] for each in prospects(shift)]
    west, hearing = ("王近", at("09:10"), "西门"), ("李空", at("09:30"), None)
    assert shown == [[], [west], [west], [west, hearing]]
    with pytest.raises(NextBooking) as refusal:
        prolong(shift, 60, town.traffic_officer, at("08:00"), "queue")
    assert (refusal.value.facts["who"], shift.event.ends_at) == (["王近", "李空"], at("09:00"))
    leave(here, town.traffic_officer, at("08:10"))
    prolong(shift, 30, town.traffic_officer, at("08:20"), "queue")
    stop(shift, town.traffic_officer, at("08:30"), "over")
    assert (here.booking.ends_at, shift.minutes, broken()) == (at("08:30"), 60, [])


def _is_party(town: Town, event: Any, person: Any) -> None:
    with act("event.book", event, by=town.coordinator, at=at("06:00")):
        rebook(Take(event, resource_of(person), "party"))


def test_a_tick_of_a_stop_is_a_fact_with_its_means(town: Town, crossing: Crossing, shift: Any) -> None:
    [here] = crossing.booked(shift, crossing.person())
    arrive(here, town.traffic_officer, at("07:30"))
    stop(shift, town.traffic_officer, at("08:00"), "storm")
    assert [(tick.kind, tick.method, tick.by.name, tick.at) for tick in all_of(Tick)] == [
        ("in", "hand", "朱交警", at("07:30")),
        ("out", "stop", "朱交警", at("08:00")),
    ]


def test_a_shift_is_handed_to_a_colleague_who_sees_and_is_told_and_what_was_ticked_stays(
    town: Town, crossing: Crossing, shift: Any
) -> None:
    """The first one goes, or stays as well; who is posted nowhere hands nothing over."""
    first, second = town.traffic_officer, officer_called(town, "马交警")
    [here] = crossing.booked(shift, crossing.person())
    arrive(here, first, at("07:30"))
    with pytest.raises(NotPosted):
        hand_over(shift, first, second, at("08:00"), "x")
    with pytest.raises(ReasonNeeded):
        hand_over(shift, second, first, at("08:00"), " ")
    with pytest.raises(NoTrafficOfficer):
        hand_over(shift, town.clerk, first, at("08:00"), "called away")
    assert [one.person.name for one in colleagues(shift)] == ["马交警"]
    hand_over(shift, second, first, at("08:00"), "called away", stays=True)
    assert (_posted(shift), colleagues(shift)) == ([("朱交警", None), ("马交警", None)], [])
    hand_over(shift, second, first, at("08:05"), "called away")
    assert _posted(shift) == [("朱交警", at("08:05")), ("马交警", None)]
    assert [m.template for m in db.session.scalars(select(Message).where(Message.recipient_id == second.id))] == [
        "volunteers/posted"
    ]
    with pytest.raises(NotPosted):
        leave(here, first, at("08:30"))
    leave(here, second, at("09:00"))
    results = confirm(shift, second, at("09:01"))
    assert ([line.minutes for line in results], [tick.by.name for tick in here.ticks], broken()) == (
        [90],
        ["朱交警", "马交警"],
        [],
    )


def _posted(shift: Any) -> list[tuple[Any, ...]]:
    return [(one.person.name, one.ended_at) for one in db.session.scalars(select(Posting).order_by(Posting.id))]


# Before the start, from elsewhere, and who waits


def test_whoever_waits_for_a_shift_that_is_stopped_is_told_and_waits_no_longer(town: Town, crossing: Crossing) -> None:
    shift = crossing.shift(DAY, post=crossing.post(capacity=1))
    [here] = crossing.booked(shift, crossing.person())
    guest = crossing.person()
    wait(shift, guest, guest, NOW)
    arrive(here, town.traffic_officer, at("07:30"))
    stop(shift, town.traffic_officer, at("08:00"), "storm")
    query = select(Message).where(Message.recipient_id == guest.id)
    messages = [(one.template, one.facts.get("why")) for one in db.session.scalars(query)]
    assert messages == [("volunteers/passed_over", "shift_stopped")]
    assert [(one.state, one.why) for one in all_of(Waiting)] == [("passed_over", "shift_stopped")]
    resume(shift, town.traffic_officer, at("08:02"))
    assert ([one.state for one in all_of(Waiting)], broken()) == (["passed_over"], [])


def test_a_shift_is_stopped_before_its_start_as_soon_as_somebody_is_here(
    town: Town, crossing: Crossing, shift: Any
) -> None:
    """No minute of it was served: to everybody it is a shift that the service cancelled, and nobody can book it."""
    officer = town.traffic_officer
    here, away = crossing.booked(shift, crossing.person(), crossing.person())
    arrive(here, officer, at("07:05"))
    with pytest.raises(ShiftBegun):
        cancel_shift(shift, town.coordinator, at("07:06"), "storm")
    with pytest.raises(ShiftNotRunning):
        prolong(shift, 10, officer, at("07:06"), "queue")
    stop(shift, officer, at("07:10"), "storm")
    assert how(here, away) == [("cancelled", "cancelled_by_service", "service", "cancelled")] * 2
    assert [told(one)[1:] for one in (here, away)] == [["cancelled_by_service"], ["cancelled_by_service"]]
    assert (shift.stopped_at, shift.event.ends_at, shift.minutes) == (at("07:10"), at("07:31"), 1)
    with pytest.raises(ShiftNotOpen):
        book(shift, crossing.person(), town.coordinator, at("07:11"))
    assert ([len(here.ticks), history(here)[-1]], broken()) == ([1, "attendance.call_off"], [])
    resume(shift, officer, at("07:15"))
    assert how(here, away) == [
        ("arrived", None, None, "accepted"),
        ("booked", "cancelled_by_service", "service", "accepted"),
    ]
    leave(here, officer, at("09:00"))
    assert [(line.minutes, line.problem) for line in confirm(shift, officer, at("09:01"))] == [
        (90, ""),
        (0, "not_come"),
    ]
    assert (shift.event.ends_at, broken()) == (at("09:00"), [])


def test_at_its_first_minute_a_stop_leaves_nothing_to_confirm(town: Town, crossing: Crossing, shift: Any) -> None:
    """On both sides of the edge; beforehand the same is said as then comes."""
    [here] = crossing.booked(shift, crossing.person())
    arrive(here, town.traffic_officer, at("07:05"))
    within = at("07:30") + 59 * MINUTE / 60
    said = stopping(shift, town.traffic_officer, within)
    assert ([*said.home, *said.away], said.called_off) == ([], [here])
    stop(shift, town.traffic_officer, within, "storm")
    assert (here.state, shift.minutes) == ("cancelled", 1)
    resume(shift, town.traffic_officer, at("07:31"))
    said = stopping(shift, town.traffic_officer, at("07:31"))
    assert ([*said.called_off, *said.away], said.home) == ([], [here])
    stop(shift, town.traffic_officer, at("07:31"), "storm")
    assert (here.state, shift.minutes) == ("left", 1)
    assert [line.minutes for line in confirm(shift, town.traffic_officer, at("07:32"))] == [1]
    assert broken() == []


def test_who_stops_from_elsewhere_makes_no_statement_of_an_officer(town: Town, crossing: Crossing, shift: Any) -> None:
    """The tick says so by its means, the database sees to it; the posted officer confirms, nobody else."""
    desk, officer = town.coordinator, town.traffic_officer
    [here] = crossing.booked(shift, crossing.person())
    arrive(here, officer, at("07:30"))
    stop(shift, desk, at("08:00"), "storm")
    assert [(tick.kind, tick.method, tick.by_id) for tick in here.ticks] == [
        ("in", "hand", officer.id),
        ("out", "stop_afar", desk.id),
    ]
    with pytest.raises(NotPosted):
        confirm(shift, desk, at("08:01"))
    with pytest.raises(IntegrityError) as refused, act("attendance.leave", here, by=desk, at=at("08:01")):
        means = Means(TickMethod.STOP)
        make_tick(here, "out", stated=at("08:00"), by=desk, at=at("08:01"), device=Device(), means=means)
    assert constraint_of(refused.value) == guards.SAID_THERE
    db.session.rollback()
    assert [(line.minutes, line.problem) for line in confirm(shift, officer, at("08:02"))] == [(30, "")]
    assert broken() == []
