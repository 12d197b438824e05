"""Whether somebody may book a shift: what stands in the way, always in the same order (SETTLED 12; DOMAIN 8.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from law import Minutes
from volunteers.rules.gates import Gates, judge_area, judge_fitness, judge_gates
from volunteers.rules.obstacles import Obstacle

# So long whoever has just booked may think again: a slip of the thumb is no absence and nobody has counted on him.
SECOND_THOUGHT = timedelta(minutes=5)


@dataclass(frozen=True)
class Taken:
    """Something that takes the person in the shift's time. `title` None: another office's, nothing more is said."""

    starts_at: datetime
    ends_at: datetime
    hearing: bool = False
    title: str | None = None


@dataclass(frozen=True)
class Wanted:
    """A shift and a person as the rule sees them; `state` None: he is not under assessment here.

    `day_served`: the terms allow a shift on such a day. `takes` are the shift's minutes by local day, `least` those of
    the shortest shift that counts, `booked` what is booked on those days already, `a_day` the most of one day. `open`
    are his booked shifts still to come, `most_open` the most of them (None: the office plans for him).
    """

    now: datetime
    shift_state: str
    starts_at: datetime
    starts_on: date
    capacity: int
    taken: int
    state: str | None
    gates: Gates | None = None
    first_on: date | None = None
    last_on: date | None = None
    area: str = ""
    difficulty: int = 0
    day_served: bool = True
    takes: Mapping[date, int] = field(default_factory=dict)
    least: int = 0
    booked: Mapping[date, int] = field(default_factory=dict)
    a_day: int | None = None
    open: int = 0
    most_open: int | None = None
    clashes: Sequence[Taken] = ()


def judge_booking(wanted: Wanted) -> list[Obstacle]:
    """Everything that stands in the way, in the order in which it is told.

    The shift, the state, the gates (D-20, D-22), the period, the day and the length (3.3), bail (D-11), age and health
    (D-21), the day's maximum (I14), the most booked ahead (T06), overlap, own hearing, places. A hearing of one's own
    is told as such, not as an overlap.
    Source: SETTLED 12; DOMAIN 8.4, 8.10.
    """
    found: list[Obstacle] = []
    if wanted.shift_state != "open":
        found.append(Obstacle("shift_not_open"))
    if wanted.now >= wanted.starts_at:
        found.append(Obstacle("shift_over"))
    if wanted.state != "serving":
        found.append(Obstacle("not_serving", {"state": wanted.state}))
    else:
        found += _judge_person(wanted)
    for code, hearing in (("overlap", False), ("own_hearing", True)):
        clash = next((one for one in wanted.clashes if one.hearing is hearing), None)
        if clash is not None:
            found.append(Obstacle(code, {"starts_at": clash.starts_at, "title": clash.title}))  # type: ignore[arg-type]
    if wanted.taken >= wanted.capacity:
        found.append(Obstacle("full", {"capacity": wanted.capacity}))
    return found


def _judge_person(wanted: Wanted) -> list[Obstacle]:
    """What his papers, his period, his bail, his health and his day say."""
    gates, on = wanted.gates, wanted.starts_on
    found = judge_gates(gates, on) if gates else []
    if wanted.first_on and wanted.last_on and not wanted.first_on <= on <= wanted.last_on:
        found.append(Obstacle("outside_period", {"first_on": wanted.first_on, "last_on": wanted.last_on}))
    if not wanted.day_served:
        found.append(Obstacle("day_not_served"))
    if sum(wanted.takes.values()) < wanted.least:
        found.append(Obstacle("shift_too_short", {"least": Minutes(wanted.least)}))
    if gates:
        found += judge_area(gates, wanted.area, on)
        found += judge_fitness(gates, wanted.difficulty, on)
    if wanted.a_day is not None:
        found += judge_day(wanted.takes, wanted.booked, wanted.a_day)
    if wanted.most_open is not None:
        found += judge_open(wanted.open, wanted.most_open)
    return found


def judge_day(takes: Mapping[date, int], booked: Mapping[date, int], a_day: int) -> list[Obstacle]:
    """Whether a shift's minutes still fit into its day, or its two days. Source: TRUST I14; DOMAIN 3.3."""
    for day, minutes in takes.items():
        total = minutes + booked.get(day, 0)
        if total > a_day:
            return [Obstacle("day_full", {"on": day, "minutes": Minutes(total), "most": Minutes(a_day)})]
    return []


def judge_open(already: int, most: int) -> list[Obstacle]:
    """Whether somebody may book one more shift ahead. Source: TRUST T06."""
    return [Obstacle("too_many_open", {"open": already})] if already >= most else []


def minutes_by_day(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> dict[date, int]:
    """The whole minutes of a span by local day, split at local midnight."""
    found: dict[date, int] = {}
    begins = starts_at.astimezone(zone)
    while begins < ends_at:
        midnight = datetime.combine(begins.date() + timedelta(days=1), datetime.min.time(), zone)
        ends = min(midnight, ends_at.astimezone(zone))
        found[begins.date()] = int((ends - begins) / timedelta(minutes=1))
        begins = ends
    return found


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


def may_fill(starts_at: datetime, now: datetime, minutes_before: int) -> bool:
    """Whether a free place still goes to the next in line: he must be told in time to come. Source: DOMAIN 9.2
    `service.fill_before`."""
    return now < starts_at and now <= starts_at - timedelta(minutes=minutes_before)
