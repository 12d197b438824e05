"""From the signed notice to the first shift; what was unknown of several; a volunteer who no longer takes part."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from exchange.tidy import check_digit
from tests.browser.conftest import PHONE, Walker
from tests.browser.test_proposing import ON, a_case_with_a_suspect, path_of
from tests.serving import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SEVENTEEN = "99999919920304005"
ONE = re.compile(r"/assessments/[0-9a-f-]{36}$")


def test_an_assessment_goes_from_the_proposal_to_the_service(walker: Callable[..., Walker]) -> None:
    desk = walker("preparing-desk")
    desk.sign_in("coordinator")
    case = a_case_with_a_suspect(desk)
    address = _propose(walker, case)
    page = desk.go(address)
    desk.look("proposed")
    page.get_by_role("link", name="上岗准备").click()
    desk.look("before-anything")
    _enter(page, "told", "登记已签告知书", document="枫检告〔2026〕9号")
    page.select_option("#consent [name=capable_of]", "2")
    page.select_option("#consent [name=squad]", index=1)
    _enter(page, "consent", "登记承诺书", document="枫检承〔2026〕9号")
    desk.look("consented")
    _trained_by_the_squad(desk)
    desk.go(address + "/preparation")
    page.locator("#insurance [name=until]").fill((ON + timedelta(days=90)).isoformat())
    _enter(page, "insurance", "登记保单", policy="样例保单 77")
    desk.look("insured")
    page.locator("#start [name=document]").fill("枫检联〔2026〕9号")
    page.get_by_role("button", name="开始服务").click()
    page.wait_for_url(ONE)
    begun = re.compile(r"^\s*\d+月\d+日 周. 开始\s*$")  # after the days of intake, not today
    expect(page.locator(".page-head .state")).to_have_text(begun)
    desk.look("serving")
    for screen in ("preparation", "changes"):
        phone = walker(f"preparing-phone-{screen}", PHONE)
        phone.sign_in("coordinator")
        phone.go(f"{address}/{screen}")
        phone.look(screen)


def _propose(walker: Callable[..., Walker], case: str) -> str:
    desk = walker("preparing-prosecutor")
    page = desk.sign_in("prosecutor")
    desk.go(case)
    page.get_by_role("link", name="提出考察").click()
    page.fill("#hours", "6")
    page.fill("#bac", "165")
    page.check("#pleaded")
    page.fill("#id_number", SEVENTEEN + check_digit(SEVENTEEN))
    expect(page.locator("#plan")).to_contain_text("没有不妥")
    page.get_by_role("button", name="提出").click()
    page.wait_for_url(ONE)
    return path_of(page)


def _enter(page: Page, form: str, button: str, **typed: str) -> None:
    for name, value in typed.items():
        page.locator(f"#{form} [name={name}]").fill(value)
    page.get_by_role("button", name=button).click()
    page.get_by_text("已登记：").wait_for()


def _trained_by_the_squad(desk: Walker) -> None:
    """Several at once, by name: nothing of a case stands on this page."""
    page = desk.go("/assessments/training")
    desk.look("training")
    expect(page.locator("main")).not_to_contain_text("号")
    page.get_by_label("孙大山").check()
    page.get_by_label("培训人").fill("秦队长")
    page.get_by_role("button", name="登记培训").click()
    expect(page.locator("main")).not_to_contain_text("孙大山")


def test_what_is_unknown_of_several_is_entered_at_once(walker: Callable[..., Walker]) -> None:
    desk = walker("unknowns")
    page = desk.sign_in("coordinator")
    desk.go("/assessments")
    page.get_by_role("link", name="录入", exact=True).click()
    desk.look("unknown")
    page.get_by_role("button", name="录入", exact=True).click()
    expect(page.locator(".errors")).to_be_focused()
    desk.look("nobody-chosen")
    before = (ON - timedelta(days=40)).isoformat()
    page.get_by_label("选中本页全部").check()
    for name in ("told_on", "consented_on", "trained_on", "insured_from"):
        page.fill(f"#{name}", before)
    page.fill("#insured_until", (ON + timedelta(days=120)).isoformat())
    page.select_option("#capable_of", "2")
    page.fill("#bail_area", "枫县")
    page.fill("#reason", "卷内材料")
    page.get_by_role("button", name="录入", exact=True).click()
    page.get_by_text("均已登记").wait_for()
    desk.look("all-on-record")


def test_a_volunteer_no_longer_takes_part(walker: Callable[..., Walker], site: Site) -> None:
    phone = walker("no-longer", PHONE)
    page = phone.enrol(site.links["volunteer"])
    phone.go("/hours")
    page.get_by_role("link", name="自愿参加：如何退出").click()
    phone.look("what-follows")
    page.get_by_role("button", name="我不再参加").click()
    page.get_by_text("不会因此受到不利对待").first.wait_for()
    phone.look("ended")
    desk = walker("told-desk")
    mine = desk.sign_in("coordinator")
    desk.go("/assessments?show=ended")
    expect(mine.locator("main tbody tr")).to_have_count(1)
