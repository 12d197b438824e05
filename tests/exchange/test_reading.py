"""Reading files: what they are, which sheet and row hold the list, and what is refused as a whole."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, time, timedelta
from io import BytesIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from errors import Refusal
from exchange import reading_xlsx, refusals
from exchange.reading import read_sheets, read_table
from exchange.reading_csv import decode
from exchange.sheets import MAX_BYTES, MAX_CELL, MAX_COLUMNS, MAX_ROWS, Row
from hearings.rules.pool import POOL
from lawyers.rules.register import REGISTER
from volunteers.rules.posts import POSTS
from volunteers.rules.sheet import SHEET


def rows_of(content: bytes) -> list[tuple[int, tuple[str, ...]]]:
    [sheet] = read_sheets(content)
    return [(row.number, row.cells) for row in sheet.rows]


def zipped(**parts: bytes | str) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def saved(book: Workbook) -> bytes:
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_cells_read_as_a_person_reads_them():
    book = Workbook()
    moment = datetime(2026, 10, 8, 7, 30)  # a workbook knows no zones
    cells = [date(2024, 6, 30), moment, time(7, 30), 20240418, 201.3, 17402381501.0, True, None]
    for place, value in enumerate([*cells, " 2026/10/15", "=1+1", 0.1 + 0.2, timedelta(hours=26)], start=1):
        book.active.cell(2, place, value)
    assert rows_of(saved(book)) == [
        (
            2,
            (
                "2024-06-30",
                "2026-10-08 07:30",
                "07:30",
                "20240418",
                "201.3",
                "17402381501",
                "TRUE",
                "",
                " 2026/10/15",
                "=1+1",
                "0.3",
                "26:00",
            ),
        )
    ]


def test_a_number_keeps_the_zeros_its_format_shows_and_never_loses_a_digit():
    book = Workbook()
    for place, (value, shown_as) in enumerate([(10.2, "0.00"), (178, "0.0"), (170.28, "0.0"), (170.28, "0")], start=1):
        book.active.cell(1, place, value).number_format = shown_as
    assert rows_of(saved(book)) == [(1, ("10.20", "178.0", "170.28", "170.28"))]


def test_an_array_formula_reads_as_its_text():
    book = Workbook()
    book.active["A1"] = ArrayFormula("A1:A2", "=SUM(B1:B2)")
    assert rows_of(saved(book)) == [(1, ("=SUM(B1:B2)",))]


def test_rows_keep_the_numbers_of_the_spreadsheet(workbook):
    assert rows_of(workbook([["a"], [], [None, "b"], [], ["c"]])) == [(1, ("a",)), (3, ("", "b")), (5, ("c",))]
    assert rows_of(b"a\r\n\r\n,b\r\n,,\r\nc\r\n") == [(1, ("a",)), (3, ("", "b")), (5, ("c",))]


def test_a_line_break_inside_quotation_marks_is_no_new_row():
    assert rows_of(b'a,"b\nc"\nd,e\n') == [(1, ("a", "b\nc")), (2, ("d", "e"))]


TEXT = "岗位,人数\n枫林路与人民路口,12\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030", "utf-16-le", "utf-16-be"])
def test_a_text_file_is_read_in_the_encodings_offices_use(encoding):
    assert decode(TEXT.encode(encoding)) == TEXT


def test_rare_characters_survive_gb18030_and_utf8():
    assert decode("𠮷䶮,👨\u200d👩\n".encode("gb18030")) == "𠮷䶮,👨\u200d👩\n"
    assert decode("𠮷䶮,👨\u200d👩\n".encode()) == "𠮷䶮,👨\u200d👩\n"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_text_file_is_separated_by_comma_semicolon_or_tab(separator):
    text = f"标题\n岗位{separator}容纳人数{separator}备注\n东门{separator}4{separator}甲,乙\n".replace(
        "甲,乙", '"甲,乙;丙"'
    )
    assert rows_of(text.encode()) == [(1, ("标题",)), (2, ("岗位", "容纳人数", "备注")), (3, ("东门", "4", "甲,乙;丙"))]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", refusals.EmptyFile),
        (b" \r\n ", refusals.EmptyFile),
        (b",,,\n,,\n", refusals.EmptyFile),
        (b"\xef\xbb\xbf", refusals.EmptyFile),
        (b"x" * (MAX_BYTES + 1), refusals.FileTooLarge),
        (b"%PDF-1.7\n", refusals.WrongType),
        (b"<html><table><tr><td>a</td></tr></table></html>", refusals.WrongType),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), refusals.WrongType),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), refusals.PasswordProtected),
        (zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"), refusals.WrongType),
        (b"PK\x03\x04 and then nothing", refusals.Unreadable),
        (b"a,b\n\xff\xfe\xfd\n", refusals.UnknownEncoding),
        (b'a,"b\nc,d\n', refusals.Unreadable),
        (b"a," + b"x" * (MAX_CELL + 1), refusals.CellTooLong),
        (b"a," + b"x" * (MAX_BYTES - 2), refusals.CellTooLong),
        (b"," * MAX_COLUMNS + b"x\n", refusals.TooManyColumns),
        (b"a,b\n" * (MAX_ROWS + 1), refusals.TooManyRows),
        (b"\n" * 100_000 + b"a\n", refusals.TooManyRows),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_its_own_name(content, refusal):
    with pytest.raises(refusal) as caught:
        read_sheets(content)
    assert type(caught.value) is refusal
    assert caught.value.message % caught.value.facts
    assert caught.value.help


def test_files_at_their_limits_are_read():
    assert len(rows_of(b"a,b\n" * MAX_ROWS)) == MAX_ROWS
    assert len(rows_of(b"," * (MAX_COLUMNS - 1) + b"x\n")[0][1]) == MAX_COLUMNS
    assert len(rows_of(b"a," + b"x" * MAX_CELL)[0][1][1]) == MAX_CELL


def test_an_empty_workbook_is_an_empty_file(workbook):
    with pytest.raises(refusals.EmptyFile):
        read_sheets(workbook([]))


def workbook_parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sheet_with(workbook, data: str, head: str = "") -> bytes:
    """A workbook whose sheet's XML is replaced."""
    parts = workbook_parts(workbook([["a"]]))
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'{head}<worksheet xmlns="{namespace}"><sheetData>{data}</sheetData></worksheet>'
    return zipped(**{**parts, "xl/worksheets/sheet1.xml": sheet})


