"""Open shifts whose post rests on their day by now: somebody says that one stays, or cancels it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from accounts.models import Office, Person
from extensions import db
from record.act import act
from scheduler.timeline.models import Quota
from volunteers.actions.shifts import booked_people, cancel_shift, waiting_people
from volunteers.models.shifts import Shift
from volunteers.rules.shifts import ReasonNeeded, Why
from volunteers.staffing import at_rest, open_ahead, staffing_of


def resting(office: Office, now: datetime) -> list[tuple[Shift, Why]]:
    """The open shifts to come that nobody meant for a day of rest, soonest first, with why their post rests."""
    return at_rest(db.session.scalars(open_ahead(office, now)), staffing_of(office))


def keep_shift(shift: Shift, by: Person, at: datetime) -> None:
    """Say that a shift is meant to stand on a day on which its post rests."""
    with act("shift.keep", shift, by=by, at=at):
        shift.despite_rest = True


def cancel_unbooked(shifts: Collection[Shift], by: Person, at: datetime, reason: str) -> list[Shift]:
    """Cancel those of some shifts that nobody has booked or waits for; which these were. Raises: ReasonNeeded."""
    if not reason.strip():
        raise ReasonNeeded()
    events = [shift.event_id for shift in shifts]
    db.session.execute(select(Quota.id).where(Quota.event_id.in_(events)).order_by(Quota.id).with_for_update())
    free = [shift for shift in shifts if not booked_people(shift) and not waiting_people(shift, at)]
    for shift in free:
        cancel_shift(shift, by, at, reason)
    return free
