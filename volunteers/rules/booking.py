"""Whether somebody may book a shift: what stands in the way, always in the same order (SETTLED 12; IDEAS A11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from errors import Refusal

# So long whoever has just booked may think again: a slip of the thumb is no absence and nobody has counted on him.
SECOND_THOUGHT = timedelta(minutes=5)
Code = Literal["shift_not_open", "shift_over", "not_serving", "outside_period", "overlap", "own_hearing", "full"]
ORDER: tuple[Code, ...] = (
    "shift_not_open",
    "shift_over",
    "not_serving",
    "outside_period",
    "overlap",
    "own_hearing",
    "full",
)


@dataclass(frozen=True)
class Taken:
    """Something that takes the person in the shift's time. `title` None: another office's, nothing more is said."""

    starts_at: datetime
    ends_at: datetime
    hearing: bool = False
    title: str | None = None


@dataclass(frozen=True)
class Wanted:
    """A shift and a person as the rule sees them; `state` None: he is not under assessment here."""

    now: datetime
    shift_state: str
    starts_at: datetime
    starts_on: date
    capacity: int
    taken: int
    state: str | None
    first_on: date | None = None
    last_on: date | None = None
    clashes: Sequence[Taken] = ()


@dataclass(frozen=True)
class Obstacle:
    """One thing in the way, with what its sentence needs."""

    code: Code
    facts: dict[str, Any] = field(default_factory=dict)


class NotBookable(Refusal):
    """The shift cannot be booked by this person. `obstacles` are all that stands in the way, the first one is said."""

    source = "DOMAIN 8.4"
    obstacles: tuple[Obstacle, ...]

    def __init__(self, obstacles: Sequence[Obstacle] = ()) -> None:
        super().__init__(**(obstacles[0].facts if obstacles else {}))
        self.obstacles = tuple(obstacles)


class ShiftNotOpen(NotBookable):
    code = "shift_not_open"
    message = "This shift cannot be booked any more."
    help = "Choose one of the other shifts."


class ShiftOver(NotBookable):
    code = "shift_over"
    message = "This shift has begun already."
    help = "Choose a later one."


class NotServing(NotBookable):
    code = "not_serving"
    message = "Shifts can be booked while the service runs."
    help = "Ask the coordinator when yours begins."


class HoursComplete(NotBookable):
    code = "hours_complete"
    message = "The hours of service are complete already."
    help = "Nothing more needs to be booked."


class OutsidePeriod(NotBookable):
    code = "outside_period"
    message = "This shift lies outside the time of service, which runs from %(first_on)s to %(last_on)s."
    help = "Choose a shift on one of these days."
    source = "DOMAIN 8.5"


class Overlap(NotBookable):
    code = "overlap"
    message = "Another commitment is in the way: %(starts_at)s."
    help = "Choose another time, or cancel the other one first."
    source = "DOMAIN 8.10"


class OverlapAt(Overlap):
    """Where it may be said, with the place of the other commitment."""

    message = "Another commitment is in the way: %(starts_at)s, %(title)s."


class OwnHearing(NotBookable):
    code = "own_hearing"
    message = "A hearing you take part in is at this time: %(starts_at)s."
    help = "Choose another time; the hearing goes first."
    source = "DOMAIN 8.10"


class NoPlace(NotBookable):
    code = "full"
    message = "All %(capacity)s places are taken."
    help = "Join the waiting list: the place is yours as soon as somebody gives it up."


_REFUSALS: dict[str, type[NotBookable]] = {
    kind.code: kind for kind in (ShiftNotOpen, ShiftOver, NotServing, OutsidePeriod, Overlap, OwnHearing, NoPlace)
}


def judge_booking(wanted: Wanted) -> list[Obstacle]:
    """Everything that stands in the way, in the order in which it is told: state, period, overlap, own hearing, places.

    A hearing of one's own is told as such, not as an overlap. Source: SETTLED 12; DOMAIN 8.4, 8.10.
    """
    found: list[Obstacle] = []
    if wanted.shift_state != "open":
        found.append(Obstacle("shift_not_open"))
    if wanted.now >= wanted.starts_at:
        found.append(Obstacle("shift_over"))
    if wanted.state != "serving":
        found.append(Obstacle("not_serving", {"state": wanted.state}))
    elif wanted.first_on and wanted.last_on and not wanted.first_on <= wanted.starts_on <= wanted.last_on:
        found.append(Obstacle("outside_period", {"first_on": wanted.first_on, "last_on": wanted.last_on}))
    for code, hearing in (("overlap", False), ("own_hearing", True)):
        clash = next((one for one in wanted.clashes if one.hearing is hearing), None)
        if clash is not None:
            found.append(Obstacle(code, {"starts_at": clash.starts_at, "title": clash.title}))  # type: ignore[arg-type]
    if wanted.taken >= wanted.capacity:
        found.append(Obstacle("full", {"capacity": wanted.capacity}))
    return found


def refusal_of(obstacles: Sequence[Obstacle]) -> NotBookable:
    """The refusal that says the first of them."""
    first = obstacles[0]
    if first.code == "not_serving" and first.facts.get("state") == "hours_complete":
        return HoursComplete(obstacles)
    if first.code == "overlap" and first.facts.get("title"):
        return OverlapAt(obstacles)
    return _REFUSALS[first.code](obstacles)


def cancels_until(starts_at: datetime, hours_before: int, booked_at: datetime | None = None) -> datetime:
    """Until when a volunteer cancels by himself; a booking of his own just made a few minutes longer, till the start.

    Source: DOMAIN 9.2 `service.cancel_before`.
    """
    usual = starts_at - timedelta(hours=hours_before)
    return usual if booked_at is None else max(usual, min(booked_at + SECOND_THOUGHT, starts_at))


def may_cancel(starts_at: datetime, now: datetime, hours_before: int, booked_at: datetime | None = None) -> bool:
    """Whether a volunteer may still cancel by himself. `booked_at`: when he booked with his own hand."""
    return now <= cancels_until(starts_at, hours_before, booked_at)


def may_report(starts_at: datetime, now: datetime, minutes_before: int = 0) -> bool:
    """Whether an absence may still be told: before the start. Source: DOMAIN D-23, 9.2 `service.absence_notice`."""
    return now < starts_at - timedelta(minutes=minutes_before)
