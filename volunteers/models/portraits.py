"""The portrait beside a name at the crossing (DOMAIN S-24)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKeyConstraint, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from extensions import Model
from record.models import Audited
from volunteers.models.assessment import Assessment


class Portrait(Audited, Model):
    """Somebody's portrait, with his consent, which is asked for by itself; gone when the assessment ends.

    `content` is a small JPEG, encrypted.
    """

    __tablename__ = "portrait"
    __table_args__ = (ForeignKeyConstraint(["assessment_id", "office_id"], ["assessment.id", "assessment.office_id"]),)

    office_id: Mapped[int]
    assessment_id: Mapped[int] = mapped_column(unique=True)
    consented_on: Mapped[date]
    content: Mapped[bytes] = mapped_column(LargeBinary, info={"untold": True})
    kept_at: Mapped[datetime]

    assessment: Mapped[Assessment] = relationship()
