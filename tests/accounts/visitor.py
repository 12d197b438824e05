"""A browser of somebody who has not signed in yet, and what tests of signing in read from pages."""

from __future__ import annotations

import html
import re
from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import Flask
from passlib.totp import TOTP
from sqlalchemy import select

from accounts.actions.passwords import account_of, hashed
from accounts.models import Account, Person, PersonSession
from extensions import db
from record.act import act
from tests.town import NOW, forget_request

PASSWORD = "梧桐 lantern seven rivers"


class Visitor:
    """A test client that sends forms as a page would, each with its one-use identity."""

    def __init__(self, app: Flask, agent: str = "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0") -> None:
        self.client = app.test_client()
        self.headers = {"User-Agent": agent}
        in_english(self)

    def get(self, path: str, **kwargs: Any) -> Any:
        return self._clean(self.client.get(path, headers={**self.headers, **kwargs.pop("headers", {})}, **kwargs))

    def post(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        form = {"form_id": str(uuid4()), **(data or {})}
        headers = {**self.headers, **kwargs.pop("headers", {})}
        return self._clean(self.client.post(path, data=form, headers=headers, **kwargs))

    def sign_in(self, name: str, password: str = PASSWORD, **fields: str) -> Any:
        return self.post("/account/login", {"email": name, "password": password, **fields})

    def enrol(self, path: str, pin: str = "402917", again: str | None = None) -> Any:
        return self.post(path, {"pin": pin, "again": pin if again is None else again})

    @property
    def session(self) -> dict[str, Any]:
        with self.client.session_transaction() as cookie:
            return dict(cookie)

    def cookie(self) -> str:
        found = self.client.get_cookie("fengli")
        assert found is not None
        return found.value

    def use_cookie(self, value: str) -> None:
        self.client.set_cookie("fengli", value)

    def _clean(self, response: Any) -> Any:
        response.get_data()
        response.close()  # what a reading leaves is written when the answer has gone out
        forget_request()
        return response

    def send_on(self, answer: Any, form: dict[str, Any]) -> Any:
        """What a browser does with a 307: the same form again, to where it is sent."""
        assert answer.status_code == 307
        return self.post(answer.location, form)


def in_english(browser: Any) -> None:
    """Let the pages of a browser speak the language these tests read."""
    with browser.client.session_transaction() as cookie:
        cookie["language"] = "en"


def text_of(response: Any) -> str:
    """A page's text, without markup."""
    body = re.sub(r"<(script|style|head).*?</\1>", " ", response.text, flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body))).strip()


def hidden_fields(response: Any, action: str) -> list[tuple[str, str]]:
    """The hidden inputs of the form that posts to `action`, in order."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', response.text, flags=re.S)
    assert form is not None
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form[0])
    return [(name, html.unescape(value)) for name, value in found if name != "csrf_token"]


def give_password(person: Person, password: str = PASSWORD, **columns: Any) -> Account:
    account = account_of(person)
    account.password = hashed(password)
    for name, value in columns.items():
        setattr(account, name, value)
    db.session.commit()
    return account


def without_second_factor(person: Person) -> None:
    """Make the person's office one for demonstration."""
    office = person.memberships[0].office
    with act("office.correct", office, by=None, at=NOW):
        office.is_demo = True
    db.session.commit()


def set_up_second_factor(visitor: Visitor) -> tuple[TOTP, str]:
    """Go through the set-up a first sign-in leads to; returns the authenticator and the code that was used."""
    page = visitor.post("/account/tf-setup", {"setup": "authenticator"})
    key = re.search(r'class="key">([A-Z2-7\- ]+)<', page.text)
    assert key is not None
    authenticator = TOTP(key=key[1].replace("-", "").replace(" ", ""))
    code = authenticator.generate().token
    visitor.post("/account/tf-validate", {"code": code})
    return authenticator, code


def sessions_of(person: Person) -> list[PersonSession]:
    query = select(PersonSession).join(Account).where(Account.person_id == person.id).order_by(PersonSession.id)
    return list(db.session.scalars(query))


def age(person: Person, **columns: datetime) -> None:
    """Let the time of a person's live sessions be another: it is what tests of time-outs turn."""
    for opened in sessions_of(person):
        if opened.revoked_at is None:
            for name, value in columns.items():
                setattr(opened, name, value)
    db.session.commit()
