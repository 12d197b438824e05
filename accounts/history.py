"""The acts of a person's page: what the office at work did with him, and no other office (T35)."""

from __future__ import annotations

from flask import get_template_attribute
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, or_, select

from accounts.access import Viewer, grants_of
from accounts.language import LANGUAGES
from accounts.models import (
    Account,
    Delegation,
    Department,
    Enrolment,
    HandOver,
    MailServer,
    Membership,
    Office,
    Organisation,
    Person,
    PersonSession,
    Role,
    RoleGrant,
    Setting,
)
from accounts.presenting import ZONES
from accounts.rights import SEE_PEOPLE, same_human
from accounts.searching import seen_memberships, sees_everywhere
from accounts.settings import declaration
from accounts.trail import call, hide_columns, name_columns, name_values, say
from extensions import db
from record.models import Act, Message

LATEST = 50
READS_ALL = frozenset({Role.COORDINATOR, Role.CHIEF})
ENTERING = ("person.enter", "person.correct", "person.merge")


def acts_of(person: Person, viewer: Viewer, office: Office) -> list[Act]:
    """What was done to a person, to the rows merged into him, and to the memberships the viewer may know of; newest
    first. Who sees only some memberships, does not read who opened the record, and why."""
    rows = same_human(person.id)
    held = select(Membership.id).where(Membership.person_id.in_(rows), seen_memberships(viewer, office))
    about = [and_(Act.subject_table == "membership", Act.subject_id.in_(held))]
    on_person = and_(Act.subject_table == "person", Act.subject_id.in_(rows), Act.office_id == office.id)
    if sees_everywhere(viewer):
        grants = select(RoleGrant.id).where(RoleGrant.person_id.in_(rows))
        about.append(and_(Act.subject_table == "role_grant", Act.subject_id.in_(grants)))
    elif any(m.role in READS_ALL and m.office_id == office.id for m, _ in grants_of(viewer, SEE_PEOPLE)):
        about.append(on_person)
    else:
        about.append(and_(on_person, Act.name.in_(ENTERING)))
    return list(db.session.scalars(select(Act).where(or_(*about)).order_by(Act.id.desc()).limit(LATEST)))


def _role(role: str) -> str:
    return str(get_template_attribute("accounts/_words.html", "role_word")(role)).strip()


