"""What a person does about a message: say it by phone, or send a dead one again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from accounts.models import Person
from errors import Refusal
from extensions import db, rows_hit
from record.act import act, current_act
from record.models import Delivery, Message


class NotDead(Refusal):
    code = "message_not_dead"
    message = "Only a message that could not be delivered is sent again."
    help = "This one has been delivered, or is still being tried."


class ToldAlready(Refusal):
    code = "message_told_already"
    message = "Somebody has noted already that this was told by phone."
    help = "Reload the page to see who."


def tell_by_phone(message: Message, by: Person, at: datetime, remark: str = "") -> None:
    """Note that the recipient was told by phone; a message that still waits is sent no more. Raises: ToldAlready."""
    with act("message.tell", message, by=by, at=at, reason=remark):
        _step(message, (Delivery.QUEUED, Delivery.DEAD, Delivery.SENT, Delivery.WITHDRAWN), Delivery.TOLD, ToldAlready)


def resend(message: Message, by: Person, at: datetime) -> None:
    """Try a dead message once more, for another day. Raises: NotDead."""
    with act("message.resend", message, by=by, at=at):
        _step(message, (Delivery.DEAD,), Delivery.QUEUED, NotDead, due_at=at, created_at=at, leased_until=None)


def _step(
    message: Message, froms: tuple[Delivery, ...], to: Delivery, otherwise: type[Refusal], **columns: datetime | None
) -> None:
    """One conditional UPDATE, so that the outbox and two people at once settle it among themselves."""
    before = message.state
    taken = update(Message).where(Message.id == message.id, Message.state.in_(froms)).values(state=to, **columns)
    if rows_hit(db.session.execute(taken.execution_options(synchronize_session="evaluate"))) != 1:
        raise otherwise()
    db.session.refresh(message)
    current_act().note(message, "state", before, to)
