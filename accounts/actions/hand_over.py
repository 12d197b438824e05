"""Hand-over: somebody's own open work goes to a colleague of the same role and office till a date."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from accounts.actions.delegation import OverAlready, RunsAlready, check_colleague, check_days
from accounts.models import HandOver, Office, Person
from extensions import db
from record.act import act


def hand_over(
    office: Office,
    role: str,
    to: Person,
    starts_on: date,
    ends_on: date,
    *,
    by: Person,
    at: datetime,
    on: date,
    reason: str = "",
) -> HandOver:
    """Give own open work in a role to a colleague who has it too, from the first to the last day; `on` is today.

    Raises: DaysBackwards, NoSuchColleague, RunsAlready.
    """
    check_days(starts_on, ends_on, on)
    check_colleague(by, office, role, starts_on, starts_on)
    check_colleague(to, office, role, starts_on, ends_on)
    running = select(HandOver).where(
        HandOver.office_id == office.id,
        HandOver.role == role,
        HandOver.from_person_id == by.id,
        HandOver.ended_at.is_(None),
        HandOver.starts_on <= ends_on,
        HandOver.ends_on >= starts_on,
    )
    other = db.session.scalar(running.limit(1))
    if other is not None:
        raise RunsAlready(starts_on=other.starts_on, ends_on=other.ends_on)
    people = {"from_person_id": by.id, "to_person_id": to.id}
    given = HandOver(office_id=office.id, role=role, starts_on=starts_on, ends_on=ends_on, **people)
    with act("hand_over.give", given, by=by, at=at, reason=reason, role=role):
        db.session.add(given)
    return given


def end_hand_over(given: HandOver, by: Person, at: datetime, on: date, reason: str = "") -> None:
    """Take the work back before the last day, at once. Raises: OverAlready."""
    if given.ended_at is not None or given.ends_on < on:
        raise OverAlready()
    with act("hand_over.end", given, by=by, at=at, reason=reason):
        given.ended_at = at
