"""Shifts, each one event, and who is posted to them (DOMAIN 8.3)."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Office, Organisation, Person
from extensions import Model
from law import LONGEST_SHIFT_MINUTES
from record.course import Course, Step
from record.models import Audited, one_of
from scheduler.timeline.models import Event
from volunteers.models.posts import Post

if TYPE_CHECKING:
    from volunteers.models.attendance import Attendance

KIND = "shift"


class ShiftState(enum.StrEnum):
    """DOMAIN 8.3."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"


DONE = (ShiftState.CLOSED, ShiftState.ARCHIVED)  # nobody ticks or confirms any more; what counts is corrected by two


class Slot(enum.StrEnum):
    """Which of its post's windows a shift fills; `other` is a time of its own."""

    MORNING = "morning"
    EVENING = "evening"
    OTHER = "other"


_OF_A_WINDOW = text("slot <> 'other' AND state <> 'cancelled'")


class Shift(Audited, Model):
    """A turn at a post: one event. `starts_on` is the local date on which it starts, `minutes` its event's length.

    `from_paper`: made for a paper sheet; nobody could book it. `despite_rest`: opened, or kept, by somebody who knew
    that its post rests on that day. `series_id`: the series that opened it, once, whatever becomes of it.
    `prolonged_from` is the end that people had agreed to before it was first prolonged. `would_end_at` is the end it
    would have had before it was stopped, `stopped_at` the one that it has for it.
    """

    __tablename__ = "shift"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "office_id"], ["event.id", "event.office_id"]),
        ForeignKeyConstraint(["post_id", "office_id"], ["post.id", "post.office_id"]),
        ForeignKeyConstraint(["series_id", "post_id"], ["series.id", "series.post_id"]),
        UniqueConstraint("event_id"),
        UniqueConstraint("id", "office_id"),
        UniqueConstraint("id", "minutes"),
        one_of("state", ShiftState),
        one_of("slot", Slot),
        CheckConstraint(f"minutes BETWEEN 1 AND {LONGEST_SHIFT_MINUTES}", name="at_most_twelve_hours"),
        CheckConstraint("(stopped_at IS NULL) = (would_end_at IS NULL)", name="stopped_before_its_end"),
        CheckConstraint("(stopped_at IS NULL) = (stopped_why = '')", name="stopped_for_a_reason"),
        Index(
            "uq_shift_once_a_window",
            "post_id",
            "starts_on",
            "slot",
            unique=True,
            sqlite_where=_OF_A_WINDOW,
            postgresql_where=_OF_A_WINDOW,
        ),
        Index(
            "uq_shift_once_in_its_series",
            "series_id",
            "starts_on",
            "slot",
            unique=True,
            sqlite_where=text("series_id IS NOT NULL"),
            postgresql_where=text("series_id IS NOT NULL"),
        ),
        Index("ix_shift_day", "office_id", "starts_on"),
    )

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    event_id: Mapped[int]
    post_id: Mapped[int] = mapped_column(index=True)
    squad_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    series_id: Mapped[int | None]
    starts_on: Mapped[date]
    slot: Mapped[str] = mapped_column(default=Slot.OTHER)
    minutes: Mapped[int] = mapped_column(info={"derived": True})
    from_paper: Mapped[bool] = mapped_column(default=False, server_default=false())
    prolonged_from: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    would_end_at: Mapped[datetime | None]
    stopped_why: Mapped[str] = mapped_column(default="", server_default="")
    despite_rest: Mapped[bool] = mapped_column(default=False, server_default=false())
    state: Mapped[str] = mapped_column(default=ShiftState.PLANNED)

    office: Mapped[Office] = relationship(overlaps="event,post")
    event: Mapped[Event] = relationship(overlaps="office,post")
    post: Mapped[Post] = relationship(overlaps="office,event")
    squad: Mapped[Organisation | None] = relationship()
    postings: Mapped[list[Posting]] = relationship(back_populates="shift", order_by="Posting.id")
    attendances: Mapped[list[Attendance]] = relationship(
        back_populates="shift", order_by="Attendance.id", foreign_keys="Attendance.shift_id"
    )

    @property
    def agreed_until(self) -> datetime:
        """Until when people had agreed to stay: nobody leaves early who goes then (D-20)."""
        return min(self.event.ends_at, self.prolonged_from or self.event.ends_at)

    @property
    def is_done(self) -> bool:
        return self.state in DONE

    @property
    def not_held(self) -> bool:
        """Stopped before a minute of it was served; its event then ends later, as none is shorter than a minute."""
        return self.stopped_at is not None and self.stopped_at < self.event.ends_at

    @property
    def shown_until(self) -> datetime:
        """Its end as pages say it: of a shift that was not held the planned one."""
        return (self.would_end_at or self.event.ends_at) if self.not_held else self.event.ends_at


SHIFT = Course(
    Shift,
    [
        Step("plan", (), "planned", "keep_shifts"),
        Step("open", ("planned",), "open", "keep_shifts"),
        Step("close", ("open",), "closed", "confirm_attendance"),
        Step("archive", ("closed",), "archived"),
        Step("cancel", ("planned", "open"), "cancelled", "keep_shifts"),
    ],
)


class Posting(Audited, Model):
    """A traffic officer who stands at a shift. One made afterwards has a reason; `ended_at`: no longer his turn."""

    __tablename__ = "posting"
    __table_args__ = (
        UniqueConstraint("shift_id", "person_id"),
        ForeignKeyConstraint(["shift_id", "office_id"], ["shift.id", "shift.office_id"]),
    )

    office_id: Mapped[int]
    shift_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    posted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    posted_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None]

    shift: Mapped[Shift] = relationship(back_populates="postings")
    person: Mapped[Person] = relationship(foreign_keys=person_id)
