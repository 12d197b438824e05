"""Three hundred people tap at the same moment, on eight connections, and the net loses some of the answers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from extensions import db
from record.invariants import broken
from record.models import Act
from scheduler.timeline.models import Booking, Quota, Waiting
from tests.town import Town
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.phone import today
from volunteers.models.attendance import Attendance

PEOPLE, PLACES, CONNECTIONS = 300, 10, 8


def pressed(client: Any, path: str, key: str, again: bool) -> Any:
    """A button pressed on a bad net: the answer may get lost and the phone sends the same once more, busy or not."""
    answer = client.post(path, data={"form_id": key})
    if again:
        answer = client.post(path, data={"form_id": key})
    while answer.status_code == 503:
        answer = client.post(path, data={"form_id": key})
    return answer


@pytest.mark.slow
def test_of_three_hundred_who_press_at_once_ten_have_a_place_and_the_others_wait_in_line(
    app: Flask, town: Town, crossing: Crossing
) -> None:
    """I04, I06, I07: retried and lost answers book nobody twice, and leave no gap in the line."""
    shift = crossing.shift(today() + timedelta(days=3), post=crossing.post(capacity=PLACES))
    book, wait = f"/booking/{shift.public_id}", f"/booking/{shift.public_id}/waiting"
    last = today() + timedelta(days=20)
    people = (crossing.account(crossing.person(first=today(), last=last)) for _ in range(PEOPLE))
    phones = [town.browser(person).client for person in people]

    def want(number: int) -> tuple[int, int | None]:
        booked = pressed(phones[number], book, f"book-{number}", again=number % 3 == 0)
        if booked.status_code == 303:
            return 303, None
        return booked.status_code, pressed(phones[number], wait, f"wait-{number}", again=number % 4 == 0).status_code

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        outcomes = list(pool.map(want, range(PEOPLE)))
    assert (outcomes.count((303, None)), outcomes.count((409, 303))) == (PLACES, PEOPLE - PLACES)
    bound = db.session.scalars(select(Booking).where(Booking.binds, Booking.role == "volunteer")).all()
    taken = db.session.scalar(select(Quota.taken).where(Quota.event_id == bound[0].event_id))
    numbers = sorted(place.number for place in all_of(Waiting))
    assert (len(bound), taken, len(all_of(Attendance))) == (PLACES, PLACES, PLACES)
    assert numbers == list(range(1, PEOPLE - PLACES + 1))
    done = select(Act.name, func.count()).where(Act.name.in_(["attendance.book", "waiting.join"])).group_by(Act.name)
    assert dict(db.session.execute(done).all()) == {"attendance.book": PLACES, "waiting.join": PEOPLE - PLACES}
    assert broken() == []