def test_a_zip_bomb_is_refused_before_it_is_unpacked(workbook, monkeypatch):
    parts = workbook_parts(workbook([["a"]]))
    bomb = zipped(**{**parts, "xl/media/bomb.bin": bytes(reading_xlsx.MAX_UNPACKED)})
    assert len(bomb) < 200_000
    monkeypatch.setattr(reading_xlsx, "load_workbook", lambda *_, **__: pytest.fail("parsed"))
    with pytest.raises(refusals.UnpacksTooLarge):
        read_sheets(bomb)


def test_a_file_of_far_too_many_tags_is_refused(workbook):
    with pytest.raises(refusals.UnpacksTooLarge):
        read_sheets(sheet_with(workbook, "<c/>" * reading_xlsx.MAX_TAGS))


def test_a_workbook_without_styles_of_its_own_is_read_without_a_warning(shared_parts):
    empty = b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    assert rows_of(zipped(**{**shared_parts, "xl/styles.xml": empty}))[0][0] == 2


def test_entities_are_not_expanded(workbook):
    head = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    with pytest.raises(refusals.Unreadable):
        read_sheets(sheet_with(workbook, '<row r="1"><c t="inlineStr"><is><t>&b;</t></is></c></row>', head))


def test_a_workbook_says_where_its_rows_and_columns_stop(workbook):
    cell = '<c r="{}" t="inlineStr"><is><t>x</t></is></c>'
    for data, refusal in [
        (f'<row r="100001">{cell.format("A100001")}</row>', refusals.TooManyRows),
        ('<row r="99999999999"></row>', refusals.TooManyRows),
        (f'<row r="1">{cell.format("BM1")}</row>', refusals.TooManyColumns),
        (f'<row r="1">{cell.format("A1").replace("x", "x" * (MAX_CELL + 1))}</row>', refusals.CellTooLong),
        (f'<row r="1">{cell.format("A1").replace("x", "x" * (10 * 1024 * 1024))}</row>', refusals.CellTooLong),
        (f'<row r="no">{cell.format("A1")}</row>', refusals.Unreadable),
    ]:
        with pytest.raises(refusal):
            read_sheets(sheet_with(workbook, data))
    assert rows_of(sheet_with(workbook, f'<row r="100000">{cell.format("BL100000")}</row>'))[0][0] == 100_000


