"""Offices, organisations, people, memberships, how they sign in, and the office's settings."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any

from flask_security import AsaList, UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text, true
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from extensions import BY_SYLLABLE, Model, Row
from record import guards
from record.course import Course, Step
from record.models import Audited, one_of
from record.sealed import Sealed


class Role(enum.StrEnum):
    """The seventeen roles (DOMAIN 8.0, TRUST section 2)."""

    COORDINATOR = "coordinator"
    PROSECUTOR = "prosecutor"
    CHIEF = "chief"
    DEPUTY_CHIEF = "deputy_chief"
    CASE_MANAGEMENT = "case_management"
    CLERK = "clerk"
    RECEPTIONIST = "receptionist"
    INSPECTOR = "inspector"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"
    TRAFFIC_OFFICER = "traffic_officer"
    SQUAD_LEADER = "squad_leader"
    LAWYER = "lawyer"
    LEGAL_AID_CONTACT = "legal_aid_contact"
    VOLUNTEER = "volunteer"
    HEARING_OFFICER = "hearing_officer"


FIELD_ROLES = frozenset({Role.TRAFFIC_OFFICER, Role.SQUAD_LEADER, Role.LAWYER, Role.VOLUNTEER, Role.HEARING_OFFICER})
ORGANISATION_ROLES = frozenset({Role.TRAFFIC_OFFICER, Role.SQUAD_LEADER, Role.LAWYER, Role.LEGAL_AID_CONTACT})
ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
_ONE = text(f"ends_on IS NULL AND role IN {tuple(str(role) for role in ADMINISTRATORS)}")


class Office(Audited, Model):
    """A procuratorate, in a tree of superiors. `backup_place` is where its copies go: a folder of the machine."""

    __tablename__ = "office"

    name: Mapped[str] = mapped_column(unique=True)
    short_name: Mapped[str] = mapped_column(default="")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"), index=True)
    zone: Mapped[str] = mapped_column(default="Asia/Shanghai")
    seal_text: Mapped[str] = mapped_column(default="")
    backup_place: Mapped[str] = mapped_column(default="", server_default="")
    is_demo: Mapped[bool] = mapped_column(default=False, server_default=false())

    parent: Mapped[Office | None] = relationship(remote_side="Office.id")
    __table_args__ = (CheckConstraint("parent_id <> id", name="not_its_own_superior"),)


class Department(Audited, Model):
    """An internal unit of an office; one that is no longer in use stays for what was done in it. `head` chairs the
    hearings of the cases he handles himself (H-27)."""

    __tablename__ = "department"
    __table_args__ = (UniqueConstraint("office_id", "name"),)

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    name: Mapped[str]
    head_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True, server_default=true())

    head: Mapped[Person | None] = relationship()


class OrganisationKind(enum.StrEnum):
    SQUAD = "squad"
    LAW_FIRM = "law_firm"
    LEGAL_AID_BODY = "legal_aid_body"


class Organisation(Audited, Model):
    """A squad, law firm or legal-aid body that works for an office."""

    __tablename__ = "organisation"
    __table_args__ = (UniqueConstraint("office_id", "kind", "name"), one_of("kind", OrganisationKind))

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    kind: Mapped[str]
    name: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True, server_default=true())

    office: Mapped[Office] = relationship()


class MailSecurity(enum.StrEnum):
    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class MailServer(Audited, Model):
    """How an office's messages leave by mail; an office without a row, or with it switched off, sends none."""

    __tablename__ = "mail_server"
    __table_args__ = (one_of("security", MailSecurity), CheckConstraint("port BETWEEN 1 AND 65535", name="port_exists"))

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), unique=True)
    host: Mapped[str]
    port: Mapped[int]
    security: Mapped[str] = mapped_column(default=MailSecurity.STARTTLS)
    username: Mapped[str] = mapped_column(default="")
    password: Mapped[str | None] = mapped_column(Sealed(), info={"sealed": True})
    sender: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True, server_default=true())

    office: Mapped[Office] = relationship()


