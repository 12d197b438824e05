"""Traffic posts: where volunteers stand, when, how many, under whom."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Office, Organisation, Person
from extensions import Model
from record.models import Audited
from volunteers.rules.gates import county_of


class Post(Audited, Model):
    """Where volunteers stand. `weekdays` are 1 Monday to 7 Sunday; a window that is None is not staffed.

    `area` is the county or district it lies in where that is not the office's own (D-11). `difficulty` (D-21): 0
    indoors, 1 a quiet corner, 2 as usual, 3 a busy crossing; it orders posts, minutes are the same everywhere. A post
    `at_school` rests in the school holidays of its office.
    """

    __tablename__ = "post"
    __table_args__ = (
        UniqueConstraint("office_id", "name"),
        UniqueConstraint("id", "office_id"),
        CheckConstraint("capacity > 0", name="has_room_for_somebody"),
        CheckConstraint("name <> ''", name="has_a_name"),
        CheckConstraint("difficulty BETWEEN 0 AND 3", name="is_as_hard_as_a_post_is"),
        CheckConstraint("(morning_from IS NULL) = (morning_till IS NULL)", name="a_morning_has_two_ends"),
        CheckConstraint("(evening_from IS NULL) = (evening_till IS NULL)", name="an_evening_has_two_ends"),
        CheckConstraint("morning_from < morning_till", name="morning_begins_first"),
        CheckConstraint("evening_from < evening_till", name="evening_begins_first"),
    )

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    name: Mapped[str]
    squad_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    capacity: Mapped[int]
    morning_from: Mapped[time | None]
    morning_till: Mapped[time | None]
    evening_from: Mapped[time | None]
    evening_till: Mapped[time | None]
    weekdays: Mapped[list[Any]] = mapped_column(default=list)
    remark: Mapped[str] = mapped_column(default="")
    area: Mapped[str] = mapped_column(default="", server_default="")
    difficulty: Mapped[int] = mapped_column(default=2, server_default=text("2"))
    at_school: Mapped[bool] = mapped_column(default=False, server_default=false())
    active: Mapped[bool] = mapped_column(default=True, server_default=true())

    office: Mapped[Office] = relationship()
    squad: Mapped[Organisation | None] = relationship()
    officers: Mapped[list[PostOfficer]] = relationship(back_populates="post", order_by="PostOfficer.id")

    @property
    def county(self) -> str:
        """The county or district it lies in."""
        return self.area or county_of(self.office.name)

    @property
    def windows(self) -> dict[str, tuple[time, time]]:
        """The windows that are staffed, by slot."""
        found: dict[str, tuple[time, time]] = {}
        if self.morning_from is not None and self.morning_till is not None:
            found["morning"] = (self.morning_from, self.morning_till)
        if self.evening_from is not None and self.evening_till is not None:
            found["evening"] = (self.evening_from, self.evening_till)
        return found

    @property
    def present_officers(self) -> list[Person]:
        """The officers who stand at this post today."""
        return [one.person for one in self.officers if one.left_on is None]


class PostOfficer(Audited, Model):
    """A traffic officer who belongs to a post, till `left_on`; opening its shifts posts him to each."""

    __tablename__ = "post_officer"
    __table_args__ = (
        Index(
            "uq_post_officer_once",
            "post_id",
            "person_id",
            unique=True,
            sqlite_where=text("left_on IS NULL"),
            postgresql_where=text("left_on IS NULL"),
        ),
    )

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    left_on: Mapped[date | None]

    post: Mapped[Post] = relationship(back_populates="officers")
    person: Mapped[Person] = relationship()


class SchoolBreak(Audited, Model):
    """Days in a row on which the schools of an office's county are closed: the posts at a school rest."""

    __tablename__ = "school_break"
    __table_args__ = (
        CheckConstraint("first_on <= last_on", name="begins_first"),
        CheckConstraint("name <> ''", name="has_a_name"),
    )

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    name: Mapped[str]
    first_on: Mapped[date]
    last_on: Mapped[date]

    office: Mapped[Office] = relationship()
