"""Cases: who enters them, who sees them, and how names are shown."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import select

from accounts.access import Viewer, clause
from accounts.actions.hand_over import hand_over
from accounts.actions.people import give_membership
from cases.actions.entering import NotAProsecutor, NumberTaken, correct_case, enter_case
from cases.actions.parties import PartyAlreadyThere, correct_party, remove_party
from cases.masking import masked_name
from cases.models import Case, Party
from cases.rights import SEE_CASE
from extensions import db
from record.act import act, history
from tests.cases.made import a_case, a_party, on_bail
from tests.queries import queries_of
from tests.town import NOW, Town


def numbers(page: str) -> list[str]:
    return re.findall(r'lead-cell"[^>]*><a href="/cases/[^"]+">([^<]+)<', page)


def seen_by(town: Town, person, path: str = "/cases") -> list[str]:
    return numbers(town.browser(person).get(path).get_data(as_text=True))


def test_a_number_is_taken_once_in_an_office(town: Town) -> None:
    a_case(town)
    with pytest.raises(NumberTaken):
        a_case(town)
    other = a_case(town, number="二")
    with pytest.raises(NumberTaken):
        correct_case(other, {"number": "枫检刑诉〔2026〕31号"}, town.coordinator, NOW)
    assert history(other) == ["case.enter"]


def test_somebody_is_in_a_case_once_in_a_role_unless_it_is_a_namesake(town: Town) -> None:
    case = a_case(town)
    first = a_party(town, case, "孙小明", birth_on=date(1990, 1, 1))
    correct_party(first, {"person_id": town.volunteer.id}, town.coordinator, NOW)
    same = {"person_id": town.volunteer.id, "birth_on": date(1991, 2, 2)}
    for facts in ({}, {"birth_on": date(1990, 1, 1)}, {"phone": "17400000001"}, same):
        with pytest.raises(PartyAlreadyThere):
            a_party(town, case, "孙小明", **facts)
    a_party(town, case, "孙小明", role="victim")
    a_party(town, case, "孙小明", birth_on=date(1991, 2, 2))
    a_party(town, a_case(town, number="二"), "孙小明")
    for child in (first, a_party(town, case, "孙小红")):
        a_party(town, case, "孙大明", role="agent", represents_id=child.id)
    remove_party(first, NOW.date(), town.coordinator, NOW, "entered twice")
    a_party(town, case, "孙小明", birth_on=date(1990, 1, 1))
    assert [p.role for p in case.present_parties if p.name == "孙大明"] == ["agent", "agent"]
    assert [(p.role, p.birth_on) for p in case.present_parties if p.name == "孙小明"] == [
        ("victim", None),
        ("suspect", date(1991, 2, 2)),
        ("suspect", date(1990, 1, 1)),
    ]


def test_a_party_refused_as_entered_already_keeps_what_was_typed(town: Town) -> None:
    case = a_case(town)
    a_party(town, case, "孙小明")
    path = f"/cases/{case.public_id}/parties"
    desk = town.browser(town.coordinator)
    typed = {"name": "孙小明", "role": "suspect", "phone": "17400000009", "measure": "none"}
    answer = desk.post(path, typed)
    assert answer.status_code == 409
    assert ("in this case already" in answer.text, "17400000009" in answer.text) == (True, True)


def test_a_case_is_handled_by_a_prosecutor_of_its_office(town: Town) -> None:
    with pytest.raises(NotAProsecutor):
        a_case(town, handler_id=town.clerk.id)
    with pytest.raises(NotAProsecutor):
        a_case(town, handler_id=town.neighbour("prosecutor").id)
    assert db.session.scalars(select(Case)).all() == []


def test_who_sees_which_case(town: Town) -> None:
    mine = a_case(town, number="一")
    a_case(town, number="二", handler_id=town.chief.id, clerk_id=None)
    a_party(town, mine, town.lawyer.name, role="defender", person_id=town.lawyer.id)
    everyone = {role: seen_by(town, getattr(town, role)) for role in ("coordinator", "chief", "case_management")}
    assert everyone == {role: ["一", "二"] for role in everyone}
    own = {role: seen_by(town, getattr(town, role)) for role in ("prosecutor", "clerk", "lawyer")}
    assert own == {"prosecutor": ["一"], "clerk": ["一"], "lawyer": ["一"]}
    assert seen_by(town, town.neighbour("coordinator")) == []
    for role in ("receptionist", "volunteer", "hearing_officer", "traffic_officer", "system_admin", "audit_admin"):
        assert town.browser(getattr(town, role)).get("/cases").status_code == 403


def test_a_measure_whose_beginning_nobody_knows_is_shown_without_one(town: Town) -> None:
    """A list of people may say the measure and not since when; the case's page says so."""
    case = a_case(town)
    party = on_bail(town, case)
    with act("party.import", party, by=town.coordinator, at=NOW):
        party.measure_from = None
    path = f"/cases/{case.public_id}"
    page = town.browser(town.coordinator).get(path)
    assert (page.status_code, "since when is not entered" in page.text) == (200, True)


