"""Cancelling several shifts for one reason, such as a typhoon: one act, and everybody is told once (DOMAIN 8.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from accounts.models import Office, Person
from errors import Refusal
from extensions import db
from record.act import act
from scheduler.timeline.models import Quota, Resource, Waiting, WaitingState
from volunteers.actions.shifts import begun_among, cancel_shift
from volunteers.models.attendance import Attendance, AttendanceState
from volunteers.models.shifts import Posting, Shift, ShiftState
from volunteers.rules.shifts import ReasonNeeded


class NothingToCancel(Refusal):
    code = "nothing_to_cancel"
    status = 422
    message = "On these days and posts there is no shift that can be cancelled."
    help = "Choose other days or posts."


class HitsOthers(Refusal):
    code = "hits_others"
    message = (
        "Meanwhile something has changed: now it is %(shifts)s shifts and %(people)s people. Nothing was cancelled."
    )
    help = "Look at the list again, as it is now, and cancel the shifts then."


@dataclass(frozen=True)
class Hit:
    """What cancelling would hit: the shifts, those that have begun and stay, and how many people would be told."""

    shifts: list[Shift]
    begun: list[Shift]
    booked: dict[int, int]
    people: int
    waiting: int
    officers: int

    @property
    def seen(self) -> str:
        """What a preview showed, to be compared."""
        return f"{len(self.shifts)}-{self.people}-{self.waiting}"


def hit_by(shifts: Sequence[Shift], now: datetime) -> Hit:
    """What cancelling these shifts would hit. Reads only. Four queries, however many there are."""
    open_now = [one for one in shifts if one.state in {ShiftState.PLANNED, ShiftState.OPEN}]
    arrived = begun_among(open_now)
    begun = [one for one in open_now if one.event.starts_at <= now or one.id in arrived]
    ahead = [one for one in open_now if one not in begun]
    ids, events = [one.id for one in ahead], [one.event_id for one in ahead]
    places = select(Attendance.shift_id, Attendance.person_id).where(
        Attendance.shift_id.in_(ids), Attendance.state == AttendanceState.BOOKED
    )
    rows = db.session.execute(places).all()
    booked = {person for _, person in rows}
    waits = select(Resource.person_id).join(Waiting, Waiting.resource_id == Resource.id)
    waits = waits.join(Quota, Quota.id == Waiting.quota_id)
    waits = waits.where(Quota.event_id.in_(events), Waiting.state == WaitingState.WAITING)
    stand = select(func.count(func.distinct(Posting.person_id)))
    stand = stand.where(Posting.shift_id.in_(ids), Posting.ended_at.is_(None))
    return Hit(
        ahead,
        begun,
        {one: sum(1 for shift, _ in rows if shift == one) for one in ids},
        len(booked),
        len(set(db.session.scalars(waits)) - booked),
        db.session.scalar(stand) or 0,
    )


def cancel_together(  # noqa: PLR0917 - where, which, who says so when and why
    office: Office, shifts: Sequence[Shift], by: Person, at: datetime, reason: str, shown: str | None = None
) -> Hit:
    """Cancel shifts for one reason, all or none; those that have begun stay. Everybody is told once.

    Raises: ReasonNeeded, NothingToCancel, HitsOthers where `shown`, what the preview said, no longer holds.
    """
    if not reason.strip():
        raise ReasonNeeded()
    hit = hit_by(shifts, at)
    if shown is not None and shown != hit.seen:
        raise HitsOthers(shifts=len(hit.shifts), people=hit.people)
    if not hit.shifts:
        raise NothingToCancel()
    ids = [one.id for one in hit.shifts]
    with act("shift.cancel_together", office, by=by, at=at, reason=reason, count=len(ids), shifts=ids):
        for shift in hit.shifts:
            cancel_shift(shift, by, at, reason, together=True)
    return hit
