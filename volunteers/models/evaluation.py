"""The end of an assessment: a squad's remark, unannounced checks, the evaluation and what was decided (DOMAIN 8.5)."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Organisation, Person
from extensions import Model
from record import guards
from record.models import Audited, one_of
from volunteers.models.assessment import Assessment
from volunteers.rules.evaluation import Grade, Opinion


class Decision(enum.StrEnum):
    """What was decided in the case; the service is one circumstance of it, never its condition (D-07)."""

    NOT_PROSECUTED = "not_prosecuted"
    PROSECUTED = "prosecuted"
    NO_CRIME = "no_crime"
    OTHER = "other"


def _of_assessment() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["assessment_id", "office_id"], ["assessment.id", "assessment.office_id"])


class Remark(Audited, Model):
    """What a squad says of somebody's service: asked for by the office, given by its leader, once, neutral of the case.

    `opinion` and `text` are None and empty until it is given.
    """

    __tablename__ = "remark"
    __table_args__ = (
        _of_assessment(),
        UniqueConstraint("assessment_id", "squad_id"),
        one_of("opinion", Opinion),
        CheckConstraint(
            "(opinion IS NULL) = (given_at IS NULL) AND (opinion IS NULL) = (given_by_id IS NULL)",
            name="given_by_somebody",
        ),
    )

    assessment_id: Mapped[int] = mapped_column(index=True)
    office_id: Mapped[int]
    squad_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    asked_at: Mapped[datetime]
    opinion: Mapped[str | None]
    text: Mapped[str] = mapped_column(default="", server_default="")
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    given_at: Mapped[datetime | None]

    assessment: Mapped[Assessment] = relationship()
    squad: Mapped[Organisation] = relationship()
    given_by: Mapped[Person | None] = relationship()


class SpotCheck(Audited, Model):
    """An unannounced look at somebody's service by the office (DOMAIN 3.3 `random_checks_min`). Append-only."""

    __tablename__ = "spot_check"
    __table_args__ = (_of_assessment(),)

    assessment_id: Mapped[int] = mapped_column(index=True)
    office_id: Mapped[int]
    checked_on: Mapped[date]
    found: Mapped[bool]
    note: Mapped[str] = mapped_column(default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

    by: Mapped[Person] = relationship()


class Evaluation(Audited, Model):
    """How somebody's service is judged: proposed by the program from `lines`, decided by a person with his reasons.

    `lines` are `[what, count, points]` as they stood. `report_year` and `report_number` are the procuratorate's own
    series, one a year, without a gap (V-10). `decision` is what was decided in the case in the end; `hearing_closed_on`
    when a hearing in it was closed on paper, if one was held that the program did not close.
    """

    __tablename__ = "evaluation"
    __table_args__ = (
        _of_assessment(),
        UniqueConstraint("office_id", "report_year", "report_number"),
        one_of("proposed", Grade, "proposed_known"),
        one_of("grade", Grade),
        one_of("decision", Decision),
        CheckConstraint("score BETWEEN 0 AND 100", name="score_of_a_hundred"),
        CheckConstraint("grade = proposed OR reasons <> ''", name="departs_with_reasons"),
        CheckConstraint(
            "(report_number IS NULL) = (report_year IS NULL) AND (report_number IS NULL) = (reported_at IS NULL)",
            name="reported_with_its_number",
        ),
        CheckConstraint("decision IS NULL OR report_number IS NOT NULL", name="reported_before_it_is_closed"),
        CheckConstraint("(decision IS NULL) = (decision_on IS NULL)", name="decided_on_a_day"),
        CheckConstraint("hearing_closed_on IS NULL OR decision IS NOT NULL", name="hearing_closed_with_the_decision"),
    )

    assessment_id: Mapped[int] = mapped_column(unique=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    proposed: Mapped[str]
    grade: Mapped[str]
    score: Mapped[int]
    lines: Mapped[list[Any]]
    required_minutes: Mapped[int]
    done_minutes: Mapped[int]
    reasons: Mapped[str] = mapped_column(default="")
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime]
    report_year: Mapped[int | None]
    report_number: Mapped[int | None]
    reported_at: Mapped[datetime | None]
    decision: Mapped[str | None]
    decision_on: Mapped[date | None]
    decision_document: Mapped[str] = mapped_column(default="", server_default="")
    hearing_closed_on: Mapped[date | None]

    assessment: Mapped[Assessment] = relationship(overlaps="office")
    decided_by: Mapped[Person] = relationship()


guards.append_only("spot_check")
