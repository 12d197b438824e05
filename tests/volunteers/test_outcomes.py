"""How a shift went for somebody, and through whom: each outcome on both sides of its edge (DOMAIN 8.4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask_babel import force_locale

from tests.town import Town, local
from tests.volunteers.conftest import Crossing
from volunteers.actions.booking import TooLateToReport, report_absence
from volunteers.actions.obstacles import assessment_at
from volunteers.actions.shifts import cancel_shift
from volunteers.actions.steering import prolong, stop
from volunteers.actions.ticks import NotYetBegun, arrive, leave, miss, send_home
from volunteers.actions.walk_in import admit
from volunteers.models.attendance import Attendance

DAY, SECOND = date(2026, 11, 25), timedelta(seconds=1)


def at(clock: str, day: date = DAY) -> Any:
    return local(f"{day} {clock}")


def how(one: Attendance) -> tuple[Any, ...]:
    return one.state, one.outcome, one.fault


def test_whoever_leaves_a_whole_minute_before_the_agreed_end_has_left_early_and_nobody_later(
    town: Town, crossing: Crossing
) -> None:
    """Booked or extra; and of a prolonged shift it is the end that was agreed."""
    officer = town.traffic_officer
    for prolonged in (False, True):
        shift = crossing.shift(DAY, post=crossing.post(f"岗{prolonged}"))
        booked = crossing.booked(shift, crossing.person(), crossing.person())
        guests = [crossing.person(), crossing.person()]
        extra = [admit(shift, _of(one, shift), officer, at("07:30")) for one in guests]
        for one in booked:
            arrive(one, officer, at("07:30"))
        if prolonged:
            prolong(shift, 30, officer, at("08:50"), "queue")
        for early, full in (booked, extra):
            leave(early, officer, at("08:59"))
            leave(full, officer, at("08:59") + SECOND)
        assert [how(one) for one in (*booked, *extra)] == [
            ("left", "left_early", "person"),
            ("left", "attended", None),
            ("left", "left_early", "person"),
            ("left", "extra", None),
        ]


def _of(person: Any, shift: Any) -> Any:
    found = assessment_at(person, shift.office_id)
    assert found is not None
    return found


def test_an_absence_told_twelve_hours_before_is_told_in_time_until_the_start_late_and_then_no_longer(
    town: Town, crossing: Crossing
) -> None:
    shift = crossing.shift(DAY)
    told, late, last, over = crossing.booked(shift, *(crossing.person() for _ in range(4)))
    before = at("19:30", DAY - timedelta(days=1))
    for one, when in ((told, before), (late, before + SECOND), (last, at("07:30") - SECOND)):
        report_absence(one, one.person, when)
    with pytest.raises(TooLateToReport):
        report_absence(over, over.person, at("07:30"))
    assert [how(one) for one in (told, late, last, over)] == [
        ("absent", "absent_told", "nobody"),
        ("absent", "absent_late", "nobody"),
        ("absent", "absent_late", "nobody"),
        ("booked", None, None),
    ]


def test_nobody_is_missing_before_the_start_nor_where_the_service_ended_or_cancelled_it(
    town: Town, crossing: Crossing
) -> None:
    officer = town.traffic_officer
    shift, cancelled = crossing.shift(DAY), crossing.shift(DAY, post=crossing.post("西门"))
    missing, here, unwell, away = crossing.booked(shift, *(crossing.person() for _ in range(4)))
    [elsewhere] = crossing.booked(cancelled, crossing.person())
    with pytest.raises(NotYetBegun):
        miss(missing, officer, at("07:30") - SECOND)
    miss(missing, officer, at("07:30"))
    for one in (here, unwell):
        arrive(one, officer, at("07:31"))
    send_home(unwell, officer, at("07:40"), "unwell")
    stop(shift, officer, at("08:00"), "storm")
    cancel_shift(cancelled, town.coordinator, at("07:00"), "storm")
    assert [how(one) for one in (missing, here, unwell, away, elsewhere)] == [
        ("no_show", "no_show", "person"),
        ("left", "sent_home", "service"),
        ("left", "sent_home", "nobody"),
        ("cancelled", "cancelled_by_service", "service"),
        ("cancelled", "cancelled_by_service", "service"),
    ]


WORDS: list[tuple[str, str, str, bool, str]] = [
    ("left", "left_early", "person", False, "left before the end"),
    ("left", "sent_home", "service", False, "it was ended for everybody"),
    ("left", "sent_home", "nobody", False, "sent home, with a reason"),
    ("absent", "absent_late", "nobody", False, "told shortly before the start"),
    ("cancelled", "cancelled_by_service", "service", False, "by the service"),
    ("left", "extra", "", True, "without a booking"),
]


def test_each_outcome_reads_alike_for_himself_his_officer_and_the_desk(app: Any, render: Callable[..., str]) -> None:
    for state, outcome, fault, extra, words in WORDS:
        assert words in render(Attendance(state=state, outcome=outcome, fault=fault or None, extra=extra))


@pytest.fixture
def render(app: Any) -> Callable[..., str]:
    def show(one: Attendance) -> str:
        with app.test_request_context(), force_locale("en"):
            return str(app.jinja_env.get_template("volunteers/_outcome.html").module.how(one))

    return show
