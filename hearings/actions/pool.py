"""The pool of hearing officers: taken from a list (H-30, H-33). Keeping it by hand comes with the hearings chapter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from accounts.actions.people import enter_person, give_membership
from accounts.models import Membership, Office, Person, Role
from accounts.settings import rule_for
from exchange.judging import TakenRow
from exchange.taking import Options
from extensions import db
from hearings.models import PoolMember
from hearings.rules.officers import Candidate
from hearings.rules.pool import PoolContext, bars
from record.act import act


def pool_context(office: Office, options: Options) -> PoolContext:
    """What judging a list of the pool must know: the office's settings, and who is in the pool."""
    return PoolContext(
        on=options.on,
        stored=frozenset(_identities(office)),
        min_age=rule_for("hearing_officer.min_age", office, options.on).amount,
        term_years=rule_for("hearing_officer.pool.term", office, options.on).amount,
    )


def _identities(office: Office) -> list[tuple[str, date]]:
    known = select(Person.name, Person.birth_on).join(PoolMember, PoolMember.person_id == Person.id)
    rows = db.session.execute(known.where(PoolMember.office_id == office.id, Person.birth_on.is_not(None)))
    return [(name, born_on) for name, born_on in rows if born_on is not None]


def store_officer(row: TakenRow, office: Office, by: Person | None, at: datetime) -> PoolMember:
    """Store one taken row: the person, his membership as hearing officer, his place in the pool.

    Who works with the office already under this name and date of birth is the same person.
    """
    values = row.values
    person = _known(office, values) or enter_person(_facts(values), office, by=by, at=at)
    give_membership(person, office, Role.HEARING_OFFICER, starts_on=values["joined_on"], by=by, at=at)
    remark = values["remark"] or ""
    barred = bars(remark)
    member = PoolMember(
        office_id=office.id,
        person_id=person.id,
        standing=values["standing"] or "",
        position=values["position"] or "",
        field=values["field"] or "",
        joined_on=values["joined_on"],
        remark=remark,
        barred=barred,
        bar_reason=remark if barred else "",
    )
    with act("pool.join", member, by=by, at=at):
        db.session.add(member)
    return member


def _facts(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": values["name"],
        "sex": values["sex"],
        "birth_on": values["born_on"],
        "phone": values["phone"],
    }


def _known(office: Office, values: Mapping[str, Any]) -> Person | None:
    here = select(Membership.person_id).where(Membership.office_id == office.id)
    same = select(Person).where(Person.name == values["name"], Person.birth_on == values["born_on"])
    return db.session.scalar(same.where(Person.id.in_(here), Person.merged_into_id.is_(None)).order_by(Person.id))


def current_officer(row: TakenRow, office: Office) -> dict[str, Any] | None:
    """What the pool says today of the person a row names, by the keys of its values."""
    name, born_on = row.identity
    mine = select(PoolMember).join(Person).where(PoolMember.office_id == office.id)
    member = db.session.scalar(mine.where(Person.name == name, Person.birth_on == born_on))
    if member is None:
        return None
    return {
        "name": member.person.name,
        "sex": member.person.sex,
        "born_on": member.person.birth_on,
        "standing": member.standing,
        "position": member.position,
        "field": member.field,
        "phone": member.person.phone,
        "joined_on": member.joined_on,
        "remark": member.remark,
    }


def candidate_of(member: PoolMember) -> Candidate:
    """A member of the pool as rules see him."""
    return Candidate(
        name=member.person.name,
        born_on=member.person.birth_on,
        joined_on=member.joined_on,
        left_on=member.left_on,
        barred=member.barred,
        employer=member.position,
        person=member.person_id,
    )
