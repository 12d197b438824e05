"""Walk 1: from an empty installation, step by step, to something booked."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Site, Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DEMO = "0"
PASSWORD = "枫叶 渡口 清晨 算盘 四个词"


def fill(page: Page, **typed: str) -> None:
    for name, text in typed.items():
        page.locator(f"main [name={name}]:visible").fill(text)


def onward(page: Page) -> str:
    """Press the button that goes on, or the one that leaves a step for later. Returns the title of the next page."""
    page.locator("main .form-foot .btn:visible, main .gate-card .btn-main").last.click()
    page.wait_for_load_state()
    return page.locator("h1").inner_text()


def begin(desk: Walker, site: Site) -> Page:
    """Type the start code that was printed where the program was started."""
    page = desk.go("/")
    fill(page, code="WRONG")
    onward(page)
    desk.look("wrong-code")
    code = re.search(r"(?:start code|启动码)\s*(\S+)", (site.folder / "server.log").read_text(encoding="utf-8"))
    assert code is not None
    fill(page, code=code[1])
    return page


def test_the_guide_leads_from_an_empty_database_to_the_first_booking(walker: Callable[..., Walker], site: Site) -> None:
    desk = walker("guide-desk")
    page = begin(desk, site)
    assert onward(page) == "单位"
    fill(page, name="虚构县人民检察院", short_name="虚构院", seal_text="虚构县人民检察院")
    page.locator("#paper", has_text="虚构县人民检察院").wait_for()
    desk.look("office")
    onward(page)
    fill(page, name="甲协调", phone="17400000001", username="jia", password=PASSWORD, again=PASSWORD)
    desk.look("you")
    onward(page)
    desk.look("administrators")
    steps = [page.locator("h1").inner_text()]
    while page.locator("main [name=starts]").count() == 0:
        if page.locator("main [name=seats]:visible").count():
            fill(page, name="第一听证室", seats="20")
            page.locator("main button[type=submit]:visible").first.click()
            page.wait_for_load_state()
        desk.look("step")
        steps.append(onward(page))
    assert steps == ["您和管理员", "谁来批准", "会议室", "中队、律师和部门", "律师工作站", "邮件和备份", "真正预订一次"]
    desk.look("booking")
    fill(page, title="第一次院务会")
    day = page.locator("main [name=day]").input_value()
    onward(page)
    desk.look("done")
    desk.go("/calendar?on=" + day)
    page.get_by_text("第一次院务会").first.wait_for()
    desk.go("/guide")
    desk.look("all-steps")
