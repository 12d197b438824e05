"""Finding what is unusual, and closing it by name and reason (V-12). Hours stay as they are."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from accounts.actions.memberships import local_day
from accounts.models import Account, Office, Person, PersonSession, Role
from accounts.settings import in_force
from errors import Refusal
from extensions import db
from record.act import act, current_act, transaction
from volunteers.models.anomalies import Anomaly, BookingAttempt, Elsewhere
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance, Tick, TickMethod
from volunteers.models.ledger import Confirmation, CreditEntry, CreditSpan
from volunteers.models.scan import ScanAttempt
from volunteers.models.shifts import Shift
from volunteers.rules.anomalies import (
    AnomalyKind,
    Found,
    Limits,
    Said,
    Served,
    Shown,
    Tried,
    repeated,
    shared,
    too_long,
    unusual,
)
from volunteers.rules.booking import minutes_by_day
from volunteers.rules.obstacles import NotBookable
from volunteers.rules.scan import Why
from volunteers.terms import terms_of_many

LOOKED_BACK = timedelta(days=3)
BY_CODE = (TickMethod.SCAN, TickMethod.TYPED)
NOBODYS = (Why.FOREIGN, Why.SCREENSHOT)  # a code that is a little too old, or read twice, happens to everybody


class ClosedAlready(Refusal):
    code = "anomaly_closed"
    message = "Somebody has closed this already."
    help = "His reason stands beside it."


def find_anomalies(now: datetime) -> int:
    """Keep what is unusual in the last days, each once. Returns how many are new."""
    with transaction():
        offices = list(db.session.scalars(select(Office)))
        limits = {office.id: limits_of(office, now) for office in offices}
        today = {office.id: local_day(office, now) for office in offices}  # of a day what is counted when it is over
        found = unusual(_said(now), limits)
        found += too_long(_served(now))
        found += shared((one for one in _shown(now) if one.on < today[one.office_id]), limits)
        found += repeated((one for one in _tried(now) if one.on < today[one.office_id]), limits)
        rows = select(Anomaly.office_id, Anomaly.kind, Anomaly.about)
        known = {tuple(row) for row in db.session.execute(rows)}
        new = [one for one in found if (one.office_id, str(one.kind), one.about) not in known]
        for one in new:
            _keep(one, now)
    return len(new)


def _keep(one: Found, now: datetime) -> None:
    row = Anomaly(
        office_id=one.office_id,
        kind=one.kind,
        about=one.about,
        person_id=one.person_id,
        officer_id=one.officer_id,
        facts=dict(one.facts),
        found_at=now,
    )
    with act("anomaly.find", row, by=None, at=now):
        db.session.add(row)
        db.session.flush()


def limits_of(office: Office, now: datetime) -> Limits:
    """From when on something is unusual at an office today. One query."""
    names = ("at_once", "at_once_within", "same_officer", "one_device", "refused_codes", "elsewhere")
    held = in_force(office, local_day(office, now), [f"service.unusual.{name}" for name in names])
    said = {name: int(held[f"service.unusual.{name}"].rule.amount) for name in names}
    return Limits(within=timedelta(minutes=said.pop("at_once_within")), **said)


def _shown(now: datetime) -> list[Shown]:
    """In which browsers those were signed in as volunteers whose codes were read, or who said that they are here, on
    each of the last days. An officer's phone reads everybody's and a counter's tablet is its coordinator's: neither is
    anybody's own."""
    there = Attendance.ticks.any(Tick.method.in_(BY_CODE)) | Attendance.claim.has()
    rows = (
        select(Attendance, Shift, PersonSession)
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Account, Account.person_id == Attendance.person_id)
        .join(PersonSession, PersonSession.account_id == Account.id)
        .where(there, Shift.starts_on >= (now - LOOKED_BACK).date(), PersonSession.role == Role.VOLUNTEER)
        .where(PersonSession.browser != "")
        .options(joinedload(Shift.office))
    )
    found = []
    for seen, shift, opened in db.session.execute(rows):
        zone = ZoneInfo(shift.office.zone)
        first, last = (at.astimezone(zone).date() for at in (opened.opened_at, opened.last_seen_at))
        if first <= shift.starts_on <= last:
            found.append(Shown(opened.browser, shift.starts_on, seen.office_id, seen.person_id))
    return found


def _tried(now: datetime) -> list[Tried]:
    """Codes and bookings that were refused lately, each on its local day."""
    since = now - LOOKED_BACK
    codes = select(ScanAttempt, ScanAttempt.by_id).where(ScanAttempt.server_at > since, ScanAttempt.why.in_(NOBODYS))
    booked = select(BookingAttempt, Assessment.person_id).join(BookingAttempt.assessment)
    booked = booked.where(BookingAttempt.server_at > since)
    kinds = ((AnomalyKind.REFUSED_CODES, codes), (AnomalyKind.ELSEWHERE, booked))
    zones = {office.id: ZoneInfo(office.zone) for office in db.session.scalars(select(Office))}
    return [
        Tried(kind, one.office_id, whose, one.server_at.astimezone(zones[one.office_id]).date(), one.device)
        for kind, rows in kinds
        for one, whose in db.session.execute(rows)
    ]


