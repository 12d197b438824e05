"""My hours: each figure is the sum of the lines behind it; totals are rounded once, where they are shown (V-06)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.accounts.visitor import text_of
from tests.town import NOW, Town
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.phone import Days, Kept, Phone, today
from volunteers.actions.booking import book
from volunteers.actions.confirmation import confirm
from volunteers.actions.credit import append_due
from volunteers.actions.papers import facts_of
from volunteers.actions.ticks import arrive, leave
from volunteers.models.assessment import Assessment
from volunteers.rules.minutes import stated_at
from volunteers.rules.pace import missing
from volunteers.rules.pace import served as hours_served


@pytest.fixture
def days(crossing: Crossing) -> Days:
    return Days(crossing)


def served(days: Days, shift: Any, person: Any, minutes: int) -> None:
    """Came at the start, went after so many minutes."""
    officer, starts_at = days.town.traffic_officer, shift.event.starts_at
    one = book(shift, person, days.town.coordinator, starts_at - timedelta(days=1))
    arrive(one, officer, starts_at)
    leave(one, officer, starts_at + timedelta(minutes=minutes))


def test_each_figure_opens_to_its_lines(town: Town, days: Days) -> None:
    person, officer = days.person(), Kept(town.traffic_officer)
    for ago, minutes in ((9, 90), (8, 76)):
        shift = days.shift(-ago)
        served(days, shift, person, minutes)
        confirm(shift, officer.row(), datetime.now(UTC) - timedelta(hours=1))
    append_due(datetime.now(UTC))
    pending, waiting, ahead = days.shift(-3), days.shift(-2), days.shift(4)
    served(days, pending, person, 90)
    confirm(pending, officer.row(), datetime.now(UTC))
    served(days, waiting, person, 60)
    book(ahead, person, person, datetime.now(UTC))
    page = re.sub(r"\s+", " ", Phone(town, person, "/hours").text)
    assert "2.5 of 20 hours" in page  # 166 minutes, down to the half hour, once
    for line in (
        "Counted 2 hours 46 minutes",
        "confirmed by 朱交警 This is wrong 1 hour 16 minutes",
        "Together In the ring above: down to the whole half hour, once. 2 hours 46 minutes",
        "Confirmed, counts in a few minutes 1 hour 30 minutes",
        "Served, an officer still confirms it 1 hour",
        "Booked 1 hour 30 minutes",
        "Asked for",
        "Counted − 2 hours 46 minutes",
        "Still needed 15 hours 44 minutes",
    ):
        assert line in page, line
    assert page.index("岗位-8") < page.index("岗位-9")


def test_the_same_total_stands_on_every_page_sheet_and_paper(town: Town, days: Days) -> None:
    """76 minutes are one hour on the list, the board and its sheet, the person's pages and his record."""
    person, officer = days.person(), Kept(town.traffic_officer)
    shift = days.shift(-8)
    served(days, shift, person, 76)
    confirm(shift, officer.row(), datetime.now(UTC) - timedelta(hours=1))
    append_due(datetime.now(UTC))
    one = Kept(all_of(Assessment)[0])
    record = facts_of("service_record", one.row(), today())
    assert (record["done_hours"], record["minutes"], record["hours"]) == ("1", "76", "20")
    address = f"/assessments/{one.public_id}"
    paths = ("/assessments", "/assessments/board", "/assessments/board/paper", address)
    paths += (f"{address}/evaluation", f"{address}/paper")
    desk = town.browser(town.coordinator)
    shown = {path: re.findall(r"[0-9.]+ / 20", re.sub(r"\s+", " ", text_of(desk.get(path)))) for path in paths}
    assert {path: set(found) for path, found in shown.items()} == {path: {"1 / 20"} for path in paths}
    assert "Exactly 1 hour 16 minutes; above it is rounded down once." in text_of(desk.get(address))
    sheet = load_workbook(BytesIO(desk.get("/assessments/board/sheet").data)).active
    assert sheet is not None and [cell.value for cell in sheet[2]][2:7] == [1, 20, 0, 0, 19]
    page = Phone(town, person, "/hours").text
    assert "1 of 20 hours" in page and "Still needed: 18 hours 44 minutes" in re.sub(r"\s+", " ", page)


def test_the_next_shift_stands_in_words_with_its_place(town: Town, days: Days) -> None:
    person = days.person()
    later, soon = days.shift(6), days.shift(2)
    for shift in (later, soon):
        book(shift, person, person, datetime.now(UTC))
    phone = Phone(town, person, "/hours")
    assert re.search(r"Next shift .*17:30–19:00 岗位2", re.sub(r"\s+", " ", phone.text))
    phone.tap("岗位2")
    assert phone.page.status_code == 200 and "You can cancel until" in phone.text


def test_nobody_sees_the_hours_of_somebody_else(town: Town, days: Days) -> None:
    person, other, officer = days.person(), days.person(), Kept(town.traffic_officer)
    shift = days.shift(-3)
    served(days, shift, person, 90)
    confirm(shift, officer.row(), datetime.now(UTC) - timedelta(hours=1))
    append_due(datetime.now(UTC))
    assert "1.5 of 20 hours" in Phone(town, person, "/hours").text
    page = Phone(town, other, "/hours").text
    assert ("0 of 20 hours" in page, "岗位-3" in page) == (True, False)
    assert "岗位-3" not in Phone(town, Kept(town.coordinator), "/hours").text


@pytest.mark.parametrize(
    ("minutes", "unit", "done", "still"),
    [
        (0, 30, "0", "0"),
        (1, 30, "0", "0.5"),
        (29, 30, "0", "0.5"),
        (30, 30, "0.5", "0.5"),
        (59, 30, "0.5", "1"),
        (837, 30, "13.5", "14"),
        (6000, 30, "100", "100"),
        (119, 60, "1", "2"),
        (119, 15, "1.75", "2"),
        (119, 1, "1.98", "1.99"),
        (119, 0, "1.98", "1.99"),
    ],
)
def test_a_total_is_rounded_once_to_the_unit_down_and_what_is_missing_up(
    minutes: int, unit: int, done: str, still: str
) -> None:
    """V-06: by the scheme's unit of minutes; no unit is less than one."""
    assert (str(hours_served(minutes, unit)), str(missing(minutes, unit))) == (done, still)


@pytest.mark.parametrize(
    ("off", "believed"),
    [(-600, True), (-601, False), (0, True), (60, True), (61, False)],
)
def test_a_devices_clock_is_believed_from_ten_minutes_behind_to_one_ahead(off: int, believed: bool) -> None:
    """SETTLED 15: the device's time counts; one that cannot be right is stored and does not."""
    device = NOW + timedelta(seconds=off)
    assert stated_at(device, NOW) == (device if believed else NOW)
    assert stated_at(None, NOW) == NOW
