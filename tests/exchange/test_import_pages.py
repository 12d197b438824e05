"""Importing in the browser: nothing happens before it is taken, and then just what was shown."""

from __future__ import annotations

import re
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import func, select, text

from exchange import taking
from exchange.actions.drafts import WAITS, forget_files, keep_draft, month_in
from exchange.models import Flag, ImportDraft, ImportedRow, ImportRun, RefusedRows
from exchange.taking import Options
from exchange.views.taking import ON_A_PAGE
from extensions import db
from record.act import history, transaction
from record.edge import now
from scheduler.timeline.models import Resource
from tests.exchange import rooms
from tests.exchange.rooms import FILE, HEADER, POOL_TAKER, ROOM_TAKER
from tests.queries import queries_of
from tests.town import NOW


@pytest.fixture(autouse=True)
def rooms_can_be_imported():
    taking.register_taker(ROOM_TAKER)
    taking.register_taker(POOL_TAKER)
    yield
    taking._takers.pop("rooms")
    taking._takers.pop("halls")


def send(browser, content=FILE, name="rooms.csv", kind="rooms", **fields):
    form = {"file": (BytesIO(content), name), "on": "2026-11-24", **fields}
    return browser.post(f"/imports/kinds/{kind}/drafts", form, content_type="multipart/form-data")


def preview(browser, content=FILE, **kwargs):
    """The address of a preview."""
    answer = send(browser, content, **kwargs)
    assert answer.status_code == 303, answer.text
    return answer.location


def visible(html):
    """The words of a page's main part, without marks."""
    main = html.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def rows_of(html):
    """The cells of the first table's body, as words."""
    body = html.partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [" ".join(re.sub(r"<[^>]+>", " ", cell).replace("&#34;", '"').split()) for cell in row.split("</td>")[:-1]]
        for row in body.split("</tr>")[:-1]
    ]


def counters(html):
    return [int(number) for number in re.findall(r'class="how-many">(\d+)<', html)]


def in_english(browser):
    with browser.client.session_transaction() as cookie:
        cookie["language"] = "en"
    return browser


def take(browser, address, **changes):
    page = browser.get(address).text
    form = {name: re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("sha256", "shown")}
    return browser.post(f"{address}/taking", form | changes)


def count(model):
    found = db.session.scalar(select(func.count()).select_from(model))
    db.session.rollback()
    return found


def kept():
    return [count(model) for model in (ImportRun, ImportedRow, Flag, RefusedRows)]


@pytest.fixture
def browser(town):
    return in_english(town.browser(town.coordinator))


def test_a_preview_shows_every_row_with_its_reason_and_stores_nothing(browser, town):
    page = browser.get(preview(browser)).text
    assert counters(page) == [1, 1, 2, 2]
    assert rows_of(page) == [
        ["2", "一号厅", "Ready", "–"],
        ["3", "二号厅", "To be checked", "座位 “300” : More than 100 seats"],
        ["4", "三号厅", "Wrong", "座位 “若干” : The number cannot be read"],
        ["5", "一号厅", "Already there", "名称 “一号厅” : Repeats row 2; nothing new to store"],
        ["6", "听证室", "Already there", "名称 “听证室” : Already stored; nothing new to store"],
        ["7", "=1+1", "Wrong", "座位 “很多” : The number cannot be read"],
    ]
    assert "Nothing has happened yet." in visible(page)
    assert "Take 2 rows" in visible(page)
    assert kept() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("show", "numbers"),
    [("right", ["2"]), ("flagged", ["3"]), ("refused", ["4", "7"]), ("again", ["5", "6"]), ("nonsense", [])],
)
def test_a_counter_shows_its_rows_alone(browser, show, numbers):
    page = browser.get(preview(browser) + f"?show={show}").text
    assert [row[0] for row in rows_of(page)] == numbers


