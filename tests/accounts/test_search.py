"""The list of people: who sees whom, and finding somebody by whatever is at hand."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from accounts.actions.memberships import appoint, end_membership
from accounts.actions.people import enter_person, give_membership
from accounts.models import Membership, Organisation
from accounts.reading import reading_of
from extensions import db
from tests.accounts.crowd import ID, PHONE, entered, names_in, text_of
from tests.queries import queries_of
from tests.town import NOW, Town

# The list


def test_names_stand_by_surname_and_given_name_syllable_by_syllable(town: Town) -> None:
    """Chen before Cheng and Xi before Xian, whatever follows; and found by what is typed without blanks."""
    names = ["程安", "陈志", "习安", "陈安", "鲜明", "程阿宝"]
    for name in names:
        give_membership(
            enter_person({"name": name}, town.office, by=None, at=NOW),
            town.office,
            "clerk",
            starts_on=date(2026, 1, 1),
            by=None,
            at=NOW,
        )
    shown = names_in(town.browser(town.coordinator).get("/people"))
    assert [name for name in shown if name in names] == ["陈安", "陈志", "程阿宝", "程安", "习安", "鲜明"]
    assert names_in(town.browser(town.coordinator).get("/people?q=chenga")) == ["程阿宝", "程安"]
    assert names_in(town.browser(town.coordinator).get("/people?q=cheng+an")) == ["程安"]


def test_the_list_shows_the_office_with_phones_masked(town: Town) -> None:
    entered(town)
    answer = town.browser(town.coordinator).get("/people")
    assert names_in(answer) == sorted(names_in(answer), key=lambda name: reading_of(name)[0])
    assert "174****0123" in text_of(answer)
    assert [secret for secret in (PHONE, "邻") if secret in answer.get_data(as_text=True)] == []
    assert len(names_in(answer)) == 18


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ("squad_leader", ["秦队长", "朱交警"]),
        ("case_management", ["吕听证"]),
        ("legal_aid_contact", ["尤律师"]),
    ],
)
def test_who_keeps_some_sees_only_those(town: Town, role: str, names: list[str]) -> None:
    browser = town.browser(getattr(town, role))
    assert names_in(browser.get("/people")) == names
    assert browser.get(f"/people/{town.volunteer.public_id}").status_code == 404


def test_a_squad_leader_does_not_learn_what_else_his_officer_is(town: Town) -> None:
    """D-24: an officer may himself be under assessment."""
    officer = town.traffic_officer
    path = f"/people/{officer.public_id}"
    give_membership(
        officer, town.office, "volunteer", starts_on=date(2026, 1, 1), by=town.coordinator, at=NOW, reason="考察"
    )
    page = text_of(town.browser(town.squad_leader).get(path))
    assert [word for word in ("volunteer", "Volunteer", "志愿", "考察") if word in page] == []
    assert "volunteer" in text_of(town.browser(town.coordinator).get(path)).lower()


@pytest.mark.parametrize("role", ["system_admin", "security_admin"])
def test_an_administrator_sees_the_installation_but_never_a_volunteer(town: Town, role: str) -> None:
    browser = town.browser(getattr(town, role))
    everybody = [name for page in (1, 2) for name in names_in(browser.get(f"/people?page={page}"))]
    assert "邻朱交警" in everybody and "朱交警" in everybody
    assert [name for name in everybody if "志愿" in name] == []
    assert browser.get(f"/people/{town.volunteer.public_id}").status_code == 404
    assert names_in(browser.get("/people?q=志愿")) == []


def test_others_have_no_list_of_people(town: Town) -> None:
    for role in ("prosecutor", "clerk", "receptionist", "audit_admin", "lawyer", "traffic_officer", "volunteer"):
        assert town.browser(getattr(town, role)).get("/people").status_code == 403


def test_the_list_asks_the_database_as_often_for_many_as_for_few(town: Town) -> None:
    browser = town.browser(town.coordinator)
    few = queries_of(browser, "/people")
    for n in range(60):
        person = enter_person({"name": f"志愿{n}", "phone": f"174{n:08}"}, town.office, by=town.coordinator, at=NOW)
        give_membership(person, town.office, "volunteer", starts_on=date(2026, 1, 1), by=town.coordinator, at=NOW)
    assert (queries_of(browser, "/people"), few[0] <= 12) == (few, True)
    assert [len(names_in(browser.get(f"/people?page={page}"))) for page in (1, 2, 99)] == [50, 27, 27]


def test_somebody_whose_roles_ended_is_kept_apart_and_his_facts_closed(town: Town) -> None:
    person = entered(town)
    public_id = person.public_id
    membership = db.session.scalars(select(Membership).where(Membership.person_id == person.id)).one()
    end_membership(membership, date(2026, 11, 1), town.coordinator, NOW, "ended")
    browser = town.browser(town.coordinator)
    assert "李小明" not in names_in(browser.get("/people"))
    assert names_in(browser.get("/people?state=former")) == ["李小明"]
    page = text_of(browser.get(f"/people/{public_id}"))
    assert [word for word in ("0123", "002X") if word in page] == []
    assert browser.post(f"/people/{public_id}/disclosure", {"reason": "x"}).status_code == 409


# Searching


def found(town: Town, q: str, role: str = "coordinator") -> list[str]:
    return names_in(town.browser(getattr(town, role)).get("/people", query_string={"q": q}))


@pytest.fixture
def crowd(town: Town) -> Town:
    """People whose names, numbers and phones could be mistaken for one another."""
    squad = db.session.scalars(select(Organisation).where(Organisation.name == "一中队")).one()
    for name, phone, number in (
        ("单雄信", "17400001111", "001234"),
        ("单于飞", "17400002222", "001235"),
        ("欧阳明", "17411110000", "1111"),
        ("张100%", "17400003333", "9"),
        ("Anna Müller", "17400004444", ""),
    ):
        person = enter_person({"name": name, "phone": phone}, town.office, by=None, at=NOW)
        appoint(
            person,
            town.office,
            "traffic_officer",
            starts_on=date(2026, 1, 1),
            by=None,
            at=NOW,
            organisation=squad,
            number=number,
        )
    return town


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("雄信", ["单雄信"]),
        ("单", ["单于飞", "单雄信"]),
        ("shan", ["单雄信"]),
        ("shanxiong", ["单雄信"]),
        ("sxx", ["单雄信"]),
        ("SXX", ["单雄信"]),
        ("oym", ["欧阳明"]),
        ("ouyang ming", ["欧阳明"]),
        ("müller", ["Anna Müller"]),
        ("anna", ["Anna Müller"]),
        ("001234", ["单雄信"]),
        ("1111", ["欧阳明", "单雄信"]),
        ("１１１１", ["欧阳明", "单雄信"]),
        ("17400002222", ["单于飞"]),
        ("174 0000 2222", ["单于飞"]),
        ("1740000222", []),
        ("%", ["张100%"]),
        ("_", []),
        ("0000", ["欧阳明"]),
    ],
)
def test_somebody_is_found_by_whatever_is_at_hand(crowd: Town, q: str, names: list[str]) -> None:
    """SETTLED 24. A badge number and the last four of a phone may be the same digits."""
    assert found(crowd, q) == names


def test_a_whole_id_number_finds_its_person_and_a_part_of_it_does_not(town: Town) -> None:
    entered(town)
    assert [found(town, q) for q in (ID, ID.lower(), ID[:17], ID[-4:])] == [["李小明"], ["李小明"], [], []]


def test_a_search_finds_nobody_of_another_office(crowd: Town) -> None:
    for name, phone in (("邻单", "17499991111"), ("邻姓", "17488882222")):
        other = enter_person({"name": name, "phone": phone}, crowd.other_office, by=None, at=NOW)
        give_membership(other, crowd.other_office, "lawyer", starts_on=date(2026, 1, 1), by=None, at=NOW)
    assert [found(crowd, q) for q in ("邻", "linshan", "17499991111", "2222")] == [[], [], [], ["单于飞"]]


def test_filters_by_role_and_organisation_and_sorting(crowd: Town) -> None:
    browser = crowd.browser(crowd.coordinator)
    squad = db.session.scalars(select(Organisation.public_id).where(Organisation.name == "一中队")).one()
    assert names_in(browser.get("/people?role=squad_leader")) == ["秦队长"]
    everybody = names_in(browser.get(f"/people?organisation={squad}&sort=name&dir=desc"))
    assert everybody == ["朱交警", "张100%", "单雄信", "秦队长", "欧阳明", "单于飞", "Anna Müller"]
    assert names_in(browser.get("/people?role=chief&sort=since")) == ["王检长"]
    assert len(names_in(browser.get("/people?role=nonsense&organisation=1&page=x&sort=id_hash"))) == 22


def test_an_empty_list_says_what_belongs_there(town: Town) -> None:
    browser = town.browser(town.coordinator)
    assert "data-new" in browser.get("/people").get_data(as_text=True)
    nobody = browser.get("/people?q=zzzz").get_data(as_text=True)
    assert ('class="empty"' in nobody, "<tbody>" in nobody) == (True, False)
