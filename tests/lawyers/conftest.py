"""The demonstration office's register, taken; a station in the office."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from accounts.models import Organisation
from exchange.judging import Judged, judge
from exchange.reading import read_table
from exchange.taking import Options
from extensions import db
from lawyers.actions.register import context_of, store_lawyer
from lawyers.actions.station import open_station
from lawyers.models import LawyerEntry, Station
from lawyers.rules.register import REGISTER
from record.act import transaction
from tests.town import NOW, Town

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
    return make_station(town)


@pytest.fixture
def register(town: Town) -> list[LawyerEntry]:
    """The 26 lawyers of lawyers.xlsx, in the order of the file."""
    with transaction():
        entries = [store_lawyer(row, town.office, town.coordinator, NOW) for row in judged_file(town).rows]
        keys = [entry.id for entry in entries]
    return [db.session.get_one(LawyerEntry, key) for key in keys]
