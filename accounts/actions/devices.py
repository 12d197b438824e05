"""Enrolling a field person's device by a one-use link, and what its PIN opens (TRUST T31, T32, section 7)."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select, update

from accounts.actions.sessions import open_session, token_hash
from accounts.models import (
    FIELD_ROLES,
    Account,
    Enrolment,
    Membership,
    Office,
    Person,
    PersonSession,
    Role,
    SessionKind,
)
from accounts.rules.limits import LIMITS, Limits
from errors import Refusal
from extensions import db
from record.act import act


class StaffEnrolsNoDevice(Refusal):
    code = "staff_enrols_no_device"
    message = "Whoever has a staff role signs in with name and password, whatever other role he has."
    help = "Use the sign-in page, or end the staff role first."
    source = "TRUST T31"


class NotInThisRole(Refusal):
    code = "not_in_this_role"
    message = "This person does not have this role at the office today."
    help = "Give the role first, or choose the one the person has."


class LinkUnknown(Refusal):
    code = "link_unknown"
    status = 404
    message = "This link leads nowhere."
    help = "Check that all of it was copied, or ask for a new one."


class LinkGone(Refusal):
    """A link that was good once (410)."""

    status = 410


class LinkUsed(LinkGone):
    code = "link_used"
    message = "This link was already used on %(at)s. A link works once."
    help = "If that was not you, tell your coordinator at once. Otherwise ask for a new link for another device."


class LinkExpired(LinkGone):
    code = "link_expired"
    message = "This link ran out on %(at)s."
    help = "Ask for a new one."


class LinkCancelled(LinkGone):
    code = "link_cancelled"
    message = "This link was withdrawn on %(at)s."
    help = "Use the newer one if you were given one, or ask for another."


class LinkOutOfPlace(LinkGone):
    code = "link_out_of_place"
    message = "This link was made for a role that the person does not have any more."
    help = "Ask for a new one."


def local_day(office: Office, at: datetime) -> date:
    return at.astimezone(ZoneInfo(office.zone)).date()


def roles_of(person: Person, on: date, office: Office | None = None) -> set[str]:
    """The roles a person has on a day, everywhere or at one office."""
    query = select(Membership.role).where(
        Membership.person_id == person.id,
        Membership.starts_on <= on,
        or_(Membership.ends_on.is_(None), Membership.ends_on >= on),
    )
    if office is not None:
        query = query.where(Membership.office_id == office.id)
    return set(db.session.scalars(query))


def check_field_role(person: Person, role: str, office: Office, on: date) -> None:
    """Raises: StaffEnrolsNoDevice, NotInThisRole."""
    if roles_of(person, on) - FIELD_ROLES or role not in FIELD_ROLES:
        raise StaffEnrolsNoDevice()
    if role not in roles_of(person, on, office):
        raise NotInThisRole()


def issue_enrolment(
    person: Person, role: str, office: Office, by: Person, at: datetime, *, limits: Limits = LIMITS
) -> str:
    """Issue a link that enrols one device of a person in one role; an earlier one still open is withdrawn.

    Returns the link's secret, which is kept nowhere. Raises: StaffEnrolsNoDevice, NotInThisRole.
    """
    check_field_role(person, role, office, local_day(office, at))
    return issue_link(person, role, office, by, at, limits=limits)


def issue_link(
    person: Person, role: str, office: Office, by: Person | None, at: datetime, *, limits: Limits = LIMITS
) -> str:
    """Issue a one-use link bound to a person and a role ("" to choose a password). Returns its secret."""
    token = secrets.token_urlsafe(32)
    link = Enrolment(
        person_id=person.id,
        office_id=office.id,
        role=role,
        token_hash=token_hash(token),
        issued_by_id=by.id if by else None,
        issued_at=at,
        expires_at=at + limits.link,
    )
    with act("enrolment.issue", person, by=by, at=at, role=role, at_office=office.id):
        for earlier in open_links(person, at):
            if earlier.role == role:
                cancel_enrolment(earlier, by, at)
        db.session.add(link)
    return token


def cancel_enrolment(link: Enrolment, by: Person | None, at: datetime) -> None:
    """Withdraw a link nobody has used."""
    with act("enrolment.cancel", link.person, by=by, at=at, role=link.role, at_office=link.office_id) as doing:
        where = (Enrolment.id == link.id, Enrolment.used_at.is_(None), Enrolment.cancelled_at.is_(None))
        withdrawn = update(Enrolment).where(*where).values(cancelled_at=at).returning(Enrolment.id)
        if db.session.scalar(withdrawn) is not None:
            doing.note(link, "cancelled_at", None, at)
        db.session.refresh(link)


def open_links(person: Person, at: datetime) -> list[Enrolment]:
    """Links of a person that somebody could still use, newest first."""
    query = select(Enrolment).where(
        Enrolment.person_id == person.id,
        Enrolment.used_at.is_(None),
        Enrolment.cancelled_at.is_(None),
        Enrolment.expires_at > at,
    )
    return list(db.session.scalars(query.order_by(Enrolment.id.desc())))


def link_of(token: str, at: datetime) -> Enrolment:
    """The open link of a secret. Raises: LinkUnknown, LinkUsed, LinkCancelled, LinkExpired, LinkOutOfPlace."""
    link = db.session.scalar(select(Enrolment).where(Enrolment.token_hash == token_hash(token)))
    if link is None:
        raise LinkUnknown()
    if link.used_at is not None:
        raise LinkUsed(at=link.used_at)
    if link.cancelled_at is not None:
        raise LinkCancelled(at=link.cancelled_at)
    if at >= link.expires_at:
        raise LinkExpired(at=link.expires_at)
    if link.role:
        try:
            check_field_role(link.person, link.role, link.office, local_day(link.office, at))
        except NotInThisRole:
            raise LinkOutOfPlace() from None
    return link


def use_link(link: Enrolment, at: datetime) -> None:
    """Use a link up; of two who press at once one is too late. Raises: LinkUsed. Within an act."""
    where = (Enrolment.id == link.id, Enrolment.used_at.is_(None), Enrolment.cancelled_at.is_(None))
    used = db.session.scalar(update(Enrolment).where(*where).values(used_at=at).returning(Enrolment.id))
    db.session.refresh(link)
    if used is None:
        raise LinkUsed(at=link.used_at or link.cancelled_at or at)


def enrol_device(
    link: Enrolment,
    account: Account,
    pin_hash: str,
    at: datetime,
    *,
    device: str = "",
    network: str = "",
    limits: Limits = LIMITS,
) -> PersonSession:
    """Make the browser at hand the device of whom the link is for. Raises: LinkUsed."""
    person = link.person
    with act(
        "device.enrol", person, by=person, at=at, role=link.role, device=device, at_office=link.office_id
    ) as doing:
        use_link(link, at)
        doing.note(link, "used_at", None, at)
        return open_session(
            account,
            SessionKind.FIELD,
            at=at,
            device=device,
            network=network,
            enrolment=link,
            pin_hash=pin_hash,
            limits=limits,
        )


def opens(role: str) -> frozenset[str]:
    """The roles a device enrolled for one role opens: that one; a squad leader also stands at posts."""
    also = {Role.TRAFFIC_OFFICER} if role == Role.SQUAD_LEADER else set()
    return frozenset({role, *also})


def claim_try(device: PersonSession, limits: Limits = LIMITS) -> bool:
    """Count a try of the PIN before it is judged, so that tries side by side cannot be more.

    Returns whether one was left.
    """
    where = (
        PersonSession.id == device.id,
        PersonSession.revoked_at.is_(None),
        PersonSession.pin_failures < limits.pin_tries,
    )
    counted = update(PersonSession).where(*where).values(pin_failures=PersonSession.pin_failures + 1)
    return db.session.scalar(counted.returning(PersonSession.id)) is not None


def give_up_device(device: PersonSession, at: datetime) -> None:
    """End a device whose PIN was wrong too often: it must be enrolled anew (T32)."""
    person = device.account.person
    with act("session.revoke", person, by=None, at=at, device=device.device, cause="pin"):
        device.revoked_at = at
