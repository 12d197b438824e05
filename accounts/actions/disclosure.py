"""Disclosure: opening somebody's full record, or one of its masked facts, is an act with a reason (T11, SETTLED 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from accounts.actions.people import known_facts
from accounts.models import Office, Person
from errors import Refusal
from record.act import act

FACTS = ("phone", "id_number", "email")


class NotEntered(Refusal):
    code = "not_entered"
    status = 404
    message = "Your office has not entered this."
    help = "Ask the person, and enter it."


class WorksHereNoMore(Refusal):
    code = "works_here_no_more"
    message = "This person no longer works with your office, so what is known of him stays closed."
    help = "If he comes back, give him a role first."


class ReasonNeeded(Refusal):
    code = "reason_needed"
    status = 422
    message = "Say why you need to see it."
    help = "The reason stands in the trail, and the person can read it."


@dataclass(frozen=True)
class Contact:
    """What an office may know of a person: the guarded facts it has typed itself while he works with it (I34)."""

    phone: str | None = None
    id_number: str | None = None
    email: str | None = None
    sex: str | None = None
    birth_on: date | None = None


def contact_of(person: Person, office: Office, on: date, known: set[str] | None = None) -> Contact:
    """The guarded facts of a person as an office may know them; `known`: what it typed, where that is read already."""
    if is_gone(person, office, on):
        return Contact()
    typed = known_facts([person.id], office.id).get(person.id, set()) if known is None else known
    return Contact(**{name: getattr(person, name) for name in Contact.__dataclass_fields__ if name in typed})


def is_gone(person: Person, office: Office, on: date) -> bool:
    """Whether somebody worked with an office and does no more. A mere party of a case never did."""
    here = [m for m in person.memberships if m.office_id == office.id]
    return bool(here) and all(m.ends_on is not None and m.ends_on < on for m in here)


def disclose(person: Person, office: Office, *, by: Person, at: datetime, on: date, reason: str) -> Contact:
    """Open the full record. Raises: ReasonNeeded, WorksHereNoMore."""
    _check(person, office, on, reason)
    with act("person.disclose", person, by=by, at=at, reason=reason, at_office=office.id):
        return contact_of(person, office, on)


def unmask(person: Person, fact: str, office: Office, *, by: Person, at: datetime, on: date, reason: str) -> str:
    """Show one fact in full: phone, id_number or email. Raises: ReasonNeeded, WorksHereNoMore, NotEntered."""
    _check(person, office, on, reason)
    shown = getattr(contact_of(person, office, on), fact) if fact in FACTS else None
    if not shown:
        raise NotEntered()
    with act("person.unmask", person, by=by, at=at, reason=reason, at_office=office.id, fact=fact):
        return str(shown)


def _check(person: Person, office: Office, on: date, reason: str) -> None:
    if not reason.strip():
        raise ReasonNeeded()
    if is_gone(person, office, on):
        raise WorksHereNoMore()
