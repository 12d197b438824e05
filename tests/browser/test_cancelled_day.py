"""A day is cancelled for one reason at the desk; who lost his place reads it on his phone and comes first."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import PHONE, Site, Walker
from tests.town import ZONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def cancel_the_day(desk: Walker, page: Page, on: str) -> None:
    desk.go(f"/shifts/week?on={on}")
    page.get_by_role("link", name="批量取消").click()
    page.locator("#first_on").fill(on)
    page.locator("#last_on").fill(on)
    page.get_by_role("button", name="查看涉及范围").click()
    desk.look("what-it-hits")
    page.locator("main .btn-danger").click()
    page.wait_for_load_state()
    desk.look("why-is-asked")
    page.locator("textarea[name=reason]").fill("台风")
    page.locator("main .btn-danger").click()
    page.wait_for_url(re.compile("/shifts/week"))
    desk.look("cancelled")
    assert "已通知" in page.locator("#flashes").inner_text()


def test_a_day_is_cancelled_and_whoever_lost_his_place_comes_first(walker: Callable[..., Walker], site: Site) -> None:
    phone, desk = walker("cancelled-day-phone", PHONE), walker("cancelled-day-desk")
    page = phone.enrol(site.fresh_links()["volunteer"])
    phone.go("/booking")
    page.get_by_role("button", name="预约", exact=True).last.click()  # the first may begin before the day is cancelled
    page.wait_for_url("**/hours")
    phone.go("/bookings")
    on = page.locator(".offers .when").first.inner_text()
    month, day = map(int, re.search(r"(\d+)月(\d+)日", on).groups())  # type: ignore[union-attr]
    today = datetime.now(ZONE).date()
    day_of = next(d for d in (today + timedelta(days=n) for n in range(40)) if (d.month, d.day) == (month, day))
    cancel_the_day(desk, desk.sign_in("coordinator"), day_of.isoformat())
    phone.go("/me/messages")
    phone.look("told")
    page.get_by_role("link", name="前往查看").first.click()
    page.wait_for_url("**/booking")
    assert "您候补时排在前面" in page.locator("main").inner_text()
    desk_page = desk.go("/shifts/new")
    desk_page.locator("input[name=day]").fill((today + timedelta(days=2)).isoformat())
    desk_page.locator("input[name=starts]").fill("14:00")
    desk_page.locator("input[name=ends]").fill("15:30")
    desk_page.locator("main .btn-main").click()
    desk_page.wait_for_load_state()
    phone.go("/booking")
    phone.look("first")
    page.emulate_media(color_scheme="dark")
    phone.look("first-dark")
    assert page.get_by_role("heading", name="新开放的班次，优先供您选择").is_visible()
