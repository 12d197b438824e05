"""Bookings per second: through the actions and the same statements sent raw, alone and with 16 clients, both engines.

Prints `name value unit` lines. Each client books, one after the other, a resource that all clients want for the same
slots: most are refused, as in a rush. "Alone" is one client on slots nobody else wants.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app import create_app
from errors import Refusal
from extensions import db
from record.act import act
from record.edge import worth_trying_again
from record.models import Act
from record.sealed import load_keys
from scheduler.timeline import timeline
from scheduler.timeline.models import Booking, Event, Resource
from scheduler.timeline.timeline import Take
from tests.conftest import Engine, Postgresql, Sqlite
from tests.town import NOW, Town

CLIENTS = 16
EACH = 40
ALONE = 300
START = datetime(2027, 1, 4, 0, 0, tzinfo=UTC)

Book = Callable[[Any, int, int, int], None]


def through_actions(clerk: Any, office: int, resource: int, slot: int) -> None:
    """Plan an event and book the resource: what a request does between its edges."""
    event = _event(office, slot)
    with act("event.book", event, by=clerk, at=NOW):
        db.session.add(event)
        timeline.rebook(Take(event, db.session.get_one(Resource, resource), "party"))


def raw(clerk: Any, office: int, resource: int, slot: int) -> None:
    """The same rows by bare statements, with the guards in force and nothing of ours in between."""
    connection = db.session.connection()
    uid = uuid.uuid4()
    if connection.dialect.name == "sqlite":
        connection.info["act"] = str(uid)
    else:
        connection.execute(text("SELECT set_config('fengli.act', :uid, true)"), {"uid": str(uid)})
        connection.execute(select(Resource.id).where(Resource.id == resource).with_for_update())
    span = {"starts_at": START + timedelta(hours=slot), "ends_at": START + timedelta(hours=slot + 1)}
    event = {"office_id": office, "kind": "bench", "title": "bench", "place": "", "status": "confirmed", **span}
    event |= {"visibility": "office", "uid": uuid.uuid4(), "public_id": uuid.uuid4(), "sequence": 0}
    event_id = connection.execute(insert(Event).values(**event).returning(Event.id)).scalar_one()
    booking = {"event_id": event_id, "office_id": office, "resource_id": resource, "role": "party", **span}
    booking |= {"status": "accepted", "buffer_before": 0, "buffer_after": 0, "binds": False, "public_id": uuid.uuid4()}
    booking_id = connection.execute(insert(Booking).values(**booking).returning(Booking.id)).scalar_one()
    connection.execute(update(Booking).where(Booking.id == booking_id).values(binds=True))
    note = {"public_id": uid, "name": "event.book", "at": NOW, "actor_id": clerk.id, "office_id": office}
    note |= {"subject_table": "event", "subject_id": event_id, "reason": "", "facts": {}, "origin": {}}
    connection.execute(insert(Act).values(**note, changes=json.loads(json.dumps([{"row": str(event["public_id"])}]))))
    db.session.commit()


def _event(office: int, slot: int) -> Event:
    return Event(
        office_id=office,
        kind="bench",
        title="bench",
        starts_at=START + timedelta(hours=slot),
        ends_at=START + timedelta(hours=slot + 1),
    )


def attempt(book: Book, *arguments: Any) -> bool:
    """One try as the edge would make it: again on a deadlock or lock, three times; False where it was refused."""
    for _ in range(3):
        try:
            book(*arguments)
            return True
        except Refusal:
            return False
        except DBAPIError as trouble:
            db.session.rollback()
            if not worth_trying_again(trouble):
                return False
    return False


def rush(  # noqa: PLR0917 - what is measured, by whom, on what
    app: Flask, book: Book, clerk: Any, office: int, resource: int, clients: int, each: int, first: int
) -> str:
    """Let the clients loose; returns `attempts per second (booked of attempts)`."""
    done: list[int] = []
    barrier = threading.Barrier(clients + 1)

    def client() -> None:
        with app.app_context():
            barrier.wait()
            done.append(sum(attempt(book, clerk, office, resource, first + n) for n in range(each)))
            db.session.remove()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    barrier.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    assert sum(done) == each, f"{sum(done)} bookings for {each} slots"
    return f"{clients * each / seconds:.0f} attempts/s ({sum(done)} booked of {clients * each}, {seconds:.1f} s)"


def measure(engine: Engine, name: str) -> None:
    url, owner_url = engine.make()
    app = create_app(engine.settings(url, owner_url))
    with app.app_context():
        town = Town(app)
        clerk = type("Someone", (), {"id": town.coordinator.id})()
        office, resource = town.office.id, town.resource(town.chief).id
        db.session.remove()
    first = 0
    for label, book in (("actions", through_actions), ("raw", raw)):
        print(f"{name}.{label}.alone {rush(app, book, clerk, office, resource, 1, ALONE, first)}", flush=True)
        first += ALONE
        crowd = rush(app, book, clerk, office, resource, CLIENTS, EACH, first)
        print(f"{name}.{label}.{CLIENTS}_clients {crowd}", flush=True)
        first += EACH
    with app.app_context():
        db.engine.dispose()
    engine.drop(url)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="fl", dir="/tmp") as folder:
        path = Path(folder)
        keys = load_keys(path / "keys")
        measure(Sqlite(path, keys, path), "sqlite")
        postgresql = Postgresql(path, keys, path)
        measure(postgresql, "postgresql")
        postgresql.server.cleanup()


if __name__ == "__main__":
    main()
