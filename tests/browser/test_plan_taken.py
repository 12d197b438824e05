"""A plan for everybody is made and booked at the desk: whoever waits for it sees that it works."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_large_plan_says_that_it_is_being_booked_and_is_sent_once(walker: Callable[..., Walker]) -> None:
    desk = walker("desk-plan")
    desk.sign_in("coordinator")
    page = desk.go("/shifts/plans")
    page.locator("main form .btn-main").click()
    page.wait_for_url(re.compile("/shifts/plans/[0-9a-f-]{36}$"))
    desk.look("plan")
    page.locator("#taking input[name=reason], #taking textarea[name=reason]").fill("电话逐一约定")
    for box in page.locator("input[name=chosen]").all()[:3]:
        box.check()
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if one.url.endswith("/taking") else None)
    button = page.locator("#taking button[type=submit]")
    line = page.locator("#taking [data-while-busy]")
    expect(line).to_be_hidden()
    busy = page.evaluate(
        """() => {
          const form = document.querySelector("#taking");
          document.addEventListener("submit", (event) => { event.preventDefault(); }, { once: true });
          form.requestSubmit(form.querySelector("button[type=submit]"));
          return form.querySelector("button[type=submit]").getAttribute("aria-busy");
        }"""
    )
    assert busy == "true"
    expect(line).to_be_visible()
    desk.look("booking")
    button.click()  # a second press sends nothing
    assert sent == []
    page.reload()
    expect(page.locator("#taking [data-while-busy]")).to_be_hidden()
    page.locator("#taking input[name=reason], #taking textarea[name=reason]").fill("电话逐一约定")
    page.locator("input[name=chosen]").first.check()
    page.locator("#taking button[type=submit]").click()
    expect(page.locator("#flashes")).to_contain_text("班")
    desk.look("booked")
