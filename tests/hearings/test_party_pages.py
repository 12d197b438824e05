"""The pages on which somebody of the case is taken in late or let go: what they say, and to whom (H-20, TRUST 2)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from cases.actions.parties import remove_party
from cases.models import Case, Party
from extensions import db
from hearings.actions.notice import notify_hearing
from hearings.actions.parties import take_in_party
from hearings.models import Hearing, Participant
from record.act import act
from scheduler.timeline import timeline
from scheduler.timeline.timeline import Take
from tests.cases.made import a_party
from tests.hearings.planned import approved, late, planned, the_case
from tests.queries import queries_of
from tests.town import NOW, Browser, Town, forget_request


def links(hearing: Hearing, party: Party) -> tuple[str, str, str]:
    here = f"/hearings/{hearing.public_id}"
    return here, f"{here}/parties/{party.public_id}/participation", f"{here}/parties/{party.public_id}/release"


@pytest.fixture
def desk(town: Town) -> Browser:
    return town.browser(town.coordinator)


def far(town: Town, case: Case) -> Hearing:
    """Planned for January, so that the clock of the page is no matter."""
    return planned(town, "2027-01-04 09:00", hearing=approved(town, case), despite="休息日后").hearing


def test_on_the_page_he_is_taken_in_and_let_go_again(town: Town, desk: Browser) -> None:
    case = the_case(town, limit_on=None, stage="trial")
    hearing = far(town, case)
    party = late(town, hearing)
    here, participation, release = links(hearing, party)
    removal = f"/cases/{case.public_id}/parties/{party.public_id}/removal"
    forget_request()
    page = desk.get(here).get_data(as_text=True)
    assert (page.count(participation), "does not take part yet" in page, release in page) == (2, True, False)
    assert "何志愿 is in the case, but not in its hearing" in desk.get("/").get_data(as_text=True)
    form = desk.get(participation)
    assert (form.status_code, "together with everybody else" in form.get_data(as_text=True)) == (200, True)
    answer = desk.post(participation)
    assert (answer.status_code, answer.location) == (303, here)
    page = desk.get(here).get_data(as_text=True)
    assert ("何志愿 takes part now" in page, "does not take part yet" in page) == (True, False)
    back = desk.get(participation)
    assert (back.status_code, back.location, desk.post(release).status_code) == (303, here, 404)
    assert desk.post(removal, {"reason": "录错"}).status_code == 303
    page = desk.get(here).get_data(as_text=True)
    assert ("no longer in the case" in page, release in page) == (True, True)
    assert "何志愿 is no longer in the case, but still in its hearing" in desk.get("/").get_data(as_text=True)
    assert [desk.post(release).status_code for _ in range(2)] == [303, 404]
    [gone] = db.session.scalars(select(Participant).where(Participant.party_id.is_not(None)))
    assert (gone.live, gone.booking.status) == (False, "released")


def test_a_time_that_was_offered_leads_to_the_move(town: Town, desk: Browser) -> None:
    hearing = far(town, the_case(town, limit_on=None, stage="trial"))
    shift = town.event("执勤", "2027-01-04 09:00", "2027-01-04 10:00", kind="shift")
    with act("event.book", shift, by=town.coordinator, at=NOW):
        timeline.rebook(Take(shift, town.resource(town.volunteer), "volunteer"))
    here, participation, _ = links(hearing, late(town, hearing))
    forget_request()
    refused = desk.post(participation, {"despite": "当日必须到场"})
    page = refused.get_data(as_text=True)
    assert (refused.status_code, "执勤" in page, "当日必须到场" in page) == (422, True, True)
    answer = desk.post(participation, {"at": "2027-01-05T14:15:00+08:00"})
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, f"{here}/move")
    page = desk.get(answer.location).get_data(as_text=True)
    assert ('value="2027-01-05"' in page, 'value="14:15"' in page) == (True, True)
    assert [desk.get(f"{here}/move?at={x}").status_code for x in ("x", "0001-01-01T00:00+08:00", "9" * 40)] == [200] * 3


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("郑检察", [200, 303, 303]),
        ("褚书记", [200, 303, 303]),
        ("王检长", [403, 403, 403]),
        ("陈案管", [403, 403, 403]),
        ("卫接待", [404, 404, 404]),
        ("尤律师", [404, 404, 404]),
        ("何志愿", [404, 404, 404]),
        ("甲听证", [404, 404, 404]),
        ("邻周协调", [404, 404, 404]),
        ("邻郑检察", [404, 404, 404]),
    ],
)
def test_only_who_plans_the_hearing_takes_in_and_lets_go(town: Town, name: str, answers: list[int]) -> None:
    """TRUST 2: plan_hearing, in one's own cases and office; the chief reads who is left out, without a button."""
    case = the_case(town, limit_on=None, stage="trial")
    hearing = far(town, case)
    comes = late(town, hearing, "后来人")
    goes = a_party(town, case, "要走的", "victim")
    take_in_party(hearing, goes, town.coordinator, NOW)
    remove_party(goes, date(2026, 11, 24), town.coordinator, NOW, "录错")
    here, participation, _ = links(hearing, comes)
    release = links(hearing, goes)[2]
    forget_request()
    browser = town.browser(town.person(name))
    said = [browser.get(participation), browser.post(participation), browser.post(release)]
    assert [answer.status_code for answer in said] == answers
    if name == "王检长":
        page = browser.get(here).get_data(as_text=True)
        assert ("后来人" in page, participation in page, release in page) == (True, False, False)


