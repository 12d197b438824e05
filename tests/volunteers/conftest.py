"""The files of the office, taken in order, and small makers of posts, people and shifts."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from accounts.models import Person
from app import create_app
from exchange.actions.taking import take_seen
from exchange.looking import Seen
from exchange.taking import Options, taker
from extensions import db
from record.guards import APP_ROLE
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


_filled: dict[str, tuple[str, str]] = {}


def _copy(engine: Any, urls: tuple[str, str]) -> tuple[str, str]:
    """A database like another: a file copied, or a database with that one as its template."""
    if engine.name == "sqlite":
        made = engine.make()
        shutil.copy(urls[0].removeprefix("sqlite:///"), made[0].removeprefix("sqlite:///"))
        return made
    name = f"t{uuid.uuid4().hex}"
    with engine.admin.connect() as connection:
        connection.execute(
            text(f"CREATE DATABASE {name} TEMPLATE {urls[0].split('/')[3].split('?')[0]} STRATEGY wal_log")
        )
    return engine._url(name, APP_ROLE), engine._url(name, "postgres")


def _fill(engine: Any) -> tuple[str, str]:
    """A database of the town in which the three files were taken, made once for each engine."""
    urls = engine.make()
    app = create_app(engine.settings(*urls))
    with app.app_context():
        for kind in FILES:
            bring(Town(app), kind)
        db.session.remove()
        db.engine.dispose()
    return urls


@pytest.fixture
def brought(engine: Any) -> Iterator[Town]:
    """The town after the three files of the office were taken, one after the other."""
    if engine.name not in _filled:
        _filled[engine.name] = _fill(engine)
    url, owner_url = _copy(engine, _filled[engine.name])
    made = create_app(engine.settings(url, owner_url))
    with made.app_context():
        yield Town(made)
        db.session.remove()
        db.engine.dispose()
    engine.drop(url)
