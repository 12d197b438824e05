"""Messages: on everybody's own page, by mail where there is one, and all of them where the office looks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from accounts import mail
from accounts.actions.messages import NotDead, ToldAlready, resend, tell_by_phone
from accounts.actions.offices import ask_for_test_mail, set_mail_server, switch_mail
from accounts.actions.people import correct_person
from accounts.models import MailServer
from extensions import db
from record.act import act, history
from record.edge import now
from record.models import Message
from record.notices import Recipient, tells
from record.outbox import Refused, deliver_due
from scheduler.notices import about_event
from scheduler.timeline.changes import Cancel, Move
from scheduler.timeline.timeline import rebook
from tests.accounts.visitor import in_english, text_of
from tests.faults.smtp_sink import Sink, listening
from tests.town import NOW, Browser, Town, local


@pytest.fixture
def sink() -> Iterator[Sink]:
    with listening() as sink:
        yield sink


@pytest.fixture
def server(town: Town, sink: Sink) -> MailServer:
    """The office's mail server, and a clerk with an address."""
    correct_person(town.clerk, {"email": "clerk@feng.example"}, by=town.clerk, at=NOW)
    facts = {"host": "127.0.0.1", "port": sink.port, "security": "none", "username": "", "password": None}
    return set_mail_server(town.office, {**facts, "sender": "office@feng.example"}, town.system_admin, NOW)


def by_mail() -> list[Message]:
    db.session.rollback()
    return list(db.session.scalars(select(Message).where(Message.channel == "mail").order_by(Message.id)))


def states() -> list[tuple[str, str]]:
    return [(m.state, m.last_error) for m in by_mail()]


def test_whoever_has_an_address_gets_a_mail_besides_his_page(town: Town, server: MailServer, sink: Sink) -> None:
    ask_for_test_mail(server, town.clerk, NOW)
    assert deliver_due(NOW) == 1
    (message,), (got,) = by_mail(), sink.mails
    assert (got["From"], got["To"], got["Subject"]) == ("office@feng.example", "clerk@feng.example", got["Subject"])
    assert got["Message-ID"] == f"<{message.public_id}@feng.example>"
    assert sorted(db.session.scalars(select(Message.channel))) == ["mail", "page"]


def test_a_message_speaks_its_readers_language_whoever_sends_it(town: Town, server: MailServer, sink: Sink) -> None:
    correct_person(town.clerk, {"language": "en"}, by=town.clerk, at=NOW)
    ask_for_test_mail(server, town.clerk, NOW)
    deliver_due(NOW)
    (got,) = sink.mails
    assert got["Subject"] == "Test message of Fengli"
    assert got.get_content().replace("\r\n", "\n").splitlines() == [
        "Dear 褚书记,",
        "",
        "this message shows that mail leaves from 枫县人民检察院. Nothing needs to be done.",
        "It was asked for by 褚书记, Tue 24 Nov 09:00.",
    ]


def test_without_an_address_or_with_mail_switched_off_there_is_the_page_alone(town: Town, server: MailServer) -> None:
    switch_mail(server, False, town.system_admin, NOW)
    with act("test.tell_all", town.office, by=None, at=NOW):
        pass
    switch_mail(server, True, town.system_admin, NOW)
    with act("test.tell_all", town.office, by=None, at=NOW):
        pass
    told = db.session.execute(select(Message.recipient_id, Message.channel).order_by(Message.id)).all()
    clerk, chief = town.clerk.id, town.chief.id
    assert [tuple(row) for row in told] == [
        (clerk, "page"),
        (chief, "page"),
        (clerk, "page"),
        (clerk, "mail"),
        (chief, "page"),
    ]


@tells("test.tell_all")
def _all(stored: Any, subject: Any) -> list[Recipient]:
    from accounts.models import Person

    names = ["褚书记", "王检长"]
    found = {p.name: p.id for p in db.session.scalars(select(Person).where(Person.name.in_(names)))}
    return [Recipient(found[name], "test/nothing") for name in names]


@pytest.mark.parametrize(
    ("mode", "state", "error"),
    [
        ("451", "queued", "SMTPResponseException: (451"),
        ("550", "dead", "550 no such user"),
        ("554", "dead", "554 this text is not taken"),
    ],
)
def test_what_the_other_server_answers_decides_whether_it_is_tried_again(
    town: Town, server: MailServer, sink: Sink, mode: Any, state: str, error: str
) -> None:
    """F26: 4xx is tried again, 5xx is final."""
    sink.mode = mode
    ask_for_test_mail(server, town.clerk, NOW)
    deliver_due(NOW)
    assert [(s, e.startswith(error)) for s, e in states()] == [(state, True)]
    sink.mode = "take"
    deliver_due(NOW + timedelta(hours=1))
    assert [s for s, _ in states()] == ["dead" if state == "dead" else "sent"]
    assert len(sink.mails) == (0 if state == "dead" else 1)


