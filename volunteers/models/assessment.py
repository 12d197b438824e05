"""Assessments: somebody's service before the decision (DOMAIN 8.5)."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    and_,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship, remote

from accounts.models import Office, Organisation, Person
from cases.models import Case, Party, PartyRole
from extensions import Model
from record import guards
from record.course import Course, Step
from record.models import Audited, one_of
from scheduler.timeline.models import Resource
from volunteers.models.schemes import Scheme


class AssessmentState(enum.StrEnum):
    """DOMAIN 8.5."""

    PROPOSED = "proposed"
    TOLD = "told"
    CONSENTED = "consented"
    TRAINED = "trained"
    INSURED = "insured"
    SERVING = "serving"
    HOURS_COMPLETE = "hours_complete"
    EVALUATED = "evaluated"
    REPORTED = "reported"
    CLOSED = "closed"
    EXEMPTED = "exempted"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    TRANSFERRED = "transferred"


UNDER_ASSESSMENT = (
    AssessmentState.PROPOSED,
    AssessmentState.TOLD,
    AssessmentState.CONSENTED,
    AssessmentState.TRAINED,
    AssessmentState.INSURED,
    AssessmentState.SERVING,
    AssessmentState.HOURS_COMPLETE,
)


BEFORE_COMPLETE = UNDER_ASSESSMENT[:-1]
TO_BE_TRAINED = (AssessmentState.CONSENTED, AssessmentState.TRAINED, AssessmentState.INSURED, AssessmentState.SERVING)


class Origin(enum.StrEnum):
    PROGRAM = "program"
    IMPORT = "import"


EASIEST, HARDEST = 0, 3  # how hard a post is: 0 indoors, 1 a quiet corner, 2 as usual, 3 a busy crossing (D-21)
_SIGNED = ("consented", "trained", "insured", "serving", "hours_complete", "evaluated", "reported", "closed")
_LIVE_ASSESSMENT = text(f"state IN {tuple(str(s) for s in UNDER_ASSESSMENT)}")


class Assessment(Audited, Model):
    """Somebody's service before the decision, from `first_on` to `last_on`, both included.

    `bac_hundredths` is mg/100 ml times a hundred (D-01). Imported ones are `serving`, begun before the program:
    consent, training, insurance and bail area are unknown until somebody enters them (SETTLED 12).
    `scheme` is the version that was in force when he signed. The gates of D-22 are dates: `told_on` of the risks,
    `trained_on`, insured from `insured_from` to `insured_until`. `capable_of` is the hardest post his health allows
    (D-21), None until he has said so. `bail_leave` is the approval to serve outside his bail area (D-11).
    `limit_on` and `bail_on` follow the case: the day the back-plan counts from, the last day of bail (8.9).
    `wishes`: when he would rather not serve ("morning", "evening", "weekend"); a plan heeds them where it can.
    `with_hearing`: the chain of the back-plan has a hearing in it.
    `proof` is what was served elsewhere and counts here. `card`: the number by which he is known at the counter.
    """

    __tablename__ = "assessment"
    __table_args__ = (
        ForeignKeyConstraint(["case_id", "office_id"], ["legal_case.id", "legal_case.office_id"]),
        ForeignKeyConstraint(["scheme_id", "office_id"], ["scheme.id", "scheme.office_id"]),
        UniqueConstraint("id", "person_id", "office_id"),
        UniqueConstraint("id", "office_id"),
        one_of("state", AssessmentState),
        one_of("origin", Origin),
        CheckConstraint("first_on <= last_on", name="begins_before_it_ends"),
        CheckConstraint("required_minutes > 0", name="asks_for_something"),
        CheckConstraint("bac_hundredths > 0", name="was_measured"),
        CheckConstraint("insured_from <= insured_until", name="insured_for_some_time"),
        CheckConstraint("(insured_from IS NULL) = (insured_until IS NULL)", name="insurance_has_two_ends"),
        CheckConstraint(f"capable_of BETWEEN {EASIEST} AND {HARDEST}", name="capable_of_a_post_there_is"),
        CheckConstraint(
            f"origin = 'import' OR state NOT IN {_SIGNED} OR (consented_on IS NOT NULL AND scheme_id IS NOT NULL)",
            name="signed_before_it_goes_on",
        ),
        Index(
            "uq_assessment_one_at_a_time",
            "office_id",
            "person_id",
            unique=True,
            sqlite_where=_LIVE_ASSESSMENT,
            postgresql_where=_LIVE_ASSESSMENT,
        ),
    )

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    case_id: Mapped[int] = mapped_column(index=True)
    prosecutor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    first_on: Mapped[date]
    last_on: Mapped[date]
    required_minutes: Mapped[int]
    bac_hundredths: Mapped[int]
    aggravating: Mapped[str | None]
    measure: Mapped[str] = mapped_column(default="")
    in_custody: Mapped[bool] = mapped_column(default=False, server_default=false())
    remark: Mapped[str] = mapped_column(default="")
    origin: Mapped[str] = mapped_column(default=Origin.PROGRAM)
    state: Mapped[str] = mapped_column(default=AssessmentState.PROPOSED)
    scheme_id: Mapped[int | None] = mapped_column(index=True)
    squad_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    with_hearing: Mapped[bool] = mapped_column(default=True, server_default=true())
    told_on: Mapped[date | None]
    consented_on: Mapped[date | None]
    trained_on: Mapped[date | None]
    trained_minutes: Mapped[int | None]
    trained_by: Mapped[str] = mapped_column(default="", server_default="")
    insured_from: Mapped[date | None]
    insured_until: Mapped[date | None]
    policy: Mapped[str] = mapped_column(default="", server_default="")
    capable_of: Mapped[int | None]
    limit_on: Mapped[date | None] = mapped_column(info={"derived": True})
    bail_on: Mapped[date | None] = mapped_column(info={"derived": True})
    wishes: Mapped[list[Any]] = mapped_column(default=list)
    bail_leave: Mapped[str] = mapped_column(default="", server_default="")
    started_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    ground: Mapped[str] = mapped_column(default="", server_default="")
    card: Mapped[str | None] = mapped_column(unique=True, info={"sealed": True})

    squad: Mapped[Organisation | None] = relationship()
    scheme: Mapped[Scheme | None] = relationship(overlaps="case,office")
    proof: Mapped[ServiceProof | None] = relationship(
        back_populates="counts_for", foreign_keys="ServiceProof.counts_for_id"
    )
    office: Mapped[Office] = relationship(overlaps="case")
    person: Mapped[Person] = relationship(foreign_keys=person_id)
    prosecutor: Mapped[Person | None] = relationship(foreign_keys=prosecutor_id)
    case: Mapped[Case] = relationship()
    as_suspect: Mapped[list[Party]] = relationship(
        primaryjoin=lambda: and_(
            foreign(Assessment.case_id) == remote(Party.case_id),
            foreign(Assessment.person_id) == remote(Party.person_id),
            Party.role == PartyRole.SUSPECT,
            Party.left_on.is_(None),
        ),
        order_by=Party.id,
        viewonly=True,
        uselist=True,
    )
    resource: Mapped[Resource | None] = relationship(
        primaryjoin=lambda: foreign(Assessment.person_id) == remote(Resource.person_id), viewonly=True
    )

    @property
    def served_until(self) -> date:
        """The last day that can be of this service: of its period, or the day on which it ended before."""
        return min(self.last_on, self.ended_on or self.last_on)

    @property
    def suspect(self) -> Party | None:
        """Him, as he stands in his case."""
        return self.as_suspect[-1] if self.as_suspect else None


ASSESSMENT = Course(
    Assessment,
    [
        Step("import", (), "serving", "import_files"),
        Step("propose", (), "proposed", "run_assessment"),
        Step("tell", ("proposed",), "told", "prepare_assessment"),
        Step("consent", ("told",), "consented", "prepare_assessment"),
        Step("train", ("consented",), "trained", "record_training"),
        Step("insure", ("trained",), "insured", "prepare_assessment"),
        Step("start", ("insured",), "serving", "prepare_assessment"),
        Step("complete", ("serving",), "hours_complete"),
        Step("reopen", ("hours_complete",), "serving"),
        Step("evaluate", ("hours_complete", "serving"), "evaluated", "write_evaluation"),
        Step("report", ("evaluated",), "reported", "run_assessment"),
        Step("close", ("reported",), "closed", "run_assessment"),
        Step("exempt", BEFORE_COMPLETE, "exempted", "run_assessment"),
        Step("withdraw", BEFORE_COMPLETE, "withdrawn", "withdraw_assessment"),
        Step("stop", (*BEFORE_COMPLETE[2:], "hours_complete"), "stopped", "run_assessment"),
        Step("transfer", (*BEFORE_COMPLETE, "hours_complete"), "transferred", "run_assessment"),
    ],
)


class Supplement(Audited, Model):
    """A supplementary agreement: other hours, signed by the person. Append-only; without one the hours stay."""

    __tablename__ = "supplement"
    __table_args__ = (
        ForeignKeyConstraint(["assessment_id", "office_id"], ["assessment.id", "assessment.office_id"]),
        CheckConstraint("minutes_before <> minutes_after", name="changes_the_hours"),
        CheckConstraint("minutes_after > 0", name="asks_for_something"),
        CheckConstraint("document <> ''", name="is_on_paper"),
    )

    assessment_id: Mapped[int] = mapped_column(index=True)
    office_id: Mapped[int]
    signed_on: Mapped[date]
    document: Mapped[str]
    minutes_before: Mapped[int]
    minutes_after: Mapped[int]


class ServiceProof(Audited, Model):
    """What somebody served at an office that hands his case on: proof for the next one, never a copy. It never changes.

    `lines` are `[starts_at, ends_at, minutes]`, `minutes` their sum; `counts_for` is the assessment that took it, once.
    What the first office credits or corrects afterwards stands in rows of its own; `standing_minutes` is what counts
    today.
    """

    __tablename__ = "service_proof"
    __table_args__ = (
        CheckConstraint("minutes >= 0", name="is_no_debt"),
        CheckConstraint("to_office_id <> office_id", name="goes_elsewhere"),
    )

    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"), unique=True)
    counts_for_id: Mapped[int | None] = mapped_column(ForeignKey("assessment.id"), unique=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    to_office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    minutes: Mapped[int]
    lines: Mapped[list[Any]]

    office: Mapped[Office] = relationship(foreign_keys=office_id)
    to_office: Mapped[Office] = relationship(foreign_keys=to_office_id)
    counts_for: Mapped[Assessment | None] = relationship(back_populates="proof", foreign_keys=counts_for_id)
    corrections: Mapped[list[ProofCorrection]] = relationship(back_populates="proof", order_by="ProofCorrection.id")

    @property
    def standing_minutes(self) -> int:
        return self.minutes + sum(one.minutes for one in self.corrections)


class ProofCorrection(Audited, Model):
    """What the ledger added to a proof after it was handed on, or took off: by a correction, or by a credit that came
    late. Append-only."""

    __tablename__ = "proof_correction"
    __table_args__ = (
        UniqueConstraint("proof_id", "entry_id"),
        CheckConstraint("minutes <> 0", name="changes_something"),
    )

    proof_id: Mapped[int] = mapped_column(ForeignKey("service_proof.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("credit_entry.id"), index=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    minutes: Mapped[int]
    made_at: Mapped[datetime]

    proof: Mapped[ServiceProof] = relationship(back_populates="corrections")


class BackPlanned(Audited, Model):
    """The back-plan of an assessment as it stood from an act on; each change is a row of its own. Append-only."""

    __tablename__ = "back_plan"
    __table_args__ = (
        ForeignKeyConstraint(["assessment_id", "office_id"], ["assessment.id", "assessment.office_id"]),
        CheckConstraint("verdict IN ('ok', 'warn', 'refuse')", name="says_something"),
    )

    assessment_id: Mapped[int] = mapped_column(index=True)
    office_id: Mapped[int]
    made_at: Mapped[datetime]
    why: Mapped[str] = mapped_column(default="")
    limit_on: Mapped[date | None]
    bail_on: Mapped[date | None]
    hearing_by: Mapped[date | None]
    told_safe: Mapped[date | None]
    told_lawful: Mapped[date | None]
    evaluation_by: Mapped[date | None]
    window_first: Mapped[date]
    window_last: Mapped[date | None]
    working_days: Mapped[int]
    most: Mapped[int]
    verdict: Mapped[str]
    doubts: Mapped[list[Any]]


for _table in ("supplement", "back_plan", "proof_correction"):
    guards.append_only(_table)
