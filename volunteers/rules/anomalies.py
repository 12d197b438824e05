"""What a person should look at, never judged by the program: it says what is unusual and touches no minute (V-12)."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, TypeVar

SOURCE = "DOMAIN V-12"


class AnomalyKind(enum.StrEnum):
    MANY_AT_ONCE = "many_at_once"
    LONG_DAY = "long_day"
    SAME_OFFICER = "same_officer"
    TWO_PLACES = "two_places"
    ONE_DEVICE = "one_device"
    REFUSED_CODES = "refused_codes"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Limits:
    """From when on something is unusual at an office (`service.unusual.*`)."""

    at_once: int
    within: timedelta
    same_officer: int
    one_device: int
    refused_codes: int
    elsewhere: int

    def of(self, kind: AnomalyKind) -> int:
        return int(getattr(self, kind))


@dataclass(frozen=True)
class Said:
    """A confirmation that stands: of whom, by whom, when it was given and for which time. `said_on` is the local day on
    which it was given."""

    office_id: int
    assessment_id: int
    person_id: int
    by_id: int
    said_at: datetime
    said_on: date
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Served:
    """Minutes of somebody on one local day, served at an office, that count or are confirmed to count. `most` are those
    a day of his may have."""

    office_id: int
    assessment_id: int
    person_id: int
    on: date
    minutes: int
    most: int


@dataclass(frozen=True)
class Shown:
    """A browser that somebody was signed in with, on a day on which his code was read or he said that he is here."""

    browser: str
    on: date
    office_id: int
    person_id: int


@dataclass(frozen=True)
class Tried:
    """What was refused to somebody on a local day, on which device: a code, or a booking."""

    kind: AnomalyKind
    office_id: int
    person_id: int
    on: date
    device: str


@dataclass(frozen=True)
class Found:
    """`about` makes it one of its kind at its office, so that it is found once. Nothing in it names another office."""

    kind: AnomalyKind
    office_id: int
    about: str
    person_id: int | None = None
    officer_id: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


Seen = TypeVar("Seen", Said, Served, Shown, Tried)


def _by(known: Iterable[Seen], *names: str) -> Iterable[list[Seen]]:
    def key(one: Seen) -> tuple[Any, ...]:
        return tuple(getattr(one, name) for name in names)

    return (list(rows) for _, rows in groupby(sorted(known, key=key), key))


def unusual(said: Iterable[Said], limits: Mapping[int, Limits]) -> list[Found]:
    """All that is unusual among confirmations, in the order of the kinds. `limits` are those of each office."""
    known = sorted(said, key=lambda one: (one.said_at, one.person_id))
    return [*_many_at_once(known, limits), *_same_officer(known, limits), *_two_places(known)]


def _many_at_once(known: list[Said], limits: Mapping[int, Limits]) -> Iterable[Found]:
    """Many people confirmed by one officer within a minute or so; once an officer and day."""
    for rows in _by(known, "office_id", "by_id", "said_on"):
        one, limit = rows[0], limits[rows[0].office_id]
        times = sorted(row.said_at for row in rows)
        most = max(sum(first <= at <= first + limit.within for at in times) for first in times)
        if most >= limit.at_once:
            about = f"{one.by_id}:{one.said_on}"
            minutes = int(limit.within.total_seconds() // 60)
            facts = {"count": most, "on": one.said_on.isoformat(), "within": minutes}
            yield Found(AnomalyKind.MANY_AT_ONCE, one.office_id, about, officer_id=one.by_id, facts=facts)


def _same_officer(known: list[Said], limits: Mapping[int, Limits]) -> Iterable[Found]:
    """Several confirmations of somebody, and every one by the same officer."""
    for rows in _by(known, "assessment_id"):
        one = rows[0]
        if len(rows) >= limits[one.office_id].same_officer and {row.by_id for row in rows} == {one.by_id}:
            people = {"person_id": one.person_id, "officer_id": one.by_id}
            about = f"{one.assessment_id}:{one.by_id}"
            yield Found(AnomalyKind.SAME_OFFICER, one.office_id, about, **people, facts={"count": len(rows)})


def _two_places(known: list[Said]) -> Iterable[Found]:
    """Somebody confirmed for one time at two shifts: the ledger credits one of them alone."""
    for rows in _by(known, "person_id"):
        spans = sorted(rows, key=lambda one: (one.starts_at, one.ends_at))
        meeting = {
            one
            for number, first in enumerate(spans)
            for later in spans[number + 1 :]
            if later.starts_at < first.ends_at
            for one in (first, later)
        }
        for one in sorted(meeting, key=lambda one: (one.starts_at, one.office_id)):
            about = f"{one.assessment_id}:{one.starts_at.isoformat()}"
            facts = {"starts_at": one.starts_at.isoformat(), "ends_at": one.ends_at.isoformat()}
            yield Found(AnomalyKind.TWO_PLACES, one.office_id, about, person_id=one.person_id, facts=facts)


def too_long(served: Iterable[Served]) -> list[Found]:
    """Local days with more minutes than they may have, at whatever office they were served. Source: TRUST I14."""
    found = []
    for rows in _by(served, "person_id", "on"):
        total = sum(one.minutes for one in rows)
        for here in _by(rows, "office_id"):
            one = here[0]
            if total > one.most:
                facts = {"minutes": total, "most": one.most, "on": one.on.isoformat()}
                about = f"{one.assessment_id}:{one.on}"
                found.append(Found(AnomalyKind.LONG_DAY, one.office_id, about, person_id=one.person_id, facts=facts))
    return found


def shared(shown: Iterable[Shown], limits: Mapping[int, Limits]) -> list[Found]:
    """Browsers that stood for several people on one day (T32). Each office learns how many they were, and which of them
    are its own."""
    found = []
    for rows in _by(set(shown), "browser", "on"):
        everybody = {one.person_id for one in rows}
        for here in _by(rows, "office_id"):
            one = here[0]
            if len(everybody) >= limits[one.office_id].one_device:
                own = sorted({row.person_id for row in here})
                facts = {"count": len(everybody), "people": own, "on": one.on.isoformat()}
                about = f"{one.browser[:16]}:{one.on}"
                found.append(Found(AnomalyKind.ONE_DEVICE, one.office_id, about, facts=facts))
    return found


def repeated(tried: Iterable[Tried], limits: Mapping[int, Limits]) -> list[Found]:
    """Somebody who was refused the same thing again and again on one day, and on which devices (IDEAS A 20)."""
    found = []
    for rows in _by(tried, "kind", "office_id", "person_id", "on"):
        one = rows[0]
        if len(rows) >= limits[one.office_id].of(one.kind):
            devices = sorted({row.device for row in rows} - {""})
            facts = {"count": len(rows), "on": one.on.isoformat(), "devices": devices}
            about = f"{one.person_id}:{one.on}"
            found.append(Found(one.kind, one.office_id, about, person_id=one.person_id, facts=facts))
    return found
