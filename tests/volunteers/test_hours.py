"""My hours: each figure is the sum of the lines behind it; totals are rounded once, where they are shown (V-06)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.town import NOW, Town
from tests.volunteers.conftest import Crossing
from tests.volunteers.phone import Days, Kept, Phone
from volunteers.actions.booking import book
from volunteers.actions.confirmation import confirm
from volunteers.actions.credit import append_due
from volunteers.actions.ticks import arrive, leave
from volunteers.rules.minutes import stated_at
from volunteers.rules.pace import rounded


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
        "Counted 2.5 hours",
        "confirmed by 朱交警 This is wrong 1 hour 16 minutes",
        "Together Shown above: down to the whole half hour, once. 2 hours 46 minutes",
        "Confirmed, counts in a few minutes 1 hour 30 minutes",
        "Served, an officer still confirms it 1 hour",
        "Booked 1.5 hours",
        "Asked for",
        "Counted − 2 hours 46 minutes",
        "Still needed 15 hours 44 minutes",
    ):
        assert line in page, line
    assert page.index("岗位-8") < page.index("岗位-9")


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


@pytest.mark.parametrize(("minutes", "shown"), [(0, 0), (29, 0), (30, 30), (59, 30), (60, 60), (166, 150)])
def test_a_total_is_rounded_down_to_the_half_hour(minutes: int, shown: int) -> None:
    assert rounded(minutes, Decimal("0.5")) == shown


def test_a_total_is_rounded_to_whatever_unit_the_office_has_set() -> None:
    assert [rounded(119, Decimal(unit)) for unit in ("1", "0.25", "0.01")] == [60, 105, 119]


@pytest.mark.parametrize(
    ("off", "believed"),
    [(-600, True), (-601, False), (0, True), (60, True), (61, False)],
)
def test_a_devices_clock_is_believed_from_ten_minutes_behind_to_one_ahead(off: int, believed: bool) -> None:
    """SETTLED 15: the device's time counts; one that cannot be right is stored and does not."""
    device = NOW + timedelta(seconds=off)
    assert stated_at(device, NOW) == (device if believed else NOW)
    assert stated_at(None, NOW) == NOW
