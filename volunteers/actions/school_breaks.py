"""School holidays of an office: entered, changed, removed. Shifts that are open already stay until somebody decides."""

from __future__ import annotations

from datetime import date, datetime

from accounts.models import Office, Person
from errors import Refusal
from extensions import db
from record.act import act
from volunteers.models.posts import Post, SchoolBreak
from volunteers.models.shifts import Shift
from volunteers.staffing import open_ahead, school_breaks


class BreakStands(Refusal):
    code = "school_break_stands"
    status = 422
    field = "first_on"
    message = "%(name)s, from %(first_on)s to %(last_on)s, has some of these days already."
    help = "Change that one, or choose other days."


def enter_break(office: Office, name: str, first_on: date, last_on: date, by: Person, at: datetime) -> SchoolBreak:  # noqa: PLR0917
    """Enter school holidays, first and last day included. Raises: BreakStands."""
    _check(office, None, first_on, last_on)
    row = SchoolBreak(office_id=office.id, name=name, first_on=first_on, last_on=last_on)
    with act("school_break.enter", row, by=by, at=at):
        db.session.add(row)
    return row


def change_break(  # noqa: PLR0917 - which holidays, what they are now, who says so when
    row: SchoolBreak, name: str, first_on: date, last_on: date, by: Person, at: datetime
) -> None:
    """Give school holidays another name or other days. Raises: BreakStands."""
    _check(row.office, row, first_on, last_on)
    with act("school_break.change", row, by=by, at=at):
        row.name, row.first_on, row.last_on = name, first_on, last_on


def remove_break(row: SchoolBreak, by: Person, at: datetime, reason: str) -> None:
    """Take school holidays out of the list: the schools are open on these days."""
    with act("school_break.remove", row, by=by, at=at, reason=reason):
        db.session.delete(row)


def _check(office: Office, row: SchoolBreak | None, first_on: date, last_on: date) -> None:
    for other in school_breaks(office):
        if other is not row and other.first_on <= last_on and first_on <= other.last_on:
            raise BreakStands(name=other.name, first_on=other.first_on, last_on=other.last_on)


def hit_by(row: SchoolBreak, now: datetime) -> list[Shift]:
    """The open shifts to come at school posts within school holidays, soonest first."""
    query = open_ahead(row.office, now).where(Shift.starts_on.between(row.first_on, row.last_on))
    return list(db.session.scalars(query.join(Post, Post.id == Shift.post_id).where(Post.at_school)))