def test_a_long_file_comes_in_pages(browser):
    content = (HEADER + "".join(f"厅{number},20,,\n" for number in range(ON_A_PAGE + 3))).encode()
    address = preview(browser, content)
    assert len(rows_of(browser.get(address).text)) == ON_A_PAGE
    assert [row[1] for row in rows_of(browser.get(address + "?page=2").text)] == ["厅50", "厅51", "厅52"]
    assert len(rows_of(browser.get(address + "?page=99").text)) == 3
    assert len(rows_of(browser.get(address + "?page=x").text)) == ON_A_PAGE


def test_a_whole_row_is_shown_with_personal_cells_masked(browser):
    address = preview(browser)
    page = visible(browser.get(f"{address}/rows/2").text)
    assert "1740***4567" in page
    assert "17401234567" not in page
    assert browser.get(f"{address}/rows/99").status_code == 404


def test_a_personal_cell_is_shown_where_it_is_the_wrong_one(browser):
    content = (HEADER + "四号厅,20,1740123456,\n五号厅,20,17401234567,\n").encode()
    address = preview(browser, content)
    assert "1740123456" in visible(browser.get(address).text)
    assert "17401234567" not in browser.get(address).text
    assert "1740123456" in visible(browser.get(f"{address}/rows/2").text)
    assert "17401234567" not in browser.get(f"{address}/rows/3").text


def test_taking_stores_what_was_shown_and_leads_to_the_result(browser, town):
    address = preview(browser)
    answer = take(browser, address)
    assert (answer.status_code, answer.location.rpartition("/")[0]) == (303, "/imports/runs")
    page = browser.get(answer.location).text
    assert counters(page) == [2, 1, 2, 2]
    one, two = (rooms.room(name, town.office) for name in ("一号厅", "二号厅"))
    assert rows_of(page) == [["2", "一号厅"], ["3", "二号厅"]]
    assert [f'href="/office/rooms/{made.public_id}"' in page for made in (one, two)] == [True, True]
    run = db.session.scalars(select(ImportRun)).one()
    assert (history(run), run.by_id, run.file_name) == (["import.take"], town.coordinator.id, "rooms.csv")
    db.session.rollback()
    assert count(ImportDraft) == 0
    assert browser.get(address).status_code == 404


def test_pressing_twice_takes_once(browser, town):
    address = preview(browser)
    page = browser.get(address).text
    form = {name: re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("sha256", "shown")}
    first = browser.post(f"{address}/taking", form | {"form_id": "the-same"})
    again = browser.post(f"{address}/taking", form | {"form_id": "the-same"})
    assert (first.status_code, again.status_code, first.location) == (303, 303, again.location)
    assert again.headers["Idempotent-Replay"] == "true"
    assert count(ImportRun) == 1


def test_what_is_stored_meanwhile_changes_the_preview_and_nothing_is_taken(browser, town):
    address = preview(browser)
    colleague = in_english(town.browser(town.coordinator))
    page = browser.get(address).text
    form = {name: re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("sha256", "shown")}
    take(colleague, preview(colleague))
    answer = browser.post(f"{address}/taking", form)
    assert answer.status_code == 409
    assert "0 rows would be taken now. Nothing was taken." in visible(answer.text)
    assert counters(answer.text) == [0, 0, 2, 4]
    assert kept() == [1, 2, 1, 1]


@pytest.mark.parametrize(
    ("changes", "status"), [({"sha256": "0" * 64}, 409), ({"shown": "x"}, 422), ({"sha256": ""}, 422)]
)
def test_another_file_than_the_one_shown_is_not_taken(browser, changes, status):
    answer = take(browser, preview(browser), **changes)
    assert answer.status_code == status
    assert kept() == [0, 0, 0, 0]


def test_a_file_that_waits_is_encrypted_and_gone_after_a_day(browser, town):
    preview(browser)
    [content] = db.session.execute(text("SELECT content FROM import_draft")).scalars()
    assert FILE not in bytes(content) and "一号厅".encode() not in bytes(content)
    db.session.rollback()
    forget_files(now() + WAITS - timedelta(minutes=5))
    assert count(ImportDraft) == 1
    forget_files(now() + WAITS + timedelta(minutes=5))
    assert count(ImportDraft) == 0


