"""Where the scheme asks for it, hours count once the squad leader has signed (D-29, DOMAIN 3.3, I11, I16)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError, IntegrityError

from accounts.actions.people import enter_person, give_membership
from accounts.actions.settings import change_setting
from accounts.models import Person
from accounts.setting_values import Value
from extensions import db
from record.act import act, history
from record.invariants import broken
from record.models import Message
from tests.accounts.visitor import text_of
from tests.engines import grown
from tests.racing import race
from tests.town import NOW, Town, local
from tests.volunteers.conftest import DAY, Crossing, all_of
from tests.volunteers.phone import Days, Kept, Phone
from tests.volunteers.test_confirmation import entry
from volunteers.actions.booking import book
from volunteers.actions.confirmation import confirm
from volunteers.actions.countersign import (
    NotYourSignature,
    SendingBackNeedsReason,
    SignedAlready,
    WeekChanged,
    final_ones,
    rows_for,
    send_back,
    sent_back,
    sign,
)
from volunteers.actions.credit import append_due, credited_minutes
from volunteers.actions.interests import declare
from volunteers.actions.ticks import arrive, correct_tick, tick_all
from volunteers.models.ledger import Confirmation, CreditEntry
from volunteers.models.shifts import Shift

AFTER, FINAL = local("2026-11-25 09:05"), local("2026-11-25 09:15")


def to_be_signed(town: Town, at: datetime = NOW) -> None:
    value = Value("squad_leader")
    change_setting(town.office, "service.countersign", value, by=town.chief, at=at, reason="as agreed")


@grown("signable")
def confirm_three(town: Town) -> None:
    crossing = Crossing(town)
    to_be_signed(town)
    whole, late, other = crossing.booked(crossing.shift(), *(crossing.person() for _ in range(3)))
    arrive(late, town.traffic_officer, local("2026-11-25 07:50"))
    tick_all(whole.shift, town.traffic_officer, AFTER)
    correct_tick(other, "out", local("2026-11-25 08:30"), town.traffic_officer, AFTER, "he left at half past")
    confirm(whole.shift, town.traffic_officer, AFTER)


@pytest.fixture
def signable(town: Town) -> list[Confirmation]:
    return all_of(Confirmation)


def test_nothing_counts_before_the_squad_leader_has_signed_and_then_at_once(
    town: Town, signable: list[Confirmation]
) -> None:
    leader, shift = town.squad_leader, signable[0].attendance.shift
    shifts = db.select(Shift.id)
    assert [one.to_countersign for one in signable] == [True] * 3
    assert (append_due(FINAL + timedelta(days=1)), all_of(CreditEntry)) == (0, [])
    assert list(db.session.scalars(final_ones(shifts, FINAL - timedelta(seconds=1)))) == []
    found = list(db.session.scalars(final_ones(shifts, FINAL)))
    rows = rows_for(found, leader, DAY)
    assert sorted((row.bar, row.confirmation.minutes, sorted(row.marks)) for row in rows) == [
        ("", 60, ["corrected", "left_early", "other_minutes"]),
        ("", 70, ["late", "other_minutes"]),
        ("", 90, []),
    ]
    with pytest.raises(WeekChanged):
        sign(found, leader, FINAL, (3, 219))
    assert sign(found, leader, FINAL, (3, 220)) == 3
    assert sorted(e.minutes for e in all_of(CreditEntry)) == [60, 70, 90]
    assert [(c.countersigned_by_id, c.countersigned_at, c.credited_at) for c in all_of(Confirmation)] == [
        (leader.id, FINAL, FINAL)
    ] * 3
    assert ("shift.countersign" in history(shift), credited_minutes(signable[0].attendance.assessment)) == (True, 90)
    with pytest.raises(SignedAlready) as refusal:
        sign(found[:1], leader, FINAL)
    assert refusal.value.facts == {"name": "秦队长", "at": FINAL}
    assert broken() == []


def test_what_is_not_signed_goes_back_with_a_reason_and_can_be_confirmed_anew(
    town: Town, signable: list[Confirmation]
) -> None:
    one, leader = signable[0], town.squad_leader
    attendance = one.attendance
    with pytest.raises(SendingBackNeedsReason):
        send_back(one, leader, FINAL, " ")
    send_back(one, leader, FINAL, "I saw him leave at eight")
    assert (attendance.state, one.undone_at, one.sent_back_by) == ("left", FINAL, leader)
    told = [m.template for m in all_of(Message, Message.recipient_id == town.traffic_officer.id)]
    assert told[-1] == "volunteers/sent_back"
    assert list(sent_back(attendance.shift)) == [attendance.id]
    with pytest.raises(SignedAlready):
        sign([one], leader, FINAL)
    correct_tick(attendance, "out", local("2026-11-25 08:00"), town.traffic_officer, FINAL, "he did leave at eight")
    confirm(attendance.shift, town.traffic_officer, FINAL)
    again = all_of(Confirmation)[-1]
    assert (again.minutes, again.to_countersign, sent_back(attendance.shift)) == (30, True, {})
    sign([again], leader, FINAL + timedelta(minutes=10))
    assert ([e.minutes for e in all_of(CreditEntry)], broken()) == ([30], [])


def test_never_for_oneself_for_kin_or_for_what_one_confirmed_oneself(town: Town, signable: list[Confirmation]) -> None:
    """TRUST 2: a squad leader who confirms does so as a posted officer, and then another one countersigns."""
    one, other, _ = signable
    leader, shift = town.squad_leader, one.attendance.shift
    colleague = enter_person({"name": "副队长"}, town.office, by=None, at=NOW)
    squad = shift.squad
    give_membership(
        colleague, town.office, "squad_leader", starts_on=date(2026, 1, 1), by=None, at=NOW, organisation=squad
    )
    declare(one.attendance, leader, "kin", leader, FINAL)
    with pytest.raises(NotYourSignature):
        sign([one], leader, FINAL)
    with pytest.raises(NotYourSignature):
        send_back(one, leader, FINAL, "kin")
    with pytest.raises(IntegrityError, match="not_with_a_declared_interest_countersigns"):
        signed_past_the_action(one, leader)
    with pytest.raises(IntegrityError, match="countersigned_by_another"):
        signed_past_the_action(other, town.traffic_officer)
    with pytest.raises(IntegrityError, match="not_countersigned_for_oneself"):
        signed_past_the_action(other, other.attendance.person)
    assert sign([one], colleague, FINAL) == 1
    assert broken() == []


def signed_past_the_action(one: Confirmation, by: Person) -> None:
    try:
        with act("x", one, by=by, at=FINAL):
            one.countersigned_by_id, one.countersigned_at = by.id, FINAL
            db.session.flush()
    finally:
        db.session.expire_all()


def test_the_database_credits_nothing_unsigned_and_no_signature_is_taken_back(
    town: Town, signable: list[Confirmation]
) -> None:
    one = signable[0]
    with pytest.raises(IntegrityError, match="credit_of_a_standing_confirmation"), act("x", one, by=None, at=FINAL):
        db.session.add(entry(one, 90))
        db.session.flush()
    db.session.expire_all()
    sign([one], town.squad_leader, FINAL)
    for change in ({"to_countersign": False}, {"countersigned_at": None, "countersigned_by_id": None}):
        with pytest.raises(DBAPIError) as refused, act("x", one, by=None, at=FINAL):
            for name, value in change.items():
                setattr(one, name, value)
            db.session.flush()
        assert re.search(r"confirmation_is_settled|signed_before_it_counts", str(refused.value))
        db.session.expire_all()
    assert broken() == []


def test_of_two_presses_at_once_one_wins_and_the_other_reads_who(
    app: Flask, town: Town, signable: list[Confirmation]
) -> None:
    key, leader_id = signable[0].id, town.squad_leader.id

    def press(what: str) -> str:
        one, leader = db.session.get_one(Confirmation, key), db.session.get_one(Person, leader_id)
        try:
            sign([one], leader, FINAL) if what == "sign" else send_back(one, leader, FINAL, "look again")
        except SignedAlready as refusal:
            return f"{refusal.code} {refusal.facts['name']}"
        return what

    outcomes = sorted(race(app, [partial(press, what) for what in ("sign", "return")]))
    assert outcomes in (["return", "signed_already 秦队长"], ["sign", "signed_already 秦队长"])
    attendance = db.session.get_one(Confirmation, key).attendance
    assert (attendance.state, len(all_of(CreditEntry))) == (("credited", 1) if "sign" in outcomes else ("left", 0))
    assert broken() == []


def test_the_leaders_page_of_a_week(town: Town, crossing: Crossing) -> None:
    """Signed in one press; one row goes back and stands before its officer with the reason."""
    to_be_signed(town, datetime.now(UTC) - timedelta(days=5))
    days = Days(crossing)
    shift, officer = days.shift(-1), Kept(town.traffic_officer)
    past = datetime.now(UTC) - timedelta(hours=1)
    people = [days.person(name) for name in ("甲", "乙")]
    made = [
        Kept(book(shift.row(), one.row(), town.coordinator, shift.event.starts_at - timedelta(days=1)))
        for one in people
    ]
    tick_all(shift.row(), officer.row(), past)
    confirm(shift.row(), officer.row(), past)
    leader = Phone(town, Kept(town.squad_leader), "/")
    assert "2 confirmations to countersign" in leader.text
    leader.tap("Look and sign")
    assert "Sign the week: 2 rows, 3 hours" in re.sub(r"\s+", " ", leader.text)
    assert "counts once the squad leader has signed" in Phone(town, people[0], "/hours").text
    [row] = [c.public_id for c in all_of(Confirmation) if c.attendance_id == made[1].row().id]
    back = re.findall(r'action="(/countersign/[^"]+/return)"', leader.markup)[0]
    stale = leader.markup
    leader.page = leader.browser.post(back, {"row": str(row), "reason": "he was not there"})
    leader.follow()
    whole = re.findall(r'action="(/countersign/[^"]+/signature)"', stale)[0]
    refused = leader.browser.post(whole, {"people": "2", "minutes": "180"})
    assert (refused.status_code, "Nothing was signed" in text_of(refused)) == (409, True)
    leader.tap("Sign the week")
    assert "Signed: 1 row counts now." in leader.text
    assert "1.5 of 20 hours" in Phone(town, people[0], "/hours").text
    page = Phone(town, officer, f"/crossing/people/{made[1].public_id}").text
    assert "Not signed by 秦队长: he was not there." in page
