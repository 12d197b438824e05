"""A case, the people in it, what happened to its limit: what hearings and volunteers both need; no file content."""

from __future__ import annotations

import enum
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Office, Person
from extensions import Model
from record import guards
from record.models import Audited, one_of
from record.sealed import Sealed


class CaseStage(enum.StrEnum):
    """Where the case stands. Only while it is under prosecution review does the limit of D-10 run."""

    INVESTIGATION = "investigation"
    ARREST_REVIEW = "arrest_review"
    PROSECUTION_REVIEW = "prosecution_review"
    TRIAL = "trial"
    PETITION = "petition"
    SUPERVISION = "supervision"
    CLOSED = "closed"


class Case(Audited, Model):
    """A case of an office. `number` is unique in the office; `clerk` is who keeps its record.

    `received_on` begins the review limit, the spells go on from there (D-15). `fast_track`: plea and fast track, ten
    days (D-10). `limit_on` is a date entered by hand, for offices that plan by one (`case.limit_basis`, D-16).
    """

    __tablename__ = "legal_case"
    __table_args__ = (
        UniqueConstraint("office_id", "number"),
        UniqueConstraint("id", "office_id"),
        one_of("stage", CaseStage),
        CheckConstraint("number <> ''", name="has_a_number"),
    )

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    number: Mapped[str]
    cause: Mapped[str]
    stage: Mapped[str] = mapped_column(default=CaseStage.PROSECUTION_REVIEW)
    received_on: Mapped[date]
    fast_track: Mapped[bool] = mapped_column(default=False, server_default=false())
    limit_on: Mapped[date | None]
    handler_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    clerk_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)

    office: Mapped[Office] = relationship()
    handler: Mapped[Person] = relationship(foreign_keys=handler_id)
    lead: Mapped[Person | None] = relationship(foreign_keys=lead_id)
    clerk: Mapped[Person | None] = relationship(foreign_keys=clerk_id)
    parties: Mapped[list[Party]] = relationship(back_populates="case", order_by="Party.id")
    spells: Mapped[list[LimitSpell]] = relationship(back_populates="case", order_by="LimitSpell.id")

    @property
    def present_parties(self) -> list[Party]:
        """Those who are in the case today: nobody who was entered by mistake or has left it."""
        return [p for p in self.parties if p.left_on is None]

    @property
    def in_custody(self) -> bool:
        """Whether a suspect of the case is held: then no limit moves for a day off (C-02)."""
        return any(p.in_custody for p in self.present_parties)

    @property
    def is_minor(self) -> bool:
        """Whether a party or victim is marked as a minor; by age on a day, ask `minor_on` (H-11)."""
        return any(p.is_minor for p in self.present_parties)

    def minor_on(self, on: date) -> bool:
        """Whether a party or victim was a minor at the offence, or is one on the day (H-11)."""
        return any(p.minor_on(on) for p in self.present_parties)


class PartyRole(enum.StrEnum):
    SUSPECT = "suspect"
    VICTIM = "victim"
    APPLICANT = "applicant"
    RESPONDENT = "respondent"
    THIRD_PARTY = "third_party"
    REPRESENTATIVE = "representative"
    DEFENDER = "defender"
    AGENT = "agent"
    WITNESS = "witness"
    EXPERT = "expert"


PARTIES = frozenset(
    {PartyRole.SUSPECT, PartyRole.VICTIM, PartyRole.APPLICANT, PartyRole.RESPONDENT, PartyRole.THIRD_PARTY}
)
COUNSEL = frozenset({PartyRole.DEFENDER, PartyRole.AGENT})


class Measure(enum.StrEnum):
    """What a suspect is under. Detention and arrest are custody."""

    NONE = "none"
    BAIL = "bail"
    RESIDENCE = "residence"
    DETENTION = "detention"
    ARREST = "arrest"


CUSTODY = frozenset({Measure.DETENTION, Measure.ARREST})


