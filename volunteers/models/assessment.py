"""Assessments: somebody's service before the decision (DOMAIN 8.5)."""

from __future__ import annotations

import enum
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Office, Person
from cases.models import Case
from extensions import Model
from record.course import Course, Step
from record.models import Audited, one_of


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


class Origin(enum.StrEnum):
    PROGRAM = "program"
    IMPORT = "import"


_LIVE_ASSESSMENT = text(f"state IN {tuple(str(s) for s in UNDER_ASSESSMENT)}")


class Assessment(Audited, Model):
    """Somebody's service before the decision, from `first_on` to `last_on`, both included.

    `bac_hundredths` is mg/100 ml times a hundred (D-01). Imported ones are `serving`, begun before the program:
    consent, training, insurance and bail area are unknown (SETTLED 12).
    """

    __tablename__ = "assessment"
    __table_args__ = (
        ForeignKeyConstraint(["case_id", "office_id"], ["legal_case.id", "legal_case.office_id"]),
        UniqueConstraint("id", "person_id", "office_id"),
        UniqueConstraint("id", "office_id"),
        one_of("state", AssessmentState),
        one_of("origin", Origin),
        CheckConstraint("first_on <= last_on", name="begins_before_it_ends"),
        CheckConstraint("required_minutes > 0", name="asks_for_something"),
        CheckConstraint("bac_hundredths > 0", name="was_measured"),
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

    office: Mapped[Office] = relationship(overlaps="case")
    person: Mapped[Person] = relationship(foreign_keys=person_id)
    prosecutor: Mapped[Person | None] = relationship(foreign_keys=prosecutor_id)
    case: Mapped[Case] = relationship()


ASSESSMENT = Course(
    Assessment,
    [
        Step("import", (), "serving", "import_files"),
        Step("complete", ("serving",), "hours_complete"),
        Step("reopen", ("hours_complete",), "serving"),
    ],
)
