"""The list of hearings and the page of one: who sees which, and what stands there."""

from __future__ import annotations

import re

from sqlalchemy import select

from cases.models import Case
from extensions import db
from tests.cases.made import a_case, a_party
from tests.hearings.made import a_requested_hearing, an_approved_hearing
from tests.town import Town


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
