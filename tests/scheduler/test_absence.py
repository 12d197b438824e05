"""Leave (DOMAIN 8.0)."""

from __future__ import annotations

import pytest

from record.act import act, history
from scheduler.actions.absence import (
    HitsUnseen,
    LeaveIsPast,
    LeaveOverlaps,
    approve_absence,
    hit_by,
    refuse_absence,
    request_absence,
    withdraw_absence,
)
from scheduler.timeline import timeline
from scheduler.timeline.models import Absence, Booking
from scheduler.timeline.timeline import Collision, Take
from tests.town import NOW, Town, local


@pytest.fixture
def leave(town: Town) -> Absence:
    """The lawyer's leave on 25 November, asked for."""
    spans = local("2026-11-25 00:00"), local("2026-11-26 00:00")
    return request_absence(town.lawyer, town.office, *spans, by=town.lawyer, at=NOW, why="开庭")


def duty(town: Town) -> Booking:
    event = town.event("值班", "2026-11-25 09:00", "2026-11-25 12:00", kind="duty")
    with act("duty.publish", event, by=town.coordinator, at=NOW):
        return timeline.rebook(Take(event, town.resource(town.lawyer), "duty_lawyer"))[0]


def test_leave_that_is_only_asked_for_keeps_nobody_from_being_booked(town: Town, leave: Absence) -> None:
    assert duty(town).binds
    assert leave.event.bookings == []


def test_approved_leave_takes_the_person(town: Town, leave: Absence) -> None:
    approve_absence(leave, town.coordinator, NOW)
    with pytest.raises(Collision):
        duty(town)
    assert history(leave) == ["absence.request", "absence.approve"]
    assert [(b.role, b.binds) for b in leave.event.bookings] == [("absence", True)]


def test_approval_names_what_the_leave_hits_before_it_releases_anything(town: Town, leave: Absence) -> None:
    booked = duty(town)
    with pytest.raises(HitsUnseen) as refusal:
        approve_absence(leave, town.coordinator, NOW)
    assert refusal.value.hits == [booked]
    assert (leave.state, booked.status) == ("requested", "accepted")
    approve_absence(leave, town.coordinator, NOW, release=[booked.id])
    assert (leave.state, booked.status, booked.binds) == ("approved", "released", False)
    assert hit_by(leave) == [b for b in leave.event.bookings if b.binds]


def test_what_another_office_booked_cannot_be_released_from_here(town: Town, leave: Absence) -> None:
    """T35."""
    from datetime import date

    from accounts.actions.people import give_membership

    give_membership(town.lawyer, town.other_office, "lawyer", starts_on=date(2026, 1, 1), by=None, at=NOW)
    theirs = town.event("邻县值班", "2026-11-25 09:00", "2026-11-25 12:00", office=town.other_office)
    with act("duty.publish", theirs, by=town.neighbour("coordinator"), at=NOW):
        booked = timeline.rebook(Take(theirs, town.resource(town.lawyer), "duty_lawyer"))[0]
    with pytest.raises(HitsUnseen):
        approve_absence(leave, town.coordinator, NOW, release=[booked.id])
    assert (booked.status, leave.state) == ("accepted", "requested")


def test_refused_and_withdrawn_leave_leaves_the_person_free(town: Town, leave: Absence) -> None:
    refuse_absence(leave, town.coordinator, NOW, "无人替班")
    assert history(leave) == ["absence.request", "absence.refuse"]
    spans = local("2026-11-25 00:00"), local("2026-11-26 00:00")
    second = request_absence(town.lawyer, town.office, *spans, by=town.lawyer, at=NOW)
    approve_absence(second, town.coordinator, NOW)
    withdraw_absence(second, town.lawyer, NOW)
    assert duty(town).binds
    assert (second.state, second.event.status) == ("withdrawn", "cancelled")


def test_past_leave_is_entered_only_by_somebody_else(town: Town) -> None:
    spans = local("2026-11-20 00:00"), local("2026-11-21 00:00")
    with pytest.raises(LeaveIsPast):
        request_absence(town.lawyer, town.office, *spans, by=town.lawyer, at=NOW)
    assert request_absence(town.lawyer, town.office, *spans, by=town.coordinator, at=NOW).state == "requested"


def test_leave_that_stands_is_not_asked_for_twice(town: Town, leave: Absence) -> None:
    """Withdrawn or refused leave stands no more; what ends where the other begins is another."""
    spans = local("2026-11-25 12:00"), local("2026-11-26 12:00")
    with pytest.raises(LeaveOverlaps) as refusal:
        request_absence(town.lawyer, town.office, *spans, by=town.coordinator, at=NOW)
    assert refusal.value.facts == dict.fromkeys(("first", "last"), spans[0].date())
    following = local("2026-11-26 00:00"), local("2026-11-27 00:00")
    assert request_absence(town.lawyer, town.office, *following, by=town.lawyer, at=NOW).state == "requested"
    approve_absence(leave, town.coordinator, NOW)
    with pytest.raises(LeaveOverlaps):
        request_absence(town.lawyer, town.office, *spans, by=town.lawyer, at=NOW)
    withdraw_absence(leave, town.lawyer, NOW)
    same = local("2026-11-25 00:00"), local("2026-11-26 00:00")
    assert request_absence(town.lawyer, town.office, *same, by=town.lawyer, at=NOW).state == "requested"
