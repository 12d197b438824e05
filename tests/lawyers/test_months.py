"""The rota's pages: a month begun, generated, edited in the grid and by the day, printed, copied, exported (Walk 3)."""

from __future__ import annotations

import io
import re
import uuid
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import event as listening
from sqlalchemy import select

from extensions import db
from lawyers.actions.publishing import publish_rota
from lawyers.actions.register import keep_lawyer, record_leave
from lawyers.models import Duty, LawyerEntry, Rota, Station, key_of
from record.act import history
from record.edge import now
from tests.lawyers.conftest import coming_month, generated
from tests.town import Browser, Town


@pytest.fixture
def begin(station: Station) -> str:
    """Where a month of the station is begun."""
    return f"/stations/{station.public_id}/rotas"


@pytest.fixture
def path(month: Rota) -> str:
    """The page of the month."""
    return f"/rotas/{month.public_id}"


def idle_lawyers(rota: Rota, register: list[LawyerEntry]) -> list[LawyerEntry]:
    """Those who serve nowhere in the month."""
    busy = {duty.lawyer_id for duty in rota.duties}
    return [entry for entry in register if entry.id not in busy]


def free_cell(rota: Rota, register: list[LawyerEntry]) -> tuple[Duty, LawyerEntry]:
    """A duty, and somebody who serves nowhere in the month."""
    return rota.duties[-1], idle_lawyers(rota, register)[0]


def press(browser: Browser, rota_id: str, on: date, entry_key: str, mode: str = "set", **more: str) -> Any:
    cell = {"cell": f"{on.isoformat()}/{entry_key}", "mode": mode, **more}
    return browser.post(f"/rotas/{rota_id}/cells", cell, headers={"HX-Request": "true"})


def stands_on(rota_id: int, on: date) -> list[str | None]:
    found = select(Duty).where(Duty.rota_id == rota_id, Duty.serves_on == on).order_by(Duty.number)
    return [duty.lawyer.name if duty.lawyer else None for duty in db.session.scalars(found)]


