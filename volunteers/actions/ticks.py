"""Ticking people in and out at the crossing. Every tick is a stored fact, judged afterwards (D-28, SETTLED 15)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import false, select
from sqlalchemy.orm import joinedload, selectinload

from accounts.models import Person
from accounts.rights import same_human
from errors import Refusal
from extensions import db
from record.act import act, current_act
from record.course import OffCourse
from scheduler.timeline import timeline
from volunteers.actions.days import uncount_days
from volunteers.actions.interests import check_near, near_to
from volunteers.actions.priority import first_until, put_first
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import (
    ATTENDANCE,
    Attendance,
    AttendanceState,
    Fault,
    Outcome,
    Tick,
    TickKind,
    TickMethod,
)
from volunteers.models.shifts import Posting, Shift
from volunteers.rules.minutes import Standing, Stated, arrives_from, left_early, standing, stated_at, within

SERVED = (AttendanceState.BOOKED, AttendanceState.ARRIVED)
AWAY = (AttendanceState.CANCELLED, AttendanceState.ABSENT)
# whoever is here: how it went is said when he leaves
PRESENT = {"outcome": None, "fault": None, "lost_at": None, "first_until": None}
JUDGED_BY_THE_END = frozenset({Outcome.ATTENDED, Outcome.LEFT_EARLY, Outcome.EXTRA})
CORRECTABLE = {TickKind.IN: (AttendanceState.ARRIVED, AttendanceState.LEFT), TickKind.OUT: (AttendanceState.LEFT,)}


class NotPosted(Refusal):
    code = "not_posted"
    status = 403
    message = "You are not posted to this shift."
    help = "Ask the squad leader or the coordinator to post you to it; a later posting carries its reason."
    source = "DOMAIN D-29"


class NotForOneself(Refusal):
    code = "not_for_oneself"
    status = 403
    message = "Nobody ticks or confirms his own service."
    help = "Another officer of this shift does it."
    source = "DOMAIN D-29"


class TooEarly(Refusal):
    code = "too_early"
    message = "This can be said from the end of the shift on: %(ends_at)s."
    help = "Until then tick people one by one."
    source = "SETTLED 15"


class NotYetBegun(Refusal):
    code = "not_yet_begun"
    message = "The shift begins at %(starts_at)s; who has not come can be said only then."
    help = "Wait until it begins."
    source = "DOMAIN 8.4"


class TickReasonNeeded(Refusal):
    code = "tick_reason_needed"
    status = 422
    message = "This needs its reason."
    help = "Say in a few words why."


class TooEarlyToArrive(Refusal):
    code = "too_early_to_arrive"
    message = "An arrival for this shift can be noted from %(from_at)s on."
    help = "People are ticked in from an hour before a shift begins. Look whether this is the right one."


class TimeAhead(Refusal):
    code = "time_ahead"
    status = 422
    message = "The time %(stated)s has not come yet."
    help = "Correct the time."


class OutsideTheShift(Refusal):
    code = "outside_the_shift"
    status = 422
    message = "%(stated)s is not of this shift, which lasts from %(starts_at)s to %(ends_at)s."
    help = "Correct the time. If he was not there at all, take the tick back as a mistake."
    source = "DOMAIN V-06"


class LeftBeforeComing(Refusal):
    code = "left_before_coming"
    status = 422
    message = "The leaving (%(left_at)s) must come after the arrival (%(came_at)s)."
    help = "Correct the time."


@dataclass(frozen=True)
class Device:
    """Where a tick was made: which device, and what its clock said (None: it did not say)."""

    name: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Means:
    """How a tick is made: by which method, with which of the person's codes, under which id of the phone's own."""

    method: TickMethod = TickMethod.HAND
    code: str | None = None
    client_id: uuid.UUID | None = None


BY_HAND = Means()


def posting_of(shift: Shift, officer: Person) -> Posting:
    """The officer's posting to the shift. Raises: NotPosted."""
    where = {"shift_id": shift.id, "person_id": officer.id, "ended_at": None}
    found = db.session.scalar(select(Posting).filter_by(**where))
    if found is None:
        raise NotPosted()
    return found


