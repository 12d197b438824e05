"""Which reminders of a shift that nobody confirmed have gone out: each once (DOMAIN V-07)."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from extensions import Model
from record import guards
from record.models import Audited, one_of
from volunteers.models.shifts import Shift


class Told(enum.StrEnum):
    OFFICERS = "officers"
    OFFICE = "office"


class ShiftReminder(Audited, Model):
    """A shift is over and not settled: `told` its officers, later its office. Append-only."""

    __tablename__ = "shift_reminder"
    __table_args__ = (
        ForeignKeyConstraint(["shift_id", "office_id"], ["shift.id", "shift.office_id"]),
        UniqueConstraint("shift_id", "told"),
        one_of("told", Told),
    )

    office_id: Mapped[int]
    shift_id: Mapped[int] = mapped_column(index=True)
    told: Mapped[str]
    reminded_at: Mapped[datetime]

    shift: Mapped[Shift] = relationship(foreign_keys=shift_id)


guards.append_only("shift_reminder")
