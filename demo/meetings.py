"""What stands on the timeline of the demonstration office: its meetings of this week."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from accounts.models import Office, Person
from extensions import db
from record.act import act
from scheduler.deadlines.working_days import statutory
from scheduler.timeline.models import BookingRole, Event, Resource
from scheduler.timeline.timeline import Take, rebook, resource_of


def plan(cast: dict[str, Any], office: Office, at: datetime, today: date) -> None:
    """Book the meetings of the cast, counted in working days from today; who coordinates has planned them."""
    coordinator = _called(cast["staff"]["coordinator"])
    for meeting in cast["meetings"]:
        day = statutory().working_day_from(today)
        day = statutory().add_working_days(day, meeting["day"]) if meeting["day"] else day
        starts_at = datetime.combine(day, time.fromisoformat(meeting["at"]), ZoneInfo(office.zone))
        room = db.session.scalars(select(Resource).filter_by(office_id=office.id, name=meeting["room"])).one()
        event = Event(
            office_id=office.id,
            kind="meeting",
            title=meeting["title"],
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=meeting["minutes"]),
            place=room.name,
        )
        with act("event.plan", event, by=coordinator, at=at):
            db.session.add(event)
            people = [resource_of(_called(cast["staff"][role])) for role in meeting["people"]]
            rebook(Take(event, room, BookingRole.ROOM), *(Take(event, p, BookingRole.PROSECUTOR) for p in people))


def _called(name: str) -> Person:
    """Somebody of the cast; the first of the name, where a list brings another."""
    return db.session.scalars(select(Person).where(Person.name == name).order_by(Person.id).limit(1)).one()
