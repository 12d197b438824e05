"""What `make run` starts: the program is loaded once, the database prepared, then web and jobs are forked from it.

A start is loading, above all; loading once instead of in each process is what makes a later start quick. The two live
and die together: when one ends, so does the other, and Ctrl-C ends both.
"""

from __future__ import annotations

import gc

gc.disable()  # what is loaded now stays: looking for garbage in it would take a fifth of the start

import multiprocessing
import signal
import sys
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from pathlib import Path
from types import FrameType

from flask import Flask
from gunicorn.app.base import Application

from app import create_app
from config import ROOT
from demo.commands import prepare_office
from extensions import db
from record import jobs, selftest


class Web(Application):
    """gunicorn, configured by `gunicorn.conf.py`, on the application that is already loaded."""

    def __init__(self, application: Flask) -> None:
        super().__init__()
        self.callable = application

    def load_config(self) -> None:
        self.load_config_from_file(str(ROOT / "gunicorn.conf.py"))
        self.cfg.set("preload_app", True)


def serve_jobs(app: Flask) -> None:
    selftest.or_exit(app)
    jobs.work(app, Path(app.config["FENGLI_DATA"]) / "jobs.lock")


def main() -> int:
    """Serve until told to stop. Returns 0 then, and 1 where a process ended by itself."""
    app = create_app()
    web = Web(app)
    with app.app_context():
        prepare_office("http://{}:{}".format(*web.cfg.address[0]))
        db.session.remove()
        db.engine.dispose()  # a connection must not be shared with a child
    gc.freeze()
    gc.enable()
    fork = multiprocessing.get_context("fork")
    children = [fork.Process(target=web.run), fork.Process(target=serve_jobs, args=(app,))]
    for child in children:
        child.start()
    told = _stop_when_told(children)
    wait([child.sentinel for child in children])
    unasked = not told
    for child in children:
        child.terminate()
    for child in children:
        child.join()
    return int(unasked)


def _stop_when_told(children: list[ForkProcess]) -> list[int]:
    """On SIGINT or SIGTERM end the children. Returns a list that the signal is put into."""
    told: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        told.append(number)
        for child in children:
            child.terminate()

    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, stop)
    return told


if __name__ == "__main__":
    sys.exit(main())
