"""`flask import` from end to end: what it prints, what it stores, how it ends."""

from __future__ import annotations

import csv
import json
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from exchange import taking
from exchange.models import Flag, ImportedRow, ImportRun
from extensions import db
from record.models import Act
from scheduler.timeline.models import Resource
from tests.engines import LONG_ON_POSTGRESQL
from tests.exchange.rooms import FILE, HEADER, ROOM_TAKER

OFFICE = "枫县人民检察院"


@pytest.fixture(autouse=True)
def rooms_can_be_imported():
    taking.register_taker(ROOM_TAKER)
    yield
    taking._takers.pop("rooms")


@pytest.fixture
def run(app, town, tmp_path):
    """Runs `flask import` as a shell would, with the file it is given."""
    db.session.remove()

    def run(kind, content, *options, name="rooms.csv", office=OFFICE):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        place = ["--office", office] if office else []
        result = app.test_cli_runner().invoke(args=["import", kind, str(path), *place, *options])
        db.session.remove()
        return result

    return run


def runs():
    return db.session.scalar(select(func.count()).select_from(ImportRun))


def finding(row, column, value, code, why):
    return {"row": row, "column": column, "value": value, "code": code, "why_zh": None, "why_en": why}


def answer(result):
    """The JSON it printed, without the sentences in Chinese."""
    found = json.loads(result.stdout)
    for shape in found.values():
        for part in ("flagged", "refused", "already_there_rows"):
            for one in shape[part]:
                assert one["why_zh"]
                one["why_zh"] = None
    return found


EXPECTED = {
    "header_row": 1,
    "rows_total": 6,
    "taken": 2,
    "already_there": 2,
    "flagged": [finding(3, "座位", "300", "room_huge", "More than 100 seats")],
    "refused": [
        finding(4, "座位", "若干", "number_unreadable", "The number cannot be read"),
        finding(7, "座位", "很多", "number_unreadable", "The number cannot be read"),
    ],
    "already_there_rows": [
        finding(5, "名称", "一号厅", "same_row_again", "Repeats row 2; nothing new to store"),
        finding(6, "名称", "听证室", "same_row_again", "Already stored; nothing new to store"),
    ],
}


def test_json_is_the_answer_keyed_by_the_name_of_the_file(run):
    result = run("rooms", FILE, "--json", "--on", "2026-11-24")
    assert (result.exit_code, answer(result)) == (0, {"rooms.csv": EXPECTED})
    assert runs() == 1


def test_a_dry_run_answers_the_same_and_stores_nothing(run):
    result = run("rooms", FILE, "--json", "--dry-run")
    assert (result.exit_code, answer(result)) == (0, {"rooms.csv": EXPECTED})
    assert runs() == 0
    assert db.session.scalar(select(func.count()).where(Resource.name == "一号厅")) == 0


def test_a_dry_run_judges_against_what_is_stored(run):
    run("rooms", FILE)
    found = answer(run("rooms", FILE, "--json", "--dry-run"))["rooms.csv"]
    assert (found["taken"], found["already_there"], len(found["refused"])) == (0, 4, 2)
    assert runs() == 1


def test_the_program_itself_acts_by_way_of_a_command(run, town):
    run("rooms", FILE)
    taken = db.session.scalars(select(Act).where(Act.name == "import.take")).one()
    assert (taken.actor_id, taken.origin, taken.office_id) == (None, {"via": "command"}, town.office.id)


def test_sentences_name_what_was_refused_and_doubted(run):
    result = run("rooms", FILE, "--lang", "en")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "Rows 6: taken 2 (1 to be checked), already there 2, refused 2.",
        "Refused:",
        "  4 · 座位 · 若干: The number cannot be read",
        "  7 · 座位 · 很多: The number cannot be read",
        "To be checked:",
        "  3 · 座位 · 300: More than 100 seats",
    ]


def test_differences_are_listed_and_left_as_they_are(run):
    run("rooms", FILE)
    result = run("rooms", (HEADER + "一号厅,30,,\n").encode(), "--lang", "en")
    assert result.stdout.splitlines()[1:] == [
        "Stored otherwise than in the file, and left as it is:",
        "  2 · 座位: stored “20”, in the file “30” (the file is newer)",
    ]


