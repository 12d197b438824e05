"""F01: workers are killed while sixteen clients book; whoever was told yes stands in the database, once."""

from __future__ import annotations

import http.client
import os
import random
import re
import signal
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pysqlite3.dbapi2
import pytest

from tests.serving import Site, serving

pytestmark = pytest.mark.slow
LOGIN = "/account/login"
SLOTS = [f"{hour:02}:{minute:02}" for hour in range(7, 21) for minute in (0, 15, 30, 45)]
RIVALS, CLIENTS, KILLS = 4, 16, 20
PATIENCE = 60.0  # seconds in which a request must have its answer


class Client:
    """One browser: a signed-in coordinator who sends each form until it is answered, always with the same key."""

    def __init__(self, site: Site) -> None:
        self.host = urlsplit(site.address).netloc
        self.cookie = self.token = ""

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        body = urlencode({**form, "csrf_token": self.token}) if form is not None else None
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            connection = http.client.HTTPConnection(self.host, timeout=15)
            try:
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                text = answer.read().decode()
                if method == "GET" or path == LOGIN:
                    self._keep(answer)
                if answer.status < 500:
                    return answer.status, text
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()
            time.sleep(random.uniform(0.02, 0.1))
        pytest.fail(f"{path} had no answer in {PATIENCE} s")

    def _keep(self, answer: http.client.HTTPResponse) -> None:
        said = [value.split(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
        self.cookie = "; ".join(said) or self.cookie

    def see(self, path: str) -> str:
        text = self.ask("GET", path)[1]
        found = re.search(r'name="csrf_token" value="([^"]+)"', text)
        self.token = found[1] if found else self.token
        return text

    def sign_in(self, site: Site) -> None:
        self.see(LOGIN)
        form = {"email": site.names["coordinator"], "password": site.password, "form_id": uuid.uuid4().hex}
        assert self.ask("POST", LOGIN, form)[0] in {302, 303}


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def _kill(site: Site, stop: threading.Event, killed: list[int]) -> None:
    """End one worker after another, never the process that starts them anew."""
    while len(killed) < KILLS and not stop.wait(0.4):
        workers = [worker for child in _children(site.pid) for worker in _children(child)]
        if workers:
            os.kill(workers[0], signal.SIGKILL)
            killed.append(workers[0])


def test_nothing_that_was_answered_is_lost_and_nothing_is_booked_twice(tmp_path: Path) -> None:
    """I01, I07: one booking a slot; each key has one answer; `verify-db` holds."""
    with serving(tmp_path, workers=2) as site:
        client = Client(site)
        client.sign_in(site)
        room = re.search(r'<option[^>]* value="([^"]+)"', client.see("/guide/booking"))
        assert room is not None
        wanted = [
            {
                "room": room[1],
                "title": f"race {starts} {rival}",
                "day": "2027-03-06",
                "starts": starts,
                "ends": f"{starts[:3]}{int(starts[3:]) + 14:02}",
                "form_id": uuid.uuid4().hex,
            }
            for starts in SLOTS
            for rival in range(RIVALS)
        ]
        random.Random(1).shuffle(wanted)
        stop, killed = threading.Event(), list[int]()
        killer = threading.Thread(target=_kill, args=(site, stop, killed))
        killer.start()
        with ThreadPoolExecutor(CLIENTS) as crowd:
            answers = list(crowd.map(lambda form: client.ask("POST", "/guide/booking", form)[0], wanted))
        stop.set()
        killer.join()
        told_yes = sorted(form["title"] for form, status in zip(wanted, answers, strict=True) if status == 303)
        with pysqlite3.dbapi2.connect(tmp_path / "fengli.db") as database:
            stand = [row[0] for row in database.execute("SELECT title FROM event WHERE title LIKE 'race %'")]
        assert (len(killed) > 0, set(answers)) == (True, {303, 409})
        assert sorted(stand) == told_yes
        assert Counter(title.split()[1] for title in stand) == Counter(SLOTS)
        assert site.command("verify-db").splitlines()[-1].endswith(" 0 breaches")
