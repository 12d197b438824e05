"""Traffic posts: entering them one by one or from a list, with their squad and officers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from accounts.actions.people import enter_person, give_membership
from accounts.models import Membership, Office, Organisation, OrganisationKind, Person, Role
from accounts.settings import rule_for
from errors import Refusal
from exchange.judging import Context, TakenRow
from exchange.taking import Options
from extensions import db
from record.act import act
from scheduler.timeline.models import Event
from scheduler.timeline.timeline import resource_of
from volunteers.actions.series import end_series, series_of
from volunteers.models.posts import Post, PostOfficer
from volunteers.models.shifts import Shift, ShiftState
from volunteers.rules.shifts import check_length
from volunteers.terms import shortest_shift


class PostNameTaken(Refusal):
    code = "post_name_taken"
    status = 422
    message = "There is a post called %(name)s already."
    help = "Give this one another name, or change the one that stands."


class PostInUse(Refusal):
    code = "post_in_use"
    message = "%(count)s shifts to come are open at this post."
    help = "Let them pass, or cancel each with its reason; then close the post."


def context(office: Office, options: Options) -> Context:
    """What a list of posts is judged against."""
    names = db.session.scalars(select(Post.name).where(Post.office_id == office.id))
    return Context(on=options.on, stored=frozenset((name,) for name in names))


def store(row: TakenRow, office: Office, by: Person | None, at: datetime) -> Post:
    """Store a post of a list."""
    return enter_post(office, row.values, by=by, at=at)


def current(row: TakenRow, office: Office) -> dict[str, Any] | None:
    """The stored post of this name, by the keys of the list."""
    post = db.session.scalar(select(Post).filter_by(office_id=office.id, name=row.values["name"]))
    if post is None:
        return None
    officers = post.present_officers
    return {
        "name": post.name,
        "squad": post.squad.name if post.squad else None,
        "officers": tuple(person.name for person in officers),
        "capacity": post.capacity,
        "morning": post.windows.get("morning"),
        "evening": post.windows.get("evening"),
        "weekdays": tuple(post.weekdays),
        "remark": post.remark or None,
    }


def enter_post(office: Office, values: dict[str, Any], by: Person | None, at: datetime) -> Post:
    """Enter a post: name, squad, officers, badges, capacity, morning and evening (pairs of times), weekdays, remark."""
    post = Post(office_id=office.id, name=values["name"], capacity=values["capacity"])
    with act("post.enter", post, by=by, at=at):
        squad = _squad(office, values.get("squad"), by, at)
        post.squad_id = squad.id if squad else None
        _write(post, values)
        db.session.add(post)
        db.session.flush()
        badges = (*values.get("badges", ()), *[""] * len(values.get("officers", ())))
        for name, badge in zip(values.get("officers", ()), badges, strict=False):
            officer = officer_called(name, badge, office, squad, by=by, at=at)
            db.session.add(PostOfficer(post_id=post.id, person_id=officer.id))
    return post


def _write(post: Post, values: dict[str, Any]) -> None:
    post.morning_from, post.morning_till = values.get("morning") or (None, None)
    post.evening_from, post.evening_till = values.get("evening") or (None, None)
    post.weekdays = list(values["weekdays"])
    post.remark = values.get("remark") or ""


def _squad(office: Office, name: str | None, by: Person | None, at: datetime) -> Organisation | None:
    """The office's squad of that name; made on first use."""
    if not name:
        return None
    where = {"office_id": office.id, "kind": OrganisationKind.SQUAD, "name": name}
    squad = db.session.scalar(select(Organisation).filter_by(**where))
    if squad is None:
        squad = Organisation(**where)
        with act("organisation.enter", squad, by=by, at=at):
            db.session.add(squad)
    return squad


