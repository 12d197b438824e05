"""How many shifts somebody books ahead, so that nobody keeps the places from the others (TRUST T06)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from random import Random

import pytest
from flask import Flask
from pytest import raises

from accounts.actions.settings import change_setting
from accounts.models import Person
from accounts.setting_values import Value
from errors import Refusal
from extensions import db
from record.invariants import broken
from tests.racing import race
from tests.town import NOW, Town
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.phone import Days, Phone
from volunteers.actions.booking import book, cancel, wait, waits_of
from volunteers.models.attendance import Attendance
from volunteers.models.shifts import Shift
from volunteers.rules.obstacles import TooManyOpen

FIRST = date(2026, 11, 26)


def at_most(town: Town, most: int) -> None:
    change_setting(town.office, "service.open_bookings", Value(most, "shift"), by=town.chief, at=NOW, reason="试行")


def shifts_ahead(crossing: Crossing, how_many: int, capacity: int = 10) -> list[Shift]:
    post = crossing.post(capacity=capacity)
    return [crossing.shift(FIRST + timedelta(days=day), post=post) for day in range(how_many)]


def open_of(person: Person) -> int:
    return len(all_of(Attendance, Attendance.person_id == person.id, Attendance.state == "booked"))


def test_he_books_so_many_ahead_himself_and_the_office_more_for_him(town: Town, crossing: Crossing) -> None:
    at_most(town, 2)
    person, shifts = crossing.person(), shifts_ahead(crossing, 4)
    first, _ = [book(shift, person, person, NOW) for shift in shifts[:2]]
    with raises(TooManyOpen) as refusal:
        book(shifts[2], person, person, NOW)
    assert refusal.value.facts == {"open": 2}
    cancel(first, person, NOW)
    book(shifts[2], person, person, NOW)
    book(shifts[3], person, town.coordinator, NOW, "电话")
    assert open_of(person) == 3


def test_the_office_puts_him_on_a_list_beyond_what_he_books_and_he_moves_up_from_it(
    town: Town, crossing: Crossing
) -> None:
    """Not whoever joined himself, before he had so many."""
    at_most(town, 1)
    him, self_made, first = (crossing.person() for _ in range(3))
    full, free = shifts_ahead(crossing, 1, capacity=1)[0], crossing.shift(FIRST, "evening", crossing.post("西门"))
    held = book(full, first, first, NOW)
    wait(full, self_made, self_made, NOW)
    for one in (him, self_made):
        book(free, one, one, NOW)
    with raises(TooManyOpen):
        wait(full, him, him, NOW)
    wait(full, him, town.coordinator, NOW, "电话")
    cancel(held, first, NOW)
    assert [(open_of(one), len(waits_of(one, crossing.office.id))) for one in (him, self_made)] == [(2, 0), (1, 0)]
    assert broken() == []


def test_a_shift_that_has_begun_is_no_longer_ahead(town: Town, crossing: Crossing) -> None:
    at_most(town, 1)
    person, [today, tomorrow] = crossing.person(), shifts_ahead(crossing, 2)
    book(today, person, person, NOW)
    second = timedelta(seconds=1)
    with raises(TooManyOpen):
        book(tomorrow, person, person, today.event.starts_at - second)
    assert book(tomorrow, person, person, today.event.starts_at).state == "booked"


def test_of_two_shifts_pressed_on_two_phones_at_once_he_has_one(app: Flask, town: Town, crossing: Crossing) -> None:
    at_most(town, 1)
    who, shifts = crossing.person().id, [shift.id for shift in shifts_ahead(crossing, 2)]

    def want(shift_id: int) -> str:
        person, shift = db.session.get_one(Person, who), db.session.get_one(Shift, shift_id)
        return str(book(shift, person, person, NOW).state)

    assert sorted(race(app, [partial(want, one) for one in shifts])) == ["booked", "too_many_open"]
    assert (len(all_of(Attendance)), broken()) == (1, [])


@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_has_more_ahead_whatever_they_book_give_back_and_wait_for(
    town: Town, crossing: Crossing, seed: int
) -> None:
    at_most(town, 2)
    people, shifts, chance = [crossing.person() for _ in range(3)], shifts_ahead(crossing, 4, capacity=2), Random(seed)
    reached = set()
    for _ in range(40):
        person, shift = chance.choice(people), chance.choice(shifts)
        mine = all_of(Attendance, Attendance.person_id == person.id, Attendance.state == "booked")
        try:
            if mine and chance.random() < 0.4:
                cancel(chance.choice(mine), person, NOW)
            elif shift.event_id not in waits_of(person, crossing.office.id):
                book(shift, person, person, NOW)
        except Refusal as refusal:
            reached.add(refusal.code)
            if refusal.code == "full":
                wait(shift, person, person, NOW)
        assert max(open_of(one) for one in people) <= 2
    assert {"too_many_open", "full"} <= reached
    assert broken() == []


def test_the_page_says_why_and_what_helps(town: Town, crossing: Crossing) -> None:
    at_most(town, 1)
    days = Days(crossing)
    person, shift = days.person(), days.shift(3)
    days.shift(4)
    book(shift.row(), person.row(), person.row(), shift.event.starts_at - timedelta(hours=36))
    phone = Phone(town, person, "/booking")
    assert "Booked and still to come: 1." in phone.text
    assert "the coordinator can plan more for you" in phone.text
