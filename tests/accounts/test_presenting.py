"""Days within a text, as whoever reads it writes them."""

from __future__ import annotations

import pytest
from flask_babel import force_locale

from accounts.presenting import with_days
from tests.town import Town


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
