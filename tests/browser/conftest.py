"""Chromium on the demonstration office, served as `make run` serves it. Each test file gets an office of its own."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect, sync_playwright

from tests.serving import ROOT, Site, serving

expect.set_options(timeout=20_000)  # as patient as a busy machine
AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
PICTURES = ROOT / "build" / "pictures"
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    pytest.fail("The browser tests need Chromium. This mends it:  sudo apt-get install -y chromium fonts-noto-cjk")


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demonstration office, built once for all processes of a run and copied by whoever serves it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    with (shared / "demonstration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = shared / "demonstration"
        if not (folder / "built").exists():
            folder.mkdir(exist_ok=True)
            Site("", folder).command("prepare")
            (folder / "built").touch()
    return folder


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A demonstration office of the module's own, with its web and jobs processes; with DEMO = "0" an empty one."""
    folder, demo = tmp_path_factory.mktemp("office"), getattr(request.module, "DEMO", "1")
    if demo == "1":
        shutil.copytree(request.getfixturevalue("demonstration"), folder, dirs_exist_ok=True)
    with serving(folder, demo=demo) as served:
        yield served


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(driver: Playwright) -> Iterator[Browser]:
    started = driver.chromium.launch(executable_path=chromium(), args=SWITCHES)
    yield started
    started.close()


@pytest.fixture(scope="module")
def approved_hearing(site: Site) -> dict[str, Any]:
    """An approved hearing; tomorrow at nine the hearing room and one of the pool are taken."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.browser.approved_hearing"],
        cwd=ROOT,
        env=site.environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found: dict[str, Any] = json.loads(told.stdout.strip().splitlines()[-1])
    return found


class Walker:
    """Somebody at a screen: opens pages, looks at them, and notices what a page must never do."""

    def __init__(self, context: BrowserContext, site: Site, name: str) -> None:
        self.context, self.site, self.name = context, site, name
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.pictures = 0
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.site.address, "data:", "blob:")):
            self.complaints.append(f"asked another host: {request.url}")

    def go(self, path: str) -> Page:
        self.page.goto(self.site.address + path)
        return self.page

    def sign_in(self, role: str) -> Page:
        """As one of the staff, by name and password."""
        page = self.go("/account/login")
        page.get_by_label(re.compile("手机号|姓名|Phone|name", re.IGNORECASE)).first.fill(self.site.names[role])
        page.locator("input[type=password]").fill(self.site.password)
        page.get_by_role("button", name=re.compile("登录|Sign in")).click()
        page.wait_for_url(lambda url: "/account/login" not in url)
        return page

    def enrol(self, link: str, pin: str = "482917") -> Page:
        """As one of the field, by the link that was printed for him."""
        self.page.goto(link)
        for box in ("pin", "again"):
            self.page.locator(f"input[name={box}]").fill(pin)
        self.page.locator("main .btn-main").click()
        self.page.wait_for_url(lambda url: "/i/" not in url)
        return self.page

    def look(self, called: str) -> None:
        """Take a picture, and let axe judge the page."""
        self.pictures += 1
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{self.name}-{self.pictures:02}-{called}.png", full_page=True)
        self.page.evaluate(AXE)
        found = self.page.evaluate(
            "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html.slice(0, 200)))"
        )
        assert found == [], f"{called}: {found}"
        wide = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 1, f"{called}: the page is {wide} px too wide"


@pytest.fixture
def walker(browser: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Callable[..., Walker]]:
    """Make a walker at a desk or with a phone; at the end none of them may have noticed anything wrong."""
    made: list[Walker] = []

    def make(name: str, screen: dict[str, int] | None = None, locale: str = "zh-CN") -> Walker:
        context = browser.new_context(viewport=screen or DESK, locale=locale, timezone_id="Asia/Shanghai")
        context.set_default_timeout(45_000)
        made.append(Walker(context, site, name))
        return made[-1]

    yield make
    complaints = [f"{w.name}: {c}" for w in made for c in w.complaints]
    for one in made:
        one.context.close()
    assert complaints == []
