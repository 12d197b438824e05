"""Walk 5, second half: a sitting is refused for room, officer and notice, then planned, accepted, noticed, moved,
cancelled; the officer's feed follows."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Site, Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def feed(site: Site, made: dict[str, Any]) -> Any:
    """The one event of the hearing officer's feed, and the feed's text."""
    with urllib.request.urlopen(f"{site.address}/feeds/{made['feed']}.ics", timeout=10) as answer:
        text = answer.read()
    assert [word for word in ("枫检刑诉", "危险驾驶", "孙小明") if word in text.decode()] == []
    [event] = Calendar.from_ical(text).walk("VEVENT")
    return event


def tick(page: Page, name: str) -> None:
    page.locator(".pick-people li", has_text=name).locator("input").first.set_checked(True)


def test_a_sitting_from_its_plan_to_its_cancellation(
    walker: Callable[..., Walker], site: Site, approved_hearing: dict[str, Any]
) -> None:
    made = approved_hearing
    desk = walker("sitting-desk")
    page = desk.sign_in("coordinator")
    address = f"/hearings/{made['hearing']}"
    desk.go(address)
    desk.look("approved")
    page.locator("#sitting").get_by_role("link", name="安排会次").click()
    desk.look("plan")

    small = walker("sitting-small", PHONE)
    small.sign_in("coordinator")
    small.go(address + "/plan")
    small.look("plan")
    page.locator("[name=day]").fill(made["tomorrow"])
    page.locator("[name=starts]").fill("09:30")
    for name in (made["able"][0], made["unable"], made["mine"]):
        tick(page, name)
    page.locator("[name=officers_why]").fill("需要交通和医学方面的知识")
    page.get_by_role("button", name="排期并邀请").click()
    box = page.locator("#objections")
    box.wait_for()
    desk.look("refused")
    said = box.inner_text()
    for word in ("院务会", made["able"][0], made["unable"], "最迟应在", "§ 8.10", "§ H-41"):
        assert word in said
    assert page.locator("#objections details.rule").count() >= 4
    assert "第10条第2款" in box.inner_html()

    page.locator(".pick-people li", has_text=made["unable"]).locator("input").set_checked(False)
    tick(page, made["able"][1])
    box.locator(".other-times button").first.click()
    page.wait_for_url(lambda url: url.endswith(address))
    desk.look("planned")
    for place in ("", "/officers", "/notice", "/move"):
        small.go(address + place)
        small.look(place.strip("/") or "hearing")
    before = feed(site, made)

    link = page.locator("#officers tr", has_text=made["mine"]).locator("[data-copy]").get_attribute("data-copy")
    phone = walker("sitting-phone", PHONE)
    phone.page.goto(link)
    phone.look("invited")
    phone.page.locator("summary").click()
    phone.page.get_by_role("button", name="答复不能参加").click()
    phone.look("no-without-reason")
    phone.page.get_by_role("button", name="我参加").click()
    phone.page.get_by_text("届时恭候").wait_for()
    phone.look("accepted")

    desk.go("/")
    desk.look("my-day")
    desk.go(address)
    page.locator("#notice").get_by_role("link", name="发出告知").click()
    desk.look("notice")
    page.get_by_role("button", name="告知全部人员").click()
    page.wait_for_url(lambda url: url.endswith(address))
    page.locator("#notice").get_by_role("link", name="去登记 孙小明").click()
    page.locator("[name=result]").fill("本人已知悉")
    desk.look("told-by-hand")
    page.locator("main .btn-main").click()
    page.wait_for_url(lambda url: url.endswith(address))
    desk.look("noticed")

    page.locator("#sitting").get_by_role("link", name="改期或换地点").click()
    page.locator("[name=day]").fill(made["tomorrow"])
    page.locator("[name=reason]").fill("主持人另有公务")
    page.get_by_role("button", name="改期并告知各方").click()
    page.locator("#objections").wait_for()
    desk.look("move-refused")
    page.locator("#objections .other-times button").nth(2).click()
    page.wait_for_url(lambda url: url.endswith(address))
    desk.look("moved")
    after = feed(site, made)
    assert after["UID"] == before["UID"]
    assert after["DTSTART"].dt > before["DTSTART"].dt
    assert after["SEQUENCE"] > before["SEQUENCE"]
    phone.page.goto(link)
    expect(phone.page.get_by_text("该邀请已失效")).to_have_count(1)
    phone.look("earlier-link")

    page.locator("#sitting details.harm summary").click()
    desk.look("before-cancelling")
    page.locator("#sitting [name=reason]").fill("当事人撤回申请")
    page.get_by_role("button", name="确定取消").click()
    page.wait_for_load_state()
    desk.look("cancelled")
    gone = feed(site, made)
    assert (str(gone["STATUS"]), gone["SEQUENCE"] > after["SEQUENCE"]) == ("CANCELLED", True)
