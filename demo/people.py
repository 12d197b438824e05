"""The service of the demonstration office: its scheme in force, and what is on record of those who serve already."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from accounts.models import Office, Person
from extensions import db
from volunteers.actions import schemes
from volunteers.actions.preparing import Recorded, record
from volunteers.models.assessment import Assessment, AssessmentState
from volunteers.rules.gates import county_of
from volunteers.rules.schemes import presets

HARDEST = 3
SOON_OVER, LEFT_OPEN = 3, 3  # whose insurance ends within days, and of whom the office has still to enter everything


def put_on_record(cast: dict[str, Any], office: Office, at: datetime, today: date) -> None:
    """Put the scheme in force; enter gates and bail area of everybody but a few, who wait on the work list."""
    coordinator, chief = (_called(cast["staff"][role]) for role in ("coordinator", "chief"))
    scheme = schemes.draft(office, cast["scheme"]["title"], "kaiyuan", presets()["kaiyuan"], coordinator, at)
    schemes.approve(scheme, chief, at)
    query = select(Assessment).where(Assessment.office_id == office.id, Assessment.state == AssessmentState.SERVING)
    people = list(db.session.scalars(query.order_by(Assessment.id)))
    for n, assessment in enumerate(people[: len(people) - LEFT_OPEN]):
        before = min(assessment.first_on, today) - timedelta(days=3)
        until = today + timedelta(days=5) if n % 20 == SOON_OVER else assessment.last_on + timedelta(days=90)
        known = Recorded(
            told_on=before,
            consented_on=before,
            trained_on=before,
            insured_from=before,
            insured_until=max(until, before),
            policy=cast["scheme"]["policy"],
            capable_of=HARDEST,
            bail_area=county_of(office.name),
        )
        record([assessment], known, coordinator, at, cast["scheme"]["reason"])


def _called(name: str) -> Person:
    return db.session.scalars(select(Person).where(Person.name == name).order_by(Person.id).limit(1)).one()
