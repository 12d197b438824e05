"""What was handed to somebody at a shift, and what became of it (DOMAIN 3.3 `equipment`)."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Person
from extensions import Model
from record import guards
from record.models import Audited, one_of
from volunteers.models.attendance import Attendance


class HandingKind(enum.StrEnum):
    OUT = "out"
    BACK = "back"
    LOST = "lost"


class Handing(Audited, Model):
    """That somebody was given the equipment of his scheme, or that one such giving is settled: it came back, or is lost
    for a reason. A giving is settled once. Append-only."""

    __tablename__ = "handing"
    __table_args__ = (
        UniqueConstraint("id", "attendance_id"),
        ForeignKeyConstraint(["settles_id", "attendance_id"], ["handing.id", "handing.attendance_id"]),
        one_of("kind", HandingKind),
        CheckConstraint("(kind = 'out') = (settles_id IS NULL)", name="settles_a_giving"),
        CheckConstraint("kind <> 'lost' OR reason <> ''", name="lost_for_a_reason"),
    )

    office_id: Mapped[int]
    attendance_id: Mapped[int] = mapped_column(ForeignKey("attendance.id"), index=True)
    kind: Mapped[str]
    things: Mapped[list[Any]]
    settles_id: Mapped[int | None] = mapped_column(unique=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")

    attendance: Mapped[Attendance] = relationship(foreign_keys=attendance_id)
    by: Mapped[Person] = relationship()


guards.append_only("handing")
