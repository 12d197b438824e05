"""The files of the office, taken in order, and small makers of posts, people and shifts."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from accounts.models import Person
from exchange.actions.taking import take_seen
from exchange.looking import Seen
from exchange.taking import Options, taker
from extensions import db
from tests.town import NOW, Town

DATA = Path(__file__).parent.parent / "data"
FILES = {"posts": "posts.csv", "volunteers": "volunteers.xlsx", "signins": "signin_2026_10.csv"}
OPTIONS = Options(on=date(2026, 11, 24), year_month=(2026, 10))


def bring(town: Town, kind: str, by: Person | None = None) -> Seen:
    """Take one of the office's files."""
    content = (DATA / FILES[kind]).read_bytes()
    found = taker(kind)
    assert found is not None
    by = by or town.coordinator
    return take_seen(town.office, found, content, file_name=FILES[kind], options=OPTIONS, by=by, at=NOW)[1]


def all_of(model: Any, *where: Any) -> list[Any]:
    return list(db.session.scalars(select(model).where(*where).order_by(model.id)))


@pytest.fixture
def brought(town: Town) -> dict[str, Seen]:
    """The three files of the office, taken one after the other."""
    return {kind: bring(town, kind) for kind in FILES}
