"""Hours are corrected by two people; nothing is edited (DOMAIN 8.6, V-08, V-14; I11 to I18)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from accounts.access import Viewer
from accounts.actions.merging import plan_merge
from accounts.actions.people import enter_person, give_membership
from accounts.models import Person
from extensions import db
from record.act import act, history
from record.invariants import broken
from record.models import Message
from tests.accounts.visitor import text_of
from tests.engines import grown
from tests.racing import race
from tests.town import NOW, Town, local
from tests.volunteers.conftest import Crossing, all_of, officer_called
from tests.volunteers.phone import Days, Kept, Phone
from volunteers.actions.booking import book
from volunteers.actions.confirmation import confirm
from volunteers.actions.corrections import (
    CorrectionUnderWay,
    CreditedElsewhere,
    DecidedAlready,
    DecisionNeedsReason,
    Grounds,
    NotTheProposer,
    RecordMoved,
    answer_due,
    approve,
    ask,
    propose,
    refuse,
)
from volunteers.actions.credit import append_due, close, credited_minutes
from volunteers.actions.postings import post_officer
from volunteers.actions.ticks import NotForOneself, arrive, leave, miss, tick_all
from volunteers.models.attendance import Attendance
from volunteers.models.corrections import Correction
from volunteers.models.ledger import CreditEntry, CreditSpan
from volunteers.rules.corrections import (
    EvidenceNeeded,
    NotDisputable,
    NotFinalYet,
    NothingChanges,
    OutsideShift,
)

START, END = local("2026-11-25 07:30"), local("2026-11-25 09:00")
AFTER, LATER = local("2026-11-25 09:05"), local("2026-11-25 12:00")
HOUR = (START, local("2026-11-25 08:30"))
WHOLE = (START, END)
SEEN = Grounds("he left at half past eight", "other", "camera of the crossing, 8:30")
ON_PAPER = Grounds("the officer forgot his row", "paper", "sheet of 25 November, line 3")


@grown("counted")
def credit_three(town: Town) -> None:
    """A shift of three: one asks for 90 minutes and is done, one for 1200, one was not ticked at all."""
    crossing = Crossing(town)
    shift = crossing.shift()
    done, going, forgotten = crossing.booked(shift, crossing.person(minutes=90), crossing.person(), crossing.person())
    for one in (done, going):
        arrive(one, town.traffic_officer, START)
        leave(one, town.traffic_officer, END)
    confirm(shift, town.traffic_officer, AFTER)
    append_due(AFTER + timedelta(minutes=10))
    assert forgotten.state == "booked"


@pytest.fixture
def counted(town: Town) -> list[Attendance]:
    return all_of(Attendance)


def lines(attendance: Attendance) -> list[tuple[str, int]]:
    return [(e.kind, e.minutes) for e in all_of(CreditEntry, CreditEntry.attendance_id == attendance.id)]


def told(person: Person) -> list[str]:
    return [m.template for m in all_of(Message, Message.recipient_id == person.id) if "correct" in m.template]


def test_what_a_volunteer_says_is_wrong_is_proposed_by_one_and_approved_by_another(
    town: Town, counted: list[Attendance]
) -> None:
    """The old line stays, reversed; the new one counts; hours complete no longer are; his deadline is met."""
    one, _, _ = counted
    assert one.assessment.state == "hours_complete"
    asked = ask(one, HOUR, one.person, LATER, "I left early")
    due = answer_due(asked)
    assert due is not None and (due.rule_key, due.due_on) == ("volunteer.correction", date(2026, 12, 2))
    assert propose(one, HOUR, SEEN, town.coordinator, LATER) is asked
    approve(asked, town.squad_leader, LATER + timedelta(minutes=1), "the camera shows it")
    assert (lines(one), credited_minutes(one.assessment)) == ([("credit", 90), ("reversal", 90), ("credit", 60)], 60)
    assert (one.assessment.state, one.state, asked.old_minutes, asked.minutes) == ("serving", "credited", 90, 60)
    assert (due.state, answer_due(asked)) == ("met", None)
    assert history(asked) == ["correction.ask", "correction.propose", "correction.approve"]
    assert history(one.assessment)[-2:] == ["assessment.complete", "assessment.reopen"]
    assert told(one.person) == ["volunteers/corrected"]
    assert told(town.squad_leader) == ["volunteers/correction_asked", "volunteers/correction_proposed"]
    assert told(town.traffic_officer) == ["volunteers/correction_approved"]
    assert broken() == []
    again = propose(one, WHOLE, SEEN, town.coordinator, LATER)
    approve(again, town.chief, LATER, "the camera was wrong by half an hour")
    assert (credited_minutes(one.assessment), one.assessment.state) == (90, "hours_complete")
    assert broken() == []


def test_a_correction_to_nothing_reverses_and_credits_nothing(town: Town, counted: list[Attendance]) -> None:
    one = counted[1]
    made = propose(one, None, SEEN, town.traffic_officer, LATER)
    approve(made, town.squad_leader, LATER, "it was his brother")
    assert lines(one) == [("credit", 90), ("reversal", 90)]
    assert [s for s in db.session.scalars(db.select(CreditSpan)) if s.attendance_id == one.id] == []
    assert broken() == []
    back = propose(one, HOUR, SEEN, town.traffic_officer, LATER)
    approve(back, town.squad_leader, LATER, "it was he after all")
    assert (lines(one)[-1], broken()) == (("credit", 60), [])


def test_whoever_was_missed_by_the_officer_is_credited_by_paper_or_ticks_alone(
    town: Town, counted: list[Attendance]
) -> None:
    forgotten = counted[2]
    for rests_on in ("other", "ticks"):
        with pytest.raises(EvidenceNeeded):
            propose(forgotten, WHOLE, Grounds("was there", rests_on, "x"), town.coordinator, LATER)
    with pytest.raises(NothingChanges):
        propose(forgotten, None, ON_PAPER, town.coordinator, LATER)
    made = propose(forgotten, WHOLE, ON_PAPER, town.coordinator, LATER)
    approve(made, town.chief, LATER, "signed by the officer")
    assert (forgotten.state, forgotten.outcome, lines(forgotten)) == ("credited", "attended", [("credit", 90)])
    assert broken() == []


def test_a_missed_shift_may_have_been_served_after_all(town: Town, crossing: Crossing) -> None:
    [one] = crossing.booked(crossing.shift(), crossing.person())
    miss(one, town.traffic_officer, AFTER)
    made = propose(one, WHOLE, ON_PAPER, town.squad_leader, LATER)
    approve(made, town.chief, LATER, "the sheet has his signature")
    assert (one.state, one.outcome, one.fault, credited_minutes(one.assessment)) == ("credited", "attended", None, 90)
    assert broken() == []


def test_a_proposal_is_refused_with_what_helps(town: Town, counted: list[Attendance], crossing: Crossing) -> None:
    one = counted[0]
    with pytest.raises(NotForOneself):
        propose(one, HOUR, SEEN, one.person, LATER)
    with pytest.raises(NotDisputable):
        ask(one, HOUR, one.person, END - timedelta(seconds=1), "too early")
    with pytest.raises(NothingChanges) as same:
        ask(one, WHOLE, one.person, LATER, "no change")
    assert same.value.minutes == 90
    with pytest.raises(OutsideShift):
        ask(one, (END, LATER), one.person, LATER, "I stayed on")
    propose(one, HOUR, SEEN, town.coordinator, LATER)
    with pytest.raises(CorrectionUnderWay) as rival:
        propose(one, None, SEEN, town.traffic_officer, LATER)
    assert rival.value.by == " (周协调)"
    pending = crossing.shift(date(2026, 11, 26), post=one.shift.post)
    [other] = crossing.booked(pending, crossing.person())
    at = local("2026-11-26 09:05")
    tick_all(pending, town.traffic_officer, at)
    confirm(pending, town.traffic_officer, at)
    with pytest.raises(NotFinalYet):
        propose(other, None, SEEN, town.coordinator, at)


def test_never_the_proposer_and_never_oneself_decides(town: Town, counted: list[Attendance]) -> None:
    """I16, V-14: the program says it, and the database refuses it whoever writes."""
    made = propose(counted[0], HOUR, SEEN, town.squad_leader, LATER)
    for decide in (approve, refuse):
        with pytest.raises(NotTheProposer):
            decide(made, town.squad_leader, LATER, "I know it")
        with pytest.raises(NotForOneself):
            decide(made, made.attendance.person, LATER, "please")
        with pytest.raises(DecisionNeedsReason):
            decide(made, town.chief, LATER, " ")
    for person, guard in ((town.squad_leader, "never_by_the_proposer"), (made.attendance.person, "not_for_oneself")):
        with pytest.raises(IntegrityError, match=guard), act("x", made, by=None, at=LATER):
            made.decided_by_id, made.decided_at, made.decision, made.state = person.id, LATER, "so", "approved"
            db.session.flush()
        db.session.expire_all()
    assert (made.state, lines(counted[0])) == ("proposed", [("credit", 90)])


def test_a_refusal_leaves_the_record_and_answers_the_volunteer(town: Town, counted: list[Attendance]) -> None:
    """The deadline is met late once its last day is over."""
    one = counted[0]
    asked = ask(one, HOUR, one.person, LATER, "I left early")
    due = answer_due(asked)
    refuse(asked, town.squad_leader, local("2026-12-03 09:00"), "three people saw you until nine")
    assert due is not None and (due.state, asked.state, lines(one)) == ("late", "refused", [("credit", 90)])
    assert told(one.person) == ["volunteers/correction_refused"]
    with pytest.raises(DecidedAlready) as refusal:
        approve(asked, town.chief, LATER, "yes")
    assert refusal.value.facts == {"name": "秦队长", "at": local("2026-12-03 09:00")}
    assert ask(one, HOUR, one.person, LATER, "I did").state == "asked"


def test_what_was_confirmed_meanwhile_is_not_credited_twice(town: Town, crossing: Crossing) -> None:
    """I12: a proposal rests on what counted when it was made."""
    shift = crossing.shift()
    [one] = crossing.booked(shift, crossing.person())
    made = propose(one, WHOLE, ON_PAPER, town.coordinator, LATER)
    tick_all(shift, town.traffic_officer, LATER)
    confirm(shift, town.traffic_officer, LATER)
    for at in (LATER, LATER + timedelta(minutes=10)):
        append_due(at)
        with pytest.raises(RecordMoved) as refusal:
            approve(made, town.chief, at, "signed")
        assert refusal.value.minutes == 90
    assert (lines(one), broken()) == ([("credit", 90)], [])


def test_a_corrected_minute_counts_once_for_a_person_whatever_the_shift(town: Town, crossing: Crossing) -> None:
    """I13: an evening at one post, where a later shift at another was prolonged into it on paper."""
    person = crossing.person()
    early, late = crossing.post("早岗", evening=None), crossing.post("晚岗", morning=None)
    first, second = crossing.shift(post=early), crossing.shift(slot="evening", post=late)
    one, other = book(first, person, town.coordinator, NOW), book(second, person, town.coordinator, NOW)
    tick_all(first, town.traffic_officer, AFTER)
    confirm(first, town.traffic_officer, AFTER)
    append_due(AFTER + timedelta(minutes=10))
    at = local("2026-11-25 20:00")
    made = propose(other, (local("2026-11-25 17:30"), local("2026-11-25 19:00")), ON_PAPER, town.coordinator, at)
    with act("x", one, by=None, at=at):
        db.session.execute(
            text("UPDATE credit_span SET starts_at = :s, ends_at = :e WHERE attendance_id = :a").bindparams(
                db.bindparam("s", type_=CreditSpan.starts_at.type), db.bindparam("e", type_=CreditSpan.ends_at.type)
            ),
            {"a": one.id, "s": local("2026-11-25 18:00"), "e": local("2026-11-25 18:30")},
        )
    with pytest.raises(CreditedElsewhere):
        approve(made, town.chief, at, "signed")
    assert (made.state, lines(other), other.state) == ("proposed", [], "booked")


def entry(correction: Correction, **changes: Any) -> CreditEntry:
    """A credit as somebody might write it past the actions."""
    attendance = correction.attendance
    values = {
        "office_id": attendance.office_id,
        "attendance_id": attendance.id,
        "correction_id": correction.id,
        "assessment_id": attendance.assessment_id,
        "person_id": attendance.person_id,
        "minutes": 60,
        "attended_minutes": 60,
        "final_at": LATER,
        "credited_at": LATER,
        "starts_at": HOUR[0],
        "ends_at": HOUR[1],
    }
    return CreditEntry(**{**values, **changes})


@pytest.mark.parametrize(
    ("changes", "guard"),
    [
        ({}, "entry_of_an_approved_correction"),
        ({"correction_id": None}, "has_one_origin"),
        ({"kind": "reversal", "minutes": 60}, "reversal|entry_of"),
    ],
)
def test_nothing_is_credited_for_a_correction_that_nobody_approved(
    town: Town, counted: list[Attendance], changes: dict[str, Any], guard: str
) -> None:
    """I11, on both engines."""
    made = propose(counted[0], HOUR, SEEN, town.coordinator, LATER)
    with pytest.raises(IntegrityError, match=guard), act("x", made, by=None, at=LATER):
        db.session.add(entry(made, **changes))
        db.session.flush()


@pytest.mark.parametrize(
    ("write", "guard"),
    [
        ("UPDATE correction SET minutes = 90", "correction_is_kept|correction_lies"),
        ("UPDATE correction SET reason = 'other'", "correction_is_kept_as_it_was_said"),
        ("UPDATE correction SET asked_minutes = 1", "correction_is_kept_as_it_was_said"),
        ("UPDATE correction SET decision = 'other'", "correction_is_kept_as_it_was_said"),
        ("UPDATE correction SET state = 'proposed', decided_by_id = NULL, decided_at = NULL", "correction"),
        ("DELETE FROM correction", "correction_is_kept_as_it_was_said"),
        ("UPDATE credit_entry SET correction_id = NULL", "credit_entry_is_append_only"),
    ],
)
def test_what_was_decided_is_kept_even_from_raw_sql(
    town: Town, counted: list[Attendance], write: str, guard: str
) -> None:
    made = ask(counted[0], HOUR, counted[0].person, LATER, "left early")
    propose(counted[0], HOUR, SEEN, town.coordinator, LATER)
    approve(made, town.chief, LATER, "the camera shows it")
    with pytest.raises(DBAPIError) as refusal, act("x", made, by=None, at=LATER):
        db.session.execute(text(write))
    assert "permission denied" in str(refusal.value) or any(one in str(refusal.value) for one in guard.split("|"))


def test_a_correction_lies_within_its_shift_and_is_as_long_as_it_says(town: Town, counted: list[Attendance]) -> None:
    """I09, on both sides of the edge."""
    one = counted[0]
    for starts_at, ends_at, minutes in (
        (START - timedelta(minutes=1), END, 90),
        (START, END + timedelta(minutes=1), 90),
        (START, END, 89),
        (START, END, 91),
    ):
        wrong = raw(one, starts_at, ends_at, minutes)
        with pytest.raises(IntegrityError), act("x", one, by=None, at=LATER):
            db.session.add(wrong)
            db.session.flush()
    with act("x", one, by=None, at=LATER):
        db.session.add(raw(one, START, END, 90))


def raw(one: Attendance, starts_at: datetime, ends_at: datetime, minutes: int) -> Correction:
    return Correction(
        office_id=one.office_id,
        attendance_id=one.id,
        shift_id=one.shift_id,
        person_id=one.person_id,
        shift_minutes=one.shift.minutes,
        state="proposed",
        old_minutes=0,
        minutes=minutes,
        starts_at=starts_at,
        ends_at=ends_at,
        rests_on="paper",
        evidence="x",
        reason="x",
        proposed_by_id=one.shift.postings[0].person_id,
        proposed_at=LATER,
    )


def test_of_two_desks_that_decide_at_once_one_wins_and_the_other_reads_why(
    app: Flask, town: Town, counted: list[Attendance]
) -> None:
    made_id = propose(counted[0], HOUR, SEEN, town.coordinator, LATER).id
    chief, leader, attendance_id = town.chief.id, town.squad_leader.id, counted[0].id

    def decided(by: int) -> str:
        approve(db.session.get_one(Correction, made_id), db.session.get_one(Person, by), LATER, "seen")
        return "done"

    outcomes = race(app, [partial(decided, by) for by in (chief, leader)])
    assert sorted(outcomes) == ["correction_decided_already", "done"]
    assert lines(db.session.get_one(Attendance, attendance_id)) == [("credit", 90), ("reversal", 90), ("credit", 60)]
    assert broken() == []


def test_of_two_desks_that_propose_at_once_one_wins_and_the_other_reads_why(
    app: Flask, town: Town, counted: list[Attendance]
) -> None:
    attendance_id, people = counted[0].id, (town.coordinator.id, town.squad_leader.id)

    def proposed(by: int) -> str:
        one, who = db.session.get_one(Attendance, attendance_id), db.session.get_one(Person, by)
        propose(one, HOUR, SEEN, who, LATER)
        return "done"

    assert sorted(race(app, [partial(proposed, by) for by in people])) == ["correction_under_way", "done"]
    assert len(all_of(Correction)) == 1


def test_an_officer_who_is_merged_with_the_one_who_decided_faces_himself(town: Town, counted: list[Attendance]) -> None:
    """SETTLED 16: two rows that stand on both sides of a correction are not made one silently."""
    other = enter_person({"name": "秦队"}, town.office, by=None, at=NOW)
    give_membership(other, town.office, "coordinator", starts_on=date(2026, 1, 1), by=None, at=NOW)
    made = propose(counted[0], HOUR, SEEN, other, LATER)
    approve(made, town.squad_leader, LATER, "seen")
    viewer = Viewer(town.coordinator, NOW.date())
    said = {one.message for one in plan_merge(town.squad_leader, other, viewer).obstacles}
    assert said == {"One of them faces the other in: %(what)s."}


def test_from_the_volunteers_phone_to_the_second_person_through_the_pages(town: Town, crossing: Crossing) -> None:
    days = Days(crossing)
    person, officer = days.person("甲"), Kept(town.traffic_officer)
    shift = days.shift(-1)
    one = Kept(book(shift.row(), person.row(), town.coordinator, shift.event.starts_at - timedelta(days=1)))
    tick_all(shift.row(), officer.row(), datetime.now(UTC) - timedelta(hours=1))
    confirm(shift.row(), officer.row(), datetime.now(UTC) - timedelta(hours=1))
    append_due(datetime.now(UTC))
    phone = Phone(town, person, "/hours").tap("This is wrong")
    asked = {"came": "17:30", "left": "18:30", "reason": "I left at half past six"}
    phone.page = phone.browser.post(f"/corrections/mine/{one.public_id}", asked)
    assert "The office looks into it" in phone.follow().text
    desk = town.browser(town.coordinator)
    listed = text_of(desk.get("/corrections"))
    assert ("甲" in listed, "1 hour 30 minutes → 1 hour" in re.sub(r"\s+", " ", listed)) == (True, True)
    given = {**asked, "rests_on": "other", "evidence": "his own word", "reason": "he says so himself"}
    made = desk.post(f"/corrections/of/{one.public_id}", given)
    [key] = [row.public_id for row in all_of(Correction)]
    refused = desk.post(f"/corrections/{key}/approval", {"reason": "me too"})
    page = town.browser(town.squad_leader).post(f"/corrections/{key}/approval", {"reason": "we agree"})
    assert (made.status_code, refused.status_code, page.status_code) == (303, 403, 303)
    hours = re.sub(r"\s+", " ", Phone(town, person, "/hours").text)
    told = "corrected: 1 hour 30 minutes → 1 hour · proposed by 周协调, approved by 秦队长 · he says so himself"
    assert (told in hours, "− 1 hour 30 minutes" in hours, "1 of 20 hours" in hours) == (True, True, True)
    service = re.sub(r"\s+", " ", text_of(town.browser(town.prosecutor).get(f"/assessments/{assessment_of(one)}")))
    assert (told in service, "approved a correction of hours" in service) == (True, True)


def assessment_of(one: Any) -> Any:
    return one.assessment.public_id


def test_an_officer_proposes_a_correction_of_what_he_confirmed_after_the_shift_is_closed(
    town: Town, crossing: Crossing
) -> None:
    """TRUST 2 `propose_correction`: what is credited needs correcting, and by then his list is closed (D-24)."""
    days = Days(crossing)
    person, officer, colleague = (
        days.person("甲"),
        Kept(town.traffic_officer),
        Kept(crossing.account(officer_called(town, "吴民警"))),
    )
    shift = days.shift(-1)
    began, ended = shift.event.starts_at, shift.event.ends_at
    one = Kept(book(shift.row(), person.row(), town.coordinator, began - timedelta(days=1)))
    post_officer(shift.row(), colleague.row(), town.coordinator, began, "two")
    tick_all(shift.row(), officer.row(), ended)
    confirm(shift.row(), officer.row(), ended)
    close(shift.row(), officer.row(), ended)
    phone = Phone(town, officer, "/crossing/confirmed")
    assert "甲" not in text_of(phone.browser.get(f"/crossing/{shift.public_id}"))
    assert "甲" in text_of(phone.page)
    address = f"/corrections/of/{one.public_id}"
    page = phone.browser.get(address)
    assert (page.status_code, "甲" in text_of(page)) == (200, True)
    wrong = {"came": "17:30", "left": "18:00", "rests_on": "other", "evidence": "录像", "reason": "他六点走了"}
    sent = phone.browser.post(address, wrong)
    assert (sent.status_code, sent.headers["Location"].endswith("/crossing/confirmed")) == (303, True)
    assert [c.proposed_by_id for c in all_of(Correction)] == [officer.id]
    other = Phone(town, colleague, "/crossing/confirmed")
    assert (other.browser.get(address).status_code, "甲" in text_of(other.page)) == (404, False)
