"""Whether posts are staffed on a day: the calendar and the school holidays of an office, read once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload

from accounts.models import Office
from extensions import db
from scheduler.deadlines.calendar import calendar_in_force
from scheduler.deadlines.working_days import Calendar
from scheduler.timeline.models import Event
from volunteers.models.posts import Post, SchoolBreak
from volunteers.models.shifts import Shift, ShiftState
from volunteers.rules.shifts import Break, Staffed, Why, staffed_on


@dataclass(frozen=True)
class Staffing:
    """The days of an office, as its posts see them."""

    calendar: Calendar
    breaks: tuple[Break, ...]

    def at_rest(self, post: Post, day: date) -> Why | None:
        """Why a post rests on a day, if it does."""
        return staffed_on(day, self.calendar.kind(day), as_planned(post), holidays_too=False, breaks=self.breaks)


def as_planned(post: Post) -> Staffed:
    """A post as the plan of shifts sees it."""
    return Staffed(post.id, frozenset(post.weekdays), post.windows, post.at_school)


def school_breaks(office: Office) -> list[SchoolBreak]:
    """The school holidays of an office, the first of them first."""
    query = select(SchoolBreak).where(SchoolBreak.office_id == office.id)
    return list(db.session.scalars(query.order_by(SchoolBreak.first_on, SchoolBreak.id)))


def staffing_of(office: Office, calendar: Calendar | None = None) -> Staffing:
    """An office's days; by another `calendar` where one is only looked at. Three queries."""
    breaks = tuple((one.first_on, one.last_on) for one in school_breaks(office))
    return Staffing(calendar or calendar_in_force(office), breaks)


def open_ahead(office: Office, now: datetime) -> Select[Any]:
    """The open shifts of an office that are still to begin, soonest first."""
    query = select(Shift).join(Event, Event.id == Shift.event_id)
    query = query.options(contains_eager(Shift.event), joinedload(Shift.post))
    open_ones = Shift.state.in_([ShiftState.PLANNED, ShiftState.OPEN])
    return query.where(Shift.office_id == office.id, open_ones, Event.starts_at > now).order_by(
        Event.starts_at, Shift.id
    )


def at_rest(shifts: Iterable[Shift], staffing: Staffing) -> list[tuple[Shift, Why]]:
    """Those of some shifts that stand on a day of rest though nobody meant it, each with why."""
    found = [(shift, staffing.at_rest(shift.post, shift.starts_on)) for shift in shifts if not shift.despite_rest]
    return [(shift, why) for shift, why in found if why is not None]
