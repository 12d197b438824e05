"""Service schemes: versioned terms, immutable once they are in force (DOMAIN 3.3)."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Office, Person
from extensions import Model
from record.course import Course, Step
from record.models import Audited, one_of
from volunteers.rules.schemes import Terms, from_plain


class SchemeState(enum.StrEnum):
    DRAFT = "draft"
    IN_FORCE = "in_force"
    RETIRED = "retired"
    DISCARDED = "discarded"


_ONE = text("state = 'in_force'")


class Scheme(Audited, Model):
    """One version of an office's scheme. Whoever signs is bound to the version in force that day, whatever follows.

    `preset` names the local scheme it began with. Drafted by one, put in force by another.
    """

    __tablename__ = "scheme"
    __table_args__ = (
        UniqueConstraint("office_id", "number"),
        UniqueConstraint("id", "office_id"),
        one_of("state", SchemeState),
        CheckConstraint("title <> ''", name="has_a_title"),
        CheckConstraint("approved_by_id <> drafted_by_id", name="drafted_by_one_approved_by_another"),
        CheckConstraint(
            "state IN ('draft', 'discarded') OR (approved_by_id IS NOT NULL AND in_force_from IS NOT NULL)",
            name="in_force_by_somebodys_word",
        ),
        Index("uq_scheme_one_in_force", "office_id", unique=True, sqlite_where=_ONE, postgresql_where=_ONE),
    )

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    number: Mapped[int]
    title: Mapped[str]
    preset: Mapped[str] = mapped_column(default="custom")
    held: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default=SchemeState.DRAFT)
    drafted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime | None]
    in_force_from: Mapped[date | None]

    office: Mapped[Office] = relationship()
    drafted_by: Mapped[Person | None] = relationship(foreign_keys=drafted_by_id)
    approved_by: Mapped[Person | None] = relationship(foreign_keys=approved_by_id)

    @property
    def terms(self) -> Terms:
        return from_plain(self.held)


SCHEME = Course(
    Scheme,
    [
        Step("draft", (), "draft", "draft_scheme"),
        Step("discard", ("draft",), "discarded", "draft_scheme"),
        Step("approve", ("draft",), "in_force", "approve_scheme"),
        Step("retire", ("in_force",), "retired", "approve_scheme"),
    ],
)
