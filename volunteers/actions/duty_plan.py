"""A month's duty plan of a squad: read as a grid, filled by a proposal, changed in one act."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from accounts.models import Membership, Organisation, Person, Role
from errors import Refusal
from extensions import db
from record.act import act
from scheduler.timeline import timeline
from scheduler.timeline.models import Booking, BookingRole, Event, Resource
from volunteers.actions.postings import new_posting
from volunteers.models.posts import Post, PostOfficer
from volunteers.models.shifts import Posting, Shift, ShiftState
from volunteers.rules import duty_plan
from volunteers.rules.duty_plan import Interval, Officer, Trouble, Turn, judge_plan
from volunteers.rules.shifts import ReasonNeeded

Pair = tuple[int, int]  # a shift and a person, by id


class DutyPlanOutdated(Refusal):
    code = "duty_plan_outdated"
    message = "Meanwhile somebody has posted or relieved officers of these shifts. Nothing was stored."
    help = "Look at the plan again as it is now."


class StandsTwice(Refusal):
    code = "stands_twice"
    status = 422
    message = "%(name)s cannot stand at %(place)s on %(at)s: he stands somewhere else at that time."
    help = "Untick him at one of the two."


class OnLeave(Refusal):
    code = "officer_away"
    status = 422
    message = "%(name)s cannot stand at %(place)s on %(at)s: he is on leave or taken elsewhere at that time."
    help = "Choose somebody else for it."


@dataclass(frozen=True)
class Month:
    """A squad's month: its shifts, its officers and whoever else stands there, who stands where, and who is away."""

    squad: Organisation
    first_on: date
    shifts: list[Shift]
    people: list[Person]
    standing: frozenset[Pair]
    away: Mapping[int, tuple[Interval, ...]]
    now: datetime

    @property
    def ahead(self) -> list[Shift]:
        """Those that can still be planned."""
        return [shift for shift in self.shifts if self.is_ahead(shift)]

    def is_ahead(self, shift: Shift) -> bool:
        return shift.state in {ShiftState.PLANNED, ShiftState.OPEN} and shift.event.starts_at > self.now

    @property
    def seen(self) -> str:
        """What somebody who plans has seen, in few signs."""
        ahead = {shift.id for shift in self.ahead}
        return sha256(repr(sorted(pair for pair in self.standing if pair[0] in ahead)).encode()).hexdigest()[:16]

    def is_away(self, person: Person, shift: Shift) -> bool:
        return any(_turn(shift).meets(span) for span in self.away.get(person.id, ()))

    def without_officer(self, plan: Collection[Pair]) -> list[Shift]:
        """The shifts to come at which nobody would stand who is there."""
        shifts = {shift.id: shift for shift in self.ahead}
        people = {person.id: person for person in self.people}
        there = {key for key, person in plan if key in shifts and not self.is_away(people[person], shifts[key])}
        return [shift for key, shift in shifts.items() if key not in there]


def following(first_on: date) -> date:
    """The first day of the next month."""
    return (first_on + timedelta(days=31)).replace(day=1)


def month_of(squad: Organisation, first_on: date, now: datetime) -> Month:
    """Read a squad's month. Six queries."""
    end = following(first_on)
    query = (
        select(Shift)
        .join(Event, Event.id == Shift.event_id)
        .where(Shift.squad_id == squad.id, Shift.starts_on >= first_on, Shift.starts_on < end)
        .where(Shift.state != ShiftState.CANCELLED, Shift.from_paper.is_(False))
        .options(
            contains_eager(Shift.event),
            joinedload(Shift.post).selectinload(Post.officers).joinedload(PostOfficer.person),
        )
        .order_by(Event.starts_at, Shift.post_id, Shift.id)
    )
    shifts = list(db.session.scalars(query))
    standing = select(Posting).where(Posting.shift_id.in_([s.id for s in shifts]), Posting.ended_at.is_(None))
    postings = list(db.session.scalars(standing.options(joinedload(Posting.person)).order_by(Posting.id)))
    members = _members(squad, first_on, end - timedelta(days=1))
    people = list({member.person_id: member.person for member in members}.values())
    known = {person.id for person in people}
    people += list({p.person_id: p.person for p in postings if p.person_id not in known}.values())
    pairs = frozenset((posting.shift_id, posting.person_id) for posting in postings)
    away = _away(people, shifts)
    for person in known:
        mine = [member for member in members if member.person_id == person]
        gone = [s for s in shifts if not any(_belongs(member, s.starts_on) for member in mine)]
        away[person] = (*away.get(person, ()), *((s.event.starts_at, s.event.ends_at) for s in gone))
    return Month(squad, first_on, shifts, people, pairs, away, now)


