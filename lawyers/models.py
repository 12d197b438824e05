"""The register of duty lawyers, stations with their opening days, rotas and duties (DOMAIN 2, 8.2)."""

from __future__ import annotations

import enum
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Membership, Office, Organisation, Person
from extensions import Model
from record.course import Course, Step
from record.models import Audited, one_of
from scheduler.timeline.models import Event


class LawyerEntry(Audited, Model):
    """A lawyer on an office's register: his membership says who he is and of which firm, this row how he serves.

    `share_percent`: his part of the turns, 100 for a whole one, 0 for none. `weekly_blocks`: half-days of every week on
    which he cannot come, as `rules.pattern` writes them ("3pm"). `remark` is kept word for word as it was handed over;
    `remark_dealt_with` says that somebody has turned it into a pattern, a leave or nothing.
    """

    __tablename__ = "lawyer_entry"
    __table_args__ = (
        UniqueConstraint("office_id", "licence"),
        CheckConstraint("share_percent BETWEEN 0 AND 300", name="share_is_a_part"),
        CheckConstraint("cap_per_month IS NULL OR cap_per_month BETWEEN 1 AND 31", name="cap_is_possible"),
    )

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), unique=True)
    licence: Mapped[str]
    field: Mapped[str] = mapped_column(default="")
    remark: Mapped[str] = mapped_column(default="")
    remark_dealt_with: Mapped[bool] = mapped_column(default=False, server_default=false())
    practice_since: Mapped[int | None]
    share_percent: Mapped[int] = mapped_column(default=100)
    cap_per_month: Mapped[int | None]
    weekly_blocks: Mapped[list[Any]] = mapped_column(default=list)

    office: Mapped[Office] = relationship()
    membership: Mapped[Membership] = relationship()

    @property
    def person(self) -> Person:
        return self.membership.person

    @property
    def name(self) -> str:
        return self.membership.person.name

    @property
    def firm(self) -> str:
        return self.membership.organisation.name if self.membership.organisation else ""


class Preset(enum.StrEnum):
    ONE_WEEKDAY = "one_weekday"
    EVERY_WORKING_DAY = "every_working_day"


class Mode(enum.StrEnum):
    ON_SITE = "on_site"
    PHONE = "phone"
    ONLINE = "online"


class Station(Audited, Model):
    """Where lawyers are on duty: a legal-aid body's work station in the office (L-01, L-02).

    Its preset says on which days it opens (L-25). A session without hours does not exist; the noon between the
    two is free (L-26).
    """

    __tablename__ = "station"
    __table_args__ = (
        UniqueConstraint("office_id", "name"),
        one_of("preset", Preset),
        one_of("mode", Mode),
        CheckConstraint("weekday BETWEEN 1 AND 5", name="a_working_weekday"),
        CheckConstraint("lawyers_a_session BETWEEN 1 AND 9", name="somebody_serves"),
        CheckConstraint("(am_starts IS NULL) = (am_ends IS NULL)", name="morning_is_whole"),
        CheckConstraint("(pm_starts IS NULL) = (pm_ends IS NULL)", name="afternoon_is_whole"),
        CheckConstraint("am_starts IS NOT NULL OR pm_starts IS NOT NULL", name="open_at_some_hour"),
    )

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    preset: Mapped[str] = mapped_column(default=Preset.ONE_WEEKDAY)
    weekday: Mapped[int] = mapped_column(default=2)
    am_starts: Mapped[time | None]
    am_ends: Mapped[time | None]
    pm_starts: Mapped[time | None]
    pm_ends: Mapped[time | None]
    lawyers_a_session: Mapped[int] = mapped_column(default=1)
    mode: Mapped[str] = mapped_column(default=Mode.ON_SITE)
    active: Mapped[bool] = mapped_column(default=True, server_default=true())

    office: Mapped[Office] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    closures: Mapped[list[StationClosure]] = relationship(back_populates="station", order_by="StationClosure.closed_on")

    @property
    def sessions(self) -> dict[str, tuple[time, time]]:
        """Its sessions by name, "am" before "pm", in local time."""
        hours = {"am": (self.am_starts, self.am_ends), "pm": (self.pm_starts, self.pm_ends)}
        return {name: (a, b) for name, (a, b) in hours.items() if a is not None and b is not None}


class StationClosure(Audited, Model):
    """A day on which a station stays closed though its preset would open it."""

    __tablename__ = "station_closure"
    __table_args__ = (UniqueConstraint("station_id", "closed_on"),)

    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), index=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    closed_on: Mapped[date]
    why: Mapped[str] = mapped_column(default="")

    station: Mapped[Station] = relationship(back_populates="closures")


