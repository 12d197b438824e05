"""Series: shifts that come again, opened as rows some weeks ahead (DESIGN: never a rule of recurrence)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Office
from extensions import Model
from record.models import Audited
from volunteers.models.posts import Post


class Series(Audited, Model):
    """Keeps the shifts of a post's windows open ahead, by the working-day calendar, till `last_on` or till it is ended.

    `slots`: which of the windows; `capacity` None: as many places as the post has. Its memory are the shifts that name
    it, cancelled ones included: none of these windows is opened by it again.
    """

    __tablename__ = "series"
    __table_args__ = (
        ForeignKeyConstraint(["post_id", "office_id"], ["post.id", "post.office_id"]),
        UniqueConstraint("id", "post_id"),
        CheckConstraint("capacity > 0", name="has_room_for_somebody"),
        CheckConstraint("first_on <= last_on", name="begins_first"),
    )

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    post_id: Mapped[int] = mapped_column(index=True)
    slots: Mapped[list[Any]]
    capacity: Mapped[int | None]
    first_on: Mapped[date]
    last_on: Mapped[date | None]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    office: Mapped[Office] = relationship(overlaps="post")
    post: Mapped[Post] = relationship(overlaps="office")
