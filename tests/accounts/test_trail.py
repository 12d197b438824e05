"""The trail page: who reads what of it, and what it says."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import g
from sqlalchemy import select

from accounts.access import Viewer
from accounts.actions.offices import change_office, enter_department
from accounts.actions.people import correct_person, enter_person
from accounts.models import Department
from accounts.views.trail import trail_of
from extensions import db
from record.act import act, origin
from record.models import Act
from tests.accounts.visitor import in_english, text_of
from tests.queries import queries_of
from tests.town import NOW, Browser, Town, local
from tests.volunteers.conftest import Crossing
from volunteers.actions.confirmation import confirm
from volunteers.actions.ticks import arrive, tick_all


def reader(town: Town, role: str) -> Browser:
    browser = town.browser(getattr(town, role))
    in_english(browser)
    return browser


def rows(page: Any) -> list[list[str]]:
    """The cells of the table's rows, as text, newest first."""
    body = page.text.partition("<tbody>")[2].partition("</tbody>")[0]
    found = re.findall(r"<tr.*?</tr>", body, flags=re.S)
    cells = [re.findall(r"<td.*?</td>", row, flags=re.S) for row in found]
    return [[re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cell)).strip() for cell in row] for row in cells]


@pytest.fixture
def acts(town: Town) -> None:
    """The coordinator changes the office; the neighbour's does something of his own."""
    with origin(via="web", network="10.1.2.0/24"):
        change_office(town.office, {"short_name": "枫检"}, town.coordinator, NOW, "new sign at the door")
        enter_department(town.office, "第一检察部", town.coordinator, NOW + timedelta(minutes=1))
    enter_department(town.other_office, "邻县秘密部", town.neighbour("coordinator"), NOW)
    db.session.remove()


def test_an_act_says_when_who_what_on_what_why_from_where_and_before_and_after(town: Town, acts: None) -> None:
    entered, changed = rows(reader(town, "chief").get("/trail"))[:2]
    assert entered[1:] == [
        "周协调",
        "entered a department 3 changes 第一检察部 office – 枫县人民检察院 name – 第一检察部 in use – yes",
        "第一检察部",
        "–",
        "browser, network 10.1.2.0/24",
    ]
    assert changed[1:] == [
        "周协调",
        "changed the office 1 change 枫县人民检察院 short name – 枫检",
        "枫县人民检察院",
        "new sign at the door",
        "browser, network 10.1.2.0/24",
    ]


def test_a_chief_reads_his_own_office_only(town: Town, acts: None) -> None:
    """Beside it stands what could leak."""
    page = reader(town, "chief").get("/trail")
    assert "邻县秘密部" not in page.text
    assert "邻县秘密部" in town.browser(town.neighbour("chief")).get("/trail").text


def test_the_audit_administrator_reads_the_whole_installation_without_names(town: Town, acts: None) -> None:
    """TRUST 2: mark M. Neither a name, nor a number, nor a reason that could hold one."""
    correct_person(town.clerk, {"phone": "17400000123"}, by=town.coordinator, at=NOW, reason="王五 said so")
    db.session.remove()
    page = reader(town, "audit_admin").get("/trail")
    text = text_of(page)
    assert "entered a department" in text and "corrected a person" in text
    leaks = ["协调", "书记", "秘密", "第一检察部", "枫检", "王五", "new sign", "1740000", "23 ●"]
    assert [word for word in leaks if word in text.partition("Names and numbers are masked")[2]] == []
    assert rows(page)[0][1:] == ["周●●", rows(page)[0][2], "褚●●", "given, not shown here", "command"]


def test_a_masked_reader_cannot_look_for_a_name(town: Town, acts: None) -> None:
    """The answer to a search would say what the mask hides."""
    browser = reader(town, "audit_admin")
    assert rows(browser.get("/trail?q=周协调")) == rows(browser.get("/trail"))
    assert 'name="q"' not in browser.get("/trail").text