class RotaState(enum.StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    DISCARDED = "discarded"


class Rota(Audited, Model):
    """One version of a station's rota for one span, both days included.

    `min_distance` and `within` are what the draft was asked for; `may_stay_uncovered` lists the days (ISO) on which an
    empty place is accepted. `provisional`: the span touches a year without an official calendar (C-15). `edits` holds
    what the last edits replaced, for undoing them; `basis` what the publishing knew, for the next rota's carry-over.
    """

    __tablename__ = "rota"
    __table_args__ = (
        UniqueConstraint("station_id", "first_on", "version"),
        one_of("state", RotaState),
        CheckConstraint("first_on <= last_on", name="starts_before_it_ends"),
        Index(
            "uq_rota_one_in_force",
            "station_id",
            "first_on",
            "state",
            unique=True,
            sqlite_where=text("state IN ('draft', 'published')"),
            postgresql_where=text("state IN ('draft', 'published')"),
        ),
    )

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), index=True)
    first_on: Mapped[date]
    last_on: Mapped[date]
    version: Mapped[int]
    state: Mapped[str] = mapped_column(default=RotaState.DRAFT)
    provisional: Mapped[bool] = mapped_column(default=False, server_default=false())
    min_distance: Mapped[int]
    within: Mapped[int] = mapped_column(default=1)
    may_stay_uncovered: Mapped[list[Any]] = mapped_column(default=list)
    drafted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime | None]
    edits: Mapped[list[Any]] = mapped_column(default=list, info={"derived": True})
    basis: Mapped[dict[str, Any]] = mapped_column(default=dict, info={"derived": True})

    office: Mapped[Office] = relationship()
    station: Mapped[Station] = relationship()
    drafted_by: Mapped[Person | None] = relationship()
    duties: Mapped[list[Duty]] = relationship(back_populates="rota", order_by="Duty.serves_on, Duty.number")


class DutyState(enum.StrEnum):
    PLANNED = "planned"
    PUBLISHED = "published"
    UNCOVERED = "uncovered"
    CANCELLED = "cancelled"


class Duty(Audited, Model):
    """One place of a rota on one day: 1–2 sessions, which are 1–2 bookings once it is published (L-26).

    A draft names its lawyer here and nowhere else; publishing makes the event and the bookings (SETTLED 4).
    `on_day_off`: the calendar changed after publishing, and its day is off by now (C-15, I39).
    """

    __tablename__ = "duty"
    __table_args__ = (
        UniqueConstraint("rota_id", "serves_on", "number"),
        one_of("state", DutyState),
        CheckConstraint("sessions IN ('am', 'pm', 'am+pm')", name="sessions_known"),
        CheckConstraint("state IN ('planned', 'cancelled') OR event_id IS NOT NULL", name="published_has_its_event"),
        CheckConstraint("state <> 'planned' OR event_id IS NULL", name="planned_has_no_event"),
        CheckConstraint("state <> 'published' OR lawyer_id IS NOT NULL", name="published_has_its_lawyer"),
    )

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    rota_id: Mapped[int] = mapped_column(ForeignKey("rota.id"), index=True)
    serves_on: Mapped[date] = mapped_column(index=True)
    number: Mapped[int] = mapped_column(default=1)
    sessions: Mapped[str]
    lawyer_id: Mapped[int | None] = mapped_column(ForeignKey("lawyer_entry.id"), index=True)
    locked: Mapped[bool] = mapped_column(default=False, server_default=false())
    state: Mapped[str] = mapped_column(default=DutyState.PLANNED)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"), unique=True)
    on_day_off: Mapped[bool] = mapped_column(default=False, server_default=false())

    office: Mapped[Office] = relationship()
    rota: Mapped[Rota] = relationship(back_populates="duties")
    lawyer: Mapped[LawyerEntry | None] = relationship()
    event: Mapped[Event | None] = relationship()


def key_of(entry: LawyerEntry) -> str:
    """How the solver and the pages name a lawyer of the register."""
    return str(entry.public_id)


ROTA = Course(
    Rota,
    [
        Step("draft", (), "draft", "draft_rota"),
        Step("publish", ("draft",), "published", "publish_rota"),
        Step("supersede", ("published",), "superseded"),
        Step("discard", ("draft",), "discarded", "draft_rota"),
    ],
)
DUTY = Course(
    Duty,
    [
        Step("assign", (), "planned", "draft_rota"),
        Step("publish", ("planned",), "published"),
        Step("leave_open", ("planned",), "uncovered"),
        Step("substitute", ("published", "uncovered"), "published", "draft_rota"),
        Step("release", ("published",), "uncovered", "draft_rota"),
        Step("cancel", ("planned", "published", "uncovered"), "cancelled", "draft_rota"),
    ],
)
