"""Steering a shift that runs: stopping it for all, taking that back, prolonging it, handing it to a colleague
(DOMAIN 8.3 `stop`, `prolong`; TRUST 2 `steer_shift`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from accounts.models import Membership, Person
from accounts.settings import rule_for
from errors import Refusal
from extensions import db
from record.act import act
from record.course import OffCourse
from scheduler.timeline import timeline
from scheduler.timeline.models import Booking, BookingRole, Event
from volunteers.actions.days import booked_besides, follow_days
from volunteers.actions.interests import near_to
from volunteers.actions.postings import end_posting, post_officer, traffic_officers
from volunteers.actions.shifts import turn_away
from volunteers.actions.ticks import (
    AWAY,
    PRESENT,
    SERVED,
    Device,
    Means,
    cancel_by_service,
    is_posted,
    make_tick,
    posting_of,
    standing_of,
)
from volunteers.models.attendance import (
    ATTENDANCE,
    STOPS,
    Attendance,
    AttendanceState,
    Fault,
    Outcome,
    TickKind,
    TickMethod,
)
from volunteers.models.shifts import KIND, Posting, Shift, ShiftState
from volunteers.rules.booking import minutes_by_day
from volunteers.rules.shifts import ReasonNeeded, check_length
from volunteers.rules.steering import PROLONGED_BY, EndsLater, check_running, check_undo, fits_the_day, shortest_end
from volunteers.terms import terms_of

CONFIRMED = (AttendanceState.CONFIRMED, AttendanceState.CREDITED)


class NextBooking(Refusal):
    code = "next_booking"
    message = "%(who)s will be needed elsewhere by then."
    help = "Prolong by less, or not at all."
    source = "DOMAIN 8.3"


class ConfirmedMeanwhile(Refusal):
    code = "confirmed_meanwhile"
    message = "Hours of this shift are confirmed already."
    help = "Take the confirmation back first; then the shift can go on."
    source = "DOMAIN 8.4"


@dataclass(frozen=True)
class Next:
    """Somebody who is booked again after this shift. `place` None: where and as what is not said here (T35, D-24)."""

    attendance: Attendance
    starts_at: datetime
    place: str | None


@dataclass(frozen=True)
class Prospect:
    """What prolonging by so many minutes would mean: whom it would hit, and whose day would hold more than it may."""

    minutes: int
    until: datetime
    hits: Sequence[Next]
    over: Sequence[Attendance]


@dataclass(frozen=True)
class Stopping:
    """What stopping now means: who goes home with what he served, who is here and has served no minute yet, who is told
    not to come, whom another officer has to tick out; when it ends."""

    home: Sequence[Attendance]
    called_off: Sequence[Attendance]
    away: Sequence[Attendance]
    others: Sequence[Attendance]
    ended: datetime
    ends_at: datetime


def _held(shift: Shift) -> Shift:
    """The shift as it is now, locked with everybody on it: who comes or goes in this moment waits.

    Raises: OffCourse.
    """
    db.session.flush()
    fresh = {"populate_existing": True}
    held = db.session.scalars(
        select(Shift).where(Shift.id == shift.id).with_for_update().execution_options(**fresh)
    ).one()
    people = select(Attendance).where(Attendance.shift_id == shift.id).order_by(Attendance.id)
    db.session.scalars(people.with_for_update().execution_options(**fresh)).all()
    db.session.refresh(held, ["attendances"])
    db.session.refresh(held.event)
    if held.state != ShiftState.OPEN:
        raise OffCourse(state=held.state)
    return held


def stopping(shift: Shift, by: Person, at: datetime) -> Stopping:
    """What a stop at this moment does, as it is said beforehand and as it is done.

    Raises: StoppedAlready, ShiftNotRunning.
    """
    event, ended = shift.event, at.replace(microsecond=0)
    here = [one for one in shift.attendances if one.state == AttendanceState.ARRIVED and not one.struck_out]
    not_his = near_to(by, [one.person_id for one in here]) | {by.id}
    others = [one for one in here if one.person_id in not_his]
    here = [one for one in here if one.person_id not in not_his]
    check_running(event.starts_at, event.ends_at, shift.stopped_at, at, somebody_here=bool(here or others))
    away = [one for one in shift.attendances if one.state == AttendanceState.BOOKED]
    ends_at = shortest_end(event.starts_at, ended)
    served = ends_at == ended
    return Stopping(here if served else [], [] if served else here, away, others, ended, ends_at)


def stop(shift: Shift, by: Person, at: datetime, reason: str, device: Device | None = None) -> None:
    """Stop a shift for everybody, from when it begins or somebody is here: the end moves to now. Whoever is here is
    ticked out as sent home by the service; a booking of whoever has not come is cancelled by the service, and before
    the first minute is served everybody's is. Minutes served stand. Whoever waits for a place is told as well. Whoever
    stops it in whom he has an interest is ticked out by another officer.

    Raises: ReasonNeeded, StoppedAlready, ShiftNotRunning, OffCourse.
    """
    if not reason.strip():
        raise ReasonNeeded()
    shift = _held(shift)
    what = stopping(shift, by, at)
    away = [*what.called_off, *what.away]
    with act("shift.stop", shift, by=by, at=at, reason=reason.strip(), here=len(what.home), away=len(away)):
        shift.would_end_at, shift.stopped_at, shift.stopped_why = shift.event.ends_at, what.ended, reason.strip()
        for one in what.home:
            _send_home(one, by, at, what.ended, device or Device())
        for one in away:
            cancel_by_service(one, by, at, reason.strip(), free=False)
        turn_away(shift, by, at, reason.strip(), "shift_stopped")
        timeline.rebook(*(timeline.Free(one.booking) for one in away), *_ending(shift, what.ends_at))
        _refresh(shift)
        follow_days([one for one in shift.attendances if one.state not in AWAY], shift)


def _send_home(one: Attendance, by: Person, at: datetime, ended: datetime, device: Device) -> None:
    with act("attendance.leave", one, by=by, at=at, reason=one.shift.stopped_why, stopped=True):
        ATTENDANCE.step("leave", one, outcome=Outcome.SENT_HOME, fault=Fault.SERVICE)
        means = Means(TickMethod.STOP if is_posted(one.shift, by) else TickMethod.STOP_AFAR)
        make_tick(one, TickKind.OUT, stated=ended, by=by, at=at, device=device, means=means)


def _ending(shift: Shift, ends_at: datetime, staying: Collection[int] = ()) -> list[timeline.Change]:
    """What lets a shift end at another time. No booking ends later than it did, but for those that are `staying`."""
    event = shift.event
    longer = ends_at - event.ends_at
    move = timeline.Move(event, event.starts_at, ends_at)
    live = timeline.live_bookings(event, BookingRole.VOLUNTEER)
    if longer > timedelta(0):
        return [move, *(timeline.Retime(b, b.starts_at, b.ends_at) for b in live if b.id not in staying)]
    # a booking that ends before its event would follow the move too far: what the move takes is given to it first
    early = [b for b in live if b.ends_at != event.ends_at]
    return [*(timeline.Retime(b, b.starts_at, min(b.ends_at, ends_at) - longer) for b in early), move]


def _refresh(shift: Shift) -> None:
    db.session.refresh(shift, ["minutes"])


def resume(shift: Shift, by: Person, at: datetime) -> None:
    """Take a stop back within a few minutes: the old end stands again, and everybody is told. Whoever was sent home is
    here again; who was told not to come is expected, and has missed nothing if he stays away. Whoever has something
    else meanwhile stays as he is.

    Raises: NotStopped, StopStands, ConfirmedMeanwhile, OffCourse.
    """
    shift = _held(shift)
    check_undo(shift.stopped_at, at)
    event, until = shift.event, shift.would_end_at
    assert until is not None
    sent = [one for one in shift.attendances if (one.outcome, one.fault) == (Outcome.SENT_HOME, Fault.SERVICE)]
    if any(one.state in CONFIRMED for one in sent):
        raise ConfirmedMeanwhile()
    away = [one for one in shift.attendances if one.state == AttendanceState.CANCELLED and one.fault == Fault.SERVICE]
    back = _free([one for one in sent if _by_the_stop(one)], event.ends_at, until)
    expected = _free(away, event.starts_at, until)
    with act("shift.resume", shift, by=by, at=at, back=len(back), expected=len(expected)):
        shift.stopped_at, shift.would_end_at, shift.stopped_why = None, None, ""
        for one in back:
            with act("attendance.stay_on", one, by=by, at=at, until=until):
                ATTENDANCE.step("stay_on", one, **PRESENT)
        for one in expected:
            _expect(one, by, at, until)
        changes = _ending(shift, until, {one.booking_id for one in back})
        timeline.rebook(*changes, *(timeline.Retime(one.booking, event.starts_at, until) for one in expected))
        _refresh(shift)
        follow_days([*back, *expected], shift)


def _expect(one: Attendance, by: Person, at: datetime, until: datetime) -> None:
    """Whoever was here before the start is here again. Of the others the outcome stays: they were told not to come."""
    if standing_of(one).came_at is not None:
        with act("attendance.come_back", one, by=by, at=at, until=until):
            ATTENDANCE.step("come_back", one, **PRESENT)
    else:
        with act("attendance.reinstate", one, by=by, at=at, until=until):
            ATTENDANCE.step("reinstate", one)


def _by_the_stop(one: Attendance) -> bool:
    """Whether nothing but the stop says that somebody has left."""
    replaced = {tick.replaces_id for tick in one.ticks}
    left = [tick for tick in one.counting if tick.kind == TickKind.OUT and tick.id not in replaced]
    return one.state == AttendanceState.LEFT and len(left) == 1 and left[0].method in STOPS


def _free(people: Collection[Attendance], starts_at: datetime, ends_at: datetime) -> list[Attendance]:
    """Those whom nothing has taken meanwhile."""
    free = timeline.free_between([one.booking.resource_id for one in people], starts_at, ends_at)
    return [one for one in people if one.booking.resource_id in free]


def prolong(
    shift: Shift, minutes: int, by: Person, at: datetime, reason: str, *, seen: datetime | None = None
) -> list[Attendance]:
    """Let a shift that runs end later; `seen` is the end that was shown to whoever chose by how much. Whoever goes at
    the end he had agreed to has not left early (D-20). Returns those whose day then holds more than it may: it is said,
    and what they serve counts in full (DOMAIN 3.3; I14).

    Raises: ReasonNeeded, StoppedAlready, ShiftNotRunning, EndsLater, TooLong, OffCourse, NextBooking with everybody it
    would hit.
    """
    if not reason.strip():
        raise ReasonNeeded()
    shift = _held(shift)
    event = shift.event
    if seen is not None and seen != event.ends_at:
        raise EndsLater(ends_at=event.ends_at)
    check_running(event.starts_at, event.ends_at, shift.stopped_at, at)
    until = event.ends_at + timedelta(minutes=minutes)
    longest = rule_for("service.shift_max", shift.office, shift.starts_on).amount
    check_length((until - event.starts_at) // timedelta(minutes=1), 1, longest)
    staying = _staying(shift)
    with act("shift.prolong", shift, by=by, at=at, reason=reason.strip(), minutes=minutes) as current:
        shift.prolonged_from = shift.prolonged_from or event.ends_at
        try:
            timeline.rebook(*_ending(shift, until, {one.booking_id for one in staying}))
        except timeline.Collision as clash:
            raise NextBooking(who=list(dict.fromkeys(one.resource for one in clash.clashes))) from clash
        _refresh(shift)
        over = follow_days(staying, shift)
        current.facts["over_the_day"] = len(over)
    return over


def _staying(shift: Shift) -> list[Attendance]:
    return [one for one in shift.attendances if one.state in SERVED and not one.struck_out]


def prospects(shift: Shift) -> list[Prospect]:
    """What each of the minutes offered would mean. Three queries, and the terms of each person."""
    event, zone = shift.event, ZoneInfo(shift.office.zone)
    staying = _staying(shift)
    nexts = _nexts(shift, staying, event.ends_at + timedelta(minutes=max(PROLONGED_BY)))
    most = {one.id: terms_of(one.assessment, shift.starts_on).max_day_minutes for one in staying}
    days = {shift.starts_on, shift.starts_on + timedelta(days=1)}
    besides = booked_besides(staying, days)
    found = []
    for minutes in PROLONGED_BY:
        until = event.ends_at + timedelta(minutes=minutes)
        takes = minutes_by_day(event.starts_at, until, zone)
        over = [one for one in staying if not fits_the_day(takes, besides.get(one.person_id, {}), most[one.id])]
        found.append(Prospect(minutes, until, [one for one in nexts if one.starts_at < until], over))
    return found


def _nexts(shift: Shift, staying: Sequence[Attendance], before: datetime) -> list[Next]:
    """What binds the people here between the end of their shift and a time; of another office, or of anything but
    traffic service, nothing is said but that."""
    by_resource = {one.booking.resource_id: one for one in staying}
    query = (
        select(Booking)
        .join(Event)
        .options(joinedload(Booking.event))
        .where(
            Booking.binds,
            Booking.resource_id.in_(by_resource),
            Booking.event_id != shift.event_id,
            Booking.starts_at < before,
            Booking.ends_at > shift.event.ends_at,
        )
        .order_by(Booking.starts_at, Booking.id)
    )
    return [
        Next(
            by_resource[b.resource_id],
            b.starts_at,
            b.event.place if b.office_id == shift.office_id and b.event.kind == KIND else None,
        )
        for b in db.session.scalars(query)
    ]


def hand_over(  # noqa: PLR0917 - which shift, to whom, by whom, when, why, whether he stays as well
    shift: Shift, to: Person, by: Person, at: datetime, reason: str, stays: bool = False
) -> Posting:
    """Hand a shift to a colleague on the spot: he is posted and told, and sees it at once. What the first one ticked
    and confirmed stays his; his own posting ends, unless he stays.

    Raises: NotPosted, ReasonNeeded, NoTrafficOfficer, OffCourse.
    """
    mine = posting_of(shift, by)
    if shift.state != ShiftState.OPEN:
        raise OffCourse(state=shift.state)
    with act("shift.hand_over", shift, by=by, at=at, reason=reason.strip(), stays=stays):
        posting = post_officer(shift, to, by, at, reason.strip())
        if not stays and to.id != by.id:
            end_posting(mine, by, at, reason.strip())
    return posting


def colleagues(shift: Shift) -> list[Membership]:
    """To whom a shift can be handed: the traffic officers of the office who do not stand there, its squad's first."""
    there = {one.person_id for one in shift.postings if one.ended_at is None}
    known = [one for one in traffic_officers(shift.office, shift.starts_on) if one.person_id not in there]
    return sorted(known, key=lambda one: (one.organisation_id != shift.squad_id, one.person.pinyin, one.id))
