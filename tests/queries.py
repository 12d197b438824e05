"""What a page asks of the database."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import event

from extensions import db
from tests.town import Browser


def queries_of(browser: Browser, *paths: str, table: str = "") -> list[int]:
    """How many statements each page reads the database with, or one table of it. The pages are opened once before."""
    for path in paths:
        assert browser.get(path).status_code == 200
    return [sum(bool(re.search(rf"\b{table}\b", one)) for one in _queries(browser, path)) for path in paths]


def _queries(browser: Browser, path: str) -> list[str]:
    sent: list[str] = []

    def note(*args: Any) -> None:
        sent.append(args[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        browser.get(path)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return [one for one in sent if one.lstrip().startswith("SELECT") and "set_config" not in one]
