"""What waits in "my day": for the chief, for whoever asked, for whoever plans, for whoever tells the applicant."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import force_locale

from accounts.access import Viewer
from accounts.actions.hand_over import hand_over
from accounts.actions.people import give_membership
from accounts.models import Person
from hearings.actions.approval import refuse_hearing, return_hearing
from hearings.waiting import waiting
from tests.cases.made import a_case
from tests.hearings.made import a_requested_hearing, an_approved_hearing
from tests.town import NOW, Town, forget_request

TODAY = date(2026, 11, 24)


def seen(town: Town, person: Person, at: datetime = NOW) -> list[tuple[str, str, date | None]]:
    with town.app.test_request_context(), force_locale("en"):
        found = waiting(Viewer(person, TODAY), town.office, at)
        return [(w.what, w.about.split(" · ")[0], w.due_on) for w in found]


def asked(town: Town, number: str, hours: int = 0, **facts: Any):
    return a_requested_hearing(town, a_case(town, number=number), NOW - timedelta(hours=hours), **facts)


def test_requests_wait_for_the_chief_oldest_first_and_an_application_with_its_date(town: Town) -> None:
    asked(town, "新")
    asked(town, "旧", hours=20, applicant="孙小明", applied_on=date(2026, 11, 20))
    assert [(number, due) for _, number, due in seen(town, town.chief)] == [("旧", date(2026, 11, 27)), ("新", None)]
    assert seen(town, town.deputy_chief) == []
    assert seen(town, town.neighbour("chief")) == []


def test_what_came_back_waits_for_whoever_asked_and_no_longer_for_the_chief(town: Town) -> None:
    return_hearing(asked(town, "一"), town.chief, NOW, "写明问题")
    assert seen(town, town.prosecutor) == [("A request came back", "一", None)]
    assert (seen(town, town.chief), seen(town, town.clerk)) == ([], [])


def test_what_is_approved_waits_for_a_time_by_the_limit_of_its_case(town: Town) -> None:
    an_approved_hearing(town, a_case(town, number="一", received_on=date(2026, 11, 2)))
    for person in (town.prosecutor, town.coordinator, town.clerk):
        assert seen(town, person) == [("A hearing without a time", "一", date(2026, 12, 2))]
    assert seen(town, town.chief) == []


def test_an_applicant_waits_to_be_told(town: Town) -> None:
    """H-05."""
    hearing = asked(town, "一", applicant="孙小明", applied_on=date(2026, 11, 20))
    refuse_hearing(hearing, town.chief, NOW, "无争议")
    for person in (town.prosecutor, town.clerk):
        assert seen(town, person) == [("An applicant to be told", "一", date(2026, 11, 27))]
    assert seen(town, town.coordinator) == []


def test_what_came_back_at_one_office_does_not_wait_for_a_stand_in_at_another(town: Town) -> None:
    """He coordinates there, so he may see it; it is not the work that was handed over to him."""
    giver, to = town.prosecutor, town.neighbour("prosecutor")
    for role in ("prosecutor", "coordinator"):
        give_membership(to, town.office, role, starts_on=date(2026, 1, 1), by=None, at=NOW)
    give_membership(giver, town.other_office, "prosecutor", starts_on=date(2026, 1, 1), by=None, at=NOW)
    return_hearing(asked(town, "一"), town.chief, NOW, "写明问题")
    found = []
    for where in ("other_office", "office"):
        forget_request()  # what was looked at before was looked at without writing
        giver, to = town.prosecutor, town.neighbour("prosecutor")
        hand_over(getattr(town, where), "prosecutor", to, TODAY, TODAY, by=giver, at=NOW, on=TODAY)
        found.append(seen(town, to))
    assert found == [[], [("A request came back", "一", None)]]
