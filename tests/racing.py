"""What happens at one moment: each in a session of his own, on a connection of his own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from flask import Flask
from sqlalchemy.exc import DBAPIError

from errors import Refusal
from extensions import db
from record.edge import worth_trying_again

TRIES = 20


def race(app: Flask, tries: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each of `tries` came to, in their order: what it returned, or the code of its refusal.

    All begin at once, and each is begun anew where a request would be: after a deadlock, or on a locked database. Rows
    are to be loaded inside of them.
    """
    gate = Barrier(len(tries))
    db.session.remove()

    def run(one: Callable[[], Any]) -> Any:
        with app.app_context():
            gate.wait(timeout=30)
            for attempt in range(1, TRIES + 1):
                try:
                    return one()
                except Refusal as refusal:
                    return refusal.code
                except DBAPIError as trouble:
                    db.session.rollback()
                    if attempt == TRIES or not worth_trying_again(trouble):
                        raise
                finally:
                    db.session.remove()
        raise AssertionError

    with ThreadPoolExecutor(len(tries)) as pool:
        return list(pool.map(run, tries))
