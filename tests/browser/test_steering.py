"""What happens at a crossing besides: a shift is prolonged, stopped for everybody, and goes on again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.browser.conftest import PHONE, Site, Walker
from tests.browser.test_crossing import night
from tests.serving import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_shift_is_prolonged_stopped_with_one_tap_and_goes_on(walker: Callable[..., Walker], site: Site) -> None:
    put = [sys.executable, "-m", "tests.browser.shift_at_hand"]
    subprocess.run(put, cwd=ROOT, env=site.environment(), check=True, timeout=120)
    phone = walker("steering", PHONE)
    page = phone.enrol(site.fresh_links()["traffic_officer"])
    page.locator("section[aria-labelledby=today-title] .stops a", has_text="临时执勤点").click()
    for n in range(3):
        page.locator(".man > .press button").first.click()
        page.locator(".state", has_text="在岗").nth(n).wait_for()
    phone.look("roll")
    page.get_by_role("link", name="不在名单上").click()
    page.locator("input[name=initials]").fill("zz")
    page.locator("input[name=tail]").fill("0000")
    page.get_by_role("button", name="查找").click()
    page.get_by_text("本院没有").wait_for()
    phone.look("not-on-the-list")
    page.get_by_role("link", name="返回名单").click()
    page.get_by_role("link", name="停止、延长或移交").click()
    phone.look("stop-or-prolong")
    night(phone, "stop-or-prolong")
    page.locator(".prospects button").first.click()
    page.get_by_role("link", name="停止、延长或移交").wait_for()
    phone.look("prolonged")
    page.get_by_role("link", name="停止、延长或移交").click()
    page.get_by_role("button", name="天气恶劣").click()
    page.locator(".undo-bar").wait_for()
    phone.look("stopped")
    night(phone, "stopped")
    page.get_by_role("button", name="继续服务").click()
    page.get_by_role("link", name="停止、延长或移交").wait_for()
    phone.look("goes-on")
