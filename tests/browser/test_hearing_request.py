"""Walk 5, first half: a hearing is asked for, sent back, amended and approved."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NUMBER = "枫检刑诉〔2026〕105号"


def test_a_hearing_from_the_request_to_the_approval(walker: Callable[..., Walker]) -> None:
    desk, phone = walker("hearing-desk"), walker("hearing-chief", PHONE)
    desk.sign_in("prosecutor")
    phone.sign_in("chief")
    page = _ask(desk)
    _send_back(phone)
    _amend(desk)
    _approve(phone)
    page.reload()
    expect(page.locator(".page-head .state")).to_have_text("已批准")
    desk.look("approved")
    desk.go("/")
    desk.look("my-day")


def _ask(desk: Walker):
    """First without a ground, which article 4 refuses; then as a public hearing without a reason; then right."""
    page = desk.go("/hearings")
    desk.look("list")
    page.get_by_role("link", name="申请听证").first.click()
    desk.look("choose-the-case")
    page.get_by_role("link", name=f"选择{NUMBER}申请听证").click()
    desk.look("request")
    page.get_by_label("具体理由").fill("血液酒精含量接近标准线，是否相对不起诉有争议。")
    page.get_by_role("button", name="报检察长审批").click()
    refusal = page.locator("#refusal-body")
    expect(refusal).to_contain_text("没有与类别相符的理由")
    refusal.locator("summary").click()
    expect(refusal).to_contain_text("人民检察院审查案件听证工作规定 第4条")
    desk.look("refused-without-a-ground")
    page.get_by_label("较大争议").check()
    page.get_by_label("不公开", exact=True).check()
    page.get_by_role("button", name="报检察长审批").click()
    expect(refusal).to_contain_text("不公开听证须有理由")
    page.get_by_label("按该类别的规定").check()
    page.get_by_role("button", name="报检察长审批").click()
    page.wait_for_url(lambda url: url.rsplit("/", 1)[1] not in {"hearings", "new"})
    expect(page.locator(".page-head .state")).to_have_text("已申请")
    desk.look("requested")
    return page


def _send_back(phone: Walker) -> None:
    page = phone.go("/")
    phone.look("my-day")
    page.get_by_role("link", name="待批听证").first.click()
    phone.look("inbox")
    page.get_by_role("link", name=f"审批{NUMBER}的听证").click()
    phone.look("reads")
    page.get_by_role("button", name="批准听证").click()
    expect(page.locator(".errors")).to_contain_text("审批文号")
    phone.look("without-a-document")
    page.get_by_label("需要修改什么").fill("请写明听证的问题。")
    page.get_by_role("button", name="退回修改").click()
    expect(page.locator("#flashes")).to_contain_text("已附您的意见退回")
    phone.look("sent-back")


def _amend(desk: Walker) -> None:
    page = desk.page
    page.reload()
    desk.look("came-back")
    page.get_by_role("link", name="修改申请").first.click()
    desk.look("amends")
    page.get_by_label("听证的问题").fill("情节是否轻微\n社会服务考察情况")
    page.get_by_role("button", name="报检察长审批").click()
    expect(page.locator("#flashes")).to_contain_text("重新报检察长审批")


def _approve(phone: Walker) -> None:
    page = phone.go("/hearings/approvals")
    page.get_by_role("link", name=f"审批{NUMBER}的听证").click()
    page.get_by_label("审批文号").fill("枫检听批〔2026〕30号")
    page.get_by_role("button", name="批准听证").click()
    expect(page.locator("#flashes")).to_contain_text("已批准")
    phone.look("decided")
    phone.go("/hearings")
    phone.look("list")
    page.get_by_role("link", name=NUMBER).click()
    phone.look("hearing")


def test_a_case_and_its_hearings_and_what_a_clerk_and_the_counter_see(walker: Callable[..., Walker]) -> None:
    clerk = walker("hearing-clerk")
    clerk.sign_in("clerk")
    page = clerk.go("/cases")
    page.get_by_role("link", name="枫检行公〔2026〕9号").click()
    clerk.look("case")
    counter = walker("hearing-counter")
    counter.sign_in("receptionist")
    page = counter.go("/hearings")
    counter.look("empty")
    page.get_by_role("link", name="申请听证").first.click()
    page.wait_for_url("**/hearings/new")
    page.get_by_role("searchbox").fill("没有这样的案号")
    expect(page.locator("#list")).to_contain_text("没有符合")
    counter.look("no-case-fits")


def test_a_defender_asks_on_his_phone(walker: Callable[..., Walker], site) -> None:
    phone = walker("hearing-lawyer", PHONE)
    phone.enrol(site.fresh_links()["lawyer"])
    page = phone.go("/hearings")
    phone.look("list")
    page.get_by_role("link", name="枫检刑捕〔2026〕77号").click()
    phone.look("hearing")
    page.get_by_role("link", name="修改申请").first.click()
    phone.look("amends")


def test_a_case_is_entered_with_its_people_and_its_limit(walker: Callable[..., Walker]) -> None:
    """What a hearing needs of a case, at a desk and on a phone."""
    desk = walker("case-desk")
    desk.sign_in("prosecutor")
    page = desk.go("/cases")
    desk.look("list")
    page.get_by_role("link", name="录入案件").first.click()
    desk.look("enter")
    page.get_by_role("button", name="录入案件").click()
    desk.look("nothing-typed")
    page.get_by_label("案号").fill("枫检刑诉〔2026〕401号")
    page.get_by_label("案由").fill("交通肇事")
    page.get_by_role("button", name="录入案件").click()
    page.get_by_role("link", name="添加人员").click()
    desk.look("add-somebody")
    page.get_by_label("姓名").fill("卞小川")
    page.get_by_label("强制措施").select_option("bail")
    page.get_by_role("button", name="添加").click()
    expect(page.locator("#refusal-body")).to_contain_text("请填写强制措施自何日起")
    desk.look("since-when")
    page.get_by_label("起始日期").fill("2026-11-02")
    page.get_by_role("button", name="添加").click()
    desk.look("case")
    page.get_by_role("link", name="延长、退回").click()
    page.get_by_label("增加天数").fill("16")
    page.locator("input[name=document]").fill("枫检延〔2026〕8号")
    page.get_by_role("button", name="记录").last.click()
    refusal = page.locator("#refusal-body")
    refusal.locator("summary").click()
    expect(refusal).to_contain_text("刑诉法 172")
    desk.look("extended-too-far")
    phone = walker("case-phone", PHONE)
    phone.sign_in("prosecutor")
    phone.go("/cases")
    phone.look("list")
    phone.page.get_by_role("link", name="枫检刑诉〔2026〕401号").click()
    phone.look("case")