def is_posted(shift: Shift, officer: Person) -> bool:
    return any(one.person_id == officer.id and one.ended_at is None for one in shift.postings)


def roll(shift: Shift) -> list[Attendance]:
    """Everybody who booked and did not cancel, and whom a stop told not to come, with person, ticks and choices, by
    name. Two queries."""
    told_off = Attendance.fault == Fault.SERVICE if shift.stopped_at else false()
    query = (
        select(Attendance)
        .join(Person, Person.id == Attendance.person_id)
        .options(joinedload(Attendance.person), joinedload(Attendance.ticks), joinedload(Attendance.claim))
        .options(joinedload(Attendance.assessment).joinedload(Assessment.scheme), selectinload(Attendance.choices))
        .where(Attendance.shift_id == shift.id, (Attendance.state != AttendanceState.CANCELLED) | told_off)
        .order_by(Person.pinyin, Person.name, Attendance.id)
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(query).unique())


def check_officer(attendance: Attendance, officer: Person) -> None:
    """Only who is posted to the shift, never for oneself, never with a declared interest.

    Raises: NotPosted, NotForOneself, NotWithAnInterest, NobodyElsePosted.
    """
    posting_of(attendance.shift, officer)
    if attendance.person_id == officer.id:
        raise NotForOneself()
    check_near(attendance.shift, attendance.person_id, officer)


def standing_of(attendance: Attendance, conflict_minutes: int = 1) -> Standing:
    """What the ticks of an attendance say, corrections applied."""
    stated = [Stated(tick.id, tick.kind, tick.at, tick.replaces_id) for tick in attendance.counting]
    return standing(stated, conflict_minutes)


def arrive(
    attendance: Attendance, by: Person, at: datetime, device: Device | None = None, means: Means = BY_HAND
) -> Tick:
    """Tick somebody in, now by the device's clock, from an hour before the start on.

    Raises: NotPosted, NotForOneself, TooEarlyToArrive, OffCourse.
    """
    return _step(attendance, "arrive", TickKind.IN, by, at, device or Device(), means)


def check_arrival(attendance: Attendance, came_at: datetime) -> None:
    from_at = arrives_from(attendance.shift.event.starts_at)
    if came_at < from_at:
        raise TooEarlyToArrive(from_at=from_at)


def leave(
    attendance: Attendance, by: Person, at: datetime, device: Device | None = None, means: Means = BY_HAND
) -> Tick:
    """Tick somebody out. Raises: NotPosted, NotForOneself, OffCourse."""
    return _step(attendance, "leave", TickKind.OUT, by, at, device or Device(), means)


def send_home(attendance: Attendance, by: Person, at: datetime, reason: str, device: Device | None = None) -> Tick:
    """Tick somebody out because he cannot stay, for a reason; what he served till then counts.

    Raises: TickReasonNeeded, NotPosted, NotForOneself, OffCourse.
    """
    check_officer(attendance, by)
    if not reason.strip():
        raise TickReasonNeeded()
    device = device or Device()
    with act("attendance.leave", attendance, by=by, at=at, reason=reason.strip()):
        ATTENDANCE.step("leave", attendance, outcome=Outcome.SENT_HOME, fault=Fault.NOBODY)
        stated = stated_at(device.at, at)
        return make_tick(attendance, TickKind.OUT, stated=stated, by=by, at=at, device=device, reason=reason.strip())


def _step(  # noqa: PLR0917
    attendance: Attendance, name: str, kind: str, by: Person, at: datetime, device: Device, means: Means
) -> Tick:
    check_officer(attendance, by)
    stated = stated_at(device.at, at)
    if kind == TickKind.IN:
        check_arrival(attendance, stated)
    with act(f"attendance.{name}", attendance, by=by, at=at):
        ATTENDANCE.step(name, attendance, **(outcome_of(attendance, stated) if kind == TickKind.OUT else PRESENT))
        return make_tick(attendance, kind, stated=stated, by=by, at=at, device=device, means=means)


