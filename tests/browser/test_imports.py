"""Walk 2: the office moves in. A list is looked at, taken, and what was wrong comes back to be mended."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Site, Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LIST = """姓名,性别,执业机构,执业证号,联系电话
甲新来,男,枫县丁山律师事务所,19999201510123456,17400000001
乙新来,男,枫县丁山律师事务所,19999201511123457,17400000002
丙新来,男,枫县丁山律师事务所,1999920151012,17400000003
"""


def test_a_list_is_looked_at_taken_and_its_wrong_rows_come_back(walker: Callable[..., Walker], tmp_path: Path) -> None:
    file = tmp_path / "新律师.csv"
    file.write_text(LIST, encoding="gb18030")
    desk = walker("import-desk")
    page = desk.sign_in("coordinator")
    desk.go("/imports")
    desk.look("kinds")
    desk.go("/imports/kinds/lawyers")
    desk.look("kind")
    page.locator("input[type=file]").set_input_files(file)
    page.locator("main .btn-main").click()
    page.wait_for_url(lambda url: "/drafts/" in url)
    desk.look("preview")
    rows = page.locator("main tbody tr")
    assert [("乙新来" in row or "丙新来" in row) for row in rows.all_inner_texts()].count(True) >= 2
    page.locator("main .btn-main").first.click()
    page.wait_for_url(lambda url: "/runs/" in url)
    desk.look("taken")
    with page.expect_download() as wrong:
        page.get_by_role("link", name=re.compile("下载|Download")).first.click()
    assert wrong.value.suggested_filename.startswith("新律师")
    returned = Path(wrong.value.path()).read_bytes().decode("utf-8-sig")
    assert [line.split(",")[0] for line in returned.splitlines()] == ["姓名", "丙新来"]
    assert returned.splitlines()[0].endswith("原因")
    desk.go("/people?q=乙新来")
    expect(page.get_by_role("link", name="乙新来")).to_have_count(1)
    desk.go("/imports/flags")
    desk.look("flags")
    expect(page.get_by_text("乙新来").first).to_be_attached()


def test_the_same_file_again_changes_nothing(walker: Callable[..., Walker], site: Site, tmp_path: Path) -> None:
    file = tmp_path / "lawyers.csv"
    file.write_text(LIST, encoding="utf-8")
    first = site.command("import", "lawyers", str(file), "--lang", "en")
    again = site.command("import", "lawyers", str(file), "--lang", "en")
    assert "already there 2, refused 1" in again, (first, again)
    assert "taken 0" in again


def test_the_lists_can_be_brought_from_a_phone(walker: Callable[..., Walker]) -> None:
    phone = walker("import-phone", PHONE)
    phone.sign_in("coordinator")
    for place in ("/imports", "/imports/kinds/volunteers", "/imports/flags"):
        phone.go(place)
        phone.look(place.strip("/").replace("/", "-"))
