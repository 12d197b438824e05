"""Codes at the crossing: taken once, refused for one of four reasons, each attempt a fact; claims; ticks that come late
(D-28; TRUST T03, T04, I46, 7.2)."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest
import segno
from flask import Flask
from sqlalchemy.exc import IntegrityError

from accounts.actions.people import enter_person, give_membership
from accounts.models import Person
from extensions import db
from record.act import act, history
from record.course import OffCourse
from record.invariants import broken
from tests.racing import race
from tests.town import NOW, Town
from tests.volunteers.conftest import Crossing, all_of
from volunteers.actions.booking import cancel
from volunteers.actions.delivery import Delivered, TickIdReused, deliver
from volunteers.actions.mistakes import strike_out
from volunteers.actions.postings import post_officer
from volunteers.actions.presence import ForOneselfOnly, claim, may_claim, screen_code
from volunteers.actions.scan import TooManyTries, at_hand, person_code, printed_code, redeem
from volunteers.actions.ticks import (
    Device,
    Means,
    NotPosted,
    TooEarlyToArrive,
    arrive,
    leave,
    make_tick,
    standing_of,
)
from volunteers.models.attendance import Attendance, Tick, TickKind, TickMethod
from volunteers.models.scan import PresenceClaim, ScanAttempt
from volunteers.models.shifts import Shift
from volunteers.rules.scan import Why, digits_of, judge_age, read, step_at, typed

STEP = timedelta(seconds=30)


class Scene:
    """A shift with two booked and two officers, at the edge of a step of time half an hour before it begins."""

    def __init__(self, town: Town, crossing: Crossing) -> None:
        self.town, self.crossing = town, crossing
        self.shift = crossing.shift()
        self.one, self.other = crossing.booked(self.shift, crossing.person("李小明"), crossing.person("王芳"))
        self.officer = town.traffic_officer
        self.second = enter_person({"name": "陈交警"}, town.office, by=None, at=NOW)
        give_membership(self.second, town.office, "traffic_officer", starts_on=date(2026, 1, 1), by=None, at=NOW)
        post_officer(self.shift, self.second, town.coordinator, NOW, "two at a busy hour")
        self.at: datetime = self.shift.event.starts_at - timedelta(minutes=30)
        self.end: datetime = self.shift.event.ends_at

    def code(self, at: datetime | None = None, one: Attendance | None = None) -> str:
        shown = person_code(one or self.one, at or self.at)
        assert shown is not None
        return shown.text

    def digits(self, at: datetime) -> str:
        shown = person_code(self.one, at)
        assert shown is not None
        return shown.digits

    def scan(self, said: str, at: datetime | None = None, by: Person | None = None) -> str:
        """What came of it, in a word."""
        done = redeem(self.shift, said, by or self.officer, at or self.at, Device("phone"))
        if done.attempt is not None:
            return done.attempt.why
        return done.tick.method + " " + done.tick.kind if done.tick else "here"


@pytest.fixture
def scene(town: Town, crossing: Crossing) -> Scene:
    return Scene(town, crossing)


# Rules


def test_a_code_holds_no_personal_fact_and_fits_the_second_smallest_of_all_qr_codes(scene: Scene) -> None:
    for text in (scene.code(), printed_code(scene.one), screen_code(scene.shift.postings[0], scene.at).text):
        made = segno.make(text, error="m")
        assert (made.version, made.mode) == (2, "alphanumeric")
        code = read(text)
        assert code is not None and code.key in {
            row.public_id.bytes[:8] for row in (scene.one, scene.shift.postings[0])
        }
    assert scene.code() != scene.code(scene.at + STEP)


@pytest.mark.parametrize(
    ("behind", "why"),
    [
        (-1, Why.FOREIGN),
        (0, None),
        (1, None),
        (2, Why.SCREENSHOT),
        (21, Why.SCREENSHOT),
        (22, Why.OLD),
        (9999, Why.OLD),
    ],
)
def test_a_code_runs_for_its_step_and_the_next_then_it_was_kept_and_later_it_is_old(
    behind: int, why: Why | None
) -> None:
    """D-28, T03."""
    assert judge_age(step_at(NOW, 30) - behind, NOW, 30) == why


def test_digits_are_read_however_they_are_grouped_and_nothing_else_is_a_code() -> None:
    assert [typed(text) for text in ("482 913", "482913", "４８２-９１３", "48291", "482 91X")] == ["482913"] * 3 + [
        None
    ] * 2
    assert [read(text) for text in ("", "https://example.org", "P" + "A" * 35, "K" + "A" * 36, "ü")] == [None] * 5
    assert digits_of("0" * 63 + "7") == "000007"


# The person's code


def test_a_code_notes_the_arrival_says_then_that_he_is_here_and_notes_the_leaving_after_the_end(scene: Scene) -> None:
    assert scene.scan(scene.code()) == "scan in"
    assert scene.scan(scene.code(scene.at + 3 * STEP), scene.at + 3 * STEP) == "here"
    assert scene.scan(scene.code(scene.end), scene.end) == "scan out"
    assert [(t.kind, t.method, t.at, t.device, t.code) for t in scene.one.ticks] == [
        ("in", "scan", scene.at, "phone", str(step_at(scene.at, 30))),
        ("out", "scan", scene.end, "phone", str(step_at(scene.end, 30))),
    ]
    assert history(scene.one) == ["attendance.book", "attendance.arrive", "attendance.leave"]
    assert (person_code(scene.one, scene.end), all_of(ScanAttempt), broken()) == (None, [], [])


def test_the_code_is_shown_from_an_hour_before_until_he_has_left(scene: Scene) -> None:
    opens = scene.shift.event.starts_at - timedelta(hours=1)
    assert [person_code(scene.one, opens - timedelta(seconds=1)) is None, person_code(scene.one, opens) is None] == [
        True,
        False,
    ]
    with pytest.raises(TooEarlyToArrive):
        redeem(scene.shift, printed_code(scene.one), scene.officer, opens - timedelta(seconds=1))


def test_the_shift_that_is_on_stands_above_one_that_is_over_and_was_never_left(scene: Scene) -> None:
    person, second = scene.one.person, scene.crossing.post("市一小门前", evening=(time(9, 30), time(11)))
    later = scene.crossing.booked(scene.crossing.shift(slot="evening", post=second), person)[0]
    arrive(scene.one, scene.officer, scene.at)
    soon = later.shift.event.starts_at - timedelta(hours=1)
    assert at_hand(person, soon - timedelta(minutes=1)) == [scene.one]
    assert at_hand(person, soon) == [scene.one, later]
    signing_out = scene.end + timedelta(minutes=29)
    assert at_hand(person, signing_out) == [scene.one, later]
    assert at_hand(person, signing_out + timedelta(minutes=1)) == [later, scene.one]


def test_a_code_is_refused_for_one_of_four_reasons_and_each_attempt_is_a_fact(scene: Scene) -> None:
    """T03."""
    elsewhere = scene.crossing.shift(post=scene.crossing.post("市一小门前"), on=scene.shift.starts_on)
    stranger = scene.crossing.booked(elsewhere, scene.crossing.person())[0]
    code = scene.code()
    assert scene.scan(code, scene.at + 2 * STEP) == "screenshot"
    assert scene.scan(code, scene.at + 22 * STEP) == "old"
    assert scene.scan(scene.code(one=stranger)) == "foreign"
    assert scene.scan(code[:-1] + ("A" if code[-1] != "A" else "Q")) == "foreign"
    assert scene.scan("https://example.org/") == "foreign"
    assert scene.scan(code) == "scan in"
    assert scene.scan(code, by=scene.second) == "used"
    assert [(a.why, a.attendance_id, a.by_id, a.device, a.server_at) for a in all_of(ScanAttempt)] == [
        ("screenshot", scene.one.id, scene.officer.id, "phone", scene.at + 2 * STEP),
        ("old", scene.one.id, scene.officer.id, "phone", scene.at + 22 * STEP),
        ("foreign", stranger.id, scene.officer.id, "phone", scene.at),
        ("foreign", None, scene.officer.id, "phone", scene.at),
        ("foreign", None, scene.officer.id, "phone", scene.at),
        ("used", scene.one.id, scene.second.id, "phone", scene.at),
    ]
    assert history(scene.shift).count("shift.refuse_code") == 6
    assert (len(scene.one.ticks), scene.other.state, stranger.state, broken()) == (1, "booked", "booked", [])


def test_who_gave_his_place_up_is_not_expected_and_only_a_posted_officer_reads_codes(scene: Scene) -> None:
    code = printed_code(scene.one)
    cancel(scene.one, scene.town.coordinator, scene.at - timedelta(hours=20))
    assert scene.scan(code) == "foreign"
    with pytest.raises(NotPosted):
        redeem(scene.shift, printed_code(scene.other), scene.town.coordinator, scene.at)


def test_typed_digits_stand_for_the_code_and_for_the_same_single_use(scene: Scene) -> None:
    digits, code = scene.digits(scene.at), scene.code()
    assert scene.scan(f"{digits[:3]} {digits[3:]}") == "typed in"
    assert scene.scan(code) == "used"
    assert scene.scan(digits) == "used"
    later = scene.at + 4 * STEP
    assert scene.scan(scene.digits(later), later + 5 * STEP) == "screenshot"


def test_whoever_guesses_is_stopped_and_the_name_can_be_ticked_all_the_same(scene: Scene) -> None:
    """T04."""
    known = {person_code(one, scene.at - n * STEP).digits for one in (scene.one, scene.other) for n in range(22)}  # type: ignore[union-attr]
    guesses = [f"{n:06}" for n in range(1000) if f"{n:06}" not in known][:10]
    assert {scene.scan(guess) for guess in guesses} == {"foreign"}
    with pytest.raises(TooManyTries):
        redeem(scene.shift, scene.code(), scene.officer, scene.at)
    assert scene.scan(scene.code(), by=scene.second) == "scan in"
    arrive(scene.other, scene.officer, scene.at)
    assert scene.scan(scene.code(scene.end), scene.end) == "scan out"


def test_a_printed_code_is_used_once_for_coming_and_once_for_leaving_and_on_no_other_shift(scene: Scene) -> None:
    printed = printed_code(scene.one)
    assert [scene.scan(printed, at) for at in (scene.at, scene.at + STEP, scene.end, scene.end + STEP)] == [
        "printed in",
        "here",
        "printed out",
        "used",
    ]
    assert [tick.method for tick in scene.one.ticks] == ["printed", "printed"]
    scene.shift = scene.crossing.shift(post=scene.crossing.post("市一小门前"), on=scene.shift.starts_on)
    assert scene.scan(printed_code(scene.other)) == "foreign"


def test_ticks_that_do_not_count_are_not_followed_by_a_scan(scene: Scene) -> None:
    scene.scan(scene.code())
    strike_out(scene.one, scene.officer, scene.at, "the wrong row")
    assert scene.scan(scene.code(scene.end), scene.end) == "here"


def test_whoever_comes_after_a_tick_that_was_a_mistake_is_ticked_in_by_his_code(scene: Scene) -> None:
    scene.scan(scene.code())
    strike_out(scene.one, scene.officer, scene.at, "the wrong row")
    later = scene.at + 5 * STEP
    assert (scene.scan(scene.code(later), later), scene.one.struck_out) == ("scan in", False)
    first, second = scene.one.ticks
    assert (second.replaces_id, second.reason, second.at) == (first.id, "the wrong row", later)


def test_the_database_takes_one_use_of_a_code_and_no_tick_by_a_code_without_one(scene: Scene) -> None:
    scene.scan(scene.code())
    for means in (Means(TickMethod.SCAN, str(step_at(scene.at, 30))), Means(TickMethod.SCAN), Means(code="1")):
        with pytest.raises(IntegrityError), act("attendance.leave", scene.one, by=scene.officer, at=scene.at):
            make_tick(
                scene.one, TickKind.OUT, stated=scene.at, by=scene.officer, at=scene.at, device=Device(), means=means
            )
    assert len(all_of(Tick)) == 1


def test_of_two_officers_who_read_one_code_at_once_one_ticks_and_one_is_told(app: Flask, scene: Scene) -> None:
    code, at, shift_id = scene.code(), scene.at, scene.shift.id
    officers = [scene.officer.id, scene.second.id] * 3

    def read_it(officer_id: int) -> str:
        done = redeem(db.session.get_one(Shift, shift_id), code, db.session.get_one(Person, officer_id), at)
        return done.attempt.why if done.attempt else "tick" if done.tick else "here"

    told = race(app, [partial(read_it, one) for one in officers])
    assert sorted(told) == ["tick"] + ["used"] * 5
    assert (len(all_of(Tick)), len(all_of(ScanAttempt)), broken()) == (1, 5, [])


# Claims of presence


def test_whoever_says_that_he_is_here_is_not_ticked_and_says_it_once(scene: Scene) -> None:
    """D-28, DOMAIN 8.4."""
    posting = next(one for one in scene.shift.postings if one.person_id == scene.officer.id)
    shown = screen_code(posting, scene.at)
    made = claim(scene.one, shown.text, scene.one.person, scene.at, Device("his phone"))
    assert isinstance(made, PresenceClaim)
    assert (made.officer_id, made.server_at, made.device) == (scene.officer.id, scene.at, "his phone")
    assert claim(scene.one, "anything", scene.one.person, scene.at + STEP).id == made.id
    assert claim(scene.other, shown.digits, scene.other.person, scene.at + STEP).server_at == scene.at + STEP
    assert (scene.one.state, scene.one.ticks, history(scene.one)) == (
        "booked",
        [],
        ["attendance.book", "attendance.claim_presence"],
    )
    arrive(scene.one, scene.officer, scene.at)
    assert (may_claim(scene.one, scene.at), may_claim(scene.other, scene.at), broken()) == (False, True, [])


def test_a_claim_by_a_stale_or_foreign_code_is_refused_and_stored(scene: Scene) -> None:
    posting = scene.shift.postings[0]
    code, me = screen_code(posting, scene.at).text, scene.one.person
    elsewhere = scene.crossing.shift(post=scene.crossing.post("市一小门前"), on=scene.shift.starts_on)
    tries = [
        (code, scene.at + 2 * STEP),
        (code, scene.at + 30 * STEP),
        (screen_code(elsewhere.postings[0], scene.at).text, scene.at),
        (scene.code(), scene.at),
    ]
    whys = [claim(scene.one, said, me, at).why for said, at in tries]  # type: ignore[union-attr]
    assert whys == ["screenshot", "old", "foreign", "foreign"]
    assert {attempt.by_id for attempt in all_of(ScanAttempt)} == {me.id}
    with pytest.raises(ForOneselfOnly):
        claim(scene.one, code, scene.other.person, scene.at)
    with pytest.raises(TooEarlyToArrive):
        claim(scene.one, code, me, scene.shift.event.starts_at - timedelta(minutes=61))
    arrive(scene.one, scene.officer, scene.at)
    with pytest.raises(OffCourse):
        claim(scene.one, code, me, scene.at)
    assert all_of(PresenceClaim) == []


# Ticks that come late


def late(scene: Scene, kind: TickKind, at: datetime, code: str = "") -> Delivered:
    return Delivered(uuid.uuid4(), kind, at, code)


def test_ticks_made_without_signal_come_to_the_same_in_either_order_however_often_they_are_sent(scene: Scene) -> None:
    """I46, F44."""
    came, left = late(scene, TickKind.IN, scene.at), late(scene, TickKind.OUT, scene.end)
    received = scene.end + timedelta(hours=5)
    for one, order in ((scene.one, (came, left)), (scene.other, (left, came))):
        mine = [Delivered(uuid.uuid4(), given.kind, given.device_at) for given in order]
        first = [deliver(scene.shift, one, given, scene.officer, received, "phone") for given in mine]
        again = [deliver(scene.shift, one, given, scene.officer, received + STEP, "phone") for given in reversed(mine)]
        assert [tick.id for tick in again] == [tick.id for tick in reversed(first)]
        assert (one.state, one.outcome, len(one.ticks)) == ("left", "attended", 2)
        known = standing_of(one)
        assert (known.came_at, known.left_at, known.disagree) == (scene.at, scene.end, False)
        assert {(tick.server_at, tick.device) for tick in one.ticks} == {(received, "phone")}
    with pytest.raises(TickIdReused):
        deliver(scene.shift, scene.other, Delivered(mine[0].client_id, TickKind.IN, scene.end), scene.officer, received)
    assert broken() == []


def test_a_late_tick_that_disagrees_is_a_conflict_and_neither_is_lost(scene: Scene) -> None:
    """I45, F47."""
    arrive(scene.one, scene.second, scene.at)
    leave(scene.one, scene.second, scene.end)
    deliver(scene.shift, scene.one, late(scene, TickKind.IN, scene.at + timedelta(minutes=9)), scene.officer, scene.end)
    assert (standing_of(scene.one).disagree, len(scene.one.ticks), scene.one.state) == (True, 3, "left")
    assert history(scene.one)[-1] == "attendance.deliver_tick"


def test_what_no_longer_fits_is_stored_all_the_same_and_nothing_follows_from_it(scene: Scene) -> None:
    cancel(scene.one, scene.town.coordinator, scene.at - timedelta(hours=20))
    after = scene.end + timedelta(hours=73)
    deliver(scene.shift, scene.one, late(scene, TickKind.IN, scene.at), scene.officer, scene.end)
    deliver(scene.shift, scene.other, late(scene, TickKind.IN, scene.at), scene.officer, after)
    assert ([one.state for one in (scene.one, scene.other)], len(all_of(Tick))) == (["cancelled", "booked"], 2)
    with pytest.raises(NotPosted):
        deliver(scene.shift, scene.other, late(scene, TickKind.IN, scene.at), scene.town.coordinator, after)


def test_a_code_read_without_signal_is_judged_by_the_time_of_the_phone_and_used_up_as_any_other(scene: Scene) -> None:
    code, received = scene.code(), scene.end
    tick = deliver(scene.shift, None, late(scene, TickKind.IN, scene.at, code), scene.officer, received)
    assert isinstance(tick, Tick) and (tick.method, tick.at, scene.one.state) == ("scan", scene.at, "arrived")
    refused: Any = [
        deliver(scene.shift, None, late(scene, TickKind.IN, at, code), scene.officer, received).why  # type: ignore[union-attr]
        for at in (scene.at, scene.at + timedelta(minutes=5))
    ]
    assert refused == ["used", "used"]
    printed = printed_code(scene.other)
    for kind, at in ((TickKind.OUT, scene.end), (TickKind.IN, scene.at)):
        deliver(scene.shift, None, late(scene, kind, at, printed), scene.officer, received)
    assert (scene.other.state, sorted(str(t.code) for t in scene.other.ticks)) == (
        "left",
        ["printed in", "printed out"],
    )
