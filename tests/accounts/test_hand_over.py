"""Handing work over: a colleague of the same role and office has it till a date."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.access import Viewer
from accounts.actions.delegation import DaysBackwards, NoSuchColleague, OverAlready, RunsAlready
from accounts.actions.hand_over import end_hand_over, hand_over
from accounts.actions.memberships import appoint, end_membership
from accounts.actions.people import enter_person
from accounts.models import Account, HandOver, Office, Person
from extensions import db
from record.act import history
from record.edge import now
from tests.town import NOW, ZONE, Town, local

TODAY = date(2026, 11, 24)
SOON = now().date() + timedelta(days=30)  # the pages go by the real day
FIRST, LAST = date(2026, 12, 1), date(2026, 12, 10)


def colleague(town: Town, office: Office | None = None, ends_on: date | None = None) -> Person:
    """A second prosecutor."""
    person = enter_person({"name": "邹检察"}, town.office, by=None, at=NOW)
    membership = appoint(person, office or town.office, "prosecutor", starts_on=date(2026, 1, 1), by=None, at=NOW)
    if ends_on:
        end_membership(membership, ends_on, None, NOW, "调动")
    return person


def given(town: Town, to: Person, first: date = FIRST, last: date = LAST) -> HandOver:
    return hand_over(town.office, "prosecutor", to, first, last, by=town.prosecutor, at=NOW, on=TODAY)


def test_a_colleague_has_the_work_on_exactly_those_days_and_in_that_role_only(town: Town) -> None:
    to = colleague(town)
    given(town, to)
    days = [date(2026, 11, 30), FIRST, LAST, date(2026, 12, 11)]
    own, both = [to.id], [to.id, town.prosecutor.id]
    assert [Viewer(to, on).people("prosecutor", town.office.id) for on in days] == [own, both, both, own]
    assert Viewer(to, FIRST).people("clerk", town.office.id) == own
    assert Viewer(town.prosecutor, FIRST).people("prosecutor", town.office.id) == [town.prosecutor.id]


def test_who_takes_his_work_back_early_has_it_back_at_once(town: Town) -> None:
    to = colleague(town)
    row = given(town, to)
    end_hand_over(row, by=town.prosecutor, at=local("2026-12-02 09:00"), on=date(2026, 12, 2))
    assert Viewer(to, date(2026, 12, 2)).people("prosecutor", town.office.id) == [to.id]
    assert history(row) == ["hand_over.give", "hand_over.end"]
    with pytest.raises(OverAlready):
        end_hand_over(row, by=town.prosecutor, at=NOW, on=TODAY)


def test_work_goes_only_to_the_same_role_in_the_same_office_on_all_of_the_days(town: Town) -> None:
    leaving = colleague(town, ends_on=date(2026, 12, 5))
    for to in (town.clerk, town.neighbour("prosecutor"), leaving):
        with pytest.raises(NoSuchColleague):
            given(town, to)
    assert given(town, leaving, FIRST, date(2026, 12, 5)).ends_on == date(2026, 12, 5)


def test_who_works_at_two_offices_hands_over_at_one_what_is_his_there_and_nothing_of_the_other(town: Town) -> None:
    to, giver = colleague(town), town.prosecutor
    for person in (to, giver):
        appoint(person, town.other_office, "prosecutor", starts_on=date(2026, 1, 1), by=None, at=NOW)
    given(town, to)
    here, there = (Viewer(to, FIRST).people("prosecutor", o.id) for o in (town.office, town.other_office))
    assert (here, there) == ([to.id, giver.id], [to.id])


def test_who_no_longer_has_the_work_himself_has_handed_nothing_over(town: Town) -> None:
    """T14: the day after his last one; a role he has elsewhere does not count."""
    to, giver, last = colleague(town), town.prosecutor, date(2026, 12, 5)
    appoint(giver, town.other_office, "prosecutor", starts_on=date(2026, 1, 1), by=None, at=NOW)
    given(town, to)
    end_membership(giver.memberships[0], last, None, NOW, "调动")
    days = [last, last + timedelta(days=1)]
    assert [Viewer(to, on).people("prosecutor", town.office.id) for on in days] == [[to.id, giver.id], [to.id]]


def test_the_page_says_that_work_whose_owner_lost_the_role_is_handed_over_no_more(town: Town) -> None:
    to, first = colleague(town), now().astimezone(ZONE).date()
    sent = {"role": "prosecutor", "to": str(to.public_id), "starts_on": str(first), "ends_on": str(SOON)}
    db.session.add(Account(person_id=to.id, username="邹检察", fs_uniquifier="x-zou"))
    assert town.browser(town.prosecutor).post("/hand-overs", sent).status_code == 303
    before = town.browser(town.person("邹检察")).get("/hand-overs").text
    end_membership(town.prosecutor.memberships[0], first - timedelta(days=1), None, now(), "调动")
    after = town.browser(town.person("邹检察")).get("/hand-overs").text
    assert [("郑检察 no longer has the role" in page) for page in (before, after)] == [False, True]


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
