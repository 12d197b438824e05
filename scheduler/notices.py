"""What makes a message about the timeline untrue: asked before it leaves (I25)."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import select

from extensions import db
from record.models import Message
from record.notices import outdated_when
from scheduler.timeline.models import Event, EventStatus


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
