"""Somebody who did not book stands at the crossing: found by the officer, judged by the same gates, admitted as extra
(DOMAIN 8.4 `walk_in`; SETTLED 21)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from accounts.models import Person
from accounts.settings import rule_for
from errors import Refusal
from extensions import db
from record.act import act
from record.course import OffCourse
from record.models import Act
from record.sealed import keyed_hash
from scheduler.timeline import timeline
from scheduler.timeline.models import BookingRole, Quota, Resource
from volunteers.actions.days import follow_days
from volunteers.actions.interests import check_near
from volunteers.actions.obstacles import obstacles_of
from volunteers.actions.places import wait_no_longer
from volunteers.actions.scan import Shown, life_of
from volunteers.actions.ticks import AWAY, Device, Means, NotForOneself, TooEarlyToArrive, is_posted, make_tick
from volunteers.models.assessment import UNDER_ASSESSMENT, Assessment, AssessmentState
from volunteers.models.attendance import Attendance, AttendanceState, TickKind, TickMethod
from volunteers.models.shifts import Shift, ShiftState
from volunteers.rules.minutes import arrives_from, stated_at
from volunteers.rules.obstacles import NotBookable, Obstacle, refusal_of
from volunteers.rules.scan import CodeKind, Why, digits_of, judge_age, read, seconds_left, spell, step_at
from volunteers.rules.steering import ShiftNotRunning, StoppedAlready

SEARCHES, WITHIN = 20, timedelta(minutes=10)
BEGUN = "shift_over"  # to a walk-in a shift that has begun is open still
WITH_A_REASON = frozenset({"full", "day_full"})
OF_HIS_PAPERS = frozenset({"not_told", "not_consented", "not_trained", "not_insured"})


class TooManySearches(Refusal):
    code = "too_many_searches"
    status = 429
    message = "Too many people were looked for within ten minutes."
    help = "Ask the coordinator, who books on somebody's behalf."
    source = "DOMAIN D-24"


class OnTheList(Refusal):
    code = "on_the_list"
    message = "%(name)s is on the list of this shift already."
    help = "Go back to the list and tick there."
    source = "DOMAIN 8.4"


class NotAdmitted(NotBookable):
    """To whoever stands at the crossing: what it is may lie in somebody's case, bail, health or another place, and is
    not for an officer to read (D-24, D-25). `obstacles` say it to those who may."""

    code = "not_admitted"
    message = "What is in the way is for himself and the coordinator to know."
    help = "Ask him to look on his own phone, or ring the coordinator."
    source = "DOMAIN 8.4, D-24"


class WalkInReasonNeeded(Refusal):
    """With `obstacles`: what only a reason gets over."""

    code = "walk_in_reason_needed"
    status = 422
    message = "The places are taken, or the day is full: somebody more needs a reason."
    help = "Say in a few words why he is needed."
    source = "DOMAIN 8.4; TRUST I14"


def seek(shift: Shift, initials: str, tail: str, by: Person, at: datetime) -> list[Assessment]:
    """Who is under assessment at the shift's office and has these initials and this end of his phone number. Both must
    be right: nobody is listed. Each look is an act, whether it finds anybody or not (D-24). Raises: TooManySearches.
    """
    looks = select(func.count()).where(
        Act.name == "shift.seek_walk_in", Act.actor_id == by.id, Act.at > at - WITHIN, Act.at <= at
    )
    if (db.session.scalar(looks) or 0) >= SEARCHES:
        raise TooManySearches()
    with act("shift.seek_walk_in", shift, by=by, at=at):
        return _known(shift, initials, tail)


def sought(shift: Shift, initials: str, tail: str, found: uuid.UUID) -> list[Assessment]:
    """Whom a look has found a moment ago, by his id: it tells nobody anything new, and is no look."""
    return [one for one in _known(shift, initials, tail) if one.public_id == found]


def _known(shift: Shift, initials: str, tail: str) -> list[Assessment]:
    query = (
        select(Assessment)
        .join(Person, Person.id == Assessment.person_id)
        .where(
            Assessment.office_id == shift.office_id,
            Assessment.state.in_(UNDER_ASSESSMENT),
            Person.initials == initials.strip().lower(),
            Person.phone_tail_hash == keyed_hash("phone_tail", tail.strip()),
        )
        .order_by(Person.pinyin, Person.name, Assessment.id)
    )
    return list(db.session.scalars(query))


def guest_code(assessment: Assessment, at: datetime) -> Shown | None:
    """The code on the phone of somebody who serves and has no booking at hand: it says who he is, and ticks nothing."""
    if assessment.state != AssessmentState.SERVING:
        return None
    life = int(rule_for("service.code_life.person", assessment.office, at.date()).amount)
    step = step_at(at, life)
    mark = _mark(assessment, step)
    text = spell(CodeKind.GUEST, assessment.public_id, step, mark)
    return Shown(text, digits_of(mark), seconds_left(at, life), life)


def _mark(assessment: Assessment, step: int) -> str:
    return keyed_hash(f"code.{CodeKind.GUEST}", f"{assessment.public_id} {step}")


def whose(shift: Shift, said: str, at: datetime, again: bool = False) -> Assessment | None:
    """Whose guest code this is, at the shift's office; `again`: what was read a moment ago and looked at meanwhile."""
    code = read(said)
    if code is None or code.kind != CodeKind.GUEST or code.step is None:
        return None
    least, most = code.keys
    one = db.session.scalar(
        select(Assessment).where(Assessment.public_id.between(least, most), Assessment.office_id == shift.office_id)
    )
    if one is None or bytes.fromhex(_mark(one, code.step))[: len(code.mark)] != code.mark:
        return None
    allowed = {None, Why.SCREENSHOT} if again else {None}
    return one if judge_age(code.step, at, life_of(shift, "person")) in allowed else None


