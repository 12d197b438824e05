"""What a person should look at, never judged by the program: it says what is unusual and touches no minute (V-12).

The numbers are this program's own: V-12 asks for the report and names none but a minute and a day.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

SOURCE = "DOMAIN V-12"
MANY, WITHIN = 20, timedelta(minutes=1)
ALWAYS = 5


class AnomalyKind(enum.StrEnum):
    MANY_AT_ONCE = "many_at_once"
    LONG_DAY = "long_day"
    SAME_OFFICER = "same_officer"
    TWO_PLACES = "two_places"


@dataclass(frozen=True)
class Said:
    """A confirmation that stands: of whom, by whom, when it was given and what it says. `on` is the local day served,
    `said_on` the one on which it was given; `most` are the minutes a day of his may have."""

    office_id: int
    assessment_id: int
    person_id: int
    by_id: int
    said_at: datetime
    said_on: date
    starts_at: datetime
    ends_at: datetime
    minutes: int
    on: date
    most: int


@dataclass(frozen=True)
class Found:
    """`about` makes it one of its kind at its office, so that it is found once. Nothing in it names another office."""

    kind: AnomalyKind
    office_id: int
    about: str
    person_id: int | None = None
    officer_id: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def unusual(said: Iterable[Said]) -> list[Found]:
    """All that is unusual among confirmations, in the order of the kinds."""
    known = sorted(said, key=lambda one: (one.said_at, one.person_id))
    return [*_many_at_once(known), *_long_days(known), *_same_officer(known), *_two_places(known)]


def _by(known: list[Said], *names: str) -> Iterable[list[Said]]:
    def key(one: Said) -> tuple[Any, ...]:
        return tuple(getattr(one, name) for name in names)

    return (list(rows) for _, rows in groupby(sorted(known, key=key), key))


def _many_at_once(known: list[Said]) -> Iterable[Found]:
    """Twenty people or more confirmed by one officer within a minute; once an officer and day."""
    for rows in _by(known, "office_id", "by_id", "said_on"):
        times = sorted(one.said_at for one in rows)
        most = max(sum(first <= at <= first + WITHIN for at in times) for first in times)
        if most >= MANY:
            one = rows[0]
            about = f"{one.by_id}:{one.said_on}"
            facts = {"count": most, "on": one.said_on.isoformat()}
            yield Found(AnomalyKind.MANY_AT_ONCE, one.office_id, about, officer_id=one.by_id, facts=facts)


def _long_days(known: list[Said]) -> Iterable[Found]:
    """More minutes on one local day than it may have, whatever office they were served at."""
    for rows in _by(known, "person_id", "on"):
        total = sum(one.minutes for one in rows)
        for here in _by(rows, "office_id"):
            one = here[0]
            if total > one.most:
                facts = {"minutes": total, "most": one.most, "on": one.on.isoformat()}
                about = f"{one.assessment_id}:{one.on}"
                yield Found(AnomalyKind.LONG_DAY, one.office_id, about, person_id=one.person_id, facts=facts)


def _same_officer(known: list[Said]) -> Iterable[Found]:
    """Five confirmations or more of somebody, and every one by the same officer."""
    for rows in _by(known, "assessment_id"):
        one = rows[0]
        if len(rows) >= ALWAYS and {row.by_id for row in rows} == {one.by_id}:
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
