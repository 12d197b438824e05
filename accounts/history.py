"""The acts of a person's page: what the office at work did with him, and no other office (T35)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, or_, select

from accounts.access import Viewer, grants_of
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
from accounts.rights import SEE_PEOPLE, same_human
from accounts.searching import seen_memberships, sees_everywhere
from accounts.trail import call, hide_columns, name_columns, say
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


call(Person, _l("person"))
call(Office, _l("office"))
call(Organisation, _l("organisation"))
call(Department, _l("department"))
call(MailServer, _l("mail server"), lambda row: row.host)
call(Membership, _l("membership"), lambda row: row.role)
call(Message, _l("message"), lambda row: row.template)
call(RoleGrant, _l("proposal of a role"), lambda row: row.role)
call(Delegation, _l("delegation"))
call(HandOver, _l("hand-over"))
call(Account, _l("account"), lambda row: row.person.name)
call(PersonSession, _l("time signed in"), lambda row: row.account.person.name)
call(Enrolment, _l("link to sign in with"), lambda row: row.person.name)
call(Setting, _l("setting"), lambda row: row.key)
say(
    {
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
hide_columns("person.id_hash", "person.phone_hash", "person.phone_tail_hash", "enrolment.token_hash")
