"""Somebody who did not book: found, judged by the same gates, marked as extra; the place added for him is his alone."""

from __future__ import annotations

from datetime import date, time
from functools import partial
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from accounts.models import Person
from extensions import db
from record.act import act, history
from record.invariants import broken
from scheduler.timeline.models import Quota, Waiting
from scheduler.timeline.timeline import constraint_of
from tests.conftest import Engine
from tests.racing import race
from tests.town import NOW, Town
from tests.volunteers.conftest import DAY, Crossing, all_of, at
from volunteers import guards
from volunteers.actions.booking import book, cancel, wait
from volunteers.actions.confirmation import confirm
from volunteers.actions.days import WHOLE_DAY
from volunteers.actions.obstacles import assessment_at
from volunteers.actions.ticks import Device, Means, NotForOneself, NotPosted, TooEarlyToArrive, leave, make_tick
from volunteers.actions.walk_in import (
    SEARCHES,
    NotAdmitted,
    OnTheList,
    TooManySearches,
    WalkInReasonNeeded,
    admit,
    guest_code,
    seek,
    whose,
)
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance, AttendanceState, TickMethod
from volunteers.models.shifts import Shift
from volunteers.rules.obstacles import NotBookable
from volunteers.rules.steering import ShiftNotRunning


def places(shift: Shift) -> tuple[int, int, int]:
    quota = db.session.query(Quota).filter_by(event_id=shift.event_id).one()
    db.session.refresh(quota)
    return quota.taken, quota.capacity, quota.extra


def of(person: Any, shift: Shift) -> Any:
    found = assessment_at(person, shift.office_id)
    assert found is not None
    return found


def test_he_is_found_by_initials_and_number_together_and_each_look_is_kept(town: Town, crossing: Crossing) -> None:
    shift, officer = crossing.shift(DAY), town.traffic_officer
    man = crossing.person("王小明")
    tail = man.phone[-4:]
    looks = [("wxm", tail), ("WXM ", tail), ("wxm", "0000"), ("w", tail), ("lxm", tail)]
    found = [[one.person.name for one in seek(shift, *look, officer, at("07:30"))] for look in looks]
    assert found == [["王小明"], ["王小明"], [], [], []]
    assert history(shift)[-5:] == ["shift.seek_walk_in"] * 5
    for _ in range(SEARCHES - 5):
        seek(shift, "x", "1111", officer, at("07:31"))
    with pytest.raises(TooManySearches):
        seek(shift, "wxm", tail, officer, at("07:32"))
    assert len(seek(shift, "wxm", tail, officer, at("07:42"))) == 1


def test_of_another_office_nobody_is_found_nor_admitted(town: Town, crossing: Crossing) -> None:
    shift = crossing.shift(DAY)
    elsewhere = Crossing(town)
    elsewhere.elsewhere, elsewhere.prosecutor = (town.other_office, town.neighbour("coordinator")), None
    elsewhere.numbers = iter([777])
    man = elsewhere.person("王小明")
    assert seek(shift, "wxm", man.phone[-4:], town.traffic_officer, at("07:30")) == []
    with pytest.raises(NotForOneself):
        admit(shift, assessment_at(man, town.other_office.id), town.traffic_officer, at("07:30"))


def test_with_a_free_place_he_takes_it_is_marked_extra_and_counts_like_everybody(
    town: Town, crossing: Crossing
) -> None:
    shift, officer = crossing.shift(DAY, post=crossing.post(capacity=1)), town.traffic_officer
    one = admit(shift, of(crossing.person(), shift), officer, at("07:40"))
    assert (one.state, one.extra, places(shift), history(one)) == ("arrived", True, (1, 1, 0), ["attendance.walk_in"])
    leave(one, officer, at("09:00"))
    assert (one.outcome, one.fault, [line.minutes for line in confirm(shift, officer, at("09:01"))]) == (
        "extra",
        None,
        [80],
    )
    assert broken() == []


