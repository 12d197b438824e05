"""A plan of shifts for everybody who serves: looked at by a person, booked with those who agree (IDEAS A).

Nobody is assigned (D-20): a plan is a proposal, and whoever takes it says how it was agreed with the people.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from accounts.actions.memberships import local_day
from accounts.models import Office, Person
from errors import Refusal
from extensions import db
from record.act import act
from record.course import OffCourse
from scheduler.deadlines.calendar import calendar_in_force
from scheduler.fairness.shift_check import judge_shift_plan
from scheduler.fairness.shift_values import Server, ShiftPlan, Span, Turn
from scheduler.fairness.shifts import plan_shifts
from scheduler.timeline.models import Booking, Event, Resource
from volunteers.actions.booking import book
from volunteers.actions.interests import near_to
from volunteers.actions.obstacles import minutes_booked_by, quotas_of
from volunteers.figures import Figures, figures_of
from volunteers.models.assessment import BEFORE_COMPLETE, Assessment, AssessmentState
from volunteers.models.plans import DraftPlan
from volunteers.models.posts import Post
from volunteers.models.shifts import Shift, ShiftState
from volunteers.rights import InterestStands
from volunteers.rules.autoplan import Left, judge_left, why_left_out
from volunteers.rules.gates import Gates, judge_area, judge_fitness, judge_gates
from volunteers.rules.obstacles import NotBookable
from volunteers.rules.schemes import Terms
from volunteers.terms import gates_of_many, least_of, terms_of_many

FURTHEST = 60  # days
HALVES = {"morning": (0, 12 * 60), "evening": (12 * 60, 24 * 60)}
WEEKEND = frozenset({6, 7})
WISHES = (*HALVES, "weekend")


class NothingToPlan(Refusal):
    code = "nothing_to_plan"
    status = 422
    message = "There is nobody with hours to book, or no shift with a free place, in these days."
    help = "Open shifts first, or choose more days."


class ReasonOfAgreement(Refusal):
    code = "reason_of_agreement"
    status = 422
    message = "Say how this was agreed with the people: nobody is assigned."
    help = "For example: agreed by phone on 24 November."
    source = "DOMAIN D-20; 志愿服务条例 2, 25"  # citation


class NoLongerNeeded(Refusal):
    code = "no_longer_needed"
    message = "This shift is no longer needed: the hours are complete with what is booked."
    help = "Somebody who would serve more books it himself, or the desk books it for him."


class PlanBroken(RuntimeError):
    """The checker found something wrong with what the planner made: a mistake of ours, and nothing is stored."""


@dataclass(frozen=True)
class Taken:
    """What became of a plan: how many shifts were booked, and who could not have which, with why."""

    booked: int
    refused: list[tuple[Assessment, Shift, Refusal]]


def draft_plan(office: Office, days: int, by: Person, at: datetime, effort: float = 4.0) -> DraftPlan:
    """Plan everybody's missing hours over the open shifts of the next days; stored to be looked at, nothing is booked.

    Raises: NothingToPlan, NoPlanInTime.
    """
    people, shifts = serving(office, local_day(office, at)), coming(office, days, at)
    turns, servers = problem_of(office, people, shifts, at)
    if not turns or not any(one.minutes for one in servers):
        raise NothingToPlan()
    plan = plan_shifts(turns, servers, effort=effort)
    broken = judge_shift_plan(plan, turns, servers)
    if broken:
        raise PlanBroken(broken)
    row = _stored(plan, office, servers, shifts, days)
    row.made_on = local_day(office, at)
    left = _left(plan, office, people, turns, servers, shifts, row)
    row.short = {key: one.short for key, one in left.items() if one.short}
    row.later = {key: one.later for key, one in left.items() if one.later}
    row.why = {key: one.why for key, one in left.items()}
    with act("draft_plan.make", row, by=by, at=at):
        db.session.add(row)
    return row


def _stored(
    plan: ShiftPlan, office: Office, servers: Sequence[Server], shifts: Sequence[Shift], days: int
) -> DraftPlan:
    public = {shift.id: str(shift.public_id) for shift in shifts}
    return DraftPlan(
        office_id=office.id,
        days=days,
        turns={str(key): [public[int(t)] for t in mine] for key, mine in plan.turns.items()},
        needed={str(one.key): one.minutes for one in servers if one.minutes > 0},
        short={},
        unwanted=plan.unwanted,
        proven=plan.proven,
    )


def _left(  # noqa: PLR0917 - the plan, and what it was made of
    plan: ShiftPlan,
    office: Office,
    people: Sequence[Assessment],
    turns: Sequence[Turn],
    servers: Sequence[Server],
    shifts: Sequence[Shift],
    row: DraftPlan,
) -> dict[str, Left]:
    """Whose hours found no place: for how much of them later days remain, and what kept him out."""
    known = {one.id: one for one in people}
    terms, gates = terms_of_many(people, row.made_on), gates_of_many(people, row.made_on)
    calendar, posts = calendar_in_force(office), {shift.post_id: shift.post for shift in shifts}
    found = {}
    for one in (server for server in servers if server.key in plan.short):
        mine, held, asked = gates[int(one.key)], terms[int(one.key)], known[int(one.key)]
        last = min(one.last_on, max(turn.on for turn in turns))
        bars = [_bar_of(mine, post, on) for post in posts.values() for on in (row.made_on, last)]
        days_why = {day: _why_off(mine, day) for day in one.off_days}
        why = why_left_out(one, turns, plan.turns.get(one.key, ()), next(filter(None, bars), ""), days_why)
        ends = min(asked.last_on, asked.bail_on or asked.last_on)
        after = row.made_on + timedelta(days=min(row.days, FURTHEST))
        rest = [after + timedelta(days=n) for n in range(1, (ends - after).days + 1)]
        room = sum(held.max_day_minutes for day in rest if held.serves_on(calendar.kind(day)))
        found[str(one.key)] = judge_left(plan.short[one.key], room, why)
    return found


def _bar_of(gates: Gates, post: Post, on: date) -> str:
    found = [*judge_area(gates, post.county, on), *judge_fitness(gates, post.difficulty, on)]
    return next((one.code for one in found if one.code != "after_bail"), "")


def _why_off(gates: Gates, day: date) -> str:
    return next((one.code for one in judge_gates(gates, day)), "no_service_day")


def serving(office: Office, on: date) -> list[Assessment]:
    """Everybody who serves at an office and whose time is not over on a day, by id."""
    query = (
        select(Assessment)
        .where(Assessment.office_id == office.id, Assessment.state == AssessmentState.SERVING)
        .where(Assessment.last_on >= on)
        .options(joinedload(Assessment.person), joinedload(Assessment.scheme), joinedload(Assessment.office))
    )
    return list(db.session.scalars(query.order_by(Assessment.id)))


def coming(office: Office, days: int, at: datetime) -> list[Shift]:
    """The open shifts of the next days, soonest first."""
    last = local_day(office, at) + timedelta(days=min(days, FURTHEST))
    query = (
        select(Shift)
        .join(Event, Event.id == Shift.event_id)
        .where(Shift.office_id == office.id, Shift.state == ShiftState.OPEN, Shift.stopped_at.is_(None))
        .where(Shift.from_paper.is_(False))
        .where(Event.starts_at > at, Shift.starts_on <= last)
        .options(joinedload(Shift.event), joinedload(Shift.post), joinedload(Shift.office))
    )
    return list(db.session.scalars(query.order_by(Event.starts_at, Shift.id)))


def problem_of(
    office: Office, people: Sequence[Assessment], shifts: Sequence[Shift], at: datetime
) -> tuple[list[Turn], list[Server]]:
    """The same as the planner sees it: keys are the rows' ids, times the office's own."""
    zone = ZoneInfo(office.zone)
    quotas = quotas_of(shifts)
    turns = [
        Turn(
            shift.id,
            shift.post_id,
            shift.starts_on,
            shift.event.starts_at.astimezone(zone),
            shift.event.ends_at.astimezone(zone),
            quotas[shift.event_id].capacity - quotas[shift.event_id].taken,
        )
        for shift in shifts
    ]
    return turns, _servers(office, people, shifts, at) if shifts and people else []


def _servers(office: Office, people: Sequence[Assessment], shifts: Sequence[Shift], at: datetime) -> list[Server]:
    on, last = local_day(office, at), max(shift.starts_on for shift in shifts)
    terms, gates = terms_of_many(people, on), gates_of_many(people, on)
    figures = figures_of(people, at)
    busy, booked = _busy(people, at), minutes_booked_by(people, on)
    posts = {shift.post_id: shift.post for shift in shifts}
    calendar = calendar_in_force(office)
    days = sorted({shift.starts_on for shift in shifts})
    found = []
    for one in people:
        closed = _barred(gates[one.id], posts.values(), days)
        open_posts = frozenset(key for key in posts if len(closed[key]) < len(days))
        found.append(
            Server(
                key=one.id,
                minutes=max(_missing(one, figures[one.id]), 0),
                first_on=max(one.first_on, on),
                last_on=min(one.last_on, last, one.bail_on or last),
                posts=open_posts,
                barred=frozenset((day, key) for key in open_posts for day in closed[key]),
                least=least_of(one, terms[one.id]),
                a_day=terms[one.id].max_day_minutes,
                booked=booked.get(one.person_id, {}),
                busy=tuple(busy.get(one.person_id, ())),
                unwanted=tuple(HALVES[wish] for wish in one.wishes if wish in HALVES),
                rest_days=WEEKEND if "weekend" in one.wishes else frozenset(),
                off_days=frozenset(
                    day for day in days if _is_off(terms[one.id], gates[one.id], calendar.kind(day), day)
                ),
            )
        )
    return found


def _missing(one: Assessment, mine: Figures) -> int:
    """The minutes for which nothing is credited, on its way or booked; below nought, how many are too many."""
    return one.required_minutes - mine.done - mine.pending - mine.unconfirmed - mine.booked


def _is_off(terms: Terms, gates: Gates, kind: str, day: date) -> bool:
    return not terms.serves_on(kind) or bool(judge_gates(gates, day))


def _barred(gates: Gates, posts: Collection[Post], days: Collection[date]) -> dict[int, frozenset[date]]:
    """The days on which he may not stand at posts, by post: he grows older meanwhile. Those alike are judged once."""
    kinds = {(post.county, post.difficulty): post for post in posts}
    found = {kind: frozenset(day for day in days if _bar_of(gates, post, day)) for kind, post in kinds.items()}
    return {post.id: found[post.county, post.difficulty] for post in posts}


def _busy(people: Collection[Assessment], at: datetime) -> Mapping[int, list[Span]]:
    """What binds people from now on, at whichever office. One query."""
    query = (
        select(Resource.person_id, Booking.starts_at, Booking.ends_at)
        .join(Resource, Resource.id == Booking.resource_id)
        .where(Booking.binds, Booking.ends_at > at, Resource.person_id.in_({one.person_id for one in people}))
    )
    found: dict[int, list[Span]] = {}
    for person_id, starts_at, ends_at in db.session.execute(query):
        found.setdefault(int(person_id or 0), []).append((starts_at, ends_at))
    return found


def not_begun(office: Office) -> list[Assessment]:
    """Those under assessment whose service has not begun: they stand in no plan. By name."""
    before = [state for state in BEFORE_COMPLETE if state != AssessmentState.SERVING]
    query = select(Assessment).join(Person, Person.id == Assessment.person_id)
    query = query.where(Assessment.office_id == office.id, Assessment.state.in_(before))
    query = query.options(joinedload(Assessment.person)).order_by(Person.pinyin, Person.name, Assessment.id)
    return list(db.session.scalars(query))


def time_over(office: Office, on: date) -> list[Assessment]:
    """Those who serve by their state and whose last day lay before a day: they stand in no plan either. By name."""
    query = select(Assessment).join(Person, Person.id == Assessment.person_id)
    query = query.where(Assessment.office_id == office.id, Assessment.state == AssessmentState.SERVING)
    query = query.where(Assessment.last_on < on).options(joinedload(Assessment.person))
    return list(db.session.scalars(query.order_by(Person.pinyin, Person.name, Assessment.id)))


def people_of(plan: DraftPlan) -> dict[str, Assessment]:
    """The people of a plan, by the keys it has them under."""
    query = select(Assessment).where(Assessment.id.in_([int(key) for key in plan.needed]))
    rows = db.session.scalars(query.options(joinedload(Assessment.person)))
    return {str(one.id): one for one in rows}


def shifts_of(plan: DraftPlan) -> dict[str, Shift]:
    """The shifts of a plan, by their public ids."""
    ids = {public_id for mine in plan.turns.values() for public_id in mine}
    query = select(Shift).where(Shift.office_id == plan.office_id, Shift.state != ShiftState.CANCELLED)
    query = query.options(joinedload(Shift.event), joinedload(Shift.post), joinedload(Shift.office))
    coming_ones = query.join(Event, Event.id == Shift.event_id).where(Shift.starts_on >= plan.made_on)
    return {str(one.public_id): one for one in db.session.scalars(coming_ones) if str(one.public_id) in ids}


def take_plan(plan: DraftPlan, chosen: Collection[str], by: Person, at: datetime, reason: str) -> Taken:
    """Book the shifts of those chosen, each as if it had been asked for; what is no longer possible is told.

    Whose part is booked already is not booked again, nor is more than somebody still needs: he may have booked himself,
    or another plan may have been taken. Nor is anybody booked in whom whoever takes it has an interest.
    Raises: ReasonOfAgreement, OffCourse where it was put away.
    """
    if not reason.strip():
        raise ReasonOfAgreement()
    people, shifts = people_of(plan), shifts_of(plan)
    booked, refused = 0, list[tuple[Assessment, Shift, Refusal]]()
    near = near_to(by, [one.person_id for one in people.values()])
    with act("draft_plan.take", plan, by=by, at=at, reason=reason):
        _hold(plan, people.values())
        asked = [key for key in sorted(plan.turns, key=int) if key in chosen and key not in plan.agreed]
        figures = figures_of([people[key] for key in asked], at)
        for key in asked:
            one, mine = people[key], [shifts[each] for each in plan.turns[key] if each in shifts]
            if one.person_id in near:
                refused += [(one, shift, InterestStands()) for shift in mine]
                continue
            got, failed = _book_for(one, mine, _missing(one, figures[one.id]), by, at, reason)
            refused += [(one, shift, why) for shift, why in failed]
            booked += got
            if got:
                plan.agreed = {**plan.agreed, key: at.isoformat()}
    return Taken(booked, refused)


def _hold(plan: DraftPlan, people: Collection[Assessment]) -> None:
    """Of two who take plans at once, one counts after the other. Raises: OffCourse."""
    db.session.refresh(plan, with_for_update=True)
    _check_open(plan)
    mine = select(Assessment.id).where(Assessment.id.in_([one.id for one in people]))
    db.session.execute(mine.order_by(Assessment.id).with_for_update(key_share=True))


def _book_for(  # noqa: PLR0917 - whom for what, and who says so
    one: Assessment, shifts: Sequence[Shift], missing: int, by: Person, at: datetime, reason: str
) -> tuple[int, list[tuple[Shift, Refusal]]]:
    """Book somebody's part of a plan until nothing more is missing: how many shifts, and which not, with why."""
    booked, refused = 0, list[tuple[Shift, Refusal]]()
    for shift in shifts:
        if missing <= 0:
            refused.append((shift, NoLongerNeeded()))
            continue
        try:
            with db.session.begin_nested():
                book(shift, one.person, by, at, reason)
        except NotBookable as why:
            refused.append((shift, why))
        else:
            booked += 1
            missing -= shift.minutes
    return booked, refused


def discard_plan(plan: DraftPlan, by: Person, at: datetime) -> None:
    """Put a plan away. Raises: OffCourse."""
    _check_open(plan)
    with act("draft_plan.discard", plan, by=by, at=at):
        plan.discarded_at = at


def _check_open(plan: DraftPlan) -> None:
    if plan.discarded_at is not None:
        raise OffCourse(state="discarded")


def wish(assessment: Assessment, wishes: Collection[str], by: Person, at: datetime) -> None:
    """Note when somebody would rather not serve; a plan heeds it where it can."""
    kept = [one for one in WISHES if one in wishes]
    if kept != assessment.wishes:
        with act("assessment.wish", assessment, by=by, at=at):
            assessment.wishes = kept
