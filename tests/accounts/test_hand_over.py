"""Handing work over: a colleague of the same role and office has it till a date."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.access import Viewer
from accounts.actions.delegation import DaysBackwards, NoSuchColleague, OverAlready, RunsAlready
from accounts.actions.hand_over import end_hand_over, hand_over
from accounts.actions.memberships import appoint
from accounts.actions.people import enter_person
from accounts.models import HandOver, Office, Person
from extensions import db
from record.act import history
from record.edge import now
from tests.town import NOW, Town, local

TODAY = date(2026, 11, 24)
SOON = now().date() + timedelta(days=30)  # the pages go by the real day
FIRST, LAST = date(2026, 12, 1), date(2026, 12, 10)


def colleague(town: Town, office: Office | None = None, ends_on: date | None = None) -> Person:
    """A second prosecutor."""
    person = enter_person({"name": "邹检察"}, town.office, by=None, at=NOW)
    membership = appoint(person, office or town.office, "prosecutor", starts_on=date(2026, 1, 1), by=None, at=NOW)
    if ends_on:
        from accounts.actions.memberships import end_membership

        end_membership(membership, ends_on, None, NOW, "调动")
    return person


def given(town: Town, to: Person, first: date = FIRST, last: date = LAST) -> HandOver:
    return hand_over(town.office, "prosecutor", to, first, last, by=town.prosecutor, at=NOW, on=TODAY)


def test_a_colleague_has_the_work_on_exactly_those_days_and_in_that_role_only(town: Town) -> None:
    to = colleague(town)
    given(town, to)
    days = [date(2026, 11, 30), FIRST, LAST, date(2026, 12, 11)]
    own, both = [to.id], [to.id, town.prosecutor.id]
    assert [Viewer(to, on).people("prosecutor") for on in days] == [own, both, both, own]
    assert Viewer(to, FIRST).people("clerk") == own
    assert Viewer(town.prosecutor, FIRST).people("prosecutor") == [town.prosecutor.id]


def test_who_takes_his_work_back_early_has_it_back_at_once(town: Town) -> None:
    to = colleague(town)
    row = given(town, to)
    end_hand_over(row, by=town.prosecutor, at=local("2026-12-02 09:00"), on=date(2026, 12, 2))
    assert Viewer(to, date(2026, 12, 2)).people("prosecutor") == [to.id]
    assert history(row) == ["hand_over.give", "hand_over.end"]
    with pytest.raises(OverAlready):
        end_hand_over(row, by=town.prosecutor, at=NOW, on=TODAY)


def test_work_goes_only_to_the_same_role_in_the_same_office_on_all_of_the_days(town: Town) -> None:
    leaving = colleague(town, ends_on=date(2026, 12, 5))
    for to in (town.clerk, town.neighbour("prosecutor"), leaving):
        with pytest.raises(NoSuchColleague):
            given(town, to)
    assert given(town, leaving, FIRST, date(2026, 12, 5)).ends_on == date(2026, 12, 5)


def test_the_same_work_is_not_handed_to_two_people_at_once(town: Town) -> None:
    to = colleague(town)
    given(town, to)
    with pytest.raises(RunsAlready):
        given(town, to, LAST, date(2026, 12, 20))
    with pytest.raises(DaysBackwards):
        given(town, to, date(2026, 12, 30), date(2026, 12, 29))


def test_the_page_hands_over_and_takes_back_only_what_is_ones_own(town: Town) -> None:
    to = colleague(town).public_id
    browser = town.browser(town.prosecutor)
    sent = {"role": "prosecutor", "to": str(to), "starts_on": str(SOON), "ends_on": str(SOON)}
    assert browser.post("/hand-overs", {**sent, "to": str(town.clerk.public_id)}).status_code == 422
    assert browser.post("/hand-overs", {**sent, "role": "chief"}).status_code == 422
    assert browser.post("/hand-overs", sent).status_code == 303
    row = db.session.scalars(db.select(HandOver)).one()
    row_id, ending = row.id, f"/hand-overs/{row.public_id}/ending"
    assert "邹检察" in browser.get("/hand-overs").get_data(as_text=True)
    for role in ("coordinator", "clerk"):
        assert town.browser(getattr(town, role)).post(ending).status_code == 404
    assert browser.post(ending).status_code == 303
    assert history(db.session.get_one(HandOver, row_id)) == ["hand_over.give", "hand_over.end"]


def test_whoever_has_no_colleague_is_told_so(town: Town) -> None:
    page = town.browser(town.clerk).get("/hand-overs").get_data(as_text=True)
    assert ('<form method="post" action="/hand-overs"' in page, 'class="note' in page) == (False, True)


def test_roles_without_own_work_have_no_page_of_it(town: Town) -> None:
    for role in ("chief", "lawyer", "traffic_officer", "volunteer", "system_admin", "receptionist"):
        assert town.browser(getattr(town, role)).get("/hand-overs").status_code == 403