def in_the_way(shift: Shift, assessment: Assessment, at: datetime) -> list[Obstacle]:
    """What keeps somebody from being admitted, in the order in which it is told; the gates are those of a booking."""
    return [one for one in obstacles_of(assessment, [shift], at, own=False)[shift.id] if one.code != BEGUN]


def told_the_officer(blocked: Sequence[Obstacle]) -> NotBookable:
    """What is said at the crossing: of the papers before the first shift which one is missing, of all else nothing."""
    return refusal_of(blocked) if blocked[0].code in OF_HIS_PAPERS else NotAdmitted(blocked)


def on_the_list(shift: Shift, assessment: Assessment) -> Attendance | None:
    """Where somebody stands at a shift that he has booked, or to which he was admitted."""
    standing = select(Attendance).where(
        Attendance.shift_id == shift.id,
        Attendance.person_id == assessment.person_id,
        Attendance.state.not_in(AWAY),
    )
    return db.session.scalar(standing.limit(1))


def admit(  # noqa: PLR0917 - whom, where, by whom, when, why, on which device
    shift: Shift, assessment: Assessment, by: Person, at: datetime, reason: str = "", device: Device | None = None
) -> Attendance:
    """Admit somebody who did not book: he is here from now on, marked as extra. Where every place is taken a reason
    adds one, which nobody of the waiting list may take; where his day is full, a reason as well. A squad leader may
    admit without being posted (TRUST 2); the tick then says so.

    Raises: NotForOneself, NotWithAnInterest, NobodyElsePosted, TooEarlyToArrive, StoppedAlready, ShiftNotRunning,
    OffCourse, OnTheList, NotBookable with all that stands in the way, WalkInReasonNeeded.
    """
    _check_whom(shift, assessment, by)
    _check_time(shift, at)
    reason, device = reason.strip(), device or Device()
    quota = _locked(shift, assessment)
    if on_the_list(shift, assessment) is not None:
        raise OnTheList(name=assessment.person.name)
    found = in_the_way(shift, assessment, at)
    _check_gates(found, reason)
    full = quota.taken >= quota.capacity
    attendance = Attendance(
        office_id=shift.office_id,
        shift_id=shift.id,
        person_id=assessment.person_id,
        assessment_id=assessment.id,
        state=AttendanceState.ARRIVED,
        extra=True,
    )
    with act("attendance.walk_in", attendance, by=by, at=at, reason=reason, place_added=full):
        if full:
            quota.capacity, quota.extra = quota.capacity + 1, quota.extra + 1
        attendance.booking_id = _take(shift, assessment)
        db.session.add(attendance)
        db.session.flush()
        follow_days([attendance], shift)
        wait_no_longer(shift, timeline.resource_of(assessment.person), by, at)
        stated = stated_at(device.at, at)
        means = Means(TickMethod.HAND if is_posted(shift, by) else TickMethod.ADMITTED)
        make_tick(attendance, TickKind.IN, stated=stated, by=by, at=at, device=device, means=means)
    return attendance


def _check_whom(shift: Shift, assessment: Assessment, by: Person) -> None:
    if assessment.person_id == by.id or assessment.office_id != shift.office_id:
        raise NotForOneself()
    check_near(shift, assessment.person_id, by)


def admits(shift: Shift, at: datetime) -> bool:
    """Whether somebody who did not book can be admitted at a time."""
    try:
        _check_time(shift, at)
    except Refusal:
        return False
    return True


def _check_time(shift: Shift, at: datetime) -> None:
    event = shift.event
    if shift.state != ShiftState.OPEN:
        raise OffCourse(state=shift.state)
    if shift.stopped_at is not None:
        raise StoppedAlready(stopped_at=shift.stopped_at)
    if at < arrives_from(event.starts_at):
        raise TooEarlyToArrive(from_at=arrives_from(event.starts_at))
    if at >= event.ends_at:
        raise ShiftNotRunning(starts_at=event.starts_at, ends_at=event.ends_at)


def _check_gates(found: Sequence[Obstacle], reason: str) -> None:
    blocked = [one for one in found if one.code not in WITH_A_REASON]
    if blocked:
        raise told_the_officer(blocked)
    if found and not reason:
        raise WalkInReasonNeeded()


def _locked(shift: Shift, assessment: Assessment) -> Quota:
    """The places of the shift, locked after the person, as `rebook` locks them: a rival waits."""
    db.session.execute(select(Resource.id).where(Resource.person_id == assessment.person_id).with_for_update())
    where = Quota.event_id == shift.event_id, Quota.role == BookingRole.VOLUNTEER
    query = select(Quota).where(*where).with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(query).one()


def _take(shift: Shift, assessment: Assessment) -> int:
    try:
        who = timeline.resource_of(assessment.person)
        return timeline.rebook(timeline.Take(shift.event, who, BookingRole.VOLUNTEER))[0].id
    except timeline.Collision as clash:
        raise NotAdmitted([Obstacle("overlap")]) from clash
