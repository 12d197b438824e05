"""The list of hearings and the page of one: who sees which, and what stands there."""

from __future__ import annotations

import re

from sqlalchemy import select

from cases.models import Case
from extensions import db
from hearings.models import Sitting
from record.act import act
from tests.cases.made import a_case, a_party
from tests.hearings.made import a_requested_hearing, an_approved_hearing
from tests.town import NOW, Town


def numbers(page: str) -> list[str]:
    return re.findall(r'lead-cell"[^>]*><span><a href="/hearings/[^"]+">([^<]+)<', page)


def listed(town: Town, person, query: str = "") -> list[str]:
    return numbers(town.browser(person).get(f"/hearings{query}").get_data(as_text=True))


def test_the_page_of_a_hearing_shows_where_it_stands_and_what_is_asked(town: Town) -> None:
    path = f"/hearings/{a_requested_hearing(town).public_id}"
    page = town.browser(town.prosecutor).get(path).get_data(as_text=True)
    assert '<li aria-current="step">' in page
    assert "是否起诉争议较大" in page
    assert "no time yet" in page


def test_the_list_filters_and_finds_by_number(town: Town) -> None:
    a_requested_hearing(town, a_case(town, number="甲1"))
    an_approved_hearing(town, a_case(town, number="乙2"))
    assert listed(town, town.coordinator) == ["甲1", "乙2"]
    assert listed(town, town.coordinator, "?state=approved") == ["乙2"]
    assert listed(town, town.coordinator, "?q=甲") == ["甲1"]
    assert listed(town, town.coordinator, "?kind=arrest_review") == []
    assert listed(town, town.coordinator, "?month=2026-12") == []
    assert listed(town, town.coordinator, "?month=nonsense&page=0&sort=x") == []


def test_a_case_shows_its_hearings(town: Town) -> None:
    case = a_case(town)
    path = f"/cases/{case.public_id}"
    a_party(town, case)
    page = town.browser(town.prosecutor).get(path).get_data(as_text=True)
    assert f'href="{path}/hearings/new"' in page
    a_requested_hearing(town, db.session.scalars(select(Case)).one())
    page = town.browser(town.prosecutor).get(path).get_data(as_text=True)
    assert "Intended non-prosecution" in page


def test_the_list_finds_the_sittings_of_a_month_and_sorts_by_them(town: Town) -> None:
    for number, day in (("早", "2026-11-30"), ("晚", "2026-12-01")):
        hearing = an_approved_hearing(town, a_case(town, number=number))
        event = town.event("听证", f"{day} 09:00", f"{day} 10:30", kind="hearing")
        sitting = Sitting(hearing_id=hearing.id, office_id=hearing.office_id, event_id=event.id)
        with act("sitting.plan", sitting, by=town.coordinator, at=NOW):
            db.session.add(sitting)
    a_requested_hearing(town, a_case(town, number="未"))
    assert listed(town, town.coordinator, "?month=2026-11") == ["早"]
    assert listed(town, town.coordinator, "?month=2026-12") == ["晚"]
    assert listed(town, town.coordinator) == ["未", "早", "晚"]
    assert listed(town, town.coordinator, "?sort=sitting&dir=desc") == ["晚", "早", "未"]
    assert listed(town, town.coordinator, "?sort=case") == sorted(["未", "早", "晚"])


def test_who_sees_which_hearing(town: Town) -> None:
    """TRUST 2: own cases for prosecutor, clerk and defender, the office for the others, nothing of another office."""
    mine = a_case(town, number="一")
    a_party(town, mine, town.lawyer.name, role="defender", person_id=town.lawyer.id)
    path = f"/hearings/{a_requested_hearing(town, mine).public_id}"
    a_requested_hearing(town, a_case(town, number="二", handler_id=town.chief.id, clerk_id=None))
    roles = ("coordinator", "chief", "deputy_chief", "case_management", "prosecutor", "clerk", "lawyer")
    seen = [listed(town, getattr(town, role)) for role in roles]
    assert seen == [["一", "二"]] * 4 + [["一"]] * 3
    assert listed(town, town.neighbour("coordinator")) == []
    assert town.browser(town.neighbour("chief")).get(path).status_code == 404
    for role in ("volunteer", "traffic_officer", "hearing_officer", "inspector", "system_admin"):
        assert town.browser(getattr(town, role)).get("/hearings").status_code == 403


def test_mine_are_those_i_asked_for_handle_or_keep_the_record_of(town: Town) -> None:
    a_requested_hearing(town, a_case(town, number="一"))
    a_requested_hearing(town, a_case(town, number="二", clerk_id=None))
    assert listed(town, town.coordinator, "?whose=mine") == []
    assert listed(town, town.prosecutor, "?whose=mine") == ["一", "二"]
    assert listed(town, town.clerk, "?whose=mine") == ["一"]


def test_no_address_breaks_the_lists(town: Town) -> None:
    a_requested_hearing(town)
    browser = town.browser(town.coordinator)
    lists = ("/hearings", "/hearings/new", "/cases", "/pool", "/people")
    odd = ("q=😀", "q=%25_", "q=%ED%A0%80", "state=x", "month=2026-13", "page=999999999999", "page=x", "sort=x&dir=x")
    paths = [f"{path}?{query}" for path in lists for query in odd]
    assert [path for path in paths if browser.get(path).status_code != 200] == []
    unstorable = [f"{path}?{name}=%00" for path in lists for name in ("q", "state", "sort", "page")]
    assert [path for path in unstorable if browser.get(path).status_code != 422] == []