def test_a_file_that_waited_a_day_is_not_shown_even_before_it_is_deleted(browser, town):
    draft = keep_draft(
        town.office,
        ROOM_TAKER,
        FILE,
        file_name="rooms.csv",
        options=Options(NOW.date()),
        by=town.coordinator,
        at=now() - WAITS - timedelta(seconds=1),
    )
    address = f"/imports/drafts/{draft.public_id}"
    assert browser.get(address).status_code == 404
    assert "rooms.csv" not in browser.get("/imports").text


def test_a_file_can_be_put_away(browser):
    address = preview(browser)
    assert "rooms.csv" in browser.get("/imports").text
    assert browser.post(f"{address}/discarding").status_code == 303
    assert browser.get(address).status_code == 404
    assert kept() == [0, 0, 0, 0]


def test_the_same_file_can_be_judged_as_of_another_day(browser):
    address = preview(browser)
    assert browser.post(f"{address}/options", {"on": "2027-01-05"}).status_code == 303
    assert 'value="2027-01-05"' in browser.get(address).text
    answer = browser.post(f"{address}/options", {"on": "someday"})
    assert (answer.status_code, counters(answer.text)) == (422, [1, 1, 2, 2])
    assert 'value="2027-01-05"' in browser.get(address).text


@pytest.mark.parametrize(
    ("name", "month"),
    [
        ("signin_2026_10.csv", (2026, 10)),
        ("2026-9.xlsx", (2026, 9)),
        ("签到202612.csv", (2026, 12)),
        ("2026年1月.csv", (2026, 1)),
        ("20261301.csv", None),
        ("list.csv", None),
    ],
)
def test_the_month_of_a_sheet_is_read_from_the_name_of_its_file(name, month):
    assert month_in(name) == month


def test_differences_are_shown_with_who_changed_what_is_stored(browser, town):
    take(browser, preview(browser))
    rooms.widen(rooms.room("一号厅", town.office), 25, town.clerk, now())
    db.session.remove()
    page = browser.get(preview(browser)).text
    assert "Stored otherwise than in the file" in page
    [difference] = rows_of(page.partition('id="differences-title"')[2])
    assert difference[:4] == ["2", "座位", "25", "20"]
    assert difference[4].startswith("changed here by 褚书记 since")
    assert "There is nothing new in this file to store." in visible(page)
    assert "Take" not in visible(page)
    own = browser.get(preview(browser) + "/differences").text
    assert [row[:4] for row in rows_of(own)] == [["2", "座位", "25", "20"]]


def test_the_wrong_rows_are_downloaded_before_and_after_taking_with_formulas_made_harmless(browser):
    address = preview(browser)
    before = browser.get(f"{address}/refused")
    result = take(browser, address)
    after = browser.get(f"{result.location}/refused")
    assert before.data == after.data
    assert before.content_type == "text/csv; charset=utf-8"
    assert before.headers["Content-Disposition"].startswith("attachment; filename=")
    assert before.data.decode("utf-8-sig").splitlines() == [
        "名称,座位,电话,备注,原因",
        "三号厅,若干,,,The number cannot be read",
        "'=1+1,很多,17407654321,坏,The number cannot be read",
    ]


def test_the_refused_rows_are_kept_thirty_days(browser):
    result = take(browser, preview(browser))
    forget_files(now() + timedelta(days=31))
    assert browser.get(f"{result.location}/refused").status_code == 404
    assert "Download the wrong ones" not in browser.get(result.location).text


def bomb():
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", b"<workbook>" + b" " * (200 * 1024 * 1024) + b"</workbook>")
    return stream.getvalue()