call(Person, _l("person"))
call(Office, _l("office"))
call(Organisation, _l("organisation"))
call(Department, _l("department"))
call(MailServer, _l("mail server"), lambda row: row.host)
call(Membership, _l("membership"), lambda row: _role(row.role))
call(Message, _l("message"), lambda row: row.template)
call(RoleGrant, _l("proposal of a role"), lambda row: _role(row.role))
call(Delegation, _l("delegation"))
call(HandOver, _l("hand-over"))
call(Account, _l("account"), lambda row: row.person.name)
call(PersonSession, _l("time signed in"), lambda row: row.account.person.name)
call(Enrolment, _l("link to sign in with"), lambda row: row.person.name)
call(Setting, _l("setting"), lambda row: str(declaration(row.key).label))
say(
    {
        "office.open": _l("opened an office"),
        "office.change": _l("changed the office"),
        "backup_place.set": _l("set the place of the copies"),
        "department.enter": _l("entered a department"),
        "department.name_head": _l("said who heads a department"),
        "department.rename": _l("renamed a department"),
        "department.retire": _l("took a department out of use"),
        "department.resume": _l("took a department into use again"),
        "organisation.enter": _l("entered an organisation"),
        "organisation.rename": _l("renamed an organisation"),
        "organisation.retire": _l("ended the work with an organisation"),
        "organisation.resume": _l("took up the work with an organisation again"),
        "mail_server.set": _l("set the mail server"),
        "mail_server.switch": _l("switched mail on or off"),
        "mail_server.test": _l("asked for a test message"),
        "guide.set_aside": _l("left a first step for later"),
        "guide.name": _l("named somebody in the first steps"),
        "account.open": _l("opened an account"),
        "account.lock": _l("account locked after wrong passwords"),
        "password.set": _l("chose a password"),
        "totp.set": _l("set up the second factor"),
        "totp.end": _l("ended the second factor"),
        "totp.recovery": _l("made recovery codes"),
        "enrolment.issue": _l("issued a link"),
        "enrolment.use": _l("used a link"),
        "enrolment.cancel": _l("withdrew a link"),
        "device.enrol": _l("enrolled a device"),
        "resource.enter": _l("entered into the timeline"),
        "message.tell": _l("told somebody by phone"),
        "message.resend": _l("sent a message again"),
        "person.enter": _l("entered a person"),
        "person.correct": _l("corrected a person"),
        "membership.give": _l("gave a membership"),
        "session.open": _l("signed in"),
        "session.leave": _l("signed out"),
        "session.revoke": _l("ended sessions"),
        "session.confine": _l("handed a browser over for one purpose"),
        "session.set_free": _l("took a browser back"),
        "setting.change": _l("changed a setting"),
        "person.disclose": _l("opened the full record"),
        "person.unmask": _l("saw a full number"),
        "person.merge": _l("merged two rows of a person"),
        "person.yield": _l("merged this row into another"),
        "membership.end": _l("ended a membership"),
        "membership.transfer": _l("moved somebody to another organisation"),
        "office.mark_demo": _l("marked the office as a demonstration"),
        "role.propose": _l("proposed a change of roles"),
        "role.approve": _l("approved a change of roles"),
        "role.refuse": _l("refused a change of roles"),
        "role.withdraw": _l("took back a proposed change of roles"),
        "delegation.give": _l("delegated approvals"),
        "delegation.end": _l("ended a delegation"),
        "hand_over.give": _l("handed work over"),
        "hand_over.end": _l("took work back"),
    }
)
name_columns(
    {
        "name": _l("name"),
        "short_name": _l("short name"),
        "seal_text": _l("seal text"),
        "backup_place": _l("place of the copies"),
        "zone": _l("time zone"),
        "parent_id": _l("superior"),
        "office_id": _l("office"),
        "person_id": _l("person"),
        "organisation_id": _l("organisation"),
        "department_id": _l("department"),
        "head_id": _l("head of the department"),
        "resource_id": _l("who or what"),
        "event_id": _l("event"),
        "starts_at": _l("begins"),
        "ends_at": _l("ends"),
        "starts_on": _l("from"),
        "ends_on": _l("until"),
        "changed_at": _l("changed"),
        "role": _l("role"),
        "state": _l("state"),
        "status": _l("status"),
        "title": _l("title"),
        "kind": _l("kind"),
        "active": _l("in use"),
        "seats": _l("seats"),
        "is_hearing_room": _l("hearing room"),
        "phone": _l("phone"),
        "id_number": _l("ID number"),
        "email": _l("e-mail"),
        "language": _l("language"),
        "host": _l("host"),
        "port": _l("port"),
        "security": _l("encryption"),
        "username": _l("user"),
        "password": _l("password"),
        "sender": _l("sender"),
        "why": _l("why"),
        "reason": _l("reason"),
        "pinyin": _l("pinyin"),
        "initials": _l("initials"),
        "sex": _l("sex"),
        "birth_on": _l("date of birth"),
        "leader": _l("belongs to the leadership"),
        "number": _l("number"),
        "merged_into_id": _l("merged into"),
        "change": _l("change"),
        "membership_id": _l("membership"),
        "proposed_by_id": _l("proposed by"),
        "proposed_at": _l("proposed"),
        "decided_by_id": _l("decided by"),
        "decided_at": _l("decided"),
        "from_person_id": _l("from whom"),
        "to_person_id": _l("to whom"),
        "ended_at": _l("ended"),
        "key": _l("setting"),
        "value": _l("value"),
        "citation": _l("article"),
        "effective_from": _l("in force from"),
        "set_by_id": _l("set by"),
        "issued_at": _l("issued"),
        "issued_by_id": _l("issued by"),
        "expires_at": _l("valid until"),
        "used_at": _l("used"),
        "cancelled_at": _l("cancelled"),
        "is_demo": _l("demonstration office"),
    }
)
hide_columns("setting.key", "person.id_hash", "person.phone_hash", "person.phone_tail_hash", "enrolment.token_hash")
name_values(
    {
        "office.zone": ZONES,
        "mail_server.security": {"starttls": "STARTTLS", "tls": "TLS", "none": _l("none")},
        "organisation.kind": {"squad": _l("squad"), "law_firm": _l("law firm"), "legal_aid_body": _l("legal-aid body")},
        "person.language": LANGUAGES,
        "person.sex": {"male": _l("male"), "female": _l("female")},
        "role_grant.change": {"give": _l("give"), "end": _l("end")},
    }
)
