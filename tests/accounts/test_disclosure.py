"""Opening a record: never by reading, always with a reason, each time an act (T11, SETTLED 3)."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import false, select

from accounts import rights
from accounts.actions.people import enter_person
from accounts.models import Membership, Role
from extensions import db
from record.act import history
from record.models import Act
from tests.accounts.crowd import ID, PHONE, entered, text_of
from tests.town import NOW, Town


def acts_of(name: str) -> list[tuple[int | None, int | None, str]]:
    rows = db.session.scalars(select(Act).where(Act.name == name).order_by(Act.id))
    return [(a.actor_id, a.office_id, a.reason) for a in rows]


def test_reading_the_page_shows_masks_and_leaves_no_trace(town: Town) -> None:
    person = entered(town)
    person_id, path = person.id, f"/people/{person.public_id}"
    browser = town.browser(town.coordinator)
    page = browser.get(path).get_data(as_text=True)
    assert [secret for secret in (PHONE, ID, "li@example.com", "1949-12-31", "19491231") if secret in page] == []
    assert ("174****0123" in page, "1101**********002X" in page, "l***@example.com" in page) == (True, True, True)
    assert db.session.scalars(select(Act.name).where(Act.subject_id == person_id, Act.name.like("person.%"))).all() == [
        "person.enter"
    ]
    for verb in ("disclosure", "unmasking"):
        assert browser.get(f"{path}/{verb}").location == path


def test_a_disclosure_answers_with_the_full_record_and_is_an_act_each_time(town: Town) -> None:
    path = f"/people/{entered(town).public_id}"
    who, office = town.coordinator.id, town.office.id
    browser = town.browser(town.coordinator)
    for reason in ("核对身份", "再次核对"):
        answer = browser.post(f"{path}/disclosure", {"reason": reason})
        shown = text_of(answer)
        assert [answer.status_code, *(fact in shown for fact in (PHONE, ID, "li@example.com"))] == [
            200,
            True,
            True,
            True,
        ]
        assert answer.headers["Cache-Control"] == "no-store"
    assert acts_of("person.disclose") == [(who, office, "核对身份"), (who, office, "再次核对")]


@pytest.mark.parametrize(("fact", "value", "others"), [("phone", PHONE, [ID]), ("id_number", ID, [PHONE])])
def test_an_unmasking_shows_one_fact_and_no_other(town: Town, fact: str, value: str, others: list[str]) -> None:
    path = f"/people/{entered(town).public_id}/unmasking"
    browser = town.browser(town.coordinator)
    page = browser.post(path, {"fact": fact, "reason": "核对"}).get_data(as_text=True)
    assert (value in page, [other for other in others if other in page]) == (True, [])
    act = db.session.scalars(select(Act).where(Act.name == "person.unmask")).one()
    assert (act.facts, act.changes, act.reason) == ({"fact": fact}, [], "核对")


@pytest.mark.parametrize("verb", ["disclosure", "unmasking"])
def test_without_a_reason_nothing_is_shown_nor_noted(town: Town, verb: str) -> None:
    path = f"/people/{entered(town).public_id}/{verb}"
    for reason in ("", "   ", "\u3000"):
        answer = town.browser(town.coordinator).post(path, {"fact": "phone", "reason": reason})
        assert (answer.status_code, PHONE in answer.get_data(as_text=True)) == (422, False)
    assert acts_of("person.disclose") + acts_of("person.unmask") == []


def test_the_same_press_twice_is_one_act(town: Town) -> None:
    """I07."""
    path = f"/people/{entered(town).public_id}/disclosure"
    browser = town.browser(town.coordinator)
    sent = {"reason": "核对", "form_id": "the-same"}
    answers = [browser.post(path, sent).get_data(as_text=True) for _ in range(2)]
    assert (answers[0] == answers[1], len(acts_of("person.disclose"))) == (True, 1)


def test_who_may_not_unmask_is_refused_and_learns_nothing(town: Town) -> None:
    path = f"/people/{entered(town).public_id}"
    for role in Role:
        if role in {Role.COORDINATOR, Role.CHIEF}:
            continue
        browser = town.browser(getattr(town, role))
        for verb in ("disclosure", "unmasking"):
            answer = browser.post(f"{path}/{verb}", {"fact": "phone", "reason": "x"})
            assert answer.status_code in {403, 404}, role
            assert [s for s in (PHONE, ID, "李小明") if s in answer.get_data(as_text=True)] == []
    assert acts_of("person.disclose") + acts_of("person.unmask") == []


def test_a_record_of_nobody_and_one_of_another_office_are_told_alike(town: Town) -> None:
    """T12."""
    other = enter_person({"name": "邻人", "phone": PHONE}, town.other_office, by=None, at=NOW).public_id
    browser = town.browser(town.coordinator)
    answers = [browser.post(f"/people/{who}/disclosure", {"reason": "x"}) for who in (other, uuid.uuid4())]
    assert [a.status_code for a in answers] == [404, 404]
    assert PHONE not in answers[0].get_data(as_text=True)


def test_a_prosecutor_opens_the_party_of_his_case_and_nobody_else(town: Town) -> None:
    """UNMASK prosecutor:a; the room of cases says who is assigned, by `assigned_people`."""
    party = enter_person({"name": "当事人", "phone": PHONE}, town.office, by=town.prosecutor, at=NOW)
    party_id, path = party.id, f"/people/{party.public_id}"
    town_prosecutor = town.prosecutor.id
    from accounts.models import Person

    @rights.assigned_people(Role.PROSECUTOR)
    def parties_of_my_cases(viewer: object, mine: Membership) -> object:
        return Person.id == party_id if mine.person_id == town_prosecutor else false()

    try:
        browser = town.browser(town.prosecutor)
        assert PHONE in browser.post(f"{path}/unmasking", {"fact": "phone", "reason": "通知"}).get_data(as_text=True)
        assert browser.post(f"/people/{town.volunteer.public_id}/disclosure", {"reason": "x"}).status_code == 404
        assert town.browser(town.clerk).post(f"{path}/disclosure", {"reason": "x"}).status_code == 404
    finally:
        rights._assigned[Role.PROSECUTOR].remove(parties_of_my_cases)


def test_whoever_opened_the_record_stands_on_its_page_and_in_the_persons_own(town: Town) -> None:
    person = entered(town)
    person_id, path = person.id, f"/people/{person.public_id}"
    browser = town.browser(town.chief)
    browser.post(f"{path}/disclosure", {"reason": "抽查档案"})
    assert "抽查档案" in text_of(town.browser(town.coordinator).get(path))
    from accounts.models import Person

    assert history(db.session.get_one(Person, person_id)) == ["person.enter", "person.disclose"]
