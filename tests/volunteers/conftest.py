"""The files of the office, taken in order, and small makers of posts, people and shifts."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from accounts.actions.people import enter_person, give_membership
from accounts.models import Account, Office, Organisation, Person
from exchange.actions.taking import take_seen
from exchange.judging import TakenRow
from exchange.looking import Seen
from exchange.taking import Options, taker
from exchange.tidy import check_digit
from extensions import db
from tests.engines import grown
from tests.town import NOW, Town, local
from tests.volunteers.prepared import Prepared
from volunteers.actions import intake
from volunteers.actions.booking import book
from volunteers.actions.posts import enter_post
from volunteers.actions.preparing import Recorded, record
from volunteers.actions.shifts import Span, open_shifts
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance
from volunteers.models.posts import Post
from volunteers.models.shifts import Shift

DAY = date(2026, 11, 25)  # a Wednesday ahead of the town's now
DATA = Path(__file__).parent.parent / "data"
FILES = {"posts": "posts.csv", "volunteers": "volunteers.xlsx", "signins": "signin_2026_10.csv"}
OPTIONS = Options(on=date(2026, 11, 24), year_month=(2026, 10))


ON_RECORD = Recorded(
    told_on=date(2026, 1, 5),
    consented_on=date(2026, 1, 5),
    trained_on=date(2026, 1, 5),
    insured_from=date(2025, 1, 1),
    insured_until=date(2099, 12, 31),
    policy="样例保单",
    capable_of=3,
)


def at(clock: str) -> Any:
    """That time of the day on which `shift` lies."""
    return local(f"{DAY} {clock}")


def bring(town: Town, kind: str, by: Person | None = None) -> Seen:
    """Take one of the office's files."""
    content = (DATA / FILES[kind]).read_bytes()
    found = taker(kind)
    assert found is not None
    by = by or town.coordinator
    return take_seen(town.office, found, content, file_name=FILES[kind], options=OPTIONS, by=by, at=NOW)[1]


def all_of(model: Any, *where: Any) -> list[Any]:
    return list(db.session.scalars(select(model).where(*where).order_by(model.id)))


@grown("brought")
def bring_all(town: Town) -> None:
    for kind in FILES:
        bring(town, kind)


@pytest.fixture
def brought(town: Town) -> Town:
    """The town after the three files of the office were taken, one after the other."""
    return town


class Crossing:
    """One post with its officer, people who serve, and shifts, made as a coordinator makes them."""

    def __init__(self, town: Town) -> None:
        self.town, self.numbers = town, count(1 + len(all_of(Assessment)))
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
        self,
        name: str = "",
        first: date = date(2026, 11, 1),
        last: date = date(2026, 12, 31),
        minutes: int = 1200,
        on_record: bool = True,
        again: Person | None = None,
    ) -> Person:
        """Somebody who serves at the town's office, perhaps not for the first time; told, trained and insured, unless
        nothing is on record of him."""
        number = next(self.numbers)
        first_seventeen = f"99999919900101{number:03}"
        values = {
            "name": name or f"志愿{number}",
            "sex": None,
            "id_number": again.id_number if again else first_seventeen + check_digit(first_seventeen),
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
        assessment = intake.store(TakenRow(number, (number,), values), self.office, self.coordinator, NOW)
        if on_record:
            record([assessment], ON_RECORD, self.coordinator, NOW, "")
        return assessment.person

    def account(self, person: Person) -> Person:
        """A way for the person to sign in."""
        db.session.add(Account(person_id=person.id, username=None, fs_uniquifier=f"{person.name}-{person.public_id}"))
        db.session.commit()
        return person

    def shift(self, on: date = DAY, slot: str = "morning", post: Post | None = None) -> Shift:
        post = post or self.post()
        span = Span(on, 1, frozenset({post.id}), frozenset({slot}), holidays_too=True)
        return open_shifts(self.town.office, span, self.town.coordinator, NOW)[0]

    def booked(self, shift: Shift, *people: Person) -> list[Attendance]:
        return [book(shift, person, self.town.coordinator, NOW) for person in people]


@pytest.fixture
def crossing(town: Town) -> Crossing:
    return Crossing(town)


@pytest.fixture
def prepared(town: Town) -> Prepared:
    """The town with a scheme in force, and suspects who can be proposed."""
    return Prepared(town)


@pytest.fixture
def shift(crossing: Crossing) -> Shift:
    """From 7:30 to 9:00 on its day."""
    return crossing.shift()


def officer_called(town: Town, name: str) -> Any:
    squad = db.session.scalars(select(Organisation).filter_by(office_id=town.office.id, kind="squad")).first()
    found = enter_person({"name": name}, town.office, by=town.coordinator, at=NOW)
    role = {"starts_on": date(2026, 1, 1), "by": town.coordinator, "at": NOW, "organisation": squad}
    give_membership(found, town.office, "traffic_officer", **role)
    return found
