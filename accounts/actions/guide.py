"""The verbs of the first-run guide: what must be possible while there is nobody yet who could be asked for it.

The program itself does them (`by` None) until the first coordinator exists. Afterwards a coordinator may name each
administrator, the chief and a deputy once, as long as the office has none: later that is the security administrator's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from accounts import guide
from accounts.actions.memberships import appoint, local_day
from accounts.actions.passwords import account_of, check_new_password, open_account, set_password
from accounts.actions.people import enter_person
from accounts.models import ADMINISTRATORS, Account, Membership, Office, Person, Role
from accounts.rules import people
from errors import Refusal
from extensions import db
from record.act import act, transaction

NAMED_IN_GUIDE = (*ADMINISTRATORS, Role.CHIEF, Role.DEPUTY_CHIEF)


class GuideOver(Refusal):
    code = "guide_over"
    message = "This installation has its first coordinator already."
    help = "Sign in, or ask the coordinator."


class WrongStartCode(Refusal):
    code = "wrong_start_code"
    status = 422
    message = "This is not the start code of this installation."
    help = "Run `flask start-code` where Fengli is installed; it prints a new one."


class RoleHeld(Refusal):
    code = "role_held"
    message = "%(name)s holds this role already."
    help = "A change of it is made by the security administrator."


@dataclass(frozen=True)
class Named:
    """Who was named, and the secret of the link by which he chooses his password."""

    person: Person
    role: str
    token: str


def check_first(office: Office, facts: dict[str, str], password: str, at: datetime) -> None:
    """Judge what the first coordinator typed, without keeping it. Raises: GuideOver, FactRefused, PasswordRefused."""
    if not guide.is_open():
        raise GuideOver()
    with transaction():
        nested = db.session.begin_nested()
        try:
            check_new_password(_first(office, facts, at), password)
        finally:
            nested.rollback()


def found_coordinator(office: Office, facts: dict[str, str], password_hash: str, at: datetime) -> Account:
    """Enter the first coordinator: name, phone, username. The start code is spent. Raises: GuideOver, FactRefused."""
    if not guide.is_open():
        raise GuideOver()
    with transaction():
        account = _first(office, facts, at)
        set_password(account, password_hash, at)
    return account


def _first(office: Office, facts: dict[str, str], at: datetime) -> Account:
    tidy = {"name": people.name(facts["name"]), "phone": people.phone(facts["phone"])}
    person = enter_person(tidy, office, by=None, at=at)
    appoint(person, office, Role.COORDINATOR, starts_on=local_day(office, at), by=None, at=at)
    with act("account.open", person, by=None, at=at, at_office=office.id):
        account = account_of(person)
        account.username = people.username(facts["username"])
        db.session.flush()
    return account


def holder(office: Office, role: str) -> Person | None:
    """Who holds a role at the office without an end."""
    held = select(Person).join(Membership, Membership.person_id == Person.id)
    held = held.where(Membership.office_id == office.id, Membership.role == role, Membership.ends_on.is_(None))
    return db.session.scalars(held.order_by(Membership.id)).first()


def name_holder(office: Office, role: str, facts: dict[str, str], by: Person, at: datetime) -> Named:
    """Name the first holder of a role that somebody must have: name, phone, username.

    Raises: RoleHeld, FactRefused, UsernameTaken.
    """
    standing = holder(office, role)
    if standing is not None or role not in NAMED_IN_GUIDE:
        raise RoleHeld(name=standing.name if standing else "")
    tidy = {"name": people.name(facts["name"])}
    if facts.get("phone"):
        tidy["phone"] = people.phone(facts["phone"])
    with act("guide.name", office, by=by, at=at, role=role):
        person = enter_person(tidy, office, by=by, at=at)
        appoint(person, office, role, starts_on=local_day(office, at), by=by, at=at)
        token = open_account(person, people.username(facts["username"]), office, by, at)
    return Named(person, role, token)


def set_aside(office: Office, step: guide.Step, by: Person, at: datetime) -> None:
    """Leave a step open for later."""
    with act(guide.SET_ASIDE, office, by=by, at=at, step=step.name):
        pass
