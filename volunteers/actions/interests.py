"""Declaring an interest in somebody, and who else can speak for his hours (D-29, I15)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, or_, select

from accounts.actions.memberships import local_day
from accounts.models import Membership, Office, Person, Role
from errors import Refusal
from extensions import db
from record.act import act
from scheduler.timeline.models import Event
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import UNSETTLED, Attendance
from volunteers.models.interests import Interest
from volunteers.models.shifts import Posting, Shift, ShiftState
from volunteers.rights import deciders


class NotWithAnInterest(Refusal):
    code = "not_with_an_interest"
    status = 403
    message = "You have declared an interest in this person, or it was entered for you."
    help = "This is done by somebody else: %(who)s."
    source = "DOMAIN D-29"


class NobodyElsePosted(Refusal):
    code = "nobody_else_posted"
    status = 403
    message = "You have declared an interest in this person, and nobody else is posted to this shift."
    help = "It stands on the coordinator's list: he posts another officer."
    source = "DOMAIN D-29"


class NoInterestInOneself(Refusal):
    code = "no_interest_in_oneself"
    status = 422
    message = "Nobody declares an interest in himself: he never speaks for his own hours."
    help = "Choose somebody else."
    source = "DOMAIN D-29"


class NotHisToEnd(Refusal):
    code = "not_his_to_end"
    status = 403
    message = "An interest is ended by whoever has it, or by a coordinator."
    help = "Tell the coordinator."
    source = "DOMAIN D-29"


class EndedBefore(Refusal):
    code = "interest_ended_before"
    message = "This interest has ended already."
    help = "Declare it anew if it stands again."
    source = "DOMAIN D-29"


def declare(about: Attendance | Assessment, officer: Person, kind: str, by: Person, at: datetime) -> Interest:
    """Say that somebody of the office or of a squad is too near to a person: from now on others speak for his hours and
    decide for him. Once is enough.

    Raises: NoInterestInOneself.
    """
    if officer.id == about.person_id:
        raise NoInterestInOneself()
    known = of_officer(officer, about.person_id)
    if known is not None:
        return known
    interest = Interest(
        office_id=about.office_id,
        officer_id=officer.id,
        person_id=about.person_id,
        kind=kind,
        declared_at=at,
    )
    with act("interest.declare", interest, by=by, at=at):
        db.session.add(interest)
    return interest


def end(interest: Interest, by: Person, at: datetime, reason: str) -> None:
    """It is over, or was entered by mistake; from now on the officer speaks for these hours again. It stays on record.

    Raises: NotHisToEnd where somebody else than the officer himself or a coordinator wants it, EndedBefore.
    """
    coordinates = select(Membership.id).where(
        Membership.person_id == by.id,
        Membership.office_id == interest.office_id,
        Membership.role == Role.COORDINATOR,
        or_(Membership.ends_on.is_(None), Membership.ends_on >= local_day(interest.office, at)),
    )
    if by.id != interest.officer_id and db.session.scalar(coordinates.limit(1)) is None:
        raise NotHisToEnd()
    db.session.refresh(interest, with_for_update=True)
    if interest.ended_at is not None:
        raise EndedBefore()
    with act("interest.end", interest, by=by, at=at, reason=reason):
        interest.ended_at, interest.ended_by_id = at, by.id


def of_officer(officer: Person, person_id: int) -> Interest | None:
    """The interest of an officer in somebody that stands today."""
    standing = select(Interest).filter_by(officer_id=officer.id, person_id=person_id, ended_at=None)
    return db.session.scalars(standing.order_by(Interest.id)).first()


def near_to(officer: Person, people: Collection[int]) -> set[int]:
    """Those of some people, by their ids, in whom an officer has an interest. One query."""
    query = select(Interest.person_id).where(Interest.officer_id == officer.id, Interest.person_id.in_(people))
    query = query.where(Interest.ended_at.is_(None))
    return set(db.session.scalars(query))


def may_speak(person_id: int) -> ColumnElement[bool]:
    """The condition that a `Person` is neither the person himself nor too near to him."""
    near = exists().where(
        Interest.officer_id == Person.id, Interest.person_id == person_id, Interest.ended_at.is_(None)
    )
    return (Person.id != person_id) & ~near


def check_near(shift: Shift, person_id: int, officer: Person) -> None:
    """Raises: NotWithAnInterest with who else is posted, NobodyElsePosted."""
    if not near_to(officer, [person_id]):
        return
    posted = select(Posting.person_id).where(Posting.shift_id == shift.id, Posting.ended_at.is_(None))
    others = _names(person_id, db.session.scalars(posted).all())
    if not others:
        raise NobodyElsePosted()
    raise NotWithAnInterest(who=others)


def check_decides(shift: Shift, person_id: int, by: Person, on: date) -> None:
    """Raises: NotWithAnInterest with who else decides."""
    if near_to(by, [person_id]):
        raise NotWithAnInterest(who=_names(person_id, deciders(shift, on)))


def _names(person_id: int, among: Collection[int]) -> list[str]:
    query = select(Person.name).where(Person.id.in_(among), may_speak(person_id)).order_by(Person.pinyin, Person.id)
    return list(db.session.scalars(query))


def without_officer(office: Office, until: datetime) -> list[Attendance]:
    """Those of begun and of soon beginning shifts for whom every officer posted is too near, the oldest first."""
    standing = (Posting.shift_id == Attendance.shift_id) & Posting.ended_at.is_(None)
    near = select(Interest.id).where(
        Interest.officer_id == Posting.person_id,
        Interest.person_id == Attendance.person_id,
        Interest.ended_at.is_(None),
    )
    free = (Posting.person_id != Attendance.person_id) & ~near.correlate(Posting, Attendance).exists()
    query = (
        select(Attendance)
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(
            Attendance.office_id == office.id,
            Attendance.state.in_(UNSETTLED),
            Attendance.struck_out.is_(False),
            Shift.state == ShiftState.OPEN,
            Event.starts_at < until,
            exists().where(standing),
            ~exists().where(standing, free),
        )
        .order_by(Event.starts_at, Attendance.id)
    )
    return list(db.session.scalars(query))
