"""The working-day calendar as it is stored, and deadlines (DOMAIN 6.1, 8.8)."""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Office, Person
from extensions import Model
from record import guards
from record.course import Course, Step
from record.models import Audited, one_of


class DayKind(enum.StrEnum):
    """What a stored day is (C-10). The official list knows the first two; an office corrects to any but `off`."""

    OFF = "off"
    MAKEUP_WORK = "makeup_work"
    LOCAL_OFF = "local_off"
    WORKING = "working"


class CalendarYear(Audited, Model):
    """A year whose official list was taken into this installation (C-11): from then on its days are official."""

    __tablename__ = "calendar_year"

    year: Mapped[int] = mapped_column(unique=True)
    source: Mapped[str]
    taken_at: Mapped[datetime]

    days: Mapped[list[CalendarDay]] = relationship(back_populates="official_list", order_by="CalendarDay.falls_on")


class CalendarDay(Audited, Model):
    """A day that is not what its weekday says. Without an office it stands in an official list, else it is the office's
    own correction (a local holiday of base law art. 4), which decides over every list."""

    __tablename__ = "calendar_day"
    __table_args__ = (
        one_of("kind", DayKind),
        UniqueConstraint("office_id", "falls_on"),
        CheckConstraint("(office_id IS NULL) = (list_id IS NOT NULL)", name="of_a_list_or_an_office"),
        CheckConstraint("list_id IS NULL OR kind IN ('off', 'makeup_work')", name="lists_know_two_kinds"),
        Index(
            "uq_calendar_day_official",
            "falls_on",
            unique=True,
            sqlite_where=text("office_id IS NULL"),
            postgresql_where=text("office_id IS NULL"),
        ),
    )

    office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"))
    list_id: Mapped[int | None] = mapped_column(ForeignKey("calendar_year.id"), index=True)
    falls_on: Mapped[date]
    kind: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")

    official_list: Mapped[CalendarYear | None] = relationship(back_populates="days")


class DeadlineState(enum.StrEnum):
    RUNNING = "running"
    MET = "met"
    LATE = "late"
    EXCUSED = "excused"
    CANCELLED = "cancelled"


class Deadline(Audited, Model):
    """Something owed by a day, or for hours by a moment.

    The rule it started under is frozen with it (I49): key, version (public id of a settings row, None for the
    program's default), amount, unit, roll. What happened since are its spells. `due_on` is None while none runs (a case
    returned, a suspension without an end). `provisional`: the counting touches a year without official list (C-12).
    """

    __tablename__ = "deadline"
    __table_args__ = (
        one_of("state", DeadlineState),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("(unit = 'hour') = (starts_at IS NOT NULL)", name="hours_start_at_a_moment"),
        CheckConstraint("(state IN ('met', 'late')) = (met_at IS NOT NULL)", name="met_or_late_at_a_time"),
        Index("ix_deadline_subject", "subject_table", "subject_id"),
        Index("ix_deadline_due", "office_id", "state", "due_on"),
    )

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    subject_table: Mapped[str]
    subject_id: Mapped[int]
    rule_key: Mapped[str] = mapped_column(index=True)
    rule_version: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("setting.public_id"))
    amount: Mapped[int]
    unit: Mapped[str]
    roll: Mapped[str]
    criminal: Mapped[bool] = mapped_column(default=False, server_default=false())
    custody: Mapped[bool] = mapped_column(default=False, server_default=false())
    starts_on: Mapped[date]
    starts_at: Mapped[datetime | None]
    raw_on: Mapped[date | None]
    due_on: Mapped[date | None]
    due_at: Mapped[datetime | None]
    provisional: Mapped[bool] = mapped_column(default=False, server_default=false())
    responsible_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    responsible_role: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default=DeadlineState.RUNNING)
    met_at: Mapped[datetime | None]
    evidence: Mapped[str] = mapped_column(default="")
    excuse: Mapped[str] = mapped_column(default="")

    office: Mapped[Office] = relationship()
    responsible: Mapped[Person | None] = relationship()
    spells: Mapped[list[DeadlineSpell]] = relationship(back_populates="deadline", order_by="DeadlineSpell.id")


class SpellWord(enum.StrEnum):
    """What can happen to a running deadline (D-15). `resumed` ends the suspension before it."""

    EXTENDED = "extended"
    RETURNED = "returned"
    RE_RECEIVED = "re_received"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    JURISDICTION_CHANGED = "jurisdiction_changed"


class DeadlineSpell(Audited, Model):
    """One fact about a running deadline, on the date of its document. Append-only: the count is made from them anew."""

    __tablename__ = "deadline_spell"
    __table_args__ = (
        one_of("kind", SpellWord),
        CheckConstraint("(kind = 'extended') = (amount IS NOT NULL)", name="an_extension_has_an_amount"),
        CheckConstraint("(amount IS NULL) = (unit IS NULL)", name="an_amount_has_a_unit"),
    )

    deadline_id: Mapped[int] = mapped_column(ForeignKey("deadline.id"), index=True)
    kind: Mapped[str]
    happened_on: Mapped[date]
    amount: Mapped[int | None]
    unit: Mapped[str | None]
    document: Mapped[str] = mapped_column(default="")

    deadline: Mapped[Deadline] = relationship(back_populates="spells")


guards.append_only("deadline_spell")

COURSE = Course(
    Deadline,
    [
        Step("start", (), "running"),
        Step("meet", ("running",), "met"),
        Step("meet_late", ("running",), "late"),
        Step("extend", ("running",), "running"),
        Step("recount", ("running",), "running"),
        Step("excuse", ("running",), "excused"),
        Step("cancel", ("running",), "cancelled"),
    ],
)

_FROZEN = (
    "office_id",
    "subject_table",
    "subject_id",
    "rule_key",
    "rule_version",
    "amount",
    "unit",
    "roll",
    "criminal",
    "starts_on",
    "starts_at",
)
_changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in _FROZEN)
guards.register(
    [
        guards.Guard(
            "deadline_keeps_its_rule",
            "deadline",
            "BEFORE UPDATE",
            sqlite=f"WHEN {_changed} BEGIN SELECT RAISE(ABORT, 'deadline_keeps_its_rule'); END",
            postgresql=guards.refuse_pg("deadline_keeps_its_rule", _changed) + " RETURN NEW;",
        )
    ]
)
