"""Calendar addresses that end without their owner: with his access, with his role, or unread (TRUST 2, 7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import aliased

from accounts.actions.following import stays_with_row
from accounts.actions.memberships import local_day
from accounts.actions.revocation import ends_with_access
from accounts.models import Membership, Office, Person
from accounts.settings import rule_for
from extensions import db
from record.act import act, transaction
from record.invariants import invariant, rows
from scheduler.calendar.feeds import end_feed, feeds_of
from scheduler.calendar.models import Feed, FeedUse
from scheduler.deadlines.counting import months_away

IDLE, AGE = "feed.idle_revoke", "feed.tell_owner_after"
stays_with_row("feed")


@ends_with_access
def end_feeds(of: Person, by: Person | None, at: datetime, reason: str, office: Office | None) -> int:
    """End a person's addresses, or those made at one office. Returns how many."""
    found = [feed for feed in feeds_of(of) if office is None or feed.office_id == office.id]
    for feed in found:
        end_feed(feed, by, at, reason)
    return len(found)


@invariant("T15 a row that was merged has no calendar address")
def _nobodys() -> list[str]:
    return rows(
        "SELECT f.id AS feed FROM feed f JOIN person p ON p.id = f.person_id "
        "WHERE f.revoked_at IS NULL AND p.merged_into_id IS NOT NULL"
    )


def tend_feeds(now: datetime) -> str:
    """End what rests on a role that is gone and what nothing reads; ask after what is old (the job of each day)."""
    with transaction():
        keys = db.session.scalars(select(Feed.office_id).where(Feed.revoked_at.is_(None)).distinct()).all()
    done = [_tend(key, now) for key in sorted(keys)]
    return "role gone {}, unread {}, asked {}".format(*(sum(part) for part in zip((0, 0, 0), *done, strict=True)))


def _tend(office_id: int, now: datetime) -> tuple[int, int, int]:
    """One office's, in a transaction of its own."""
    with transaction():
        office = db.session.get_one(Office, office_id)
        idle, age = (int(rule_for(key, office, local_day(office, now)).amount) for key in (IDLE, AGE))
        resting = list(_without_role(office, now))
        for feed in resting:
            end_feed(feed, None, now)
        unread = db.session.scalars(_unread_since(office, now - timedelta(days=idle))).all()
        for feed in unread:
            with act("feed.lapse", feed, by=None, at=now, days=idle):
                feed.revoked_at = now
        old = db.session.scalars(_not_asked_since(office, _months_before(office, now, age))).all()
        for feed in old:
            with act("feed.ask", feed, by=None, at=now):
                feed.asked_again_at = now
    return len(resting), len(unread), len(old)


def _live(office: Office) -> Select[Feed]:
    return select(Feed).where(Feed.office_id == office.id, Feed.revoked_at.is_(None)).order_by(Feed.id)


def _without_role(office: Office, now: datetime) -> Iterator[Feed]:
    """Made while its owner had a role here that has ended since. A role whose end came by its date has no act of
    that day; moved to another squad or firm, somebody has it still."""
    today, held, gone = local_day(office, now), aliased(Membership), aliased(Membership)
    goes_on = exists().where(
        held.person_id == gone.person_id,
        held.office_id == gone.office_id,
        held.role == gone.role,
        held.starts_on <= today,
        or_(held.ends_on.is_(None), held.ends_on >= today),
    )
    ended = (gone.person_id == Feed.person_id) & (gone.office_id == Feed.office_id)
    last_day = func.max(gone.ends_on)
    found = _live(office).join(gone, ended).where(gone.ends_on < today, ~goes_on).group_by(Feed.id)
    for feed, ended_on in db.session.execute(found.add_columns(last_day)):
        if local_day(office, feed.made_at) <= ended_on:
            yield feed


def _unread_since(office: Office, since: datetime) -> Select[Feed]:
    read_at = func.coalesce(FeedUse.last_used_at, Feed.made_at)
    return _live(office).outerjoin(FeedUse, FeedUse.feed_id == Feed.id).where(read_at <= since)


def _not_asked_since(office: Office, since: datetime) -> Select[Feed]:
    return _live(office).where(func.coalesce(Feed.asked_again_at, Feed.made_at) <= since)


def _months_before(office: Office, now: datetime, months: int) -> datetime:
    here = now.astimezone(ZoneInfo(office.zone))
    return datetime.combine(months_away(here.date(), -months), here.timetz())
