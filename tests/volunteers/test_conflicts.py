"""Paper beside phone, and two times that differ: nobody merges them, a person chooses (D-28, I45, SETTLED 1)."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError, IntegrityError

from accounts.models import Person
from exchange.actions.taking import take_seen
from exchange.looking import Seen
from exchange.taking import Options, taker
from extensions import db
from record.act import act, history
from record.invariants import broken
from tests.accounts.visitor import text_of
from tests.engines import grown
from tests.racing import race
from tests.town import NOW, Town, local
from tests.volunteers.conftest import Crossing, all_of, officer_called
from tests.volunteers.phone import Days, Kept, Phone
from tests.volunteers.test_confirmation import word
from volunteers.actions.booking import book
from volunteers.actions.confirmation import confirm, sheet
from volunteers.actions.conflicts import NoConflict, choose, in_conflict
from volunteers.actions.corrections import Grounds, approve, propose
from volunteers.actions.credit import append_due
from volunteers.actions.delivery import Delivered, deliver, press_again
from volunteers.actions.obstacles import assessment_at
from volunteers.actions.postings import post_officer
from volunteers.actions.ticks import (
    Device,
    NotPosted,
    TickReasonNeeded,
    arrive,
    correct_tick,
    leave,
    miss,
    standing_of,
)
from volunteers.actions.walk_in import admit
from volunteers.models.attendance import Attendance, Tick, TickChoice, TickKind

START, END, AFTER = (local(f"2026-11-25 {at}") for at in ("07:30", "09:00", "09:05"))
HEAD = "日期,岗位,姓名,签到,签退,民警,认定时长(分钟),备注\n"


def bring(town: Town, *rows: str) -> Seen:
    """Take a paper sheet of November."""
    found = taker("signins")
    assert found is not None
    options = Options(on=date(2026, 11, 26), year_month=(2026, 11))
    content = (HEAD + "\n".join(rows) + "\n").encode()
    by = town.coordinator
    return take_seen(town.office, found, content, file_name="签到.csv", options=options, by=by, at=AFTER)[1]


def row(name: str, came: str, left: str) -> str:
    return f"2026-11-25,客运站前广场,{name},{came},{left},朱交警,,"


@grown("ticked")
def tick_one(town: Town) -> None:
    crossing = Crossing(town)
    [one] = crossing.booked(crossing.shift(), crossing.person("甲"))
    arrive(one, town.traffic_officer, local("2026-11-25 07:41"), Device("phone", local("2026-11-25 07:41")))
    leave(one, town.traffic_officer, END)


@pytest.fixture
def ticked(town: Town) -> Attendance:
    [one] = all_of(Attendance)
    return one


def stated(one: Attendance) -> list[tuple[str, str, str]]:
    return [(t.kind, f"{t.at + timedelta(hours=8):%H:%M}", t.device) for t in sorted(one.ticks, key=lambda t: t.id)]


def fresh(one: Attendance) -> Attendance:
    db.session.expire_all()
    return db.session.get_one(Attendance, one.id)


def test_a_sheet_is_put_beside_what_a_phone_recorded_and_nobody_merges_them(town: Town, ticked: Attendance) -> None:
    seen = bring(town, row("甲", "7:30", "9:00"))
    one = fresh(ticked)
    assert (seen.judged.taken, len(all_of(Attendance)), one.from_paper, one.state) == (1, 1, False, "left")
    assert stated(one) == [
        ("in", "07:41", "phone"),
        ("out", "09:00", ""),
        ("in", "07:30", "paper"),
        ("out", "09:00", "paper"),
    ]
    assert [line.problem for line in sheet(one.shift, town.traffic_officer)] == ["disagree"]
    assert (bring(town, row("甲", "7:30", "9:00")).judged.already_there, len(all_of(Tick))) == (1, 4)
    assert broken() == []


def test_whoever_came_as_an_extra_and_by_the_time_chosen_left_early_has_left_early(
    town: Town, crossing: Crossing
) -> None:
    """As it is where the time is entered at once."""
    shift, officer = crossing.shift(), town.traffic_officer
    one = admit(shift, assessment_at(crossing.person(), town.office.id), officer, START)
    leave(one, officer, END)
    second = officer_called(town, "吴民警")
    post_officer(shift, second, town.coordinator, NOW, "two")
    correct_tick(one, "out", local("2026-11-25 08:00"), second, AFTER, "seen")
    correct_tick(one, "out", END, second, AFTER, "a mistake")
    assert (one.outcome, one.fault) == ("extra", None)
    at_eight = deliver(shift, one, Delivered(uuid.uuid4(), TickKind.OUT, local("2026-11-25 08:00")), second, AFTER)
    choose(one, at_eight, officer, AFTER, "he went at eight")
    assert (one.outcome, one.fault, broken()) == ("left_early", "person", [])


def test_a_sheet_that_says_the_same_is_no_conflict(town: Town, ticked: Attendance) -> None:
    """Within a minute the earlier arrival and the later leaving are proposed; both sides of the edge."""
    bring(town, row("甲", "7:40", "9:00"))
    [line] = sheet(fresh(ticked).shift, town.traffic_officer)
    assert (line.problem, line.minutes) == ("", 80)


def test_who_had_only_booked_stands_on_the_sheet_and_waits_for_his_officer(town: Town, crossing: Crossing) -> None:
    [one, other] = crossing.booked(crossing.shift(), crossing.person("甲"), crossing.person("乙"))
    assert bring(town, row("甲", "7:30", "9:00"), row("乙", "7:35", "")).judged.taken == 2
    assert (fresh(one).state, fresh(other).state, len(all_of(Attendance))) == ("left", "arrived", 2)
    results = confirm(fresh(one).shift, town.traffic_officer, AFTER)
    assert [(r.minutes, r.problem) for r in results] == [(90, ""), (0, "not_left")]
    assert broken() == []


def test_what_is_settled_stays_and_the_paper_is_what_a_correction_rests_on(town: Town, crossing: Crossing) -> None:
    [one] = crossing.booked(crossing.shift(), crossing.person("甲"))
    miss(one, town.traffic_officer, END)
    bring(town, row("甲", "7:30", "9:00"))
    one = fresh(one)
    assert (one.state, [t.device for t in one.ticks]) == ("no_show", ["paper", "paper"])
    made = propose(one, (START, END), Grounds("he is on the sheet", "paper", "25 Nov"), town.coordinator, AFTER)
    approve(made, town.squad_leader, AFTER, "his signature")
    assert (one.state, broken()) == ("credited", [])


def test_one_of_two_times_is_chosen_with_a_reason_and_both_stay(town: Town, ticked: Attendance) -> None:
    bring(town, row("甲", "7:30", "8:30"))
    one, officer = fresh(ticked), town.traffic_officer
    phone, paper = next(t for t in one.ticks if t.device == "phone"), [t for t in one.ticks if t.device == "paper"]
    assert {kind: len(ticks) for kind, ticks in in_conflict(one, 1).items()} == {"in": 2, "out": 2}
    with pytest.raises(TickReasonNeeded):
        choose(one, paper[0], officer, AFTER, " ")
    choose(one, paper[0], officer, AFTER, "the phone was late")
    with pytest.raises(NoConflict):
        choose(one, phone, officer, AFTER, "once more")
    choose(one, paper[1], town.squad_leader, AFTER, "I saw him go")
    assert (standing_of(one).disagree, one.outcome, len(one.ticks)) == (False, "left_early", 4)
    assert [r.minutes for r in confirm(one.shift, officer, AFTER)] == [60]
    assert history(one)[-3:] == ["attendance.settle_conflict", "attendance.settle_conflict", "attendance.confirm"]
    append_due(AFTER + timedelta(minutes=10))
    assert broken() == []


def test_a_later_time_is_compared_with_the_chosen_one_anew(town: Town, ticked: Attendance) -> None:
    bring(town, row("甲", "7:30", "9:00"))
    one, officer = fresh(ticked), town.traffic_officer
    chosen = next(t for t in one.ticks if t.device == "phone")
    choose(one, chosen, officer, AFTER, "the sheet was filled in afterwards")
    assert standing_of(one).came_at == chosen.at
    correct_tick(one, "in", local("2026-11-25 07:35"), officer, AFTER, "I looked again")
    assert (standing_of(one).came_at, standing_of(one).disagree) == (local("2026-11-25 07:35"), False)


def test_the_database_lets_nobody_confirm_while_two_times_differ(town: Town, ticked: Attendance) -> None:
    """I45, past the actions, on both engines: until a person has chosen."""
    bring(town, row("甲", "7:30", "9:00"))
    one = fresh(ticked)
    with pytest.raises(IntegrityError, match="confirmation_of_ticks_that_agree"), act("x", one, by=None, at=AFTER):
        db.session.add(word(one, town.traffic_officer, 79))
        db.session.flush()
    one = fresh(one)
    choose(one, next(t for t in one.ticks if t.device == "phone"), town.traffic_officer, AFTER, "so it was")
    for write in ("UPDATE tick_choice SET reason = 'x'", "DELETE FROM tick_choice"):
        with pytest.raises(DBAPIError) as refused, act("x", one, by=None, at=AFTER):
            db.session.execute(db.text(write))
        assert "tick_choice_is_append_only" in str(refused.value) or "permission denied" in str(refused.value)
    with act("x", fresh(one), by=None, at=AFTER):
        db.session.add(word(one, town.traffic_officer, 79))


def test_of_two_who_choose_at_once_one_wins(app: Flask, town: Town, ticked: Attendance) -> None:
    bring(town, row("甲", "7:30", "9:00"))
    one = fresh(ticked)
    key, people = one.id, (town.traffic_officer.id, town.squad_leader.id)
    ids = [tick.id for tick in one.ticks if tick.kind == "in"]

    def press(turn: int) -> str:
        tick, by = db.session.get_one(Tick, ids[turn]), db.session.get_one(Person, people[turn])
        choose(db.session.get_one(Attendance, key), tick, by, AFTER, "seen")
        return "chosen"

    assert sorted(race(app, [partial(press, turn) for turn in range(2)])) == ["chosen", "no_conflict"]
    assert len(all_of(TickChoice)) == 1


def test_on_the_sheet_both_stand_side_by_side_with_the_button_that_chooses(town: Town, crossing: Crossing) -> None:
    days = Days(crossing)
    person, officer, shift = days.person("甲"), Kept(town.traffic_officer), days.shift(-1)
    starts_at = shift.event.starts_at
    one = Kept(book(shift.row(), person.row(), town.coordinator, starts_at - timedelta(days=1)))
    arrive(one.row(), officer.row(), starts_at)
    leave(one.row(), officer.row(), shift.event.ends_at)
    paper(one.row(), starts_at + timedelta(minutes=20), officer.row())
    phone = Phone(town, officer, f"/crossing/{shift.public_id}/confirmation")
    assert ("17:50 (paper)" in phone.text, "17:30 (ticked)" in phone.text) == (True, True)
    phone.tap("Choose")
    assert ("On paper" in phone.text, "Which arrival counts?" in phone.text) == (True, True)
    tick = next(t.public_id for t in all_of(Tick) if t.device == "paper")
    sent: dict[str, Any] = {"tick": str(tick), "reason": "the sheet was signed on the spot"}
    assert phone.browser.post(f"/crossing/people/{one.public_id}/times", {"tick": str(tick)}).status_code == 422
    assert phone.browser.post(f"/crossing/people/{one.public_id}/times", sent).status_code == 303
    told = text_of(phone.browser.get(f"/crossing/{shift.public_id}/confirmation"))
    assert "1 hour 10 minutes" in told
    assert town.browser(town.coordinator).get(f"/crossing/people/{one.public_id}/times").status_code == 403
    assert town.browser(town.squad_leader).get(f"/crossing/people/{one.public_id}/times").status_code == 200


def paper(one: Attendance, came_at: datetime, officer: Person) -> None:
    with act("attendance.enter_from_paper", one, by=None, at=datetime.now(UTC)):
        said = {"kind": "in", "at": came_at, "server_at": datetime.now(UTC), "device": "paper", "by_id": officer.id}
        db.session.add(Tick(attendance_id=one.id, office_id=one.office_id, act_uid=one.public_id, **said))


def test_a_second_press_with_another_time_is_kept_beside_the_first_and_the_same_press_is_not(
    town: Town, crossing: Crossing
) -> None:
    """I45: to a minute it is the same press, however far its author's course has gone on."""
    officer, colleague = town.traffic_officer, officer_called(town, "马交警")
    [one] = crossing.booked(crossing.shift(), crossing.person("甲"))
    post_officer(one.shift, colleague, town.coordinator, START, "help")
    assert press_again(one, TickKind.IN, officer, START) is None
    arrive(one, officer, START)
    for by, at, kept in (
        (officer, START + timedelta(minutes=1), False),
        (colleague, START + timedelta(seconds=61), True),
    ):
        assert (press_again(one, TickKind.IN, by, at) is not None) == kept
    assert (one.state, history(one)[-1]) == ("arrived", "attendance.deliver_tick")
    leave(one, officer, END)
    press_again(one, TickKind.OUT, colleague, END + timedelta(minutes=5))
    assert sorted(in_conflict(one, 1)) == ["in", "out"]
    with pytest.raises(NotPosted):
        press_again(one, TickKind.OUT, town.coordinator, END + timedelta(minutes=9))
    assert ([line.problem for line in sheet(one.shift, officer)], broken()) == (["disagree"], [])


def test_on_the_page_a_colleagues_late_press_makes_both_times_stand(town: Town, crossing: Crossing) -> None:
    """And what a stop from elsewhere ticked says that its author was not there."""
    days = Days(crossing)
    shift = days.shift(0)
    one = Kept(book(shift, days.person(), town.coordinator, shift.event.starts_at - timedelta(days=1)))
    arrive(one.row(), town.traffic_officer, shift.event.starts_at)
    phone = Phone(town, town.traffic_officer, f"/crossing/{shift.public_id}")
    assert "Times differ" not in phone.text
    for _ in range(2):
        phone.page = phone.browser.post(f"/crossing/people/{one.public_id}/arrival")
    assert len(all_of(Tick)) == 2
    desk = town.browser(town.coordinator)
    desk.post(f"/crossing/{shift.public_id}/stop", {"why": "weather"})
    page = text_of(phone.browser.get(f"/crossing/people/{one.public_id}"))
    assert "ended the shift for all from elsewhere" in page
    phone.page = phone.browser.get(f"/crossing/{shift.public_id}")
    assert "Times differ" in phone.text
    both = text_of(phone.tap("More…").tap("Choose between the times").page)
    assert "ticked by 朱交警" in both
