"""That an officer is too near to somebody to speak for his hours: only the fact and when (D-29, I15)."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Office, Person
from extensions import Model
from record.models import Audited, one_of


class InterestKind(enum.StrEnum):
    KIN = "kin"
    ACQUAINTANCE = "acquaintance"
    DISPUTE = "dispute"


class Interest(Audited, Model):
    """`officer` neither ticks, confirms, countersigns nor decides for `person` from `declared_at` until it ended, if it
    did. It stays on record, and ends once: a guard keeps it; where two rows of a person are made one it goes with him.
    """

    __tablename__ = "interest"
    __table_args__ = (
        one_of("kind", InterestKind),
        CheckConstraint("officer_id <> person_id", name="in_somebody_else"),
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="is_ended_by_somebody"),
        CheckConstraint("ended_at >= declared_at", name="ends_after_it_began"),
        Index("ix_interest_pair", "officer_id", "person_id"),
    )

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str]
    declared_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    office: Mapped[Office] = relationship()
    officer: Mapped[Person] = relationship(foreign_keys=officer_id)
    person: Mapped[Person] = relationship(foreign_keys=person_id)
    ended_by: Mapped[Person | None] = relationship(foreign_keys=ended_by_id)