@pytest.mark.parametrize("name", ["refused.csv", "refused.xlsx", "refused"])
def test_the_refused_rows_are_written_with_their_reason_and_no_formula(run, tmp_path, name):
    out = tmp_path / name
    run("rooms", FILE, "--dry-run", "--refused", str(out), "--lang", "en")
    content = out.read_bytes()
    if name.endswith(".xlsx"):
        sheet = load_workbook(BytesIO(content)).active
        rows = [[cell.value or "" for cell in row] for row in sheet.iter_rows()]
        assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
        formula = "=1+1"
    else:
        rows = list(csv.reader(StringIO(content.decode("utf-8-sig"))))
        formula = "'=1+1"
    assert rows == [
        ["名称", "座位", "电话", "备注", "原因"],
        ["三号厅", "若干", "", "", "The number cannot be read"],
        [formula, "很多", "17407654321", "坏", "The number cannot be read"],
    ]


def test_what_was_mended_can_be_sent_again(run, tmp_path):
    out = tmp_path / "again.csv"
    run("rooms", FILE, "--refused", str(out))
    mended = out.read_bytes().replace("若干".encode(), b"30")
    found = answer(run("rooms", mended, "--json"))["rooms.csv"]
    assert (found["taken"], [one["row"] for one in found["refused"]]) == (1, [3])


PROTECTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
WRONG = [
    (["rooms", None], "cannot be read: No such file"),
    (["rooms", b""], "This file is empty."),
    (["rooms", b"MZ\x90\x00\x03\x00\x00\x00"], "The characters of this text file cannot be read"),
    (["rooms", "一,二\n三,四\n".encode()], "These columns are missing: 名称, 座位."),
    (["rooms", b"%PDF-1.7"], "This is neither an .xlsx nor a .csv file."),
    (
        ["rooms", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")],
        "protected by a password",
    ),
    (["rooms", b"PK\x03\x04 broken"], "damaged"),
    (["rooms", b"a" * (10 * 1024 * 1024 + 1)], "larger than 10 MiB"),
    (["nothing", FILE], "There is no list called “nothing”"),
    (["rooms", FILE, "--on", "24.11.2026"], "is no date like 2026-11-24"),
    (["rooms", FILE, "--on", "2026-02-30"], "is no date like 2026-11-24"),
    (["rooms", FILE, "--month", "2026-13"], "is no month like 2026-10"),
    (["rooms", FILE, "--month", "10"], "is no month like 2026-10"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG)
def test_what_cannot_be_understood_ends_with_two_and_stores_nothing(run, arguments, said):
    kind, content, *options = arguments
    result = run(kind, content, *options, "--lang", "en")
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert runs() == 0


def test_an_office_must_be_named_where_there_are_several(run):
    result = run("rooms", FILE, "--lang", "en", office=None)
    assert result.exit_code == 2
    assert "Say which office with --office: 枫县人民检察院, 邻县人民检察院." in result.stderr
    result = run("rooms", FILE, "--lang", "en", office="无此院")
    assert result.exit_code == 2
    assert "There is no office called “无此院”." in result.stderr


FILES = (
    ("lawyers", "lawyers.xlsx"),
    ("posts", "posts.csv"),
    ("volunteers", "volunteers.xlsx"),
    ("hearing-officers", "hearing_officers.xlsx"),
    ("signins", "signin_2026_10.csv"),
)


def without_why(shape):
    if isinstance(shape, dict):
        return {key: without_why(value) for key, value in shape.items() if not key.startswith("why_")}
    return [without_why(one) for one in shape] if isinstance(shape, list) else shape


@LONG_ON_POSTGRESQL
def test_the_five_files_of_an_office_move_in_exactly_as_expected_and_a_second_time_change_nothing(run, data, expected):
    first, second, differing = {}, {}, []
    for kind, name in FILES:
        content = (data / name).read_bytes()
        options = ("--on", "2026-11-24", "--month", "2026-10")
        dry = run(kind, content, "--json", "--dry-run", *options, name=name)
        result = run(kind, content, "--json", *options, name=name)
        assert (dry.exit_code, dry.stdout) == (0, result.stdout)
        first |= without_why(json.loads(result.stdout))
    assert first == without_why(expected)
    stored = db.session.scalar(select(func.count()).select_from(ImportedRow))
    for kind, name in FILES:
        content = (data / name).read_bytes()
        result = run(kind, content, "--json", "--on", "2026-11-24", "--month", "2026-10", name=name)
        second |= json.loads(result.stdout)
        said = run(kind, content, "--dry-run", "--on", "2026-11-24", "--month", "2026-10", "--lang", "en", name=name)
        differing += [name for line in said.stdout.splitlines() if line.startswith("Stored otherwise")]
    assert differing == []
    assert {name: (one["taken"], one["already_there"]) for name, one in second.items()} == {
        name: (0, one["taken"] + one["already_there"]) for name, one in first.items()
    }
    assert db.session.scalar(select(func.count()).select_from(ImportedRow)) == stored
    assert db.session.scalar(select(func.count()).select_from(Flag)) == sum(
        len(one["flagged"]) for one in first.values()
    )
