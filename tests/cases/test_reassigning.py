"""A case goes to another prosecutor: who had it sees it no longer, anywhere (TRUST 2 `reassign_case`, T14)."""

from __future__ import annotations

from datetime import date

from pytest import raises

from accounts.actions.people import enter_person, give_membership
from accounts.mail import written
from accounts.models import Account, Person, Role
from cases.actions.entering import NotAProsecutor
from cases.actions.reassigning import HandledByAnother, HandlesIt, reassign_case
from cases.limits import deadline_of
from cases.models import Case
from extensions import db
from record.act import history
from record.invariants import broken
from record.models import Message
from tests.cases.made import a_case
from tests.town import NOW, Town
from tests.volunteers.conftest import Crossing, all_of
from volunteers.models.assessment import Assessment


def colleague(town: Town) -> Person:
    """Another prosecutor of the office."""
    person = enter_person({"name": "新检察"}, town.office, by=None, at=NOW)
    give_membership(person, town.office, Role.PROSECUTOR, starts_on=date(2026, 1, 1), by=None, at=NOW)
    db.session.add(Account(person_id=person.id, username="新检察", fs_uniquifier=f"x-{person.public_id}"))
    db.session.commit()
    return person


def test_the_case_its_deadline_and_its_people_go_to_the_other_and_both_are_told(town: Town) -> None:
    Crossing(town).person("王小明")
    [assessment], to = all_of(Assessment), colleague(town)
    case, had_it = assessment.case, town.prosecutor
    reassign_case(case, to, town.chief, NOW, "人员调整")
    assert (case.handler_id, assessment.prosecutor_id, deadline_of(case).responsible_id) == (to.id, to.id, to.id)
    gone = [history(row)[-1] for row in (case, assessment, deadline_of(case))]
    assert gone == ["case.reassign", "assessment.reassign", "deadline.entrust"]
    told = {one.recipient_id: written(one).subject for one in all_of(Message, Message.template.like("cases/%"))}
    assert sorted(told) == sorted([had_it.id, to.id])
    assert not any("王小明" in words or case.number in words for words in told.values())
    assert broken() == []


def test_only_to_a_prosecutor_of_the_office_who_has_it_not_yet(town: Town) -> None:
    case = a_case(town)
    for to, error in (
        (town.prosecutor, HandlesIt),
        (town.clerk, NotAProsecutor),
        (town.neighbour("prosecutor"), NotAProsecutor),
    ):
        with raises(error):
            reassign_case(case, to, town.chief, NOW, "人员调整")
    assert (case.handler_id, history(case)) == (town.prosecutor.id, ["case.enter"])


def test_of_two_who_give_it_away_at_once_the_second_is_told(town: Town) -> None:
    case, to, had_it = a_case(town), colleague(town), town.prosecutor.id
    reassign_case(case, to, town.chief, NOW, "人员调整", had_it)
    with raises(HandledByAnother):
        reassign_case(case, town.chief, town.case_management, NOW, "人员调整", had_it)
    assert (case.handler_id, history(case)) == (to.id, ["case.enter", "case.reassign"])


def test_who_had_it_finds_nothing_of_it_at_his_next_request(town: Town) -> None:
    Crossing(town).person("王小明")
    [assessment], to = all_of(Assessment), colleague(town)
    sent = {"to": str(to.id), "reason": "人员调整"}
    case, his = f"/cases/{assessment.case.public_id}", f"/assessments/{assessment.public_id}"
    was, now, chief = (town.browser(town.person(name)) for name in ("郑检察", "新检察", town.chief.name))

    def seen() -> list[tuple[int, int]]:
        return [(was.get(page).status_code, now.get(page).status_code) for page in (case, his)]

    assert seen() == [(200, 404), (200, 404)]
    assert chief.post(f"{case}/reassignment", sent).status_code == 303
    assert seen() == [(404, 200), (404, 200)]
    lists = ("/cases", "/assessments", "/assessments/board", "/day")
    assert ["王小明" in was.get(page).text for page in lists] == [False, False, False, False]


def test_a_prosecutor_does_not_pass_his_case_on_by_correcting_it(town: Town) -> None:
    case, to = a_case(town, cause="盗窃"), colleague(town)
    sent = {"number": case.number, "cause": "危险驾驶", "stage": case.stage, "received_on": str(case.received_on)}
    sent |= {"handler_id": str(to.id), "reason": "试一试"}
    page, given = f"/cases/{case.public_id}", {"to": str(to.id), "reason": "试一试"}
    desk = town.browser(town.prosecutor)
    form = desk.get(f"{page}/correction").text
    assert ('name="handler_id"' in form, 'name="lead_id"' in form) == (False, True)
    assert desk.post(f"{page}/correction", sent).status_code == 303
    assert desk.post(f"{page}/reassignment", given).status_code == 403
    [case] = all_of(Case)
    assert (case.handler_id, case.cause) == (town.prosecutor.id, "危险驾驶")
