"""The outbox: nothing is forgotten, nothing is sent twice while a worker holds it, nothing untrue is sent."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from extensions import db
from record import notices, outbox
from record.act import act
from record.models import Delivery, Message
from record.notices import PAGE, Recipient, outdated_when, reach_people_by, tells
from record.outbox import Letter, Refused, deliver_by, deliver_due
from tests.town import NOW, Town


class Wire:
    """The world outside: what was handed over, and what it answers."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.trouble: list[Exception] = []
        self.pause = 0.0

    def send(self, letter: Letter) -> None:
        time.sleep(self.pause)
        if self.trouble:
            raise self.trouble.pop(0)
        self.sent.append(letter.message_id)


def render(message: Message) -> Letter | None:
    if notices.is_outdated(message):
        return None
    if message.facts.get("broken"):
        raise KeyError("a template asks for what is not there")
    return Letter(str(message.public_id), "someone", "subject", "body")


@tells("test.tell")
def the_clerk_and_the_chief(stored: Any, subject: Any) -> Iterator[Recipient]:
    for person_id in stored.facts["whom"]:
        yield Recipient(person_id, "test", facts={"broken": True} if stored.facts.get("broken") else {})


@pytest.fixture
def wire(town: Town, monkeypatch: pytest.MonkeyPatch) -> Wire:
    """Everybody is reached by pigeon as well."""
    monkeypatch.setattr(notices, "_channels", [])
    monkeypatch.setattr(notices, "_outdated", [])
    monkeypatch.setattr(outbox, "_senders", {})
    reach_people_by(lambda *_: ["pigeon"])
    wire = Wire()
    deliver_by("pigeon", render, wire.send)
    return wire


def tell(town: Town, *people: Any, at: datetime = NOW, **facts: Any) -> None:
    whom = [person.id for person in people]
    with act("test.tell", town.office, by=town.coordinator, at=at, whom=whom, **facts):
        pass


def messages() -> list[Message]:
    db.session.rollback()
    return list(db.session.scalars(select(Message).where(Message.channel == "pigeon").order_by(Message.id)))


def states() -> list[tuple[str, int]]:
    return [(m.state, m.attempts) for m in messages()]


def test_an_act_writes_its_messages_in_its_own_transaction_one_a_recipient_and_channel(town: Town, wire: Wire) -> None:
    """I23. A message on somebody's page is delivered by standing there."""
    clerk, chief = town.clerk.id, town.chief.id
    tell(town, town.clerk, town.chief, town.clerk)
    written = db.session.scalars(select(Message).order_by(Message.id))
    assert [(m.recipient_id, m.channel, m.state) for m in written] == [
        (clerk, PAGE, "sent"),
        (clerk, "pigeon", "queued"),
        (chief, PAGE, "sent"),
        (chief, "pigeon", "queued"),
    ]


def test_an_act_that_falls_tells_nobody(town: Town, wire: Wire) -> None:
    with pytest.raises(ValueError), act("test.tell", town.office, by=None, at=NOW, whom=[town.clerk.id]):
        raise ValueError
    assert messages() == []


def test_what_is_due_is_sent_once(town: Town, wire: Wire) -> None:
    tell(town, town.clerk, town.chief)
    assert [deliver_due(NOW), deliver_due(NOW), deliver_due(NOW + timedelta(hours=1))] == [2, 0, 0]
    assert wire.sent == [str(m.public_id) for m in messages()]
    assert states() == [("sent", 1), ("sent", 1)]


def test_trouble_is_tried_again_later_and_later_and_ends_dead_within_a_day(town: Town, wire: Wire) -> None:
    """F23, I24."""
    tell(town, town.clerk)
    wire.trouble = [OSError("nobody answers")] * 100
    at, waits = NOW, []
    for _ in range(60):
        deliver_due(at)
        (message,) = messages()
        if message.state != Delivery.QUEUED:
            break
        waits.append((message.due_at - at).total_seconds() / 60)
        at = message.due_at
    assert (message.state, message.last_error) == ("dead", "OSError: nobody answers")
    assert at == message.created_at + timedelta(hours=24)
    assert [round(wait, 2) for wait in waits[:3]] == [pytest.approx(w, rel=0.26) for w in (2, 4, 8)]
    assert max(waits) <= 150
    assert wire.sent == []


