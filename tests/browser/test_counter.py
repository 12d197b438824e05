"""The counter's tablet is handed over, somebody without a smartphone books in two taps, and the screen clears."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site, Walker
from tests.serving import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TABLET, UPRIGHT = {"width": 1024, "height": 768}, {"width": 768, "height": 1024}
WHO = """
from app import create_app
from accounts.models import Person
from extensions import db
from sqlalchemy import select
from volunteers.models.assessment import Assessment
with create_app().app_context():
    query = select(Person).join(Assessment, Assessment.person_id == Person.id)
    query = query.where(Assessment.state == "serving", Person.phone_tail_hash.is_not(None))
    query = query.where(Assessment.told_on.is_not(None), Assessment.capable_of.is_not(None))
    query = query.order_by(Assessment.last_on.desc(), Assessment.id)
    who = db.session.scalars(query).first()
    print("found", who.initials, who.phone[-4:], who.name)
"""


def somebody(site: Site) -> list[str]:
    told = subprocess.run(
        [sys.executable, "-c", WHO], cwd=ROOT, env=site.environment(), capture_output=True, text=True, check=True
    )
    return next(line.split()[1:] for line in told.stdout.splitlines() if line.startswith("found "))


@pytest.mark.parametrize("screen", [TABLET, UPRIGHT], ids=["wide", "upright"])
def test_somebody_without_a_smartphone_is_served(
    walker: Callable[..., Walker], site: Site, screen: dict[str, int]
) -> None:
    tablet = walker(f"counter-{screen['width']}", screen)
    page = tablet.sign_in("coordinator")
    tablet.go("/counter-mode")
    tablet.look("before")
    page.get_by_role("button", name="进入窗口模式").click()
    page.wait_for_url("**/counter")
    tablet.look("who")
    tablet.go("/assessments")
    assert page.url.endswith("/counter")
    letters, tail, name = somebody(site)
    page.fill("#initials", letters)
    page.fill("#tail", "0000")
    page.locator("main .btn-main").click()
    page.wait_for_load_state()
    tablet.look("nobody")
    page.fill("#initials", letters)
    page.fill("#tail", tail)
    page.locator("main .btn-main").click()
    page.get_by_role("heading", name=name).wait_for()
    tablet.look("served")
    page.get_by_role("button", name="预约", exact=True).last.click()  # the first may begin before it is given up
    page.get_by_text("已预约。").wait_for()
    tablet.look("booked")
    page.locator("summary", has_text="我来不了").last.click()
    tablet.look("giving-up")
    page.clock.install()
    page.reload()
    with page.expect_navigation():
        page.clock.fast_forward(61_000)
    page.get_by_role("button", name="办完了").click()
    page.get_by_text("请问您是哪位").wait_for()
    expect(page.get_by_text(name)).to_have_count(0)
    page.get_by_role("button", name="退出窗口模式").click()
    page.fill("#again_secret", site.password)
    page.locator("main .btn-main").click()
    page.wait_for_url(re.compile(r"/(day)?$"))
