"""Cases of the demonstration office with hearings on their way: asked for, sent back, approved, planned."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from accounts.models import Membership, Office, Person, Role
from cases.actions.entering import enter_case
from cases.actions.parties import enter_party
from cases.models import Case
from extensions import db
from hearings.actions.approval import approve_hearing, return_hearing
from hearings.actions.planning import plan_hearing
from hearings.actions.request import request_hearing
from hearings.dates import day_of
from hearings.models import Capacity, Hearing, Participant
from hearings.plan_facts import Judging, Plan, pool_of
from scheduler.timeline.models import Booking, BookingStatus, Resource

CASES = Path(__file__).with_name("hearings.toml")


def ask(office: Office, at: datetime, today: date) -> None:
    """Enter the cases and take each hearing as far as it has come; each step on the day on which it happened."""
    for told in tomllib.loads(CASES.read_text(encoding="utf-8"))["cases"]:
        case = _enter(told, office, at, today)
        defender = _defender(case, office, at) if told["hearing"].get("by_defender") else None
        hearing = _take_on(told["hearing"], case, office, defender, at)
        if "sitting" in told:
            _plan(told["sitting"], hearing, office, at)


def _enter(told: dict[str, Any], office: Office, at: datetime, today: date) -> Case:
    handler = _called(told["handler"], office, Role.PROSECUTOR)
    facts = {
        **{name: told[name] for name in ("number", "cause", "stage")},
        "received_on": today + timedelta(days=told["received"]),
        "handler_id": handler.id,
        "clerk_id": _called(told["clerk"], office, Role.CLERK).id,
    }
    case = enter_case(office, facts, by=handler, at=at)
    for one in told["parties"]:
        since = one.get("since")
        party = {
            **{name: one[name] for name in ("name", "role", "measure", "employer") if name in one},
            "is_minor": one.get("minor", False),
            "measure_from": today + timedelta(days=since) if since else None,
        }
        enter_party(case, party, by=handler, at=at)
    return case


def _defender(case: Case, office: Office, at: datetime) -> Person:
    """A lawyer of the register, the one whose phone the demonstration shows."""
    lawyer = db.session.scalars(_members(office, Role.LAWYER)).first()
    if lawyer is None:
        return case.handler
    facts = {
        "name": lawyer.name,
        "role": "defender",
        "person_id": lawyer.id,
        "represents_id": case.present_parties[0].id,
    }
    enter_party(case, facts, by=case.handler, at=at)
    return lawyer


def _take_on(told: dict[str, Any], case: Case, office: Office, defender: Person | None, at: datetime) -> Hearing:
    chief = db.session.scalars(_members(office, Role.CHIEF)).one()
    asked_at = at + timedelta(days=told["asked"])
    facts = {"mode": "ordinary", **told}
    if defender is not None:
        facts |= {"applicant": defender.name, "applied_on": day_of(asked_at, office)}
    hearing = request_hearing(case, facts, defender or case.handler, asked_at)
    decided_at = asked_at + timedelta(hours=20)
    if "document" in told:
        approve_hearing(hearing, chief, decided_at, told["document"], told["remark"])
    elif "remark" in told:
        return_hearing(hearing, chief, decided_at, told["remark"])
    return hearing


def _plan(told: dict[str, Any], hearing: Hearing, office: Office, at: datetime) -> None:
    """Plan the sitting in the hearing room, with the first of the pool who may sit; they are invited."""
    judging = Judging(hearing, at)
    day = judging.calendar.add_working_days(judging.today, told["day"])
    room = db.session.scalars(select(Resource).filter_by(office_id=office.id, is_hearing_room=True)).first()
    able = [member.person for member in pool_of(office).values() if not judging.of_officer(member.person, day)]
    plan = Plan(
        datetime.combine(day, time.fromisoformat(told["at"]), judging.zone),
        told["minutes"],
        hearing.case.handler,
        tuple(able[: told["officers"]]),
        room=room,
        officers_why=told["why"],
    )
    plan_hearing(hearing, plan, hearing.case.handler, at)


def officer_to_show(office: Office) -> Person | None:
    """Somebody who is invited to the planned hearing and has not answered: a newcomer sees an invitation."""
    asked = (
        select(Participant)
        .join(Booking, Participant.booking_id == Booking.id)
        .where(
            Participant.office_id == office.id,
            Participant.capacity == Capacity.HEARING_OFFICER,
            Participant.ended_at.is_(None),
            Booking.status == BookingStatus.INVITED,
        )
        .order_by(Participant.id)
    )
    found = db.session.scalars(asked.limit(1)).first()
    return found.person if found else None


def _called(name: str, office: Office, role: str) -> Person:
    return db.session.scalars(_members(office, role).where(Person.name == name)).one()


def _members(office: Office, role: str) -> Any:
    held = select(Membership.person_id).where(Membership.office_id == office.id, Membership.role == role)
    return select(Person).where(Person.id.in_(held)).order_by(Person.id)
