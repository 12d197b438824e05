"""Walk 4 on the phone: a volunteer books, waits and cancels; an officer ticks, confirms ten in three taps, undoes."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import PHONE, Site, Walker
from tests.serving import ROOT

pytestmark = pytest.mark.browser


def night(walker: Walker, called: str) -> None:
    """The same page in the dark."""
    walker.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    walker.page.wait_for_timeout(400)
    walker.look(called + "-dark")
    walker.page.emulate_media(color_scheme="light")


@pytest.mark.slow
def test_a_volunteer_books_in_two_taps_meets_a_refusal_waits_and_cancels(
    walker: Callable[..., Walker], site: Site
) -> None:
    phone = walker("crossing-volunteer", PHONE)
    page = phone.enrol(site.fresh_links()["volunteer"])
    assert page.url.endswith("/hours")
    phone.look("my-hours")
    night(phone, "my-hours")
    page.get_by_role("link", name="预约班次").click()
    phone.look("shifts-that-fit")
    early = page.locator(".offers li").first.locator("form").get_attribute("action")
    stale = phone.context.new_page()
    stale.goto(page.url)
    page.locator(".offers button").first.click()
    page.wait_for_url("**/hours")
    page.get_by_text("已预约：").first.wait_for()
    phone.look("booked-in-two-taps")
    stale.locator(f"form[action='{early}'] button").click()
    assert stale.url.endswith("/hours")
    _meets_a_refusal(phone, stale)
    _waits(phone)
    page.goto(site.address + "/bookings")
    phone.look("my-bookings")
    page.get_by_role("link", name="查看或取消").last.click()
    page.get_by_text("我来不了").click()
    phone.look("cancelling")
    page.get_by_role("button", name="确定取消").click()
    page.wait_for_url("**/bookings")
    phone.look("cancelled")
    page.goto(site.address + "/me/messages")
    phone.look("messages")


def _meets_a_refusal(phone: Walker, stale: Page) -> None:
    """A page that was opened before: the time is taken meanwhile, and what helps is offered."""
    stale.goto(phone.site.address + "/booking")
    free = stale.locator(".offers form").first.get_attribute("action")
    same_time = stale.locator(".offers").first.locator("form")
    assert free
    if same_time.count() > 1:
        other = phone.page
        other.goto(phone.site.address + "/booking")
        other.locator(f"form[action='{free}'] button").click()
        other.wait_for_url("**/hours")
        same_time.nth(1).locator("button").click()
        refused = phone.page
        phone.page = stale
        phone.look("refused")
        assert stale.get_by_text("未能预约").first.is_visible()
        phone.page = refused


def _waits(phone: Walker) -> None:
    page = phone.page
    page.goto(phone.site.address + "/booking")
    days: Any = page.locator(".day-strip a").all()
    for n in range(1, len(days)):
        page.locator(".day-strip a").nth(n).click()
        page.wait_for_load_state()
        waits = page.get_by_role("button", name="加入候补")
        if waits.count():
            phone.look("a-full-shift")
            waits.first.click()
            page.wait_for_url("**/bookings")
            assert page.get_by_text(re.compile("第 ?1 ?位")).first.is_visible()
            return
    pytest.fail("no shift is full")


def test_an_officer_sees_what_is_unconfirmed_ticks_confirms_ten_in_three_taps_and_undoes(
    walker: Callable[..., Walker], site: Site
) -> None:
    phone = walker("crossing-officer", PHONE)
    page = phone.enrol(site.fresh_links()["traffic_officer"])
    assert page.url.endswith("/crossing")
    phone.look("unconfirmed-first")
    night(phone, "unconfirmed-first")
    ten = page.locator(".stops a", has_text="10人待确认").first
    ten.click()  # the first tap
    phone.look("roll-of-yesterday")
    night(phone, "roll-of-yesterday")
    page.get_by_role("button", name="全部到岗并满时").click()  # the second
    page.wait_for_url("**/confirmation")
    phone.look("sheet")
    night(phone, "sheet")
    page.get_by_role("button", name="确认10人").click()  # the third
    page.wait_for_url(lambda url: not url.endswith("/confirmation"))
    phone.look("confirmed")
    page.reload()
    page.get_by_role("button", name="撤销").first.click()
    page.wait_for_load_state()
    assert page.get_by_role("link", name="确认10人").is_visible()
    phone.look("undone")
    page.get_by_role("button", name="收回").click()  # the whole press of the second tap
    page.get_by_text("已收回10人的到岗记录").wait_for()
    row = page.locator(".roll .man").first
    row.locator("details[name=roll] > summary").click()
    row.get_by_role("button", name="点错").click()
    row.get_by_text("不计").wait_for()
    row.locator("details[name=roll] > summary").click()
    row.get_by_text("来了，未点到").click()
    phone.look("afterwards")
    night(phone, "afterwards")
    page.locator("input[name=clock]").first.fill("23:59")
    page.locator(".choices input[name=reason]").first.fill("手机没电")
    page.get_by_role("button", name="补记到岗").first.click()
    page.locator("#refusal-body").wait_for()
    phone.look("afterwards-refused")


@pytest.mark.slow
def test_an_officer_ticks_people_in_and_out_today(walker: Callable[..., Walker], site: Site) -> None:
    put = [sys.executable, "-m", "tests.browser.shift_at_hand"]
    subprocess.run(put, cwd=ROOT, env=site.environment(), check=True, timeout=120)
    phone = walker("crossing-today", PHONE)
    page = phone.enrol(site.fresh_links()["traffic_officer"])
    page.locator("section[aria-labelledby=today-title] .stops a", has_text="临时执勤点").click()
    phone.look("roll-of-today")
    page.locator(".man > .press button").first.click()
    page.locator(".state", has_text="在岗").first.wait_for()
    assert page.locator("#count .here").inner_text().strip().replace(" ", "").startswith("已到1/10")
    page.locator("details[name=roll] summary").first.click()
    phone.look("row-open")
    night(phone, "row-open")
    page.get_by_role("link", name="更多…").first.click()
    phone.look("one-person")
    page.get_by_text("更正时间").click()
    page.locator("input[name=clock]").fill("00:05")
    page.get_by_role("button", name="更正", exact=True).click()
    phone.look("reason-asked")
    page.go_back()
