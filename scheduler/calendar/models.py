"""Calendar feeds: private addresses, one per device, and when they were last asked for."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Office, Person
from extensions import Key, Model
from record.models import Audited, one_of


class FeedKind(enum.StrEnum):
    OWN = "own"
    OFFICE = "office"


class Feed(Audited, Model):
    """One private address for one owner and device. The token is kept as a hash; its first six characters name it."""

    __tablename__ = "feed"
    __table_args__ = (one_of("kind", FeedKind),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    kind: Mapped[str] = mapped_column(default=FeedKind.OWN)
    name: Mapped[str]
    language: Mapped[str] = mapped_column(default="zh_Hans_CN")
    prefix: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True, info={"sealed": True})
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    asked_again_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
    office: Mapped[Office] = relationship()
    use: Mapped[FeedUse] = relationship(back_populates="feed", uselist=False)


class FeedUse(Model):
    """Bookkeeping of a feed; may be lost."""

    __tablename__ = "feed_use"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    feed_id: Mapped[int] = mapped_column(ForeignKey("feed.id"), unique=True)
    last_used_at: Mapped[datetime | None]
    network: Mapped[str] = mapped_column(default="")
    agent: Mapped[str] = mapped_column(default="")

    feed: Mapped[Feed] = relationship(back_populates="use")