def keep_refusal(  # noqa: PLR0917 - which shift, of whom, why, who pressed it when and on what
    shift: Shift, assessment: Assessment | None, refusal: NotBookable, by: Person, at: datetime, device: str
) -> BookingAttempt | None:
    """Store that somebody tried to book a shift while he is bound elsewhere; None where something else was in the way.

    A refusal takes everything back, so whoever answers it lets this stand.
    """
    why = next((one.code for one in refusal.obstacles if one.code in set(Elsewhere)), None)
    if assessment is None or why is None:
        return None
    with act("assessment.refuse_booking", assessment, by=by, at=at, why=why):
        attempt = BookingAttempt(
            office_id=shift.office_id,
            shift_id=shift.id,
            assessment_id=assessment.id,
            by_id=by.id,
            why=why,
            device=device,
            server_at=at,
            act_uid=current_act().uid,
        )
        db.session.add(attempt)
        db.session.flush()
    return attempt


def _said(now: datetime) -> list[Said]:
    """Every standing confirmation of those who were confirmed lately."""
    lately = select(Attendance.person_id).join(Confirmation, Confirmation.attendance_id == Attendance.id)
    lately = lately.where(Confirmation.confirmed_at > now - LOOKED_BACK)
    rows = (
        select(Confirmation, Attendance)
        .join(Attendance, Attendance.id == Confirmation.attendance_id)
        .where(Attendance.person_id.in_(lately), Confirmation.undone_at.is_(None))
        .options(joinedload(Attendance.assessment).joinedload(Assessment.office))
        .order_by(Confirmation.id)
    )
    return [_one(said, seen) for said, seen in db.session.execute(rows)]


def _served(now: datetime) -> list[Served]:
    """What counts, and what is confirmed and will, of those who were confirmed or credited lately: by its own time and
    not by its shift's day (I14). A correction credits without any confirmation."""
    since = now - LOOKED_BACK
    confirmed = select(Attendance.person_id).join(Confirmation, Confirmation.attendance_id == Attendance.id)
    credited = select(Attendance.person_id).join(CreditEntry, CreditEntry.attendance_id == Attendance.id)
    lately = confirmed.where(Confirmation.confirmed_at > since).union(credited.where(CreditEntry.credited_at > since))
    waits = Confirmation.undone_at.is_(None) & Confirmation.credited_at.is_(None)
    live = select(Attendance, CreditSpan).join(CreditSpan, CreditSpan.attendance_id == Attendance.id)
    pending = select(Attendance, Confirmation).join(Confirmation, Confirmation.attendance_id == Attendance.id)
    around = joinedload(Attendance.assessment).joinedload(Assessment.office)
    spans: list[tuple[Attendance, CreditSpan | Confirmation]] = [
        (seen, span)
        for query in (live, pending.where(waits))
        for seen, span in db.session.execute(query.where(Attendance.person_id.in_(lately)).options(around))
    ]
    most = _most_of_a_day({seen.assessment for seen, _ in spans}, now)
    return [
        Served(seen.office_id, seen.assessment_id, seen.person_id, on, minutes, most[seen.assessment_id])
        for seen, span in spans
        for on, minutes in minutes_by_day(span.starts_at, span.ends_at, ZoneInfo(seen.assessment.office.zone)).items()
    ]


def _most_of_a_day(assessments: Iterable[Assessment], now: datetime) -> dict[int, int]:
    """How many minutes a day of somebody may have, by his assessment."""
    by_office: dict[int, list[Assessment]] = {}
    for one in assessments:
        by_office.setdefault(one.office_id, []).append(one)
    terms: dict[int, Any] = {}
    for several in by_office.values():
        terms |= terms_of_many(several, local_day(several[0].office, now))
    return {key: one.max_day_minutes for key, one in terms.items()}


def _one(said: Confirmation, seen: Attendance) -> Said:
    zone = ZoneInfo(seen.assessment.office.zone)
    return Said(
        office_id=seen.office_id,
        assessment_id=seen.assessment_id,
        person_id=seen.person_id,
        by_id=said.by_id,
        said_at=said.confirmed_at,
        said_on=said.confirmed_at.astimezone(zone).date(),
        starts_at=said.starts_at,
        ends_at=said.ends_at,
    )


def anomalies_of(office: Office, *, closed: bool) -> list[Anomaly]:
    """Those of an office that are open, or that were closed; newest first."""
    rows = select(Anomaly).where(Anomaly.office_id == office.id, Anomaly.closed_at.is_not(None) == closed)
    people = (joinedload(Anomaly.person), joinedload(Anomaly.officer), joinedload(Anomaly.closed_by))
    return list(db.session.scalars(rows.options(*people).order_by(Anomaly.id.desc()).limit(200)))


def named(anomalies: Iterable[Anomaly]) -> dict[int, Person]:
    """The people that findings are about, by id; one may be about several. One query."""
    keys = {key for one in anomalies for key in (one.person_id, *one.facts.get("people", ())) if key is not None}
    return {one.id: one for one in db.session.scalars(select(Person).where(Person.id.in_(keys)))}


def assessments_of(office: Office, people: Iterable[int]) -> dict[int, uuid.UUID]:
    """The newest assessment of each at an office, by the person's id. One query."""
    rows = select(Assessment.person_id, Assessment.public_id).where(
        Assessment.office_id == office.id, Assessment.person_id.in_(people)
    )
    return {row.person_id: row.public_id for row in db.session.execute(rows.order_by(Assessment.id))}


def close_anomaly(anomaly: Anomaly, by: Person, at: datetime, reason: str) -> None:
    """Somebody has looked at it. Raises: ClosedAlready."""
    db.session.refresh(anomaly, with_for_update=True)
    if anomaly.closed_at is not None:
        raise ClosedAlready()
    with act("anomaly.close", anomaly, by=by, at=at, reason=reason):
        anomaly.closed_by_id, anomaly.closed_at, anomaly.why = by.id, at, reason
