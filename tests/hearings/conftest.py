"""What tests of hearings share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from extensions import db
from tests.town import Town


@pytest.fixture
def counted(town: Town) -> Callable[[], AbstractContextManager[list[str]]]:
    """A list that fills with the statements sent to the database inside it."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        sent: list[str] = []

        def note(*args: Any) -> None:
            sent.append(args[2])

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    return counting
