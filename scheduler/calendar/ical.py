"""A feed as RFC 5545 text (TRUST 7.1).

Stable UID, a SEQUENCE that rises, CANCELLED for thirty days, one fixed time zone, no rule of recurrence. Nothing in it
depends on when it is asked for but the window, so the text itself is what its ETag names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneStandard

ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Entry:
    """One event as its owner may carry it out of the program: no party, no case number, no offence (S-25)."""

    uid: str
    sequence: int
    summary: str
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    all_day: bool = False
    place: str = ""
    url: str = ""
    cancelled: bool = False


def text_of(name: str, entries: Iterable[Entry]) -> bytes:
    """The calendar's text, folded at 75 octets with CRLF."""
    calendar = Calendar()
    calendar.add("PRODID", "-//Fengli//Timeline//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", name)
    calendar.add("X-WR-TIMEZONE", ZONE)
    calendar.add("REFRESH-INTERVAL;VALUE=DURATION", "PT1H")
    calendar.add_component(_zone())
    for entry in entries:
        calendar.add_component(_event(entry))
    return calendar.to_ical()


def _zone() -> Timezone:
    """China has kept UTC+8 without summer time since 1991 (C-14)."""
    standard = TimezoneStandard()
    standard.add("DTSTART", datetime(1991, 9, 15, 1, 0))  # noqa: DTZ001 - a rule's start is local by definition
    standard.add("TZOFFSETFROM", timedelta(hours=8))
    standard.add("TZOFFSETTO", timedelta(hours=8))
    standard.add("TZNAME", "CST")
    zone = Timezone()
    zone.add("TZID", ZONE)
    zone.add_component(standard)
    return zone


def _event(entry: Entry) -> Event:
    zone = ZoneInfo(ZONE)
    event = Event()
    event.add("UID", entry.uid)
    event.add("SEQUENCE", entry.sequence)
    event.add("DTSTAMP", entry.changed_at)
    event.add("LAST-MODIFIED", entry.changed_at)
    starts_at, ends_at = entry.starts_at.astimezone(zone), entry.ends_at.astimezone(zone)
    event.add("DTSTART", starts_at.date() if entry.all_day else starts_at)
    event.add("DTEND", ends_at.date() if entry.all_day else ends_at)
    event.add("SUMMARY", entry.summary)
    if entry.place:
        event.add("LOCATION", entry.place)
    if entry.url:
        event.add("URL", entry.url)
    event.add("STATUS", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT" if entry.cancelled else "OPAQUE")
    event.add("CLASS", "PRIVATE")
    return event
