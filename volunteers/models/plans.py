"""A plan of shifts as it was made, to be looked at before anybody is booked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Office
from extensions import Model
from record.models import Audited


class DraftPlan(Audited, Model):
    """`turns`: the ids of assessments, each with the public ids of the shifts it would have. `needed` are the minutes
    asked for, `short` those that find no place, `later` those that the days after the plan still hold, `why` what kept
    somebody out, by a code of `rules/autoplan.py`. `proven`: no plan leaves fewer open. `agreed`: since when somebody's
    part is booked, by the same ids; the plan stays open for the others."""

    __tablename__ = "draft_plan"
    __table_args__ = (CheckConstraint("days BETWEEN 1 AND 60", name="looks_so_far_ahead"),)

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    made_on: Mapped[date]
    days: Mapped[int]
    turns: Mapped[dict[str, Any]]
    needed: Mapped[dict[str, Any]]
    short: Mapped[dict[str, Any]]
    later: Mapped[dict[str, Any]] = mapped_column(default=dict)
    why: Mapped[dict[str, Any]] = mapped_column(default=dict)
    unwanted: Mapped[int]
    proven: Mapped[bool] = mapped_column(default=False, server_default=false())
    agreed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    discarded_at: Mapped[datetime | None]

    office: Mapped[Office] = relationship()
