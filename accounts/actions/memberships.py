"""Memberships: giving, ending and changing them; staff roles are proposed by one person and approved by another."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from accounts.access import Viewer, grants_of
from accounts.actions.people import check_administrators, give_membership, memberships_from
from accounts.actions.revocation import end_further_ways
from accounts.models import (
    FIELD_ROLES,
    ORGANISATION_ROLES,
    ROLE_GRANT,
    Membership,
    Office,
    Organisation,
    OrganisationKind,
    Person,
    Role,
    RoleChange,
    RoleGrant,
)
from accounts.rights import APPROVE_ROLE
from errors import Refusal
from extensions import db
from record.act import act

HOMES = {
    Role.TRAFFIC_OFFICER: (OrganisationKind.SQUAD,),
    Role.SQUAD_LEADER: (OrganisationKind.SQUAD,),
    Role.LAWYER: (OrganisationKind.LAW_FIRM, OrganisationKind.LEGAL_AID_BODY),
    Role.LEGAL_AID_CONTACT: (OrganisationKind.LEGAL_AID_BODY,),
}
"""Which kind of organisation somebody in a role belongs to."""


class OrganisationNeeded(Refusal):
    code = "organisation_needed"
    status = 422
    message = "This role belongs to an organisation of another kind, or none was chosen."
    help = "Traffic officers and squad leaders belong to a squad, lawyers to a firm, contacts to the legal-aid body."


class InRoleAlready(Refusal):
    code = "in_role_already"
    message = "This person already has this role in the office."
    help = "Look at the roles on his page; the organisation can be changed there."


class NotForOneself(Refusal):
    code = "not_for_oneself"
    status = 403
    message = "Nobody gives himself a role, ends or approves one of his own."
    help = "Ask somebody else who keeps the roles."


class EndsBeforeItStarts(Refusal):
    code = "ends_before_it_starts"
    status = 422
    message = "The role began on %(starts_on)s; it cannot end before."
    help = "Choose that day or a later one."


class EndedAlready(Refusal):
    code = "ended_already"
    message = "This role has already ended."
    help = "Reload the page; somebody may have been faster."


class SecondPersonNeeded(Refusal):
    code = "second_person_needed"
    status = 403
    message = "Whoever proposes a role does not approve it."
    help = "Another security administrator decides; where there is only one, the chief of the office."
    source = "TRUST 2"


class NotTheChiefsToDecide(Refusal):
    code = "not_the_chiefs_to_decide"
    status = 403
    message = "There is another security administrator, who decides."
    help = "The chief decides where there is none besides whoever proposed it."
    source = "TRUST 2"


class ProposedAlready(Refusal):
    code = "proposed_already"
    message = "This is already proposed and waits for its second person."
    help = "Look at the list of roles that wait."


def local_day(office: Office, at: datetime) -> date:
    """The day it is at an office."""
    return at.astimezone(ZoneInfo(office.zone)).date()


def appoint(
    person: Person,
    office: Office,
    role: str,
    *,
    starts_on: date,
    by: Person | None,
    at: datetime,
    organisation: Organisation | None = None,
    number: str = "",
    leader: bool = False,
    reason: str = "",
) -> Membership:
    """Give somebody a role; `by` None is the program, as in the first-run guide. Who may is judged before.

    Raises: OrganisationNeeded, InRoleAlready, AdministratorsApart, NotForOneself.
    """
    check_home(role, office, organisation)
    if by is not None and by.id == person.id:
        raise NotForOneself()
    if any(m.role == role and m.office_id == office.id for m in memberships_from(person, starts_on)):
        raise InRoleAlready()
    return give_membership(
        person,
        office,
        role,
        starts_on=starts_on,
        by=by,
        at=at,
        organisation=organisation if role in ORGANISATION_ROLES else None,
        number=number,
        leader=leader,
        reason=reason,
    )


def check_home(role: str, office: Office, organisation: Organisation | None) -> None:
    """Raises: OrganisationNeeded where a role of an organisation lacks one of the office's and of its kind."""
    kinds = HOMES.get(Role(role))
    if kinds is None:
        return
    if organisation is None or organisation.kind not in kinds or organisation.office_id != office.id:
        raise OrganisationNeeded()


