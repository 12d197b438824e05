"""Free times: the next ones that suit all. Only bare intervals are read, whoever's they are (T35)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from extensions import db
from scheduler.timeline.models import Booking

HORIZON = timedelta(days=60)
GRID = timedelta(minutes=15)
ZONE = ZoneInfo("Asia/Shanghai")
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Hours:
    """When meetings are held on a working day, in local time; a span must fit into one of the parts."""

    zone: ZoneInfo = ZONE
    parts: tuple[tuple[time, time], ...] = ((time(8, 30), time(12, 0)), (time(14, 0), time(18, 0)))


def next_times(
    resource_ids: Iterable[int],
    duration: timedelta,
    after: datetime,
    *,
    count: int = 3,
    hours: Hours | None = None,
    is_open: dict[date, bool] | None = None,
) -> list[Span]:
    """The next `count` spans of `duration` from `after` on that no binding booking of any resource touches.

    Looked for in office hours (a span outside them keeps its own time of day instead), on days that `is_open` does
    not close (by default Monday to Friday), for sixty days; one suggestion per half-day, so that three are a choice.
    """
    taken = _taken(resource_ids, after, after + HORIZON + duration)
    found: list[Span] = []
    for part in _parts(after, duration, hours or Hours(), is_open or {}):
        start = _first_free(part, duration, taken)
        if start is not None:
            found.append((start, start + duration))
            if len(found) == count:
                break
    return found


def _taken(resource_ids: Iterable[int], since: datetime, until: datetime) -> list[Span]:
    query = select(Booking.starts_at, Booking.ends_at).where(
        Booking.binds,
        Booking.resource_id.in_(set(resource_ids)),
        Booking.starts_at < until,
        Booking.ends_at > since,
    )
    return [(a, b) for a, b in db.session.execute(query.order_by(Booking.starts_at))]


def _parts(after: datetime, duration: timedelta, hours: Hours, is_open: dict[date, bool]) -> Iterable[Span]:
    local = after.astimezone(hours.zone)
    own_time = not any(
        a <= local.time() and (local + duration).time() <= b and (local + duration).date() == local.date()
        for a, b in hours.parts
    )
    for n in range(HORIZON.days):
        day = local.date() + timedelta(days=n)
        if not is_open.get(day, day.weekday() < 5):
            continue
        if own_time:
            start = datetime.combine(day, local.time(), hours.zone)
            yield start, start + duration
            continue
        for opens, closes in hours.parts:
            start = max(datetime.combine(day, opens, hours.zone), after)
            yield start, datetime.combine(day, closes, hours.zone)


def _first_free(part: Span, duration: timedelta, taken: list[Span]) -> datetime | None:
    start, end = part
    while start + duration <= end:
        clash = next((b for a, b in taken if a < start + duration and b > start), None)
        if clash is None:
            return start
        steps = -(-(clash - start) // GRID)
        start += steps * GRID
    return None
