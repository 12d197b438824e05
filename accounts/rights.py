"""The permissions of accounts and record (TRUST section 2; those of record stand here, it has no pages)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select, true

from accounts.access import Clause, Viewer, covers, declare, grants_of, scope
from accounts.models import (
    FIELD_ROLES,
    Account,
    Delegation,
    Department,
    HandOver,
    MailServer,
    Membership,
    Office,
    Organisation,
    Person,
    PersonSession,
    Role,
    RoleGrant,
)
from extensions import db
from record.models import Act, Message

SEE_OWN_PROFILE = declare("see_own_profile", Person, "everyone:o")
SEE_ACCESSES_TO_ME = declare("see_accesses_to_me", Act, "everyone:o")
MANAGE_OWN_DEVICES = declare("manage_own_devices", PersonSession, "everyone:o")
SEE_PEOPLE = declare(
    "see_people",
    Person,
    "coordinator:f, case_management:f, squad_leader:a, legal_aid_contact:a, chief:f, system_admin:p, security_admin:p",
)
KEEP_PEOPLE = declare("keep_people", Person, "coordinator:f, case_management:f, squad_leader:a, legal_aid_contact:a")
KEEP_MEMBERSHIPS = declare(
    "keep_memberships", Membership, "coordinator:f, case_management:f, squad_leader:a, legal_aid_contact:a"
)
ENROL_DEVICE = declare("enrol_device", Person, "coordinator:f, squad_leader:a, legal_aid_contact:a")
REVOKE_ACCESS = declare(
    "revoke_access", Person, "coordinator:f, chief:f, squad_leader:a, legal_aid_contact:a, security_admin:pA"
)
CREATE_ACCOUNT = declare("create_account", Person, "system_admin:p")
GRANT_ROLE = declare("grant_role", Person, "security_admin:p2A")
APPROVE_ROLE = declare("approve_role", RoleGrant, "security_admin:p2A, chief:f2A")
CHANGE_SETTINGS = declare("change_settings", Office, "coordinator:fR, chief:fR")
covers(CHANGE_SETTINGS, Department, Organisation)
CHANGE_INSTALLATION = declare("change_installation", Office, "system_admin:pA")
covers(CHANGE_INSTALLATION, MailServer)
CHANGE_POLICY = declare("change_policy", Office, "security_admin:p2A")
DELEGATE_APPROVAL = declare("delegate_approval", Delegation, "chief:fR")
HAND_OVER_WORK = declare("hand_over_work", HandOver, "coordinator:o, prosecutor:o, clerk:o, case_management:o")
UNMASK = declare("unmask", Person, "coordinator:fRA, prosecutor:aRA, clerk:aRA, case_management:fRA, chief:fRA")
INSPECT_OFFICE = declare("inspect_office", Office, "inspector:pM")
READ_AUDIT = declare("read_audit", Act, "chief:f, audit_admin:pM")
READ_MESSAGES = declare("read_messages", Message, "coordinator:f, chief:f")
KEEP_MESSAGES = declare("keep_messages", Message, "coordinator:f")
SEE_OPERATIONS = declare("see_operations", Office, "system_admin:p, security_admin:p", stage="calendar")


KEPT_BY = {
    Role.COORDINATOR: FIELD_ROLES,
    Role.CASE_MANAGEMENT: frozenset({Role.HEARING_OFFICER}),
    Role.SQUAD_LEADER: frozenset({Role.TRAFFIC_OFFICER}),
    Role.LEGAL_AID_CONTACT: frozenset({Role.LAWYER}),
}
"""Whose memberships each keeper gives and ends (TRUST section 2, `keep_people`)."""

_assigned: dict[str, list[Clause]] = {}


def assigned_people(role: Role) -> Callable[[Clause], Clause]:
    """Register which people are assigned to somebody by his work in a role, as the parties of a prosecutor's cases:
    `(viewer, membership) -> condition on Person`. Rooms above say so for scope `a` of permissions on people."""

    def register(clause: Clause) -> Clause:
        _assigned.setdefault(role, []).append(clause)
        return clause

    return register


_at_work: list[Callable[[], ColumnElement[bool]]] = []


def has_work(people: Callable[[], ColumnElement[bool]]) -> None:
    """Register who has work though he may hold no role yet, as a condition on Person: whoever gives roles finds him."""
    _at_work.append(people)


def keeps(viewer: Viewer, role: str, office_id: int, organisation_id: int | None) -> bool:
    """Whether the viewer may give and end a membership like this one; a squad leader those of his own squad."""
    return any(
        role in KEPT_BY[Role(mine.role)]
        and mine.office_id == office_id
        and (mine.role != Role.SQUAD_LEADER or mine.organisation_id == organisation_id)
        for mine, _ in grants_of(viewer, KEEP_PEOPLE)
    )


def ends_access_of(viewer: Viewer, roles: Collection[str]) -> bool:
    """Whether the viewer may end the access of somebody with these roles: a coordinator that of field people, not of
    colleagues (TRUST section 2, the bracket of the row)."""
    only_field = {mine.role for mine, _ in grants_of(viewer, REVOKE_ACCESS)} == {Role.COORDINATOR}
    return not only_field or not set(roles) - FIELD_ROLES


def kept_roles(viewer: Viewer, office_id: int) -> list[str]:
    """The field roles the viewer may give at an office, in the order of the list of roles."""
    mine = [m for m, _ in grants_of(viewer, KEEP_PEOPLE) if m.office_id == office_id]
    return [str(role) for role in Role if any(role in KEPT_BY[Role(m.role)] for m in mine)]


@scope(Membership, "f")
def _memberships_of_my_office(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """A case manager keeps the pool only; others everybody who works with the office."""
    where = Membership.office_id == mine.office_id
    return where & (Membership.role == Role.HEARING_OFFICER) if mine.role == Role.CASE_MANAGEMENT else where


@scope(Membership, "a")
def _memberships_of_my_organisation(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """A squad leader's own squad. A legal-aid contact's lawyers: they belong to firms, the office joins them."""
    now = or_(Membership.ends_on.is_(None), Membership.ends_on >= viewer.on)
    if mine.role == Role.LEGAL_AID_CONTACT:
        return (Membership.office_id == mine.office_id) & (Membership.role == Role.LAWYER) & now
    if mine.role != Role.SQUAD_LEADER or mine.organisation_id is None:
        return false()
    return (Membership.organisation_id == mine.organisation_id) & Membership.role.in_(FIELD_ROLES) & now


@scope(Membership, "p")
def _memberships_of_the_installation(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """Administrators never see who is under assessment."""
    volunteers = select(Membership.person_id).where(Membership.role == Role.VOLUNTEER)
    return Membership.person_id.not_in(volunteers)


def same_human(person_id: int) -> Select[Any]:
    """The ids of all rows that are this human: his own, and those merged into it, whose rows may not change (I18)."""
    return select(Person.id).where(or_(Person.id == person_id, Person.merged_into_id == person_id))


def _with(memberships: ColumnElement[bool]) -> ColumnElement[bool]:
    """People by their memberships. A row merged into another is nobody any more."""
    return Person.merged_into_id.is_(None) & Person.id.in_(select(Membership.person_id).where(memberships))


@scope(Person, "f")
def _people_of_my_office(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return _with(_memberships_of_my_office(viewer, mine))


@scope(Person, "a")
def _people_assigned_to_me(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    also = [clause(viewer, mine) for clause in _assigned.get(mine.role, ())]
    return or_(_with(_memberships_of_my_organisation(viewer, mine)), *also)


@scope(Person, "o")
def _myself(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return Person.id == viewer.person.id


@scope(Person, "p")
def _people_of_the_installation(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """Whoever works somewhere or has work, or signs in by name; never who is under assessment or was, nor a mere party
    of a case."""
    volunteers = select(Membership.person_id).where(Membership.role == Role.VOLUNTEER)
    named = select(Account.person_id).where(Account.username.is_not(None))
    known = or_(Person.id.in_(select(Membership.person_id)), Person.id.in_(named), *(at_work() for at_work in _at_work))
    return Person.merged_into_id.is_(None) & known & Person.id.not_in(volunteers)


@scope(PersonSession, "o")
def _my_sessions(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return PersonSession.account_id.in_(select(Account.id).where(Account.person_id == viewer.person.id))


@scope(Act, "o")
def _acts_on_me(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return (Act.subject_table == "person") & Act.subject_id.in_(same_human(viewer.person.id))


@scope(Act, "p")
def _every_act(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """The audit administrator's: the whole installation, also what belongs to no office."""
    return true()


@scope(HandOver, "o")
def _what_i_handed_over(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return HandOver.from_person_id == viewer.person.id


def members(office_id: int, role: str, on: date, organisation_id: int | None = None) -> list[int]:
    """Ids of those who hold a role in an office on a day; of one organisation alone, where it is named."""
    held = select(Membership.person_id).where(
        Membership.office_id == office_id,
        Membership.role == role,
        Membership.starts_on <= on,
        or_(Membership.ends_on.is_(None), Membership.ends_on >= on),
    )
    if organisation_id is not None:
        held = held.where(Membership.organisation_id == organisation_id)
    return list(db.session.scalars(held.order_by(Membership.id)))
