"""Who hears of a shift: those who have booked, those who wait, the officers posted to it (DOMAIN 8.3, 8.4).

A message names the place and the time, never why somebody serves (D-25).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from extensions import db
from record.models import Act
from record.notices import Recipient, tells
from scheduler.notices import about_event
from scheduler.timeline.models import Waiting
from volunteers.models.attendance import Attendance, AttendanceState
from volunteers.models.shifts import Posting, Shift


def _facts(shift: Shift, **more: Any) -> dict[str, Any]:
    event = shift.event
    return {
        "place": shift.post.name,
        "starts_at": event.starts_at.isoformat(),
        "ends_at": event.ends_at.isoformat(),
        **more,
    }


def _posted(shift: Shift) -> Iterable[int]:
    return db.session.scalars(
        select(Posting.person_id).where(Posting.shift_id == shift.id, Posting.ended_at.is_(None)).order_by(Posting.id)
    )


@tells("shift.cancel")
def officers_of_a_cancelled_shift(act: Act, shift: Shift) -> Iterable[Recipient]:
    facts = _facts(shift, reason=act.reason)
    return [Recipient(person, "volunteers/shift_cancelled", facts) for person in _posted(shift)]


@tells("attendance.cancel")
def whose_booking_was_cancelled(act: Act, attendance: Attendance) -> Iterable[Recipient]:
    """By the service: with its reason and the way to other shifts. On his behalf: so that he can say it is wrong."""
    if act.actor_id == attendance.person_id:
        return
    by_service = bool(act.facts.get("by_service"))
    template = "volunteers/shift_cancelled" if by_service else "volunteers/cancelled_for_you"
    more = {"reason": act.reason, "others": True} if by_service else {}
    yield Recipient(attendance.person_id, template, _facts(attendance.shift, **more))


@tells("attendance.book", "attendance.report_absence")
def for_whom_it_was_entered(act: Act, attendance: Attendance) -> Iterable[Recipient]:
    """Whoever did not press himself: booked at the desk, or moved up from the waiting list."""
    if act.actor_id == attendance.person_id:
        return
    shift = attendance.shift
    if act.name == "attendance.report_absence":
        yield Recipient(attendance.person_id, "volunteers/cancelled_for_you", _facts(shift))
        return
    template = "volunteers/moved_up" if act.facts.get("from_the_list") else "volunteers/booked_for_you"
    yield Recipient(attendance.person_id, template, _facts(shift, **about_event(shift.event)))


@tells("waiting.pass_over")
def who_waits_no_longer(act: Act, place: Waiting) -> Iterable[Recipient]:
    shift = db.session.scalar(
        select(Shift).where(Shift.event_id == place.quota.event_id).options(joinedload(Shift.post))
    )
    if shift is not None and place.resource.person_id is not None:
        template = "volunteers/shift_cancelled" if place.why == "shift_cancelled" else "volunteers/passed_over"
        yield Recipient(place.resource.person_id, template, _facts(shift, reason=act.reason, others=True))


@tells("shift.change")
def whoever_has_booked_a_moved_shift(act: Act, shift: Shift) -> Iterable[Recipient]:
    """Other hours are told to those who have booked and to the officers; other places to nobody."""
    if not act.facts.get("moved"):
        return []
    booked = select(Attendance.person_id).where(
        Attendance.shift_id == shift.id, Attendance.state == AttendanceState.BOOKED
    )
    people = [*db.session.scalars(booked.order_by(Attendance.id)), *_posted(shift)]
    facts = _facts(shift, reason=act.reason, **about_event(shift.event))
    return [Recipient(person, "volunteers/shift_moved", facts) for person in people]


@tells("posting.post", "posting.end")
def the_officer_himself(act: Act, posting: Posting) -> Iterable[Recipient]:
    if act.actor_id != posting.person_id:
        template = "volunteers/posted" if act.name == "posting.post" else "volunteers/relieved"
        yield Recipient(posting.person_id, template, _facts(posting.shift, reason=act.reason))
