"""Who stands at a shift: traffic officers posted to it, and relieved (DOMAIN 8.3)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import select

from accounts.actions.memberships import local_day
from accounts.models import Membership, Office, Person, Role
from errors import Refusal
from extensions import db
from record.act import act
from scheduler.timeline import timeline
from scheduler.timeline.models import BookingRole
from volunteers.models.shifts import Posting, Shift
from volunteers.rules.shifts import ReasonNeeded


class NoTrafficOfficer(Refusal):
    code = "no_traffic_officer"
    status = 422
    message = "%(name)s is no traffic officer of this office."
    help = "Enter the officer with his squad first."


def new_posting(shift: Shift, officer: Person, by: Person | None, at: datetime, reason: str) -> Posting:
    """A posting to be written within an act."""
    return Posting(
        office_id=shift.office_id,
        shift_id=shift.id,
        person_id=officer.id,
        posted_by_id=by.id if by else None,
        posted_at=at,
        reason=reason,
    )


def traffic_officers(office: Office, on: date, squads: Collection[int | None] | None = None) -> list[Membership]:
    """Who may be posted on a day: the office's traffic officers, by squad and name; of some squads where given."""
    query = (
        select(Membership)
        .join(Person)
        .where(
            Membership.office_id == office.id,
            Membership.role == Role.TRAFFIC_OFFICER,
            Membership.starts_on <= on,
            (Membership.ends_on.is_(None)) | (Membership.ends_on >= on),
        )
        .order_by(Membership.organisation_id, Person.pinyin, Person.name)
    )
    found = db.session.scalars(query).all()
    return [one for one in found if squads is None or one.organisation_id in squads]


def post_officer(shift: Shift, officer: Person, by: Person, at: datetime, reason: str) -> Posting:
    """Post a traffic officer to a shift; a posting made after its start carries its reason with it (TRUST 2).

    Raises: ReasonNeeded, NoTrafficOfficer.
    """
    if not reason.strip():
        raise ReasonNeeded()
    known = {one.person_id for one in traffic_officers(shift.office, local_day(shift.office, at))}
    if officer.id not in known:
        raise NoTrafficOfficer(name=officer.name)
    standing = db.session.scalar(select(Posting).filter_by(shift_id=shift.id, person_id=officer.id))
    if standing is not None and standing.ended_at is None:
        return standing
    posting = standing or new_posting(shift, officer, by, at, reason)
    with act("posting.post", posting, by=by, at=at, reason=reason):
        posting.ended_at = None
        db.session.add(posting)
        take = timeline.Take(shift.event, timeline.resource_of(officer), BookingRole.TRAFFIC_OFFICER)
        timeline.rebook(take)
    return posting


def end_posting(posting: Posting, by: Person, at: datetime, reason: str) -> None:
    """Relieve an officer of a shift. What he ticked and confirmed stays. Raises: ReasonNeeded."""
    if not reason.strip():
        raise ReasonNeeded()
    with act("posting.end", posting, by=by, at=at, reason=reason):
        posting.ended_at = at
        bookings = timeline.live_bookings(posting.shift.event, BookingRole.TRAFFIC_OFFICER)
        mine = [one for one in bookings if one.resource.person_id == posting.person_id]
        timeline.rebook(*(timeline.Free(one) for one in mine))
