"""A place becomes free that does not suit who waits: he reads why on his phone, mends it and joins the list again."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.conftest import PHONE, Site, Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def a_full_shift(page: Page) -> tuple[str, str]:
    """Its key and its hours, on the page of its day. Not today: half an hour before the start nobody joins the list."""
    for n in range(2, page.locator(".day-strip a").count()):
        page.locator(".day-strip a").nth(n).click()
        page.wait_for_load_state()
        waits = page.locator(".offers li").filter(has=page.get_by_role("button", name="加入候补"))
        for one in waits.all():
            hours = one.locator(".hours").inner_text()
            if at_the_same_time(page, hours).count():
                key = re.search("[0-9a-f-]{36}", one.locator("form").get_attribute("action") or "")
                assert key is not None
                return key[0], hours
    pytest.fail("no shift is full while another is free")


def at_the_same_time(page: Page, hours: str) -> Locator:
    free = page.locator(".offers li").filter(has=page.get_by_role("button", name="预约", exact=True))
    return free.filter(has=page.locator(".hours", has_text=hours))


def give_up(desk: Walker, key: str) -> None:
    """The coordinator enters that the first of the list told by phone that he will not come."""
    page = desk.go(f"/shifts/{key}")
    page.locator("summary", has_text="来不了").first.click()
    desk.look("told-by-phone")
    form = page.locator("details[open] form").first
    form.locator("select[name=how]").select_option("phone")
    form.locator("button[type=submit]").click()
    page.wait_for_load_state()


def test_whom_a_place_passed_over_reads_why_and_joins_again(walker: Callable[..., Walker], site: Site) -> None:
    phone, desk = walker("passed-over-phone", PHONE), walker("passed-over-desk")
    page = phone.enrol(site.fresh_links()["volunteer"])
    phone.go("/booking")
    key, hours = a_full_shift(page)
    here = page.url
    page.locator(f"form[action='/booking/{key}/waiting'] button").click()
    page.wait_for_url("**/bookings")
    page.goto(here)
    at_the_same_time(page, hours).first.locator("button").click()
    page.wait_for_url("**/hours")
    desk.sign_in("coordinator")
    give_up(desk, key)
    phone.go("/me/messages")
    assert "已由下一位候补人员递补" in page.locator("main").inner_text()
    phone.go("/bookings")
    phone.look("why")
    page.emulate_media(color_scheme="dark")
    phone.look("why-dark")
    page.emulate_media(color_scheme="light")
    mine = page.locator(".offers li", has_text=hours).filter(has=page.get_by_role("link"))
    mine.first.get_by_role("link").click()
    page.locator("summary", has_text="我来不了").first.click()
    page.locator(".harm[open] button[type=submit]").click()
    page.wait_for_url("**/bookings")
    phone.look("mended")
    page.locator(f"form[action^='/booking/{key}'] button").click()
    page.wait_for_load_state()
    phone.look("again")
