"""Whether somebody gets from one of his shifts, or from elsewhere, to the next in time: a warning, never more (I03)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from accounts.settings import rule_for
from scheduler.timeline.travel import ShortWay, short_ways
from volunteers.models.assessment import Assessment
from volunteers.models.shifts import Shift


def ways_to(assessment: Assessment, shifts: Sequence[Shift]) -> dict[int, ShortWay]:
    """The short ways before or after each of some shifts of one office, by the shifts' ids. At most two queries."""
    if not shifts or assessment.resource is None:
        return {}
    office = assessment.office
    gap = rule_for("timeline.travel_gap", office, min(shift.starts_on for shift in shifts)).amount
    by_event = short_ways(
        assessment.resource, [shift.event for shift in shifts], timedelta(minutes=float(gap)), office.id
    )
    return {shift.id: by_event[shift.event_id] for shift in shifts if shift.event_id in by_event}
