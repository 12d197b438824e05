"""Offices and what belongs to them: their names, departments, organisations, mail server, place of the copies."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import func, select

from accounts.models import Department, MailSecurity, MailServer, Membership, Office, Organisation, Person, Role
from accounts.rights import members
from accounts.rules.settings import check_reason
from errors import Refusal
from extensions import db
from record.act import act

Unit = Department | Organisation
PROSECUTORS = (Role.PROSECUTOR, Role.CHIEF, Role.DEPUTY_CHIEF)
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class NameTaken(Refusal):
    code = "name_taken"
    status = 409
    message = "“%(name)s” exists already."
    help = "Take another name, or use the one that is there; one that is out of use can be taken into use again."


class SuperiorOfItself(Refusal):
    code = "superior_of_itself"
    status = 422
    message = "An office cannot stand below itself or below one of its subordinates."
    help = "Choose the office above it, or none."


class UnknownZone(Refusal):
    code = "unknown_zone"
    status = 422
    message = "There is no time zone “%(zone)s”."
    help = "China has one: Asia/Shanghai."


class NoProsecutorHere(Refusal):
    code = "no_prosecutor_here"
    status = 422
    message = "%(who)s is no prosecutor of this office."
    help = "Choose somebody who is one today."
    source = "DOMAIN H-27"


class PasswordInClear(Refusal):
    code = "password_in_clear"
    status = 422
    message = "A password must not travel without encryption."
    help = "Choose STARTTLS or TLS, or leave user and password empty."


class NoAddressYet(Refusal):
    code = "no_address_yet"
    status = 422
    message = "You have no e-mail address to which a test message could go."
    help = "Type your address beside the button."


class MailIsOff(Refusal):
    code = "mail_is_off"
    message = "Mail is switched off."
    help = "Save the mail server and switch mail on first."


def open_office(facts: dict[str, Any], by: Person | None, at: datetime) -> Office:
    """Enter an office: name, short_name, seal_text, zone. Raises: NameTaken, UnknownZone."""
    office = Office(parent_id=None)
    _check_office(office, facts)
    with act("office.open", office, by=by, at=at):
        _write(office, facts)
        db.session.add(office)
    return office


def change_office(office: Office, facts: dict[str, Any], by: Person | None, at: datetime, reason: str) -> None:
    """Change name, short_name, seal_text, parent_id, zone.

    Raises: ReasonMissing, NameTaken, SuperiorOfItself, UnknownZone.
    """
    check_reason(reason)
    _check_office(office, facts)
    with act("office.change", office, by=by, at=at, reason=reason):
        _write(office, facts)


def _check_office(office: Office, facts: dict[str, Any]) -> None:
    if "name" in facts:
        _check_free(Office, office, facts["name"])
    if facts.get("zone", office.zone or "Asia/Shanghai") not in available_timezones():
        raise UnknownZone(zone=facts["zone"])
    if facts.get("parent_id") is not None and facts["parent_id"] in _itself_and_below(office):
        raise SuperiorOfItself()


def _itself_and_below(office: Office) -> set[int]:
    tree = select(Office.id).where(Office.id == office.id).cte("below", recursive=True)
    return set(
        db.session.scalars(select(tree.union_all(select(Office.id).join(tree, Office.parent_id == tree.c.id)).c.id))
    )


def _write(row: Any, facts: dict[str, Any]) -> None:
    for name, value in facts.items():
        setattr(row, name, value)


def _check_free(model: Any, row: Any, name: str, **within: Any) -> None:
    """A name must be another than those of the rows beside it. Raises: NameTaken."""
    twin = select(model.id).where(model.name == name).filter_by(**within)
    if row.id is not None:
        twin = twin.where(model.id != row.id)
    if db.session.scalar(twin) is not None:
        raise NameTaken(name=name)


def set_backup_place(office: Office, place: str, by: Person | None, at: datetime) -> None:
    """Say where the office's copies go: a folder that the machine can write to, on another disk."""
    with act("backup_place.set", office, by=by, at=at):
        office.backup_place = place


def enter_department(
    office: Office, name: str, by: Person | None, at: datetime, head: Person | None = None
) -> Department:
    """Raises: NameTaken, NoProsecutorHere."""
    department = Department(office_id=office.id, name=name, head_id=head.id if head else None)
    _check_head(office, head, at)
    return _enter(department, by, at, office_id=office.id)