def _members(squad: Organisation, first_on: date, last_on: date) -> list[Membership]:
    """Who is a traffic officer of a squad on any of some days, by name."""
    query = (
        select(Membership)
        .join(Person, Person.id == Membership.person_id)
        .options(contains_eager(Membership.person))
        .where(Membership.organisation_id == squad.id, Membership.role == Role.TRAFFIC_OFFICER)
        .where(Membership.starts_on <= last_on, Membership.ends_on.is_(None) | (Membership.ends_on >= first_on))
        .order_by(Person.pinyin, Person.id)
    )
    return list(db.session.scalars(query))


def _belongs(member: Membership, on: date) -> bool:
    return member.starts_on <= on and (member.ends_on is None or on <= member.ends_on)


def _away(people: Collection[Person], shifts: Collection[Shift]) -> dict[int, tuple[Interval, ...]]:
    """When people are bound, at whichever office, or stand at shifts of another squad. Two queries."""
    if not shifts:
        return {}
    first, last = min(s.event.starts_at for s in shifts), max(s.event.ends_at for s in shifts)
    ids = [person.id for person in people]
    bound = (
        select(Resource.person_id, Booking.starts_at, Booking.ends_at)
        .join(Resource, Resource.id == Booking.resource_id)
        .where(Booking.binds, Resource.person_id.in_(ids), Booking.starts_at < last, Booking.ends_at > first)
    )
    elsewhere = (
        select(Posting.person_id, Event.starts_at, Event.ends_at)
        .join(Shift, Shift.id == Posting.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(Posting.person_id.in_(ids), Posting.ended_at.is_(None), Shift.state != ShiftState.CANCELLED)
        .where(Shift.id.not_in([s.id for s in shifts]), Event.starts_at < last, Event.ends_at > first)
    )
    found: dict[int, tuple[Interval, ...]] = {}
    for query in (bound, elsewhere):
        for person_id, starts_at, ends_at in db.session.execute(query):
            found[person_id or 0] = (*found.get(person_id or 0, ()), (starts_at, ends_at))
    return found


def _turn(shift: Shift) -> Turn:
    return Turn(shift.id, shift.post_id, shift.event.starts_at, shift.event.ends_at)


def _officers_of(month: Month) -> list[Officer]:
    posts: dict[int, set[int]] = {}
    for shift in month.shifts:
        for person in shift.post.present_officers:
            posts.setdefault(person.id, set()).add(shift.post_id)
    return [Officer(p.id, frozenset(posts.get(p.id, ())), month.away.get(p.id, ())) for p in month.people]


def propose(month: Month, anew: bool = False) -> frozenset[Pair]:
    """A fair filling of the shifts to come at which nobody stands; `anew`: of all of them, one officer each.

    What lies behind stays and counts. Changes nothing.
    """
    ahead = {shift.id for shift in month.ahead}
    kept = frozenset(pair for pair in month.standing if not anew or pair[0] not in ahead)
    standing: dict[Hashable, set[int]] = {shift.id: {-1} for shift in month.shifts if shift.id not in ahead}
    for shift, person in kept:
        standing.setdefault(shift, set()).add(person)
    found = duty_plan.fill([_turn(shift) for shift in month.shifts], _officers_of(month), standing)
    return kept | {(int(str(shift)), int(str(person))) for shift, person in found.items()}


def store(month: Month, wanted: Collection[Pair], seen: str, by: Person, at: datetime, reason: str) -> tuple[int, int]:  # noqa: PLR0917
    """Make the plan of the shifts to come what is wanted, in one act; each officer is told once what changed for him.

    Returns how many postings were made and how many ended.
    Raises: ReasonNeeded, DutyPlanOutdated, StandsTwice, OnLeave.
    """
    if not reason.strip():
        raise ReasonNeeded()
    db.session.execute(select(Organisation.id).where(Organisation.id == month.squad.id).with_for_update())
    month = month_of(month.squad, month.first_on, at)
    if month.seen != seen:
        raise DutyPlanOutdated()
    ahead = {shift.id: shift for shift in month.ahead}
    people = {person.id: person for person in month.people}
    then = {pair for pair in wanted if pair[0] in ahead and pair[1] in people}
    before = {pair for pair in month.standing if pair[0] in ahead}
    added, ended = sorted(then - before), sorted(before - then)
    _check(month, then, added)
    if added or ended:
        told = _told(ahead, added, ended)
        with act("organisation.plan_duty", month.squad, by=by, at=at, reason=reason, month=month.first_on, told=told):
            takes = [_post(ahead[shift], people[person], by, at, reason) for shift, person in added]
            timeline.rebook(*takes, *_relieve(ended, by, at, reason))
    return len(added), len(ended)


def _check(month: Month, plan: Collection[Pair], added: Collection[Pair]) -> None:
    behind = {pair for pair in month.standing if pair[0] not in {shift.id for shift in month.ahead}}
    turns = [_turn(shift) for shift in month.shifts]
    wrong = judge_plan(turns, _officers_of(month), {*plan, *behind}, added)
    refusals: dict[Trouble, type[Refusal]] = {"twice": StandsTwice, "away": OnLeave}
    for turn, person, trouble in wrong:
        name = next(one.name for one in month.people if one.id == person)
        place = next(one.post.name for one in month.shifts if one.id == turn.key)
        raise refusals[trouble](name=name, place=place, at=turn.starts_at)


def _told(shifts: Mapping[int, Shift], added: Iterable[Pair], ended: Iterable[Pair]) -> dict[str, dict[str, list[str]]]:
    """What changes for each officer, by his id: the public ids of the shifts at which he stands, or no longer."""
    told: dict[str, dict[str, list[str]]] = {}
    for word, pairs in (("stands", added), ("relieved", ended)):
        for shift, person in pairs:
            told.setdefault(str(person), {}).setdefault(word, []).append(str(shifts[shift].public_id))
    return told


def _post(shift: Shift, officer: Person, by: Person, at: datetime, reason: str) -> timeline.Take:
    known = db.session.scalar(select(Posting).filter_by(shift_id=shift.id, person_id=officer.id))
    posting = known or new_posting(shift, officer, by, at, reason)
    with act("posting.post", posting, by=by, at=at, reason=reason, by_plan=True):
        posting.ended_at = None
        db.session.add(posting)
    return timeline.Take(shift.event, timeline.resource_of(officer), BookingRole.TRAFFIC_OFFICER)


def _relieve(ended: Collection[Pair], by: Person, at: datetime, reason: str) -> list[timeline.Free]:
    frees = []
    for shift, person in ended:
        posting = db.session.scalars(select(Posting).filter_by(shift_id=shift, person_id=person)).one()
        with act("posting.end", posting, by=by, at=at, reason=reason, by_plan=True):
            posting.ended_at = at
        booked = timeline.live_bookings(posting.shift.event, BookingRole.TRAFFIC_OFFICER)
        frees += [timeline.Free(one) for one in booked if one.resource.person_id == person]
    return frees