def test_a_month_is_begun_generated_and_copied(town: Town, register: list[LawyerEntry], begin: str) -> None:
    first, _ = coming_month()
    browser = town.browser(town.coordinator)
    assert f'name="month" value="{first:%Y-%m}"' in browser.get("/rotas").text
    begun = browser.post(begin, {"month": f"{first:%Y-%m}"})
    rota = db.session.scalars(select(Rota)).one()
    assert (begun.status_code, begun.location) == (303, f"/rotas/{rota.public_id}")
    again = browser.post(begin, {"month": f"{first:%Y-%m}"})
    assert again.location == begun.location
    assert browser.post(f"{begun.location}/generation").status_code == 303
    page = browser.get(begun.location).text
    assert "Nobody differs by more than" in page
    rota = db.session.scalars(select(Rota)).one()
    assert all(duty.lawyer_id for duty in rota.duties)
    assert history(rota) == ["rota.draft", "rota.generate"]
    text = re.search(r'<pre class="plain-text"[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert text is not None
    lines = text[1].splitlines()
    assert lines[0] == f"驻检察院法律援助工作站 {first:%B %Y}"
    assert [line.split()[-1] for line in lines[-len(rota.duties) :]] == [d.lawyer.name for d in rota.duties if d.lawyer]


@pytest.mark.parametrize("typed", ["", "2026-13", "2026-12x", "２０２６-12", "0000-01", "2026-12-01", "\x00"])
def test_a_month_that_is_none_is_refused(town: Town, begin: str, typed: str) -> None:
    answer = town.browser(town.coordinator).post(begin, {"month": typed})
    assert answer.status_code == 422
    assert db.session.scalars(select(Rota)).all() == []


def test_a_month_that_is_over_is_not_begun(town: Town, register: list[LawyerEntry], begin: str) -> None:
    answer = town.browser(town.coordinator).post(begin, {"month": "2025-03"})
    assert (answer.status_code, "This month is over." in answer.text) == (409, True)


def test_without_a_register_generating_says_what_to_do(town: Town, begin: str) -> None:
    browser = town.browser(town.coordinator)
    begun = browser.post(begin, {"month": f"{coming_month()[0]:%Y-%m}"})
    path, key = begun.location, db.session.scalars(select(LawyerEntry.id)).all()
    assert key == []
    answer = browser.post(f"{path}/generation")
    assert (answer.status_code, "Import the register" in answer.text) == (409, True)


def test_a_press_sets_a_lawyer_and_undo_takes_it_back(town: Town, register: list[LawyerEntry], month: Rota) -> None:
    duty, idle = free_cell(month, register)
    on, before = duty.serves_on, duty.lawyer.name if duty.lawyer else None
    rota_id, key, name, number = str(month.public_id), key_of(idle), idle.name, month.id
    browser = town.browser(town.coordinator)
    answer = press(browser, rota_id, on, key)
    assert (answer.status_code, answer.text.lstrip().startswith('<div id="rota">')) == (200, True)
    assert stands_on(number, on) == [name]
    undone = browser.post(f"/rotas/{rota_id}/undo", headers={"HX-Request": "true"})
    assert (undone.status_code, stands_on(number, on)) == (200, [before])
    press(browser, rota_id, on, key)
    press(browser, rota_id, on, key)  # pressed again he is taken off
    assert stands_on(number, on) == [None]


def test_a_refused_press_says_why_beside_the_cell_and_changes_nothing(
    town: Town, register: list[LawyerEntry], month: Rota
) -> None:
    near, duty = month.duties[0], month.duties[1]
    assert near.lawyer is not None
    on, name, key, before = duty.serves_on, near.lawyer.name, key_of(near.lawyer), stands_on(month.id, duty.serves_on)
    rota_id, number = str(month.public_id), month.id
    answer = press(town.browser(town.coordinator), rota_id, on, key)
    assert answer.status_code == 422
    why = re.search(r'<div class="cell-why.*?</div>', answer.text, re.DOTALL)
    assert why is not None
    assert f"{name} cannot serve on" in why[0]
    assert "at least 7 are asked" in why[0]
    assert f"/days/{on.isoformat()}" in why[0]
    assert stands_on(number, on) == before


def test_each_kind_of_refusal_has_its_words(town: Town, register: list[LawyerEntry], month: Rota) -> None:
    idle, other = idle_lawyers(month, register)[:2]
    other_key, key = key_of(other), key_of(idle)
    on, rota_id = month.duties[-1].serves_on, str(month.public_id)
    record_leave(idle, on, on, town.coordinator, now())
    assert "on leave" in press(town.browser(town.coordinator), rota_id, on, key).text
    other = db.session.scalars(select(LawyerEntry).where(LawyerEntry.public_id == uuid.UUID(other_key))).one()
    blocks = [f"{on.isoweekday()}am"]
    keep_lawyer(other, town.coordinator, now(), share_percent=100, weekly_blocks=blocks, cap_per_month=None)
    page = town.browser(town.coordinator).get(f"/rotas/{rota_id}/days/{on.isoformat()}").text
    assert "cannot come on this weekday" in page
    assert "on leave" in page


@pytest.mark.parametrize("cell", ["", "x", "2026-12-01", "2026-12-01/x", "2026-12-01/" + "0" * 32, "\x00/\x00"])
def test_a_cell_that_is_none_is_refused(town: Town, path: str, cell: str) -> None:
    answer = town.browser(town.coordinator).post(f"{path}/cells", {"cell": cell, "mode": "set"})
    assert answer.status_code in {404, 422}


def test_two_presses_let_two_change_places_and_a_press_fixes(
    town: Town, register: list[LawyerEntry], month: Rota
) -> None:
    one, other = month.duties[0], month.duties[-1]
    assert one.lawyer is not None and other.lawyer is not None
    days, keys = (one.serves_on, other.serves_on), (key_of(one.lawyer), key_of(other.lawyer))
    names, first = (one.lawyer.name, other.lawyer.name), str(one.public_id)
    rota_id, number = str(month.public_id), month.id
    browser = town.browser(town.coordinator)
    answer = press(browser, rota_id, days[0], keys[0], "swap")
    assert f'name="first" value="{first}"' in answer.text
    press(browser, rota_id, days[1], keys[1], "swap", first=first)
    assert [stands_on(number, day) for day in days] == [[names[1]], [names[0]]]
    press(browser, rota_id, days[0], keys[1], "lock")
    locked = select(Duty.serves_on).where(Duty.rota_id == number, Duty.locked)
    assert db.session.scalars(locked).all() == [days[0]]
    assert browser.post(f"/rotas/{rota_id}/generation").status_code == 303
    assert stands_on(number, days[0]) == [names[1]]


def test_a_day_lists_who_could_come_and_takes_him(
    town: Town, register: list[LawyerEntry], month: Rota, path: str
) -> None:
    duty, idle = free_cell(month, register)
    path, beyond = f"{path}/days/{duty.serves_on.isoformat()}", f"{path}/days/tomorrow"
    on, number, name, typed = (
        duty.serves_on,
        month.id,
        idle.name,
        {"duty": str(duty.public_id), "lawyer": key_of(idle)},
    )
    browser = town.browser(town.coordinator)
    assert name in browser.get(path).text
    assert browser.post(path, typed).status_code == 303
    assert stands_on(number, on) == [name]
    assert browser.post(path, {**typed, "lawyer": "x"}).status_code == 422
    assert browser.post(path, {**typed, "duty": "x"}).status_code == 422
    assert browser.get(beyond).status_code == 404


def test_what_a_month_is_asked_for_is_changed_and_bad_numbers_are_refused(town: Town, month: Rota, path: str) -> None:
    key = month.id
    browser = town.browser(town.coordinator)
    assert browser.post(f"{path}/demands", {"min_distance": "10", "within": "2"}).status_code == 303
    rota = db.session.get_one(Rota, key)
    assert (rota.min_distance, rota.within) == (10, 2)
    for typed in ("0", "99999999999999999999", "ten", "-1"):
        assert browser.post(f"{path}/demands", {"min_distance": typed}).status_code == 422


def test_an_impossible_month_shows_its_ways_out_and_one_is_taken(
    town: Town, register: list[LawyerEntry], begin: str
) -> None:
    for entry in register[3:]:
        keep_lawyer(entry, town.coordinator, now(), share_percent=0, weekly_blocks=[])
    browser = town.browser(town.coordinator)
    begun = browser.post(begin, {"month": f"{coming_month()[0]:%Y-%m}"})
    refused = browser.post(f"{begun.location}/generation")
    assert refused.status_code == 409
    assert "These cannot all hold together:" in refused.text
    distance = re.search(r'name="min_distance" value="(\d+)"', refused.text)
    assert distance is not None
    taken = browser.post(f"{begun.location}/generation", {"min_distance": distance[1]})
    assert taken.status_code == 303
    assert all(duty.lawyer_id for duty in db.session.scalars(select(Rota)).one().duties)


def test_a_draft_is_discarded_and_a_published_month_changed_by_a_new_version(
    town: Town, month: Rota, path: str, begin: str
) -> None:
    key, value = month.id, f"{month.first_on:%Y-%m}"
    browser = town.browser(town.coordinator)
    assert browser.post(f"{path}/discard").status_code == 303
    assert db.session.get_one(Rota, key).state == "discarded"
    second = generated(town, db.session.scalars(select(Station)).one(), coming_month(), now())
    publish_rota(second, town.coordinator, now())
    there = f"/rotas/{second.public_id}"
    shown = town.browser(town.coordinator)
    assert "Change this month" in shown.get(there).text
    third = shown.post(begin, {"month": value})
    page = shown.get(third.location).text
    assert "A published version of this month holds" in page
    assert shown.post(f"{third.location}/generation").status_code == 303
    rotas = db.session.scalars(select(Rota).order_by(Rota.version)).all()
    assert [r.version for r in rotas] == [1, 2, 3]
    assert [d.lawyer_id for d in rotas[1].duties] == [d.lawyer_id for d in rotas[2].duties]


def test_the_sheet_and_the_spreadsheet_hold_every_duty(town: Town, month: Rota, path: str) -> None:
    publish_rota(month, town.coordinator, now())
    rows = [[duty.serves_on.isoformat(), duty.lawyer.name, duty.lawyer.firm] for duty in month.duties if duty.lawyer]
    browser = town.browser(town.prosecutor)
    sheet = browser.get(f"{path}/sheet").text
    assert (sheet.count('<span class="mark">'), 'class="fl paper no-tabs landscape"' in sheet) == (len(rows), True)
    answer = browser.get(f"{path}/table.xlsx")
    table = load_workbook(io.BytesIO(answer.data)).active
    assert table is not None
    read = [[str(row[0]), row[2], row[3]] for row in table.iter_rows(values_only=True)]
    assert read[0] == ["Day", "Lawyer", "Firm"]
    assert read[1:] == rows


def test_drafts_are_the_drafters_and_what_is_published_everybodys(town: Town, month: Rota, path: str) -> None:
    key = month.id
    assert [town.browser(getattr(town, who)).get(path).status_code for who in ("prosecutor", "lawyer", "clerk")] == [
        404
    ] * 3
    assert town.browser(town.legal_aid_contact).get(path).status_code == 200
    publish_rota(db.session.get_one(Rota, key), town.coordinator, now())
    for who in ("prosecutor", "lawyer", "clerk", "receptionist", "chief"):
        page = town.browser(getattr(town, who)).get(path)
        assert (who, page.status_code, "Owed" in page.text) == (who, 200, False)
    assert town.browser(town.neighbour("coordinator")).get(path).status_code == 404


def test_a_month_is_read_in_few_questions(town: Town, path: str) -> None:
    browser = town.browser(town.coordinator)

    def asked(path: str) -> int:
        seen: list[str] = []
        listener = lambda *args: seen.append(args[2])  # noqa: E731
        listening.listen(db.engine, "before_cursor_execute", listener)
        assert browser.get(path).status_code == 200
        listening.remove(db.engine, "before_cursor_execute", listener)
        return len([s for s in seen if s.startswith("SELECT")])

    asked(path)
    assert asked(path) <= 40
