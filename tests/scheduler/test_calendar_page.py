"""The calendar's page and what its script asks for."""

from __future__ import annotations

import pytest

from tests.town import Town


@pytest.mark.parametrize(
    ("start", "end", "titles"),
    [
        ("2026-11-23", "2026-11-30", ["例会"]),
        ("0001-01-01", "9999-12-31", []),
        ("9999-12-31", "9999-12-31", []),
        ("2026-11-20", "9999-12-31", ["例会"]),
        ("x", "", []),
    ],
)
def test_the_calendar_answers_for_any_days(town: Town, start: str, end: str, titles: list[str]) -> None:
    town.event("例会", "2026-11-25 09:00", "2026-11-25 10:00", kind="meeting")
    browser = town.browser(town.coordinator)
    answer = browser.get(f"/calendar/events?start={start}&end={end}")
    assert (answer.status_code, [event["title"] for event in answer.json]) == (200, titles)
    assert browser.get(f"/calendar?on={start}").status_code == 200
