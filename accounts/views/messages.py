"""Messages: one's own, and for the office every one with what became of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from accounts import access
from accounts.actions.messages import resend, tell_by_phone
from accounts.mail import Written, written
from accounts.models import Person
from accounts.rights import KEEP_MESSAGES, READ_MESSAGES
from accounts.trail import in_words
from accounts.views.trail import trail_of
from accounts.web import find, needs, now, person, see_other, signed_in, viewer
from extensions import db
from record.models import Delivery, Message
from record.notices import PAGE

bp = Blueprint("messages", __name__)
PER_PAGE = 50
MINE_PER_PAGE = 20
CHANNELS = {PAGE: _l("page"), "mail": _l("mail")}
STATES = {
    Delivery.QUEUED: (_l("Waiting"), "wait", "hourglass"),
    Delivery.SENT: (_l("Delivered"), "good", "check"),
    Delivery.DEAD: (_l("Not deliverable"), "bad", "alert-triangle"),
    Delivery.WITHDRAWN: (_l("No longer true, not sent"), "quiet", "arrow-back-up"),
    Delivery.TOLD: (_l("Told by phone"), "good", "phone"),
}


@dataclass(frozen=True)
class Line:
    """A message as lists show it."""

    message: Message
    recipient: str
    what: str


@bp.get("/me/messages")
@signed_in
def mine() -> ResponseReturnValue:
    """What the viewer was told, newest first, each in full and once, whatever ways it went."""
    own = select(Message).where(Message.recipient_id == person().id, Message.channel == PAGE)
    number, pages, total = _paged(own, MINE_PER_PAGE)
    found = db.session.scalars(
        own.options(joinedload(Message.act))
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(MINE_PER_PAGE)
        .offset((number - 1) * MINE_PER_PAGE)
    )
    told = [(message, readable(message)) for message in found]
    return render_template(
        "accounts/messages_mine.html", told=told, number=number, pages=pages, total=total, all_too=_reads_all()
    )


@bp.get("/messages")
@needs(READ_MESSAGES)
def index() -> ResponseReturnValue:
    """Every message of the office."""
    asked = {key: request.args.get(key, "").strip() for key in ("q", "state", "channel")}
    messages = _filtered(access.listed(viewer(), Message, READ_MESSAGES), asked)
    number, pages, total = _paged(messages, PER_PAGE)
    return render_template(
        "accounts/messages.html",
        lines=_lines(messages, number),
        asked=asked,
        number=number,
        pages=pages,
        total=total,
        dead=dead_letters(),
        states=STATES,
        channels=CHANNELS,
    )


@bp.get("/messages/<uuid:public_id>")
@needs(READ_MESSAGES)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    """One message as it was or will be read; a fragment for the drawer, or a page of its own."""
    message = find(Message, public_id, may=READ_MESSAGES)
    template = "_messages_one.html" if request.headers.get("HX-Request") else "messages_one.html"
    return render_template(
        f"accounts/{template}",
        message=message,
        text=readable(message),
        recipient=db.session.get_one(Person, message.recipient_id).name,
        what=in_words(message.act.name),
        states=STATES,
        channels=CHANNELS,
        keeps=access.may(viewer(), KEEP_MESSAGES, message),
        trail=trail_of(message),
    )


@bp.post("/messages/<uuid:public_id>/telling")
@needs(KEEP_MESSAGES)
def tell(public_id: uuid.UUID) -> ResponseReturnValue:
    """Note that the recipient was told by phone."""
    message = find(Message, public_id, may=KEEP_MESSAGES)
    tell_by_phone(message, person(), now(), request.form.get("reason", "").strip())
    flash(gettext("Noted: told by phone."), "good")
    return see_other("messages.show", public_id=public_id)


@bp.post("/messages/<uuid:public_id>/resending")
@needs(KEEP_MESSAGES)
def again(public_id: uuid.UUID) -> ResponseReturnValue:
    """Try a dead message once more."""
    resend(find(Message, public_id, may=KEEP_MESSAGES), person(), now())
    flash(gettext("The message is on its way again."), "good")
    return see_other("messages.show", public_id=public_id)


def readable(message: Message) -> Written:
    """The text of a message; where it cannot be written (its template fails), the page must not fail with it."""
    try:
        return written(message)
    except Exception as trouble:
        return Written(gettext("This message cannot be written"), type(trouble).__name__)


def dead_letters() -> int:
    """How many messages of the viewer's office could not be delivered."""
    if not _reads_all():
        return 0
    dead = access.listed(viewer(), Message, READ_MESSAGES).where(Message.state == Delivery.DEAD)
    return db.session.scalar(select(func.count()).select_from(dead.subquery())) or 0


def _reads_all() -> bool:
    return access.holds(viewer(), READ_MESSAGES)


def _filtered(messages: Select[Any], asked: dict[str, str]) -> Select[Any]:
    if asked["q"]:
        people = select(Person.id).where(Person.name.contains(asked["q"], autoescape=True))
        messages = messages.where(Message.recipient_id.in_(people))
    if asked["state"] in list(Delivery):
        messages = messages.where(Message.state == asked["state"])
    if asked["channel"] in CHANNELS:
        messages = messages.where(Message.channel == asked["channel"])
    return messages


def _lines(messages: Select[Any], number: int) -> list[Line]:
    """One page of messages with their recipients' names. Two queries."""
    page = messages.options(joinedload(Message.act)).order_by(Message.created_at.desc(), Message.id.desc())
    found = list(db.session.scalars(page.limit(PER_PAGE).offset((number - 1) * PER_PAGE)))
    wanted = select(Person.id, Person.name).where(Person.id.in_({m.recipient_id for m in found}))
    names = {row.id: row.name for row in db.session.execute(wanted)}
    return [Line(m, names[m.recipient_id], in_words(m.act.name)) for m in found]


def _paged(messages: Select[Any], size: int) -> tuple[int, int, int]:
    """The page asked for, how many there are, and how many messages in all."""
    total = db.session.scalar(select(func.count()).select_from(messages.subquery())) or 0
    pages = max(-(-total // size), 1)
    return min(max(request.args.get("page", 1, type=int), 1), pages), pages, total
