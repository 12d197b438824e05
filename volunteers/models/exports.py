"""What was handed over to the national volunteer system (V-03)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Office, Person
from extensions import Model
from record import guards
from record.models import Audited
from volunteers.models.ledger import CreditEntry


class ServiceExport(Audited, Model):
    """A file of service that was taken for the national system; it can be made again from its lines. Append-only."""

    __tablename__ = "service_export"
    __table_args__ = (CheckConstraint("count > 0", name="hands_something_over"),)

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    count: Mapped[int]

    office: Mapped[Office] = relationship()
    by: Mapped[Person] = relationship()
    lines: Mapped[list[Synced]] = relationship(back_populates="export", order_by="Synced.entry_id")


class Synced(Audited, Model):
    """A line of the ledger that stands in such a file: each in one at most. Append-only."""

    __tablename__ = "synced"

    entry_id: Mapped[int] = mapped_column(ForeignKey("credit_entry.id"), unique=True)
    export_id: Mapped[int] = mapped_column(ForeignKey("service_export.id"), index=True)

    export: Mapped[ServiceExport] = relationship(back_populates="lines")
    entry: Mapped[CreditEntry] = relationship()


for _table in ("service_export", "synced"):
    guards.append_only(_table)
