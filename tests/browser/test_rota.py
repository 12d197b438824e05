"""Walk 3: the rota. A month is begun, generated, mended by hand, published, copied, hung up, and carried on a phone."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Site, Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAGES = re.compile(rb"/Type\s*/Page\b")
CELL = ".rota.pressed tbody tr:not(.gaps) td button"


@pytest.fixture(scope="module")
def month() -> str:
    """The month after next: the demonstration office has published this one and the next."""
    first = datetime.now(ZoneInfo("Asia/Shanghai")).date().replace(day=1)
    for _ in range(2):
        first = (first + timedelta(days=32)).replace(day=1)
    return f"{first:%Y-%m}"


@pytest.fixture
def desk(walker: Callable[..., Walker]) -> Iterator[Walker]:
    one = walker("rota-desk")
    one.sign_in("coordinator")
    yield one


def marked(page: Any) -> list[str]:
    """The cells that somebody serves in, as they are named for the ear."""
    return list(page.locator(f"{CELL}.mark").evaluate_all("all => all.map(b => b.ariaLabel)"))


def test_a_month_is_begun_generated_mended_and_published(desk: Walker, month: str) -> None:
    page = desk.page
    desk.look("my-day")
    desk.go("/rotas")
    desk.look("months")
    page.locator("form", has=page.locator(f"input[name=month][value='{month}']")).get_by_role("button").click()
    page.wait_for_url(lambda url: re.search(r"/rotas/[0-9a-f-]+$", url) is not None)
    desk.look("empty-month")
    page.get_by_role("button", name="自动排本月").click()
    expect(page.get_by_text(re.compile("每人与应值数相差不超过"))).to_be_visible()
    desk.look("generated")
    generated = marked(page)
    assert len(generated) >= 12

    # A refusal is explained beside the cell and changes nothing: a lawyer on duty may not serve again the day after.
    first = str(page.locator(f"{CELL}.mark").first.get_attribute("value"))
    there, busy = first.split("/")
    beside = page.locator(f"button[value$='/{busy}']").evaluate_all("all => all.map(b => b.value)")
    near = next(v for v in beside if v != first and abs(_days(v, there)) < 7)
    page.locator(f"button[value='{near}']").click()
    why = page.locator(".cell-why")
    expect(why).to_be_visible()
    assert "至少要隔7天" in why.inner_text().replace(" ", "")
    desk.look("refused-cell")
    assert marked(page) == generated
    why.get_by_role("button", name="关闭").click()
    expect(why).to_have_count(0)

    # A good edit: the first day goes to somebody who serves nowhere; then it is undone.
    rows = page.locator(".rota.pressed tbody tr:not(.gaps)")
    idle = next(n for n in range(rows.count()) if rows.nth(n).locator("button.mark").count() == 0)
    value = f"{there}/" + str(rows.nth(idle).locator("button").first.get_attribute("value")).split("/")[1]
    page.locator(f"button[value='{value}']").click()
    expect(page.locator(f"button[value='{value}']")).to_have_class(re.compile("mark"))
    desk.look("edited")
    assert marked(page) != generated
    page.get_by_role("button", name="撤销").click()
    expect(page.locator(f"button[value='{first}']")).to_have_class(re.compile("mark"))
    assert marked(page) == generated

    page.get_by_role("link", name="发布").click()
    page.wait_for_url(lambda url: url.endswith("/publication"))
    desk.look("publication")
    page.get_by_role("button", name="发布").click()
    page.wait_for_url(lambda url: not url.endswith("/publication"))
    expect(page.get_by_text("已发布").first).to_be_visible()
    desk.look("published")


def _days(value: str, other: str) -> int:
    return (datetime.fromisoformat(value.split("/", maxsplit=1)[0]) - datetime.fromisoformat(other)).days


def test_the_month_is_copied_as_text_and_hung_up_on_one_sheet(desk: Walker) -> None:
    page = desk.page
    desk.go("/rotas")
    page.get_by_role("link", name="查看").nth(1).click()
    page.wait_for_url(lambda url: re.search(r"/rotas/[0-9a-f-]+$", url) is not None)
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=desk.site.address)
    page.get_by_role("button", name="复制文字版").first.click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    lines = copied.splitlines()
    assert lines[1] == "09:00–12:00、14:00–17:00"
    assert len([line for line in lines if re.search(r"月\d+日 周. \S+$", line)]) >= 12
    page.get_by_role("link", name=re.compile("A4")).click()
    page.wait_for_url(lambda url: url.endswith("/sheet"))
    desk.look("sheet")
    assert len(PAGES.findall(page.pdf(prefer_css_page_size=True))) == 1


def test_a_day_finds_a_stand_in(desk: Walker) -> None:
    page = desk.page
    desk.go("/rotas")
    page.get_by_role("link", name="查看").nth(1).click()
    page.locator(".rota thead .day a").last.click()
    page.wait_for_url(lambda url: "/days/" in url)
    desk.look("day")
    page.get_by_text("不能来", exact=True).first.click()
    page.locator("textarea[name=reason]").first.fill("病假")
    desk.look("cannot-come")
    page.get_by_role("button", name="是，先空着").click()
    expect(page.get_by_text("无人值班").first).to_be_visible()
    desk.look("vacant")
    page.get_by_role("button", name=re.compile("替班")).first.click()
    expect(page.get_by_text(re.compile("双方都会收到告知"))).to_be_visible()
    desk.look("stand-in")


def test_stations_are_kept_and_the_door_has_its_card(desk: Walker) -> None:
    page = desk.page
    desk.go("/rotas")
    page.get_by_role("link", name="开放日和时间").click()
    desk.look("station")
    page.get_by_role("link", name="门牌卡片").click()
    desk.look("door-card")
    desk.go("/stations/new")
    desk.look("new-station")
    desk.go("/guide/stations")
    desk.look("guide")
    desk.go("/duty/today")
    desk.look("duty-today")
    desk.go("/lawyers")
    desk.look("register")


def test_the_coordinator_mends_a_day_on_a_phone(walker: Callable[..., Walker]) -> None:
    phone = walker("rota-coordinator-phone", PHONE)
    page = phone.sign_in("coordinator")
    phone.look("my-day")
    phone.go("/rotas")
    phone.look("months")
    page.get_by_role("link", name="查看").nth(1).click()
    phone.look("month")
    page.locator(".rota-days a").last.click()
    phone.look("day")


def test_the_receptionist_calls_the_lawyer_of_the_day(walker: Callable[..., Walker]) -> None:
    phone = walker("rota-receptionist", PHONE)
    page = phone.sign_in("receptionist")
    phone.look("my-day")
    if page.locator(".on-duty .call").count():  # on a day off nobody is on duty
        page.get_by_role("button", name="拨打电话").click()
        expect(page.locator(".on-duty a[href^='tel:']")).to_be_visible()
        phone.look("number")


def test_a_lawyer_carries_his_duties_on_a_phone(walker: Callable[..., Walker], site: Site) -> None:
    phone = walker("rota-lawyer", PHONE)
    page = phone.enrol(site.fresh_links()["lawyer"])
    phone.look("my-day")
    phone.go("/duties")
    phone.look("duties")
    ahead = ".next-duty time, section[aria-labelledby='then-title'] time"  # not what he may have given up
    days = page.locator(ahead).evaluate_all("all => all.map(t => t.dateTime)")
    assert days
    page.get_by_role("link", name=re.compile("订阅")).click()
    page.locator("input[name=name]").fill("我的手机")
    page.locator("main .form-foot .btn-main").click()
    address = page.locator("code.address").inner_text()
    phone.look("subscribed")
    with urllib.request.urlopen(address, timeout=10) as answer:
        calendar = icalendar.Calendar.from_ical(answer.read())
    events = [event for event in calendar.walk("VEVENT") if event["STATUS"] == "CONFIRMED"]
    assert sorted(event.decoded("DTSTART").date().isoformat() for event in events) == sorted(days)
    assert {str(event["SUMMARY"]) for event in events} == {"律师值班"}
    phone.go("/leave")
    phone.look("leave")
    phone.go("/rotas?all=")
    phone.look("months")
