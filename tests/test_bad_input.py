"""Whatever is typed into any page: an answer that says what is wrong, never a fault, and the invariants hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import access
from accounts.models import Office, Role
from extensions import db
from record import invariants
from tests.engines import A_SHARE
from tests.examples import EXAMPLES
from tests.test_rights import address, judged
from tests.town import Town

NASTY = {
    "NUL": "a\x00b",
    "turned direction": "\u202e名字",
    "beyond 16 bits": "😀𠮷䶮",
    "full width": "１２：３０－２０２６",
    "very long": "长" * 70_000,
    "huge number": "9" * 40,
    "negative": "-1",
    "no such day": "2026-02-31",
    "year one": "0001-01-01",
    "markup": "<b>'\";--{{7*7}}%s%(x)d",
}
ASKED = (
    "q",
    "on",
    "page",
    "sort",
    "month",
    "state",
    "kind",
    "role",
    "from",
    "to",
    "day",
    "start",
    "end",
    "first",
    "who",
)
FORM = re.compile(r'<form[^>]*method="post"[^>]*action="([^"]+)"[^>]*>(.*?)</form>', re.DOTALL)
NAME = re.compile(r'<(?:input|select|textarea)\b[^>]*?\bname="([^"]+)"')
OURS = {"csrf_token", "form_id"}
pytestmark = pytest.mark.own_app  # faults are answered as they are to people


@pytest.fixture
def pages(app: Flask, town: Town) -> dict[str, list[str]]:
    """The address of each page that a permission guards, on things of the own office, by permission."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    office = db.session.scalars(select(Office).where(Office.id == town.office.id)).one()
    made: dict[str, Any] = {}
    found: dict[str, list[str]] = {}
    for rule, method, permission in judged(app):
        model = access.permissions()[permission].on
        if method != "GET" or (rule.arguments and model is None):
            continue
        if rule.arguments and model.__name__ not in made:
            made[model.__name__] = EXAMPLES[model.__name__](town, office).public_id
        path = address(rule, _Id(made[model.__name__]) if rule.arguments else None)
        if path is not None:
            found.setdefault(permission, []).append(path)
    db.session.remove()
    return found


class _Id:
    def __init__(self, public_id: Any) -> None:
        self.public_id = public_id


def holders(permission: str) -> list[str]:
    return [role for role in Role if role in access.permissions()[permission].grants]


@A_SHARE
def test_no_page_falls_over_what_its_address_asks(town: Town, pages: dict[str, list[str]], share: int) -> None:
    fallen = []
    for permission, paths in pages.items():
        browser = town.browser(getattr(town, holders(permission)[0]))
        for path in paths:
            for number, (called, value) in enumerate(NASTY.items(), len(path)):
                if called == "very long" or number % share:
                    continue
                asked = dict.fromkeys(ASKED, value)
                status = browser.client.get(path, query_string=asked).status_code
                browser._clean(None)
                if status >= 500:
                    fallen.append(f"{path} asked {called}: {status}")
    assert fallen == []


def forms(text: str) -> Iterator[tuple[str, list[str]]]:
    for action, inside in FORM.findall(text):
        yield unescape(action), sorted(set(NAME.findall(inside)) - OURS)


@pytest.mark.slow
def test_no_form_falls_over_what_is_typed_into_it(town: Town, pages: dict[str, list[str]]) -> None:
    fallen, tried = [], set[str]()
    for permission, paths in pages.items():
        for role in holders(permission):
            browser = town.browser(getattr(town, role))
            for path in paths:
                shown = browser.get(path)
                if shown.status_code != 200 or shown.mimetype != "text/html":
                    continue
                for action, names in forms(shown.text):
                    kind = re.sub(r"[0-9a-f-]{36}", "*", action)
                    if kind in tried or "/me/sessions" in action or "sign-out" in action:
                        continue
                    tried.add(kind)
                    for called, value in NASTY.items():
                        status = browser.post(action, dict.fromkeys(names, value)).status_code
                        if status >= 500:
                            fallen.append(f"{role} {kind} typed {called}: {status}")
    assert fallen == []
    assert len(tried) > 50
    assert invariants.broken() == []