def test_an_encrypted_entry_asks_for_a_file_without_password(workbook):
    content = bytearray(workbook([["a"]]))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(signature) + offset] |= 1
    with pytest.raises(refusals.PasswordProtected):
        read_sheets(bytes(content))


def test_a_sheet_is_read_whatever_it_says_of_its_own_size(workbook):
    row = '<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>'
    parts = workbook_parts(sheet_with(workbook, row))
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')
    assert rows_of(zipped(**{**parts, "xl/worksheets/sheet1.xml": sheet})) == [(1, ("x",))]


HEADER = ["姓名", "出生日期", "入库时间"]
PERSON = ["李国庆", "1988-05-01", "2026-03-09"]


def test_the_header_stands_below_merged_titles_and_notes_are_no_rows(workbook):
    table = read_table(workbook([["听证员库"], [], HEADER, PERSON, [], ["注:仅供内部使用"], PERSON]), POOL.columns)
    assert (table.header_row, table.headers) == (3, tuple(HEADER))
    assert table.rows == (Row(4, tuple(PERSON)), Row(7, tuple(PERSON)))


def test_a_row_of_which_only_the_name_is_filled_is_a_row_where_the_name_is_not_the_first_cell(workbook):
    table = read_table(workbook([["序号", *HEADER], ["", "李国庆"], ["合计1人"]]), POOL.columns)
    assert table.rows == (Row(2, ("", "李国庆")),)


def test_header_names_are_found_whatever_their_spelling_and_order(workbook):
    header = ["入库 时间", "备注（请假）", "出生日期:", " 姓名* ", "无关"]
    table = read_table(workbook([header, ["2026-03-09", "b", "1988-05-01", "李国庆", "x"]]), POOL.columns)
    assert table.places == {"joined_on": 0, "remark": 1, "born_on": 2, "name": 3}


def test_a_known_bracket_and_an_unknown_one_both_lead_to_the_column(data):
    table = read_table((data / "signin_2026_10.csv").read_bytes(), SHEET.columns)
    assert table.places["minutes_stated"] == 6
    table = read_table((data / "lawyers.xlsx").read_bytes(), REGISTER.columns)
    assert table.headers[table.places["remark"]] == "备注(请假、回避)"


def test_missing_columns_are_named(workbook):
    with pytest.raises(refusals.ColumnsMissing) as refusal:
        read_table(workbook([["听证员库"], ["姓名", "性别", "出生日期"], ["李国庆", "男", "1988-05-01"]]), POOL.columns)
    assert refusal.value.facts == {"columns": "入库时间", "row": 2}
    assert refusal.value.code == "columns_missing"


def test_where_no_row_is_a_header_every_mandatory_column_is_missing():
    with pytest.raises(refusals.ColumnsMissing) as refusal:
        read_table(b"1,2,3\n4,5,6\n", POSTS.columns)
    assert refusal.value.facts == {"columns": "岗位, 容纳人数, 早高峰, 晚高峰", "row": 0}


