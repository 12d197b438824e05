"""Never for kin or a declared interest: others of the shift speak for his hours (D-29, I15)."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from accounts.access import Viewer, find_for, may
from accounts.actions.people import enter_person, give_membership
from accounts.models import Person
from extensions import db
from record.act import act, history
from record.invariants import broken
from record.models import Message
from tests.accounts.visitor import text_of
from tests.town import NOW, Town, local
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.phone import Days, Kept, Phone
from tests.volunteers.prepared import Prepared
from tests.volunteers.test_confirmation import word
from volunteers.actions.autoplan import draft_plan, take_plan
from volunteers.actions.booking import book, cancel
from volunteers.actions.confirmation import NothingToConfirm, confirm, sheet
from volunteers.actions.corrections import Grounds, approve, propose
from volunteers.actions.credit import append_due
from volunteers.actions.delivery import Delivered, deliver
from volunteers.actions.ending import withdraw
from volunteers.actions.evaluation import ask_squad, evaluate, give_remark
from volunteers.actions.interests import (
    EndedBefore,
    NobodyElsePosted,
    NoInterestInOneself,
    NotHisToEnd,
    NotWithAnInterest,
    declare,
    end,
    without_officer,
)
from volunteers.actions.postings import post_officer
from volunteers.actions.steering import stop, stopping
from volunteers.actions.ticks import arrive, leave, miss, tick_all
from volunteers.actions.walk_in import admit
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance, Tick, TickKind
from volunteers.models.interests import Interest
from volunteers.rights import (
    BOOK_SHIFT,
    GIVE_REMARK,
    PREPARE_ASSESSMENT,
    RUN_ASSESSMENT,
    SEE_ASSESSMENT,
    WRITE_EVALUATION,
    InterestStands,
)

START, END = local("2026-11-25 07:30"), local("2026-11-25 09:00")
AFTER = local("2026-11-25 09:05")


def second_officer(town: Town) -> Person:
    other = enter_person({"name": "吴民警"}, town.office, by=None, at=NOW)
    give_membership(other, town.office, "traffic_officer", starts_on=date(2026, 1, 1), by=None, at=NOW)
    return other


def two(crossing: Crossing) -> list[Attendance]:
    return crossing.booked(crossing.shift(), crossing.person("侄子"), crossing.person("路人"))


def test_an_officer_who_has_declared_it_neither_ticks_nor_confirms_and_others_do(
    town: Town, crossing: Crossing
) -> None:
    kin, other = two(crossing)
    shift, officer = kin.shift, town.traffic_officer
    declare(kin, officer, "kin", officer, NOW)
    with pytest.raises(NobodyElsePosted):
        arrive(kin, officer, START)
    assert [one.id for one in without_officer(town.office, NOW + timedelta(days=2))] == [kin.id]
    colleague = second_officer(town)
    post_officer(shift, colleague, town.coordinator, NOW, "kin of the first one")
    with pytest.raises(NotWithAnInterest) as refusal:
        arrive(kin, officer, START)
    assert (refusal.value.facts, refusal.value.source) == ({"who": ["吴民警"]}, "DOMAIN D-29")
    assert without_officer(town.office, NOW + timedelta(days=2)) == []
    assert [one.id for one in tick_all(shift, officer, AFTER)] == [other.id]
    assert {line.attendance.id: line.problem for line in sheet(shift, officer)} == {kin.id: "interest", other.id: ""}
    assert [one.minutes for one in confirm(shift, officer, AFTER) if not one.problem] == [90]
    tick_all(shift, colleague, AFTER)
    with pytest.raises(NothingToConfirm):
        confirm_alone(shift, officer)
    assert [one.problem for one in confirm(shift, colleague, AFTER)] == [""]
    assert (kin.state, broken()) == ("confirmed", [])


def confirm_alone(shift: Any, officer: Person) -> None:
    if all(line.problem for line in sheet(shift, officer)):
        raise NothingToConfirm()


def test_the_database_refuses_the_word_of_whoever_is_too_near(town: Town, crossing: Crossing) -> None:
    """Past the actions, on both engines; what was said before stands."""
    kin, _ = two(crossing)
    officer = town.traffic_officer
    arrive(kin, officer, START)
    leave(kin, officer, END)
    declare(kin, officer, "acquaintance", town.coordinator, AFTER)
    with pytest.raises(IntegrityError, match="not_with_a_declared_interest_confirms"):
        with act("x", kin, by=officer, at=AFTER):
            db.session.add(word(kin, officer, 90))
            db.session.flush()
    with pytest.raises(IntegrityError, match="not_with_a_declared_interest_ticks"):
        with act("x", kin, by=officer, at=AFTER):
            said = {"kind": "out", "at": AFTER, "server_at": AFTER, "by_id": officer.id, "act_uid": kin.public_id}
            db.session.add(Tick(attendance_id=kin.id, office_id=kin.office_id, **said))
            db.session.flush()
    for write in ("DELETE FROM interest", "UPDATE interest SET officer_id = person_id + 1"):
        with pytest.raises(DBAPIError) as refused, act("x", kin, by=None, at=AFTER):
            db.session.execute(text(write))
        assert "interest_is_kept" in str(refused.value) or "permission denied" in str(refused.value)
    assert broken() == []


def test_whoever_is_too_near_proposes_and_decides_no_correction(town: Town, crossing: Crossing) -> None:
    kin, other = two(crossing)
    tick_all(kin.shift, town.traffic_officer, AFTER)
    confirm(kin.shift, town.traffic_officer, AFTER)
    append_due(AFTER + timedelta(minutes=10))
    seen = Grounds("left early", "other", "camera")
    hour = (START, START + timedelta(hours=1))
    declare(kin, town.squad_leader, "dispute", town.squad_leader, AFTER)
    with pytest.raises(NotWithAnInterest):
        propose(kin, hour, seen, town.squad_leader, AFTER)
    made = propose(kin, hour, seen, town.coordinator, AFTER)
    with pytest.raises(NotWithAnInterest) as refusal:
        approve(made, town.squad_leader, AFTER, "seen")
    assert refusal.value.facts == {"who": ["王检长"]}
    with pytest.raises(IntegrityError, match="not_with_a_declared_interest_decides"):
        with act("x", made, by=None, at=AFTER):
            made.decided_by_id, made.decided_at, made.decision = town.squad_leader.id, AFTER, "so"
            made.state = "approved"
            db.session.flush()
    db.session.expire_all()
    approve(made, town.chief, AFTER, "seen")
    approve(propose(other, hour, seen, town.coordinator, AFTER), town.squad_leader, AFTER, "seen")
    assert broken() == []


def test_it_is_declared_once_and_never_regarding_oneself(town: Town, crossing: Crossing) -> None:
    kin, _ = two(crossing)
    first = declare(kin, town.traffic_officer, "kin", town.traffic_officer, NOW)
    assert declare(kin, town.traffic_officer, "dispute", town.coordinator, NOW) is first
    with pytest.raises(NoInterestInOneself):
        declare(kin, kin.person, "kin", town.coordinator, NOW)
    assert len(all_of(Interest)) == 1


def test_who_stops_the_shift_leaves_his_kin_to_another_officer(town: Town, crossing: Crossing) -> None:
    """A storm waits for nobody: everybody else goes home, and the database is not asked for a word it refuses."""
    kin, other = two(crossing)
    shift, officer, colleague = kin.shift, town.traffic_officer, second_officer(town)
    post_officer(shift, colleague, town.coordinator, NOW, "kin of the first one")
    declare(kin, officer, "kin", officer, NOW)
    for one in (kin, other):
        arrive(one, colleague, START)
    storm = local("2026-11-25 08:12")
    said = stopping(shift, officer, storm)
    assert ([*said.home], [*said.others]) == ([other], [kin])
    stop(shift, officer, storm, "storm")
    assert [(one.state, one.outcome) for one in (kin, other)] == [("arrived", None), ("left", "sent_home")]
    leave(kin, colleague, storm)
    assert [line.minutes for line in confirm(shift, colleague, storm)] == [42, 42]
    assert broken() == []


@pytest.mark.parametrize("alone", [True, False])
def test_nobody_admits_his_kin_nor_delivers_a_late_tick_for_him(town: Town, crossing: Crossing, alone: bool) -> None:
    kin, _ = two(crossing)
    shift, officer = kin.shift, town.traffic_officer
    declare(kin, officer, "kin", officer, NOW)
    if not alone:
        post_officer(shift, second_officer(town), town.coordinator, NOW, "kin of the first one")
    refusal = NobodyElsePosted if alone else NotWithAnInterest
    elsewhere = crossing.shift(slot="evening", post=shift.post)
    if not alone:
        post_officer(elsewhere, second_officer(town), town.coordinator, NOW, "kin of the first one")
    with pytest.raises(refusal):
        admit(elsewhere, kin.assessment, officer, local("2026-11-25 17:40"), "one is missing")
    with pytest.raises(refusal):
        deliver(shift, kin, Delivered(uuid.uuid4(), TickKind.IN, START), officer, AFTER)
    assert ([one.ticks for one in all_of(Attendance)], broken()) == ([[], []], [])


def test_it_ends_with_a_reason_by_himself_or_a_coordinator_and_stays_on_record(town: Town, crossing: Crossing) -> None:
    kin, _ = two(crossing)
    officer = town.traffic_officer
    first = declare(kin, officer, "dispute", officer, NOW)
    for stranger in (town.squad_leader, town.neighbour("coordinator"), second_officer(town)):
        with pytest.raises(NotHisToEnd):
            end(first, stranger, NOW, "settled")
    later = NOW + timedelta(hours=1)
    end(first, officer, later, "settled")
    with pytest.raises(EndedBefore):
        end(first, town.coordinator, later, "settled")
    [told] = all_of(Message, Message.template == "volunteers/interest_ended", Message.channel == "page")
    assert (told.recipient_id, told.facts) == (town.coordinator.id, {"officer": officer.name, "reason": "settled"})
    arrive(kin, officer, START)
    leave(kin, officer, END)
    second = declare(kin, officer, "kin", town.coordinator, AFTER)
    assert [(one.kind, one.ended_by) for one in all_of(Interest)] == [("dispute", officer), ("kin", None)]
    end(second, town.coordinator, AFTER, "entered by mistake")
    confirm(kin.shift, officer, AFTER + timedelta(minutes=1))
    assert (kin.state, history(first), broken()) == ("confirmed", ["interest.declare", "interest.end"], [])
    for write in ("UPDATE interest SET ended_at = NULL, ended_by_id = NULL", "DELETE FROM interest"):
        with pytest.raises(DBAPIError), act("x", kin, by=None, at=AFTER):
            db.session.execute(text(write))
        db.session.rollback()


def test_on_the_phone_and_at_the_desk(town: Town, crossing: Crossing) -> None:
    """The officer declares it on the person's page; whoever posts officers finds it on his day."""
    days = Days(crossing)
    person, officer, shift = days.person("侄子"), Kept(town.traffic_officer), days.shift(-1)
    before = shift.event.starts_at - timedelta(days=1)
    one = Kept(book(shift.row(), person.row(), town.coordinator, before))
    phone = Phone(town, officer, f"/crossing/people/{one.public_id}")
    phone.page = phone.browser.post(f"/interests/{one.public_id}/declaration", {"kind": "kin"})
    assert "the coordinator posts one" in phone.follow().text
    refused = phone.browser.post(f"/crossing/people/{one.public_id}/arrival", {})
    assert (refused.status_code, "nobody else is posted" in text_of(refused)) == (403, True)
    day = town.browser(town.coordinator)
    assert "1 person needs another officer" in text_of(day.get("/"))
    colleague = second_officer(town)
    post_officer(shift.row(), colleague, town.coordinator, datetime.now(UTC), "kin")
    assert "needs another officer" not in text_of(day.get("/"))
    leader = town.squad_leader.public_id
    entered = day.post(f"/interests/{one.public_id}", {"kind": "dispute", "officer": str(leader)})
    assert entered.status_code == 303
    assert sorted(i.kind for i in all_of(Interest)) == ["dispute", "kin"]
    kin = next(i for i in all_of(Interest) if i.kind == "kin")
    address = f"/interests/{one.public_id}/declared/{kin.public_id}/ending"
    assert day.post(address, {"reason": ""}).status_code == 422
    assert town.browser(town.squad_leader).post(address, {"reason": "settled"}).status_code == 403
    over = phone.browser.post(f"/interests/{one.public_id}/ending", {"reason": "settled"})
    assert over.status_code == 303
    assert phone.browser.post(f"/crossing/people/{one.public_id}/arrival", {}).status_code != 403
    page = text_of(day.get(f"/interests/{one.public_id}"))
    assert "ended by 朱交警" in page and "It is over 秦队长" in page


