"""Opening shifts from posts and peak hours, changing their places, cancelling them, posting officers (DOMAIN 8.3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, true

from accounts.models import Office, Person
from accounts.settings import rule_for
from errors import Refusal
from extensions import db
from record.act import act
from record.course import OffCourse
from scheduler.deadlines.working_days import Calendar
from scheduler.timeline import timeline, waiting
from scheduler.timeline.models import WAITING, Booking, BookingRole, Event, Quota, Waiting
from volunteers.actions.days import recount_days
from volunteers.actions.obstacles import quotas_of
from volunteers.actions.places import fill_places
from volunteers.actions.postings import new_posting
from volunteers.actions.ticks import cancel_by_service
from volunteers.models.attendance import Attendance, AttendanceState
from volunteers.models.posts import Post
from volunteers.models.shifts import KIND, SHIFT, Shift, ShiftState, Slot
from volunteers.rules.shifts import LeftOut, Planned, ReasonNeeded, check_length, days_from, plan_shifts
from volunteers.staffing import as_planned, staffing_of
from volunteers.terms import shortest_shift


class PlanOutdated(Refusal):
    code = "plan_outdated"
    message = "Meanwhile something has changed: %(count)s shifts would be opened now. Nothing was opened."
    help = "Look at the plan again, as it is now, and open the shifts then."


class NothingToOpen(Refusal):
    code = "nothing_to_open"
    status = 422
    message = "With these posts, hours and days there is no shift to open."
    help = "Choose other days, or look below at why each was left out."


class TooFewPlaces(Refusal):
    code = "too_few_places"
    message = "%(taken)s people have booked, so there cannot be fewer places."
    help = "Cancel bookings first, each with its reason."
    source = "TRUST I05"


class ShiftBegun(Refusal):
    code = "shift_begun"
    message = "This shift has begun, or people have arrived or were missed."
    help = "Stop it for everybody, or confirm what was served."


class ShiftPast(Refusal):
    code = "shift_past"
    status = 422
    message = "This time is over already."
    help = "Choose a time to come."


class WindowTaken(Refusal):
    code = "window_taken"
    message = "At %(place)s a shift already stands at this time."
    help = "Give that one more places instead."


@dataclass(frozen=True)
class Span:
    """What a coordinator asks for: from which day, how many days, which posts and windows, holidays or not."""

    first_on: date
    days: int
    posts: frozenset[int]
    slots: frozenset[str]
    holidays_too: bool = False


@dataclass(frozen=True)
class Plan:
    """What would be opened and what is left out, with the posts by id and the calendar it was made by."""

    posts: dict[int, Post]
    planned: list[Planned]
    left_out: list[LeftOut]
    calendar: Calendar


Window = tuple[Hashable, date, str]


def plan(office: Office, span: Span, now: datetime) -> Plan:
    """What opening a span of days would make. Reads only. Five queries."""
    query = select(Post).where(Post.office_id == office.id, Post.active, Post.id.in_(span.posts)).order_by(Post.name)
    days = days_from(span.first_on, span.days)
    return plan_days(office, db.session.scalars(query).all(), days, span.slots, now, holidays_too=span.holidays_too)


def plan_days(
    office: Office,
    posts: Sequence[Post],
    days: Sequence[date],
    slots: frozenset[str],
    now: datetime,
    *,
    holidays_too: bool = False,
    cancelled: Collection[Window] = (),
) -> Plan:
    """What opening posts on some days would make; `cancelled` are windows that are not opened again. Four queries."""
    staffing = staffing_of(office)
    standing = _standing(office, posts, days)
    planned, left_out = plan_shifts(
        [as_planned(post) for post in posts],
        days,
        staffing.calendar.kind,
        slots=slots,
        holidays_too=holidays_too,
        breaks=staffing.breaks,
        taken={**dict.fromkeys(cancelled, "cancelled"), **dict.fromkeys(standing, "stands")},
        now=now,
        zone=ZoneInfo(office.zone),
    )
    return Plan({post.id: post for post in posts}, planned, left_out, staffing.calendar)


def _standing(office: Office, posts: Sequence[Post], days: Sequence[date]) -> set[Window]:
    """The windows in which a shift stands: their own, wherever it was moved to, or one at a time of its own that
    reaches into them."""
    around = {day + timedelta(days=n) for day in days for n in (-1, 0)}  # one may last past midnight
    query = (
        select(Shift.post_id, Shift.starts_on, Shift.slot, Event.starts_at, Event.ends_at)
        .join(Event, Event.id == Shift.event_id)
        .where(Shift.office_id == office.id, Shift.starts_on.in_(around), Shift.state != ShiftState.CANCELLED)
    )
    found, hours = set[Window](), defaultdict[int, list[tuple[datetime, datetime]]](list)
    for post_id, on, slot, starts_at, ends_at in db.session.execute(query):
        found.add((post_id, on, slot))
        hours[post_id].append((starts_at, ends_at))
    zone = ZoneInfo(office.zone)
    for post in posts:
        for day, (slot, (begins, ends)) in product(days if hours[post.id] else (), post.windows.items()):
            first, last = datetime.combine(day, begins, zone), datetime.combine(day, ends, zone)
            if any(starts_at < last and first < ends_at for starts_at, ends_at in hours[post.id]):
                found.add((post.id, day, slot))
    return found


def open_shifts(office: Office, span: Span, by: Person, at: datetime, shown: int | None = None) -> list[Shift]:
    """Open every shift of a span, with its places and the officers of its post. All or none.

    Raises: PlanOutdated where `shown`, what the preview said, no longer holds; NothingToOpen.
    """
    found = plan(office, span, at)
    if shown is not None and shown != len(found.planned):
        raise PlanOutdated(count=len(found.planned))
    if not found.planned:
        raise NothingToOpen()
    with act("shift.open_span", office, by=by, at=at, first_on=span.first_on, days=span.days, count=len(found.planned)):
        return open_planned(found, by, at)


def open_planned(
    found: Plan, by: Person | None, at: datetime, *, capacity: int | None = None, series_id: int | None = None
) -> list[Shift]:
    """Open what was planned, with the officers of each post."""
    shifts = [_open(found.posts[one.post], one, by, at, capacity, series_id) for one in found.planned]  # type: ignore[index]
    _post_all(shifts, by, at)
    return shifts


def last_opened(office: Office) -> date | None:
    """The last day for which the office has opened shifts from the windows of its posts."""
    query = select(func.max(Shift.starts_on)).where(
        Shift.office_id == office.id,
        Shift.slot != Slot.OTHER,
        Shift.from_paper.is_(False),
        Shift.state != ShiftState.CANCELLED,
    )
    return db.session.scalar(query)


def open_one(  # noqa: PLR0917 - where, from when till when, how many, who says so when
    post: Post, starts_at: datetime, ends_at: datetime, capacity: int, by: Person, at: datetime
) -> Shift:
    """Open a single shift at a time of its own, with the officers of its post.

    Raises: ShiftPast, EmptySpan, TooShort, TooLong, WindowTaken.
    """
    _check_times(post.office, starts_at, ends_at, at)
    on = starts_at.astimezone(ZoneInfo(post.office.zone)).date()
    _check_free(post, starts_at, ends_at)
    with act("shift.open_one", post, by=by, at=at, on=on):
        despite_rest = staffing_of(post.office).at_rest(post, on) is not None
        one = Planned(post.id, Slot.OTHER, on, starts_at, ends_at, despite_rest)
        shift = _open(post, one, by, at, capacity)
        _post_all([shift], by, at)
    return shift


def _check_free(post: Post, starts_at: datetime, ends_at: datetime, but: Shift | None = None) -> None:
    span = select(Event.id).where(Event.starts_at < ends_at, Event.ends_at > starts_at)
    stands = select(Shift.id).where(
        Shift.post_id == post.id,
        Shift.event_id.in_(span),
        Shift.state != ShiftState.CANCELLED,
        Shift.id != but.id if but else true(),
    )
    if db.session.scalar(stands.limit(1)) is not None:
        raise WindowTaken(place=post.name)


def _check_times(office: Office, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if starts_at >= ends_at:
        raise timeline.EmptySpan()
    if starts_at <= now:
        raise ShiftPast()
    on = starts_at.astimezone(ZoneInfo(office.zone)).date()
    shortest, longest = shortest_shift(office, on), int(rule_for("service.shift_max", office, on).amount)
    check_length((ends_at - starts_at) // timedelta(minutes=1), shortest, longest)


def _open(  # noqa: PLR0917 - where, when, who says so when, and how
    post: Post,
    one: Planned,
    by: Person | None,
    at: datetime,
    capacity: int | None = None,
    series_id: int | None = None,
) -> Shift:
    event = Event(
        office_id=post.office_id,
        kind=KIND,
        title=KIND,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        place=post.name,
        changed_at=at,
    )
    shift = Shift(
        office_id=post.office_id,
        event=event,
        post=post,
        squad_id=post.squad_id,
        starts_on=one.on,
        slot=one.slot,
        minutes=(one.ends_at - one.starts_at) // timedelta(minutes=1),
        despite_rest=one.despite_rest,
        series_id=series_id,
        state=ShiftState.PLANNED,
    )
    with act("shift.plan", shift, by=by, at=at):
        db.session.add_all([event, shift])
        db.session.flush()
        places = {"role": BookingRole.VOLUNTEER, "capacity": capacity or post.capacity}
        db.session.add(Quota(event_id=event.id, office_id=post.office_id, **places))
    with act("shift.open", shift, by=by, at=at):
        SHIFT.step("open", shift)
    return shift


def _post_all(shifts: Sequence[Shift], by: Person | None, at: datetime) -> None:
    """Post to each shift the officers of its post, in one writing of times."""
    takes = []
    for shift in shifts:
        for officer in shift.post.present_officers:
            db.session.add(new_posting(shift, officer, by, at, ""))
            who = timeline.resource_of(officer)
            takes.append(timeline.Take(shift.event, who, BookingRole.TRAFFIC_OFFICER))
    timeline.rebook(*takes)


def _set_places(shift: Shift, capacity: int, at: datetime) -> None:
    db.session.execute(select(Quota.id).where(Quota.event_id == shift.event_id).with_for_update())
    quota = quotas_of([shift])[shift.event_id]
    db.session.refresh(quota)
    if capacity < quota.taken:
        raise TooFewPlaces(taken=quota.taken)
    quota.capacity = capacity
    db.session.flush()
    fill_places(shift, at)


def change_shift(  # noqa: PLR0917 - which shift, its hours and places, who says so when and why
    shift: Shift, starts_at: datetime, ends_at: datetime, capacity: int, by: Person, at: datetime, reason: str
) -> None:
    """Give a shift other hours of its day, or more or fewer places. Those who have booked are told of other hours.

    Raises: ReasonNeeded where the hours change without one, ShiftBegun, ShiftPast, EmptySpan, TooShort, TooLong,
    WindowTaken, TooFewPlaces, Collision with everybody whom the new hours do not suit.
    """
    event = shift.event
    moved = (starts_at, ends_at) != (event.starts_at, event.ends_at)
    if shift.state not in {ShiftState.PLANNED, ShiftState.OPEN}:
        raise OffCourse(state=shift.state)
    if at >= event.starts_at or has_begun(shift):
        raise ShiftBegun()
    if moved:
        _check_times(shift.office, starts_at, ends_at, at)
        _check_free(shift.post, starts_at, ends_at, but=shift)
        if not reason.strip():
            raise ReasonNeeded()
    with act("shift.change", shift, by=by, at=at, reason=reason, moved=moved):
        if moved:
            timeline.rebook(timeline.Move(event, starts_at, ends_at))
            db.session.refresh(shift, ["minutes"])
            recount_days(shift)
        _set_places(shift, capacity, at)


def has_begun(shift: Shift) -> bool:
    """Whether somebody has arrived, was missed, or was missed and is excused."""
    return bool(begun_among([shift]))


def begun_among(shifts: Sequence[Shift]) -> set[int]:
    """The ids of those shifts of which a booking holds that is more than a booking. One query."""
    more = select(Attendance.shift_id).join(Booking, Booking.id == Attendance.booking_id)
    held = Attendance.shift_id.in_([one.id for one in shifts]), Booking.binds
    return set(db.session.scalars(more.where(*held, Attendance.state != AttendanceState.BOOKED)))


def booked_people(shift: Shift) -> list[Attendance]:
    """Who would be told that the shift is cancelled."""
    query = select(Attendance).where(Attendance.shift_id == shift.id, Attendance.state == AttendanceState.BOOKED)
    return list(db.session.scalars(query.order_by(Attendance.id)))


def waiting_people(shift: Shift, now: datetime) -> list[Waiting]:
    """Who waits for a place, in order."""
    return waiting.line(quotas_of([shift])[shift.event_id].id, now)


def cancel_shift(shift: Shift, by: Person, at: datetime, reason: str, *, together: bool = False) -> None:
    """Cancel a shift for a reason: bookings end “by the service”, those who wait are told as well. Whoever lost a place
    comes first for a while. `together`: with others, and people are told once of all.

    Raises: ReasonNeeded, ShiftBegun, OffCourse.
    """
    if not reason.strip():
        raise ReasonNeeded()
    if has_begun(shift):
        raise ShiftBegun()
    said: dict[str, Any] = {"by": by, "at": at, "reason": reason, "together": together}
    with act("shift.cancel", shift, **said):
        SHIFT.step("cancel", shift)
        for attendance in booked_people(shift):
            cancel_by_service(attendance, by, at, reason, free=False, together=together)
        turn_away(shift, by, at, reason, "shift_cancelled", together=together)
        timeline.rebook(timeline.Cancel(shift.event))


def turn_away(shift: Shift, by: Person, at: datetime, reason: str, why: str, *, together: bool = False) -> None:
    """Nobody waits for a shift any more that does not take place."""
    for place in waiting_people(shift, at):
        with act("waiting.pass_over", place, by=by, at=at, reason=reason, together=together, why=why):
            WAITING.step("pass_over", place, why=why)