def test_a_squad_leader_who_is_not_posted_may_admit_and_the_tick_says_so(town: Town, crossing: Crossing) -> None:
    """TRUST 2 `admit_walk_in`: his squad's shifts. It is no tick beside the name, which only a posted officer makes;
    one confirms as always. The database sees to both."""
    shift, leader, officer = crossing.shift(DAY), town.squad_leader, town.traffic_officer
    one = admit(shift, of(crossing.person(), shift), leader, at("07:40"))
    assert [(tick.kind, tick.method, tick.by_id) for tick in one.ticks] == [("in", "admitted", leader.id)]
    with pytest.raises(NotPosted):
        leave(one, leader, at("09:00"))
    for by, method in ((leader, TickMethod.HAND), (officer, TickMethod.ADMITTED)):
        with pytest.raises(IntegrityError) as refused, act("attendance.arrive", one, by=by, at=at("07:41")):
            means = Means(method)
            make_tick(one, "in", stated=at("07:41"), by=by, at=at("07:41"), device=Device(), means=means)
        assert constraint_of(refused.value) == guards.SAID_THERE
        db.session.rollback()
    leave(one, officer, at("09:00"))
    assert [line.minutes for line in confirm(shift, officer, at("09:01"))] == [80]
    assert broken() == []


def test_over_the_places_a_reason_adds_one_and_nobody_of_the_list_may_take_it(town: Town, crossing: Crossing) -> None:
    """SETTLED 21; the database itself says so."""
    shift, officer = crossing.shift(DAY, post=crossing.post(capacity=1)), town.traffic_officer
    [booked] = crossing.booked(shift, crossing.person())
    waiting = crossing.person()
    wait(shift, waiting, waiting, NOW)
    guest = of(crossing.person(), shift)
    with pytest.raises(WalkInReasonNeeded):
        admit(shift, guest, officer, at("07:00"), " ")
    admit(shift, guest, officer, at("07:00"), "人手不够")
    assert (places(shift), [one.state for one in all_of(Waiting)]) == ((2, 2, 1), ["waiting"])
    cancel(booked, town.coordinator, at("07:00"))
    assert (places(shift), [one.state for one in all_of(Waiting)]) == ((2, 2, 1), ["promoted"])
    extra = db.session.query(Attendance).filter_by(extra=True).one()
    assert extra.person_id == guest.person_id
    with pytest.raises(IntegrityError) as refused, act("attendance.book", shift, by=None, at=NOW):
        values = {name: getattr(booked, name) for name in ("office_id", "shift_id", "person_id", "assessment_id")}
        db.session.add(Attendance(**values, booking_id=extra.booking_id, state=AttendanceState.BOOKED))
        db.session.flush()
    assert constraint_of(refused.value) == guards.ADDED_PLACE
    assert broken() == []


def test_every_gate_of_a_booking_is_asked_and_a_full_day_needs_a_reason(town: Town, crossing: Crossing) -> None:
    shift, officer = crossing.shift(DAY), town.traffic_officer
    for who, why in (
        (crossing.person(on_record=False), NotBookable),
        (crossing.person(first=date(2026, 11, 26)), NotBookable),
    ):
        with pytest.raises(why):
            admit(shift, of(who, shift), officer, at("07:30"), "needed")
    busy = crossing.person()
    crossing.booked(crossing.shift(DAY, post=crossing.post("西门")), busy)
    with pytest.raises(NotAdmitted):
        admit(shift, of(busy, shift), officer, at("07:30"), "needed")
    tired = crossing.person()
    evening = crossing.post("东门", evening=(time(16), time(18, 31)))
    crossing.booked(crossing.shift(DAY, "evening", evening), tired)
    with pytest.raises(WalkInReasonNeeded):
        admit(shift, of(tired, shift), officer, at("07:30"))
    one = admit(shift, of(tired, shift), officer, at("07:30"), "needed")
    assert sorted((day.minutes, day.most) for day in one.days) == [(90, WHOLE_DAY)]
    with pytest.raises(OnTheList):
        admit(shift, of(tired, shift), officer, at("07:35"), "again")
    assert broken() == []


