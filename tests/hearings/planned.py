"""An approved hearing, a pool, and plans for it, as tests of sittings need them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from accounts.actions.people import enter_person, give_membership
from accounts.models import Account, Person
from cases.models import Case, Party
from extensions import db
from hearings.actions.planning import plan_hearing
from hearings.models import Hearing, HearingState, Participant, PoolMember, Sitting
from hearings.plan_facts import Plan
from record.act import act
from scheduler.timeline.timeline import resource_of
from tests.cases.made import a_case, a_party
from tests.town import NOW, Town, local

OFFICERS = ("甲听证", "乙听证", "丙听证", "丁听证", "戊听证", "己听证", "庚听证", "辛听证")
WHY = "本案涉及交通专业问题"


def an_officer(town: Town, name: str = "甲听证", *, born_on: date | None = date(1980, 5, 1), **facts: Any) -> Person:
    """Somebody in the town's pool, who joined it in January, with a phone that is enrolled."""
    person = enter_person({"name": name, "birth_on": born_on}, town.office, by=None, at=NOW)
    give_membership(person, town.office, "hearing_officer", starts_on=date(2026, 1, 1), by=None, at=NOW)
    known = {"joined_on": date(2026, 1, 5), "standing": "人大代表", "position": f"{name}的单位", **facts}
    member = PoolMember(office_id=town.office.id, person_id=person.id, **known)
    with act("pool.join", member, by=town.case_management, at=NOW):
        db.session.add(member)
        db.session.add(Account(person_id=person.id, username=name, fs_uniquifier=f"{name}-{person.public_id}"))
        resource_of(person)
    return person


def officers(town: Town, number: int = 3) -> list[Person]:
    """The first of the pool, made on first use."""
    known = {p.name: p for p in db.session.scalars(select(Person).where(Person.name.in_(OFFICERS)))}
    return [known.get(name) or an_officer(town, name) for name in OFFICERS[:number]]


def the_case(town: Town, number: str = "枫检刑诉〔2026〕31号", **facts: Any) -> Case:
    """A case whose limit, 20 December, lies far enough behind the sitting."""
    return a_case(town, number, **{"received_on": date(2026, 11, 20), **facts})


def approved(town: Town, case: Case | None = None, **facts: Any) -> Hearing:
    """A hearing that the chief has approved."""
    case = case or the_case(town)
    known = {"kind": "non_prosecution", "why": "争议较大", "grounds": ["dispute"], "is_public": True, **facts}
    hearing = Hearing(
        office_id=case.office_id,
        case=case,
        requested_by_id=case.handler_id,
        requested_at=NOW,
        state=HearingState.APPROVED,
        **known,
    )
    with act("hearing.approve", hearing, by=town.chief, at=NOW):
        db.session.add(hearing)
    return hearing


def a_plan(
    town: Town,
    starts: str = "2026-12-02 09:00",
    *,
    minutes: int = 90,
    people: Sequence[Person] | None = None,
    **facts: Any,
) -> Plan:
    """A plan against which nothing speaks: the hearing room, the handler in the chair, three of the pool."""
    known: dict[str, Any] = {"room": town.room(), "chair": town.prosecutor, "officers_why": WHY, **facts}
    chosen = tuple(officers(town) if people is None else people)
    return Plan(starts_at=local(starts), minutes=minutes, officers=chosen, **known)


def planned(
    town: Town,
    starts: str = "2026-12-02 09:00",
    hearing: Hearing | None = None,
    despite: str = "",
    **facts: Any,
) -> Sitting:
    """A planned sitting; `despite` is the reason for a time that a warning stands against."""
    hearing = hearing or approved(town)
    return plan_hearing(hearing, a_plan(town, starts, **facts), town.coordinator, NOW, despite=despite)


def clock(day_and_time: str) -> datetime:
    return local(day_and_time)


def participant(hearing: Hearing, name: str) -> Participant:
    return next(p for p in hearing.participants if p.name == name and p.live)


def late(town: Town, hearing: Hearing, name: str = "何志愿", **facts: Any) -> Party:
    """Somebody entered after the plan: a volunteer whose time is kept here, or by another name nobody we know."""
    known = {"person_id": town.volunteer.id} if name == "何志愿" else {}
    return a_party(town, hearing.case, name, **{"role": "third_party", **known, **facts})
