"""Entering and correcting a case (TRUST enter_case)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from accounts.models import Membership, Office, Person, Role
from cases.actions.limits import follow_limit
from cases.models import Case
from errors import Refusal
from extensions import db
from record.act import act


class NumberTaken(Refusal):
    code = "case_number_taken"
    message = "A case with the number %(number)s is entered already."
    help = "Search for it, or check the number."


class NotAProsecutor(Refusal):
    code = "not_a_prosecutor"
    status = 422
    message = "%(who)s is no prosecutor of this office."
    help = "Choose somebody who is one today."


PLAIN = ("number", "cause", "stage", "received_on", "fast_track", "limit_on", "handler_id", "lead_id", "clerk_id")


def enter_case(office: Office, facts: dict[str, Any], by: Person, at: datetime) -> Case:
    """Enter a case; `facts` by the names of its columns. Raises: NumberTaken, NotAProsecutor."""
    case = Case(office_id=office.id, office=office)
    with act("case.enter", case, by=by, at=at):
        _write(case, facts)
        db.session.add(case)
        db.session.flush()
        follow_limit(case, by, at, "")
    return case


def correct_case(case: Case, facts: dict[str, Any], by: Person, at: datetime, reason: str = "") -> None:
    """Correct what is entered. Raises: NumberTaken, NotAProsecutor."""
    with act("case.correct", case, by=by, at=at, reason=reason):
        _write(case, facts)
        db.session.flush()
        follow_limit(case, by, at, reason)


def _write(case: Case, facts: dict[str, Any]) -> None:
    number = facts.get("number", case.number)
    with db.session.no_autoflush:
        other = db.session.scalar(select(Case.id).where(Case.office_id == case.office_id, Case.number == number))
        if other is not None and other != case.id:
            raise NumberTaken(number=number)
        for name in ("handler_id", "lead_id"):
            check_prosecutor(case, facts.get(name))
    for name in PLAIN:
        if name in facts:
            setattr(case, name, facts[name])


def check_prosecutor(case: Case, person_id: int | None) -> None:
    """Whoever handles a case is a prosecutor of its office, or leads it: a chief may handle one himself (H-27)."""
    if person_id is None:
        return
    roles = (Role.PROSECUTOR, Role.CHIEF, Role.DEPUTY_CHIEF)
    held = select(Membership.id).where(
        Membership.person_id == person_id, Membership.office_id == case.office_id, Membership.role.in_(roles)
    )
    if db.session.scalar(held.limit(1)) is None:
        who = db.session.get(Person, person_id)
        raise NotAProsecutor(who=who.name if who else "")
