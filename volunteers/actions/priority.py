"""Who comes first for a while, because the service took a place away from him (service.first_after_loss).

No place is held for him: he stands first on waiting lists, and what is newly opened is shown to him first.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from accounts.actions.memberships import local_day
from accounts.models import Office, Person
from accounts.settings import rule_for
from extensions import db
from record.models import Act
from scheduler.timeline.models import Resource, Waiting, WaitingState
from volunteers.models.attendance import Attendance
from volunteers.models.shifts import Shift


@dataclass(frozen=True)
class Priority:
    """From when until when somebody comes first."""

    since: datetime
    until: datetime


def first_until(office: Office, lost_at: datetime) -> datetime:
    """Until when a place lost now makes its person come first."""
    hours = rule_for("service.first_after_loss", office, local_day(office, lost_at)).amount
    return lost_at + timedelta(hours=int(hours))


def priority_of(person: Person, office_id: int, now: datetime) -> Priority | None:
    """Whether somebody comes first at an office now; a place lost later prolongs it."""
    lost = select(func.min(Attendance.lost_at), func.max(Attendance.first_until)).where(
        Attendance.person_id == person.id, Attendance.office_id == office_id, Attendance.first_until > now
    )
    since, until = db.session.execute(lost).one()
    return Priority(since, until) if since is not None and until is not None else None


def put_first(attendance: Attendance) -> None:
    """Where he waits already, he comes first as well. Within the act that took his place away."""
    waits = (
        select(Waiting)
        .join(Resource)
        .where(
            Resource.person_id == attendance.person_id,
            Waiting.office_id == attendance.office_id,
            Waiting.state == WaitingState.WAITING,
        )
    )
    for place in db.session.scalars(waits):
        if place.first_until is None or (attendance.first_until and place.first_until < attendance.first_until):
            place.first_until = attendance.first_until


def opened_since(shifts: Collection[Shift], since: datetime) -> set[int]:
    """Which of the shifts were opened for booking since then, by id."""
    opened = select(Act.subject_id).where(
        Act.subject_table == Shift.__tablename__,
        Act.subject_id.in_([shift.id for shift in shifts]),
        Act.name == "shift.open",
        Act.at >= since,
    )
    return set(db.session.scalars(opened))
