"""The service ledger: what officers confirmed and what was credited for it (DOMAIN 8.6)."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Person
from extensions import Model
from record import guards
from record.models import Audited, one_of
from volunteers.models.attendance import Attendance
from volunteers.models.corrections import Correction


class Confirmation(Audited, Model):
    """A posted officer's word that somebody served so many minutes. Final from `final_at`; undone before, it is void.

    `apart_minutes`: how far two ticks of one kind might be apart (I45).
    `batch` is one press: all that was confirmed together is undone together. `to_countersign`: by the scheme it counts
    once a squad leader, another one than who confirmed, has signed; he may send it back, which makes it void.
    """

    __tablename__ = "confirmation"
    __table_args__ = (
        UniqueConstraint("id", "attendance_id", "minutes", "final_at"),
        ForeignKeyConstraint(
            ["attendance_id", "shift_id", "person_id"],
            ["attendance.id", "attendance.shift_id", "attendance.person_id"],
            onupdate="CASCADE",
        ),
        ForeignKeyConstraint(["shift_id", "by_id"], ["posting.shift_id", "posting.person_id"], onupdate="CASCADE"),
        ForeignKeyConstraint(["shift_id", "shift_minutes"], ["shift.id", "shift.minutes"], onupdate="CASCADE"),
        CheckConstraint("minutes BETWEEN 0 AND shift_minutes", name="within_the_shift"),
        CheckConstraint("apart_minutes BETWEEN 0 AND 60", name="ticks_are_near"),
        CheckConstraint("by_id <> person_id", name="not_for_oneself"),
        CheckConstraint("final_at >= confirmed_at", name="final_after_it_is_made"),
        CheckConstraint("undone_at IS NULL OR credited_at IS NULL", name="undone_or_credited"),
        CheckConstraint("countersigned_by_id <> by_id", name="countersigned_by_another"),
        CheckConstraint("countersigned_by_id <> person_id", name="not_countersigned_for_oneself"),
        CheckConstraint("countersigned_at >= final_at", name="countersigned_when_final"),
        CheckConstraint("(countersigned_at IS NULL) = (countersigned_by_id IS NULL)", name="countersigned_by_somebody"),
        CheckConstraint(
            "credited_at IS NULL OR NOT to_countersign OR countersigned_at IS NOT NULL", name="signed_before_it_counts"
        ),
        CheckConstraint(
            "sent_back_by_id IS NULL OR (undone_at IS NOT NULL AND sent_back_reason <> '')",
            name="sent_back_with_a_reason",
        ),
        Index(
            "uq_confirmation_one_stands",
            "attendance_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
        Index(
            "ix_confirmation_pending",
            "final_at",
            sqlite_where=text("undone_at IS NULL AND credited_at IS NULL"),
            postgresql_where=text("undone_at IS NULL AND credited_at IS NULL"),
        ),
    )

    office_id: Mapped[int]
    attendance_id: Mapped[int] = mapped_column(index=True)
    shift_id: Mapped[int] = mapped_column(index=True)
    person_id: Mapped[int]
    by_id: Mapped[int] = mapped_column(index=True)
    batch: Mapped[uuid.UUID] = mapped_column(index=True)
    minutes: Mapped[int]
    shift_minutes: Mapped[int]
    apart_minutes: Mapped[int] = mapped_column(default=1)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")
    confirmed_at: Mapped[datetime]
    final_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    credited_at: Mapped[datetime | None]
    to_countersign: Mapped[bool] = mapped_column(default=False, server_default=false())
    countersigned_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    countersigned_at: Mapped[datetime | None]
    sent_back_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    sent_back_reason: Mapped[str] = mapped_column(default="", server_default="")

    attendance: Mapped[Attendance] = relationship(
        back_populates="confirmations", foreign_keys=attendance_id, primaryjoin=Attendance.id == attendance_id
    )
    by: Mapped[Person] = relationship(foreign_keys=by_id, primaryjoin=Person.id == by_id, viewonly=True)
    countersigned_by: Mapped[Person | None] = relationship(foreign_keys=countersigned_by_id)
    sent_back_by: Mapped[Person | None] = relationship(foreign_keys=sent_back_by_id)


class CreditKind(enum.StrEnum):
    CREDIT = "credit"
    REVERSAL = "reversal"


class CreditEntry(Audited, Model):
    """A line of the service ledger. Append-only (I18); `[starts_at, ends_at)` is what was served of the shift.

    A credit follows from a final confirmation or from an approved correction, which also reverses what it replaces.

    `person_id` is the assessment's person when it was written (a guard sees to it): a row that was merged since is read
    through the one that stays (SETTLED 16).
    """

    __tablename__ = "credit_entry"
    __table_args__ = (
        ForeignKeyConstraint(
            ["confirmation_id", "attendance_id", "attended_minutes", "final_at"],
            ["confirmation.id", "confirmation.attendance_id", "confirmation.minutes", "confirmation.final_at"],
        ),
        ForeignKeyConstraint(["correction_id", "attendance_id"], ["correction.id", "correction.attendance_id"]),
        ForeignKeyConstraint(["assessment_id", "office_id"], ["assessment.id", "assessment.office_id"]),
        one_of("kind", CreditKind),
        CheckConstraint("(confirmation_id IS NULL) <> (correction_id IS NULL)", name="has_one_origin"),
        CheckConstraint("kind = 'credit' OR correction_id IS NOT NULL", name="only_a_correction_reverses"),
        CheckConstraint("minutes > 0 AND minutes <= attended_minutes", name="at_most_what_was_confirmed"),
        CheckConstraint("credited_at >= final_at", name="only_what_is_final"),
        CheckConstraint("starts_at < ends_at", name="served_some_time"),
        CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name="a_reversal_names_its_credit"),
        Index(
            "uq_credit_entry_once_a_confirmation",
            "confirmation_id",
            unique=True,
            sqlite_where=text("kind = 'credit'"),
            postgresql_where=text("kind = 'credit'"),
        ),
        Index(
            "uq_credit_entry_once_a_correction",
            "correction_id",
            unique=True,
            sqlite_where=text("kind = 'credit'"),
            postgresql_where=text("kind = 'credit'"),
        ),
    )

    office_id: Mapped[int]
    kind: Mapped[str] = mapped_column(default=CreditKind.CREDIT)
    attendance_id: Mapped[int] = mapped_column(ForeignKey("attendance.id"), index=True)
    confirmation_id: Mapped[int | None] = mapped_column(index=True)
    correction_id: Mapped[int | None] = mapped_column(index=True)
    assessment_id: Mapped[int] = mapped_column(index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    minutes: Mapped[int]
    attended_minutes: Mapped[int]
    final_at: Mapped[datetime]
    credited_at: Mapped[datetime]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("credit_entry.id"), unique=True)

    attendance: Mapped[Attendance] = relationship(foreign_keys=attendance_id)
    confirmation: Mapped[Confirmation | None] = relationship(
        foreign_keys=confirmation_id, primaryjoin=Confirmation.id == confirmation_id, viewonly=True
    )
    correction: Mapped[Correction | None] = relationship(
        foreign_keys=correction_id, primaryjoin=Correction.id == correction_id, viewonly=True
    )

    @property
    def vouched_by(self) -> Person | None:
        """Whose word it is: the officer who confirmed it, or who approved the correction."""
        if self.correction is not None:
            return self.correction.decided_by
        return self.confirmation.by if self.confirmation else None


class CreditSpan(Model):
    """The time a live credit stands for: nobody is credited twice for a minute (I13).

    The database alone writes it, with the credit; it goes with its person when two rows of him become one.
    """

    __tablename__ = "credit_span"
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),)

    attendance_id: Mapped[int] = mapped_column(ForeignKey("attendance.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


guards.append_only("credit_entry")
