"""The volunteers' part in merging two rows of one person (SETTLED 16).

Assessments, attendances, confirmations, spans and postings move by their keys; here is what a key cannot say. Ticks and
credits keep the row they name.
"""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext
from sqlalchemy import func, select, update
from sqlalchemy.orm import aliased

from accounts.actions.following import Obstacle, ends_doubles, say_taken, stays_with_row
from accounts.actions.merging import Plan, foresees, moves_with_person
from accounts.models import Person
from errors import N_
from extensions import db
from scheduler.timeline import timeline
from scheduler.timeline.models import BookingRole
from volunteers.models.attendance import Attendance, BookedDay
from volunteers.models.ledger import CreditSpan
from volunteers.models.shifts import Posting

say_taken(
    "assessment",
    Obstacle(
        N_(
            "Both are under assessment at this office. End the assessment that was entered by mistake; "
            "one that is over is no obstacle."
        )
    ),
)


@foresees
def plan(kept: Person, other: Person, office_ids: set[int]) -> Plan:
    """Which minutes were credited to both."""
    mine, yours = aliased(CreditSpan), aliased(CreditSpan)
    pairs = (
        select(mine, yours)
        .where(mine.person_id == kept.id, yours.person_id == other.id)
        .where(mine.starts_at < yours.ends_at, yours.starts_at < mine.ends_at)
        .order_by(mine.starts_at, mine.attendance_id, yours.attendance_id)
    )
    return Plan(obstacles=[_twice(a, b, office_ids) for a, b in db.session.execute(pairs)])


def _twice(mine: CreditSpan, yours: CreditSpan, office_ids: set[int]) -> Obstacle:
    return Obstacle(
        N_("Credited for the same time, from %(starts_at)s: %(one)s, and %(two)s."),
        {
            "starts_at": max(mine.starts_at, yours.starts_at),
            "one": _where(mine, office_ids),
            "two": _where(yours, office_ids),
        },
    )


def _where(span: CreditSpan, office_ids: set[int]) -> str:
    """Nothing is said of another office's affair (T35)."""
    attendance = db.session.get_one(Attendance, span.attendance_id)
    return attendance.shift.post.name if attendance.office_id in office_ids else gettext("elsewhere")


stays_with_row(BookedDay.__tablename__)  # each follows its attendance by its key


@moves_with_person
def let_days_hold_what_both_booked(kept: Person, other: Person, at: datetime) -> None:
    """A day on which both had booked may be too long now: nobody loses a place, and no further one can be booked."""
    of_days = select(BookedDay.falls_on, func.sum(BookedDay.minutes)).where(BookedDay.person_id == kept.id)
    for day, total in db.session.execute(of_days.group_by(BookedDay.falls_on)).all():
        longer = update(BookedDay).where(
            BookedDay.person_id == kept.id, BookedDay.falls_on == day, BookedDay.most < total
        )
        db.session.execute(longer.values(most=total))


@ends_doubles(Posting.__tablename__)
def end_double_postings(kept_id: int, other_id: int, at: datetime) -> set[int]:
    """Of two postings to one shift that of the row that stays goes on, and what the other one confirmed hangs on it.

    An officer entered twice was posted twice to every shift of his post, and no posting is ever taken away.
    """
    mine, yours = aliased(Posting), aliased(Posting)
    both = select(mine, yours).join(yours, yours.shift_id == mine.shift_id)
    ended: set[int] = set()
    for stays, ends in db.session.execute(both.where(mine.person_id == kept_id, yours.person_id == other_id)):
        if ends.ended_at is None and stays.ended_at is None:
            booked = timeline.live_bookings(ends.shift.event, BookingRole.TRAFFIC_OFFICER)
            timeline.rebook(*(timeline.Free(one) for one in booked if one.resource.person_id == other_id))
        elif ends.ended_at is None:
            stays.ended_at = None
        ends.ended_at = ends.ended_at or at
        ended.add(ends.id)
    return ended
