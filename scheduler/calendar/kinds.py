"""Kinds of events: each package says how its events are called, where they lead, and what this viewer may read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext

from accounts.access import Viewer
from scheduler.timeline.models import Event

Words = Callable[[Event, Viewer], str | None]
Number = Callable[[int], str]
Listing = Callable[[date, Viewer], str | None]


def _nothing(event: Event, viewer: Viewer) -> str | None:
    return None


def _nowhere(on: date, viewer: Viewer) -> str | None:
    return None


@dataclass(frozen=True)
class Kind:
    """`neutral` is what anybody may read, a feed too; `title` what this viewer may, or None for the neutral word.

    `many` says a number of them in one line, `listing` where this viewer finds those of a day.
    """

    name: str
    neutral: Any
    icon: str
    title: Words = _nothing
    link: Words = _nothing
    many: Number | None = None
    listing: Listing = _nowhere


_kinds: dict[str, Kind] = {}


def register_kind(kind: Kind) -> None:
    _kinds[kind.name] = kind


def kind_of(event: Event) -> Kind | None:
    return _kinds.get(event.kind)


def neutral(event: Event) -> str:
    """The word of the kind; the event's own title, which is neutral, where no package names its kind."""
    kind = kind_of(event)
    return str(kind.neutral) if kind else event.title


def title(event: Event, viewer: Viewer) -> str:
    """What this viewer may read of the event."""
    kind = kind_of(event)
    return (kind.title(event, viewer) if kind else None) or neutral(event)


def link(event: Event, viewer: Viewer) -> str | None:
    """Where the event leads for this viewer, if anywhere."""
    kind = kind_of(event)
    return kind.link(event, viewer) if kind else None


def icon(event: Event) -> str:
    kind = kind_of(event)
    return kind.icon if kind else "calendar-event"


def comes_in_numbers(event: Event) -> bool:
    kind = kind_of(event)
    return kind is not None and kind.many is not None


def title_of_many(event: Event, number: int) -> str:
    """Words for so many events like this one."""
    kind = kind_of(event)
    if kind is not None and kind.many is not None:
        return kind.many(number)
    return gettext("%(kind)s, %(num)d in all", kind=kind.neutral if kind else gettext("Event"), num=number)


def list_of_many(event: Event, on: date, viewer: Viewer) -> str | None:
    """Where the events like this one of a day are listed for this viewer, if anywhere."""
    kind = kind_of(event)
    return kind.listing(on, viewer) if kind else None
