"""What somebody should look at, and what he said of it (V-12)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Office, Person
from extensions import Model
from record.models import Audited, one_of
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
