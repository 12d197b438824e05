"""From the last hour to the decision: a squad's remark on a phone, the evaluation, its report, the closing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from exchange import word
from tests.browser.conftest import PHONE, Walker
from tests.browser.test_proposing import path_of
from tests.serving import ROOT, Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_service_is_evaluated_reported_and_closed(walker: Callable[..., Walker], site: Site) -> None:
    desk = walker("evaluation-desk")
    page = desk.sign_in("prosecutor")
    put = [sys.executable, "-m", "tests.browser.service_over", site.names["prosecutor"]]
    told = subprocess.run(put, cwd=ROOT, env=site.environment(), capture_output=True, text=True, check=True)
    found = json.loads(told.stdout.strip().splitlines()[-1])
    desk.go(f"/assessments/{found['assessment']}")
    page.get_by_role("link", name="考察评估").click()
    address = path_of(page)
    name = page.locator("h1").inner_text().split("：")[1]
    desk.look("before")
    page.select_option("#remark [name=squad]", index=1)
    page.get_by_role("button", name="征求意见").click()
    page.get_by_text("已向").wait_for()
    leader = walker("evaluation-leader", PHONE)
    _remark(leader, name, f"{site.address}/i/{found['token']}")
    desk.go(address)
    _check_and_decide(page)
    desk.look("evaluated")
    page.get_by_role("button", name="出具报告").click()
    page.get_by_text(re.compile("年第 1 号报告")).wait_for()
    page.select_option("#closing [name=decision]", "not_prosecuted")
    page.fill("#closing [name=document]", "枫检不诉〔2026〕3号")
    page.fill("#closing [name=reason]", "已公开宣告")
    desk.look("reported")
    page.get_by_role("button", name="登记决定并办结").click()
    expect(page.locator(".page-head .state")).to_have_text("已结")
    desk.look("closed")
    _papers(desk, address.removesuffix("/evaluation"))
    phone = walker("evaluation-phone", PHONE)
    phone.sign_in("prosecutor")
    phone.go(address)
    phone.look("closed")


def _remark(leader: Walker, name: str, link: str) -> None:
    page = leader.enrol(link)
    leader.go("/remarks")
    leader.look("asked")
    page.get_by_role("link", name=name).click()
    expect(page.locator("main")).not_to_contain_text("号")
    page.select_option("[name=opinion]", "as_usual")
    page.fill("[name=text]", "准时到岗，认真劝导。")
    leader.look("remark")
    page.get_by_role("button", name="提交意见").click()
    page.get_by_text("谢谢").wait_for()


def _check_and_decide(page: Page) -> None:
    page.get_by_text("登记一次抽查").click()
    page.select_option("#check [name=found]", "yes")
    page.get_by_role("button", name="登记抽查").click()
    page.get_by_text("已登记抽查").wait_for()
    page.select_option("#evaluation [name=grade]", "passed")
    page.get_by_role("button", name="确定评估结果").click()
    page.get_by_text("请说明理由").first.wait_for()
    page.fill("#evaluation [name=reasons]", "时长略有欠缺，系班次取消所致。")
    page.get_by_role("button", name="确定评估结果").click()
    page.get_by_text("评估结果已确定").wait_for()


def _papers(desk: Walker, person: str) -> None:
    """The report as PDF; the page of its template; what else an office takes away or looks at."""
    page = desk.go(f"{person}/papers")
    page.get_by_label("考察评估报告").check()
    page.get_by_label("PDF").check()
    page.get_by_label("用途").fill("入卷")
    desk.look("papers")
    with page.expect_download() as loading:
        page.get_by_role("button", name="制作文书").click()
    assert re.fullmatch(r"考察评估报告-[0-9-]{10}\.pdf", loading.value.suggested_filename)


def test_templates_exports_and_what_is_unusual(walker: Callable[..., Walker]) -> None:
    desk = walker("papers-desk")
    page = desk.sign_in("coordinator")
    desk.go("/papers")
    desk.look("kinds")
    desk.go("/papers/service_record")
    with page.expect_download() as loading:
        page.get_by_role("link", name="自带模板").click()
    page.set_input_files(
        "[name=file]", {"name": "本院.docx", "mimeType": word.MIME, "buffer": loading.value.path().read_bytes()}
    )
    page.locator("form[enctype] [name=reason]").fill("加页眉")
    page.get_by_role("button", name="上传").click()
    page.get_by_text("已保存第 1 版").wait_for()
    page.get_by_text("文书内容").click()
    desk.look("sent")
    for path in ("/anomalies", "/service-exports", "/assessments/board/export"):
        desk.go(path)
        desk.look(path.strip("/").replace("/", "-"))
    phone = walker("papers-phone", PHONE)
    phone.sign_in("coordinator")
    for path in ("/papers", "/papers/service_record", "/anomalies", "/service-exports"):
        phone.go(path)
        phone.look(path.strip("/").replace("/", "-"))
