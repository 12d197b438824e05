"""Too many wrong tries (DOMAIN 9.2 login.max_fail / lock, TRUST T24)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_security.core import _get_pwd_context
from pytest import MonkeyPatch, fixture, mark

import config
from accounts.rules.limits import is_locked
from app import create_app
from extensions import db, limiter
from record.act import history
from record.sealed import Keys
from tests.accounts.visitor import (
    PASSWORD,
    Visitor,
    give_password,
    set_up_second_factor,
    text_of,
    without_second_factor,
)
from tests.engines import CHEAP_HASHES
from tests.town import NOW, Town


def test_a_lock_ends_to_the_second() -> None:
    until = NOW + timedelta(minutes=15)
    assert [is_locked(None, NOW), is_locked(until, until - timedelta(seconds=1)), is_locked(until, until)] == [
        False,
        True,
        False,
    ]


def wrong(app: Flask, times: int, name: str = "周协调") -> list[Any]:
    return [Visitor(app).sign_in(name, "not the password") for _ in range(times)]


def test_four_wrong_passwords_are_forgiven_by_a_right_one(app: Flask, town: Town) -> None:
    without_second_factor(town.coordinator)
    give_password(town.coordinator)
    for _ in range(2):
        wrong(app, 4)
        assert Visitor(app).sign_in("周协调").status_code == 302
    assert town.coordinator.account.failures == 0


def test_five_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour(app: Flask, town: Town) -> None:
    without_second_factor(town.coordinator)
    give_password(town.coordinator)
    before = datetime.now(UTC)
    answers = wrong(app, 5)
    locked = Visitor(app).sign_in("周协调")
    assert [a.status_code for a in (*answers, locked)] == [422] * 6
    assert len({text_of(a) for a in (*answers, locked, Visitor(app).sign_in("陌生人"))}) == 1
    account = town.coordinator.account
    assert account.locked_until is not None
    assert timedelta(minutes=14) < account.locked_until - before < timedelta(minutes=16)
    assert history(town.coordinator)[-1:] == ["account.lock"]
    until = account.locked_until
    wrong(app, 3)
    assert town.coordinator.account.locked_until == until
    account = town.coordinator.account
    account.locked_until = datetime.now(UTC) - timedelta(seconds=1)
    db.session.commit()
    assert Visitor(app).sign_in("周协调").status_code == 302


def test_wrong_codes_count_as_wrong_passwords_do(app: Flask, town: Town) -> None:
    give_password(town.coordinator)
    visitor = Visitor(app)
    visitor.sign_in("周协调")
    authenticator, _ = set_up_second_factor(visitor)
    thief = Visitor(app)
    thief.sign_in("周协调")
    for _ in range(3):
        thief.post("/account/tf-validate", {"code": "000000"})
    thief.sign_in("周协调")
    for _ in range(2):
        thief.post("/account/mf-recovery", {"code": "abcdef-abcdef"})
    coming = authenticator.generate(datetime.now(UTC) + timedelta(seconds=30)).token
    assert thief.post("/account/tf-validate", {"code": coming}).status_code == 422
    assert (thief.get("/me").status_code, visitor.get("/me").status_code) == (302, 200)
    assert Visitor(app).sign_in("周协调").status_code == 422


def test_somebody_elses_wrong_tries_lock_nobody_but_him(app: Flask, town: Town) -> None:
    without_second_factor(town.coordinator)
    give_password(town.coordinator)
    wrong(app, 6, "陌生人")
    wrong(app, 6, "郑检察")
    assert Visitor(app).sign_in("周协调").status_code == 302


@fixture
def limited(engine: Any) -> Any:
    url, owner_url = engine.make()
    made = create_app({**engine.settings(url, owner_url), "RATELIMIT_ENABLED": True})
    with made.app_context():
        limiter.reset()
        yield made
        limiter.reset()
        db.session.remove()
        db.engine.dispose()
    limiter.enabled = False
    engine.drop(url)


@mark.parametrize("path", ["/account/login", "/i/" + "x" * 43, "/account/tf-validate"])
def test_one_address_may_try_thirty_times_in_five_minutes(limited: Flask, path: str) -> None:
    visitor = Visitor(limited)
    answers = [visitor.post(path, {"email": "nobody", "password": "nothing at all"}).status_code for _ in range(30)]
    assert 429 not in answers
    refused = visitor.post(path)
    assert (refused.status_code, int(refused.headers["Retry-After"]) > 0) == (429, True)
    assert visitor.get("/account/login").status_code == 200


def test_a_production_hash_is_strong_enough(
    app: Flask, house_keys: Keys, tmp_path: Path, monkeypatch: MonkeyPatch
) -> None:
    """ASVS 11.4.2: argon2id with at least 19 MiB, two passes (the tests' own are cheap)."""
    installed = config.settings("sqlite://", "sqlite://", house_keys, tmp_path)
    for option in CHEAP_HASHES:
        monkeypatch.setitem(app.config, option, installed.get(option, {}))
    production = _get_pwd_context(app)
    made, again = production.hash(PASSWORD), production.hash(PASSWORD)
    found = re.match(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$", made)
    assert found is not None
    memory, passes, lanes = (int(n) for n in found.groups())
    assert (memory >= 19456, passes >= 2, lanes >= 1) == (True, True, True)
    assert made != again