def test_another_list_is_not_taken_for_this_one(data):
    with pytest.raises(refusals.ColumnsMissing):
        read_table((data / "lawyers.xlsx").read_bytes(), POOL.columns)


def test_the_list_is_found_on_any_visible_sheet(workbook):
    table = read_table(workbook(说明=[["请看第二页"]], 名单=[HEADER, PERSON], 空表=[HEADER]), POOL.columns)
    assert table.rows == (Row(2, tuple(PERSON)),)


def test_two_filled_lists_in_one_file_are_refused(workbook):
    with pytest.raises(refusals.SeveralLists) as refusal:
        read_table(workbook(甲=[HEADER, PERSON], 乙=[HEADER, PERSON]), POOL.columns)
    assert refusal.value.facts == {"sheets": "甲, 乙"}


def test_a_list_without_rows_has_no_rows(workbook):
    assert read_table(workbook([HEADER]), POOL.columns).rows == ()


@settings(max_examples=300)
@given(st.one_of(st.binary(), st.binary().map(lambda b: b"PK\x03\x04" + b), st.text().map(str.encode)))
@example(b"\xff\xfe\x00")
@example(b"\xfe\xff\xd8\x00")
@example(b"\x00,\x00\n\x00a")
@example(b'a\rb\r\n"c')
def test_whatever_the_bytes_only_refusals_are_raised(content):
    try:
        read_sheets(content)
        read_table(content, POSTS.columns)
    except Refusal as refusal:
        assert refusal.code != "refused"


@pytest.fixture(scope="module")
def sound(workbook):
    return workbook([HEADER, PERSON, ["=1+1", 4.5, None]])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=4), st.integers(1, 10**6))
def test_a_damaged_workbook_only_raises_refusals(sound, changes, cut):
    content = bytearray(sound)
    for place, byte in changes:
        content[place % len(content)] = byte
    for damaged in (bytes(content), bytes(content[: cut % len(content)])):
        try:
            read_table(damaged, POOL.columns)
        except Refusal as refusal:
            assert refusal.code != "refused"


PARTS = ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml", "xl/sharedStrings.xml"]


@pytest.fixture(scope="module")
def shared_parts(workbook):
    """A workbook as spreadsheet programs write it: texts in a part of their own, one of them in two styles."""
    parts = workbook_parts(workbook([["a", 20240418]]))
    namespace = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        b"</Types>", f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'.encode()
    )
    parts["xl/sharedStrings.xml"] = (
        f'<sst {namespace} count="2" uniqueCount="2"><si><t>姓名</t></si><si><r><t>沈</t></r>'
        '<r><rPr><b/></rPr><t xml:space="preserve"> 正华</t></r><rPh sb="0" eb="1"><t>shen</t></rPh></si></sst>'
    ).encode()
    parts["xl/worksheets/sheet1.xml"] = (
        f'<worksheet {namespace}><sheetData><row r="2"><c r="B2" t="s"><v>0</v></c><c r="C2" t="s"><v>1</v></c>'
        '<c r="D2"><v>17402381501</v></c><c r="E2"><f>1+1</f><v>2</v></c></row></sheetData></worksheet>'
    ).encode()
    return parts


def test_texts_in_a_part_of_their_own_are_read_with_all_their_styles(shared_parts):
    assert rows_of(zipped(**shared_parts)) == [(2, ("", "姓名", "沈 正华", "17402381501", "=1+1"))]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PARTS), st.integers(0, 5000), st.binary(max_size=6))
def test_a_workbook_with_damaged_xml_only_raises_refusals(shared_parts, part, at, bytes_put):
    parts = dict(shared_parts)
    at %= len(parts[part])
    parts[part] = parts[part][:at] + bytes_put + parts[part][at + len(bytes_put) :]
    try:
        read_sheets(zipped(**parts))
    except Refusal as refusal:
        assert refusal.code != "refused"