def test_a_defender_reads_nothing_of_who_is_left_out(town: Town) -> None:
    case = the_case(town, limit_on=None, stage="trial")
    a_party(town, case, "尤律师", "defender", person_id=town.lawyer.id)
    hearing = far(town, case)
    here, *_ = links(hearing, late(town, hearing, "后来人"))
    forget_request()
    page = town.browser(town.lawyer).get(here)
    assert (page.status_code, "does not take part yet" in page.get_data(as_text=True)) == (200, False)


def test_my_day_asks_as_often_for_many_hearings_as_for_few(town: Town, desk: Browser) -> None:
    def more(first: int, last: int) -> list[int]:
        for n in range(first, last):
            hearing = approved(town, the_case(town, f"枫检刑诉〔2026〕{n}号", limit_on=None, stage="trial"))
            goes = a_party(town, hearing.case, f"要走的{n}", "victim")
            planned(town, f"2027-01-{n:02} 09:00", hearing=hearing, despite="休息日后")
            notify_hearing(hearing, {}, town.coordinator, NOW)
            remove_party(goes, date(2026, 11, 24), town.coordinator, NOW, "录错")
            late(town, hearing, f"后来人{n}")
        forget_request()
        return queries_of(desk, "/day")

    few, many = more(4, 6), more(11, 15)
    assert few == many
    page = desk.get("/day").get_data(as_text=True)
    assert (page.count("but not in its hearing"), page.count("but still in its hearing")) == (6, 6)


def test_the_page_of_the_notice_says_whom_it_does_not_reach(town: Town, desk: Browser) -> None:
    case = the_case(town, limit_on=None, stage="trial")
    goes = a_party(town, case, "要走的", "victim")
    hearing = far(town, case)
    late(town, hearing, "后来人")
    address = f"/hearings/{hearing.public_id}/notice"
    remove_party(goes, date(2026, 11, 24), town.coordinator, NOW, "录错")
    forget_request()
    page = desk.get(address).get_data(as_text=True)
    assert "In the case, but not in its hearing: 后来人." in page
    assert "No longer of this hearing's people: 要走的." in page
    refused = desk.post(address)
    assert (refused.status_code, "要走的: no longer in the case" in refused.get_data(as_text=True)) == (422, True)
