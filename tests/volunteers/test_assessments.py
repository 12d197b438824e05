"""People under assessment: the list with its search and order, and one person with every figure open to its lines."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from accounts.actions.people import give_membership
from accounts.models import Person
from cases.masking import masked_name
from tests.accounts.visitor import text_of
from tests.examples import EXAMPLES
from tests.town import NOW, Town, local
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.phone import Days, today
from volunteers.actions.booking import book
from volunteers.actions.confirmation import confirm
from volunteers.actions.credit import append_due
from volunteers.actions.ticks import arrive, leave
from volunteers.models.assessment import Assessment

START, END = local("2026-11-25 07:30"), local("2026-11-25 09:00")


def listed(town: Town, who: Person, query: str = "") -> str:
    text: str = town.browser(who).get(f"/assessments{query}").get_data(as_text=True)
    return text[text.index('id="list"') :]


def served(town: Town, crossing: Crossing, person: Person, at: datetime = END) -> None:
    """A shift served and confirmed, credited when `at` is past the undo time."""
    shift = crossing.shift()
    attendance = crossing.booked(shift, person)[0]
    arrive(attendance, town.traffic_officer, START)
    leave(attendance, town.traffic_officer, END)
    confirm(shift, town.traffic_officer, END)
    append_due(at)


def test_a_person_is_found_by_half_a_name_pinyin_initials_phone_and_case(town: Town, crossing: Crossing) -> None:
    crossing.person("李小明")
    crossing.person("王芳")
    for asked in ("李小", "lixiaoming", "lxm", "0001", "9001"):
        page = listed(town, town.coordinator, f"?q={asked}")
        assert (asked, "李小明" in page, "王芳" in page) == (asked, True, False)


def test_whatever_is_searched_for_the_list_answers(town: Town, crossing: Crossing) -> None:
    crossing.person("李小明")
    browser = town.browser(town.coordinator)
    for asked in ("%", "_", "😀", "１２３", "x" * 5000, "' OR 1=1 --"):
        answer = browser.get("/assessments", query_string={"q": asked, "page": "-3", "sort": "x"})
        assert (asked, answer.status_code) == (asked, 200)


def test_the_list_is_ordered_by_the_end_or_as_asked(town: Town, crossing: Crossing) -> None:
    crossing.person("白白", last=date(2027, 1, 5))
    crossing.person("艾艾", last=date(2027, 1, 3))
    crossing.person("丁丁", last=date(2027, 1, 4))

    def order(query: str) -> list[str]:
        page = listed(town, town.coordinator, query)
        return [name for _, name in sorted((page.index(name), name) for name in ("白白", "艾艾", "丁丁"))]

    assert order("") == ["艾艾", "丁丁", "白白"]
    assert order("?sort=name") == ["艾艾", "白白", "丁丁"]
    assert order("?sort=until&dir=desc") == ["白白", "丁丁", "艾艾"]


def test_the_list_shows_fifty_on_a_page(town: Town, crossing: Crossing) -> None:
    for n in range(51):
        crossing.person(f"第{n:02}人", last=date(2027, 1, 1) + timedelta(days=n))
    first, second = listed(town, town.coordinator), listed(town, town.coordinator, "?page=2")
    assert (first.count("lead-cell"), second.count("lead-cell"), "第50人" in second) == (50, 1, True)


def test_a_person_shows_each_figure_with_its_lines(town: Town, crossing: Crossing) -> None:
    served(town, crossing, crossing.person("李小明"), END + timedelta(minutes=10))
    key = all_of(Assessment)[0].public_id
    page = town.browser(town.coordinator).get(f"/assessments/{key}").get_data(as_text=True)
    credited = page[page.index('id="credited"') : page.index('id="pending"')]
    assert ("1 hour 30 minutes" in credited, "confirmed by 朱交警" in credited) == (True, True)
    assert "Nothing yet." in page[page.index('id="pending"') : page.index('id="unconfirmed"')]


def test_what_can_still_be_undone_is_pending(town: Town, crossing: Crossing) -> None:
    served(town, crossing, crossing.person("李小明"), END + timedelta(minutes=9))
    key = all_of(Assessment)[0].public_id
    page = town.browser(town.prosecutor).get(f"/assessments/{key}").get_data(as_text=True)
    pending = page[page.index('id="pending"') : page.index('id="unconfirmed"')]
    assert ("1 hour 30 minutes" in pending, "confirmed by 朱交警" in pending) == (True, True)


def test_another_offices_person_is_not_there_for_any_role_of_this_one(town: Town) -> None:
    key = EXAMPLES["Assessment"](town, town.other_office).public_id
    for role in ("coordinator", "prosecutor", "chief", "deputy_chief"):
        assert town.browser(getattr(town, role)).get(f"/assessments/{key}").status_code == 404


def test_an_inspector_reads_the_offices_below_with_names_masked(town: Town, crossing: Crossing) -> None:
    crossing.person("李小明")
    key = all_of(Assessment)[0].public_id
    superior = town.office.parent
    give_membership(town.inspector, superior, "inspector", starts_on=date(2026, 1, 1), by=None, at=NOW)
    browser = town.browser(town.inspector)
    for path in ("/assessments", "/assessments/board", "/assessments/board/paper", f"/assessments/{key}"):
        answer = browser.get(path)
        text = answer.get_data(as_text=True)
        assert (path, answer.status_code, "李小明" in text, masked_name("李小明") in text) == (path, 200, False, True)
    assert "李小明" not in listed(town, town.inspector, "?q=李小明")


def test_who_reads_a_case_comes_from_the_person_to_it_and_nobody_to_a_place_he_may_not_see(
    town: Town, crossing: Crossing
) -> None:
    crossing.person("李小明")
    key, case = all_of(Assessment)[0].public_id, all_of(Assessment)[0].case.public_id
    for role, sees in (("coordinator", True), ("prosecutor", True)):
        page = town.browser(getattr(town, role)).get(f"/assessments/{key}").get_data(as_text=True)
        assert (f"/cases/{case}" in page) is sees


def test_the_sheet_to_take_home_says_when_and_where_and_nothing_of_a_case(town: Town, crossing: Crossing) -> None:
    """D-25, LOOK: neutral wherever others may read it."""
    days = Days(crossing)
    person, shift = days.person("李小明"), days.shift(2)
    book(shift, person, town.coordinator, NOW)
    (one,) = all_of(Assessment)
    case, address = one.case.number, f"/assessments/{one.public_id}/paper"
    sheet = text_of(town.browser(town.coordinator).get(address))
    assert ("李小明" in sheet, "岗位2" in sheet, "17:30" in sheet) == (True, True, True)
    assert [word for word in (case, "160.5", "assessment", "hearing") if word in sheet] == []
    assert town.browser(person).get(address).status_code == 403
    assert town.browser(town.neighbour("coordinator")).get(address).status_code == 404


def test_whose_first_day_is_ahead_does_not_serve_yet(town: Town, crossing: Crossing) -> None:
    days = Days(crossing)
    begun, ahead = days.person("甲"), days.person("乙", first=today() + timedelta(days=3))
    desk, keys = town.browser(town.coordinator), {one.person_id: one.public_id for one in all_of(Assessment)}
    pages = [text_of(desk.get(f"/assessments/{keys[person.id]}")) for person in (begun, ahead)]
    assert ["Begins " in page for page in pages] == [False, True]
