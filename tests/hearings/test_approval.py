"""What the chief says on a request: approved, sent back, refused; who may; who hears of it; the answer that is owed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from accounts.actions.delegation import delegate, end_delegation
from accounts.models import Person
from extensions import db
from hearings.actions.approval import (
    ChangedMeanwhile,
    DecidedAlready,
    DocumentMissing,
    NothingToTell,
    ReasonsMissing,
    RemarkMissing,
    ToldOutOfTime,
    approve_hearing,
    ask_approval,
    deny_approval,
    grant_approval,
    refuse_hearing,
    return_hearing,
    tell_applicant,
)
from hearings.actions.cancelling import cancel_hearing
from hearings.actions.request import amend_hearing, request_hearing
from hearings.models import Hearing
from hearings.words import outcome_of
from record import invariants
from record.act import history
from record.course import OffCourse
from record.models import Message
from record.notices import is_outdated
from scheduler.deadlines.models import Deadline
from tests.cases.made import a_case, a_party
from tests.hearings.made import DOCUMENT, a_requested_hearing, an_approved_hearing, asked
from tests.queries import queries_of
from tests.town import NOW, ZONE, Town

TODAY = date(2026, 11, 24)


def told(template: str) -> list[str]:
    rows = select(Person.name).join(Message, Message.recipient_id == Person.id).where(Message.template == template)
    return list(db.session.scalars(rows.order_by(Message.id)))


def replies(hearing: Hearing) -> list[tuple[str, date | None]]:
    rows = select(Deadline).where(Deadline.subject_table == "hearing", Deadline.subject_id == hearing.id)
    return [(d.state, d.due_on) for d in db.session.scalars(rows.order_by(Deadline.id))]


def said(hearing: Hearing) -> list[tuple[bool | None, str, str]]:
    return [(a.granted, a.document, a.remark) for a in hearing.approvals]


def test_an_approval_is_a_record_of_who_when_and_by_which_document(town: Town) -> None:
    """H-02."""
    hearing = a_requested_hearing(town)
    approve_hearing(hearing, town.chief, NOW, DOCUMENT, "尽快安排")
    assert (hearing.state, said(hearing)) == ("approved", [(True, DOCUMENT, "尽快安排")])
    assert (hearing.approval.decided_by.name, hearing.approval.decided_at) == (town.chief.name, NOW)
    assert history(hearing) == ["hearing.request", "hearing.approve"]
    assert told("hearings/approved") == [town.prosecutor.name, town.clerk.name, town.coordinator.name]
    assert invariants.broken() == []


def test_an_approval_without_a_document_is_refused(town: Town) -> None:
    """H-02."""
    hearing = a_requested_hearing(town)
    with pytest.raises(DocumentMissing) as refusal:
        approve_hearing(hearing, town.chief, NOW, "  ")
    assert refusal.value.source == "DOMAIN H-02; 人民检察院审查案件听证工作规定 art. 4"
    assert (hearing.state, said(hearing)) == ("requested", [(None, "", "")])


def test_a_request_sent_back_waits_for_its_author_and_comes_again(town: Town) -> None:
    hearing = a_requested_hearing(town)
    with pytest.raises(RemarkMissing):
        return_hearing(hearing, town.chief, NOW, " ")
    return_hearing(hearing, town.chief, NOW, "写明听证问题")
    assert (hearing.state, hearing.shown_state) == ("requested", "returned")
    assert told("hearings/returned") == [town.prosecutor.name]
    with pytest.raises(DecidedAlready):
        approve_hearing(hearing, town.chief, NOW, DOCUMENT)
    amend_hearing(hearing, asked(questions="情节是否轻微"), town.prosecutor, NOW)
    assert (hearing.shown_state, hearing.returned) == ("requested", "")
    assert told("hearings/approval_asked") == [town.chief.name, town.chief.name]
    approve_hearing(hearing, town.chief, NOW, DOCUMENT)
    assert said(hearing) == [(False, "", "写明听证问题"), (True, DOCUMENT, "")]
    assert history(hearing) == ["hearing.request", "hearing.return", "hearing.amend", "hearing.approve"]


def test_a_refusal_gives_its_reasons(town: Town) -> None:
    """H-05."""
    hearing = a_requested_hearing(town)
    with pytest.raises(ReasonsMissing) as refusal:
        refuse_hearing(hearing, town.chief, NOW, "")
    assert refusal.value.source == "DOMAIN H-05; 人民检察院审查案件听证工作规定 art. 9"
    refuse_hearing(hearing, town.chief, NOW, "事实清楚，无争议")
    assert (hearing.state, said(hearing)) == ("refused", [(False, "", "事实清楚，无争议")])
    assert told("hearings/refused") == [town.prosecutor.name]
    assert history(hearing) == ["hearing.request", "hearing.refuse"]


def test_what_is_decided_is_not_decided_again(town: Town) -> None:
    hearing = an_approved_hearing(town)
    for step in (
        lambda: approve_hearing(hearing, town.chief, NOW, DOCUMENT),
        lambda: return_hearing(hearing, town.chief, NOW, "再看"),
        lambda: refuse_hearing(hearing, town.chief, NOW, "不必"),
        lambda: amend_hearing(hearing, asked(), town.prosecutor, NOW),
    ):
        with pytest.raises(OffCourse):
            step()
    assert history(hearing) == ["hearing.request", "hearing.approve"]


def test_nobody_decides_on_what_he_has_not_read(town: Town) -> None:
    hearing = a_requested_hearing(town)
    read = hearing.sequence
    amend_hearing(hearing, asked(why="另有新证据"), town.prosecutor, NOW)
    with pytest.raises(ChangedMeanwhile):
        approve_hearing(hearing, town.chief, NOW, DOCUMENT, seen=read)
    approve_hearing(hearing, town.chief, NOW, DOCUMENT, seen=hearing.sequence)
    assert hearing.state == "approved"


def test_the_deputy_decides_only_under_a_delegation_and_while_it_runs(town: Town) -> None:
    """H-02."""
    path = f"/hearings/{a_requested_hearing(town).public_id}/approval"
    assert town.browser(town.deputy_chief).get(path).status_code == 403
    assert town.browser(town.deputy_chief).get("/hearings/approvals").status_code == 403
    now = datetime.now(ZONE)
    on = now.date()
    given = delegate(
        town.office,
        town.deputy_chief,
        on,
        on + timedelta(days=3),
        by=town.chief,
        at=now,
        on=on,
        reason="出差",
    )
    deputy = town.browser(town.deputy_chief)
    assert deputy.get(path).status_code == 200
    delegation = db.session.merge(given, load=True)
    end_delegation(delegation, by=town.chief, at=now, on=on, reason="返回")
    assert deputy.get(path).status_code == 403


def test_what_a_deputy_approved_says_that_it_was_by_delegation(town: Town) -> None:
    """H-02: the chief's own word has nothing beside it."""
    delegate(town.office, town.deputy_chief, TODAY, TODAY, by=town.chief, at=NOW, on=TODAY, reason="出差")
    pages = []
    for number, role in (("61", "deputy_chief"), ("62", "chief")):
        hearing = a_requested_hearing(town, a_case(town, number=number))
        path = f"/hearings/{hearing.public_id}"
        approve_hearing(hearing, getattr(town, role), NOW, DOCUMENT)
        page = town.browser(town.coordinator).get(path).get_data(as_text=True)
        pages.append("by delegation" in page)
    assert pages == [True, False]


