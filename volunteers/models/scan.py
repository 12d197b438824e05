"""What is stored beside the ticks: codes that were refused, and people who say that they are there (D-28)."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Person
from extensions import Model
from record import guards
from record.models import Audited, one_of
from volunteers.models.attendance import Attendance
from volunteers.models.shifts import Shift
from volunteers.rules.scan import Why


class ScanAttempt(Audited, Model):
    """A code that was not taken, and why. Append-only. `by` presented it: an officer, or who said that he is there.

    `attendance` is named where it is known and of the same office; of another office's nothing is said.
    """

    __tablename__ = "scan_attempt"
    __table_args__ = (
        ForeignKeyConstraint(["shift_id", "office_id"], ["shift.id", "shift.office_id"]),
        one_of("why", Why),
    )

    office_id: Mapped[int]
    shift_id: Mapped[int] = mapped_column(index=True)
    attendance_id: Mapped[int | None] = mapped_column(ForeignKey("attendance.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    why: Mapped[str]
    device: Mapped[str] = mapped_column(default="")
    device_at: Mapped[datetime | None]
    server_at: Mapped[datetime]
    act_uid: Mapped[uuid.UUID]

    shift: Mapped[Shift] = relationship()
    attendance: Mapped[Attendance | None] = relationship()
    by: Mapped[Person] = relationship()


class PresenceClaim(Audited, Model):
    """Somebody says "I am here", by the code on an officer's screen: it moves nothing, credits nothing. Append-only.

    One of each attendance; a second one is the first one again.
    """

    __tablename__ = "presence_claim"

    office_id: Mapped[int]
    attendance_id: Mapped[int] = mapped_column(ForeignKey("attendance.id"), unique=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    device: Mapped[str] = mapped_column(default="")
    device_at: Mapped[datetime | None]
    server_at: Mapped[datetime]
    act_uid: Mapped[uuid.UUID]

    attendance: Mapped[Attendance] = relationship(back_populates="claim")
    officer: Mapped[Person] = relationship()


guards.append_only("scan_attempt")
guards.append_only("presence_claim")
