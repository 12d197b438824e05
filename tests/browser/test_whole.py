"""One office from its lists to its calendar: the walks joined, on the same data, by the people who do the work."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Site, Walker
from tests.browser.test_hearing_sitting import tick
from tests.town import ZONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NEWCOMER = "姓名,性别,执业机构,执业证号,联系电话\n庄新来,男,枫县丁山律师事务所,19999201510123456,17400000001\n"


def month_after_next() -> date:
    """The demonstration office has published this month and the next."""
    first = datetime.now(ZONE).date().replace(day=1)
    for _ in range(2):
        first = (first + timedelta(days=32)).replace(day=1)
    return first


def digits(page: Page, where: str) -> list[str]:
    return re.findall(r"\d+", page.locator(where).inner_text())


def take_a_list(desk: Walker, folder: Path) -> None:
    """A list is looked at and taken."""
    file = folder / "新律师.csv"
    file.write_text(NEWCOMER, encoding="gb18030")
    page = desk.go("/imports/kinds/lawyers")
    page.locator("input[type=file]").set_input_files(file)
    page.locator("main .btn-main").click()
    page.wait_for_url(lambda url: "/drafts/" in url)
    page.locator("main .btn-main").first.click()
    page.wait_for_url(lambda url: "/runs/" in url)


def publish_a_month(desk: Walker) -> None:
    """A month is begun, generated with the newcomer in it, and published."""
    page = desk.go("/rotas")
    month = f"{month_after_next():%Y-%m}"
    page.locator("form", has=page.locator(f"input[name=month][value='{month}']")).get_by_role("button").click()
    page.get_by_role("button", name="自动排本月").click()
    expect(page.get_by_text(re.compile("每人与应值数相差不超过"))).to_be_visible()
    expect(page.locator(".rota.pressed tbody tr:not(.gaps)", has_text="庄新来")).to_have_count(1)
    page.get_by_role("link", name="发布").click()
    page.get_by_role("button", name="发布").click()
    page.wait_for_url(lambda url: not url.endswith("/publication"))
    expect(page.get_by_text("已发布").first).to_be_visible()


def open_a_fortnight(desk: Walker) -> None:
    page = desk.go("/shifts/opening")
    offered = digits(page, "#grid-title")
    page.locator("main form[method=post] .btn-main").click()
    page.wait_for_url(re.compile("/shifts/week"))
    assert digits(page, "#flashes") == offered


def book_in_two_taps(phone: Walker) -> None:
    page = phone.go("/hours")
    page.get_by_role("link", name="预约班次").click()
    page.locator(".offers button").first.click()
    page.wait_for_url("**/hours")
    page.get_by_text("已预约：").first.wait_for()


def confirm_in_three_taps(officer: Walker) -> None:
    page = officer.go("/crossing")
    page.locator(".stops a", has_text="10人待确认").first.click()
    page.get_by_role("button", name="全部到岗并满时").click()
    page.get_by_role("button", name="确认10人").click()
    page.wait_for_url(lambda url: not url.endswith("/confirmation"))


def plan_the_hearing(desk: Walker, asked: dict[str, Any]) -> str:
    """Refused for room, officer and notice at once, each with its rule; then planned on an offered time."""
    page = desk.go(f"/hearings/{asked['hearing']}/plan")
    page.locator("[name=day]").fill(asked["tomorrow"])
    page.locator("[name=starts]").fill("09:30")
    for name in (asked["able"][0], asked["unable"], asked["mine"]):
        tick(page, name)
    page.locator("[name=officers_why]").fill("需要交通和医学方面的知识")
    page.get_by_role("button", name="排期并邀请").click()
    objections = page.locator("#objections")
    objections.wait_for()
    said = objections.inner_text()
    assert [word for word in ("院务会", asked["unable"], "最迟应在", "§ H-41") if word not in said] == []
    desk.look("refused")
    page.locator(".pick-people li", has_text=asked["unable"]).locator("input").set_checked(False)
    tick(page, asked["able"][1])
    objections.locator(".other-times button").first.click()
    page.wait_for_url(lambda url: url.endswith(asked["hearing"]))
    return page.locator(".page-head .state").inner_text()


def carried_away(site: Site, asked: dict[str, Any]) -> list[tuple[str, str]]:
    """What the hearing officer's own calendar shows."""
    with urllib.request.urlopen(f"{site.address}/feeds/{asked['feed']}.ics", timeout=10) as answer:
        events = Calendar.from_ical(answer.read()).walk("VEVENT")
    return [(str(event["SUMMARY"]), str(event["STATUS"])) for event in events]


def test_an_office_from_its_lists_to_everybodys_calendar(
    walker: Callable[..., Walker], site: Site, approved_hearing: dict[str, Any], tmp_path: Path
) -> None:
    desk, volunteer, officer = walker("whole-desk"), walker("whole-volunteer", PHONE), walker("whole-officer", PHONE)
    links = site.fresh_links()
    desk.sign_in("coordinator")
    take_a_list(desk, tmp_path)
    publish_a_month(desk)
    open_a_fortnight(desk)
    volunteer.enrol(links["volunteer"])
    volunteer.look("hours-before")
    book_in_two_taps(volunteer)
    officer.enrol(links["traffic_officer"])
    confirm_in_three_taps(officer)
    volunteer.go("/hours")
    volunteer.look("hours-after")
    assert plan_the_hearing(desk, approved_hearing) == "已安排"
    desk.look("planned")
    desk.go("/calendar?on=" + (datetime.now(ZONE).date() + timedelta(days=4)).isoformat())
    desk.look("calendar")
    assert carried_away(site, approved_hearing) == [("听证会", "CONFIRMED")]
    assert site.command("verify-db").splitlines()[-1].endswith(" 0 breaches")