def test_a_wrong_password_of_the_office_kills_no_message(town: Town, server: MailServer, sink: Sink) -> None:
    """535 is the office's own trouble: it waits until somebody mends it."""
    facts = {"host": "127.0.0.1", "port": sink.port, "security": "none", "username": "office", "password": "wrong"}
    set_mail_server(town.office, {**facts, "sender": "office@feng.example"}, town.system_admin, NOW)
    sink.mode = "535"
    ask_for_test_mail(server, town.clerk, NOW)
    deliver_due(NOW)
    assert [(s, e.partition(":")[0]) for s, e in states()] == [("queued", "SMTPAuthenticationError")]


def test_a_server_that_drops_after_data_gets_the_mail_again_under_the_same_id(
    town: Town, server: MailServer, sink: Sink
) -> None:
    """F25: duplicates <= cuts."""
    sink.mode = "drop_after_data"
    ask_for_test_mail(server, town.clerk, NOW)
    deliver_due(NOW)
    sink.mode = "take"
    deliver_due(NOW + timedelta(hours=1))
    assert ([s for s, _ in states()], len(sink.mails), len(set(sink.ids))) == (["sent"], 2, 1)


def test_a_slow_server_gets_the_mail_again_under_the_same_id(
    town: Town, server: MailServer, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F24."""
    monkeypatch.setattr(mail, "TIMEOUT", 0.3)
    sink.mode = "slow"
    ask_for_test_mail(server, town.clerk, NOW)
    deliver_due(NOW)
    assert [s for s, _ in states()] == ["queued"]
    sink.mode = "take"
    deliver_due(NOW + timedelta(hours=1))
    assert ([s for s, _ in states()], len(set(sink.ids))) == (["sent"], 1)


def test_nothing_on_the_port_leaves_the_work_unharmed(town: Town, server: MailServer) -> None:
    """F23."""
    facts = {"host": "127.0.0.1", "port": 1, "security": "none", "username": "", "password": None}
    set_mail_server(town.office, {**facts, "sender": "office@feng.example"}, town.system_admin, NOW)
    ask_for_test_mail(server, town.clerk, NOW)
    deliver_due(NOW)
    assert [(s, e.partition(":")[0]) for s, e in states()] == [("queued", "ConnectionRefusedError")]


@pytest.mark.parametrize("typed", ["a@b.cn\r\nBcc: x@y.cn", "a@b.cn\nX: 1", "a@b.cn\u2028Bcc: x@y.cn", "\x00", ""])
def test_nothing_typed_becomes_a_header(typed: str) -> None:
    """T19."""
    with pytest.raises(Refused):
        mail.header(typed)


def test_a_title_with_a_line_break_reaches_the_text_and_no_header(town: Town, server: MailServer, sink: Sink) -> None:
    """T19, by the longest way: frozen text whose first line is the subject."""

    @tells("test.break")
    def told(stored: Any, subject: Any) -> list[Recipient]:
        return [Recipient(subject.id, "test", frozen="Hearing\nBcc: x@y.cn\n\ntext")]

    with act("test.break", town.clerk, by=None, at=NOW, at_office=town.office.id):
        pass
    deliver_due(NOW)
    (got,) = sink.mails
    assert (got["Subject"], got["Bcc"], sink.recipients) == ("Hearing", None, ["clerk@feng.example"])


def planned(town: Town, name: str) -> Any:
    """An event the clerk is reminded of."""
    event = town.event("会议", "2026-11-25 09:00", "2026-11-25 10:00")

    @tells(name)
    def told(stored: Any, subject: Any) -> list[Recipient]:
        return [Recipient(town.clerk.id, "test/nothing", facts=about_event(subject))]

    with act(name, event, by=None, at=NOW):
        pass
    return event


@pytest.mark.parametrize("change", ["cancel", "move", "nothing"])
def test_a_reminder_of_an_event_that_was_cancelled_or_moved_is_not_sent(
    town: Town, server: MailServer, sink: Sink, change: str
) -> None:
    """I25."""
    event = planned(town, f"test.remind_{change}")
    with act("event.change", event, by=town.coordinator, at=NOW):
        if change == "cancel":
            rebook(Cancel(event))
        if change == "move":
            rebook(Move(event, local("2026-11-26 09:00"), local("2026-11-26 10:00")))
    deliver_due(NOW)
    assert [s for s, _ in states()] == ["sent" if change == "nothing" else "withdrawn"]
    assert len(sink.mails) == (1 if change == "nothing" else 0)


def dead(town: Town, server: MailServer, sink: Sink, at: datetime = NOW) -> Message:
    sink.mode = "550"
    ask_for_test_mail(server, town.clerk, at)
    deliver_due(at)
    sink.mode = "take"
    return by_mail()[0]


def test_a_dead_message_is_sent_again_once_its_address_is_mended(town: Town, server: MailServer, sink: Sink) -> None:
    message = dead(town, server, sink)
    later = NOW + timedelta(days=3)
    resend(message, town.coordinator, later)
    deliver_due(later)
    assert [s for s, _ in states()] == ["sent"]
    with pytest.raises(NotDead):
        resend(by_mail()[0], town.coordinator, later)
    assert history(by_mail()[0]) == ["message.resend"]


def test_what_was_told_by_phone_is_noted_once_and_not_sent(town: Town, server: MailServer, sink: Sink) -> None:
    ask_for_test_mail(server, town.clerk, NOW)
    message = by_mail()[0]
    tell_by_phone(message, town.coordinator, NOW, "he answered at once")
    deliver_due(NOW)
    assert ([s for s, _ in states()], sink.mails, history(message)) == (["told"], [], ["message.tell"])
    with pytest.raises(ToldAlready):
        tell_by_phone(message, town.coordinator, NOW)


def reader(town: Town, role: str) -> Browser:
    browser = town.browser(getattr(town, role))
    in_english(browser)
    return browser


def test_everybody_reads_his_own_messages_in_full_and_nobody_elses(town: Town, server: MailServer) -> None:
    correct_person(town.clerk, {"language": "en"}, by=town.clerk, at=NOW)
    ask_for_test_mail(server, town.clerk, NOW)
    db.session.remove()
    own = text_of(reader(town, "clerk").get("/me/messages"))
    assert "Test message of Fengli Dear 褚书记, this message shows that mail leaves" in own
    assert own.count("Test message of Fengli") == 1  # once, though it went two ways
    assert "褚书记" not in text_of(reader(town, "receptionist").get("/me/messages"))


def test_the_office_reads_every_message_and_what_became_of_it(town: Town, server: MailServer, sink: Sink) -> None:
    message = dead(town, server, sink, now())
    with act("test.tell_all", town.other_office, by=None, at=NOW):
        pass
    path = f"/messages/{message.public_id}"
    db.session.remove()
    coordinator = reader(town, "coordinator")
    listed = text_of(coordinator.get("/messages?state=dead"))
    assert "1 message could not be delivered" in listed
    assert "褚书记 asked for a test message mail Not deliverable" in listed and "550 no such user" in listed
    assert "王检长" not in listed
    assert "Not deliverable" not in text_of(coordinator.get("/messages?state=sent")).partition("Trouble")[2]
    assert "Send it again" in text_of(coordinator.get(path))
    assert "Send it again" not in text_of(reader(town, "chief").get(path))
    strangers = [town.browser(town.neighbour("coordinator")).get(path), reader(town, "clerk").get(path)]
    assert [answer.status_code for answer in strangers] == [404, 404]


def test_marking_and_sending_again_are_the_coordinators(town: Town, server: MailServer, sink: Sink) -> None:
    message = dead(town, server, sink, now())
    path = f"/messages/{message.public_id}"
    db.session.remove()
    assert reader(town, "chief").post(f"{path}/resending").status_code == 403
    assert town.browser(town.neighbour("coordinator")).post(f"{path}/telling").status_code == 404
    coordinator = reader(town, "coordinator")
    assert coordinator.post(f"{path}/resending").status_code == 303
    assert coordinator.post(f"{path}/resending").status_code == 409
    assert coordinator.post(f"{path}/telling", {"reason": "by phone"}).status_code == 303
    assert (states()[0][0], history(message)) == ("told", ["message.resend", "message.tell"])


def test_a_message_that_cannot_be_written_does_not_break_the_page(town: Town, server: MailServer) -> None:
    @tells("test.broken")
    def told(stored: Any, subject: Any) -> list[Recipient]:
        return [Recipient(subject.id, "lawyers/duty_stand_in")]  # without its facts the template fails

    with act("test.broken", town.clerk, by=None, at=NOW):
        pass
    db.session.remove()
    page = reader(town, "clerk").get("/me/messages")
    assert (page.status_code, "This message cannot be written" in text_of(page)) == (200, True)


def test_the_password_of_the_mail_server_stands_nowhere_in_the_clear(town: Town, server: MailServer) -> None:
    facts = {"host": "127.0.0.1", "port": 25, "security": "tls", "username": "office", "password": "maple-secret-7"}
    set_mail_server(town.office, {**facts, "sender": "office@feng.example"}, town.system_admin, NOW)
    raw = db.session.scalar(text("SELECT password FROM mail_server")) or ""
    acts = " ".join(db.session.scalars(text("SELECT CAST(changes AS TEXT) FROM act")))
    assert ("maple" in raw, "maple" in acts, "ascii" in acts) == (False, False, False)
    db.session.remove()
    assert "maple" not in reader(town, "system_admin").get("/installation").text
