"""Refusals that stand in an action, each on both sides of its edge: what is still done, and what no longer is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.actions.people import enter_person, give_membership
from accounts.models import Person
from errors import Refusal
from extensions import db
from record.act import history
from record.course import OffCourse
from tests.town import NOW, Town, local
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.prepared import Prepared
from volunteers.actions import schemes
from volunteers.actions.booking import PlacesFree, wait
from volunteers.actions.confirmation import SheetChanged, confirm
from volunteers.actions.corrections import Grounds, ask, propose
from volunteers.actions.counter import TooManyMisses, check_misses, note_miss
from volunteers.actions.credit import StillOpen, append_due, close, close_settled
from volunteers.actions.ending import transfer
from volunteers.actions.interests import NotWithAnInterest, declare
from volunteers.actions.mistakes import arrive_anew, restore, strike_out
from volunteers.actions.postings import post_officer
from volunteers.actions.schemes import OlderDraft, OwnDraft
from volunteers.actions.ticks import (
    NotForOneself,
    NotPosted,
    TickReasonNeeded,
    arrive,
    call,
    correct_tick,
    leave,
    miss,
    send_home,
    tick_all,
)
from volunteers.models.attendance import Attendance
from volunteers.rules.corrections import NotDisputable, NotFinalYet
from volunteers.rules.schemes import Terms

START, END = local("2026-11-25 07:30"), local("2026-11-25 09:00")
SHORTER = (START, END - timedelta(minutes=30))
SECOND = timedelta(seconds=1)


def refused(verb: Callable[..., Any], *args: Any) -> str | None:
    """The code of the refusal, or None where it was done."""
    try:
        verb(*args)
    except Refusal as refusal:
        db.session.rollback()
        return refusal.code
    return None


def test_nobody_waits_while_there_is_a_place_and_on_a_full_shift_he_does(town: Town, crossing: Crossing) -> None:
    """8.4: the waiting list."""
    shift, person = crossing.shift(post=crossing.post(capacity=1)), crossing.person()
    assert refused(wait, shift, person, person, NOW) == PlacesFree.code
    crossing.booked(shift, crossing.person())
    assert refused(wait, shift, person, person, NOW) is None


@pytest.mark.parametrize(
    ("shown", "code"), [((2, 180), None), ((1, 180), "sheet_changed"), ((2, 179), "sheet_changed"), (None, None)]
)
def test_what_is_confirmed_is_what_the_officer_saw_people_and_minutes(
    town: Town, crossing: Crossing, shown: tuple[int, int] | None, code: str | None
) -> None:
    """D-29."""
    shift = crossing.shift()
    for one in crossing.booked(shift, crossing.person(), crossing.person()):
        arrive(one, town.traffic_officer, START)
        leave(one, town.traffic_officer, END)
    assert refused(confirm, shift, town.traffic_officer, END, shown) == code
    assert SheetChanged.code == "sheet_changed"
    assert [one.state for one in shift.attendances] == ["left" if code else "confirmed"] * 2


def test_five_searches_in_vain_within_ten_minutes_are_too_many(town: Town) -> None:
    """As long as the first of them lies within ten minutes; of anybody else's none counts."""
    for _ in range(4):
        note_miss(town.coordinator, town.office, NOW, "name")
    note_miss(town.chief, town.office, NOW, "name")
    assert refused(check_misses, town.coordinator, NOW) is None
    note_miss(town.coordinator, town.office, NOW, "name")
    ends = NOW + timedelta(minutes=10)
    assert [refused(check_misses, town.coordinator, at) for at in (NOW, ends - SECOND, ends)] == [
        TooManyMisses.code,
        TooManyMisses.code,
        None,
    ]
    assert refused(check_misses, town.chief, NOW) is None


def test_a_scheme_is_put_in_force_by_another_and_never_an_older_one_over_a_newer(prepared: Prepared) -> None:
    """3.3."""
    town = prepared.town
    older, newer = (
        schemes.draft(prepared.office, "考察办法", "custom", Terms(), town.coordinator, NOW) for _ in range(2)
    )
    assert refused(schemes.approve, newer, town.coordinator, NOW) == OwnDraft.code
    assert refused(schemes.approve, newer, town.chief, NOW) is None
    assert refused(schemes.approve, older, town.chief, NOW) == OlderDraft.code
    assert (older.state, newer.state) == ("draft", "in_force")


