"""Events as pages show them. Many of one kind stand as one: a dozen posts of one rush hour say no more than their
number, and a dozen columns beside one another cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from accounts.access import Viewer
from accounts.presenting import local
from scheduler.calendar import kinds
from scheduler.timeline.models import LIVE, Event

FOLDED_FROM = 3  # two side by side can still be read
HOURS_SAID = 3
RUSH = timedelta(hours=1)  # posts of one rush hour begin and end within it of one another

Sameness = Callable[[Event], Hashable]


def fold(events: Iterable[Event], same: Sameness) -> list[list[Event]]:
    """The events in their order; those that are the same stand together where the first of them stood."""
    alike: dict[Hashable, list[Event]] = {}
    for event in events:
        alike.setdefault(same(event), []).append(event)
    found: list[list[Event]] = []
    for group in alike.values():
        found += [group] if len(group) >= FOLDED_FROM else [[event] for event in group]
    return sorted(found, key=lambda group: (group[0].starts_at, group[0].id))


def same_block(viewer: Viewer) -> Sameness:
    """One block of the calendar: what reads the same at the same hours, and of a kind that comes in numbers what is on
    at about the same hours. What the viewer takes part in stays by itself."""
    rushes: list[Event] = []

    def same(event: Event) -> Hashable:
        if any(b.resource.person_id == viewer.person.id and b.status in LIVE for b in event.bookings):
            return event.id
        standing = (event.kind, event.all_day, event.status)
        if not kinds.comes_in_numbers(event):
            return *standing, kinds.title(event, viewer), event.starts_at, event.ends_at
        first = next((one for one in rushes if _one_rush(one, event)), None)
        if first is None:
            rushes.append(event)
        return *standing, (first or event).id

    return same


def _one_rush(one: Event, other: Event) -> bool:
    if (one.kind, one.all_day, one.status) != (other.kind, other.all_day, other.status):
        return False
    return abs(one.starts_at - other.starts_at) <= RUSH and abs(one.ends_at - other.ends_at) <= RUSH


def same_kind(event: Event) -> Hashable:
    """One line of a day."""
    return event.kind, event.all_day


def shown(event: Event, viewer: Viewer) -> dict[str, Any]:
    """An event as this viewer may read it."""
    return {
        "title": kinds.title(event, viewer),
        "url": kinds.link(event, viewer),
        "icon": kinds.icon(event),
        "kind": event.kind,
        "event": event,
        "starts_at": event.starts_at,
        "ends_at": event.ends_at,
        "place": event.place,
        "hours": [] if event.all_day or whole_days(event) else [(event.starts_at, event.ends_at)],
        "parts": [],
    }


def shown_folded(events: Iterable[Event], viewer: Viewer, same: Sameness) -> list[dict[str, Any]]:
    """Events as this viewer may read them, many of the same as one with its parts."""
    return [shown(group[0], viewer) if len(group) == 1 else _many(group, viewer) for group in fold(events, same)]


def _many(group: list[Event], viewer: Viewer) -> dict[str, Any]:
    first = group[0]
    return {
        **shown(first, viewer),
        "title": kinds.title_of_many(first, len(group)),
        "url": kinds.list_of_many(first, _day(first), viewer),
        "ends_at": max(event.ends_at for event in group),
        "place": "",
        "hours": [] if first.all_day else _hours(group),
        "parts": [shown(event, viewer) for event in group],
    }


def whole_days(event: Event) -> bool:
    """Whether an event takes whole local days."""
    return all(local(at).time() == time() for at in (event.starts_at, event.ends_at))


def _day(event: Event) -> date:
    return local(event.starts_at).date()


def _hours(group: list[Event]) -> list[tuple[datetime, datetime]]:
    """Each hours once; where that would be a list of its own, from the first to the last."""
    found = sorted({(event.starts_at, event.ends_at) for event in group})
    return found if len(found) <= HOURS_SAID else [(found[0][0], max(ends_at for _, ends_at in found))]