def test_the_deputy_hears_of_a_request_under_a_delegation(town: Town) -> None:
    delegate(town.office, town.deputy_chief, TODAY, TODAY, by=town.chief, at=NOW, on=TODAY, reason="出差")
    hearing = a_requested_hearing(town)
    assert told("hearings/approval_asked") == [town.chief.name, town.deputy_chief.name]
    approve_hearing(hearing, town.deputy_chief, NOW, DOCUMENT)
    assert hearing.approval.decided_by.name == town.deputy_chief.name


def test_a_message_that_asks_for_a_decision_leaves_no_more_once_it_is_taken(town: Town) -> None:
    """I25."""
    hearing = a_requested_hearing(town)
    message = db.session.scalars(select(Message).where(Message.template == "hearings/approval_asked")).first()
    assert not is_outdated(message)
    approve_hearing(hearing, town.chief, NOW, DOCUMENT)
    assert is_outdated(message)


def test_an_application_is_answered_within_seven_days(town: Town) -> None:
    """H-05: the deadline starts with the application and is met when the applicant is told."""
    hearing = a_requested_hearing(town, applicant="孙小明", applied_on=date(2026, 11, 20))
    assert replies(hearing) == [("running", date(2026, 11, 27))]
    with pytest.raises(NothingToTell):
        tell_applicant(hearing, TODAY, "电话", town.clerk, NOW)
    refuse_hearing(hearing, town.chief, NOW, "无争议")
    for day in (date(2026, 11, 23), date(2026, 11, 25)):
        with pytest.raises(ToldOutOfTime):
            tell_applicant(hearing, day, "电话", town.clerk, NOW)
    tell_applicant(hearing, TODAY, "电话", town.clerk, NOW)
    assert (hearing.applicant_told_on, replies(hearing)) == (TODAY, [("met", date(2026, 11, 27))])
    assert history(hearing) == ["hearing.request", "hearing.refuse", "hearing.tell_applicant"]
    with pytest.raises(NothingToTell):
        tell_applicant(hearing, TODAY, "电话", town.clerk, NOW)


