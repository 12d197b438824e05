"""The demonstration office's register, taken; a station in the office."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from accounts.models import Organisation
from exchange.judging import Judged, judge
from exchange.reading import read_table
from exchange.taking import Options
from extensions import db
from lawyers.actions.duty import takes
from lawyers.actions.register import context_of, store_lawyer
from lawyers.actions.rota import asked_of, draft_rota, fill_rota
from lawyers.actions.station import open_station
from lawyers.models import Duty, DutyState, LawyerEntry, Rota, RotaState, Station
from lawyers.rota_facts import session_spans
from lawyers.rules.register import REGISTER
from record.act import act, transaction
from record.edge import now
from scheduler.fairness.rota import generate
from scheduler.timeline import timeline
from scheduler.timeline.models import Event
from tests.engines import grown
from tests.town import NOW, ZONE, Town

FILE = Path(__file__).parent.parent / "data" / "lawyers.xlsx"
ON = date(2026, 11, 24)


def judged_file(town: Town) -> Judged:
    """The file as the office would see it now."""
    return judge(read_table(FILE.read_bytes(), REGISTER.columns), REGISTER, context_of(town.office, Options(ON)))


def make_station(town: Town, preset: str = "every_working_day", **facts: Any) -> Station:
    """The work station in the office, as the foot of the file says: 9:00-12:00 and 14:00-17:00."""
    body = db.session.scalars(select(Organisation).filter_by(office_id=town.office.id, kind="legal_aid_body")).first()
    hours = {"am_starts": time(9), "am_ends": time(12), "pm_starts": time(14), "pm_ends": time(17)}
    known = {
        "name": "驻检察院法律援助工作站",
        "address": "枫县检察院一楼",
        "organisation_id": body.id if body else None,
    }
    return open_station(town.office, {**known, **hours, "preset": preset, **facts}, by=None, at=NOW)


@pytest.fixture
def station(town: Town) -> Station:
    """Open every working day, one lawyer."""
    return db.session.scalars(select(Station)).one_or_none() or make_station(town)


@grown("register")
def take_register(town: Town) -> list[LawyerEntry]:
    with transaction():
        for row in judged_file(town).rows:
            store_lawyer(row, town.office, town.coordinator, NOW)
    return entered()


def entered() -> list[LawyerEntry]:
    return list(db.session.scalars(select(LawyerEntry).order_by(LawyerEntry.id)))


@pytest.fixture
def register(town: Town) -> list[LawyerEntry]:
    """The 26 lawyers of lawyers.xlsx, in the order of the file."""
    return entered()


def coming_month() -> tuple[date, date]:
    """The month after this one: pages read the real clock."""
    first = (now().astimezone(ZONE).date().replace(day=1) + timedelta(days=32)).replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def generated(town: Town, station: Station, span: tuple[date, date], at: datetime) -> Rota:
    """A drafted and generated rota."""
    rota = draft_rota(station, *span, town.coordinator, at)
    asked = asked_of(rota, at.astimezone(ZONE).date())
    fill_rota(rota, generate(asked.problem), asked.made_from, town.coordinator, at)
    return rota


@grown("month")
def generate_month(town: Town) -> None:
    take_register(town)
    generated(town, make_station(town), coming_month(), now())


@pytest.fixture
def month(town: Town) -> Rota:
    """Next month, drafted and generated."""
    return db.session.scalars(select(Rota)).one()


def on_duty_today(town: Town, station: Station, entry: LawyerEntry | None) -> Duty:
    """A published duty of today, working day or not: what a page shows must not hang on the day the tests run."""
    today = now().astimezone(ZONE).date()
    rota = Rota(
        office_id=town.office.id,
        station_id=station.id,
        first_on=today,
        last_on=today,
        version=1,
        min_distance=7,
        state=RotaState.PUBLISHED,
        provisional=True,
    )
    spans = session_spans(station, today)
    event = Event(
        office_id=town.office.id,
        kind="duty",
        title=station.name,
        starts_at=min(spans.values())[0],
        ends_at=max(spans.values())[1],
    )
    duty = Duty(office_id=town.office.id, rota=rota, serves_on=today, sessions="+".join(spans), event=event)
    duty.state, duty.lawyer = DutyState.PUBLISHED if entry else DutyState.UNCOVERED, entry
    with act("rota.publish_example", rota, by=town.coordinator, at=now()):
        db.session.add_all([rota, event, duty])
        db.session.flush()
        if entry is not None:
            timeline.rebook(*takes(duty, entry))
    return duty
