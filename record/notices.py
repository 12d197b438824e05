"""Who hears of an act: pure queries that map an act to recipients, registered by the packages that know them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from record.models import Act, Delivery, Message

PAGE = "page"  # a message that is delivered by standing on the recipient's page


@dataclass(frozen=True)
class Recipient:
    """One person told by a template. `frozen` is the text where the law fixes what was said."""

    person_id: int
    template: str
    facts: dict[str, Any] = field(default_factory=dict, compare=False)
    frozen: str | None = None


Teller = Callable[[Act, Any], Iterable[Recipient]]
Channels = Callable[[int, int | None], Iterable[str]]
Outdated = Callable[[Message], bool]

_tellers: dict[str, list[Teller]] = {}
_channels: list[Channels] = []
_outdated: list[Outdated] = []


def tells(*names: str) -> Callable[[Teller], Teller]:
    """Register a query `(act, subject) -> recipients` for the acts of these names."""

    def register(teller: Teller) -> Teller:
        for name in names:
            known = _tellers.setdefault(name, [])
            if teller not in known:
                known.append(teller)
        return teller

    return register


def reach_people_by(channels: Channels) -> None:
    """Register how a person is reached besides his page: `(person_id, office_id) -> channels` (accounts knows how)."""
    _channels[:] = [channels]


def outdated_when(check: Outdated) -> Outdated:
    """Register a check, asked before a message leaves: True where what it says is no longer so (I25)."""
    if check not in _outdated:
        _outdated.append(check)
    return check


def is_outdated(message: Message) -> bool:
    """Whether something has happened since that makes the message untrue. Asked within a transaction."""
    return any(check(message) for check in _outdated)


def messages_of(act: Act, subject: Any) -> list[Message]:
    """The messages of an act, one per recipient and channel (I23)."""
    told: dict[int, Recipient] = {}
    for teller in _tellers.get(act.name, []):
        for recipient in teller(act, subject):
            told.setdefault(recipient.person_id, recipient)
    return [
        Message(
            act_uid=act.public_id,
            recipient_id=r.person_id,
            office_id=act.office_id,
            channel=channel,
            template=r.template,
            facts=r.facts,
            frozen_text=r.frozen,
            created_at=act.at,
            due_at=act.at,
            state=Delivery.SENT if channel == PAGE else Delivery.QUEUED,
            sent_at=act.at if channel == PAGE else None,
        )
        for r in told.values()
        for channel in _ways(r.person_id, act.office_id)
    ]


def _ways(person_id: int, office_id: int | None) -> list[str]:
    further = [way for channels in _channels for way in channels(person_id, office_id)]
    return list(dict.fromkeys([PAGE, *further]))