def test_whoever_has_an_interest_neither_decides_nor_acts_for_him_under_any_role(
    town: Town, crossing: Crossing
) -> None:
    """TRUST 2. He still sees what he saw; another prosecutor, and the same one for anybody else, may."""
    kin, other = two(crossing)
    remark = ask_squad(kin.assessment, kin.shift.post.squad, town.coordinator, NOW)
    prosecutor, leader, desk = town.prosecutor, town.squad_leader, town.coordinator
    steps = {
        (prosecutor, RUN_ASSESSMENT): kin.assessment,
        (prosecutor, WRITE_EVALUATION): kin.assessment,
        (prosecutor, PREPARE_ASSESSMENT): kin.assessment,
        (desk, BOOK_SHIFT): kin,
        (leader, GIVE_REMARK): remark,
    }
    assert [may(Viewer(who, NOW.date()), step, row) for (who, step), row in steps.items()] == [True] * 5
    for who in (prosecutor, leader, desk):
        declare(kin.assessment, who, "kin", who, NOW)
    for (who, step), row in steps.items():
        seen = Viewer(who, NOW.date())
        assert not may(seen, step, row)
        with pytest.raises(InterestStands):
            find_for(seen, type(row), row.public_id, step)
    seen = Viewer(prosecutor, NOW.date())
    assert find_for(seen, Assessment, kin.assessment.public_id, SEE_ASSESSMENT) is kin.assessment
    assert may(seen, RUN_ASSESSMENT, other.assessment)
    told = [(m.recipient_id, m.facts) for m in all_of(Message) if m.template == "volunteers/interest_declared"]
    assert told == [(desk.id, {"officer": who.name}) for who in (prosecutor, leader)]


