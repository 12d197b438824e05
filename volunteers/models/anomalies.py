"""What somebody should look at, and what he said of it (V-12); bookings that were refused (IDEAS A 20)."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Office, Person
from extensions import Model
from record import guards
from record.models import Audited, one_of
from volunteers.models.assessment import Assessment
from volunteers.models.shifts import Shift
from volunteers.rules.anomalies import AnomalyKind


class Anomaly(Audited, Model):
    """Something unusual, found once, closed by a person with his reason. No minute changes by either.

    `about` tells it from others of its kind; `facts` are what was unusual, as it was found.
    """

    __tablename__ = "anomaly"
    __table_args__ = (
        UniqueConstraint("office_id", "kind", "about"),
        one_of("kind", AnomalyKind),
        CheckConstraint(
            "(closed_at IS NULL) = (closed_by_id IS NULL) AND (closed_at IS NULL OR why <> '')",
            name="closed_by_somebody_with_a_reason",
        ),
    )

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    kind: Mapped[str]
    about: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    facts: Mapped[dict[str, Any]]
    found_at: Mapped[datetime]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(default="", server_default="")

    office: Mapped[Office] = relationship()
    person: Mapped[Person | None] = relationship(foreign_keys=person_id)
    officer: Mapped[Person | None] = relationship(foreign_keys=officer_id)
    closed_by: Mapped[Person | None] = relationship(foreign_keys=closed_by_id)


class Elsewhere(enum.StrEnum):
    """Where somebody is bound who tried to book: by another commitment, or by a hearing of his own."""

    OVERLAP = "overlap"
    OWN_HEARING = "own_hearing"


class BookingAttempt(Audited, Model):
    """A shift that somebody tried to book while he is bound elsewhere, and was refused. Append-only.

    `by` pressed: he himself, or whose tablet stands at the counter. Where he is bound is not kept.
    """

    __tablename__ = "booking_attempt"
    __table_args__ = (
        ForeignKeyConstraint(["shift_id", "office_id"], ["shift.id", "shift.office_id"]),
        ForeignKeyConstraint(["assessment_id", "office_id"], ["assessment.id", "assessment.office_id"]),
        one_of("why", Elsewhere),
    )

    office_id: Mapped[int]
    shift_id: Mapped[int] = mapped_column(index=True)
    assessment_id: Mapped[int] = mapped_column(index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    why: Mapped[str]
    device: Mapped[str] = mapped_column(default="")
    server_at: Mapped[datetime]
    act_uid: Mapped[uuid.UUID]

    shift: Mapped[Shift] = relationship(overlaps="assessment")
    assessment: Mapped[Assessment] = relationship(overlaps="shift")


guards.append_only("booking_attempt")
