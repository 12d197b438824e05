"""Walk 4: a volunteer says on his phone that an entry is wrong; one proposes at the desk, another approves on his."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import PHONE, Site, Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_an_entry_that_is_wrong_is_put_right_by_two_people(walker: Callable[..., Walker], site: Site) -> None:
    phone = walker("hours-volunteer", PHONE)
    page = phone.enrol(site.fresh_links()["volunteer"])
    page.get_by_role("link", name="记录有误").first.click()
    phone.look("this-is-wrong")
    page.get_by_label("到岗时间").fill("17:30")
    page.get_by_label("离岗时间").fill("17:31")
    page.get_by_label("哪里有误").fill("那天我提前走了")
    page.get_by_label("这个班次没有服务").check()
    page.get_by_role("button", name="提交").click()
    page.get_by_text("正在核实").first.wait_for()
    phone.look("asked")
    desk = walker("hours-desk")
    desk.sign_in("coordinator")
    page = desk.go("/corrections")
    desk.look("corrections")
    page.locator("main table a").first.click()
    desk.look("correction-asked")
    page.get_by_role("link", name="提出更正").click()
    desk.look("proposing")
    page.get_by_label("这个班次没有服务").check()
    page.get_by_label("其他情形").check()
    page.get_by_label("具体是哪一份").fill("本人说明")
    page.get_by_role("button", name="提出").click()
    page.get_by_text("待审批").first.wait_for()
    chief = walker("hours-chief", PHONE)
    chief.sign_in("chief")
    chief.go("/corrections").locator("main table a").first.click()
    chief.look("to-decide")
    chief.page.get_by_label("审批理由").fill("情况属实")
    chief.page.get_by_role("button", name="批准", exact=True).click()
    chief.page.get_by_text("已批准").first.wait_for()
    chief.look("approved")
    phone.go("/hours").get_by_text("更正：").first.wait_for()
    phone.look("my-hours")
    desk.go("/shifts/unconfirmed")
    desk.look("unconfirmed")
