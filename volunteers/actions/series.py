"""Series of shifts: making, changing and ending one, and opening what is missing of it, exactly once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import structlog
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.exc import IntegrityError

from accounts.actions.memberships import local_day
from accounts.models import Office, Person
from accounts.settings import in_force
from errors import Refusal
from extensions import db
from record.act import act, transaction
from scheduler.timeline.models import Event
from scheduler.timeline.timeline import constraint_of
from volunteers.actions.resting import cancel_unbooked
from volunteers.actions.shifts import Plan, PlanOutdated, Window, open_planned, plan_days
from volunteers.models.posts import Post
from volunteers.models.series import Series
from volunteers.models.shifts import Shift, ShiftState, Slot
from volunteers.rules.series import days_ahead
from volunteers.staffing import open_ahead

AHEAD, HORIZON = "service.series_ahead", "timeline.series_horizon"
log = structlog.get_logger("series")


class SeriesStands(Refusal):
    code = "series_stands"
    status = 422
    message = "At %(place)s a series keeps these hours open already."
    help = "Change that one, or end it first."


class SeriesEnded(Refusal):
    code = "series_ended"
    message = "This series has been ended."
    help = "Make a new one."


@dataclass(frozen=True)
class Wanted:
    """What a series is to be: at which post, in which of its windows, how many places, from when until when."""

    post: Post
    slots: frozenset[str]
    capacity: int | None
    first_on: date
    last_on: date | None


def days_kept(office: Office, first_on: date, last_on: date | None, at: datetime) -> list[date]:
    """The days on which a series of the office keeps its shifts open at a time. One query."""
    on = local_day(office, at)
    held = in_force(office, on, [AHEAD, HORIZON])
    return days_ahead(on, first_on, last_on, held[AHEAD].rule.amount, held[HORIZON].rule.amount)


def plan_series(wanted: Wanted, at: datetime, series: Series | None = None) -> Plan:
    """What a series would open now and what it leaves out. Reads only."""
    office = wanted.post.office
    days = days_kept(office, wanted.first_on, wanted.last_on, at)
    posts = [wanted.post] if wanted.post.active else []
    return plan_days(office, posts, days, wanted.slots, at, cancelled=_cancelled(wanted.post, days, series))


def _cancelled(post: Post, days: Collection[date], series: Series | None) -> set[Window]:
    """The windows whose shift somebody has cancelled: a series opens none of them again.

    What a series before this one opened and was cancelled before it was made is no longer anybody's decision.
    """
    decided: ColumnElement[bool] = Shift.series_id.is_(None)
    if series is not None:
        decided = or_(decided, Shift.series_id == series.id, Event.changed_at >= series.made_at)
    query = (
        select(Shift.post_id, Shift.starts_on, Shift.slot)
        .join(Event, Event.id == Shift.event_id)
        .where(Shift.post_id == post.id, Shift.starts_on.in_(days), Shift.slot != Slot.OTHER)
        .where(Shift.state == ShiftState.CANCELLED, decided)
    )
    return {(key, on, slot) for key, on, slot in db.session.execute(query)}


def wanted_of(series: Series) -> Wanted:
    """A stored series as it is planned."""
    return Wanted(series.post, frozenset(series.slots), series.capacity, series.first_on, series.last_on)


def series_of(post: Post) -> list[Series]:
    """The series at a post that have not been ended."""
    query = select(Series).where(Series.post_id == post.id, Series.ended_at.is_(None))
    return list(db.session.scalars(query.order_by(Series.id)))


def make_series(wanted: Wanted, by: Person, at: datetime, shown: int | None = None) -> tuple[Series, list[Shift]]:
    """Make a series and open what it keeps open. Raises: PlanOutdated where `shown` no longer holds, SeriesStands."""
    _check(wanted, None)
    found = plan_series(wanted, at)
    if shown is not None and shown != len(found.planned):
        raise PlanOutdated(count=len(found.planned))
    series = Series(office_id=wanted.post.office_id, post_id=wanted.post.id, made_at=at)
    _write(series, wanted)
    with act("series.make", series, by=by, at=at):
        db.session.add(series)
        db.session.flush()
        return series, open_missing(series, by, at)


def change_series(series: Series, wanted: Wanted, by: Person, at: datetime) -> list[Shift]:
    """Change a series from now on: what is open stays, what is missing is opened. Raises: SeriesStands, SeriesEnded."""
    _hold(series)
    _check(wanted, series)
    with act("series.change", series, by=by, at=at):
        _write(series, wanted)
        db.session.flush()
        return open_missing(series, by, at)


def end_series(series: Series, by: Person, at: datetime, reason: str, cancel: bool = False) -> list[Shift]:
    """End a series. Its open shifts stay; with `cancel` those that nobody has booked are cancelled: which these were.

    Raises: SeriesEnded, ReasonNeeded.
    """
    _hold(series)
    with act("series.end", series, by=by, at=at, reason=reason):
        series.ended_at = at
        return cancel_unbooked(shifts_ahead(series, at), by, at, reason) if cancel else []


def _hold(series: Series) -> None:
    """Nobody opens shifts of a series while it changes. Raises: SeriesEnded."""
    held = select(Series).where(Series.id == series.id).with_for_update().execution_options(populate_existing=True)
    if db.session.scalars(held).one().ended_at is not None:
        raise SeriesEnded()


def _check(wanted: Wanted, series: Series | None) -> None:
    """A window is kept open by one series. Raises: SeriesStands."""
    db.session.execute(select(Post.id).where(Post.id == wanted.post.id).with_for_update())
    for other in series_of(wanted.post):
        begins_after = wanted.last_on is not None and wanted.last_on < other.first_on
        ended_before = other.last_on is not None and other.last_on < wanted.first_on
        if other is not series and wanted.slots & set(other.slots) and not begins_after and not ended_before:
            raise SeriesStands(place=wanted.post.name)


def _write(series: Series, wanted: Wanted) -> None:
    series.slots = [slot.value for slot in Slot if slot in wanted.slots]
    series.capacity, series.first_on, series.last_on = wanted.capacity, wanted.first_on, wanted.last_on


def shifts_ahead(series: Series, at: datetime) -> list[Shift]:
    """The open shifts of a series that are still to begin, soonest first."""
    return list(db.session.scalars(open_ahead(series.office, at).where(Shift.series_id == series.id)))


def open_missing(series: Series, by: Person | None, at: datetime) -> list[Shift]:
    """Open what a series is to keep open and is not, once, however many ask at once. Raises: SeriesEnded."""
    _hold(series)
    found = plan_series(wanted_of(series), at, series)
    if not found.planned:
        return []
    with act("series.open", series, by=by, at=at, count=len(found.planned)):
        return open_planned(found, by, at, capacity=series.capacity, series_id=series.id)


def keep_open(now: datetime) -> int:
    """Open what is missing of every series (the job of each hour). Returns how many shifts were opened.

    Each in a transaction of its own: one that is refused must not hold up the others.
    """
    with transaction():
        ids = db.session.scalars(select(Series.id).where(Series.ended_at.is_(None)).order_by(Series.id)).all()
    return sum(_keep_one(key, now) for key in ids)


def _keep_one(key: int, now: datetime) -> int:
    try:
        with transaction():
            return len(open_missing(db.session.get_one(Series, key), None, now))
    except SeriesEnded:
        return 0
    except (
        IntegrityError
    ) as refused:  # somebody opened one of these windows by hand meanwhile: the next hour looks again
        log.warning("not opened", series=key, guard=constraint_of(refused))
        return 0
