"""Messages in words, and mail: how a message is written in its recipient's language, and how it leaves by SMTP.

A message is written from `templates/messages/<template>.txt`: its first line is the subject, the text begins after an
empty line. A package that tells people something adds its templates there and nothing here. Templates receive `act`,
`facts` (the message's own, then the act's), `subject` (the row), `person` (who reads it), `office`, `what` (the act in
words), `who` (whose act it was, or "") and `mailed` (read in a mail, where there is no button).
"""

from __future__ import annotations

import re
import smtplib
import ssl
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from functools import cache
from typing import Any

from flask import Flask, current_app, g
from flask_babel import force_locale
from jinja2 import TemplateNotFound
from sqlalchemy import Select, bindparam, select

from accounts.models import MailSecurity, MailServer, Office, Person
from accounts.trail import in_words
from extensions import db
from record.act import subject_of
from record.models import Message
from record.notices import is_outdated, reach_people_by
from record.outbox import Letter, Refused, deliver_by

CHANNEL = "mail"
TIMEOUT = 20.0  # seconds for each answer of the mail server; well under the lease
FOREVER = 500  # SMTP: from here on the answer is final
LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class Written:
    """A message in words, in its recipient's language."""

    subject: str
    body: str


@dataclass(frozen=True)
class Server:
    """An office's mail server as plain values: it is talked to outside any transaction."""

    host: str
    port: int
    security: str
    username: str
    password: str
    sender: str


@dataclass(frozen=True)
class Mail(Letter):
    server: Server


class NoServer(ValueError):
    """The office has switched mail off since the message was written down; it is tried again while it may live."""


def written(message: Message) -> Written:
    """The words of a message: frozen ones as they are, others from the act as it stands."""
    person = db.session.get_one(Person, message.recipient_id)
    office = db.session.get(Office, message.office_id) if message.office_id else None
    with _read_by(person, office):
        text = message.frozen_text if message.frozen_text is not None else _rendered(message, person, office)
    subject, _, body = text.strip("\n").partition("\n")
    return Written(subject.strip(), body.strip("\n"))


def _rendered(message: Message, person: Person, office: Office | None) -> str:
    act = message.act
    who = db.session.get(Person, act.actor_id) if act.actor_id else None
    environment = current_app.jinja_env
    try:
        template = environment.get_template(f"messages/{message.template}.txt")
    except TemplateNotFound:
        template = environment.get_template("messages/plain.txt")
    return template.render(
        act=act,
        facts={**act.facts, **message.facts},
        subject=subject_of(act),
        person=person,
        office=office,
        who=who.name if who else "",
        mailed=message.channel == CHANNEL,
        what=in_words(act.name),
    )


@contextmanager
def _read_by(person: Person, office: Office | None) -> Iterator[None]:
    """Speak the reader's language and count in his office's zone, whoever asks for the text."""
    before = g.pop("office", None)
    if office is not None:
        g.office = office
    g.read_later = True
    try:
        with force_locale(person.language):
            yield
    finally:
        g.pop("office", None)
        g.pop("read_later")
        if before is not None:
            g.office = before


def channels(person_id: int, office_id: int | None) -> list[str]:
    """Mail reaches whoever has an address, where the office has a mail server that is switched on."""
    if office_id is None:
        return []
    return [CHANNEL] if db.session.scalar(_address(), {"person": person_id, "office": office_id}) else []


@cache
def _address() -> Select[Any]:
    mailing = select(MailServer.id).where(MailServer.office_id == bindparam("office"), MailServer.active)
    return select(Person.email).where(Person.id == bindparam("person"), mailing.exists())


def server_of(office_id: int) -> MailServer | None:
    """The office's mail server, if mail is on."""
    return db.session.scalar(select(MailServer).filter_by(office_id=office_id, active=True))


def render(message: Message) -> Mail | None:
    """A message as a mail; None for what is no longer so (I25). Raises: NoServer, Refused without a usable address."""
    if is_outdated(message):
        return None
    found = server_of(message.office_id) if message.office_id else None
    if found is None:
        raise NoServer("no mail server")
    address = db.session.get_one(Person, message.recipient_id).email or ""
    text = written(message)
    domain = found.sender.rpartition("@")[2]
    server = Server(found.host, found.port, found.security, found.username, found.password or "", header(found.sender))
    return Mail(f"<{message.public_id}@{domain}>", header(address), header(text.subject), text.body, server)


def header(text: str) -> str:
    """A text that may stand in a mail's header. Raises: Refused where it could begin another header (T19)."""
    if not text or any(unicodedata.category(sign) in {"Cc", "Zl", "Zp", "Cs"} for sign in text):
        raise Refused("a line of the mail's head is empty or holds a line break")
    return text[:LONGEST_SUBJECT]


def send(letter: Letter) -> None:
    """Hand a mail to the office's server. Raises: Refused where the other side will never take it, else OSError."""
    assert isinstance(letter, Mail)
    with _connected(letter.server) as smtp:
        try:
            smtp.send_message(_message(letter), letter.server.sender, [letter.address])
        except smtplib.SMTPRecipientsRefused as trouble:
            code, said = trouble.recipients[letter.address]
            raise _judged(code, said, letter.address) from None
        except smtplib.SMTPDataError as trouble:
            raise _judged(trouble.smtp_code, trouble.smtp_error, letter.address) from None


def _judged(code: int, said: bytes | str, address: str) -> Exception:
    """An answer of 500 or more is final. Only answers to the address and the text are judged so: what the server says
    of its own user or sender is the office's trouble, and is tried again. What is kept does not quote the address."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    text = re.sub(re.escape(address), "…", text, flags=re.IGNORECASE)
    return Refused(f"{code} {text}") if code >= FOREVER else smtplib.SMTPResponseException(code, text)


def _message(mail: Mail) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = mail.message_id
    message["Date"] = formatdate()
    message["From"] = mail.server.sender
    message["To"] = mail.address
    message["Subject"] = mail.subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body + "\n")
    return message


@contextmanager
def _connected(server: Server) -> Iterator[smtplib.SMTP]:
    """A session with the server. After trouble nothing more is said; what goes wrong with a goodbye does not matter."""
    context = ssl.create_default_context()
    if server.security == MailSecurity.TLS:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    try:
        if server.security == MailSecurity.STARTTLS:
            smtp.starttls(context=context)
        if server.username:
            smtp.login(server.username, server.password)
        yield smtp
    except BaseException:
        smtp.close()
        raise
    with suppress(OSError):
        smtp.quit()


def init_app(app: Flask) -> None:
    reach_people_by(channels)
    deliver_by(CHANNEL, render, send)