class Person(Audited, Model):
    """One human, one row, whatever office he works with. `merged_into` marks a row that was another's double."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("merged_into_id <> id", name="not_merged_into_itself"),)

    name: Mapped[str] = mapped_column(index=True)
    pinyin: Mapped[str] = mapped_column(BY_SYLLABLE, default="", index=True)
    initials: Mapped[str] = mapped_column(default="", index=True)
    sex: Mapped[str | None]
    birth_on: Mapped[date | None] = mapped_column(info={"sealed": True})
    phone: Mapped[str | None] = mapped_column(Sealed(), info={"sealed": True})
    phone_hash: Mapped[str | None] = mapped_column(index=True, info={"sealed": True})
    phone_tail_hash: Mapped[str | None] = mapped_column(index=True, info={"sealed": True})
    id_number: Mapped[str | None] = mapped_column(Sealed(), info={"sealed": True})
    id_hash: Mapped[str | None] = mapped_column(unique=True, info={"sealed": True})
    email: Mapped[str | None] = mapped_column(Sealed(), info={"sealed": True})
    language: Mapped[str] = mapped_column(default="zh_Hans_CN")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)

    memberships: Mapped[list[Membership]] = relationship(back_populates="person", order_by="Membership.id")
    account: Mapped[Account | None] = relationship(back_populates="person", uselist=False)


class Membership(Audited, Model):
    """Who works where in which role, from when, till when. `leader`: belongs to the leadership (院领导)."""

    __tablename__ = "membership"
    __table_args__ = (
        one_of("role", Role),
        CheckConstraint("ends_on IS NULL OR starts_on <= ends_on", name="starts_before_it_ends"),
        Index("uq_membership_one_administrator", "person_id", unique=True, sqlite_where=_ONE, postgresql_where=_ONE),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    role: Mapped[str]
    number: Mapped[str] = mapped_column(default="")
    leader: Mapped[bool] = mapped_column(default=False, server_default=false())
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]

    person: Mapped[Person] = relationship(back_populates="memberships")
    office: Mapped[Office] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    department: Mapped[Department | None] = relationship()


class Account(Row, UserMixin, Model):
    """How a person signs in. Field people have one without a password: their devices are enrolled.

    `failures` counts wrong passwords and codes; `totp_last_counter` is the last code's time step: none is taken twice.
    Recovery codes are keyed hashes; `earlier_passwords` (hashes) are kept only where graded protection asks for them.
    """

    __tablename__ = "account"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    username: Mapped[str | None] = mapped_column(unique=True)
    password: Mapped[str | None]
    password_set_at: Mapped[datetime | None]
    earlier_passwords: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    must_change_password: Mapped[bool] = mapped_column(default=False, server_default=false())
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    fs_uniquifier: Mapped[str] = mapped_column(unique=True)
    tf_primary_method: Mapped[str | None]
    tf_totp_secret: Mapped[str | None]
    totp_last_counter: Mapped[int | None]
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]

    person: Mapped[Person] = relationship(back_populates="account")
    roles: Any = ()

    def calc_username(self) -> str:
        """What an authenticator app calls this account."""
        return self.username or self.person.name

    def check_tf_required(self, methods: list[Any], fresh: bool) -> tuple[bool, list[Any]]:
        """Whether a code is asked after the password: where he set it up, and wherever his offices want it."""
        return bool(methods) or self.check_tf_required_setup(), methods

    def check_tf_required_setup(self) -> bool:
        from accounts.limiting import second_factor_wanted  # the setting is read above the models
        from accounts.web import today

        return second_factor_wanted(self.person, today())


class SessionKind(enum.StrEnum):
    STAFF = "staff"
    FIELD = "field"


class PersonSession(Row, Model):
    """A browser with somebody signed in; for field people the enrolled device, with its PIN. `fresh_at`: when he proved
    who he is. `role`: the one a device opens (T31). `staff_roles`: others than these end it (T23). `confined_to`: the
    one blueprint that it opens, if any. `browser`: the same in all sessions of one browser, whoever's (T32)."""

    __tablename__ = "person_session"
    __table_args__ = (one_of("kind", SessionKind),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[str]
    role: Mapped[str] = mapped_column(default="", server_default="")
    staff_roles: Mapped[str | None]
    idle_minutes: Mapped[int | None]
    enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolment.id"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    device: Mapped[str] = mapped_column(default="")
    browser: Mapped[str] = mapped_column(default="", server_default="", index=True)
    network: Mapped[str] = mapped_column(default="")
    opened_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    fresh_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    pin_hash: Mapped[str | None]
    pin_length: Mapped[int] = mapped_column(default=6, server_default="6")
    pin_failures: Mapped[int] = mapped_column(default=0)
    confined_to: Mapped[str] = mapped_column(default="", server_default="")

    account: Mapped[Account] = relationship()


class Enrolment(Audited, Model):
    """A one-use link: it enrols one device of one person in one role; with role "" a password is chosen (T31)."""

    __tablename__ = "enrolment"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    role: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True, info={"sealed": True})
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(foreign_keys=person_id)
    issued_by: Mapped[Person | None] = relationship(foreign_keys=issued_by_id)
    office: Mapped[Office] = relationship()


