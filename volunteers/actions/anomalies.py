"""Finding what is unusual among confirmations, and closing it by name and reason (V-12). Hours stay as they are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from accounts.models import Office, Person
from errors import Refusal
from extensions import db
from record.act import act, transaction
from volunteers.models.anomalies import Anomaly
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance
from volunteers.models.ledger import Confirmation
from volunteers.rules.anomalies import Said, unusual
from volunteers.terms import terms_of_many

LOOKED_BACK = timedelta(days=3)


class ClosedAlready(Refusal):
    code = "anomaly_closed"
    message = "Somebody has closed this already."
    help = "His reason stands beside it."


def find_anomalies(now: datetime) -> int:
    """Keep what is unusual about whoever was confirmed in the last days, each once. Returns how many are new."""
    with transaction():
        found = unusual(_said(now))
        rows = select(Anomaly.office_id, Anomaly.kind, Anomaly.about)
        known = {tuple(row) for row in db.session.execute(rows)}
        new = [one for one in found if (one.office_id, str(one.kind), one.about) not in known]
        for one in new:
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
    return len(new)


def _said(now: datetime) -> list[Said]:
    """Every standing confirmation of those who were confirmed lately."""
    lately = select(Attendance.person_id).join(Confirmation, Confirmation.attendance_id == Attendance.id)
    lately = lately.where(Confirmation.confirmed_at > now - LOOKED_BACK)
    rows = (
        select(Confirmation, Attendance)
        .join(Attendance, Attendance.id == Confirmation.attendance_id)
        .where(Attendance.person_id.in_(lately), Confirmation.undone_at.is_(None))
        .options(joinedload(Attendance.shift), joinedload(Attendance.assessment).joinedload(Assessment.scheme))
        .order_by(Confirmation.id)
    )
    pairs = [(said, seen) for said, seen in db.session.execute(rows)]
    most = _most_of_a_day({seen.assessment for _, seen in pairs}, now)
    return [_one(said, seen, most[seen.assessment_id]) for said, seen in pairs]


def _most_of_a_day(assessments: Iterable[Assessment], now: datetime) -> dict[int, int]:
    """How many minutes a day of somebody may have, by his assessment."""
    by_office: dict[int, list[Assessment]] = {}
    for one in assessments:
        by_office.setdefault(one.office_id, []).append(one)
    terms: dict[int, Any] = {}
    for several in by_office.values():
        terms |= terms_of_many(several, now.astimezone(ZoneInfo(several[0].office.zone)).date())
    return {key: one.max_day_minutes for key, one in terms.items()}


def _one(said: Confirmation, seen: Attendance, most: int) -> Said:
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
        minutes=said.minutes,
        on=seen.shift.starts_on,
        most=most,
    )


def anomalies_of(office: Office, *, closed: bool) -> list[Anomaly]:
    """Those of an office that are open, or that were closed; newest first."""
    rows = select(Anomaly).where(Anomaly.office_id == office.id, Anomaly.closed_at.is_not(None) == closed)
    people = (joinedload(Anomaly.person), joinedload(Anomaly.officer), joinedload(Anomaly.closed_by))
    return list(db.session.scalars(rows.options(*people).order_by(Anomaly.id.desc()).limit(200)))


def close_anomaly(anomaly: Anomaly, by: Person, at: datetime, reason: str) -> None:
    """Somebody has looked at it. Raises: ClosedAlready."""
    db.session.refresh(anomaly, with_for_update=True)
    if anomaly.closed_at is not None:
        raise ClosedAlready()
    with act("anomaly.close", anomaly, by=by, at=at, reason=reason):
        anomaly.closed_by_id, anomaly.closed_at, anomaly.why = by.id, at, reason