def end_membership(membership: Membership, ends_on: date, by: Person | None, at: datetime, reason: str) -> None:
    """End a membership; `ends_on` is its last day. Once that has come, what opens his things from the office without a
    sign-in ends with it.

    Raises: EndsBeforeItStarts, EndedAlready, NotForOneself.
    """
    if by is not None and by.id == membership.person_id:
        raise NotForOneself()
    if ends_on < membership.starts_on:
        raise EndsBeforeItStarts(starts_on=membership.starts_on)
    today = local_day(membership.office, at)
    if membership.ends_on is not None and membership.ends_on < today:
        raise EndedAlready()
    with act("membership.end", membership, by=by, at=at, reason=reason):
        membership.ends_on = ends_on
        if ends_on <= today:
            end_further_ways(membership.person, by, at, reason, office=membership.office)


def change_organisation(
    membership: Membership, organisation: Organisation, starts_on: date, *, by: Person, at: datetime, reason: str = ""
) -> Membership:
    """Move somebody to another organisation from a day on: the old membership ends the day before, a new one begins.

    Raises: OrganisationNeeded, EndsBeforeItStarts, EndedAlready, NotForOneself.
    """
    check_home(membership.role, membership.office, organisation)
    if by.id == membership.person_id:
        raise NotForOneself()
    if starts_on < membership.starts_on:
        raise EndsBeforeItStarts(starts_on=membership.starts_on)
    if membership.ends_on is not None and membership.ends_on < starts_on:
        raise EndedAlready()
    if starts_on == membership.starts_on:
        with act("membership.transfer", membership, by=by, at=at, reason=reason):
            membership.organisation_id = organisation.id
        return membership
    ended = membership.ends_on
    with act("membership.transfer", membership, by=by, at=at, reason=reason):
        membership.ends_on = starts_on - timedelta(days=1)
        db.session.flush()
        moved = give_membership(
            membership.person,
            membership.office,
            membership.role,
            starts_on=starts_on,
            by=by,
            at=at,
            organisation=organisation,
            number=membership.number,
            leader=membership.leader,
        )
        moved.ends_on = ended
    return moved


def propose_role(
    person: Person,
    office: Office,
    role: str,
    *,
    starts_on: date,
    by: Person,
    at: datetime,
    reason: str,
    organisation: Organisation | None = None,
    leader: bool = False,
) -> RoleGrant:
    """Propose a staff role for somebody; it holds once a second person approves it.

    Raises: NotForOneself, OrganisationNeeded, AdministratorsApart, InRoleAlready, ProposedAlready.
    """
    check_home(role, office, organisation)
    check_administrators(person, role, starts_on)
    if any(m.role == role and m.office_id == office.id for m in memberships_from(person, starts_on)):
        raise InRoleAlready()
    grant = RoleGrant(
        person_id=person.id,
        office_id=office.id,
        organisation_id=organisation.id if organisation and role in ORGANISATION_ROLES else None,
        role=role,
        change=RoleChange.GIVE,
        leader=leader,
        starts_on=starts_on,
    )
    return _propose(grant, by, at, reason)


def propose_end(membership: Membership, ends_on: date, by: Person, at: datetime, reason: str) -> RoleGrant:
    """Propose to end a staff role. Raises: NotForOneself, EndsBeforeItStarts, ProposedAlready."""
    if ends_on < membership.starts_on:
        raise EndsBeforeItStarts(starts_on=membership.starts_on)
    grant = RoleGrant(
        person_id=membership.person_id,
        office_id=membership.office_id,
        organisation_id=membership.organisation_id,
        role=membership.role,
        change=RoleChange.END,
        starts_on=ends_on,
        membership_id=membership.id,
    )
    return _propose(grant, by, at, reason)