def test_trouble_with_one_message_keeps_no_other_behind_it(town: Town, wire: Wire) -> None:
    """A message that cannot even be written is tried as any other, and the queue goes on."""
    tell(town, town.clerk, broken=True)
    tell(town, town.chief)
    deliver_due(NOW)
    assert states() == [("queued", 1), ("sent", 1)]
    assert messages()[0].last_error == "KeyError: 'a template asks for what is not there'"


def test_what_the_other_side_will_never_take_is_dead_at_once(town: Town, wire: Wire) -> None:
    """F26."""
    tell(town, town.clerk)
    wire.trouble = [Refused("550 no such user")]
    assert deliver_due(NOW) == 1
    assert [(m.state, m.last_error) for m in messages()] == [("dead", "550 no such user")]


def test_what_is_no_longer_so_is_withdrawn_instead_of_sent(town: Town, wire: Wire) -> None:
    """I25."""
    tell(town, town.clerk, town.chief)
    untrue = messages()[0].id
    outdated_when(lambda message: message.id == untrue)
    deliver_due(NOW)
    assert states() == [("withdrawn", 1), ("sent", 1)]
    assert len(wire.sent) == 1


def test_two_workers_at_once_send_each_message_once(town: Town, wire: Wire) -> None:
    tell(town, town.clerk, town.chief, town.prosecutor, town.inspector)
    wire.pause = 0.05
    db.session.remove()
    start = threading.Barrier(2)

    def work() -> None:
        with town.app.app_context():
            start.wait()
            deliver_due(NOW)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(wire.sent) == sorted(str(m.public_id) for m in messages())
    assert len(wire.sent) == 4


def lease(until: datetime) -> None:
    """Another worker took everything and says nothing since."""
    for message in messages():
        message.leased_until = until
    db.session.commit()


def test_a_message_another_worker_holds_is_left_alone_until_its_lease_ends(town: Town, wire: Wire) -> None:
    tell(town, town.clerk)
    lease(NOW + timedelta(minutes=2))
    assert [deliver_due(NOW + timedelta(minutes=m)) for m in (0, 1, 3)] == [0, 0, 1]
    assert len(wire.sent) == 1


def test_a_worker_that_was_too_slow_does_not_send_what_another_has_taken_over(town: Town, wire: Wire) -> None:
    """The lease is renewed before each message, and only by who still holds it."""
    tell(town, town.clerk)
    old, ids = outbox._claim(NOW)
    assert deliver_due(NOW + timedelta(minutes=3)) == 1
    assert [outbox._deliver(message_id, old, NOW + timedelta(minutes=3)) for message_id in ids] == [0]
    assert len(wire.sent) == 1


def test_a_lost_answer_after_sending_sends_again_under_the_same_identity(town: Town, wire: Wire) -> None:
    """TRUST finding 15: at least once, one Message-ID."""
    tell(town, town.clerk)
    handed_over: list[str] = []

    def cut(letter: Letter) -> None:
        handed_over.append(letter.message_id)
        if len(handed_over) == 1:
            raise OSError("cut")

    deliver_by("pigeon", render, cut)
    deliver_due(NOW)
    deliver_due(NOW + timedelta(hours=1))
    assert handed_over == [str(messages()[0].public_id)] * 2
    assert states() == [("sent", 2)]


def test_what_the_law_fixes_is_kept_as_it_was_said(town: Town, wire: Wire) -> None:
    """SETTLED 19."""

    @tells("test.notice")
    def told(stored: Any, subject: Any) -> list[Recipient]:
        return [Recipient(subject.id, "test", frozen="Notice\n\nto the letter")]

    with act("test.notice", town.clerk, by=None, at=NOW):
        pass
    assert [m.frozen_text for m in messages()] == ["Notice\n\nto the letter"]
