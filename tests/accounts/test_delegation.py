"""Delegation: a deputy chief approves on the days the chief names, and on no other (DOMAIN H-02)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.access import Viewer, holds, permissions
from accounts.actions.delegation import (
    DaysBackwards,
    NoSuchColleague,
    OverAlready,
    RunsAlready,
    delegate,
    end_delegation,
)
from accounts.actions.memberships import end_membership
from accounts.actions.people import give_membership
from accounts.models import Delegation, Person, Role
from extensions import db
from hearings.notices import approvers
from record.act import history
from record.edge import now
from tests.engines import LONG_ON_POSTGRESQL
from tests.town import NOW, Town, local

TODAY = date(2026, 11, 24)
SOON = now().date() + timedelta(days=30)  # the pages go by the real day
FIRST, LAST = date(2026, 12, 1), date(2026, 12, 10)


def given(town: Town, first: date = FIRST, last: date = LAST) -> Delegation:
    return delegate(town.office, town.deputy_chief, first, last, by=town.chief, at=NOW, on=TODAY, reason="出差")


def held(person: Person, on: date) -> set[str]:
    return {name for name in permissions() if holds(Viewer(person, on), name)}


@LONG_ON_POSTGRESQL
def test_a_deputy_gains_exactly_what_is_delegated_on_exactly_those_days(town: Town) -> None:
    given(town)
    delegated = {name for name, p in permissions().items() if "D" in getattr(p.grants.get("deputy_chief"), "marks", ())}
    own = held(town.deputy_chief, TODAY)
    days = [date(2026, 11, 30), FIRST, date(2026, 12, 5), LAST, date(2026, 12, 11)]
    assert [held(town.deputy_chief, on) - own for on in days] == [set(), delegated, delegated, delegated, set()]
    assert [held(town.deputy_chief, on) >= own for on in days] == [True] * 5


def test_the_deputy_of_another_office_gains_nothing(town: Town) -> None:
    own = held(town.neighbour("deputy_chief"), FIRST)
    given(town)
    assert held(town.neighbour("deputy_chief"), FIRST) == own


def test_a_delegation_holds_while_whoever_gave_it_is_chief(town: Town) -> None:
    """T14: also in the other office of a chief who has two."""
    last, own = date(2026, 12, 5), held(town.deputy_chief, TODAY)
    give_membership(town.chief, town.other_office, "chief", starts_on=date(2026, 1, 1), by=None, at=NOW)
    given(town)
    end_membership(town.chief.memberships[0], last, None, NOW, "调任")
    assert [held(town.deputy_chief, on) == own for on in (last, last + timedelta(days=1))] == [False, True]
    assert [len(approvers(town.office.id, on)) for on in (last, last + timedelta(days=1))] == [2, 0]
    give_membership(town.clerk, town.office, "chief", starts_on=date(2026, 12, 6), by=None, at=NOW)
    anew = {"by": town.clerk, "at": NOW, "on": TODAY, "reason": "新任"}
    assert delegate(town.office, town.deputy_chief, date(2026, 12, 6), LAST, **anew).from_person_id == town.clerk.id
    assert held(town.deputy_chief, date(2026, 12, 6)) != own


def test_an_end_before_the_last_day_holds_at_once(town: Town) -> None:
    delegation = given(town)
    own = held(town.deputy_chief, TODAY)
    end_delegation(delegation, by=town.chief, at=local("2026-12-05 09:00"), on=date(2026, 12, 5), reason="提前返回")
    assert held(town.deputy_chief, date(2026, 12, 5)) == own
    assert history(delegation) == ["delegation.give", "delegation.end"]
    with pytest.raises(OverAlready):
        end_delegation(delegation, by=town.chief, at=NOW, on=TODAY, reason="x")


def test_only_a_deputy_of_the_office_can_be_given_it_for_days_to_come_and_once(town: Town) -> None:
    for person in (town.clerk, town.neighbour("deputy_chief"), town.chief):
        with pytest.raises(NoSuchColleague):
            delegate(town.office, person, FIRST, LAST, by=town.chief, at=NOW, on=TODAY, reason="x")
    for first, last in ((LAST, FIRST), (date(2026, 11, 23), LAST)):
        with pytest.raises(DaysBackwards):
            given(town, first, last)
    given(town)
    with pytest.raises(RunsAlready) as refusal:
        given(town, LAST, date(2026, 12, 31))
    assert (refusal.value.starts_on, refusal.value.ends_on) == (FIRST, LAST)
    assert [given(town, date(2026, 12, 11), date(2026, 12, 31)).starts_on] == [date(2026, 12, 11)]


def test_the_chief_delegates_on_the_page_and_ends_it_with_a_reason(town: Town) -> None:
    deputy = str(town.deputy_chief.public_id)
    browser = town.browser(town.chief)
    sent = {"to": deputy, "starts_on": str(SOON), "ends_on": str(SOON), "reason": "培训"}
    assert browser.post("/delegations", {**sent, "reason": ""}).status_code == 422
    assert browser.post("/delegations", {**sent, "ends_on": "2026-11-24"}).status_code == 422
    assert browser.post("/delegations", sent).status_code == 303
    row = db.session.scalars(db.select(Delegation)).one()
    ending, row_id = f"/delegations/{row.public_id}/ending", row.id
    assert "冯副检" in browser.get("/delegations").get_data(as_text=True)
    assert browser.post(ending, {"reason": ""}).status_code == 422
    assert town.browser(town.neighbour("chief")).post(ending, {"reason": "x"}).status_code == 404
    assert browser.post(ending, {"reason": "取消"}).status_code == 303
    assert history(db.session.get_one(Delegation, row_id)) == ["delegation.give", "delegation.end"]


def test_nobody_but_the_chief_delegates(town: Town) -> None:
    for role in Role:
        if role != Role.CHIEF:
            browser = town.browser(getattr(town, role))
            assert browser.get("/delegations").status_code == 403
            assert browser.post("/delegations", {"reason": "x"}).status_code == 403
    assert db.session.scalars(db.select(Delegation)).all() == []