def outcome_of(attendance: Attendance, left_at: datetime) -> dict[str, str | None]:
    """How it went for somebody who leaves at a time."""
    return outcome_at(attendance.shift, left_at, extra=attendance.extra)


def outcome_at(shift: Shift, left_at: datetime, *, extra: bool = False) -> dict[str, str | None]:
    """How it went for whoever leaves a shift at a time: early only before the end that he had agreed to. The hours of
    one that a sheet made are those of its post: nobody had agreed to them."""
    if not shift.from_paper and left_early(left_at, shift.agreed_until):
        return {"outcome": Outcome.LEFT_EARLY, "fault": Fault.PERSON}
    return {"outcome": Outcome.EXTRA if extra else Outcome.ATTENDED, "fault": None}


def make_tick(
    attendance: Attendance,
    kind: str,
    *,
    stated: datetime,
    by: Person,
    at: datetime,
    device: Device,
    means: Means = BY_HAND,
    replaces: Tick | None = None,
    reason: str = "",
) -> Tick:
    """Store a tick within the act at hand, whatever follows from it."""
    tick = Tick(
        attendance_id=attendance.id,
        office_id=attendance.office_id,
        kind=kind,
        at=stated,
        device_at=device.at,
        server_at=at,
        device=device.name,
        by_id=by.id,
        act_uid=current_act().uid,
        replaces_id=replaces.id if replaces else None,
        reason=reason,
        method=means.method,
        code=means.code,
        client_id=means.client_id,
    )
    attendance.ticks.append(tick)
    db.session.flush()
    return tick


def correct_tick(  # noqa: PLR0917 - which time of whom, what it is now, who says so when and why
    attendance: Attendance, kind: str, stated: datetime, by: Person, at: datetime, reason: str
) -> Tick:
    """Say that an arrival or leaving was at another time: a new tick that replaces one's own, with the reason.

    One of another officer is not replaced: two then stand, and a person chooses (I45). Only a time that was ticked, of
    somebody who is not confirmed yet. Raises: TickReasonNeeded, TimeAhead, OutsideTheShift,
    LeftBeforeComing, OffCourse, NotPosted, NotForOneself.
    """
    check_officer(attendance, by)
    if attendance.state not in CORRECTABLE[TickKind(kind)]:
        raise OffCourse(state=attendance.state)
    if not reason.strip():
        raise TickReasonNeeded()
    check_time(attendance, kind, stated, at)
    replaces = own_tick(attendance, kind, by)
    with act("attendance.correct_tick", attendance, by=by, at=at, reason=reason, kind=kind):
        if kind == TickKind.OUT and attendance.outcome in JUDGED_BY_THE_END:
            told = outcome_of(attendance, stated)
            attendance.outcome, attendance.fault = told["outcome"], told["fault"]
        return make_tick(
            attendance, kind, stated=stated, by=by, at=at, device=Device(), replaces=replaces, reason=reason.strip()
        )


def own_tick(attendance: Attendance, kind: str, by: Person) -> Tick | None:
    """The last tick of a kind that stands and somebody may replace: his own, or one of a sheet that names nobody."""
    replaced = {tick.replaces_id for tick in attendance.ticks}
    authors = {None, *db.session.scalars(same_human(by.id))}
    mine = [t for t in attendance.counting if t.kind == kind and t.by_id in authors and t.id not in replaced]
    return mine[-1] if mine else None


def check_time(attendance: Attendance, kind: str, stated: datetime, at: datetime) -> None:
    """Whether somebody can have come or left at a time, as far as it is known now."""
    if stated > at:
        raise TimeAhead(stated=stated)
    event = attendance.shift.event
    if not within(kind, stated, event.starts_at, event.ends_at):
        raise OutsideTheShift(stated=stated, starts_at=event.starts_at, ends_at=event.ends_at)
    known = standing_of(attendance)
    came_at, left_at = (stated, known.left_at) if kind == TickKind.IN else (known.came_at, stated)
    if came_at is not None and left_at is not None and left_at <= came_at:
        raise LeftBeforeComing(came_at=came_at, left_at=left_at)