def officer_called(
    name: str, badge: str, office: Office, squad: Organisation | None, *, by: Person | None, at: datetime
) -> Person:
    """The traffic officer of that name in a squad; entered where he is not known. A badge tells namesakes apart."""
    known = (
        select(Membership)
        .join(Person)
        .where(
            Membership.office_id == office.id,
            Membership.role == Role.TRAFFIC_OFFICER,
            Membership.organisation_id == (squad.id if squad else None),
            Membership.ends_on.is_(None),
            Person.name == name,
        )
        .order_by(Membership.id)
    )
    for one in db.session.scalars(known):
        if not badge or one.number in ("", badge):
            return one.person
    person = enter_person({"name": name}, office, by=by, at=at)
    on = at.astimezone(ZoneInfo(office.zone)).date()
    give_membership(person, office, Role.TRAFFIC_OFFICER, starts_on=on, by=by, at=at, organisation=squad, number=badge)
    resource_of(person)
    return person


def found_post(  # noqa: PLR0917 - where, what, under whom, who says so when
    office: Office,
    facts: dict[str, Any],
    squad: Organisation | None,
    officers: Iterable[Person],
    by: Person,
    at: datetime,
) -> Post:
    """Enter a post by hand: name, capacity, the four times (`morning_from` …), weekdays, area, difficulty,
    at_school, remark.

    Raises: PostNameTaken, TooShort, TooLong.
    """
    _check(office, None, facts, at)
    post = Post(office_id=office.id, squad_id=squad.id if squad else None, **facts)
    with act("post.enter", post, by=by, at=at):
        db.session.add(post)
        db.session.flush()
        for officer in officers:
            db.session.add(PostOfficer(post_id=post.id, person_id=officer.id))
    return post


def change_post(  # noqa: PLR0917 - which post, what it is now, under whom, who says so when and why
    post: Post,
    facts: dict[str, Any],
    squad: Organisation | None,
    officers: Collection[Person],
    by: Person,
    at: datetime,
    reason: str = "",
) -> None:
    """Change a post. Shifts that are open already stay as they were opened.

    Raises: PostNameTaken, TooShort, TooLong.
    """
    _check(post.office, post, facts, at)
    with act("post.change", post, by=by, at=at, reason=reason):
        for name, value in facts.items():
            setattr(post, name, value)
        post.squad_id = squad.id if squad else None
        wanted = {officer.id for officer in officers}
        standing = {one.person_id: one for one in post.officers if one.left_on is None}
        for person_id, one in standing.items():
            if person_id not in wanted:
                one.left_on = at.astimezone(ZoneInfo(post.office.zone)).date()
        for person_id in sorted(wanted - set(standing)):
            db.session.add(PostOfficer(post_id=post.id, person_id=person_id))
    db.session.refresh(post)


def _check(office: Office, post: Post | None, facts: dict[str, Any], at: datetime) -> None:
    """Raises: PostNameTaken, TooShort, TooLong."""
    double = select(Post.id).where(Post.office_id == office.id, Post.name == facts["name"])
    if db.session.scalar(double.where(Post.id != post.id) if post is not None else double) is not None:
        raise PostNameTaken(name=facts["name"])
    on = at.astimezone(ZoneInfo(office.zone)).date()
    shortest, longest = shortest_shift(office, on), int(rule_for("service.shift_max", office, on).amount)
    for slot in ("morning", "evening"):
        begins, ends = facts[f"{slot}_from"], facts[f"{slot}_till"]
        if begins is not None and ends is not None:
            check_length(_minutes(begins, ends), shortest, longest)


def _minutes(begins: time, ends: time) -> int:
    return (ends.hour - begins.hour) * 60 + ends.minute - begins.minute


def coming_shifts(post: Post, now: datetime) -> int:
    """How many shifts to come are open at a post."""
    query = select(func.count(Shift.id)).join(Event, Event.id == Shift.event_id)
    open_ones = Shift.state.in_([ShiftState.PLANNED, ShiftState.OPEN])
    return db.session.scalar(query.where(Shift.post_id == post.id, open_ones, Event.ends_at > now)) or 0


def close_post(post: Post, by: Person, at: datetime, reason: str) -> None:
    """Take a post out of use; its past shifts stay, its series end. Raises: PostInUse."""
    count = coming_shifts(post, at)
    if count:
        raise PostInUse(count=count)
    with act("post.close", post, by=by, at=at, reason=reason):
        for series in series_of(post):
            end_series(series, by, at, reason)
        post.active = False


def reopen_post(post: Post, by: Person, at: datetime) -> None:
    """Take a post into use again."""
    with act("post.reopen", post, by=by, at=at):
        post.active = True
