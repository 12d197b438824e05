"""A scheme drafted at one desk and put in force at another; an assessment proposed with the back-plan beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from exchange.tidy import check_digit
from tests.browser.conftest import PHONE, Walker
from tests.town import ZONE

pytestmark = pytest.mark.browser
SEVENTEEN = "99999919910203004"
ON = datetime.now(ZONE).date()
CASE = re.compile(r"/cases/[0-9a-f-]{36}$")


def path_of(page: Page) -> str:
    return re.sub(r"^https?://[^/]+", "", page.url)


def a_case_with_a_suspect(desk: Walker) -> str:
    """Received today, its suspect on bail; entered on the pages."""
    page = desk.go("/cases/new")
    page.fill("#number", "枫检刑诉〔2026〕902号")
    page.fill("#cause", "危险驾驶")
    page.fill("#received_on", ON.isoformat())
    page.select_option("#handler_id", label=desk.site.names["prosecutor"])
    page.locator(".form-foot .btn-main").click()
    page.wait_for_url(CASE)
    case = path_of(page)
    page.get_by_role("link", name="添加人员").click()
    page.fill("#name", "孙大山")
    page.select_option("#role", "suspect")
    page.select_option("#measure", "bail")
    page.fill("#measure_from", (ON - timedelta(days=9)).isoformat())
    page.fill("#bail_area", "枫县")
    page.locator(".form-foot .btn-main").click()
    page.wait_for_url(CASE)
    return case


@pytest.mark.slow
def test_a_version_is_drafted_from_a_preset_and_put_in_force_by_the_chief(walker: Callable[..., Walker]) -> None:
    desk = walker("scheme-desk")
    page = desk.sign_in("coordinator")
    desk.go("/schemes")
    desk.look("versions")
    desk.go("/schemes/new")
    desk.look("beginnings")
    page.get_by_role("link", name="浙江瑞安").click()
    page.fill("#min_shift_minutes", "200")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.locator(".errors")).to_be_focused()
    desk.look("what-is-wrong")
    page.fill("#min_shift_minutes", "60")
    page.get_by_role("button", name="保存草稿").click()
    page.wait_for_url(re.compile(r"/schemes/[0-9a-f-]{36}$"))
    desk.look("draft")
    expect(page.get_by_role("button", name="今日起生效")).to_have_count(0)
    chief = walker("scheme-chief", PHONE)
    mine = chief.sign_in("chief")
    chief.go(path_of(page))
    mine.get_by_role("button", name="今日起生效").click()
    mine.get_by_text("今日起生效。").wait_for()
    chief.look("in-force")


@pytest.mark.slow
def test_the_back_plan_follows_the_form_and_a_warning_opens_the_field_for_its_reason(
    walker: Callable[..., Walker],
) -> None:
    case = a_case_with_a_suspect(_signed_in(walker, "case-desk", "coordinator"))
    desk = _signed_in(walker, "proposing", "prosecutor")
    page = desk.go(case)
    page.get_by_role("link", name="提出考察").click()
    plan, reason = page.locator("#plan"), page.locator("#reason")
    page.fill("#hours", "6")
    page.fill("#bac", "79.99")
    expect(plan).to_contain_text("不属于醉酒驾驶")
    expect(plan).to_contain_text("没有认罪认罚")
    page.check("#pleaded")
    expect(plan).not_to_contain_text("没有认罪认罚")
    expect(reason).to_be_hidden()
    page.fill("#bac", "149.99")
    expect(plan).to_contain_text("需要说明理由")
    expect(reason).to_be_visible()
    desk.look("warned")
    page.get_by_label("事故后逃逸").check()
    expect(plan).to_contain_text("没有不妥")
    expect(reason).to_be_hidden()
    page.fill("#id_number", SEVENTEEN + check_digit(SEVENTEEN))
    page.get_by_role("button", name="提出").click()
    page.wait_for_url(re.compile(r"/assessments/[0-9a-f-]{36}$"))
    desk.go(case)
    expect(page.get_by_role("link", name="孙大山", exact=True)).to_have_count(1)
    desk.look("case-with-its-assessment")


def _signed_in(walker: Callable[..., Walker], name: str, role: str) -> Walker:
    found = walker(name)
    found.sign_in(role)
    return found


@pytest.mark.slow
def test_the_form_fits_a_phone_and_is_complete_in_english(walker: Callable[..., Walker]) -> None:
    phone = walker("proposing-phone", PHONE)
    page = phone.sign_in("prosecutor")
    phone.go("/cases")
    for link in [one.get_attribute("href") or "" for one in page.locator("main table a").all()]:
        phone.go(link)
        if page.locator("a[href$='/assessments/new']").count():
            break
    page.locator("a[href$='/assessments/new']").click()
    phone.look("form")
    if page.get_by_role("button", name="English").count():
        page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Propose an assessment")).to_be_visible()
    expect(page.locator("#plan")).to_contain_text("Service from")
    phone.look("form-in-english")
