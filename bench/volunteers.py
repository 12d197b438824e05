"""Traffic service under load, on both engines: `name value unit` lines.

`volunteers.book` and `volunteers.confirm_shift` (ten people) go through the actions in one process, each in a
transaction of its own. `volunteers.board` is the whole answer of the page with 500 people, opened for the second time.
`volunteers.autoplan_67` and `_500` are a plan over 60 days that the checker has found nothing wrong with.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from extensions import db
from record.sealed import load_keys
from scheduler.fairness.shift_check import judge_shift_plan
from scheduler.fairness.shift_values import Server, Turn
from scheduler.fairness.shifts import plan_shifts
from tests.conftest import Engine, Postgresql, Sqlite
from tests.engines import TOWN
from tests.town import NOW, Town
from tests.volunteers.conftest import Crossing
from tests.volunteers.prepared import Prepared
from volunteers.actions.booking import book
from volunteers.actions.confirmation import confirm
from volunteers.actions.ticks import Device, arrive, leave
from volunteers.models.shifts import Shift

ZONE = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2026, 11, 27), date(2026, 12, 25)
SHIFTS, CREW, BOARD = 25, 10, 500


def timed(done: Callable[[], int]) -> float:
    """How many a second."""
    began = time.perf_counter()
    count = done()
    return count / (time.perf_counter() - began)


@dataclass(frozen=True)
class Known:
    """Whoever has signed in: a request has read him before the action begins."""

    id: int


def book_everybody(shifts: list[Known], by: Known, crew: list[Known]) -> int:
    for shift in shifts:
        for person in crew:
            book(shift, person, by, NOW)  # type: ignore[arg-type] - the action reads their ids
    return len(shifts) * len(crew)


def confirm_all(shifts: list[Shift], officer: object) -> int:
    for shift in shifts:
        confirm(shift, officer, shift.event.ends_at)  # type: ignore[arg-type]
    return len(shifts)


def serve(shifts: list[Shift], officer: object) -> None:
    for shift in shifts:
        starts_at, ends_at = shift.event.starts_at, shift.event.ends_at
        for attendance in shift.attendances:
            arrive(attendance, officer, starts_at, Device("bench", starts_at))  # type: ignore[arg-type]
            leave(attendance, officer, ends_at, Device("bench", ends_at))  # type: ignore[arg-type]


def measure(engine: Engine, name: str) -> Iterator[str]:
    with engine.opened(TOWN, own=False) as app:
        town = Town(app)
        crossing = Crossing(town)
        prepared = Prepared(town)
        crew = [Known(prepared.serving(last_on=LAST, reason="bench").person_id) for _ in range(CREW)]
        coordinator = Known(town.coordinator.id)
        post = crossing.post("大岗", capacity=200)
        shifts = [crossing.shift(FIRST + timedelta(days=n), post=post) for n in range(SHIFTS + 1)]
        places = [Known(shift.id) for shift in shifts]
        book_everybody(places[:1], coordinator, crew)
        yield f"{name}.book {timed(lambda: book_everybody(places[1:], coordinator, crew)):.0f} per_s"
        serve(shifts[1:], town.traffic_officer)
        yield f"{name}.confirm_shift {timed(lambda: confirm_all(shifts[1:], town.traffic_officer)):.1f} per_s"
        for _ in range(BOARD - CREW):
            crossing.person(on_record=False)
        db.session.commit()
        browser = town.browser(town.coordinator)
        browser.get("/assessments/board")
        began = time.perf_counter()
        assert browser.get("/assessments/board").status_code == 200
        yield f"{name}.board {(time.perf_counter() - began) * 1000:.0f} ms"


def problem(people: int, posts: int, places: int) -> tuple[list[Turn], list[Server]]:
    """Sixty days of two peaks at each post; hours, periods, posts and wishes as they come in such an office."""
    chance, monday = random.Random(1), date(2026, 11, 2)
    turns = []
    for on in (monday + timedelta(days=n) for n in range(60)):
        for post in range(posts):
            school = post % 4 == 3
            for begins, minutes in (((7, 0), 60) if school else ((7, 30), 90), ((17, 0), 90)):
                if on.isoweekday() <= 5 or post % 3 == 0:
                    starts_at = datetime(on.year, on.month, on.day, *begins, tzinfo=ZONE)
                    ends_at = starts_at + timedelta(minutes=minutes)
                    turns.append(Turn(f"{on}-{post}-{begins[0]}", post, on, starts_at, ends_at, places))
    servers = []
    for key in range(people):
        first = monday + timedelta(days=chance.randrange(30))
        last = first + timedelta(days=chance.choice([14, 20, 30]))
        may = frozenset(post for post in range(posts) if key % 9 or post % 5)
        night, courier = key % 7 == 0, key % 11 == 0
        unwanted = ((0, 12 * 60),) if night else ((16 * 60, 19 * 60),) if courier else ()
        rest = frozenset({7}) if key % 5 == 0 else frozenset[int]()
        minutes = chance.choice([600, 1200, 1200, 1800])
        servers.append(Server(key, minutes, first, last, may, 180, unwanted=unwanted, rest_days=rest))
    return turns, servers


def autoplan(people: int, posts: int, places: int) -> str:
    turns, servers = problem(people, posts, places)
    began = time.perf_counter()
    plan = plan_shifts(turns, servers, effort=4.0)
    assert judge_shift_plan(plan, turns, servers) == []
    seconds = time.perf_counter() - began
    missing = sum(plan.short.values())
    return f"volunteers.autoplan_{people} {seconds:.1f} s ({missing} minutes short, {plan.unwanted} unwanted)"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="fl", dir="/dev/shm" if Path("/dev/shm").is_dir() else "/tmp") as folder:
        path = Path(folder)
        keys = load_keys(path / "keys")
        for line in measure(Sqlite(path, keys, path), "volunteers"):
            print(line, flush=True)
        postgresql = Postgresql(path, keys, path)
        for line in measure(postgresql, "postgresql.volunteers"):
            print(line, flush=True)
        postgresql.server.cleanup()
    print(autoplan(67, 12, 4), flush=True)
    print(autoplan(500, 40, 5), flush=True)


if __name__ == "__main__":
    main()
