"""A calendar that changes under a published rota: what is named before, marked and kept waiting after (C-15, I39)."""

from __future__ import annotations

from datetime import date

import pytest
from flask_babel import force_locale
from sqlalchemy import select

from accounts.access import Viewer
from extensions import db
from lawyers import my_day
from lawyers.actions.duty import cancel_duty
from lawyers.actions.publishing import publish_rota
from lawyers.actions.rota import draft_rota
from lawyers.models import Duty, Rota
from record import invariants
from record.act import act, history
from scheduler.actions.calendar_days import (
    correct_day,
    effect_of_correction,
    effect_of_withdrawal,
    withdraw_correction,
)
from scheduler.deadlines.models import DayKind
from tests.engines import grown
from tests.lawyers.conftest import generated, make_station, take_register
from tests.town import NOW, ZONE, Town

DECEMBER = date(2026, 12, 1), date(2026, 12, 31)
FESTIVAL, SATURDAY = date(2026, 12, 2), date(2026, 12, 5)


@grown("in_force")
def publish_december(town: Town) -> None:
    take_register(town)
    publish_rota(generated(town, make_station(town), DECEMBER, NOW), town.coordinator, NOW)


@pytest.fixture
def in_force(town: Town) -> Rota:
    return db.session.scalars(select(Rota)).one()


def correct(town: Town, on: date = FESTIVAL, kind: DayKind = DayKind.LOCAL_OFF) -> None:
    facts = {"name": "火把节", "source": "州政府公告", "reason": "州庆放假"}
    correct_day(town.office, on, kind, by=town.coordinator, at=NOW, **facts)


def duty_on(rota: Rota, on: date = FESTIVAL) -> Duty:
    return next(duty for duty in rota.duties if duty.serves_on == on)


def named(town: Town, effect_of, *asked) -> list[tuple[str, str]]:
    """What a change is said to hit, and why, in English."""
    with town.app.test_request_context(), force_locale("en"):
        found = [(str(hit.what), str(hit.why)) for hit in effect_of(town.office, *asked).hits]
    db.session.rollback()  # a page that is read writes nothing
    return found


def waits(town: Town) -> list[tuple[str, date | None]]:
    with town.app.test_request_context(), force_locale("en"):
        seen = my_day.waiting(Viewer(town.coordinator, NOW.astimezone(ZONE).date()), town.office, NOW)
        found = [(wait.button, wait.due_on) for wait in seen if wait.icon == "calendar-off"]
    db.session.rollback()
    return found


def test_a_duty_on_a_corrected_day_is_named_before_and_waits_after(town: Town, in_force: Rota) -> None:
    duty = duty_on(in_force)
    hits = named(town, effect_of_correction, FESTIVAL, DayKind.LOCAL_OFF)
    assert [why for _, why in hits] == ["The day is off now."]
    assert (duty.on_day_off, history(duty)) == (False, [])
    correct(town)
    assert (duty.on_day_off, history(duty), invariants.broken()) == (True, ["duty.mark_day_off"], [])
    assert waits(town) == [("Decide", FESTIVAL)]
    cancel_duty(duty, town.coordinator, NOW, "州庆放假")
    assert waits(town) == []


def test_a_correction_taken_back_takes_the_mark_back(town: Town, in_force: Rota) -> None:
    correct(town)
    assert named(town, effect_of_withdrawal, FESTIVAL) == []
    withdraw_correction(town.office, FESTIVAL, by=town.coordinator, at=NOW, reason="今年不放")
    duty = duty_on(in_force)
    assert (duty.on_day_off, history(duty)) == (False, ["duty.mark_day_off", "duty.unmark_day_off"])
    assert (waits(town), invariants.broken()) == ([], [])


def test_a_day_that_opens_without_a_duty_is_named(town: Town, in_force: Rota) -> None:
    hits = named(town, effect_of_correction, SATURDAY, DayKind.MAKEUP_WORK)
    assert [why for _, why in hits] == ["The rota in force has no duty on that day."]
    ended = duty_on(in_force)
    cancel_duty(ended, town.coordinator, NOW, "当日闭馆")
    second = draft_rota(in_force.station, *DECEMBER, town.coordinator, NOW)
    publish_rota(second, town.coordinator, NOW)
    assert named(town, effect_of_correction, SATURDAY, DayKind.MAKEUP_WORK) == hits
    correct(town, SATURDAY, DayKind.MAKEUP_WORK)
    third = draft_rota(in_force.station, *DECEMBER, town.coordinator, NOW)
    assert {duty.serves_on for duty in third.duties} - {duty.serves_on for duty in second.duties} == {SATURDAY}


def test_the_next_version_gives_the_day_off_up(town: Town, in_force: Rota) -> None:
    correct(town)
    second = draft_rota(in_force.station, *DECEMBER, town.coordinator, NOW)
    publish_rota(second, town.coordinator, NOW)
    assert FESTIVAL not in {duty.serves_on for duty in second.duties}
    assert (duty_on(in_force).state, waits(town), invariants.broken()) == ("cancelled", [], [])


def test_a_duty_on_a_day_off_that_nobody_marked_is_found(town: Town, in_force: Rota) -> None:
    correct(town)
    duty = duty_on(in_force)
    with act("duty.unmark_day_off", duty, by=town.coordinator, at=NOW):
        duty.on_day_off = False
    assert [(b.invariant, b.what) for b in invariants.broken()] == [
        ("I39 no duty on a closed day unless marked", f"duty {duty.id} on 2026-12-02")
    ]


def test_a_duty_ended_because_its_day_was_off_comes_back_with_the_day(town: Town, in_force: Rota) -> None:
    """Taking the correction back names the day that now lacks a duty; the next version has its place."""
    correct(town)
    cancel_duty(duty_on(in_force), town.coordinator, NOW, "州庆放假")
    db.session.commit()
    assert [what for what, _ in named(town, effect_of_withdrawal, FESTIVAL) if "opens on" in what] != []
    withdraw_correction(town.office, FESTIVAL, by=town.coordinator, at=NOW, reason="今年不放")
    db.session.commit()
    second = draft_rota(in_force.station, *DECEMBER, town.coordinator, NOW)
    assert FESTIVAL in {duty.serves_on for duty in second.duties}
    assert invariants.broken() == []
