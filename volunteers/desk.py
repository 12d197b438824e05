"""What volunteers and their officers find on "my day" and in the calendar."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from flask import g, url_for
from flask_babel import gettext, ngettext
from sqlalchemy import select

from accounts.access import Viewer, clause, holds
from accounts.models import Office, Role
from accounts.presenting import span
from extensions import db
from scheduler.calendar.desk import Wait
from scheduler.timeline.models import Event
from volunteers.models.attendance import Attendance, AttendanceState
from volunteers.models.shifts import Shift
from volunteers.rights import KEEP_SHIFTS, TICK
from volunteers.views.crossing import waiting_shifts


def officer_waits(viewer: Viewer, office: Office, now: datetime) -> Iterable[Wait]:
    """Shifts that are over and not confirmed, oldest first."""
    if Role.TRAFFIC_OFFICER not in viewer.roles():
        return
    for board in waiting_shifts():
        event = board.shift.event
        yield Wait(
            what=ngettext("%(num)d person to confirm", "%(num)d people to confirm", len(board.waiting)),
            url=url_for("crossing.show", public_id=board.shift.public_id),
            button=gettext("Confirm"),
            about=f"{event.place} · {span(event.starts_at, event.ends_at)}",
            due_on=board.shift.starts_on,
            icon="traffic-lights",
        )


def shift_link(event: Event, viewer: Viewer) -> str | None:
    """A volunteer's own booking, a traffic officer's list, the desk's page; for anybody else it leads nowhere."""
    if "shift_links" not in g:
        g.shift_links = _links(viewer)
    found: str | None = g.shift_links.get(event.id)
    if found is None and holds(viewer, KEEP_SHIFTS):
        return url_for("shifts.of_event", public_id=event.public_id)
    return found


def many_shifts(number: int) -> str:
    return ngettext("%(num)d traffic shift", "%(num)d traffic shifts", number)


def shifts_of_day(on: date, viewer: Viewer) -> str | None:
    """The week that holds them, for whoever keeps shifts."""
    return url_for("shifts.week", on=on) if holds(viewer, KEEP_SHIFTS) else None


def _links(viewer: Viewer) -> dict[int, str]:
    """By event. Two queries for a whole page of events."""
    own = (
        select(Shift.event_id, Attendance.public_id)
        .join(Attendance, Attendance.shift_id == Shift.id)
        .where(Attendance.person_id == viewer.person.id, Attendance.state != AttendanceState.CANCELLED)
    )
    posted = select(Shift.event_id, Shift.public_id).where(clause(viewer, Shift, TICK))
    found = {event: url_for("bookings.show", public_id=key) for event, key in db.session.execute(own)}
    found |= {event: url_for("crossing.show", public_id=key) for event, key in db.session.execute(posted)}
    return found
