"""The town: one small fixed cast of invented people, two offices and their rooms. Tests vary it, never replace it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.actions.people import enter_person, give_membership
from accounts.actions.sessions import token_hash
from accounts.models import Account, Office, Organisation, Person, PersonSession
from extensions import db
from record.act import act, transaction
from scheduler.timeline.models import Event, Resource
from scheduler.timeline.timeline import resource_of

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # Tuesday 9:00 in the town

STAFF = {
    "coordinator": "周协调",
    "prosecutor": "郑检察",
    "chief": "王检长",
    "deputy_chief": "冯副检",
    "case_management": "陈案管",
    "clerk": "褚书记",
    "receptionist": "卫接待",
    "inspector": "蒋检查",
    "system_admin": "沈系统",
    "security_admin": "韩安全",
    "audit_admin": "杨审计",
}
FIELD = {
    "traffic_officer": "朱交警",
    "squad_leader": "秦队长",
    "lawyer": "尤律师",
    "legal_aid_contact": "许联系",
    "volunteer": "何志愿",
    "hearing_officer": "吕听证",
}


def local(text: str) -> datetime:
    """`2026-11-24 09:00` in the town's time."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


def build_town() -> None:
    """Fill an empty database with the town and its neighbour, each with one person a role."""
    with transaction():
        superior = _office("枫州市人民检察院", None)
        for name, mark in (("枫县人民检察院", ""), ("邻县人民检察院", "邻")):
            office = _office(name, superior)
            squad, firm, body = (
                _organisation(office, kind, mark + title)
                for kind, title in (("squad", "一中队"), ("law_firm", "枫桥律所"), ("legal_aid_body", "法援中心"))
            )
            homes = {"traffic_officer": squad, "squad_leader": squad, "lawyer": firm, "legal_aid_contact": body}
            for role, person in {**STAFF, **FIELD}.items():
                _member(office, role, mark + person, homes.get(role))
            _room(office, "听证室")
            _room(office, "二楼会议室")


def _office(name: str, parent: Office | None) -> Office:
    office = Office(name=name, parent=parent, parent_id=parent.id if parent else None)
    with act("office.open", office, by=None, at=NOW):
        db.session.add(office)
    return office


def _organisation(office: Office, kind: str, name: str) -> Organisation:
    organisation = Organisation(office_id=office.id, kind=kind, name=name)
    with act("organisation.enter", organisation, by=None, at=NOW):
        db.session.add(organisation)
    return organisation


def _member(office: Office, role: str, name: str, home: Organisation | None) -> None:
    person = enter_person({"name": name}, office, by=None, at=NOW)
    give_membership(person, office, role, starts_on=date(2026, 1, 1), by=None, at=NOW, organisation=home)
    account = Account(person_id=person.id, username=name, fs_uniquifier=f"{name}-{person.public_id}")
    db.session.add(account)
    with act("resource.enter", person, by=None, at=NOW):
        resource_of(person)


def _room(office: Office, name: str) -> None:
    room = Resource(kind="room", name=name, office_id=office.id, seats=20, is_hearing_room=name == "听证室")
    with act("room.enter", room, by=None, at=NOW):
        db.session.add(room)


class Town:
    """The town as tests speak of it: `town.coordinator`, `town.room("听证室")`, `town.neighbour("chief")`."""

    def __init__(self, app: Flask) -> None:
        self.app, self.ids = app, dict[tuple[Any, str], int]()

    @property
    def office(self) -> Office:
        return self._named(Office, "枫县人民检察院")

    @property
    def other_office(self) -> Office:
        return self._named(Office, "邻县人民检察院")

    def person(self, name: str) -> Person:
        return self._named(Person, name)

    def _named(self, model: Any, name: str) -> Any:
        """The row of that name; looked for once, then the session may know it."""
        if (model, name) not in self.ids:
            self.ids[model, name] = db.session.scalars(select(model.id).where(model.name == name)).one()
        return db.session.get_one(model, self.ids[model, name])

    def __getattr__(self, role: str) -> Person:
        names = {**STAFF, **FIELD}
        if role not in names:
            raise AttributeError(role)
        return self.person(names[role])

    def neighbour(self, role: str) -> Person:
        """Who has the role in the other office."""
        return self.person("邻" + {**STAFF, **FIELD}[role])

    def room(self, name: str = "听证室", office: Office | None = None) -> Resource:
        where = Resource.name == name, Resource.office_id == (office or self.office).id
        return db.session.scalars(select(Resource).where(*where)).one()

    def resource(self, person: Person) -> Resource:
        return db.session.scalars(select(Resource).where(Resource.person_id == person.id)).one()

    def event(self, title: str, starts: str, ends: str, office: Office | None = None, kind: str = "meeting") -> Event:
        """An event of the office, from and to in local time, with nobody booked."""
        event = Event(
            office_id=(office or self.office).id, kind=kind, title=title, starts_at=local(starts), ends_at=local(ends)
        )
        with act("event.plan", event, by=self.coordinator, at=NOW):
            db.session.add(event)
        return event

    def browser(self, person: Person, at: datetime | None = None) -> Browser:
        """A browser in which the person is signed in, afresh."""
        return Browser(self.app, person, at or datetime.now(UTC))


class Browser:
    """A signed-in test client that reads English. Posting gives each form its one-use identity, as a page would."""

    def __init__(self, app: Flask, person: Person, at: datetime) -> None:
        self.client: FlaskClient = app.test_client()
        account = db.session.scalars(select(Account).where(Account.person_id == person.id)).one()
        token = f"token-{person.id}-{at.timestamp()}"
        db.session.add(
            PersonSession(
                account_id=account.id,
                kind="staff",
                token_hash=token_hash(token),
                opened_at=at,
                last_seen_at=at,
                fresh_at=at,
                expires_at=at + timedelta(days=30),
            )
        )
        db.session.commit()
        with self.client.session_transaction() as cookie:
            signed_in = {"sid": token, "_user_id": account.fs_uniquifier, "_fresh": True, "fs_cc": "set"}
            cookie.update({**signed_in, "language": "en"})
        db.session.remove()

    def get(self, path: str, **kwargs: Any) -> Any:
        return self._clean(self.client.get(path, **kwargs))

    def post(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        form = {"form_id": str(uuid4()), **(data or {})}
        return self._clean(self.client.post(path, data=form, **kwargs))

    def _clean(self, response: Any) -> Any:
        forget_request()
        return response


def forget_request() -> None:
    """Tests hold one application context, in which every request would find what the one before left in `g`."""
    db.session.remove()
    for name in list(g):
        g.pop(name)
