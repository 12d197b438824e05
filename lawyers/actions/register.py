"""The register of duty lawyers: taken from a list, kept by hand; a lawyer's leave (DOMAIN L-07, L-08)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from accounts.actions.people import enter_person, give_membership
from accounts.models import Membership, Office, Organisation, OrganisationKind, Person, Role
from errors import Refusal
from exchange.judging import Context, TakenRow
from exchange.taking import Options
from extensions import db
from lawyers.models import LawyerEntry
from lawyers.rules.pattern import tidy_blocks
from record.act import act, current_act
from scheduler.actions.absence import approve_absence, request_absence
from scheduler.timeline.models import Absence

MOST_SHARE = 300


class ShareImpossible(Refusal):
    code = "share_impossible"
    status = 422
    message = "A share lies between 0 and %(most)s per cent."
    help = "100 is a whole turn, 50 half of one, 0 takes the lawyer out of the rota."


def store_lawyer(row: TakenRow, office: Office, by: Person | None, at: datetime) -> LawyerEntry:
    """Store one taken row of a register: the person, his membership, his firm, his entry."""
    values = row.values
    person = _holder_of(values["licence"]) or enter_person(_facts(values), office, by=by, at=at)
    firm = _firm(office, values["organisation"], by, at)
    member = give_membership(
        person,
        office,
        Role.LAWYER,
        starts_on=at.astimezone(ZoneInfo(office.zone)).date(),
        by=by,
        at=at,
        organisation=firm,
        number=values["licence"],
    )
    entry = LawyerEntry(
        office_id=office.id,
        membership_id=member.id,
        licence=values["licence"],
        field=values["field"] or "",
        remark=values["remark"] or "",
        practice_since=values["licence_parts"].year,
    )
    with act("lawyer.register", entry, by=by, at=at):
        if not member.number:
            member.number = values["licence"]
        if member.organisation_id is None and firm is not None:
            member.organisation_id = firm.id
        db.session.add(entry)
    return entry


def _facts(values: dict[str, Any]) -> dict[str, Any]:
    return {"name": values["name"], "sex": values["sex"], "phone": values["phone"]}


def _holder_of(licence: str) -> Person | None:
    """Whoever holds this licence already, at whatever office: a licence number is one person's."""
    held = select(Membership).where(Membership.role == Role.LAWYER, Membership.number == licence)
    member = db.session.scalar(held.order_by(Membership.id).limit(1))
    return member.person if member is not None and member.person.merged_into_id is None else None


def _firm(office: Office, name: str | None, by: Person | None, at: datetime) -> Organisation | None:
    """The firm, or the legal-aid body of that name; a firm nobody has entered is made."""
    if not name:
        return None
    kinds = (OrganisationKind.LEGAL_AID_BODY, OrganisationKind.LAW_FIRM)
    named = select(Organisation).where(
        Organisation.office_id == office.id, Organisation.name == name, Organisation.kind.in_(kinds)
    )
    known = db.session.scalar(named.order_by(Organisation.kind.desc(), Organisation.id).limit(1))
    if known is not None:
        return known
    firm = Organisation(office_id=office.id, kind=OrganisationKind.LAW_FIRM, name=name)
    with act("organisation.enter", firm, by=by, at=at):
        db.session.add(firm)
    return firm


def context_of(office: Office, options: Options) -> Context:
    """What judging a register must know: the licences that stand in it already."""
    stored = db.session.scalars(select(LawyerEntry.licence).where(LawyerEntry.office_id == office.id))
    return Context(on=options.on, stored=frozenset((licence,) for licence in stored))


def current_lawyer(row: TakenRow, office: Office) -> dict[str, Any] | None:
    """What stands in the register for this licence, by the keys of a row's values."""
    entry = db.session.scalar(select(LawyerEntry).filter_by(office_id=office.id, licence=row.values["licence"]))
    if entry is None:
        return None
    person = entry.person
    return {
        "name": person.name,
        "sex": person.sex,
        "organisation": entry.firm or None,
        "licence": entry.licence,
        "phone": person.phone,
        "field": entry.field or None,
        "remark": entry.remark or None,
    }


def keep_lawyer(
    entry: LawyerEntry,
    by: Person,
    at: datetime,
    *,
    share_percent: int,
    weekly_blocks: Iterable[str],
    cap_per_month: int | None = None,
    remark_dealt_with: bool = False,
) -> None:
    """Say how a lawyer serves: his share, his weekly pattern, his cap. Raises: ShareImpossible, PatternUnknown."""
    if not 0 <= share_percent <= MOST_SHARE:
        raise ShareImpossible(most=MOST_SHARE)
    blocks = tidy_blocks(weekly_blocks)
    with act("lawyer.keep", entry, by=by, at=at):
        entry.share_percent, entry.cap_per_month = share_percent, cap_per_month
        entry.weekly_blocks, entry.remark_dealt_with = blocks, remark_dealt_with


def record_leave(
    entry: LawyerEntry,
    first_on: date,
    last_on: date,
    by: Person,
    at: datetime,
    *,
    why: str = "",
    release: Collection[int] = (),
) -> Absence:
    """Enter leave that a lawyer told, whole days, both included, and approve it. Raises: EmptySpan, HitsUnseen."""
    zone = ZoneInfo(entry.office.zone)
    starts_at = datetime.combine(first_on, time.min, zone)
    ends_at = datetime.combine(last_on + timedelta(days=1), time.min, zone)
    with act("lawyer.leave", entry, by=by, at=at, reason=why):
        absence = request_absence(entry.person, entry.office, starts_at, ends_at, by=by, at=at, why=why)
        approve_absence(absence, by, at, release=release, reason=why)
        current_act().facts["absence"] = str(absence.public_id)
    return absence
