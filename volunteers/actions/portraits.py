"""Keeping a portrait with consent, showing it beside the name, and letting it go (DOMAIN S-24, D-28; TRUST T02)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import select

from accounts.actions.memberships import local_day
from accounts.models import Person
from exchange.pictures import portrait
from extensions import db
from record.act import act, transaction
from record.course import OffCourse
from record.sealed import keys
from volunteers.models.assessment import UNDER_ASSESSMENT, Assessment
from volunteers.models.attendance import Attendance
from volunteers.models.portraits import Portrait
from volunteers.rules.proposing import SignedLater


def keep_portrait(assessment: Assessment, content: bytes, consented_on: date, by: Person, at: datetime) -> Portrait:
    """Keep a photo as somebody's portrait, in place of the one before.

    Raises: PictureRefused, SignedLater, OffCourse.
    """
    if assessment.state not in UNDER_ASSESSMENT:
        raise OffCourse(state=assessment.state)
    if consented_on > local_day(assessment.office, at):
        raise SignedLater(on=consented_on)
    sealed = keys().cipher.encrypt(portrait(content))
    kept = Portrait(
        office_id=assessment.office_id,
        assessment_id=assessment.id,
        consented_on=consented_on,
        content=sealed,
        kept_at=at,
    )
    with act("assessment.portray", assessment, by=by, at=at):
        _remove(assessment)
        db.session.add(kept)
        db.session.flush()
    return kept


def remove_portrait(assessment: Assessment, by: Person | None, at: datetime, reason: str = "") -> bool:
    """Let it go: he takes his consent back, or it shows somebody else. Whether there was one; else nothing is done."""
    if portrait_row(assessment) is None:
        return False
    with act("assessment.remove_portrait", assessment, by=by, at=at, reason=reason):
        _remove(assessment)
    return True


def _remove(assessment: Assessment) -> None:
    standing = portrait_row(assessment)
    if standing is not None:
        db.session.delete(standing)
        db.session.flush()


def portrait_row(assessment: Assessment) -> Portrait | None:
    return db.session.scalar(select(Portrait).where(Portrait.assessment_id == assessment.id))


def picture_of(assessment: Assessment) -> bytes | None:
    """The JPEG; None where there is none."""
    row = portrait_row(assessment)
    return None if row is None else keys().cipher.decrypt(row.content)


def portrayed(attendances: Collection[Attendance]) -> frozenset[int]:
    """Those of whom there is a portrait, by their assessments' ids. One query."""
    wanted = {one.assessment_id for one in attendances}
    return frozenset(db.session.scalars(select(Portrait.assessment_id).where(Portrait.assessment_id.in_(wanted))))


def drop_portraits(now: datetime) -> int:
    """Let the portraits go of those whose assessment is over. Returns how many."""
    over = select(Assessment).join(Portrait, Portrait.assessment_id == Assessment.id)
    over = over.where(Assessment.state.not_in(UNDER_ASSESSMENT)).order_by(Assessment.id)
    with transaction():
        ended = db.session.scalars(over).all()
        for assessment in ended:
            remove_portrait(assessment, None, now)
    return len(ended)