class Party(Audited, Model):
    """Somebody in a case. `person` stands where he has a row of his own (a volunteer, a lawyer with an account).

    `is_minor`: under 18 at the offence, whatever his age now. `measure_from` begins the bail of 12 months (D-11).
    `bail_area`: the counties he may not leave, in words. `represents`: for whom a defender, agent or representative
    speaks. `left_on`: since when he is no longer in the case, or was never rightly in it; the row stays.
    """

    __tablename__ = "party"
    __table_args__ = (
        ForeignKeyConstraint(["case_id", "office_id"], ["legal_case.id", "legal_case.office_id"]),
        one_of("role", PartyRole),
        one_of("measure", Measure),
        CheckConstraint("measure = 'none' OR role = 'suspect'", name="only_suspects_are_under_a_measure"),
        CheckConstraint("represents_id <> id", name="does_not_represent_himself"),
        Index("ix_party_name", "office_id", "name"),
    )

    case_id: Mapped[int] = mapped_column(index=True)
    office_id: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str]
    role: Mapped[str]
    phone: Mapped[str | None] = mapped_column(Sealed(), info={"sealed": True})
    birth_on: Mapped[date | None]
    is_minor: Mapped[bool] = mapped_column(default=False, server_default=false())
    employer: Mapped[str] = mapped_column(default="")
    address: Mapped[str | None] = mapped_column(Sealed(), info={"sealed": True})
    represents_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    measure: Mapped[str] = mapped_column(default=Measure.NONE)
    measure_from: Mapped[date | None]
    bail_area: Mapped[str] = mapped_column(default="")
    left_on: Mapped[date | None]

    case: Mapped[Case] = relationship(back_populates="parties")
    person: Mapped[Person | None] = relationship()
    represents: Mapped[Party | None] = relationship(remote_side="Party.id")

    @property
    def in_custody(self) -> bool:
        return self.measure in CUSTODY

    def minor_on(self, on: date) -> bool:
        """Whether he counts as a minor on a day: at the offence, or not yet 18 then (DOMAIN H-11)."""
        if self.role not in PARTIES:
            return False
        return self.is_minor or (self.birth_on is not None and age_on(self.birth_on, on) < 18)


def age_on(birth_on: date, on: date) -> int:
    """Full years on a day; whoever is born on 29 February completes a year on 1 March."""
    return on.year - birth_on.year - ((on.month, on.day) < (birth_on.month, birth_on.day))


class SpellKind(enum.StrEnum):
    """What may happen to a limit after the case was received (D-15)."""

    EXTENDED = "extended"
    RETURNED = "returned"
    RE_RECEIVED = "re_received"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    JURISDICTION_CHANGED = "jurisdiction_changed"
    WITHDRAWN = "withdrawn"


class LimitSpell(Audited, Model):
    """One fact about a case's limit, on the date of its document. Append-only: a mistake is withdrawn by a later row.

    `days` is what an extension adds. `resumed` ends the suspension before it. `withdrawn` names in `withdraws_id` the
    row that was entered by mistake; the two are read as if neither stood.
    """

    __tablename__ = "limit_spell"
    __table_args__ = (
        ForeignKeyConstraint(["case_id", "office_id"], ["legal_case.id", "legal_case.office_id"]),
        one_of("kind", SpellKind),
        CheckConstraint("(kind = 'extended') = (days IS NOT NULL)", name="an_extension_has_days"),
        CheckConstraint("(kind = 'withdrawn') = (withdraws_id IS NOT NULL)", name="withdraws_something"),
    )

    case_id: Mapped[int] = mapped_column(index=True)
    office_id: Mapped[int]
    kind: Mapped[str]
    happened_on: Mapped[date]
    days: Mapped[int | None]
    document: Mapped[str] = mapped_column(default="")
    withdraws_id: Mapped[int | None] = mapped_column(ForeignKey("limit_spell.id"), unique=True)

    case: Mapped[Case] = relationship(back_populates="spells")


guards.append_only("limit_spell")
