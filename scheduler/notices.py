"""Who hears of his calendar addresses, and what makes a message about the timeline untrue before it leaves (I25)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from accounts.actions.memberships import local_day
from extensions import db
from record.models import Act, Message
from record.notices import Recipient, outdated_when, tells
from scheduler.calendar.models import Feed
from scheduler.timeline.models import Event, EventStatus


@tells("feed.lapse")
def whose_address_ended(act: Act, feed: Feed) -> Iterator[Recipient]:
    yield Recipient(feed.person_id, "scheduler/feed_ended", {"name": feed.name, "days": act.facts["days"]})


@tells("feed.ask")
def whoever_may_not_need_it_any_more(act: Act, feed: Feed) -> Iterator[Recipient]:
    made_on = local_day(feed.office, feed.made_at)
    yield Recipient(feed.person_id, "scheduler/feed_asked", {"name": feed.name, "made_on": made_on.isoformat()})


def about_event(event: Event) -> dict[str, Any]:
    """Facts of a message that speaks of an event as it is planned now: `Recipient(..., facts=about_event(event))`.

    It leaves no more once the event is cancelled or changed. A message that tells of the cancellation carries none.
    """
    return {"event": str(event.public_id), "sequence": event.sequence}


@outdated_when
def speaks_of_another_event(message: Message) -> bool:
    """Read anew and under a lock, so that a change that is about to commit is waited for."""
    told = message.facts.get("event")
    if told is None:
        return False
    planned = select(Event).where(Event.public_id == uuid.UUID(told)).with_for_update(read=True)
    event = db.session.scalar(planned.execution_options(populate_existing=True))
    return event is None or event.status == EventStatus.CANCELLED or event.sequence != message.facts["sequence"]