def test_an_answer_on_the_seventh_day_is_in_time_and_on_the_eighth_late(town: Town) -> None:
    """H-05."""
    last, late = date(2026, 11, 17), date(2026, 11, 16)
    for number, applied_on in (("一", last), ("二", late)):
        hearing = an_approved_hearing(town, a_case(town, number=number), applicant="孙小明", applied_on=applied_on)
        tell_applicant(hearing, TODAY, "当面", town.clerk, NOW)
        assert [state for state, _ in replies(hearing)] == ["met" if applied_on == last else "late"]


def test_a_corrected_day_of_application_counts_anew(town: Town) -> None:
    hearing = a_requested_hearing(town, applicant="孙小明", applied_on=date(2026, 11, 20))
    amend_hearing(hearing, asked(applicant="孙小明", applied_on=date(2026, 11, 18)), town.prosecutor, NOW)
    assert replies(hearing) == [("cancelled", date(2026, 11, 27)), ("running", date(2026, 11, 25))]
    amend_hearing(hearing, asked(), town.prosecutor, NOW)
    assert [state for state, _ in replies(hearing)] == ["cancelled", "cancelled"]


def test_a_defender_who_asked_himself_is_answered_by_the_message(town: Town) -> None:
    """H-05."""
    case = a_case(town)
    a_party(town, case, town.lawyer.name, role="defender", person_id=town.lawyer.id)
    facts = asked(applicant=town.lawyer.name, applied_on=TODAY)
    hearing = request_hearing(case, facts, town.lawyer, NOW)
    assert told("hearings/asked_in_your_case") == [town.prosecutor.name]
    refuse_hearing(hearing, town.chief, NOW, "无争议")
    assert told("hearings/refused") == [town.lawyer.name, town.prosecutor.name]
    assert (hearing.applicant_told_on, [state for state, _ in replies(hearing)]) == (TODAY, ["met"])


def test_a_place_or_an_outsider_is_decided_beside_the_hearing(town: Town) -> None:
    """H-35, H-45."""
    hearing = an_approved_hearing(town)
    place = ask_approval(hearing, "venue", by=town.coordinator, at=NOW, detail="柳河村委会", why="当事人行动不便")
    outsider = ask_approval(hearing, "outsider", by=town.coordinator, at=NOW, person=town.volunteer)
    assert [a.about for a in hearing.asked()] == ["venue", "outsider"]
    grant_approval(place, town.chief, NOW)
    with pytest.raises(RemarkMissing):
        deny_approval(outsider, town.chief, NOW, "")
    deny_approval(outsider, town.chief, NOW, "另选")
    assert [(a.granted, a.remark) for a in (place, outsider)] == [(True, ""), (False, "另选")]
    assert told("hearings/approval_decided") == [town.coordinator.name, town.coordinator.name]
    assert (history(place), history(outsider)) == (
        ["approval.ask", "approval.grant"],
        ["approval.ask", "approval.deny"],
    )
    with pytest.raises(DecidedAlready):
        grant_approval(outsider, town.chief, NOW)
    assert hearing.approval.about == "hearing"


