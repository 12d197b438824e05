"""The program as `make run` serves it, in a process of its own on loopback."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Site:
    """A running office: its address, how to sign in, and the folder of its data."""

    address: str
    folder: Path
    password: str = ""
    demo: str = "1"
    workers: int = 1
    pid: int = 0
    names: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def command(self, *arguments: str) -> str:
        """The output of a `flask` command on this office's data."""
        told = subprocess.run(
            [sys.executable, "-m", "flask", *arguments],
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        )
        return told.stdout

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "FENGLI_DATA": str(self.folder),
            "FENGLI_BIND": self.address.removeprefix("http://") or "127.0.0.1:8000",
            "FENGLI_WORKERS": str(self.workers),
            "FENGLI_DEMO": self.demo,
        }

    def fresh_links(self) -> dict[str, str]:
        """New enrolment links, one for each kind of phone."""
        return _told(self.command("prepare", "--address", self.address))[2]


def _told(text: str) -> tuple[str, dict[str, str], dict[str, str]]:
    """Password, names by role, and phone links by role, from what `flask prepare` prints."""
    password = re.search(r"password  (\S+)", text)
    names = dict(re.findall(r"^    (\w+) +(\S+)$", text, re.MULTILINE))
    links = dict(re.findall(r"^    (\w+) +\S+  (http\S+)$", text, re.MULTILINE))
    return password[1] if password else "", names, links


@contextmanager
def serving(folder: Path, *, demo: str = "1", workers: int = 1) -> Iterator[Site]:
    """Web and jobs on an office built anew in the folder; both are stopped at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    served = Site(f"http://127.0.0.1:{port}", folder, demo=demo, workers=workers)
    told = folder / "server.log"
    with told.open("w") as log:
        started = subprocess.Popen(
            [sys.executable, "serve.py"], cwd=ROOT, env=served.environment(), stdout=log, stderr=log
        )
        try:
            served.pid = started.pid
            _wait_for(served.address + "/healthz")
            served.password, served.names, served.links = _told(told.read_text(encoding="utf-8"))
            yield served
        finally:
            started.terminate()
            started.wait(timeout=20)


def _wait_for(address: str) -> None:
    for _ in range(1200):  # a machine that does much else at this moment takes its time
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(f"{address} does not answer")
