"""The counter: who stands there is found by initials and the last four of his phone, or by his card; no list."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from accounts.actions.people import known_facts
from accounts.models import Office, Person
from errors import Refusal
from extensions import db
from record.act import act
from record.models import Act
from record.sealed import keyed_hash
from volunteers.models.assessment import UNDER_ASSESSMENT, Assessment

CARD_DIGITS = 10
MISSES, WITHIN = 5, timedelta(minutes=10)


class TooManyMisses(Refusal):
    code = "too_many_misses"
    status = 429
    message = "Too many tries found nobody. For some minutes nobody is looked for here."
    help = "Ask the coordinator, who helps you at his desk."


def found_by_name(rows: Select[Any], office_id: int, initials: str, tail: str) -> Assessment | None:
    """The only one whose initials and last four of the phone these are. The office must have typed the phone itself."""
    query = rows.join(Person, Person.id == Assessment.person_id).where(
        Person.initials == initials.lower(),
        Person.phone_tail_hash == keyed_hash("phone_tail", tail),
        Assessment.state.in_(UNDER_ASSESSMENT),
    )
    found = list(db.session.scalars(query))
    known = known_facts([one.person_id for one in found], office_id)
    meant = [one for one in found if "phone" in known.get(one.person_id, ())]
    return meant[0] if len(meant) == 1 else None


def found_by_card(rows: Select[Any], number: str) -> Assessment | None:
    query = rows.where(Assessment.card == number, Assessment.state.in_(UNDER_ASSESSMENT))
    found: Assessment | None = db.session.scalar(query)
    return found


def note_miss(by: Person, office: Office, at: datetime, how: str) -> None:
    """Somebody was looked for in vain: how, never what was typed."""
    with act("counter.miss", by, by=by, at=at, at_office=office.id, how=how):
        pass


def check_misses(by: Person, at: datetime) -> None:
    """Raises: TooManyMisses."""
    missed = select(func.count(Act.id)).where(Act.name == "counter.miss", Act.actor_id == by.id, Act.at > at - WITHIN)
    if (db.session.scalar(missed) or 0) >= MISSES:
        raise TooManyMisses()


def issue_card(assessment: Assessment, by: Person, at: datetime) -> str:
    """A new number for somebody's card; one that was lost opens nothing any more."""
    with act("assessment.issue_card", assessment, by=by, at=at):
        assessment.card = f"{secrets.randbelow(10**CARD_DIGITS):0{CARD_DIGITS}d}"
    return assessment.card