def name_head(department: Department, head: Person | None, by: Person, at: datetime) -> None:
    """Say who heads a department: a prosecutor of the office, or None for nobody. Raises: NoProsecutorHere."""
    _check_head(db.session.get_one(Office, department.office_id), head, at)
    with act("department.name_head", department, by=by, at=at):
        department.head_id = head.id if head else None


def _check_head(office: Office, head: Person | None, at: datetime) -> None:
    if head is not None and head not in heads_to_be(office, at):
        raise NoProsecutorHere(who=head.name)


def heads_to_be(office: Office, at: datetime) -> list[Person]:
    """Who may head a department: the prosecutors of an office on the day, its chief and deputies among them."""
    on = at.astimezone(ZoneInfo(office.zone)).date()
    held = {one for role in PROSECUTORS for one in members(office.id, role, on)}
    people = select(Person).where(Person.id.in_(held)).order_by(Person.pinyin, Person.name, Person.id)
    return list(db.session.scalars(people))


def enter_organisation(office: Office, kind: str, name: str, by: Person | None, at: datetime) -> Organisation:
    """Enter a squad, law firm or legal-aid body that works for the office. Raises: NameTaken."""
    organisation = Organisation(office_id=office.id, kind=kind, name=name)
    return _enter(organisation, by, at, office_id=office.id, kind=kind)


def _enter(unit: Any, by: Person | None, at: datetime, **within: Any) -> Any:
    _check_free(type(unit), unit, unit.name, **within)
    with act(f"{unit.__tablename__}.enter", unit, by=by, at=at):
        db.session.add(unit)
    return unit


def rename_unit(unit: Unit, name: str, by: Person, at: datetime) -> None:
    """Raises: NameTaken."""
    within = {"kind": unit.kind} if isinstance(unit, Organisation) else {}
    _check_free(type(unit), unit, name, office_id=unit.office_id, **within)
    with act(f"{unit.__tablename__}.rename", unit, by=by, at=at):
        unit.name = name


def retire_unit(unit: Unit, by: Person, at: datetime, reason: str) -> None:
    """Offer it no more. What was done in it stays, and so do the memberships. Raises: ReasonMissing."""
    check_reason(reason)
    with act(f"{unit.__tablename__}.retire", unit, by=by, at=at, reason=reason):
        unit.active = False


def resume_unit(unit: Unit, by: Person, at: datetime) -> None:
    with act(f"{unit.__tablename__}.resume", unit, by=by, at=at):
        unit.active = True


def people_in(unit: Unit) -> int:
    """How many people belong to it without an end."""
    column = Membership.organisation_id if isinstance(unit, Organisation) else Membership.department_id
    people = select(func.count(Membership.person_id.distinct()))
    return db.session.scalar(people.where(column == unit.id, Membership.ends_on.is_(None))) or 0


def set_mail_server(office: Office, facts: dict[str, Any], by: Person | None, at: datetime) -> MailServer:
    """Set host, port, security, username, password (None: as before), sender; mail is on from then.

    Raises: PasswordInClear.
    """
    if facts["security"] == MailSecurity.NONE and facts["username"] and facts["host"] not in LOCAL:
        raise PasswordInClear()
    server = db.session.scalar(select(MailServer).filter_by(office_id=office.id)) or MailServer(office_id=office.id)
    with act("mail_server.set", server, by=by, at=at):
        _write(server, {name: value for name, value in facts.items() if name != "password" or value is not None})
        if not server.username:
            server.password = None
        server.active = True
        db.session.add(server)
    return server


def switch_mail(server: MailServer, on: bool, by: Person | None, at: datetime) -> None:
    """Switch mail on or off; what waits then leaves, or dies after a day."""
    with act("mail_server.switch", server, by=by, at=at):
        server.active = on


def ask_for_test_mail(server: MailServer, by: Person, at: datetime, address: str = "") -> None:
    """Send oneself a message; an address typed beside the button becomes one's own. Raises: MailIsOff, NoAddressYet."""
    if not server.active:
        raise MailIsOff()
    if not (address or by.email):
        raise NoAddressYet()
    with act("mail_server.test", server, by=by, at=at):
        if address and address != by.email:
            by.email = address