def test_his_code_says_who_he_is_for_half_a_minute_and_at_no_other_office(town: Town, crossing: Crossing) -> None:
    """D-28: of a booking it is none, so that it ticks nothing; what was read a moment ago may be looked at."""
    shift = crossing.shift(DAY)
    mine = of(crossing.person(), shift)
    shown = guest_code(mine, at("07:30"))
    assert shown is not None
    ages = [whose(shift, shown.text, at(clock)) for clock in ("07:30", "07:35")]
    assert (ages, whose(shift, shown.text, at("07:35"), again=True)) == ([mine, None], mine)
    assert whose(shift, shown.text, at("07:50"), again=True) is None
    forged = shown.text[:20] + ("A" if shown.text[20] != "A" else "B") + shown.text[21:]
    assert whose(shift, forged, at("07:30")) is None
    assert whose(Shift(office_id=town.other_office.id), shown.text, at("07:30")) is None
    assert guest_code(of(crossing.person(on_record=False), shift), at("07:30")) is not None


def test_from_an_hour_before_until_the_end_and_never_oneself(town: Town, crossing: Crossing) -> None:
    shift, officer = crossing.shift(DAY), town.traffic_officer
    guest = of(crossing.person(), shift)
    for clock, why in (("06:29", TooEarlyToArrive), ("09:00", ShiftNotRunning)):
        with pytest.raises(why):
            admit(shift, guest, officer, at(clock))
    with pytest.raises(NotForOneself):
        admit(shift, guest, guest.person, at("07:30"))
    assert admit(shift, guest, officer, at("06:30")).state == "arrived"


def test_a_walk_in_a_cancellation_and_the_waiting_list_at_one_moment(engine: Engine) -> None:
    """Whoever is first: the regular places are never more than there were, and one more is the guest's."""
    with engine.opened() as app:
        town = Town(app)
        crossing = Crossing(town)
        shift = crossing.shift(DAY, post=crossing.post(capacity=2))
        first, _ = crossing.booked(shift, crossing.person(), crossing.person())
        for person in (crossing.person(), crossing.person()):
            wait(shift, person, person, NOW)
        guests = [of(crossing.person(), shift).id for _ in range(2)]
        keys = shift.id, first.id, town.traffic_officer.id, town.coordinator.id

        def run(guest_id: int | None) -> str:
            if guest_id is None:
                cancel(db.session.get_one(Attendance, keys[1]), db.session.get_one(Person, keys[3]), at("07:00"))
            else:
                row, guest = db.session.get_one(Shift, keys[0]), db.session.get_one(Assessment, guest_id)
                admit(row, guest, db.session.get_one(Person, keys[2]), at("07:00"), "needed")
            return "ok"

        answers = race(app, [partial(run, one) for one in (guests[0], None, guests[1])])
        shift = db.session.get_one(Shift, keys[0])
        taken, capacity, extra = places(shift)
        regular = [one for one in shift.attendances if not one.extra and one.booking.binds]
        assert (answers, len(regular) <= 2, taken <= capacity, capacity - extra) == (["ok"] * 3, True, True, 2)
        assert (len([one for one in shift.attendances if one.extra]), broken()) == (2, [])


def test_nobody_moves_up_later_than_half_an_hour_before_the_start_and_a_walk_in_takes_the_place(
    town: Town, crossing: Crossing
) -> None:
    """`service.fill_before`, on both sides of the edge: whoever waits could not come in time."""
    for clock, states, guest_needs in (("07:00", ["promoted"], True), ("07:01", ["waiting"], False)):
        shift = crossing.shift(DAY, post=crossing.post(f"岗{clock}", capacity=1))
        [booked] = crossing.booked(shift, crossing.person())
        waits = crossing.person()
        wait(shift, waits, waits, NOW)
        cancel(booked, town.coordinator, at(clock))
        quota = db.session.query(Quota).filter_by(event_id=shift.event_id).one()
        assert [one.state for one in all_of(Waiting, Waiting.quota_id == quota.id)] == states
        guest = of(crossing.person(), shift)
        if guest_needs:
            with pytest.raises(WalkInReasonNeeded):
                admit(shift, guest, town.traffic_officer, at("07:10"))
        else:
            book(shift, waits, waits, at("07:02"))
            assert [one.state for one in all_of(Waiting, Waiting.quota_id == quota.id)] == ["left"]
            cancel(all_of(Attendance, Attendance.shift_id == shift.id)[-1], town.coordinator, at("07:03"))
            assert admit(shift, guest, town.traffic_officer, at("07:10")).extra
            assert places(shift) == (1, 1, 0)
    assert broken() == []
