"""What a page asks of the database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
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
    with reading() as sent:
        browser.get(path)
    return sent


@contextmanager
def reading() -> Iterator[list[str]]:
    """The statements that read the database meanwhile."""
    sent: list[str] = []

    def note(*args: Any) -> None:
        if args[2].lstrip().startswith(("SELECT", "WITH")) and "set_config" not in args[2]:
            sent.append(args[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
