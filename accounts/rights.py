"""The permissions of accounts and record (TRUST section 2; those of record stand here, it has no pages)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from accounts.access import Viewer, declare, scope
from accounts.models import (
    FIELD_ROLES,
    Account,
    HandOver,
    Membership,
    Office,
    Person,
    PersonSession,
    Role,
)
from record.models import Act, Message

SEE_OWN_PROFILE = declare("see_own_profile", Person, "everyone:o")
SEE_ACCESSES_TO_ME = declare("see_accesses_to_me", Act, "everyone:o")
MANAGE_OWN_DEVICES = declare("manage_own_devices", PersonSession, "everyone:o")
KEEP_PEOPLE = declare("keep_people", Person, "coordinator:f, case_management:f, squad_leader:a, legal_aid_contact:a")
ENROL_DEVICE = declare("enrol_device", Person, "coordinator:f, squad_leader:a, legal_aid_contact:a")
REVOKE_ACCESS = declare(
    "revoke_access", Person, "coordinator:f, chief:f, squad_leader:a, legal_aid_contact:a, security_admin:pA"
)
CREATE_ACCOUNT = declare("create_account", Person, "system_admin:p")
GRANT_ROLE = declare("grant_role", Person, "security_admin:p2A")
CHANGE_SETTINGS = declare("change_settings", Office, "coordinator:fR, chief:fR")
CHANGE_INSTALLATION = declare("change_installation", Office, "system_admin:pA")
CHANGE_POLICY = declare("change_policy", Office, "security_admin:p2A")
DELEGATE_APPROVAL = declare("delegate_approval", Office, "chief:fR")
HAND_OVER_WORK = declare("hand_over_work", HandOver, "coordinator:o, prosecutor:o, clerk:o, case_management:o")
UNMASK = declare("unmask", Person, "coordinator:fRA, prosecutor:aRA, clerk:aRA, case_management:fRA, chief:fRA")
INSPECT_OFFICE = declare("inspect_office", Office, "inspector:pM")
READ_AUDIT = declare("read_audit", Act, "chief:f, audit_admin:pM")
READ_MESSAGES = declare("read_messages", Message, "coordinator:f, chief:f")
SEE_OPERATIONS = declare("see_operations", Office, "system_admin:p, security_admin:p", stage="calendar")


def _member_of(office_id: int, roles: frozenset[Role] | None = None) -> ColumnElement[bool]:
    where = Membership.office_id == office_id
    if roles is not None:
        where &= Membership.role.in_(roles)
    return Person.id.in_(select(Membership.person_id).where(where))


@scope(Person, "f")
def _people_of_my_office(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """A case manager keeps the pool only; others everybody who works with the office."""
    pool = frozenset({Role.HEARING_OFFICER})
    return _member_of(mine.office_id, pool if mine.role == Role.CASE_MANAGEMENT else None)


@scope(Person, "a")
def _people_of_my_organisation(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """A squad leader's own squad. A legal-aid contact's lawyers: they belong to firms, the office joins them."""
    if mine.role == Role.LEGAL_AID_CONTACT:
        return _member_of(mine.office_id, frozenset({Role.LAWYER}))
    if mine.organisation_id is None:
        return Person.id.is_(None)
    same = Membership.organisation_id == mine.organisation_id
    return Person.id.in_(select(Membership.person_id).where(same, Membership.role.in_(FIELD_ROLES)))


@scope(Person, "o")
def _myself(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return Person.id == viewer.person.id


@scope(Person, "p")
def _people_of_the_installation(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """Administrators never see who is under assessment."""
    return Person.id.not_in(select(Membership.person_id).where(Membership.role == Role.VOLUNTEER))


@scope(PersonSession, "o")
def _my_sessions(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return PersonSession.account_id.in_(select(Account.id).where(Account.person_id == viewer.person.id))


@scope(Act, "o")
def _acts_on_me(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return (Act.subject_table == "person") & (Act.subject_id == viewer.person.id)


@scope(HandOver, "o")
def _what_i_handed_over(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return HandOver.from_person_id == viewer.person.id
