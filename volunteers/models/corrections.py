"""Corrections of what is credited: asked for, proposed by one, decided by another (DOMAIN 8.6, V-08, V-14)."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Person
from extensions import Model
from record.course import Course, Step
from record.models import Audited, one_of
from volunteers.models.attendance import Attendance


class CorrectionState(enum.StrEnum):
    """DOMAIN 8.6."""

    ASKED = "asked"
    PROPOSED = "proposed"
    REFUSED = "refused"
    APPROVED = "approved"


UNDER_WAY = (CorrectionState.ASKED, CorrectionState.PROPOSED)


class Evidence(enum.StrEnum):
    """What a proposal rests on. Somebody whom no officer confirmed is credited by ticks or by paper only."""

    TICKS = "ticks"
    PAPER = "paper"
    OTHER = "other"


_OPEN = text("state IN ('asked', 'proposed')")


class Correction(Audited, Model):
    """What is credited of an attendance is to be something else; the old line stays, reversed.

    `old_minutes` are what counted when it was asked for or proposed; `asked_minutes` within `[asked_from, asked_until)`
    what the volunteer says it should be. Proposed: `minutes`, served in `[starts_at, ends_at)` (None for 0), in place
    of the credit `old_credit_id` (None where nothing was credited). Its guards keep that: a credit refers to a
    correction, so no key can refer back.
    """

    __tablename__ = "correction"
    __table_args__ = (
        UniqueConstraint("id", "attendance_id"),
        ForeignKeyConstraint(
            ["attendance_id", "shift_id", "person_id"],
            ["attendance.id", "attendance.shift_id", "attendance.person_id"],
            onupdate="CASCADE",
        ),
        ForeignKeyConstraint(["shift_id", "shift_minutes"], ["shift.id", "shift.minutes"], onupdate="CASCADE"),
        one_of("state", CorrectionState),
        one_of("rests_on", Evidence),
        CheckConstraint("minutes BETWEEN 0 AND shift_minutes", name="within_the_shift"),
        CheckConstraint("asked_minutes BETWEEN 0 AND shift_minutes", name="asks_within_the_shift"),
        CheckConstraint("old_minutes >= 0", name="corrects_no_debt"),
        CheckConstraint("(minutes > 0) = (starts_at IS NOT NULL)", name="minutes_have_their_time"),
        CheckConstraint("(starts_at IS NULL) = (ends_at IS NULL)", name="time_has_two_ends"),
        CheckConstraint("decided_by_id <> proposed_by_id", name="never_by_the_proposer"),
        CheckConstraint("proposed_by_id <> person_id AND decided_by_id <> person_id", name="not_for_oneself"),
        CheckConstraint("(state = 'asked') <= (asked_at IS NOT NULL)", name="asked_at_a_time"),
        CheckConstraint(
            "state NOT IN ('proposed', 'approved') OR (proposed_by_id IS NOT NULL AND proposed_at IS NOT NULL "
            "AND minutes IS NOT NULL AND rests_on IS NOT NULL AND reason <> '' AND evidence <> '')",
            name="proposed_with_reason_and_evidence",
        ),
        CheckConstraint(
            "(state IN ('approved', 'refused')) = (decided_by_id IS NOT NULL AND decided_at IS NOT NULL "
            "AND decision <> '')",
            name="decided_with_a_reason",
        ),
        Index("uq_correction_one_under_way", "attendance_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_correction_state", "office_id", "state"),
    )

    office_id: Mapped[int]
    attendance_id: Mapped[int] = mapped_column(index=True)
    shift_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(index=True)
    shift_minutes: Mapped[int]
    state: Mapped[str]
    old_minutes: Mapped[int]
    old_credit_id: Mapped[int | None]
    asked_at: Mapped[datetime | None]
    asked_minutes: Mapped[int | None]
    asked_from: Mapped[datetime | None]
    asked_until: Mapped[datetime | None]
    asked_reason: Mapped[str] = mapped_column(default="")
    minutes: Mapped[int | None]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    rests_on: Mapped[str | None]
    evidence: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    proposed_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    decided_at: Mapped[datetime | None]
    decision: Mapped[str] = mapped_column(default="")

    attendance: Mapped[Attendance] = relationship(
        back_populates="corrections", foreign_keys=attendance_id, primaryjoin=Attendance.id == attendance_id
    )
    proposed_by: Mapped[Person | None] = relationship(foreign_keys=proposed_by_id)
    decided_by: Mapped[Person | None] = relationship(foreign_keys=decided_by_id)


CORRECTION = Course(
    Correction,
    [
        Step("ask", (), "asked", "object_to_record"),
        Step("propose", ("asked",), "proposed", "propose_correction"),
        Step("refuse", ("asked", "proposed"), "refused", "approve_correction"),
        Step("approve", ("proposed",), "approved", "approve_correction"),
    ],
)
