"""Acts, messages, stored answers, runs of jobs. People are known here by id only."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from extensions import Model, Row
from record import guards
from record.sealed import Sealed


def one_of(column: str, choices: type[enum.StrEnum], name: str = "") -> CheckConstraint:
    """The CHECK of an enum column, named after the column; it remembers its column and codes."""
    values = ", ".join(f"'{choice}'" for choice in choices)
    known = {"codes": (column, tuple(str(choice) for choice in choices))}
    return CheckConstraint(f"{column} IN ({values})", name=name or f"{column}_known", info=known)


class Audited(Row):
    """A row that changes only inside an act; every change is noted in it (I20)."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__tablename__" in cls.__dict__:
            guards.needs_act(cls.__dict__["__tablename__"])


class Act(Row, Model):
    """Something somebody did: the audit entry, and the source of every message. Append-only (I18).

    `changes` is a list of {table, row, column, from, to}; `facts` holds what notices need; `origin` says by which way
    it came (web, command, import, job), from which network and session.
    """

    __tablename__ = "act"
    __table_args__ = (Index("ix_act_subject", "subject_table", "subject_id"),)

    name: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"), index=True)
    subject_table: Mapped[str]
    subject_id: Mapped[int | None]
    subject_public_id: Mapped[uuid.UUID | None]
    parent_uid: Mapped[uuid.UUID | None]
    reason: Mapped[str] = mapped_column(default="")
    changes: Mapped[list[Any]] = mapped_column(default=list)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    origin: Mapped[dict[str, Any]] = mapped_column(default=dict)


guards.append_only("act")


class Delivery(enum.StrEnum):
    """`withdrawn`: no longer true when its turn came (I25). `told`: somebody said it by phone and noted that."""

    QUEUED = "queued"
    SENT = "sent"
    DEAD = "dead"
    WITHDRAWN = "withdrawn"
    TOLD = "told"


class Message(Row, Model):
    """One thing one person is told by one way because of one act (I23). Text is rendered at delivery unless frozen."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("act_uid", "recipient_id", "channel"),
        one_of("state", Delivery),
        Index("ix_message_due", "state", "due_at"),
    )

    act_uid: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("act.public_id", deferrable=True, initially="DEFERRED"), index=True
    )
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"), index=True)
    channel: Mapped[str]
    template: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    frozen_text: Mapped[str | None] = mapped_column(Sealed())
    state: Mapped[str] = mapped_column(default=Delivery.QUEUED)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(default="")
    sent_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]

    act: Mapped[Act] = relationship(primaryjoin=Act.public_id == act_uid, foreign_keys=act_uid, viewonly=True)


class StoredAnswer(Row, Model):
    """The answer once given to (who, route, key); the same request gets it again, another body is refused (I07)."""

    __tablename__ = "stored_answer"
    __table_args__ = (UniqueConstraint("who", "route", "key"),)

    who: Mapped[str]
    route: Mapped[str]
    key: Mapped[str]
    body_hash: Mapped[str]
    status: Mapped[int | None]
    headers: Mapped[list[Any]] = mapped_column(default=list)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    stored_at: Mapped[datetime] = mapped_column(index=True)


class JobRun(Model):
    """A scheduled run, claimed by inserting it: it happens once however many schedulers there are (I26)."""

    __tablename__ = "job_run"

    job: Mapped[str] = mapped_column(primary_key=True)
    scheduled_for: Mapped[datetime] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    failed: Mapped[bool] = mapped_column(default=False, server_default=false())
    said: Mapped[str] = mapped_column(default="")