def test_the_database_refuses_the_evaluation_and_the_remark_of_whoever_is_too_near(
    town: Town, crossing: Crossing
) -> None:
    kin, _ = two(crossing)
    remark = ask_squad(kin.assessment, kin.shift.post.squad, town.coordinator, NOW)
    for who in (town.prosecutor, town.squad_leader):
        declare(kin.assessment, who, "kin", who, NOW)
    late = local("2027-03-01 09:00")
    cancel(kin, town.coordinator, NOW)
    db.session.commit()
    with pytest.raises(IntegrityError, match="not_with_a_declared_interest_evaluates"):
        evaluate(kin.assessment, "not_passed", "…", town.prosecutor, late)
    db.session.rollback()
    with pytest.raises(IntegrityError, match="not_with_a_declared_interest_remarks"):
        give_remark(remark, "commended", "…", town.squad_leader, NOW)
    db.session.rollback()
    assert (kin.assessment.state, remark.opinion, broken()) == ("serving", None, [])


def test_a_prosecutor_declares_it_on_the_page_of_the_person_and_ends_it_there(town: Town, crossing: Crossing) -> None:
    kin, _ = two(crossing)
    assessment, prosecutor = Kept(kin.assessment), Kept(town.prosecutor)
    page = f"/interests/people/{assessment.public_id}"
    desk = town.browser(prosecutor.row())
    assert "Evaluation" in text_of(desk.get(f"/assessments/{assessment.public_id}"))
    assert desk.post(page, {}).status_code == 422
    assert desk.post(page, {"kind": "kin"}).status_code == 303
    assert "You have declared an interest" in text_of(desk.get(page))
    refused = desk.post(f"/assessments/{assessment.public_id}/stop", {"ground": "impostor", "reason": "x"})
    assert (refused.status_code, "Somebody else acts for him" in text_of(refused)) == (403, True)
    [standing] = all_of(Interest)
    address = f"{page}/{standing.public_id}/ending"
    assert town.browser(town.chief).post(address, {"reason": "over"}).status_code == 404
    assert town.browser(town.coordinator).get(page).status_code == 200
    assert town.browser(town.squad_leader).get(page).status_code == 404
    assert desk.post(address, {"reason": ""}).status_code == 422
    assert desk.post(address, {"reason": "entered by mistake"}).status_code == 303
    assert [(i.kind, i.ended_by_id) for i in all_of(Interest)] == [("kin", prosecutor.id)]
    assert desk.get(f"/assessments/{assessment.public_id}/changes").status_code == 200


