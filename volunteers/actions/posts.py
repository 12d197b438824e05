"""Traffic posts: entering them one by one or from a list, with their squad and officers."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from accounts.actions.people import enter_person, give_membership
from accounts.models import Membership, Office, Organisation, OrganisationKind, Person, Role
from exchange.judging import Context, TakenRow
from exchange.taking import Options
from extensions import db
from record.act import act
from scheduler.timeline.timeline import resource_of
from volunteers.models.posts import Post, PostOfficer


def posts_of(office: Office) -> list[Post]:
    """The posts in use, by name."""
    return list(db.session.scalars(select(Post).where(Post.office_id == office.id, Post.active).order_by(Post.name)))


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