def _propose(grant: RoleGrant, by: Person, at: datetime, reason: str) -> RoleGrant:
    if grant.person_id == by.id:
        raise NotForOneself()
    if grant.role in FIELD_ROLES:
        raise ValueError("a field role is given by its keeper, without a second person")
    same = {"person_id": grant.person_id, "office_id": grant.office_id, "role": grant.role, "change": grant.change}
    if db.session.scalar(select(RoleGrant.id).filter_by(**same, state="proposed")) is not None:
        raise ProposedAlready()
    grant.proposed_by_id, grant.proposed_at, grant.reason = by.id, at, reason
    with act("role.propose", grant, by=by, at=at, reason=reason, role=grant.role, change=grant.change):
        db.session.add(grant)
    return grant


def approve_role(grant: RoleGrant, by: Person, at: datetime, reason: str = "") -> Membership:
    """Decide that a proposed role is given or ended; it is, in the same act. Returns the membership.

    Raises: SecondPersonNeeded, NotForOneself, NotTheChiefsToDecide, OffCourse, AdministratorsApart, InRoleAlready.
    """
    _check_second_person(grant, by, at)
    with act("role.approve", grant, by=by, at=at, reason=reason, role=grant.role, change=grant.change):
        ROLE_GRANT.step("approve", grant, decided_by_id=by.id, decided_at=at)
        if grant.change == RoleChange.END:
            membership = db.session.get_one(Membership, grant.membership_id)
            end_membership(membership, grant.starts_on, by, at, grant.reason)
            return membership
        membership = appoint(
            grant.person,
            grant.office,
            grant.role,
            starts_on=grant.starts_on,
            by=by,
            at=at,
            organisation=grant.organisation,
            leader=grant.leader,
            reason=grant.reason,
        )
        grant.membership_id = membership.id
    return membership


def refuse_role(grant: RoleGrant, by: Person, at: datetime, reason: str) -> None:
    """Decide that a proposed role is not given or ended. Raises: as `approve_role`."""
    _check_second_person(grant, by, at)
    with act("role.refuse", grant, by=by, at=at, reason=reason, role=grant.role, change=grant.change):
        ROLE_GRANT.step("refuse", grant, decided_by_id=by.id, decided_at=at)


def withdraw_role(grant: RoleGrant, by: Person, at: datetime, reason: str = "") -> None:
    """Take back a proposal nobody has decided. Raises: NotForOneself where another made it, OffCourse."""
    if by.id != grant.proposed_by_id:
        raise SecondPersonNeeded()
    with act("role.withdraw", grant, by=by, at=at, reason=reason, role=grant.role, change=grant.change):
        ROLE_GRANT.step("withdraw", grant)


def may_decide(grant: RoleGrant, by: Person, at: datetime) -> bool:
    """Whether somebody is the second person for a proposal, of those who see it."""
    try:
        _check_second_person(grant, by, at)
    except Refusal:
        return False
    return True


def _check_second_person(grant: RoleGrant, by: Person, at: datetime) -> None:
    if by.id == grant.proposed_by_id:
        raise SecondPersonNeeded()
    if by.id == grant.person_id:
        raise NotForOneself()
    viewer = Viewer(by, local_day(grant.office, at))
    roles = {m.role for m, _ in grants_of(viewer, APPROVE_ROLE)}
    others = security_administrators(viewer.on) - {grant.proposed_by_id, grant.person_id}
    if Role.SECURITY_ADMIN not in roles and others:
        raise NotTheChiefsToDecide()


def security_administrators(on: date) -> set[int]:
    """The ids of the installation's security administrators on a day."""
    valid = or_(Membership.ends_on.is_(None), Membership.ends_on >= on) & (Membership.starts_on <= on)
    query = select(Membership.person_id).where(valid, Membership.role == Role.SECURITY_ADMIN)
    return set(db.session.scalars(query))