class Setting(Audited, Model):
    """One value of DOMAIN 9.2 in one office from a day on. Append-only: a new value is a new row (I49)."""

    __tablename__ = "setting"
    __table_args__ = (Index("ix_setting_in_force", "office_id", "key", "effective_from"),)

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    key: Mapped[str]
    value: Mapped[dict[str, Any]]
    effective_from: Mapped[date]
    citation: Mapped[str] = mapped_column(default="")
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


guards.append_only("setting")


class Delegation(Audited, Model):
    """A dated delegation of approvals by the chief to a deputy chief (H-02)."""

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="starts_before_it_ends"),
        CheckConstraint("from_person_id <> to_person_id", name="two_people"),
    )

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    from_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    to_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    ended_at: Mapped[datetime | None]

    from_person: Mapped[Person] = relationship(foreign_keys=from_person_id)
    to_person: Mapped[Person] = relationship(foreign_keys=to_person_id)


class HandOver(Audited, Model):
    """Somebody's own open work given to a colleague till a date."""

    __tablename__ = "hand_over"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="starts_before_it_ends"),
        CheckConstraint("from_person_id <> to_person_id", name="two_people"),
    )

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    role: Mapped[str]
    from_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    to_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    ended_at: Mapped[datetime | None]

    from_person: Mapped[Person] = relationship(foreign_keys=from_person_id)
    to_person: Mapped[Person] = relationship(foreign_keys=to_person_id)


class RoleChange(enum.StrEnum):
    GIVE = "give"
    END = "end"


class RoleGrantState(enum.StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class RoleGrant(Audited, Model):
    """A staff role that a security administrator wants given or ended; a second person decides (TRUST 2, mark 2).

    To end names its membership; to give fills it when approved. `starts_on`: first day of the one, last of the other.
    """

    __tablename__ = "role_grant"
    __table_args__ = (
        one_of("role", Role),
        one_of("change", RoleChange),
        one_of("state", RoleGrantState),
        CheckConstraint("decided_by_id <> proposed_by_id", name="two_people"),
        CheckConstraint("person_id <> proposed_by_id", name="not_for_oneself"),
        CheckConstraint("state = 'withdrawn' OR decided_by_id <> person_id", name="not_decided_by_oneself"),
        CheckConstraint("(state IN ('proposed', 'withdrawn')) = (decided_by_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("change = 'give' OR membership_id IS NOT NULL", name="ends_what_stands"),
        Index(
            "uq_role_grant_open_once",
            *("person_id", "office_id", "role", "change"),
            unique=True,
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[str]
    change: Mapped[str]
    leader: Mapped[bool] = mapped_column(default=False, server_default=false())
    starts_on: Mapped[date]
    membership_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    state: Mapped[str] = mapped_column(default=RoleGrantState.PROPOSED)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(foreign_keys=person_id)
    office: Mapped[Office] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    membership: Mapped[Membership | None] = relationship()
    proposed_by: Mapped[Person] = relationship(foreign_keys=proposed_by_id)
    decided_by: Mapped[Person | None] = relationship(foreign_keys=decided_by_id)


ROLE_GRANT = Course(
    RoleGrant,
    [
        Step("propose", (), "proposed", "grant_role"),
        Step("approve", ("proposed",), "approved", "approve_role"),
        Step("refuse", ("proposed",), "refused", "approve_role"),
        Step("withdraw", ("proposed",), "withdrawn", "grant_role"),
    ],
)
