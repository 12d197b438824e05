"""The outbox: messages leave by lease, once per (act, recipient, channel).

A delivery claims a message with a lease, sends it, then marks it. A crash between the two sends it again under the same
Message-ID: at least once on the wire, never silently skipped (I23, I24; TRUST finding 15).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy import ColumnElement, or_, select, update

from extensions import db, rows_hit
from record.act import transaction
from record.faults import in_words
from record.models import Delivery, Message

LEASE = timedelta(minutes=2)
DEAD_AFTER = timedelta(hours=24)
BATCH = 50
LONGEST_WAIT_MINUTES = 120
log = structlog.get_logger("outbox")


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
    """Register how messages of a channel are written and sent. `render` answers None for what is no longer so (I25)."""
    _senders[channel] = (render, send)


def deliver_due(now: datetime) -> int:
    """Deliver what is due, each message in transactions of its own. Returns how many were settled."""
    began = time.monotonic()
    lease, ids = _claim(now)
    settled = 0
    for message_id in ids:
        at = now + timedelta(seconds=time.monotonic() - began)
        settled += _deliver(message_id, lease, at)
    return settled


def _claim(now: datetime) -> tuple[datetime, list[int]]:
    """Lease what is due and nobody holds. Returns until when, and the messages."""
    lease = now + LEASE
    free = or_(Message.leased_until.is_(None), Message.leased_until < now)
    with transaction():
        due = select(Message.id).where(Message.state == Delivery.QUEUED, Message.due_at <= now, free)
        due = due.where(Message.channel.in_(_senders)).order_by(Message.due_at, Message.id).limit(BATCH)
        ids = list(db.session.scalars(due.with_for_update(skip_locked=True)))
        _set(Message.id.in_(ids), leased_until=lease)
    return lease, ids


def _set(which: ColumnElement[bool], **values: Any) -> int:
    changed = update(Message).where(which).values(**values).execution_options(synchronize_session=False)
    return rows_hit(db.session.execute(changed))


def _held(message_id: int, lease: datetime) -> ColumnElement[bool]:
    """Still ours: neither settled nor leased anew by another worker since."""
    return (Message.id == message_id) & (Message.state == Delivery.QUEUED) & (Message.leased_until == lease)


def _deliver(message_id: int, lease: datetime, at: datetime) -> int:
    """Send one leased message. The lease is renewed first; the network is waited for outside any transaction."""
    ours = at + LEASE
    with transaction():
        if not _set(_held(message_id, lease), leased_until=ours):
            return 0
    outcome = _send(message_id)
    with transaction():
        if not _set(_held(message_id, ours), leased_until=None):
            return 0
        return _settle(db.session.get_one(Message, message_id, populate_existing=True), at, *outcome)


def _send(message_id: int) -> tuple[Delivery, str]:
    """Write a message and send it. Returns what became of it (queued: to be tried again) and the trouble in words.

    Whatever goes wrong with one message must not keep the others behind it, hence the wide except.
    """
    try:
        with transaction():
            message = db.session.get_one(Message, message_id)
            render, send = _senders[message.channel]
            letter = render(message)
        if letter is None:
            return Delivery.WITHDRAWN, ""
        send(letter)
    except Refused as refused:
        return Delivery.DEAD, str(refused)
    except Exception as trouble:
        if not isinstance(trouble, OSError):
            log.error("message not written", message=message_id, fault=in_words(trouble))
        return Delivery.QUEUED, f"{type(trouble).__name__}: {trouble}"
    return Delivery.SENT, ""


def _settle(message: Message, at: datetime, state: Delivery, error: str) -> int:
    dies_at = message.created_at + DEAD_AFTER
    message.attempts += 1
    message.last_error = error[:500]
    if state == Delivery.QUEUED and at >= dies_at:
        state = Delivery.DEAD
    message.state = state
    if state == Delivery.SENT:
        message.sent_at = at
    if state == Delivery.QUEUED:
        wait = min(2**message.attempts, LONGEST_WAIT_MINUTES) * random.uniform(0.75, 1.25)
        message.due_at = min(at + timedelta(minutes=wait), dies_at)
    return int(state != Delivery.QUEUED)
