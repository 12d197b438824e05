"""A small kind of list to test the engine with, whatever the domains do: rooms, known by their name."""

from __future__ import annotations

from sqlalchemy import select

from accounts.models import Role
from exchange import tidy
from exchange.judging import Column, Context, Fault, Importer, alone
from exchange.rights import IMPORT_FILES
from exchange.taking import Taker
from extensions import db
from record.act import act
from scheduler.timeline.models import Resource


def judge_room(values, _context, _others):
    return [Fault("seats", "room_huge", "flag", {"line": 100})] if values["seats"] > 100 else []


ROOMS = Importer(
    name="rooms",
    columns=(
        Column("name", ("名称",), alone(tidy.name), mandatory=True),
        Column("seats", ("座位",), alone(tidy.count), mandatory=True),
        Column("phone", ("电话",), alone(tidy.phone), optional=True),
        Column("remark", ("备注",), alone(tidy.remark), optional=True, verbatim=True),
    ),
    identity=("name",),
    named_by="name",
    judge_row=judge_room,
    reasons={"room_huge": "More than %(line)s seats"},
)


def room(name, office):
    return db.session.scalar(select(Resource).where(Resource.name == name, Resource.office_id == office.id))


def context(office, options):
    names = db.session.scalars(select(Resource.name).where(Resource.office_id == office.id, Resource.kind == "room"))
    return Context(on=options.on, stored=frozenset((name,) for name in names))


def store(row, office, by, at):
    made = Resource(kind="room", name=row.values["name"], office_id=office.id, seats=row.values["seats"])
    with act("room.enter", made, by=by, at=at):
        db.session.add(made)
    return made


def current(row, office):
    found = room(row.values["name"], office)
    return {"name": found.name, "seats": found.seats} if found else None


def widen(made, seats, by, at):
    """A person changes a room after it was imported."""
    with act("room.correct", made, by=by, at=at):
        made.seats = seats


ROOM_TAKER = Taker(
    "rooms", "Rooms", ROOMS, IMPORT_FILES, context, store, current, note="The rooms of the office", page="rooms.show"
)
POOL_TAKER = Taker(
    "halls", "Halls", ROOMS, IMPORT_FILES, context, store, current, roles=frozenset({Role.CASE_MANAGEMENT})
)


HEADER = "名称,座位,电话,备注\n"
FILE = (
    HEADER + "一号厅,20,17401234567,\n"
    "二号厅,300,,大\n"
    "三号厅,若干,,\n"
    "一号厅,20,,又一次\n"
    "听证室,20,,\n"
    '"=1+1",很多,17407654321,坏\n'
).encode()