@pytest.mark.parametrize("role", ["coordinator", "clerk", "system_admin", "security_admin", "volunteer", "inspector"])
def test_nobody_else_reads_the_trail(town: Town, acts: None, role: str) -> None:
    assert town.browser(getattr(town, role)).get("/trail").status_code == 403


def test_it_is_filtered_by_person_act_thing_and_day(town: Town, acts: None) -> None:
    browser = reader(town, "chief")

    def whats(query: str) -> list[str]:
        return [re.split(r" \d+ change", row[2])[0] for row in rows(browser.get(f"/trail?{query}"))]

    assert whats("q=周协&since=2026-11-24") == [
        "entered a department",
        "changed the office",
        "gave a membership",
        "entered a person",
    ]
    assert whats("q=nobody") == []
    assert whats("act=office.change") == ["changed the office"]
    assert whats("on=department") == ["entered a department"]
    assert whats("act=office.change&since=2026-11-25") == []
    assert whats("act=office.change&until=2026-11-24&since=2026-11-24") == ["changed the office"]
    assert whats(f"on=office&of={town.office.id}")[0] == "changed the office"


def test_a_name_finds_what_somebody_did_and_what_concerns_him_and_no_key_stands_for_a_person(town: Town) -> None:
    """On him, and on what is his: his bookings, their ticks and confirmations. Nothing that another office did."""
    crossing = Crossing(town)
    shift = crossing.shift()
    known, other = crossing.person("江海洋"), crossing.person("何山")
    [mine, _] = crossing.booked(shift, known, other)
    arrive(mine, town.traffic_officer, local("2026-11-25 07:30"))
    tick_all(shift, town.traffic_officer, local("2026-11-25 09:00"))
    confirm(shift, town.traffic_officer, local("2026-11-25 09:05"))
    db.session.remove()
    browser = reader(town, "chief")
    found = rows(browser.get("/trail?q=江海&since=2026-11-24"))
    whats = [re.split(r" \d+ change", row[2])[0] for row in found]
    assert whats[:4] == ["confirmed hours", "noted a departure", "noted an arrival", "booked a place"]
    assert ("person – 江海洋" in found[0][2], [row[2] for row in found if re.search(r"person – \d", row[2])]) == (
        True,
        [],
    )
    assert town.browser(town.neighbour("chief")).get("/trail?q=江海").text.count("<tr id=") == 0
    asked = queries_of(browser, "/trail?q=江海", "/trail?q=何")
    assert asked[0] == asked[1]


def test_acts_of_one_name_are_one_choice_of_the_filter_which_finds_them_all(town: Town) -> None:
    for name in ("shift.make_paper", "assessment.make_paper"):
        with act(name, town.office, by=town.coordinator, at=NOW):
            pass
    chief = reader(town, "chief")
    page = chief.get("/trail")
    [value] = re.findall(r'<option value="([a-z_.]+)"[^>]*>made a paper<', page.text)
    assert [row[2] for row in rows(chief.get(f"/trail?act={value}"))] == ["made a paper"] * 2


def test_paging_goes_by_id_so_that_new_acts_move_nothing(town: Town) -> None:
    for number in range(120):
        with act("test.step", town.office, by=town.coordinator, at=NOW, number=number):
            pass
    db.session.remove()
    browser = reader(town, "chief")

    def page(address: str) -> tuple[list[str], dict[str, str]]:
        answer = browser.get(address)
        links = dict(re.findall(r'rel="(prev|next)" href="([^"]+)"', answer.text))
        return re.findall(r'id="act-(\d+)"', answer.text), {k: v.replace("&amp;", "&") for k, v in links.items()}

    first, links = page("/trail?act=test.step")
    second, more = page(links["next"])
    with act("test.step", town.office, by=town.coordinator, at=NOW):
        pass
    db.session.remove()
    third, last = page(more["next"])
    back, _ = page(last["prev"])
    assert [len(first), len(second), len(third)] == [50, 50, 20]
    assert (sorted(links), sorted(more), sorted(last)) == (["next"], ["next", "prev"], ["prev"])
    assert back == second
    assert first + second + third == sorted({*first, *second, *third}, key=int, reverse=True)


