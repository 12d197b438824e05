"""The outbox: messages leave by lease, once per (act, recipient, channel).

A delivery claims a message with a lease, sends it, then marks it. A crash between the two sends it again under the same
Message-ID: at least once on the wire, never silently skipped (I23, I24; TRUST finding 15).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import or_, select, update

from extensions import db
from record.act import transaction
from record.models import Delivery, Message

LEASE = timedelta(minutes=2)
DEAD_AFTER = timedelta(hours=24)
BATCH = 50


@dataclass(frozen=True)
class Letter:
    """A message as it leaves: who gets it where, in which words."""

    message_id: str
    address: str
    subject: str
    body: str


class Refused(Exception):
    """The other side will never take this message (SMTP 5xx): the contact is wrong, not the moment."""


class Sender(Protocol):
    def __call__(self, letter: Letter) -> None: ...


Renderer = Callable[[Message], "Letter | None"]

_senders: dict[str, tuple[Renderer, Sender]] = {}


def deliver_by(channel: str, render: Renderer, send: Sender) -> None:
    """Register how messages of a channel are written and sent. `render` answers None where it is no longer true (I25)."""
    _senders[channel] = (render, send)


def deliver_due(now: datetime) -> int:
    """Deliver what is due, each message in a transaction of its own. Returns how many were settled."""
    settled = 0
    for message_id in _claim(now):
        settled += _deliver(message_id, now)
    return settled


def _claim(now: datetime) -> list[int]:
    free = or_(Message.leased_until.is_(None), Message.leased_until < now)
    with transaction():
        due = select(Message.id).where(Message.state == Delivery.QUEUED, Message.due_at <= now, free)
        due = due.where(Message.channel.in_(_senders)).order_by(Message.id).limit(BATCH)
        ids = list(db.session.scalars(due.with_for_update(skip_locked=True)))
        db.session.execute(update(Message).where(Message.id.in_(ids)).values(leased_until=now + LEASE))
    return ids


def _deliver(message_id: int, now: datetime) -> int:
    """Send one leased message. The network is waited for outside any transaction."""
    with transaction():
        message = db.session.get_one(Message, message_id)
        render, send = _senders[message.channel]
        letter = render(message)
    error, final = "", False
    try:
        if letter is not None:
            send(letter)
    except Refused as refused:
        error, final = str(refused), True
    except (OSError, ValueError) as trouble:
        error = f"{type(trouble).__name__}: {trouble}"
    with transaction():
        return _settle(db.session.get_one(Message, message_id), now, error, final)


def _settle(message: Message, now: datetime, error: str, final: bool) -> int:
    message.leased_until = None
    message.attempts += 1
    message.last_error = error[:500]
    if not error:
        message.state, message.sent_at = Delivery.SENT, now
    elif final or now - message.created_at > DEAD_AFTER:
        message.state = Delivery.DEAD
    else:
        wait = min(2**message.attempts, 120) * random.uniform(0.75, 1.25)
        message.due_at = now + timedelta(minutes=wait)
    return int(message.state != Delivery.QUEUED)