WRONG = {
    "too large": (b"a" * (10 * 1024 * 1024 + 1), "rooms.csv", "This file is larger than 10 MiB."),
    "bomb": (bomb, "rooms.xlsx", "far too large when it is unpacked"),
    "nul": (b"\x00" * 100, "rooms.csv", "The characters of this text file cannot be read"),
    "program": (b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\xff\xff", "rooms.xlsx", "cannot be read"),
    "empty": (b"", "rooms.csv", "This file is empty."),
    "blank": (b" \r\n ", "rooms.csv", "This file is empty."),
    "password": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
        "rooms.xlsx",
        "This file is protected by a password.",
    ),
    "another list": ("姓名,性别\n甲,男\n".encode(), "rooms.csv", "These columns are missing: 名称, 座位."),
    "none": (b"x", "", "Choose a file."),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_file_that_cannot_be_read_is_refused_at_its_field_and_nothing_is_kept(browser, case):
    content, name, said = WRONG[case]
    answer = send(browser, content() if callable(content) else content, name=name)
    assert answer.status_code == 422
    assert said in visible(answer.text)
    assert count(ImportDraft) == 0
    assert kept() == [0, 0, 0, 0]


def test_a_body_beyond_what_is_read_at_all_is_refused(browser):
    answer = send(browser, b"a" * (13 * 1024 * 1024))
    assert (answer.status_code, answer.location) == (303, "/imports/kinds/rooms")
    assert "files of up to 12 MB can be taken" in browser.get(answer.location).text
    assert count(ImportDraft) == 0


def test_a_file_may_be_called_anything(browser):
    name = "../../etc/pass\u202egnp.\x07🏛️名册" + "x" * 300 + ".csv"
    address = preview(browser, name=name)
    [draft] = db.session.scalars(select(ImportDraft.file_name))
    assert ("/" in draft, "\u202e" in draft, len(draft), draft[-4:]) == (False, False, 120, ".csv")
    assert browser.get(f"{address}/refused").status_code == 200
    assert take(browser, address).status_code == 303


def test_nothing_in_a_cell_becomes_part_of_the_page(browser):
    content = (HEADER + '"<script>alert(1)</script>",<img src=x onerror=alert(1)>,,\n').encode()
    page = browser.get(preview(browser, content)).text
    assert "<script>alert" not in page and "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


@pytest.fixture
def both(browser, town):
    """What the coordinator of the office and his colleague next door brought: a run, a file that waits, a doubt."""
    theirs = in_english(town.browser(town.neighbour("coordinator")))
    found = {}
    for who, one in (("mine", browser), ("theirs", theirs)):
        run = take(one, preview(one, name=f"{who}.csv"))
        found[who] = {"run": run.location, "draft": preview(one, name=f"{who}-waits.csv")}
    for who, office in (("mine", town.office), ("theirs", town.other_office)):
        flag = db.session.scalars(select(Flag).where(Flag.office_id == office.id)).one()
        found[who]["flag"] = f"/imports/flags/{flag.public_id}"
    db.session.remove()
    return found


def test_nobody_sees_what_another_office_imports(browser, both):
    mine, theirs = both["mine"], both["theirs"]
    for place in ("run", "draft", "flag"):
        assert (browser.get(mine[place]).status_code, browser.get(theirs[place]).status_code) == (200, 404)
    for path in ("/refused", "/differences", "/rows/2"):
        assert browser.get(mine["draft"] + path).status_code == 200
        assert browser.get(theirs["draft"] + path).status_code == 404
    assert browser.get(theirs["run"] + "/refused").status_code == 404
    sent = {"sha256": "0" * 64, "shown": "2", "decision": "accepted", "reason": "looked", "on": "2026-11-24"}
    for address in (
        *(theirs["draft"] + verb for verb in ("/taking", "/discarding", "/options")),
        *(theirs["flag"] + verb for verb in ("/settlement", "/reopening")),
    ):
        assert browser.post(address, sent).status_code == 404
    index = browser.get("/imports").text
    assert [name in index for name in ("mine.csv", "mine-waits.csv", "theirs.csv", "theirs-waits.csv")] == [
        True,
        True,
        False,
        False,
    ]
    assert kept() == [2, 4, 2, 2]


def test_a_file_that_waits_is_only_for_who_brought_it(browser, town):
    taking.register_taker(ROOM_TAKER)
    address = preview(browser)
    from accounts.actions.people import give_membership

    give_membership(town.clerk, town.office, "coordinator", starts_on=NOW.date(), by=None, at=NOW)
    db.session.remove()
    colleague = town.browser(town.clerk)
    assert colleague.get("/imports").status_code == 200
    assert colleague.get(address).status_code == 404


def test_who_may_import_what_depends_on_the_role(town):
    case_manager = in_english(town.browser(town.case_management))
    page = case_manager.get("/imports").text
    assert ("/imports/kinds/halls" in page, "/imports/kinds/rooms" in page) == (True, False)
    assert case_manager.get("/imports/kinds/halls").status_code == 200
    assert case_manager.get("/imports/kinds/rooms").status_code == 404
    assert send(case_manager).status_code == 404
    assert case_manager.get("/imports/kinds/nothing").status_code == 404
    prosecutor = in_english(town.browser(town.prosecutor))
    assert "/imports/kinds/cases" in prosecutor.get("/imports").text
    squad_leader = in_english(town.browser(town.squad_leader))
    assert "Nothing to import for you" in squad_leader.get("/imports").text
    for role in ("clerk", "chief", "lawyer", "volunteer", "hearing_officer", "system_admin"):
        assert town.browser(getattr(town, role)).get("/imports").status_code == 403
    assert count(ImportDraft) == 0


def test_a_run_is_seen_by_those_who_may_import_its_kind(browser, town):
    result = take(browser, preview(browser))
    assert town.browser(town.case_management).get(result.location).status_code == 404
    case_manager = town.browser(town.case_management)
    halls = take(case_manager, preview(case_manager, (HEADER + "大厅,900,,\n").encode(), kind="halls"))
    assert case_manager.get(halls.location).status_code == 200
    assert browser.get(halls.location).status_code == 404


def test_an_empty_list_to_fill_in_has_the_columns_of_its_kind(browser):
    answer = browser.get("/imports/kinds/rooms/template")
    assert answer.headers["Content-Disposition"] == "attachment; filename=rooms.xlsx"
    assert send(browser, answer.data, name="rooms.xlsx").status_code == 303


def test_the_lists_ask_the_same_however_long_they_are(browser, town):
    result = take(browser, preview(browser, (HEADER + "甲厅,900,,\n").encode()))
    pages = ("/imports", result.location, "/imports/flags", "/imports/flags?state=settled")
    few = queries_of(browser, *pages)
    more = HEADER + "".join(f"厅{number},900,,\n" for number in range(40))
    take(browser, preview(browser, more.encode()))
    for number in range(5):
        take(browser, preview(browser, (HEADER + f"乙厅{number},900,,\n").encode()))
    second = db.session.scalars(select(ImportRun).where(ImportRun.id > 1).order_by(ImportRun.id)).first().public_id
    db.session.remove()
    many = queries_of(browser, pages[0], f"/imports/runs/{second}", *pages[2:])
    assert (many, max(few) <= 25) == (few, True)


def test_what_was_stored_leads_to_its_page(browser, town):
    result = take(browser, preview(browser))
    db.session.remove()
    first = db.session.scalars(select(Resource).where(Resource.name == "一号厅")).one().public_id
    assert f'<a href="/office/rooms/{first}"><bdi>一号厅</bdi></a>' in browser.get(result.location).text
    assert '<a href="/office/rooms/' in browser.get("/imports/flags").text


def test_a_refusal_of_a_row_is_said_on_the_preview(browser, town):
    address = preview(browser)

    def store(row, office, by, at):
        from errors import Refusal

        raise Refusal()

    one = ROOM_TAKER
    taking.register_taker(
        taking.Taker("rooms", "Rooms", one.importer, one.permission, rooms.context, store, rooms.current)
    )
    answer = take(browser, address)
    assert answer.status_code == 409
    assert "Row 2 cannot be stored: This cannot be done. Nothing was taken." in visible(answer.text)
    assert browser.get(address).status_code == 200
    with transaction():
        assert kept() == [0, 0, 0, 0]