def test_a_page_of_fifty_acts_asks_as_often_as_one_of_ten(town: Town) -> None:
    browser = reader(town, "chief")
    asked: list[list[int]] = []
    for number in (10, 40):
        for n in range(number):
            enter_person({"name": f"某{number}{'甲乙丙丁戊己庚辛壬癸'[n % 10]}"}, town.office, by=town.clerk, at=NOW)
        db.session.remove()
        asked.append(queries_of(browser, "/trail?act=person.enter&since=2026-11-24"))
    assert asked[0] == asked[1]


def test_the_page_of_a_thing_shows_what_was_done_to_it(town: Town, acts: None) -> None:
    with town.app.test_request_context():
        g.viewer = Viewer(town.chief, NOW.date())
        shown, masked = (str(trail_of(town.office, masked=masked)) for masked in (False, True))
    assert "周协调" in shown and "new sign at the door" in shown
    assert "周协调" not in masked and "new sign" not in masked


def test_an_act_on_many_rows_shows_the_first_and_opens_to_all(town: Town) -> None:
    """An import changes hundreds: neither the page of the office nor the trail writes them all out."""
    with act("department.enter_all", town.office, by=town.coordinator, at=NOW):
        db.session.add_all(Department(office_id=town.office.id, name=f"第{n:02}部") for n in range(15))
    browser = reader(town, "chief")
    page = browser.get("/trail?act=department.enter_all").get_data(as_text=True)
    assert (re.findall(r"第\d+部", page)[-1], "and 3 more rows" in page) == ("第11部", True)
    [whole] = re.findall(r'href="(/trail/[0-9a-f-]{36})"', page)
    assert sorted(set(re.findall(r"第\d+部", browser.get(whole).get_data(as_text=True))))[-1] == "第14部"
    assert town.browser(town.coordinator).get(whole).status_code == 404


def _many(town: Town, number: int, called: str = "部") -> str:
    """The address of an act that entered so many departments and two people."""
    with act("department.enter_all", town.office, by=town.coordinator, at=NOW) as doing:
        db.session.add_all(Department(office_id=town.office.id, name=f"第{n:03}{called}") for n in range(number))
        db.session.flush()
        for person in (town.clerk, town.chief):
            doing.note(person, "language", "zh_Hans_CN", "en")
        address = f"/trail/{doing.uid}"
    db.session.remove()
    return address


def _shown(page: Any) -> list[str]:
    """What the rows of an act's page are called."""
    rows = page.text.partition('class="act-rows"')[2].partition("</ol>")[0]
    return [re.sub(r"<[^>]+>", "", head) for head in re.findall(r"<h3>(.*?)</h3>", rows)]


def test_the_page_of_an_act_turns_fifty_rows_at_a_time(town: Town) -> None:
    address, browser = _many(town, 108), reader(town, "chief")
    pages = [browser.get(f"{address}?page={n}") for n in (1, 2, 3)]
    assert [len(_shown(page)) for page in pages] == [50, 50, 10]
    names = [f"第{n:03}部" for n in range(108)]
    assert [name for page in pages for name in _shown(page)] == [*names, "褚书记", "王检长"]
    assert {f"{len(re.findall('110 entries', page.text))} {page.status_code}" for page in pages} == {"1 200"}
    assert re.findall(r'rel="(prev|next)" href="([^"]+)"', pages[1].text) == [
        ("prev", f"{address}?page=1"),
        ("next", f"{address}?page=3"),
    ]
    assert [_shown(browser.get(f"{address}?page={n}")) for n in (4, "9" * 30)] == [_shown(pages[2])] * 2
    assert [_shown(browser.get(f"{address}?page={n}")) for n in ("0", "-1", "x", "٣", "")] == [_shown(pages[0])] * 5