def test_years_without_a_calendar_are_named_and_not_shown_as_the_program_keeps_them(town: Town) -> None:
    page = town.browser(town.coordinator).get(f"/cases/{a_case(town, received_on=date(2026, 12, 20)).public_id}")
    assert ("calendar of 2027 not yet published" in page.text, "(2027,)" in page.text) == (True, False)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("number", "枫" * 61, "At most 60 characters."),
        ("cause", "盗" * 121, "At most 120 characters."),
        ("received_on", "9998-12-31", "The year 9998 lies outside 2000 to 2099."),
        ("received_on", "1950-11-02", "The year 1950 lies outside 2000 to 2099."),
        ("received_on", "2099-12-31", "This day lies ahead: a case is entered once it has come in."),
        ("limit_on", "0001-01-01", "The year 1 lies outside 2000 to 2099."),
    ],
)
def test_what_no_case_can_be_is_refused_and_nothing_is_entered(town: Town, field: str, typed: str, said: str) -> None:
    facts = {"number": "一", "cause": "盗窃", "stage": "trial", "received_on": "2026-11-02"}
    sent = {**facts, "handler_id": str(town.prosecutor.id), field: typed}
    answer = town.browser(town.coordinator).post("/cases", sent)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert db.session.scalars(select(Case)).all() == []
    assert said.startswith("At most") <= (typed in answer.text and "maxlength" not in answer.text)  # nothing is cut


def test_a_page_beyond_the_last_is_empty(town: Town) -> None:
    a_case(town)
    assert seen_by(town, town.coordinator, "/cases?page=" + "9" * 30) == []


def test_another_offices_case_and_another_prosecutors_case_are_not_there(town: Town) -> None:
    case = a_case(town, handler_id=town.chief.id, clerk_id=None)
    path = f"/cases/{case.public_id}"
    for person in ("prosecutor", "clerk", "lawyer"):
        assert town.browser(getattr(town, person)).get(path).status_code == 404
    assert town.browser(town.neighbour("coordinator")).get(path).status_code == 404
    assert town.browser(town.coordinator).get(path).status_code == 200
    assert town.browser(town.chief).get(path + "/correction").status_code == 403


def test_a_hand_over_at_one_office_shows_no_case_of_another(town: Town) -> None:
    """Both work at both offices, and the other office has a case that would show."""
    giver, to, here, there = town.prosecutor, town.neighbour("prosecutor"), town.office, town.other_office
    give_membership(giver, there, "prosecutor", starts_on=date(2026, 1, 1), by=None, at=NOW)
    give_membership(to, here, "prosecutor", starts_on=date(2026, 1, 1), by=None, at=NOW)
    a_case(town)
    plain = {"cause": "危险驾驶", "received_on": date(2026, 11, 2), "handler_id": giver.id}
    enter_case(there, {**plain, "number": "邻检刑诉〔2026〕1号"}, by=giver, at=NOW)

    def seen() -> list[str]:
        return list(db.session.scalars(select(Case.number).where(clause(Viewer(to, NOW.date()), Case, SEE_CASE))))

    assert seen() == []
    hand_over(here, "prosecutor", to, NOW.date(), NOW.date(), by=giver, at=NOW, on=NOW.date())
    assert seen() == ["枫检刑诉〔2026〕31号"]


def test_a_defender_who_left_the_case_and_whoever_is_in_it_himself_see_nothing(town: Town) -> None:
    case = a_case(town)
    a_party(town, case, town.lawyer.name, role="defender", person_id=town.lawyer.id)
    assert seen_by(town, town.lawyer) == ["枫检刑诉〔2026〕31号"]
    case = db.session.scalars(select(Case)).one()
    remove_party(case.parties[0], date(2026, 11, 24), town.coordinator, NOW, "解除委托")
    assert seen_by(town, town.lawyer) == []
    case = db.session.scalars(select(Case)).one()
    a_party(town, case, town.coordinator.name, role="witness", person_id=town.coordinator.id)
    assert seen_by(town, town.coordinator) == []


def test_the_list_finds_by_name_and_shows_it_masked(town: Town) -> None:
    case = a_case(town, number="一")
    a_case(town, number="二")
    a_party(town, case, "孙小明")
    page = town.browser(town.coordinator).get("/cases?q=孙小明").get_data(as_text=True)
    assert numbers(page) == ["一"]
    table = page[page.index("<tbody") : page.index("</tbody")]
    assert ("孙某某" in table, "孙小明" in table) == (True, False)


def test_names_are_masked_by_their_surname() -> None:
    shown = {name: masked_name(name) for name in ("张三", "孙小明", "欧阳修文", "Smith", "")}
    assert shown == {"张三": "张某", "孙小明": "孙某某", "欧阳修文": "欧阳某某", "Smith": "S**", "": ""}


