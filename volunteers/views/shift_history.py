"""What was done with a shift and with the places on it: who gave one up, moved up, was excused, was relieved."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from accounts.access import holds, may
from accounts.views.trail import trail_of
from accounts.web import viewer
from extensions import db
from record.models import Act
from scheduler.timeline.models import Quota, Waiting
from volunteers.models.attendance import Attendance
from volunteers.models.corrections import Correction
from volunteers.models.shifts import Posting, Shift
from volunteers.rights import BOOK_SHIFT

# Not each tick and confirmation: those of everybody stand as one act of the shift, single ones on the roll.
TOLD = {
    "attendance": ("book", "cancel", "report_absence", "miss", "excuse"),
    "waiting": ("leave", "promote", "pass_over"),
    "posting": ("post", "end"),
    "correction": ("ask", "propose", "refuse", "approve"),
}


def history_of(shift: Shift) -> Markup:
    """The shift's trail; for whoever books on behalf of others with what happened to each place and why."""
    if not (holds(viewer(), BOOK_SHIFT) and may(viewer(), BOOK_SHIFT, shift)):
        return trail_of(shift)
    names = _names(shift)
    about = [
        and_(
            Act.subject_table == table,
            Act.subject_id.in_([key for of, key in names if of == table]),
            Act.name.in_([f"{table}.{step}" for step in steps]),
        )
        for table, steps in TOLD.items()
    ]
    moved_up = (Act.name == "attendance.book") & Act.actor_id.is_(None)  # said already by waiting.promote
    return trail_of(shift, also=and_(or_(*about), ~moved_up), about=names)


def _names(shift: Shift) -> dict[tuple[str, int], str]:
    """Whom the rows of a shift are about, by table and id."""
    models: tuple[Any, ...] = Attendance, Posting
    people = (
        row
        for model in models
        for row in db.session.scalars(select(model).filter_by(shift_id=shift.id).options(joinedload(model.person)))
    )
    corrected = (
        select(Correction)
        .filter_by(shift_id=shift.id)
        .options(joinedload(Correction.attendance).joinedload(Attendance.person))
    )
    line = select(Waiting).join(Quota).where(Quota.event_id == shift.event_id).options(joinedload(Waiting.resource))
    return {
        **{(row.__tablename__, row.id): row.person.name for row in people},
        **{(row.__tablename__, row.id): row.resource.name for row in db.session.scalars(line)},
        **{(row.__tablename__, row.id): row.attendance.person.name for row in db.session.scalars(corrected)},
    }
