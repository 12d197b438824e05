"""Days within a text, hours and days of what takes place, as whoever reads it writes them."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask import g
from flask_babel import force_locale

from accounts.presenting import with_days
from scheduler.calendar.folding import whole_days
from scheduler.timeline.models import Event
from tests.town import Town, local


@pytest.mark.parametrize(
    ("text", "chinese", "english"),
    [
        ("客运站前广场 2025-12-04", "客运站前广场 2025年12月4日 周四", "客运站前广场 Thu 4 Dec 2025"),
        ("2025-12-04 · 一小", "2025年12月4日 周四 · 一小", "Thu 4 Dec 2025 · 一小"),
        ("2025-13-04", "2025-13-04", "2025-13-04"),
        ("签到2025-12-04.csv", "签到2025-12-04.csv", "签到2025-12-04.csv"),
        ("17400000001", "17400000001", "17400000001"),
    ],
)
def test_a_day_in_a_text_reads_as_every_other_day_of_the_page(
    town: Town, text: str, chinese: str, english: str
) -> None:
    with town.app.test_request_context():
        for locale, said in (("zh_Hans_CN", chinese), ("en", english)):
            with force_locale(locale):
                assert with_days(text) == said


@pytest.mark.parametrize(
    ("starts", "ends", "on", "said"),
    [
        ("24 17:00", "24 18:30", 24, "17:00–18:30"),
        ("24 23:21", "25 00:40", 24, "23:21–next day 00:40"),
        ("24 23:21", "25 00:40", 25, "Tue 24 Nov 23:21–Wed 25 Nov 00:40"),
        ("23 14:00", "25 12:00", 23, "Mon 23 Nov 14:00–Wed 25 Nov 12:00"),
        ("23 00:00", "27 00:00", 24, "All day"),
    ],
)
def test_hours_say_where_they_end_on_another_day(town: Town, starts: str, ends: str, on: int, said: str) -> None:
    starts_at, ends_at = local(f"2026-11-{starts}"), local(f"2026-11-{ends}")
    whole = whole_days(Event(starts_at=starts_at, ends_at=ends_at))
    shown = {"starts_at": starts_at, "ends_at": ends_at, "hours": [] if whole else [(starts_at, ends_at)]}
    with town.app.test_request_context(), force_locale("en"):
        g.read_later = True  # no "today" beside the days
        parts = town.app.jinja_env.get_template("scheduler/_events_parts.html").module
        assert re.sub(r"<[^>]+>", "", parts.hours(shown, date(2026, 11, on))).strip() == said
