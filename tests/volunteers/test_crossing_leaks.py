"""What keeps somebody from a shift is his own business: an officer reads none of it (TRUST section 2; D-24, D-25)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from record.act import act
from scheduler.timeline import timeline
from tests.accounts.visitor import text_of
from tests.town import NOW, Town
from tests.volunteers.conftest import Crossing
from tests.volunteers.phone import Days, Kept, today
from volunteers.actions.booking import book
from volunteers.actions.obstacles import assessment_at
from volunteers.actions.preparing import Recorded, record
from volunteers.actions.walk_in import NotAdmitted, told_the_officer
from volunteers.rules.obstacles import ORDER, Obstacle

TOLD = ["not_told", "not_consented", "not_trained", "not_insured"]


@pytest.fixture
def days(crossing: Crossing) -> Days:
    return Days(crossing)


def test_of_all_that_can_be_in_the_way_an_officer_reads_which_paper_is_missing_and_nothing_else() -> None:
    facts = {"insured_until": date(2026, 11, 24)}
    said = {code: told_the_officer([Obstacle(code, facts), Obstacle("own_hearing")]) for code in ORDER}
    assert [code for code, refusal in said.items() if not isinstance(refusal, NotAdmitted)] == TOLD
    hidden = {(one.code, one.message, one.help, one.source) for code, one in said.items() if code not in TOLD}
    assert hidden == {(NotAdmitted.code, NotAdmitted.message, NotAdmitted.help, NotAdmitted.source)}


def at_a_hearing(town: Town, days: Days, shift: Any) -> Kept:
    person = days.person("欧阳听证")
    hearing = town.event("公开听证", f"{today()} 00:00", f"{today()} 23:59", kind="sitting")
    with act("sitting.plan", hearing, by=town.clerk, at=NOW):
        timeline.rebook(timeline.Take(hearing, timeline.resource_of(person.row()), "party"))
    return Kept(person.row())


def elsewhere(town: Town, days: Days, shift: Any) -> Kept:
    person = days.person("司马别处")
    other = town.event("西门值守", f"{today()} 00:00", f"{today()} 23:59", kind="shift")
    with act("event.change", other, by=town.coordinator, at=NOW):
        other.place = "西门大桥"
        timeline.rebook(timeline.Take(other, timeline.resource_of(person.row()), "volunteer"))
    return Kept(person.row())


def over(town: Town, days: Days, shift: Any) -> Kept:
    return Kept(days.person("诸葛期满", last=today() - timedelta(days=1)).row())


def frail(town: Town, days: Days, shift: Any) -> Kept:
    person = days.person("夏侯体弱").row()
    record([assessment_at(person, town.office.id)], Recorded(capable_of=0), town.coordinator, NOW, "体检")
    return Kept(person)


@pytest.mark.parametrize("made", [at_a_hearing, elsewhere, over, frail])
def test_the_officers_page_and_its_answers_say_nothing_of_it(
    town: Town, days: Days, made: Callable[[Town, Days, Any], Kept]
) -> None:
    """Looked for, pressed all the same, and asked for as data; beside it stands all that could leak."""
    shift = days.shift(0)
    person = made(town, days, shift)
    one = assessment_at(person.row(), town.office.id)
    period = [f"{day:%Y-%m-%d}" for day in (one.first_on, one.last_on)]
    period += [f"{day.day} {day:%B}" for day in (one.first_on, one.last_on)]
    period += [f"{day:%b} {day.day}" for day in (one.first_on, one.last_on)]
    secrets = [*period, str(person.id_number), str(person.phone), str(one.case.number), str(one.case.cause), "160.5"]
    secrets += ["刑诉法", "公开听证", "hearing", "西门", "time of service", "health", "bail", "commitment"]
    asked = {"initials": person.initials, "tail": person.phone[-4:], "who": str(one.public_id), "device_at": ""}
    browser, where = town.browser(town.traffic_officer), f"/crossing/{shift.public_id}/walk-in"
    found = browser.post(f"{where}/search", asked)
    pressed = browser.post(where, asked)
    as_data = browser.post(where, asked, headers={"Accept": "application/json"})
    assert (found.status_code, pressed.status_code, as_data.status_code) == (200, 409, 409)
    assert ("He cannot serve here now." in text_of(found), NotAdmitted.message in text_of(found)) == (True, True)
    assert as_data.get_json()["type"] == "/problems/not_admitted"
    answers = (text_of(found), text_of(pressed), as_data.text)
    assert [(secret, text) for secret in secrets for text in answers if secret in text] == []


def test_calendar_and_answers_as_data_say_nothing_of_a_case_nor_of_another_volunteer(town: Town, days: Days) -> None:
    """D-24, D-25: to officer, fellow, squad and lawyers; the refusals of a booking as well."""
    full, man, fellow = days.shift(3, days.post(capacity=1)), days.person("欧阳小明"), days.person("司马小红")
    book(full.row(), man.row(), town.coordinator, full.event.starts_at - timedelta(days=2))
    one = assessment_at(man.row(), town.office.id)
    with act("assessment.note", one, by=None, at=NOW):
        one.aggravating, one.remark = "无证驾驶", "血检两次"
    secrets = [str(man.id_number), str(man.phone), str(one.case.number), str(one.case.cause), "160.5"]
    secrets += ["无证驾驶", "血检两次", "郑检察", "欧阳小明"]
    span = f"/calendar/events?start={today() - timedelta(days=7)}&end={today() + timedelta(days=7)}"
    posted = town.browser(town.traffic_officer).get(span)
    assert len(posted.get_json()) > 0
    others = ("squad_leader", "lawyer", "legal_aid_contact")
    answers = [posted, town.browser(fellow.row()).get(span)]
    answers += [town.browser(getattr(town, role)).get(span) for role in others]
    as_data = {"Accept": "application/json"}
    for path in (f"/booking/{full.public_id}", f"/booking/{full.public_id}/waiting"):
        answers.append(town.browser(fellow.row()).post(path, headers=as_data))
    assert [answer.status_code for answer in answers] == [200] * 5 + [409, 303]
    assert [(secret, answer.text) for secret in secrets for answer in answers if secret in answer.text] == []
