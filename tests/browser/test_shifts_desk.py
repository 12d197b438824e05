"""Walk 4 at the desk: a fortnight is opened, a shift is looked at, booked for somebody and cancelled; who is behind."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def open_a_fortnight(desk: Walker) -> Page:
    """From the day after the last open shift, whichever that is."""
    page = desk.go("/shifts/opening")
    desk.look("grid")
    said = page.locator("#grid-title").inner_text()
    page.locator("main form[method=post] .btn-main").click()
    page.wait_for_url(re.compile("/shifts/week"))
    opened = page.locator("#flashes").inner_text()
    assert re.findall(r"\d+", said) == re.findall(r"\d+", opened)
    desk.look("week")
    return page


def first_shift(page: Page) -> None:
    page.locator(".shift-cell:visible, .week-list details[open] a:visible").first.click()
    page.wait_for_url(re.compile("/shifts/[0-9a-f-]{36}$"))


def book(page: Page, nth: int) -> str:
    """Book the nth of the people in the list; who it was."""
    page.get_by_text("代为预约").click()
    who = page.locator("select[name=who]")
    name = who.locator("option").nth(nth).inner_text()
    who.select_option(index=nth)
    form = page.locator("form").filter(has=who)
    form.locator("select[name=how]").select_option("phone")
    form.locator("button[type=submit]").click()
    page.wait_for_load_state()
    return name


def test_a_fortnight_is_opened_booked_for_somebody_and_one_shift_cancelled(walker: Callable[..., Walker]) -> None:
    desk = walker("desk-shifts")
    desk.sign_in("coordinator")
    page = open_a_fortnight(desk)
    first_shift(page)
    desk.look("shift")
    booked = book(page, 1)
    expect(page.locator(".waits .name").filter(has_text=booked.split(" ")[0]).first).to_be_attached()
    desk.look("booked")
    here = page.url
    page.locator("nav.crumbs a").first.click()
    page.wait_for_url(re.compile("/shifts/week"))
    page.locator(".shift-grid tbody tr").nth(3).locator(".shift-cell").first.click()
    page.wait_for_url(re.compile("/shifts/[0-9a-f-]{36}$"))
    page.get_by_text("代为预约").click()
    expect(page.locator("select[name=who] option:disabled").filter(has_text=f"{booked} · ")).to_have_count(1)
    desk.look("bound-elsewhere")
    page.goto(here)
    page.locator("summary").filter(has_text="取消班次").click()
    desk.look("before-cancelling")
    told = page.locator(".harm[open] li").first.inner_text()
    assert re.findall(r"\d+", told) == ["1"]
    page.locator(".harm[open] textarea").fill("道路施工")
    page.locator(".harm[open] .btn-danger").click()
    page.wait_for_load_state()
    desk.look("cancelled")
    assert page.locator(".page-head .state").inner_text() == "已取消"
    assert re.findall(r"\d+", page.locator("#flashes").inner_text()) == ["1"]


def test_posts_the_list_and_the_sheet(walker: Callable[..., Walker]) -> None:
    desk = walker("desk-posts")
    page = desk.sign_in("coordinator")
    desk.go("/posts")
    desk.look("posts")
    page.locator("main tbody a").first.click()
    desk.look("post")
    page.get_by_role("link", name="修改").click()
    desk.look("change")
    desk.go("/posts/new")
    page.locator("input[name=capacity]").fill("many")
    page.locator("main .btn-main").click()
    page.wait_for_load_state()
    desk.look("wrong")
    expect(page.locator(".errors li")).to_have_count(2)
    desk.go("/shifts")
    desk.look("list")
    desk.go("/shifts/new")
    desk.look("one")
    desk.go("/shifts/week")
    page.locator("a[rel=next]").click()
    page.wait_for_load_state()
    first_shift(page)
    page.get_by_role("link", name="签到表").click()
    desk.look("sheet")


@pytest.mark.parametrize("role", ["coordinator", "prosecutor"])
def test_the_board_and_a_figure_opened_to_its_lines(walker: Callable[..., Walker], role: str) -> None:
    desk = walker(f"desk-board-{role}")
    page = desk.sign_in(role)
    desk.look("day")
    desk.go("/assessments/board")
    desk.look("board")
    expect(page.locator("main tbody tr").first).to_be_attached()
    page.locator("main tbody a").first.click()
    page.wait_for_url(re.compile("/assessments/[0-9a-f-]{36}$"))
    page.locator("#unconfirmed > summary").click()
    assert page.locator("#unconfirmed .lines").is_visible()
    page.locator("#credited > summary").click()
    desk.look("person")
    desk.go("/assessments")
    desk.look("list")
    desk.go("/assessments/board/paper")
    desk.look("paper")


def test_the_desk_on_a_phone(walker: Callable[..., Walker]) -> None:
    phone = walker("desk-phone", PHONE)
    page = phone.sign_in("coordinator")
    phone.go("/shifts/week")  # this week may be over; the demonstration office has a fortnight
    page.locator("a[rel=next]").click()
    page.wait_for_load_state()
    phone.look("week")
    first_shift(page)
    phone.look("shift")
    for place in ("/shifts", "/shifts/opening", "/posts", "/posts/new", "/assessments", "/assessments/board"):
        phone.go(place)
        phone.look(place.strip("/").replace("/", "-"))
    page.locator("main tbody a").first.click()
    phone.look("person")
