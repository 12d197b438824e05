"""Delegation: the chief lets a deputy chief approve for a dated time (DOMAIN H-02)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import or_, select

from accounts.models import Delegation, Membership, Office, Person, Role
from errors import Refusal
from extensions import db
from record.act import act


class NoSuchColleague(Refusal):
    code = "no_such_colleague"
    status = 422
    message = "This person does not have that role in the office on all of these days."
    help = "Choose somebody else, or other days."


class DaysBackwards(Refusal):
    code = "days_backwards"
    status = 422
    message = "The last day comes before the first, or lies in the past."
    help = "Correct the two days."


class RunsAlready(Refusal):
    code = "runs_already"
    message = "For some of these days this is already so, from %(starts_on)s to %(ends_on)s."
    help = "End the other one first, or choose other days."


class OverAlready(Refusal):
    code = "over_already"
    message = "This is already over."
    help = "Reload the page; somebody may have been faster."


def delegate(
    office: Office, to: Person, starts_on: date, ends_on: date, *, by: Person, at: datetime, on: date, reason: str
) -> Delegation:
    """Let a deputy chief approve in the chief's place from the first to the last day; `on` is today.

    Raises: DaysBackwards, NoSuchColleague, RunsAlready.
    """
    check_days(starts_on, ends_on, on)
    check_colleague(to, office, Role.DEPUTY_CHIEF, starts_on, ends_on)
    running = select(Delegation).where(
        Delegation.office_id == office.id,
        Delegation.to_person_id == to.id,
        Delegation.from_person_id == by.id,
        Delegation.ended_at.is_(None),
        Delegation.starts_on <= ends_on,
        Delegation.ends_on >= starts_on,
    )
    check_none_runs(db.session.scalar(running.limit(1)))
    delegation = Delegation(
        office_id=office.id, from_person_id=by.id, to_person_id=to.id, starts_on=starts_on, ends_on=ends_on
    )
    with act("delegation.give", delegation, by=by, at=at, reason=reason):
        db.session.add(delegation)
    return delegation


def end_delegation(delegation: Delegation, by: Person, at: datetime, on: date, reason: str) -> None:
    """End a delegation before its last day, at once. Raises: OverAlready."""
    if delegation.ended_at is not None or delegation.ends_on < on:
        raise OverAlready()
    with act("delegation.end", delegation, by=by, at=at, reason=reason):
        delegation.ended_at = at


def check_days(starts_on: date, ends_on: date, on: date) -> None:
    """Raises: DaysBackwards."""
    if ends_on < starts_on or starts_on < on:
        raise DaysBackwards()


def check_colleague(person: Person, office: Office, role: str, starts_on: date, ends_on: date) -> None:
    """Raises: NoSuchColleague where somebody does not hold the role in the office from the first to the last day."""
    held = select(Membership.id).where(
        Membership.person_id == person.id,
        Membership.office_id == office.id,
        Membership.role == role,
        Membership.starts_on <= starts_on,
        or_(Membership.ends_on.is_(None), Membership.ends_on >= ends_on),
    )
    if db.session.scalar(held.limit(1)) is None:
        raise NoSuchColleague()


def check_none_runs(other: Delegation | None) -> None:
    """Raises: RunsAlready."""
    if other is not None:
        raise RunsAlready(starts_on=other.starts_on, ends_on=other.ends_on)


def colleagues(office: Office, role: str, on: date, but: Person) -> list[Person]:
    """Who holds a role in an office on a day or later, in the order of their names; without one."""
    held = select(Membership.person_id).where(
        Membership.office_id == office.id,
        Membership.role == role,
        or_(Membership.ends_on.is_(None), Membership.ends_on >= on),
    )
    query = select(Person).where(Person.id.in_(held), Person.id != but.id).order_by(Person.pinyin, Person.id)
    return list(db.session.scalars(query))