def test_the_name_of_an_authority_or_a_company_is_not_masked() -> None:
    names = ("枫县柳河镇人民政府", "枫县恒通运输有限公司", "孙小局")
    assert [masked_name(name) for name in names] == ["枫县柳河镇人民政府", "枫县恒通运输有限公司", "孙某某"]
    bodies = ["枫县虚构街道办事处", "枫县政府", "枫县人民法院", "枫林派出所", "柳河镇石桥村村委会", "枫县第二机械厂"]
    assert [masked_name(name) for name in bodies] == bodies
    people = ["李中心", "欧阳大所", "买买提·艾力中心"]
    assert [masked_name(name) for name in people] == ["李某某", "欧阳某某", "买某某某某某某某"]


def test_the_inspector_reads_names_masked(town: Town) -> None:
    case = a_case(town)
    a_party(town, case, "孙小明")
    path = f"/cases/{case.public_id}"
    page = town.browser(town.inspector).get(path)
    assert page.status_code == 200
    assert "孙小明" not in page.get_data(as_text=True)
    assert "孙某某" in page.get_data(as_text=True)


def test_a_case_is_entered_and_its_people_on_pages(town: Town) -> None:
    browser = town.browser(town.prosecutor)
    typed = {
        "number": "枫检刑诉〔2026〕40号",
        "cause": "危险驾驶",
        "stage": "prosecution_review",
        "received_on": "2026-11-20",
        "handler_id": str(town.prosecutor.id),
        "lead_id": "",
        "clerk_id": "",
    }
    answer = browser.post("/cases", typed)
    case = db.session.scalars(select(Case)).one()
    path = f"/cases/{case.public_id}"
    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    again = browser.post("/cases", typed)
    assert again.status_code == 409
    assert "枫检刑诉〔2026〕40号" in again.get_data(as_text=True)
    added = browser.post(
        f"{path}/parties",
        {"name": "孙小明", "role": "suspect", "measure": "bail", "measure_from": "2026-10-01", "person_id": ""},
    )
    assert added.status_code == 303
    party = db.session.scalars(select(Party)).one()
    assert (party.name, party.measure, party.measure_from, party.phone) == ("孙小明", "bail", date(2026, 10, 1), None)
    assert browser.post("/cases", {**typed, "number": ""}).status_code == 422
    spell = browser.post(
        f"{path}/limit/spells",
        {"kind": "extended", "on": "2026-11-22", "days": "15", "document": "延1"},
    )
    assert spell.status_code == 303
    page = browser.get(f"{path}/limit").get_data(as_text=True)
    assert "extended on" in page


def test_who_is_under_assessment_is_told_to_nobody_who_does_not_know_his_name(town: Town) -> None:
    """A namesake is offered once the name stands there; the lawyers are everybody's to see."""
    case = a_case(town)
    path, volunteer, lawyer = f"/cases/{case.public_id}/parties", town.volunteer.name, town.lawyer.name
    whom = town.volunteer.id
    desk = town.browser(town.prosecutor)
    blank = desk.get(f"{path}/new").text
    assert (volunteer in blank, lawyer in blank) == (False, True)
    facts = {"role": "suspect", "measure": "bail", "measure_from": "2026-10-01"}
    refused = desk.post(path, {**facts, "name": "孙小明", "person_id": str(whom)})
    assert (refused.status_code, volunteer in refused.text) == (422, False)
    entered = desk.post(path, {**facts, "name": volunteer, "person_id": ""})
    assert (entered.status_code, "Somebody of this name" in desk.get(entered.location).text) == (303, True)
    party = db.session.scalars(select(Party)).one()
    assert f'<option value="{whom}">{volunteer}</option>' in desk.get(f"{path}/{party.public_id}").text


def test_the_list_asks_few_questions_however_many_cases(town: Town) -> None:
    browser = town.browser(town.coordinator)
    a_party(town, a_case(town, number="0"), "甲")
    few = queries_of(browser, "/cases")
    for n in range(1, 9):
        a_party(town, a_case(town, number=str(n)), "甲")
    assert len(numbers(browser.get("/cases").get_data(as_text=True))) == 9
    assert queries_of(browser, "/cases") == few


def test_one_case_has_one_number_however_it_was_typed(town: Town) -> None:
    """As in a list that is imported."""
    facts = {"cause": "盗窃", "stage": "trial", "received_on": "2026-11-02", "handler_id": str(town.prosecutor.id)}
    sent = {**facts, "number": " 枫检刑诉［２０２６］ 12号"}
    assert town.browser(town.coordinator).post("/cases", sent).status_code == 303
    assert list(db.session.scalars(select(Case.number))) == ["枫检刑诉〔2026〕12号"]