def test_hours_are_disputed_once_the_shift_is_over_and_when_handed_on(town: Town, crossing: Crossing) -> None:
    """8.5, 8.6: what is confirmed and not final is taken back, not corrected."""
    shift, grounds = crossing.shift(), Grounds("he left early", "other", "camera")
    one, other = crossing.booked(shift, crossing.person(), crossing.person())
    assert refused(ask, one, SHORTER, one.person, END - SECOND, "wrong") == NotDisputable.code
    for row in (one, other):
        arrive(row, town.traffic_officer, START)
        leave(row, town.traffic_officer, END)
    confirm(shift, town.traffic_officer, END)
    assert refused(propose, one, SHORTER, grounds, town.coordinator, END) == NotFinalYet.code
    append_due(END + timedelta(minutes=10))
    assert refused(ask, one, SHORTER, one.person, END, "I left early") is None
    transfer(other.assessment, town.other_office, town.prosecutor, END + timedelta(hours=1), "moved")
    assert refused(ask, other, SHORTER, other.person, END, "wrong") is None
    assert history(other)[-1] == "attendance.credit"


OF_ONE: dict[str, Callable[[Attendance, Person], object]] = {
    "arrive": lambda one, by: arrive(one, by, START),
    "leave": lambda one, by: leave(one, by, END),
    "send home": lambda one, by: send_home(one, by, END, "unwell"),
    "correct a tick": lambda one, by: correct_tick(one, "in", START, by, END, "typed wrongly"),
    "miss": lambda one, by: miss(one, by, END),
    "strike out": lambda one, by: strike_out(one, by, END, "another row"),
    "restore": lambda one, by: restore(one, by, END),
    "arrive anew": lambda one, by: arrive_anew(one, by, END),
}
OF_ALL: dict[str, Callable[[Attendance, Person], object]] = {
    "tick all": lambda one, by: tick_all(one.shift, by, END),
    "confirm": lambda one, by: confirm(one.shift, by, END),
    "close": lambda one, by: close(one.shift, by, END),
    "call": lambda one, by: call(one, by, END),
}


def test_no_verb_of_an_officer_is_for_who_is_not_posted_for_oneself_or_for_who_is_near(
    town: Town, crossing: Crossing
) -> None:
    """D-28, D-29, I15: whatever the state, and before it is asked; who is posted and far from him ticks."""
    shift = crossing.shift()
    [one] = crossing.booked(shift, crossing.person())
    colleague = enter_person({"name": "吴民警"}, town.office, by=None, at=NOW)
    for person in (one.person, colleague):
        give_membership(person, town.office, "traffic_officer", starts_on=date(2026, 1, 1), by=None, at=NOW)
    said = {verb: refused(do, one, colleague) for verb, do in {**OF_ONE, **OF_ALL}.items()}
    assert said == dict.fromkeys((*OF_ONE, *OF_ALL), NotPosted.code)
    for person in (one.person, colleague):
        post_officer(shift, person, town.coordinator, NOW, "short of hands")
    declare(one, colleague, "kin", colleague, NOW)
    assert {verb: refused(do, one, one.person) for verb, do in OF_ONE.items()} == dict.fromkeys(
        OF_ONE, NotForOneself.code
    )
    assert {verb: refused(do, one, colleague) for verb, do in OF_ONE.items()} == dict.fromkeys(
        OF_ONE, NotWithAnInterest.code
    )
    assert refused(OF_ONE["arrive"], one, town.traffic_officer) is None


def test_somebody_is_sent_home_by_a_posted_officer_with_a_reason_while_he_is_here(
    town: Town, crossing: Crossing
) -> None:
    """8.4 `sent_home`, D-28, D-29."""
    shift, officer = crossing.shift(), town.traffic_officer
    [one] = crossing.booked(shift, crossing.person())
    assert refused(send_home, one, officer, START, "unwell") == OffCourse.code
    arrive(one, officer, START)
    assert refused(send_home, one, officer, START, "  ") == TickReasonNeeded.code
    assert refused(send_home, one, town.neighbour("traffic_officer"), START, "unwell") == NotPosted.code
    assert refused(send_home, one, officer, START + timedelta(minutes=20), " unwell ") is None
    assert (one.state, one.outcome, one.ticks[-1].reason) == ("left", "sent_home", "unwell")


def test_a_shift_is_closed_when_nothing_is_open_by_hand_at_once_by_the_program_a_day_later(
    town: Town, crossing: Crossing
) -> None:
    """8.3 `close`: every attendance confirmed, credited, absent, missed or cancelled."""
    shift, empty = crossing.shift(), crossing.shift(post=crossing.post("人民路口"))
    [one] = crossing.booked(shift, crossing.person())
    arrive(one, town.traffic_officer, START)
    leave(one, town.traffic_officer, END)
    assert refused(close, shift, town.traffic_officer, END) == StillOpen.code
    a_day_later = END + timedelta(days=1)
    assert [close_settled(at) for at in (a_day_later, a_day_later + SECOND)] == [0, 1]
    db.session.expire_all()
    assert (shift.state, empty.state) == ("open", "closed")
    confirm(shift, town.traffic_officer, END)
    assert refused(close, shift, town.traffic_officer, END) is None
    assert (shift.state, one.state, len(all_of(type(one)))) == ("closed", "credited", 1)
