"""Walk 2 at the desk: school holidays that hit open shifts, a series from preview to end, a month's duty plan."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, Walker
from tests.town import ZONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SCREENS = pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])


def test_school_holidays_name_what_they_hit_and_a_person_decides(walker: Callable[..., Walker]) -> None:
    desk = walker("school-holidays")
    page = desk.sign_in("coordinator")
    desk.go("/shifts/school-holidays")
    page.locator("input[name=name]").fill("秋假")
    page.locator("input[name=first_on]").fill(str(datetime.now(ZONE).date() + timedelta(days=2)))
    page.locator("input[name=last_on]").fill(str(datetime.now(ZONE).date() + timedelta(days=8)))
    page.locator("main .btn-main").click()
    page.wait_for_load_state()
    hit = int(re.findall(r"\d+", page.locator("#flashes").inner_text())[0])
    assert hit >= 2
    desk.look("entered")
    page.get_by_role("link", name="逐一决定").click()
    page.wait_for_url(re.compile("/at-rest"))
    expect(page.locator("main .waits > li")).to_have_count(hit)
    desk.look("at-rest")
    page.get_by_role("button", name="保留").first.click()
    page.wait_for_load_state()
    page.locator(".harm summary").click()
    page.locator(".harm[open] textarea").fill("学校放假")
    desk.look("cancelling")
    page.locator(".harm[open] .btn-danger").click()
    page.wait_for_load_state()
    assert re.findall(r"\d+", page.locator("#flashes").inner_text()) == [str(hit - 1)]
    desk.look("decided")


@SCREENS
def test_a_series_is_looked_at_made_and_ended(walker: Callable[..., Walker], screen: dict[str, int]) -> None:
    desk = walker(f"series-{screen['width']}", screen)
    page = desk.sign_in("coordinator")
    desk.go("/shifts/series/new")
    page.locator("select[name=post]").select_option(label="火车站前" if screen == DESK else "市医院门前")
    page.locator("main form[method=get] button").click()
    page.wait_for_load_state()
    desk.look("preview")
    said = page.locator("#grid-title").inner_text()
    page.locator("main form[method=post] .btn-main").click()
    page.wait_for_url(re.compile("/series/[0-9a-f-]{36}$"))
    assert re.findall(r"\d+", page.locator("#flashes").inner_text()) == re.findall(r"\d+", said)
    desk.look("made")
    page.locator(".harm summary").last.click()
    page.locator(".harm[open] textarea").fill("改由其他中队")
    desk.look("ending")
    page.locator(".harm[open] .btn-danger").click()
    page.wait_for_load_state()
    assert re.findall(r"\d+", page.locator("#flashes").inner_text()) == re.findall(r"\d+", said)
    desk.go("/shifts/series")
    desk.look("list")


@SCREENS
def test_the_duty_plan_is_pressed_by_keyboard_and_saved(walker: Callable[..., Walker], screen: dict[str, int]) -> None:
    desk = walker(f"duty-plan-{screen['width']}", screen)
    page = desk.sign_in("coordinator")
    month = datetime.now(ZONE).date() + timedelta(days=7)
    desk.go(f"/shifts/duty-plan?month={month:%Y-%m}")
    desk.look("plan")
    box = page.locator("#duty input[name=stands]:enabled:checked").last
    count = page.locator(f"[data-count='{box.get_attribute('data-of')}']")
    stood = int(count.inner_text())
    value = box.get_attribute("value")
    box.focus()
    page.keyboard.press("Space")
    assert int(count.inner_text()) == stood - 1
    page.locator("#duty .form-foot .btn-main").click()
    page.wait_for_load_state()
    assert re.findall(r"\d+", page.locator("#flashes").inner_text()) == ["0", "1"]
    expect(page.locator(f"tr.nobody input[value='{value}']")).to_have_count(1)
    desk.look("nobody")
    page.get_by_role("link", name="为空缺班次排人").click()
    page.wait_for_load_state()
    expect(page.locator("tr.nobody")).to_have_count(0)
    desk.look("proposed")
    page.get_by_role("link", name="一页").click()
    page.wait_for_url(re.compile("/paper"))
    desk.look("paper")
    if screen == DESK:
        assert len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(prefer_css_page_size=True))) == 1
