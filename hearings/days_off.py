"""What a change of the calendar hits among hearings: sittings whose day is off by then (C-15)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from accounts.models import Office
from accounts.presenting import dated
from extensions import db
from hearings.dates import day_of
from hearings.models import Hearing, HearingState, Sitting, SittingState
from scheduler.deadlines.calendar import Hit, hit_by_calendar
from scheduler.deadlines.working_days import Calendar, Day
from scheduler.timeline.models import Event


@hit_by_calendar
def sittings_on_days_off(office: Office, changed: Mapping[date, Day], calendar: Calendar) -> Iterable[Hit]:
    """Planned sittings on days that are off now. The number of the case is none of the calendar's business."""
    off = [on for on in changed if not calendar.is_working_day(on)]
    if not off:
        return []
    zone = ZoneInfo(office.zone)
    since = datetime.combine(min(off), time.min, zone)
    until = datetime.combine(max(off) + timedelta(days=1), time.min, zone)
    query = (
        select(Hearing, Event)
        .join(Sitting, Sitting.hearing_id == Hearing.id)
        .join(Event, Sitting.event_id == Event.id)
        .where(Hearing.office_id == office.id, Hearing.state.in_((HearingState.PLANNED, HearingState.NOTICED)))
        .where(Sitting.state == SittingState.PLANNED, Event.starts_at >= since, Event.starts_at < until)
        .order_by(Event.starts_at, Hearing.id)
    )
    return [
        Hit(
            _l("Hearing on %(on)s", on=dated(day_of(event.starts_at, office))),
            _l("The day is off now."),
            url_for("hearings.show", public_id=hearing.public_id),
        )
        for hearing, event in db.session.execute(query)
        if day_of(event.starts_at, office) in off
    ]
