"""Duties in force on days that a changed calendar turns off: marked, until somebody decides about them (C-15, I39)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from extensions import db
from lawyers.models import Duty, DutyState
from record.act import act
from scheduler.deadlines.calendar import calendars, follows_calendar


@follows_calendar
def mark_duties(offices: Iterable[int] | None, by: Any, at: datetime, reason: str) -> None:
    """Mark what lies on a day off now; take the mark from what does not any more."""
    in_force = select(Duty).where(Duty.state.in_([DutyState.PUBLISHED, DutyState.UNCOVERED])).order_by(Duty.id)
    if offices is not None:
        in_force = in_force.where(Duty.office_id.in_(offices))
    duties = list(db.session.scalars(in_force))
    known = calendars({duty.office_id for duty in duties})
    for duty in duties:
        off = not known[duty.office_id].is_working_day(duty.serves_on)
        if off != duty.on_day_off:
            name = "duty.mark_day_off" if off else "duty.unmark_day_off"
            with act(name, duty, by=by, at=at, reason=reason, on=duty.serves_on):
                duty.on_day_off = off
