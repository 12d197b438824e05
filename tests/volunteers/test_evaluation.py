"""The end of an assessment: the grade that is proposed, who decides, the numbered report, the decision (8.5, D-26)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from accounts.actions.settings import change_setting
from accounts.models import Organisation
from accounts.setting_values import Value
from errors import Refusal
from extensions import db
from hearings.models import Hearing, HearingState
from record.act import act, history, transaction
from record.course import OffCourse
from record.invariants import broken
from record.models import Message
from tests.accounts.visitor import text_of
from tests.hearings.planned import approved, planned
from tests.racing import race
from tests.town import NOW, Town
from tests.volunteers import phone
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.test_ending import serve
from volunteers.actions import evaluation as actions
from volunteers.actions.booking import book, report_absence
from volunteers.actions.ending import StillPending
from volunteers.actions.evaluation import AskedAlready, Decided, HearingNotClosed, HearingRuns, RemarkGiven
from volunteers.actions.ticks import miss
from volunteers.models.assessment import Assessment
from volunteers.models.evaluation import Evaluation, Remark, SpotCheck
from volunteers.models.shifts import Shift
from volunteers.rules.evaluation import (
    Facts,
    Grade,
    HoursMissing,
    Line,
    PassedShort,
    PeriodRuns,
    Points,
    ReasonsNeeded,
    check_decision,
    propose_grade,
)
from volunteers.rules.proposing import SignedLater
from volunteers.rules.schemes import GradesWrong, Terms, check_terms

ROOT = Path(__file__).resolve().parent.parent.parent
FULL = Facts(required=1200, done=1200, opinions=("as_usual",), checks=1)
POINTS = Points(no_shows=10, absent_late=3, left_early=3, not_found=10, commended=5, lacking=5)
LATER = NOW + timedelta(days=60)
DECIDED = Decided("not_prosecuted", date(2026, 11, 30), "枫检不诉〔2026〕1号")


# The proposal (3.3): a function of facts.


def test_every_line_of_the_arithmetic_is_named_with_its_points() -> None:
    facts = Facts(
        required=1200,
        done=1199,
        no_shows=1,
        absent_late=2,
        left_early=1,
        by_service=3,
        opinions=("commended", "lacking"),
        checks=2,
        not_found=1,
    )
    proposal = propose_grade(facts, Terms(), POINTS)
    assert proposal.lines == (
        Line("hours", 1199, 99),
        Line("no_shows", 1, -10),
        Line("absent_late", 2, -6),
        Line("left_early", 1, -3),
        Line("not_found", 1, -10),
        Line("commended", 1, 5),
        Line("lacking", 1, -5),
        Line("checks", 2, 0),
        Line("by_service", 3, 0),
    )
    assert (proposal.score, proposal.grade) == (70, Grade.NOT_PASSED)


def test_that_nobody_has_looked_is_said_and_costs_nothing() -> None:
    """3.3 `random_checks_min`: whoever decides sees it; what did not happen at all is no line otherwise."""
    proposal = propose_grade(replace(FULL, checks=0), Terms(), POINTS)
    assert proposal.lines == (Line("hours", 1200, 100), Line("as_usual", 1, 0), Line("checks", 0, 0))


@pytest.mark.parametrize(
    ("facts", "score", "grade"),
    [
        (FULL, 100, "excellent"),
        (replace(FULL, done=5000, opinions=("commended",)), 100, "excellent"),
        (replace(FULL, done=1199), 99, "not_passed"),
        (replace(FULL, no_shows=1), 90, "excellent"),
        (replace(FULL, no_shows=1, absent_late=1), 87, "passed"),
        (replace(FULL, no_shows=4), 60, "passed"),
        (replace(FULL, no_shows=4, left_early=1), 57, "not_passed"),
        (replace(FULL, by_service=9, checks=0), 100, "excellent"),
        (replace(FULL, done=0, no_shows=20), 0, "not_passed"),
    ],
)
def test_the_grade_begins_where_the_scheme_says(facts: Facts, score: int, grade: str) -> None:
    """3.3: passed from 60, excellent from 90, and only with all hours; what the service cancelled costs nothing."""
    proposal = propose_grade(facts, Terms(), POINTS)
    assert (proposal.score, proposal.grade) == (score, grade)


def test_a_scheme_with_other_lines_proposes_by_them() -> None:
    assert propose_grade(replace(FULL, no_shows=1), Terms(excellent_score=91), POINTS).grade == "passed"
    assert (
        propose_grade(replace(FULL, no_shows=1), Terms(pass_score=91, excellent_score=95), POINTS).grade == "not_passed"
    )
    with pytest.raises(GradesWrong):
        check_terms(Terms(pass_score=91), 150)


@pytest.mark.parametrize(
    ("grade", "missing", "opinions", "reasons", "refused"),
    [
        ("excellent", 0, ("as_usual",), "", None),
        ("passed", 0, ("as_usual",), "", ReasonsNeeded),
        ("passed", 0, ("as_usual",), "迟到较多", None),
        ("excellent", 0, (), " ", ReasonsNeeded),
        ("excellent", 0, (), "中队已撤并", None),
        ("excellent", 1, ("as_usual",), "态度很好", HoursMissing),
        ("excellent", 1200, ("as_usual",), "态度很好", HoursMissing),
        ("passed", 1, ("as_usual",), " ", PassedShort),
        ("passed", 1, ("as_usual",), "因台风取消两班", None),
        ("not_passed", 1, ("as_usual",), "", None),
    ],
)
def test_a_grade_says_why_where_it_departs_and_none_is_excellent_with_hours_missing(
    grade: str, missing: int, opinions: tuple[str, ...], reasons: str, refused: type[Refusal] | None
) -> None:
    """3.3, D-26: a person decides, but not in passing; the minutes that are missing are named."""
    facts = replace(FULL, done=1200 - missing, opinions=opinions)
    proposal = propose_grade(facts, Terms(), POINTS)
    if refused is None:
        check_decision(grade, proposal, facts, reasons)
        return
    with pytest.raises(refused) as refusal:
        check_decision(grade, proposal, facts, reasons)
    assert refusal.value.facts == ({"missing": missing} if missing else {})


# The course.


def done(crossing: Crossing, minutes: int = 90) -> Assessment:
    """Somebody who has served all that was asked, on one shift of ninety minutes."""
    person = crossing.person(minutes=minutes)
    one = all_of(Assessment)[-1]
    shift = (all_of(Shift) or [crossing.shift(date(2026, 11, 25))])[0]
    book(shift, person, person, NOW)
    serve_one(crossing, shift)
    return one


def serve_one(crossing: Crossing, shift: Shift) -> None:
    if all(a.state == "booked" for a in shift.attendances):
        serve(crossing, shift)


def squad(crossing: Crossing) -> Organisation:
    return db.session.query(Organisation).filter_by(office_id=crossing.town.office.id, kind="squad").one()


def remarked(crossing: Crossing, one: Assessment, opinion: str = "as_usual") -> Remark:
    remark = actions.ask_squad(one, squad(crossing), crossing.town.coordinator, LATER)
    actions.give_remark(remark, opinion, "准时到岗。", crossing.town.squad_leader, LATER)
    return remark


def reported(crossing: Crossing) -> Assessment:
    one, by = done(crossing), crossing.town.prosecutor
    actions.evaluate(one, "excellent", "无需中队意见", by, LATER)
    actions.report(one, by, LATER)
    return one


def test_an_assessment_goes_from_its_hours_to_the_decision(crossing: Crossing) -> None:
    one, town = done(crossing), crossing.town
    assert one.state == "hours_complete"
    remarked(crossing, one, "commended")
    actions.note_check(one, date(2026, 11, 25), True, "在岗", town.coordinator, LATER)
    found = actions.evaluate(one, "excellent", "", town.prosecutor, LATER)
    assert (found.proposed, found.grade, found.score, found.decided_by.name) == (
        "excellent",
        "excellent",
        100,
        "郑检察",
    )
    assert found.lines == [["hours", 90, 100], ["commended", 1, 5], ["checks", 1, 0]]
    actions.report(one, town.prosecutor, LATER)
    assert (found.report_year, found.report_number) == (2027, 1)
    actions.close(one, DECIDED, town.prosecutor, LATER, "已宣告")
    assert (one.state, one.ended_on, found.decision, found.decision_on) == (
        "closed",
        date(2027, 1, 23),
        "not_prosecuted",
        date(2026, 11, 30),
    )
    assert history(one)[-4:] == ["assessment.complete", "assessment.evaluate", "assessment.report", "assessment.close"]
    told = {m.template for m in all_of(Message, Message.recipient_id == one.person_id)}
    assert "volunteers/evaluated" in told
    leader = [m.template for m in all_of(Message, Message.recipient_id == town.squad_leader.id)]
    assert leader == ["volunteers/remark_asked"]
    assert broken() == []


def test_no_step_is_taken_before_the_one_before_it_nor_twice(crossing: Crossing) -> None:
    one, by = done(crossing), crossing.town.prosecutor
    for early in (lambda: actions.report(one, by, LATER), lambda: actions.close(one, DECIDED, by, LATER, "…")):
        with pytest.raises(OffCourse):
            early()
    actions.evaluate(one, "excellent", "…", by, LATER)
    for wrong in (
        lambda: actions.evaluate(one, "excellent", "…", by, LATER),
        lambda: actions.close(one, DECIDED, by, LATER, "…"),
        lambda: actions.ask_squad(one, squad(crossing), by, LATER),
        lambda: actions.note_check(one, date(2026, 11, 25), True, "", by, LATER),
    ):
        with pytest.raises(OffCourse):
            wrong()
    actions.report(one, by, LATER)
    with pytest.raises(OffCourse):
        actions.report(one, by, LATER)
    assert broken() == []


def test_with_hours_missing_it_is_evaluated_once_the_period_is_over(crossing: Crossing) -> None:
    """8.5 `evaluate`: the last day belongs to the service."""
    town, person = crossing.town, crossing.person(last=date(2026, 12, 1))
    (one,) = all_of(Assessment)
    on_the_last = NOW + timedelta(days=7)
    with pytest.raises(PeriodRuns):
        actions.evaluate(one, "not_passed", "…", town.prosecutor, on_the_last)
    actions.evaluate(one, "not_passed", "…", town.prosecutor, on_the_last + timedelta(days=1))
    assert (one.state, one.person_id) == ("evaluated", person.id)


@pytest.mark.parametrize("confirmed", [False, True])
def test_nothing_is_evaluated_while_a_shift_is_not_confirmed_or_not_final(crossing: Crossing, confirmed: bool) -> None:
    person = crossing.person()
    (one,) = all_of(Assessment)
    shift = crossing.shift(date(2026, 11, 25))
    book(shift, person, person, NOW)
    if confirmed:
        serve(crossing, shift, final=False)
    with pytest.raises(StillPending):
        actions.evaluate(one, "not_passed", "…", crossing.town.prosecutor, LATER)
    assert one.state == "serving"


def test_what_went_wrong_is_counted_from_what_was_noted(crossing: Crossing) -> None:
    """A shift missed, one told too late; what is booked ahead becomes free."""
    person, town, post = crossing.person(last=date(2026, 12, 1)), crossing.town, crossing.post()
    (one,) = all_of(Assessment)
    missed, late, ahead = (crossing.shift(date(2026, 11, d), post=post) for d in (25, 26, 30))
    for shift in (missed, late, ahead):
        book(shift, person, person, NOW)
    miss(missed.attendances[0], town.person("朱交警"), missed.event.ends_at)
    report_absence(late.attendances[0], person, late.event.starts_at - timedelta(minutes=5))
    actions.note_check(one, date(2026, 11, 25), False, "不在岗", town.prosecutor, LATER)
    facts, proposal = actions.proposal_of(one, LATER)
    assert facts == Facts(1200, 0, no_shows=1, absent_late=1, checks=1, not_found=1)
    assert (proposal.score, proposal.grade) == (0, "not_passed")


def test_an_office_sets_the_points_and_what_was_decided_by_others_stays(crossing: Crossing) -> None:
    one, town = done(crossing), crossing.town
    assert actions.points_of(town.office, NOW.date()) == POINTS
    actions.note_check(one, date(2026, 11, 25), False, "不在岗", town.prosecutor, LATER)
    found = actions.evaluate(one, "excellent", "无需中队意见", town.prosecutor, LATER)
    change_setting(town.office, "service.points.not_found", Value(40, "point"), by=town.chief, at=LATER, reason="试行")
    assert actions.points_of(town.office, LATER.date()) == replace(POINTS, not_found=40)
    _, proposal = actions.proposal_of(one, LATER)
    assert (proposal.lines[1], proposal.score, proposal.grade) == (Line("not_found", 1, -40), 60, "passed")
    assert (found.lines[1], found.score, found.grade) == (["not_found", 1, -10], 90, "excellent")
    address = f"/assessments/{one.public_id}/evaluation"
    page = text_of(town.browser(town.prosecutor).get(address))
    assert "1 × −10 −10" in page


def test_a_squad_is_asked_once_and_its_word_stays(crossing: Crossing) -> None:
    one, town = done(crossing), crossing.town
    assert [s.name for s in actions.squads_of(one)] == ["一中队"]
    remark = remarked(crossing, one)
    with pytest.raises(AskedAlready):
        actions.ask_squad(one, squad(crossing), town.coordinator, LATER)
    with pytest.raises(RemarkGiven):
        actions.give_remark(remark, "lacking", "…", town.squad_leader, LATER)
    with pytest.raises(IntegrityError, match="remark_stands"), act("remark.cheat", one, by=None, at=NOW):
        db.session.execute(update(Remark).values(opinion="lacking"))
    db.session.rollback()
    with pytest.raises(SignedLater):
        actions.note_check(one, date(2027, 1, 24), True, "", town.prosecutor, LATER)
    assert all_of(SpotCheck) == []


def test_what_was_judged_is_not_judged_again_behind_its_back(crossing: Crossing) -> None:
    one = reported(crossing)
    for change in (
        {"grade": "passed"},
        {"score": 1},
        {"lines": []},
        {"reasons": "别的"},
        {"report_number": 2},
        {"report_number": None, "report_year": None, "reported_at": None},
    ):
        with pytest.raises(IntegrityError, match="evaluation_stands"), act("cheat.cheat", one, by=None, at=NOW):
            db.session.execute(update(Evaluation).values(**change))
        db.session.rollback()
    assert broken() == []


# Numbers of reports (V-10).


def evaluated(crossing: Crossing, number: int) -> list[Assessment]:
    """Several who served together."""
    people = [crossing.person(minutes=90) for _ in range(number)]
    shift = crossing.shift(date(2026, 11, 25))
    for person in people:
        book(shift, person, person, NOW)
    serve(crossing, shift)
    found = all_of(Assessment)
    for one in found:
        actions.evaluate(one, "excellent", "…", crossing.town.prosecutor, LATER)
    return found


def test_reports_are_numbered_by_year_without_a_gap_even_after_a_failure(crossing: Crossing) -> None:
    by = crossing.town.prosecutor
    first, second, third, fourth = evaluated(crossing, 4)
    december = NOW + timedelta(days=30)
    actions.report(first, by, december)
    with pytest.raises(ZeroDivisionError), transaction():
        actions.report(second, by, december)
        raise ZeroDivisionError
    actions.report(third, by, december)
    actions.report(fourth, by, LATER)
    numbers = [(e.assessment_id, e.report_year, e.report_number) for e in all_of(Evaluation)]
    assert numbers == [
        (first.id, 2026, 1),
        (second.id, None, None),
        (third.id, 2026, 2),
        (fourth.id, 2027, 1),
    ]
    with pytest.raises(IntegrityError, match="report_follows"), act("cheat.cheat", second, by=None, at=NOW):
        later = {"report_year": 2026, "report_number": 4, "reported_at": NOW}
        db.session.execute(update(Evaluation).where(Evaluation.assessment_id == second.id).values(**later))
    db.session.rollback()
    assert broken() == []


def test_reports_at_once_get_one_number_each(app: Flask, crossing: Crossing) -> None:
    found, by = [one.id for one in evaluated(crossing, 6)], crossing.town.prosecutor.id

    def tell(key: int) -> int:
        with transaction():
            one = db.session.get_one(Assessment, key)
            return actions.report(one, db.session.get_one(type(one.person), by), LATER).report_number or 0

    numbers = sorted(race(app, [partial(tell, key) for key in found]))
    assert numbers == [1, 2, 3, 4, 5, 6]
    assert broken() == []


# The decision (D-07, D-12).


def hearing_in(one: Assessment, state: HearingState) -> Hearing:
    known = {"kind": "non_prosecution", "why": "争议较大", "grounds": ["dispute"], "is_public": True, "state": state}
    of = {"office_id": one.office_id, "case_id": one.case_id, "requested_by_id": one.case.handler_id}
    hearing = Hearing(requested_at=NOW, **known, **of)
    with act("hearing.request", hearing, by=None, at=NOW):
        db.session.add(hearing)
    return hearing


@pytest.mark.parametrize(
    ("state", "waits"),
    [
        (HearingState.REQUESTED, HearingRuns),
        (HearingState.ADJOURNED, HearingRuns),
        (HearingState.CONCLUDED, HearingNotClosed),
        (HearingState.CLOSED, None),
        (HearingState.CANCELLED, None),
        (HearingState.REFUSED, None),
    ],
)
def test_it_waits_until_a_hearing_of_the_case_is_closed(
    crossing: Crossing, state: HearingState, waits: type[Refusal] | None
) -> None:
    """8.5 `close`: its opinion given is not enough."""
    one, by = reported(crossing), crossing.town.prosecutor
    hearing_in(one, state)
    if waits is not None:
        with pytest.raises(waits):
            actions.close(one, DECIDED, by, LATER, "…")
        return
    actions.close(one, replace(DECIDED, hearing_closed_on=date(2026, 11, 30)), by, LATER, "…")
    assert (one.state, all_of(Evaluation)[0].hearing_closed_on) == ("closed", None)


def test_a_hearing_that_was_held_and_closed_on_paper_is_said_to_be_with_its_day(town: Town, crossing: Crossing) -> None:
    """It runs until its last sitting has ended; then nobody but the prosecutor can say that it is closed."""
    one, by = reported(crossing), town.prosecutor
    sitting = planned(town, hearing=approved(town, one.case), despite="仅此一天")
    end = sitting.event.ends_at
    told = replace(DECIDED, on=end.date(), hearing_closed_on=end.date())
    with pytest.raises(HearingRuns):
        actions.close(one, told, by, end - timedelta(microseconds=1), "…")
    with pytest.raises(HearingNotClosed):
        actions.close(one, replace(told, hearing_closed_on=None), by, end, "…")
    with pytest.raises(SignedLater):
        actions.close(one, replace(told, hearing_closed_on=end.date() + timedelta(days=1)), by, end, "…")
    actions.close(one, told, by, end, "…")
    assert (one.state, all_of(Evaluation)[0].hearing_closed_on) == ("closed", end.date())
    assert broken() == []


def test_the_page_asks_for_that_day_where_it_is_needed_alone(crossing: Crossing) -> None:
    one, town = reported(crossing), crossing.town
    address = f"/assessments/{one.public_id}"
    key, hearing_id = one.id, hearing_in(one, HearingState.REQUESTED).id
    closing = {"decision": "prosecuted", "on": phone.today().isoformat(), "document": "枫检诉1号", "reason": "…"}
    desk = town.browser(town.prosecutor)
    ahead = desk.get(f"{address}/evaluation")
    assert "still to be held" in text_of(ahead) and "hearing_closed_on" not in ahead.text
    assert desk.post(f"{address}/closing", closing).status_code == 409
    asked = db.session.get_one(Hearing, hearing_id)
    with act("hearing.cancel", asked, by=None, at=NOW):
        asked.state = HearingState.CANCELLED
    hearing_in(db.session.get_one(Assessment, key), HearingState.CONCLUDED)
    refused = desk.post(f"{address}/closing", closing)
    assert (refused.status_code, "Close it first" in text_of(refused)) == (422, True)
    assert 'name="hearing_closed_on"' in refused.text
    closed = {**closing, "hearing_closed_on": phone.today().isoformat()}
    assert desk.post(f"{address}/closing", closed).status_code == 303
    assert "Hearing closed on paper" in text_of(desk.get(f"{address}/evaluation"))


def test_nothing_is_decided_in_a_case_tomorrow(crossing: Crossing) -> None:
    one, by = reported(crossing), crossing.town.prosecutor
    with pytest.raises(SignedLater):
        actions.close(one, replace(DECIDED, on=date(2027, 1, 24)), by, LATER, "…")
    actions.close(one, replace(DECIDED, on=date(2027, 1, 23)), by, LATER, "…")
    assert one.state == "closed"


# The pages.


def test_the_page_shows_the_arithmetic_and_takes_each_step(crossing: Crossing) -> None:
    """A refusal for want of reasons stands beside the form."""
    one, town = done(crossing), crossing.town
    address, name = f"/assessments/{one.public_id}", one.person.name
    actions.ask_squad(one, squad(crossing), town.coordinator, LATER)
    remark = f"/remarks/{all_of(Remark)[0].public_id}"
    desk = town.browser(town.prosecutor)
    said = text_of(desk.get(f"{address}/evaluation"))
    assert "Hours served 1.5 / 1.5 hours 100" in said and "asked on" in said
    assert desk.post(f"{address}/evaluation", {"grade": "passed"}).status_code == 422
    leader = town.browser(town.squad_leader)
    asked = text_of(leader.get("/remarks"))
    assert name in asked
    form = text_of(leader.get(remark))
    assert name in form and "9001" not in form and "危险驾驶" not in form
    given = {"opinion": "as_usual", "text": "准时到岗。"}
    assert leader.post(remark, given).status_code == 303
    checked = {"on": phone.today().isoformat(), "found": "yes"}
    assert desk.post(f"{address}/checks", {**checked, "found": ""}).status_code == 422
    assert desk.post(f"{address}/checks", checked).status_code == 303
    assert desk.post(f"{address}/evaluation", {"grade": "passed", "reasons": "迟到"}).status_code == 303
    assert desk.post(f"{address}/report").status_code == 303
    paper = f"{address}/papers?kind=evaluation_report"
    assert f'href="{paper}"' in desk.get(f"{address}/evaluation").text
    assert re.search(r'<input checked[^>]*value="evaluation_report"', desk.get(paper).text)
    closing = {"decision": "prosecuted", "on": phone.today().isoformat(), "document": "枫检诉1号", "reason": "…"}
    assert desk.post(f"{address}/closing", {**closing, "on": "2099-01-01"}).status_code == 422
    assert desk.post(f"{address}/closing", closing).status_code == 303
    coordinator = text_of(town.browser(town.coordinator).get(f"{address}/evaluation"))
    assert "Decided by" in coordinator and "number 1 of" in coordinator


def test_excellent_with_hours_missing_is_refused_beside_the_grade(crossing: Crossing) -> None:
    name, town = crossing.person(first=date(2025, 10, 1), last=date(2025, 12, 1)).name, crossing.town
    (one,) = all_of(Assessment)
    address = f"/assessments/{one.public_id}/evaluation"
    desk = town.browser(town.prosecutor)
    page = text_of(desk.get(address))
    assert name in page and "20 hours of service are missing" in page
    answer = desk.post(address, {"grade": "excellent", "reasons": "态度很好"})
    said = text_of(answer)
    assert (answer.status_code, "asks for all the hours of the scheme: 20 hours are missing." in said) == (422, True)
    assert all_of(Evaluation) == []


def test_the_chief_reads_it_and_an_inspector_does_not(crossing: Crossing) -> None:
    address = f"/assessments/{done(crossing).public_id}/evaluation"
    names = ("王检长", "冯副检", "蒋检查", "秦队长", "邻郑检察")
    answers = [crossing.town.browser(crossing.town.person(name)).get(address).status_code for name in names]
    assert answers == [200, 200, 403, 404, 404]


# Wording (D-07, D-20): the service is voluntary and promises nothing.

PROMISES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(服务|时长|小时|考察)[^。；，]{0,12}(完成|满|合格|通过)[^。；]{0,12}(就|即|便|可以?|将|会)[^。；]{0,8}(不起诉|不予起诉|从宽|免)",
        r"(否则|不然|拒绝|退出)[^。；]{0,15}(起诉|从重|追究)",
        r"(complete|served|passed|finish)[^.;]{0,40}(not be prosecuted|no prosecution|be dropped|leniency)",
        r"(otherwise|if you (stop|withdraw|refuse))[^.;]{0,40}(prosecut|punish|charged)",
    )
]


def sentences() -> dict[str, Any]:
    catalogue = (ROOT / "translations/zh_Hans_CN/LC_MESSAGES/messages.po").read_text(encoding="utf-8")
    found = {"catalogue": re.sub(r'"\n"', "", catalogue)}
    for path in sorted((ROOT / "templates").rglob("*.*")):
        found[str(path.relative_to(ROOT))] = path.read_text(encoding="utf-8")
    return found


@pytest.mark.parametrize(
    "wrong",
    [
        "服务时长完成后就不起诉。",
        "考察合格的，可以不起诉",
        "退出服务的，将依法起诉。",
        "Once the hours are complete you will not be prosecuted.",
        "If you withdraw, you may be charged.",
    ],
)
def test_a_promise_or_a_threat_would_be_found(wrong: str) -> None:
    assert any(one.search(wrong) for one in PROMISES)


def test_no_sentence_promises_a_decision_or_threatens_with_one() -> None:
    assert [(name, m[0]) for name, text in sentences().items() for one in PROMISES for m in one.finditer(text)] == []