def test_nobody_proposes_an_assessment_for_whom_he_is_too_near_to(town: Town, crossing: Crossing) -> None:
    kin, _ = two(crossing)
    declare(kin, town.prosecutor, "kin", town.prosecutor, NOW)
    withdraw(kin.assessment, kin.person, NOW)
    prepared = Prepared(town)
    with pytest.raises(InterestStands):
        prepared.proposed(id_number=kin.person.id_number)
    assert [one.state for one in all_of(Assessment)] == ["withdrawn", "serving"]


def test_neither_an_excuse_nor_a_plan_for_everybody_leads_round_an_interest(town: Town, crossing: Crossing) -> None:
    """TRUST 2: whatever the way. Of the plan the others are booked, and he is named."""
    days = Days(crossing)
    kin, other = days.person("侄子", minutes=90), days.person("路人", minutes=90)
    missed = days.shift(-1)
    one = Kept(book(missed.row(), kin.row(), town.coordinator, missed.event.starts_at - timedelta(days=1)))
    miss(one.row(), town.traffic_officer, missed.event.ends_at)
    for number in (2, 3, 4):
        days.shift(number)
    declare(one.row(), town.coordinator, "kin", town.coordinator, NOW)
    db.session.commit()
    plan = Kept(draft_plan(town.office, 7, town.coordinator, datetime.now(UTC)))
    taken = take_plan(plan.row(), list(plan.turns), town.coordinator, datetime.now(UTC), "agreed")
    assert {(who.person_id, why.code) for who, _, why in taken.refused} == {(kin.id, "interest_stands")}
    assert {a.person_id for a in all_of(Attendance) if a.state == "booked"} == {other.id}
    db.session.commit()
    desk = town.browser(town.coordinator)
    page = desk.get(f"/shifts/{missed.public_id}")
    assert "Excuse" not in text_of(page)
    assert desk.post(f"/shifts/bookings/{one.public_id}/excuse", {"reason": "x"}).status_code == 403
    assert one.state == "no_show"
