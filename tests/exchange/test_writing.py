"""Writing files no program takes for formulas, and reading back what was written."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook

from exchange.guarding import guarded, unguarded
from exchange.judging import judge, why
from exchange.reading import read_sheets
from exchange.tidy import check_digit
from exchange.writing import refused_file, write, write_csv, write_xlsx
from volunteers.rules.intake import INTAKE

FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://127.0.0.1","点我")',
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u3000=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "=cmd|' /C calc'!A0",
    "'=1+1",
    "''=1+1",
    "'",
    "''",
    "+8617402710083",
    "-",
    "{=1+1}",
    'a"=1+1',
    "a,=1+1",
    "\ufeff=1+1",
]
NAMES = [
    "阿卜杜拉·买买提",
    "𠮷野䶮",
    "👨\u200d👩\u200d👧",
    "e\u0301mile",
    "长" * 60,
    "",
    "無 心",
    '引"号',
    "逗,号;分\t制",
]


def read_back(content: bytes) -> list[tuple[str, ...]]:
    [sheet] = read_sheets(content)
    return [row.cells for row in sheet.rows]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("text", [*FORMULAS, *NAMES])
def test_formula_corpus_reads_back_as_the_same_text(kind, text):
    written = text.replace("\r", "\n") if kind == "xlsx" else text  # a workbook knows one kind of line break
    assert read_back(write(kind, ["a", "b", "c"], [["x", text, "y"]])) == [("a", "b", "c"), ("x", written, "y")]


def test_formula_cells_do_not_stand_in_a_written_workbook():
    book = load_workbook(BytesIO(write_xlsx(["a"], [[text] for text in FORMULAS])))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert len(cells) == len(FORMULAS) + 1
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix for cell in cells)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_whole_numbers_can_be_summed_below_nothing_as_well(kind):
    content = write(kind, ["a"], [[90], [-90]])
    assert read_back(content) == [("a",), ("90",), ("-90",)]
    if kind == "xlsx":
        assert [cell.value for (cell,) in load_workbook(BytesIO(content)).active.iter_rows(min_row=2)] == [90, -90]


def test_formula_cells_of_a_written_text_file_begin_with_an_apostrophe():
    text = write_csv(["a"], [[formula] for formula in FORMULAS if not formula.startswith(("{", "a"))]).decode(
        "utf-8-sig"
    )
    rows = list(csv.reader(StringIO(text, newline="")))
    assert {row[0][0] for row in rows[1:]} == {"'"}


def test_a_guard_is_put_on_only_where_it_is_needed():
    assert [guarded(text) for text in ("沈正华", "2026-10-08", "10.8", "—", "'s", "枫-1")] == [
        "沈正华",
        "2026-10-08",
        "10.8",
        "—",
        "'s",
        "枫-1",
    ]


@given(st.text("='+-@＝－\t\r\n a1", max_size=8) | st.text())
@example("'\n=")
def test_a_guard_comes_off_as_it_was_put_on(text):
    assert unguarded(guarded(text)) == text
    assert guarded(text) == text or guarded(text) == "'" + text


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=1, max_size=5))
@example(["\x00", "x"])
def test_any_row_of_a_text_file_reads_back(cells):
    assert read_back(write_csv(["h"] * 6, [[*cells, "end"]]))[1:] == [(*cells, "end")]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20), min_size=1, max_size=5))
def test_any_row_of_a_workbook_reads_back(cells):
    kept = tuple(text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd") for text in cells)
    assert read_back(write_xlsx(["h"] * 6, [[*cells, "end"]]))[1:] == [(*kept, "end")]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("text", ["a\x00b", "a\x07b", "\ud800", "\uffff", "字" * 40_000])
def test_what_a_file_cannot_hold_never_stops_the_writing(kind, text):
    assert write(kind, ["a"], [[text]])


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("file", ["volunteers.xlsx", "signin_2026_10.csv", "posts.csv", "hearing_officers.xlsx"])
def test_refused_rows_come_back_with_the_same_columns_and_the_reason(kind, file, judged):
    one = judged[file]
    header, *rows = read_back(refused_file(one, kind, str))
    assert header == (*one.headers, "原因")
    assert [row[-1] for row in rows] == [why(one.importer, finding, str) for finding in one.refused]
    width = len(one.headers)
    assert [row[:width] for row in rows] == [(*r.cells, *[""] * (width - len(r.cells))) for r in one.refused_rows]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_refused_file_sent_back_as_it_is_gives_the_same_refusals(kind, judged, office):
    once = judged["volunteers.xlsx"]
    again = office.judge("volunteers.xlsx", refused_file(once, kind, str))
    assert [finding.code for finding in again.refused] == [finding.code for finding in once.refused]
    assert again.headers == (*once.headers, "原因")
    thrice = office.judge("volunteers.xlsx", refused_file(again, kind, str))
    assert thrice.headers == again.headers


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_mended_refused_file_is_taken_whole(kind, judged, office):
    header, *rows = read_back(refused_file(judged["volunteers.xlsx"], kind, str))
    right = "99999919981016225" + check_digit("99999919981016225")
    mended = {"2026-08-31": "2026-10-31", "999999199810162250": right, "未检出": "156", "待定": "2026-12-03"}
    result = office.judge("volunteers.xlsx", write(kind, header, [[mended.get(c, c) for c in row] for row in rows]))
    assert (result.taken, result.refused) == (4, ())


def test_a_row_refused_for_several_reasons_names_them_all(table_of, office):
    row = {"name": "李磊", "id_number": "123", "case_number": "", "blood_alcohol": "178", "first_on": "2026-10-01"}
    result = judge(table_of(INTAKE, row), INTAKE, office.context("volunteers.xlsx"))
    assert [finding.code for finding in result.refused] == ["id_check_digit"]
    [_, cells] = read_back(refused_file(result, "csv", str))
    assert cells[-1] == "; ".join(
        ["Check digit of the ID number is wrong", "This cell must not be empty", "The date is missing"]
    )


def test_a_formula_in_a_refused_row_leaves_as_harmless_text(judged):
    content = refused_file(judged["signin_2026_10.csv"], "xlsx", str)
    book = load_workbook(BytesIO(content))
    formulas = [cell for row in book.active.iter_rows() for cell in row if cell.value and cell.value.startswith("=")]
    assert [(cell.value, cell.data_type) for cell in formulas] == [('=HYPERLINK("http://127.0.0.1","点我")', "s")]
