"""The files of the office, taken in order, and small makers of posts, people and shifts."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from accounts.models import Account, Office, Person
from app import create_app
from exchange.actions.taking import take_seen
from exchange.judging import TakenRow
from exchange.looking import Seen
from exchange.taking import Options, taker
from exchange.tidy import check_digit
from extensions import db
from record.guards import APP_ROLE
from tests.town import NOW, Town
from volunteers.actions import intake
from volunteers.actions.booking import book
from volunteers.actions.posts import enter_post
from volunteers.actions.shifts import Span, open_shifts
from volunteers.models.attendance import Attendance
from volunteers.models.posts import Post
from volunteers.models.shifts import Shift

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


class Crossing:
    """One post with its officer, people who serve, and shifts, made as a coordinator makes them."""

    def __init__(self, town: Town) -> None:
        self.town, self.numbers = town, iter(range(1, 1000))
        self.elsewhere: tuple[Office, Person] | None = None
        self.prosecutor: str | None = "郑检察"

    @property
    def office(self) -> Office:
        return self.elsewhere[0] if self.elsewhere else self.town.office

    @property
    def coordinator(self) -> Person:
        return self.elsewhere[1] if self.elsewhere else self.town.coordinator

    def post(self, name: str = "客运站前广场", capacity: int = 10, **more: Any) -> Post:
        values = {
            "name": name,
            "capacity": capacity,
            "squad": "一中队",
            "officers": ("朱交警",),
            "morning": (time(7, 30), time(9)),
            "evening": (time(17, 30), time(19)),
            "weekdays": (1, 2, 3, 4, 5, 6, 7),
        }
        return enter_post(self.office, {**values, **more}, self.coordinator, NOW)

    def person(
        self, name: str = "", first: date = date(2026, 11, 1), last: date = date(2026, 12, 31), minutes: int = 1200
    ) -> Person:
        """Somebody who serves at the town's office."""
        number = next(self.numbers)
        first_seventeen = f"99999919900101{number:03}"
        values = {
            "name": name or f"志愿{number}",
            "sex": None,
            "id_number": first_seventeen + check_digit(first_seventeen),
            "phone": f"1740000{number:04}",
            "case_number": f"枫检刑诉〔2026〕{9000 + number}号",
            "received_on": first,
            "measure": None,
            "blood_alcohol": Decimal("160.5"),
            "aggravating": None,
            "prosecutor": self.prosecutor,
            "first_on": first,
            "last_on": last,
            "required_minutes": minutes,
            "remark": None,
            "born_on": date(1990, 1, 1),
        }
        return intake.store(TakenRow(number, (number,), values), self.office, self.coordinator, NOW).person

    def account(self, person: Person) -> Person:
        """A way for the person to sign in."""
        db.session.add(Account(person_id=person.id, username=None, fs_uniquifier=f"{person.name}-{person.public_id}"))
        db.session.commit()
        return person

    def shift(self, on: date = date(2026, 11, 25), slot: str = "morning", post: Post | None = None) -> Shift:
        post = post or self.post()
        span = Span(on, 1, frozenset({post.id}), frozenset({slot}))
        return open_shifts(self.town.office, span, self.town.coordinator, NOW)[0]

    def booked(self, shift: Shift, *people: Person) -> list[Attendance]:
        return [book(shift, person, self.town.coordinator, NOW) for person in people]


@pytest.fixture
def crossing(town: Town) -> Crossing:
    return Crossing(town)
