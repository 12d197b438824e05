"""What an officer writes and hands out at the crossing: a note, its kind chosen before it is saved, and equipment."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.browser.conftest import DESK, PHONE, Site, Walker
from tests.browser.test_crossing import night
from tests.serving import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_kind_is_chosen_and_then_noted_and_equipment_goes_out_to_everybody_with_one_press(
    walker: Callable[..., Walker], site: Site
) -> None:
    put = [sys.executable, "-m", "tests.browser.shift_at_hand"]
    subprocess.run(put, cwd=ROOT, env=site.environment(), check=True, timeout=120)
    phone = walker("notes", PHONE)
    page = phone.enrol(site.fresh_links()["traffic_officer"])
    page.locator("section[aria-labelledby=today-title] .stops a", has_text="临时执勤点").click()
    for n in range(3):
        page.locator(".man > .press button").first.click()
        page.locator(".state", has_text="在岗").nth(n).wait_for()
    page.get_by_role("button", name="给到岗 3 人发装备").click()
    page.get_by_text("已领装备").nth(2).wait_for()
    phone.look("handed-out")
    night(phone, "handed-out")
    row = page.locator(".man").first
    row.locator("summary").first.click()
    phone.look("row")
    row.get_by_role("link", name="记事").click()
    phone.look("kinds")
    page.get_by_role("link", name="顶替").click()
    page.locator("input[name=words]").fill("照片不像本人")
    phone.look("note")
    night(phone, "note")
    page.get_by_role("button", name="保存记事").click()
    page.locator(".further").first.wait_for()
    phone.look("noted")
    page.locator(".man").first.locator("summary").first.click()
    page.locator(".man").first.get_by_role("link", name="记事").click()
    page.get_by_text("照片不像本人").wait_for()
    phone.look("own-notes")
    desk = walker("notes-desk", DESK)
    desk.sign_in("coordinator")
    desk.go("/incidents")
    desk.page.get_by_text("照片不像本人").wait_for()
    desk.look("notes")
    desk.go("/equipment")
    desk.look("equipment")
