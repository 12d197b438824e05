"""The demonstration office's register, taken; a station in the office."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from exchange.judging import Judged, judge
from exchange.reading import read_table
from exchange.taking import Options
from extensions import db
from lawyers.actions.register import context_of, store_lawyer
from lawyers.models import LawyerEntry, Station
from lawyers.rules.register import REGISTER
from record.act import transaction
from tests.town import NOW, Town

FILE = Path(__file__).parent.parent / "data" / "lawyers.xlsx"
ON = date(2026, 11, 24)


def judged_file(town: Town) -> Judged:
    """The file as the office would see it now."""
    return judge(read_table(FILE.read_bytes(), REGISTER.columns), REGISTER, context_of(town.office, Options(ON)))


@pytest.fixture
def register(town: Town) -> list[LawyerEntry]:
    """The 26 lawyers of lawyers.xlsx, in the order of the file."""
    with transaction():
        entries = [store_lawyer(row, town.office, town.coordinator, NOW) for row in judged_file(town).rows]
        keys = [entry.id for entry in entries]
    return [db.session.get_one(LawyerEntry, key) for key in keys]
