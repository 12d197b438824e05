"""A slow line: the page stands before its scripts have come, and somebody types already."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import PHONE, Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_what_is_typed_before_the_scripts_have_come_is_searched_for(walker: Callable[..., Walker]) -> None:
    phone = walker("slow-line", PHONE)
    page = phone.sign_in("receptionist")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/htmx.min.js*", hold)
    page.goto(phone.site.address + "/hearings/new", wait_until="commit")
    page.get_by_role("searchbox").fill("没有这样的案号")
    expect(page.locator("#list")).to_contain_text("请在上方输入")
    held.pop().continue_()
    expect(page.locator("#list")).to_contain_text("没有符合")
    phone.look("no-case-fits")
