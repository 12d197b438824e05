"""The demonstration office: invented people, and the lists such an office has, imported as an office would."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from accounts.actions.memberships import appoint
from accounts.actions.offices import change_office, enter_department, enter_organisation, open_office
from accounts.actions.passwords import account_of, hashed
from accounts.actions.people import enter_person
from accounts.models import Account, Membership, Office, Organisation, Person, Role
from demo import hearings, meetings, people, rota, shifts
from demo.files import LISTS, list_for, month_of_sheets
from exchange.actions.taking import take
from exchange.taking import Options, taker
from extensions import db
from record.act import act, transaction
from scheduler.actions.rooms import enter_room

CAST = Path(__file__).with_name("office.toml")


def build(password: str, at: datetime, today: date) -> Office:
    """Build the office in one transaction. Every account of the staff gets the same password, told at the start."""
    cast = tomllib.loads(CAST.read_text(encoding="utf-8"))
    password_hash = hashed(password)
    with transaction():
        superior = open_office({"name": cast["superior"]}, None, at)
        office = open_office(dict(cast["office"]), None, at)
        change_office(office, {"parent_id": superior.id}, None, at, cast["why"])
        with act("office.mark_demo", office, by=None, at=at):
            office.is_demo = superior.is_demo = True
        body = enter_organisation(office, "legal_aid_body", cast["organisations"]["legal_aid_body"], None, at)
        for name in cast["departments"]["names"]:
            enter_department(office, name, None, at)
        for room in cast["rooms"]:
            facts = {"name": room["name"], "seats": room["seats"], "is_hearing_room": room["hearing"]}
            enter_room(office, facts, None, at)
        _appoint_staff(cast, office, superior, body, password_hash, at, today)
        import_lists(office, at, today)
        people.put_on_record(cast, office, at, today)
        meetings.plan(cast, office, at, today)
        rota.plan(cast, office, at, today)
        _plan_shifts(office, cast, at, today)
        hearings.ask(office, at, today)
    return office


def _appoint_staff(  # noqa: PLR0917 - the cast, where it works, and how it signs in
    cast: dict[str, Any],
    office: Office,
    superior: Office,
    body: Organisation,
    password_hash: str,
    at: datetime,
    today: date,
) -> None:
    people = [(role, name, office) for role, name in cast["staff"].items()]
    people += [("inspector", cast["inspector"]["name"], superior)]
    people += [(role, name, office) for role, names in cast["more"].items() for name in names]
    for role, name, home in people:
        person = enter_person({"name": name}, home, None, at)
        starts_on = today - timedelta(days=400)
        organisation = body if role == Role.LEGAL_AID_CONTACT else None
        appoint(person, home, role, starts_on=starts_on, by=None, at=at, organisation=organisation)
        with act("account.open", person, by=None, at=at, username=name):
            account = account_of(person)
            account.username, account.password, account.password_set_at = name, password_hash, at


def import_lists(office: Office, at: datetime, today: date) -> None:
    """Import the five lists as the command would, in the order in which they need each other."""
    for kind in LISTS:
        found = taker(kind)
        if found is not None:
            content, name = list_for(kind, found.importer, today)
            take(office, found, content, name, Options(today, month_of_sheets(today)), None, at)


def _plan_shifts(office: Office, cast: dict[str, Any], at: datetime, today: date) -> None:
    officer, coordinator = somebody(office, Role.TRAFFIC_OFFICER, today), cast["staff"]["coordinator"]
    by = db.session.scalars(select(Person).where(Person.name == coordinator).order_by(Person.id).limit(1)).one()
    shifts.mark_schools(office, cast["schools"], by, at, today)
    if officer is not None:
        shifts.plan(office, officer, by, at, today)


def staff(office: Office) -> list[tuple[str, str]]:
    """A sign-in for each role of the staff: role and name, in the order of the roles."""
    query = (
        select(Membership.role, Account.username)
        .join(Person, Person.id == Membership.person_id)
        .join(Account, Account.person_id == Person.id)
        .where(Account.password.is_not(None), Membership.office_id.in_({office.id, office.parent_id}))
        .order_by(Membership.id)
    )
    found: dict[str, str] = {}
    for role, username in db.session.execute(query):
        found.setdefault(role, username or "")
    return [(role, found[role]) for role in Role if role in found]


def somebody(office: Office, role: str, on: date) -> Person | None:
    """One person of the office in a field role who shows the phone's pages: the one with the lowest number, and of the
    volunteers one in the middle of his service, of the hearing officers one who is invited to a hearing."""
    if role == Role.VOLUNTEER and (serving := shifts.volunteer_to_show(office, on)) is not None:
        return serving
    if role == Role.HEARING_OFFICER and (invited := hearings.officer_to_show(office)) is not None:
        return invited
    query = (
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.office_id == office.id, Membership.role == role, Membership.starts_on <= on)
        .where(Membership.ends_on.is_(None) | (Membership.ends_on >= on))
        .order_by(Person.id)
    )
    return db.session.scalar(query.limit(1))