def test_the_chief_decides_on_pages(town: Town) -> None:
    hearing = a_requested_hearing(town, applicant="孙小明", applied_on=TODAY)
    path, seen = f"/hearings/{hearing.public_id}", str(hearing.sequence)
    chief = town.browser(town.chief)
    inbox = chief.get("/hearings/approvals").get_data(as_text=True)
    assert f'href="{path}/approval"' in inbox
    assert chief.post(f"{path}/approval", {"document": "", "seen": seen}).status_code == 422
    again = chief.post(f"{path}/return", {"remark": "", "seen": seen})
    assert (again.status_code, "Say what should be changed." in again.get_data(as_text=True)) == (422, True)
    assert chief.post(f"{path}/return", {"remark": "写明问题", "seen": seen}).status_code == 303
    old = chief.post(f"{path}/approval", {"document": DOCUMENT, "seen": seen})
    assert (old.status_code, "changed while you were reading" in old.get_data(as_text=True)) == (409, True)
    hearing = db.session.scalars(select(Hearing)).one()
    amend_hearing(hearing, asked(applicant="孙小明", applied_on=TODAY), town.prosecutor, NOW)
    seen = str(hearing.sequence)
    assert chief.post(f"{path}/approval", {"document": DOCUMENT, "seen": seen}).status_code == 303
    clerk = town.browser(town.clerk)
    assert clerk.post(f"{path}/answer", {"told_on": "", "how": ""}).status_code == 422
    answered = clerk.post(f"{path}/answer", {"told_on": datetime.now(ZONE).date().isoformat(), "how": "电话"})
    assert answered.status_code == 303
    assert clerk.post(f"{path}/approval", {"document": DOCUMENT}).status_code == 403


def test_a_cancelled_hearing_no_longer_waits_for_the_chief(town: Town) -> None:
    hearing = a_requested_hearing(town, applicant="孙小明", applied_on=TODAY)
    message = db.session.scalars(select(Message).where(Message.template == "hearings/approval_asked")).first()
    cancel_hearing(hearing, town.prosecutor, NOW, "申请人撤回")
    assert (hearing.asked(), is_outdated(message)) == ([], True)
    assert [state for state, _ in replies(hearing)] == ["cancelled"]
    page = town.browser(town.chief).get("/hearings/approvals").get_data(as_text=True)
    assert "Nothing waits" in page


def test_what_was_sent_back_stays_so_when_the_hearing_is_cancelled(town: Town) -> None:
    hearing = a_requested_hearing(town)
    return_hearing(hearing, town.chief, NOW, "写明问题")
    before = [outcome_of(a) for a in hearing.approvals]
    cancel_hearing(hearing, town.prosecutor, NOW, "申请人撤回")
    other = a_requested_hearing(town, a_case(town, number="二"))
    refuse_hearing(other, town.chief, NOW, "无争议")
    assert (before, [outcome_of(a) for a in (*hearing.approvals, *other.approvals)]) == (
        ["returned"],
        ["returned", "refused"],
    )
    page = town.browser(town.chief).get("/hearings/approvals").get_data(as_text=True)
    assert page.count("Returned") == 1


def test_another_offices_chief_finds_nothing(town: Town) -> None:
    hearing = a_requested_hearing(town)
    path = f"/hearings/{hearing.public_id}/approval"
    stranger = town.browser(town.neighbour("chief"))
    assert [stranger.get(path).status_code, stranger.post(path, {"document": DOCUMENT}).status_code] == [404, 404]
    assert "Nothing waits" in stranger.get("/hearings/approvals").get_data(as_text=True)


def test_a_chief_who_is_in_the_case_himself_does_not_see_it(town: Town) -> None:
    """TRUST 2: whoever is party to a case is refused everywhere for it."""
    hearing = a_requested_hearing(town)
    a_party(town, hearing.case, town.chief.name, role="witness", person_id=town.chief.id)
    path = f"/hearings/{hearing.public_id}/approval"
    assert town.browser(town.chief).get(path).status_code == 404
    assert "Nothing waits" in town.browser(town.chief).get("/hearings/approvals").get_data(as_text=True)


def test_the_inbox_asks_few_questions_however_much_waits(town: Town) -> None:
    a_requested_hearing(town, a_case(town, number="0"))
    chief = town.browser(town.chief)
    few = queries_of(chief, "/hearings/approvals")
    for n in range(1, 6):
        a_requested_hearing(town, a_case(town, number=str(n)))
    assert queries_of(chief, "/hearings/approvals") == few