def tick_all(shift: Shift, by: Person, at: datetime, device: Device | None = None) -> list[Attendance]:
    """All present and for the full time: ticks at the shift's start and end only where none stands (SETTLED 15).

    Those marked absent, cancelled, missing or struck out are left as they are. Raises: NotPosted, TooEarly.
    """
    posting_of(shift, by)
    event = shift.event
    if at < event.ends_at:
        raise TooEarly(ends_at=event.ends_at)
    here = [one for one in roll(shift) if one.state in SERVED and not one.struck_out]
    others = near_to(by, [one.person_id for one in here]) | {by.id}
    open_ones = [one for one in here if one.person_id not in others]
    with act("shift.tick_all", shift, by=by, at=at, people=len(open_ones)):
        for attendance in open_ones:
            _full_time(attendance, by, at, device or Device())
    return open_ones


def _full_time(attendance: Attendance, by: Person, at: datetime, device: Device) -> None:
    event = attendance.shift.event
    if attendance.state == AttendanceState.BOOKED:
        with act("attendance.arrive", attendance, by=by, at=at, whole_shift=True):
            ATTENDANCE.step("arrive", attendance, **PRESENT)
            make_tick(attendance, TickKind.IN, stated=event.starts_at, by=by, at=at, device=device)
    came_at = standing_of(attendance).came_at
    if came_at is not None and came_at < event.ends_at:
        with act("attendance.leave", attendance, by=by, at=at, whole_shift=True):
            ATTENDANCE.step("leave", attendance, **outcome_of(attendance, event.ends_at))
            make_tick(attendance, TickKind.OUT, stated=event.ends_at, by=by, at=at, device=device)


def miss(attendance: Attendance, by: Person, at: datetime, reason: str = "") -> None:
    """Somebody did not come and had not told. Whom the service had told not to come, or whose shift it stopped, has
    missed nothing.

    Raises: NotPosted, NotForOneself, NotYetBegun, OffCourse.
    """
    check_officer(attendance, by)
    starts_at = attendance.shift.event.starts_at
    if at < starts_at:
        raise NotYetBegun(starts_at=starts_at)
    if attendance.fault == Fault.SERVICE or attendance.shift.stopped_at is not None:
        cancel_by_service(attendance, by, at, reason)
        return
    with act("attendance.miss", attendance, by=by, at=at, reason=reason):
        ATTENDANCE.step("miss", attendance, outcome=Outcome.NO_SHOW, fault=Fault.PERSON)


def cancel_by_service(  # noqa: PLR0917 - whose booking, who says so when and why, and how far it goes
    attendance: Attendance, by: Person, at: datetime, reason: str, free: bool = True, together: bool = False
) -> None:
    """End a booking that the service could not keep: never a missed shift, and he comes first for a while.

    `free`: the place as well, here and now. `together`: with other shifts, and he is told once of all.
    """
    step = "call_off" if attendance.state == AttendanceState.ARRIVED else "cancel"
    with act(f"attendance.{step}", attendance, by=by, at=at, reason=reason, by_service=True, together=together):
        lost = {"lost_at": at, "first_until": first_until(attendance.shift.office, at)}
        outcome, fault = Outcome.CANCELLED_BY_SERVICE, Fault.SERVICE
        ATTENDANCE.step(step, attendance, outcome=outcome, fault=fault, **lost)
        put_first(attendance)
        uncount_days([attendance.id])
        if free:
            timeline.rebook(timeline.Free(attendance.booking))


def call(attendance: Attendance, by: Person, at: datetime) -> str | None:
    """The person's phone number, to be dialled: never printed on the roll, each use is an act (D-24).

    Raises: NotPosted. Returns None where no number is known.
    """
    posting_of(attendance.shift, by)
    with act("attendance.call", attendance, by=by, at=at):
        return attendance.person.phone
