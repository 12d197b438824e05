"""Who asks, with TLS in front and without (a caller must not be able to say it himself)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, request

import config
from app import create_app
from record.sealed import Keys
from tests.engines import CHEAP_HASHES


def asked_by(app: Flask, *, said: str) -> tuple[str | None, str]:
    """The address and the scheme the program sees of a request that claims to come from elsewhere."""
    seen: list[tuple[str | None, str]] = []

    def note() -> str:
        seen.append((request.remote_addr, request.scheme))
        return "seen"

    app.before_request_funcs[None].insert(0, note)
    headers = {"X-Forwarded-For": said, "X-Forwarded-Proto": "https"}
    app.test_client().get("/healthz", headers=headers)
    return seen[0]


@pytest.mark.parametrize(
    ("behind_tls", "seen"),
    [(True, ("203.0.113.9", "https")), (False, ("127.0.0.1", "http"))],
    ids=["behind TLS the hop in front is believed", "without it nobody is"],
)
def test_the_hop_in_front_says_who_asks_and_nobody_else(
    tmp_path: Any, house_keys: Keys, behind_tls: bool, seen: tuple[str, str]
) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    app = create_app({**config.settings(url, url, house_keys, tmp_path, behind_tls), **CHEAP_HASHES})
    assert asked_by(app, said="198.51.100.7, 203.0.113.9") == seen
