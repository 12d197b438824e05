"""Whether it is established that the person himself stood there, and what a list said of him; until then nothing of it
counts (3.3 `stop_if`)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, select

from errors import Refusal
from exchange.models import Flag
from extensions import db
from volunteers.models.attendance import Attendance
from volunteers.models.incidents import Incident, in_doubt, unclear


class StillUnclear(Refusal):
    code = "still_unclear"
    message = "The office decides whether this attendance counts."
    help = "The prosecutor or the coordinator decides first."
    source = "DOMAIN 3.3"


def held_back(attendances: Iterable[Attendance]) -> set[int]:
    """Which of some attendances the office still has to decide about, or has decided against, by their ids."""
    ids = [one.id for one in attendances]
    found = db.session.scalars(unclear().where(Incident.attendance_id.in_(ids)))
    return {key for key in found if key is not None}


def doubtful(attendances: Iterable[Attendance]) -> set[int]:
    """Which of some attendances a list has raised a doubt about that nobody has settled, by their ids."""
    ids = [one.id for one in attendances]
    return set(db.session.scalars(in_doubt().where(Flag.subject_id.in_(ids))))


def check_clear(attendance: Attendance) -> None:
    """Raises: StillUnclear."""
    if held_back([attendance]):
        raise StillUnclear()


def hold(which: ColumnElement[bool]) -> None:
    """Whoever notes something about one of these attendances in this moment, or counts it, is waited for."""
    db.session.execute(select(Attendance.id).where(which).order_by(Attendance.id).with_for_update(of=Attendance))
