"""What an officer noted at a shift, who of the office has read it, and what was decided about who stood there."""

from __future__ import annotations

import enum
from datetime import datetime
from functools import cache

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Select, UniqueConstraint, exists, select
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from accounts.models import Person
from exchange.models import Flag, FlagState
from extensions import Model
from record import guards
from record.models import Audited, one_of
from record.sealed import Sealed
from volunteers.models.attendance import Attendance
from volunteers.models.shifts import Shift

UNTOLD = {"untold": True}  # the trail, which many read, says only that something was noted


class IncidentKind(enum.StrEnum):
    """`impostor` (顶替): somebody else stood there in his place."""

    ACCIDENT = "accident"
    CONFLICT = "conflict"
    UNFIT = "unfit"
    IMPOSTOR = "impostor"
    OTHER = "other"


class Incident(Audited, Model):
    """A note of an officer about somebody at a shift, or about the shift as a whole. Append-only.

    It is read by its author, the prosecutor of the person's case and the coordinator, by nobody else (D-24).
    """

    __tablename__ = "incident"
    __table_args__ = (
        ForeignKeyConstraint(["shift_id", "office_id"], ["shift.id", "shift.office_id"]),
        UniqueConstraint("id", "office_id"),
        one_of("kind", IncidentKind),
        CheckConstraint("kind <> 'impostor' OR attendance_id IS NOT NULL", name="an_impostor_stands_for_somebody"),
    )

    office_id: Mapped[int]
    shift_id: Mapped[int] = mapped_column(index=True)
    attendance_id: Mapped[int | None] = mapped_column(ForeignKey("attendance.id"), index=True, info=UNTOLD)
    kind: Mapped[str] = mapped_column(info=UNTOLD)
    words: Mapped[str] = mapped_column(Sealed(), info=UNTOLD)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    noted_at: Mapped[datetime]

    shift: Mapped[Shift] = relationship()
    attendance: Mapped[Attendance | None] = relationship()
    by: Mapped[Person] = relationship()
    reading: Mapped[IncidentReading | None] = relationship(
        back_populates="incident", foreign_keys="IncidentReading.incident_id"
    )
    decisions: Mapped[list[IncidentDecision]] = relationship(
        back_populates="incident", order_by="IncidentDecision.id", foreign_keys="IncidentDecision.incident_id"
    )

    @property
    def decision(self) -> IncidentDecision | None:
        """The one that holds: the last."""
        return self.decisions[-1] if self.decisions else None


class IncidentReading(Audited, Model):
    """That he for whom it was written has read it. Once; append-only."""

    __tablename__ = "incident_reading"
    __table_args__ = (ForeignKeyConstraint(["incident_id", "office_id"], ["incident.id", "incident.office_id"]),)

    office_id: Mapped[int]
    incident_id: Mapped[int] = mapped_column(unique=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    read_at: Mapped[datetime]

    incident: Mapped[Incident] = relationship(back_populates="reading", foreign_keys=incident_id)
    by: Mapped[Person] = relationship()


class IncidentDecision(Audited, Model):
    """Whether it was the person himself, by the prosecutor or the coordinator, with a reason. The last one holds.
    Append-only."""

    __tablename__ = "incident_decision"
    __table_args__ = (ForeignKeyConstraint(["incident_id", "office_id"], ["incident.id", "incident.office_id"]),)

    office_id: Mapped[int]
    incident_id: Mapped[int] = mapped_column(index=True)
    was_he: Mapped[bool] = mapped_column(info=UNTOLD)
    reason: Mapped[str] = mapped_column(Sealed(), info=UNTOLD)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime]

    incident: Mapped[Incident] = relationship(back_populates="decisions", foreign_keys=incident_id)
    by: Mapped[Person] = relationship()


@cache
def unclear() -> Select[int | None]:
    """The attendances of which it is not established that the person himself stood there, by their ids."""
    decided, later = aliased(IncidentDecision), aliased(IncidentDecision)
    last = ~exists().where(later.incident_id == decided.incident_id, later.id > decided.id)
    was_he = exists().where(decided.incident_id == Incident.id, decided.was_he, last)
    about = Incident.kind == IncidentKind.IMPOSTOR, Incident.attendance_id.is_not(None)
    return select(Incident.attendance_id).where(*about, ~was_he)


@cache
def in_doubt() -> Select[int]:
    """The attendances about which a list raised a doubt that nobody has settled, by their ids."""
    return select(Flag.subject_id).where(Flag.subject_table == Attendance.__tablename__, Flag.state == FlagState.OPEN)


guards.append_only("incident")
guards.append_only("incident_reading")
guards.append_only("incident_decision")
