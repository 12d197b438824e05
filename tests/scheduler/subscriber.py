"""Somebody's calendar that reads an address of ours."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Flask

from accounts.models import Office, Person
from scheduler.calendar.feeds import make_feed
from scheduler.calendar.models import Feed
from tests.town import Town, forget_request


def feed_of(
    town: Town, person: Person, kind: str = "own", at: datetime | None = None, office: Office | None = None
) -> tuple[Feed, str]:
    """An address made just now, or at a moment; with its path."""
    made_at = at or datetime.now(UTC)
    feed, token = make_feed(person, office or town.office, made_at, name="手机", kind=kind, language="zh_Hans_CN")
    return feed, f"/feeds/{token}.ics"


def read(app: Flask, address: str, **kwargs: Any) -> Any:
    forget_request()
    response = app.test_client().get(address, **kwargs)
    forget_request()
    return response
