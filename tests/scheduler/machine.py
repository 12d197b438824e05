"""The timeline against a model of plain Python: what hypothesis does to both, on connections of its own each step.

Every step runs in an application context of its own, so in a session and a connection of its own; a race runs two at
once in two threads, and whatever came of them must be what one of the two orders gives.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from errors import Refusal
from extensions import db
from record.act import act
from record.models import Act
from scheduler.timeline import lending, timeline
from scheduler.timeline.models import Booking, Event, Quota, Resource
from scheduler.timeline.timeline import Cancel, Free, Move, Take
from tests.town import NOW, local

FIRST_DAY = local("2026-12-01 08:00")
APART = timedelta(days=30)
PEOPLE = 4


class Crash(Exception):
    """Something fails in the middle of an act."""


@dataclass
class Claim:
    """A live booking in the model: event, resource, role, [start, end) in slots; who lent it, and its whole session."""

    event: int
    resource: int
    role: str
    start: int
    end: int
    root: int | None = None


@dataclass
class Model:
    """What the timeline should be."""

    events: dict[int, tuple[int, int]] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)
    claims: dict[int, Claim] = field(default_factory=dict)

    def of(self, event: int) -> list[int]:
        return [k for k, c in self.claims.items() if c.event == event]

    def lent(self, root: int) -> list[int]:
        return [k for k, c in self.claims.items() if c.root == root]

    def free(self, resource: int, start: int, end: int, without: frozenset[int] = frozenset()) -> bool:
        """Whether nothing takes the resource; what is lent from a session leaves a hole in it that the loan fills."""
        return not any(
            c.resource == resource and c.start < end and start < c.end
            for k, c in self.claims.items()
            if k not in without
        )

    def intervals(self) -> list[tuple[int, int, str, int, int]]:
        """The binding intervals as the database should hold them: sessions with holes where hours are lent."""
        found = []
        for key, claim in self.claims.items():
            start = claim.start
            for a, b in sorted((self.claims[k].start, self.claims[k].end) for k in self.lent(key)):
                if start < a:
                    found.append((claim.event, claim.resource, claim.role, start, a))
                start = b
            if start < claim.end:
                found.append((claim.event, claim.resource, claim.role, start, claim.end))
        return sorted(found)


def book(m: Model, key: int, event: int, resource: int, role: str) -> str:
    start, end = m.events[event]
    if not m.free(resource, start, end):
        return "collision"
    booked = sum(m.claims[k].role == "volunteer" for k in m.of(event))
    if role == "volunteer" and booked >= m.places.get(event, booked + 1):
        return "full"
    m.claims[key] = Claim(event, resource, role, start, end)
    return "ok"


def move(m: Model, shifts: dict[int, int]) -> str:
    """Move events by whole slots, together."""
    touched = [k for e in shifts for k in m.of(e)]
    if any(m.lent(k) for k in touched) or any(m.claims[k].root is not None for k in touched):
        return "lent_out"
    after = copy.deepcopy(m)
    for event, by in shifts.items():
        a, b = after.events[event]
        after.events[event] = (a + by, b + by)
        for k in after.of(event):
            after.claims[k].start += by
            after.claims[k].end += by
    for k in touched:
        c = after.claims[k]
        if not after.free(c.resource, c.start, c.end, frozenset({k})):
            return "collision"
    m.events, m.claims = after.events, after.claims
    return "ok"


def drop(m: Model, keys: list[int]) -> str:
    if any(set(m.lent(k)) - set(keys) for k in keys):
        return "lent_out"
    for k in keys:
        del m.claims[k]
    return "ok"


def lend(m: Model, key: int, root: int, event: int) -> str:
    start, end = m.events[event]
    session = m.claims[root]
    if not session.start <= start < end <= session.end:
        return "not_in_the_session"
    if any(m.claims[k].start < end and start < m.claims[k].end for k in m.lent(root)):
        return "lent_already"
    m.claims[key] = Claim(event, session.resource, "hearing_officer", start, end, root)
    return "ok"


class World:
    """The database beside the model; `do` runs one step on both and compares the answers.

    Worlds share one database; each has a month of its own.
    """

    def __init__(self, app: Flask, town: Any, number: int) -> None:
        self.app = app
        self.day = FIRST_DAY + number * APART
        self.model = Model()
        self.rows: dict[int, int] = {}
        self.clerk = town.coordinator.id
        self.office = town.office.id
        people = [town.resource(p).id for p in (town.lawyer, town.chief, town.volunteer, town.clerk)]
        rooms = [town.room("听证室").id, town.room("二楼会议室").id]
        self.resources = people + rooms
        self.bookings: dict[int, int] = {}
        self.acts = self._count(Act)
        db.session.remove()

    def _count(self, model: Any) -> int:
        return int(db.session.scalar(select(func.count()).select_from(model)) or 0)

    def run(self, verb: Callable[[], None]) -> str:
        """Carry out a step in a session of its own; the answer is "ok", "crash" or the code of the refusal."""
        with self.app.app_context():
            try:
                verb()
                return "ok"
            except Refusal as refusal:
                return refusal.code
            except Crash:
                return "crash"
            finally:
                db.session.remove()

    def plan(self, event: int, start: int, length: int, places: int | None) -> None:
        def verb() -> None:
            row = Event(
                office_id=self.office,
                kind="test",
                title=f"{event}",
                starts_at=self.day + timedelta(hours=start),
                ends_at=self.day + timedelta(hours=start + length),
            )
            with self.act(row, "event.plan"):
                db.session.add(row)
                if places is not None:
                    db.session.add(Quota(event=row, office_id=self.office, role="volunteer", capacity=places))
            self.rows[event] = row.id

        assert self.run(verb) == "ok"
        self.model.events[event] = (start, start + length)
        if places is not None:
            self.model.places[event] = places
        self.acts += 1

    def act(self, row: Any, name: str) -> Any:
        someone = type("Someone", (), {"id": self.clerk})()
        return act(name, row, by=someone, at=NOW)

    def do(self, expected: str, verb: Callable[[], None]) -> None:
        answer = self.run(verb)
        assert answer == expected
        self.acts += answer == "ok"

    def race(self, pair: list[tuple[Callable[[Model], str], Callable[[], None]]]) -> None:
        """Two steps at once: what came of them is what one order or the other gives."""
        with ThreadPoolExecutor(2) as pool:
            answers = [job.result() for job in [pool.submit(self.run, verb) for _, verb in pair]]
        orders = []
        for order in ((0, 1), (1, 0)):
            after = copy.deepcopy(self.model)
            said = {i: pair[i][0](after) for i in order}
            orders.append((after, [said[0], said[1]]))
        lawful = [after for after, said in orders if said == answers]
        assert lawful, f"{answers} is neither order: {[said for _, said in orders]}"
        held = self.intervals()
        self.model = next(after for after in lawful if after.intervals() == held)
        self.acts += answers.count("ok")

    def booking(self, key: int, event: int, resource: int, role: str) -> Callable[[], None]:
        def verb() -> None:
            row = db.session.get_one(Event, self.rows[event])
            with self.act(row, "event.book"):
                made = timeline.rebook(Take(row, db.session.get_one(Resource, self.resources[resource]), role))
            self.bookings[key] = made[0].id

        return verb

    def moving(self, shifts: dict[int, int]) -> Callable[[], None]:
        def verb() -> None:
            rows = {db.session.get_one(Event, self.rows[e]): by for e, by in shifts.items()}
            with self.act(next(iter(rows)), "event.move"):
                timeline.rebook(
                    *(
                        Move(r, r.starts_at + timedelta(hours=n), r.ends_at + timedelta(hours=n))
                        for r, n in rows.items()
                    )
                )

        return verb

    def freeing(self, key: int) -> Callable[[], None]:
        def verb() -> None:
            row = db.session.get_one(Booking, self.bookings[key])
            with self.act(row.event, "event.free"):
                timeline.rebook(Free(row))

        return verb

    def cancelling(self, event: int) -> Callable[[], None]:
        def verb() -> None:
            row = db.session.get_one(Event, self.rows[event])
            with self.act(row, "event.cancel"):
                timeline.rebook(Cancel(row))

        return verb

    def lending(self, key: int, root: int, event: int) -> Callable[[], None]:
        def verb() -> None:
            row = db.session.get_one(Event, self.rows[event])
            source = db.session.get_one(Booking, self.bookings[root])
            with self.act(row, "event.lend"):
                lent = lending.lend(source, row.starts_at, row.ends_at, row, "hearing_officer")
            self.bookings[key] = lent.id

        return verb

    def crashing(self, event: int, resource: int) -> Callable[[], None]:
        def verb() -> None:
            row = db.session.get_one(Event, self.rows[event])
            with self.act(row, "event.move"):
                timeline.rebook(Move(row, row.starts_at + timedelta(days=9), row.ends_at + timedelta(days=9)))
                timeline.rebook(Take(row, db.session.get_one(Resource, self.resources[resource]), "party"))
                raise Crash

        return verb

    def intervals(self) -> list[tuple[int, int, str, int, int]]:
        """The binding intervals as the database holds them, in the model's terms."""
        events = {row: key for key, row in self.rows.items()}
        hour = timedelta(hours=1)
        with self.app.app_context():
            bound = db.session.scalars(select(Booking).where(Booking.binds, Booking.event_id.in_(events)))
            held = sorted(
                (
                    events[b.event_id],
                    self.resources.index(b.resource_id),
                    b.role,
                    (b.starts_at - self.day) // hour,
                    (b.ends_at - self.day) // hour,
                )
                for b in bound
            )
            db.session.remove()
        return held

    def check(self) -> None:
        """What every step leaves behind: the model's intervals, one act a step."""
        assert self.intervals() == self.model.intervals()
        with self.app.app_context():
            assert self._count(Act) == self.acts
            db.session.remove()
