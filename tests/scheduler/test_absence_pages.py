"""Leave on its pages: what may be asked for, and where it waits for whoever decides."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from accounts.access import Viewer
from accounts.models import Person
from extensions import db
from scheduler.actions.absence import request_absence
from scheduler.calendar.desk import waiting_for
from scheduler.timeline.models import Absence
from tests.accounts.visitor import text_of
from tests.town import NOW, Town, forget_request, local


def in_days(number: int) -> date:
    """Asked each time: a run may last over midnight."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(days=number)


def ask(town: Town, first: date | str | int, last: date | str | int) -> Any:
    """Leave between two days; a number counts them from today."""
    first_on, last_on = (in_days(one) if isinstance(one, int) else one for one in (first, last))
    return town.browser(town.lawyer).post("/leave", {"first_on": str(first_on), "last_on": str(last_on)})


def asked(town: Town) -> int:
    return len(db.session.scalars(select(Absence).where(Absence.person_id == town.lawyer.id)).all())


@pytest.mark.parametrize(
    ("first_on", "last_on", "said"),
    [
        ("2020-01-01", "2020-01-02", "This day is too long ago: at most one year."),
        ("0001-01-01", 1, "This day is too long ago: at most one year."),
        (0, "9999-12-31", "This day is too far ahead: at most two years."),
        (-2, -1, "This leave is over already."),
    ],
)
def test_leave_of_days_that_nobody_means_is_refused(
    town: Town, first_on: str | int, last_on: str | int, said: str
) -> None:
    answer = ask(town, first_on, last_on)
    assert (answer.status_code, said in text_of(answer), asked(town)) == (422, True, 0)


def test_leave_that_began_may_still_be_asked_for(town: Town) -> None:
    assert (ask(town, -1, 0).status_code, asked(town)) == (303, 1)


def test_the_same_days_are_asked_for_once(town: Town) -> None:
    soon = in_days(10)
    assert ask(town, soon, soon + timedelta(days=1)).status_code == 303
    again = ask(town, soon + timedelta(days=1), soon + timedelta(days=2))
    said = "stands already and meets these days."
    assert (again.status_code, said in text_of(again), asked(town)) == (409, True, 1)
    assert str(soon) not in text_of(again)  # days are written as everywhere
    assert (ask(town, soon + timedelta(days=2), soon + timedelta(days=2)).status_code, asked(town)) == (303, 2)


def waits_of(town: Town, person: Person) -> list[tuple[str, str, str, date | None]]:
    found = waiting_for(Viewer(person, date(2026, 11, 24)), town.office, NOW)
    return [(wait.what, wait.about, wait.button, wait.due_on) for wait in found if wait.button == "决定"]


def test_leave_waits_for_whoever_decides_on_it(town: Town) -> None:
    spans = local("2026-11-25 00:00"), local("2026-11-27 00:00")
    leave = request_absence(town.lawyer, town.office, *spans, by=town.lawyer, at=NOW)
    with town.app.test_request_context():
        line = (f"{town.lawyer.name}申请请假", "11月25日 周三–11月26日 周四", "决定", date(2026, 11, 25))
        assert waits_of(town, town.coordinator) == [line]
        assert (waits_of(town, town.lawyer), waits_of(town, town.clerk)) == ([], [])
    leave_id = leave.public_id
    forget_request()
    assert f"/leave/requests/{leave_id}" in town.browser(town.coordinator).get("/day").text
