"""Who hears of bookings and hours: the volunteer himself, in plain and neutral words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from record.models import Act
from record.notices import Recipient, tells
from scheduler.notices import about_event
from scheduler.timeline.models import Waiting
from volunteers.models.attendance import Attendance
from volunteers.models.shifts import KIND


def _facts(attendance: Attendance) -> dict[str, Any]:
    return _when(attendance.shift.event)


def _when(event: Any) -> dict[str, Any]:
    return {"place": event.place, "starts_at": event.starts_at.isoformat(), "ends_at": event.ends_at.isoformat()}


@tells("attendance.book")
def who_has_a_place(act: Act, attendance: Attendance) -> Iterable[Recipient]:
    """By himself, on his behalf, or moved up from the waiting list: he is told which."""
    event = attendance.shift.event
    template = "volunteers/promoted" if act.facts.get("from_the_list") else "volunteers/booked"
    yield Recipient(attendance.person_id, template, {**_facts(attendance), **about_event(event)})


@tells("attendance.cancel")
def who_has_a_place_no_longer(act: Act, attendance: Attendance) -> Iterable[Recipient]:
    by_service = bool(act.facts.get("by_service"))
    template = "volunteers/cancelled_by_service" if by_service else "volunteers/cancelled"
    yield Recipient(attendance.person_id, template, {**_facts(attendance), "reason": act.reason if by_service else ""})


@tells("waiting.pass_over")
def who_was_passed_over(act: Act, place: Waiting) -> Iterable[Recipient]:
    """Why the place went to somebody else."""
    event = place.quota.event
    if event.kind == KIND and place.resource.person_id is not None:
        facts = {**_when(event), "why": act.facts.get("why", "")}
        yield Recipient(place.resource.person_id, "volunteers/passed_over", facts)


@tells("attendance.credit")
def whose_hours_count(act: Act, attendance: Attendance) -> Iterable[Recipient]:
    yield Recipient(
        attendance.person_id, "volunteers/credited", {**_facts(attendance), "minutes": act.facts["minutes"]}
    )


@tells("attendance.miss")
def who_did_not_come(act: Act, attendance: Attendance) -> Iterable[Recipient]:
    """So that he can say in time if it is a mistake."""
    yield Recipient(attendance.person_id, "volunteers/missed", _facts(attendance))