def test_the_rows_of_an_act_are_filtered_by_their_kind(town: Town) -> None:
    address, browser = _many(town, 60), reader(town, "chief")
    page = browser.get(f"{address}?on=person")
    assert (_shown(page), "2 entries" in page.text) == (["褚书记", "王检长"], True)
    assert re.findall(r'<option value="(\w*)"( selected)?>([^<]+)</option>', page.text) == [
        ("", "", "Everything"),
        ("department", "", "department (60)"),
        ("person", " selected", "person (2)"),
    ]
    more = browser.get(f"{address}?on=department&page=2")
    assert (len(_shown(more)), f"{address}?on=department&amp;page=1" in more.text) == (10, True)
    assert _shown(browser.get(f"{address}?on=nothing")) == _shown(browser.get(address))


def test_a_page_of_an_act_asks_as_often_whatever_the_act_changed(town: Town) -> None:
    browser = reader(town, "chief")
    few, many = _many(town, 50), _many(town, 600, "组")
    assert queries_of(browser, few) == queries_of(browser, many) == queries_of(browser, f"{many}?page=7")


def test_who_reads_without_names_reads_none_on_the_page_of_an_act(town: Town) -> None:
    """TRUST 2: mark M."""
    address = _many(town, 3)
    page = reader(town, "audit_admin").get(address)
    assert _shown(page)[-2:] == ["褚●●", "王●●"]
    assert [word for word in ("褚书记", "王检长", "第001部") if word in page.text] == []


def test_an_act_that_changed_nothing_has_a_page_without_rows(town: Town) -> None:
    with act("test.step", town.office, by=town.coordinator, at=NOW) as doing:
        address = f"/trail/{doing.uid}"
    db.session.remove()
    page = reader(town, "chief").get(f"{address}?page=3&on=person")
    assert (page.status_code, _shown(page), "What changed" in page.text) == (200, [], False)


def test_an_act_nobody_named_and_a_row_that_is_gone_still_show(town: Town) -> None:
    department = enter_department(town.office, "临时部", town.coordinator, NOW)
    with act("department.strange_thing", department, by=town.coordinator, at=NOW):
        db.session.delete(department)
    db.session.remove()
    row = rows(reader(town, "chief").get("/trail"))[0]
    assert row[2].startswith("department: strange thing")
    assert db.session.scalar(select(Act.name).order_by(Act.id.desc())) == "department.strange_thing"


def test_a_text_that_looks_like_a_date_stays_a_text(town: Town) -> None:
    """Whatever somebody calls his thing, the page that tells of it must open: an act cannot be removed."""
    names = ["9999-12-31T23:59", "0001-01-01T00:00", "2026-11-24", "2026-11-24T10:00:00+00:00"]
    for name in names:
        enter_department(town.office, name, town.coordinator, NOW)
    db.session.remove()
    shown = rows(reader(town, "chief").get("/trail"))[: len(names)]
    assert [row[2].partition(" name – ")[2].partition(" in use")[0] for row in shown] == names[::-1]
    assert reader(town, "audit_admin").get("/trail").status_code == 200


def test_a_moment_at_the_end_of_the_calendar_is_shown_as_it_stands(town: Town) -> None:
    with act("office.change", town.office, by=town.coordinator, at=NOW) as doing:
        doing.note(town.coordinator.memberships[0], "starts_on", date.min, date.max)
        sitting = town.event("会", "2026-11-25 09:00", "2026-11-25 10:00")
        doing.note(sitting, "starts_at", datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC))
    db.session.remove()
    assert "begins Mon 1 Jan 1 08:05 Fri 31 Dec 9999 23:59" in text_of(reader(town, "chief").get("/trail"))


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-11-24T10:00", "x"])
def test_the_days_looked_for_may_be_any(town: Town, day: str) -> None:
    browser = reader(town, "chief")
    assert [browser.get(f"/trail?{which}={day}").status_code for which in ("since", "until")] == [200, 200]
