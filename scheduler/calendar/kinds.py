"""Kinds of events: each package says how its events are called, where they lead, and what this viewer may read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.access import Viewer
from scheduler.timeline.models import Event

Words = Callable[[Event, Viewer], str | None]


def _nothing(event: Event, viewer: Viewer) -> str | None:
    return None


@dataclass(frozen=True)
class Kind:
    """`neutral` is what anybody may read, a feed too; `title` what this viewer may, or None for the neutral word."""

    name: str
    neutral: Any
    icon: str
    title: Words = _nothing
    link: Words = _nothing


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
