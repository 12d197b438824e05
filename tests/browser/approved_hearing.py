"""Puts an approved hearing into the office being looked at, and prints what the walk needs as JSON.

Tomorrow at nine the hearing room and one of the pool are taken.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from accounts.models import Membership, Office, Person
from app import create_app
from cases.actions.entering import enter_case
from cases.actions.parties import enter_party
from extensions import db
from hearings.actions.approval import approve_hearing
from hearings.actions.pool import candidate_of
from hearings.actions.request import request_hearing
from hearings.models import Hearing, PoolMember
from hearings.rules.officers import judge_candidate
from law import Rule
from record.act import act, transaction
from scheduler.calendar.feeds import make_feed
from scheduler.timeline.models import Event, Resource
from scheduler.timeline.timeline import Take, rebook, resource_of

NOW = datetime.now(UTC)
ZONE = ZoneInfo("Asia/Shanghai")


def main() -> None:
    with create_app().app_context(), transaction():
        office = db.session.scalars(select(Office).where(Office.is_demo, Office.parent_id.is_not(None))).one()
        hearing = _hearing(office)
        (mine, *able), unable = _pool(office)
        _meeting(office, able[0])
        _, token = make_feed(mine, office, NOW, name="手机", kind="own", language="zh_Hans_CN")
        told = {
            "hearing": str(hearing.public_id),
            "mine": mine.name,
            "able": [p.name for p in able],
            "unable": unable.name,
            "feed": token,
            "tomorrow": _tomorrow().isoformat(),
        }
    print(json.dumps(told))


def _who(office: Office, role: str) -> Person:
    held = select(Person).join(Membership).where(Membership.office_id == office.id, Membership.role == role)
    return db.session.scalars(held.order_by(Person.id).limit(1)).one()


def _tomorrow() -> date:
    return NOW.astimezone(ZONE).date() + timedelta(days=1)


def _hearing(office: Office) -> Hearing:
    prosecutor, clerk, chief = (_who(office, role) for role in ("prosecutor", "clerk", "chief"))
    facts = {
        "number": "枫检刑诉〔2026〕88号",
        "cause": "危险驾驶",
        "stage": "prosecution_review",
        "received_on": NOW.date() - timedelta(days=2),
        "handler_id": prosecutor.id,
        "clerk_id": clerk.id,
    }
    case = enter_case(office, facts, by=prosecutor, at=NOW)
    enter_party(case, {"name": "孙小明", "role": "suspect"}, by=prosecutor, at=NOW)
    asked = {
        "kind": "non_prosecution",
        "mode": "ordinary",
        "grounds": ["dispute"],
        "why": "是否起诉争议较大",
        "questions": "情节是否轻微",
        "openness": "rule",
    }
    hearing = request_hearing(case, asked, by=prosecutor, at=NOW)
    approve_hearing(hearing, chief, NOW, "枫检听批〔2026〕8号")
    return hearing


def _pool(office: Office) -> tuple[list[Person], Person]:
    """Some of the pool who may sit, and one who may not."""
    rules = Rule("hearing_officer.min_age", 23), Rule("hearing_officer.pool.term", 2)
    on = NOW.date() + timedelta(days=30)
    found: dict[bool, list[Person]] = {True: [], False: []}
    for member in db.session.scalars(select(PoolMember).filter_by(office_id=office.id).order_by(PoolMember.id.desc())):
        found[not judge_candidate(candidate_of(member), on, *rules)].append(member.person)
    return found[True][:5], found[False][0]


def _meeting(office: Office, busy: Person) -> None:
    room = db.session.scalars(select(Resource).filter_by(office_id=office.id, is_hearing_room=True)).first()
    assert room is not None
    starts_at = datetime.combine(_tomorrow(), time(9), ZONE)
    event = Event(
        office_id=office.id,
        kind="meeting",
        title="院务会",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        place=room.name,
    )
    with act("event.plan", event, by=None, at=NOW):
        db.session.add(event)
        db.session.flush()
        rebook(Take(event, room, "room"), Take(event, resource_of(busy), "prosecutor"))


if __name__ == "__main__":
    main()
