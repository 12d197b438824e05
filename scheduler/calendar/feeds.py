"""Calendar feeds: making, finding and ending a private address, and what it shows its owner now (I27)."""

from __future__ import annotations

import hashlib
import secrets
import zlib
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from accounts.access import Viewer
from accounts.models import Office, Person
from extensions import db
from record.act import act
from scheduler.calendar import ical, kinds
from scheduler.calendar.models import Feed, FeedKind, FeedUse
from scheduler.calendar.visible import ever_took_part, of_office
from scheduler.timeline.models import LIVE, Booking, Event, EventStatus

SCHEME = "cf1_"
PREFIX = 6
AHEAD = timedelta(days=400)


def make_feed(person: Person, office: Office, at: datetime, *, name: str, kind: str, language: str) -> tuple[Feed, str]:
    """Make an address. Returns the feed and its token, which is shown once and kept nowhere."""
    secret = secrets.token_urlsafe(32)
    token = f"{SCHEME}{secret}{_check(secret)}"
    feed = Feed(
        person_id=person.id,
        office_id=office.id,
        kind=kind,
        name=name,
        language=language,
        prefix=secret[:PREFIX],
        token_hash=_hash(token),
        made_at=at,
    )
    with act("feed.make", feed, by=person, at=at, device=name):
        db.session.add(feed)
        db.session.add(FeedUse(feed=feed))
    return feed, token


def end_feed(feed: Feed, by: Person | None, at: datetime, reason: str = "") -> None:
    """Revoke an address; from the next request on it answers as if it had never been."""
    with act("feed.revoke", feed, by=by, at=at, reason=reason):
        feed.revoked_at = at


def live_feed(token: str) -> Feed | None:
    """The feed of a token; None for an unknown, revoked or malformed one alike."""
    return db.session.scalar(select(Feed).where(Feed.token_hash == _hash(token), Feed.revoked_at.is_(None)))


def _hash(token: str) -> str:
    """A token has 256 random bits, so a fast hash is enough (ASVS 6.5.2)."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _check(secret: str) -> str:
    """Four characters by which a scanner for leaked secrets knows one of ours."""
    return f"{zlib.crc32(secret.encode()) & 0xFFFF:04x}"


def feeds_of(person: Person) -> list[Feed]:
    return list(db.session.scalars(select(Feed).filter_by(person_id=person.id, revoked_at=None).order_by(Feed.id)))


def entries(feed: Feed, now: datetime, past_days: int, kept_days: int) -> list[ical.Entry]:
    """What the owner may carry away now: his own events, and his office's where he may see them all."""
    viewer = Viewer(feed.person, now.astimezone(ZoneInfo(feed.office.zone)).date())
    since, cancelled_since = now - timedelta(days=past_days), now - timedelta(days=kept_days)
    seen: list[Event] = []
    if feed.kind == FeedKind.OFFICE:
        seen += db.session.scalars(of_office(viewer, since, now + AHEAD, feed.office_id, cancelled_since))
    offices, known = {m.office_id for m in viewer.memberships}, {event.id for event in seen}
    mine = db.session.scalars(ever_took_part(feed.person_id).where(Event.ends_at > since).order_by(Event.id))
    found = [
        _own(event, feed.person_id, cancelled_since)
        for event in mine
        if event.office_id in offices and event.id not in known
    ]
    return [*map(_whole, seen), *(entry for entry in found if entry is not None)]


def _whole(event: Event) -> ical.Entry:
    return _entry(event, event.starts_at, event.ends_at, cancelled=event.status == EventStatus.CANCELLED)


def _own(event: Event, person_id: int, cancelled_since: datetime) -> ical.Entry | None:
    """The owner's part of an event; cancelled where the event is or he left it, for thirty days, then nothing."""
    bookings = [b for b in event.bookings if b.resource.person_id == person_id]
    live = [b for b in bookings if b.status in LIVE]
    ended = [b for b in bookings if b.status not in LIVE]
    if live and event.status != EventStatus.CANCELLED:
        return _entry(event, min(b.starts_at for b in live), max(b.ends_at for b in live), cancelled=False)
    since = _ended_at(event, ended)
    if since is None or since < cancelled_since:
        return None
    parts = live or ended
    return _entry(event, min(b.starts_at for b in parts), max(b.ends_at for b in parts), cancelled=True)


def _ended_at(event: Event, ended: list[Booking]) -> datetime | None:
    times = [b.ended_at for b in ended if b.ended_at is not None]
    if event.status == EventStatus.CANCELLED and event.changed_at is not None:
        times.append(event.changed_at)
    return max(times, default=None)


def _entry(event: Event, starts_at: datetime, ends_at: datetime, *, cancelled: bool) -> ical.Entry:
    """SEQUENCE is the event's, whoever reads it: whoever comes back to an event is not overlooked, either."""
    return ical.Entry(
        uid=str(event.uid),
        sequence=event.revision,
        summary=kinds.neutral(event),
        starts_at=starts_at,
        ends_at=ends_at,
        changed_at=event.revised_at or event.starts_at,
        all_day=event.all_day,
        place=event.place,
        cancelled=cancelled,
    )
