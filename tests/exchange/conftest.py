"""The five files of the demonstration office, judged once, and small makers of files."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from exchange.judging import Context, Importer, Judged, judge
from exchange.reading import read_table
from exchange.sheets import Row, Table
from hearings.rules.pool import POOL, PoolContext
from lawyers.rules.register import REGISTER
from volunteers.rules.intake import INTAKE, IntakeContext
from volunteers.rules.known import Known, person_of, post_of, sign_in_of
from volunteers.rules.posts import POSTS
from volunteers.rules.sheet import SHEET, SheetContext, context_of

DATA = Path(__file__).parent.parent / "data"
ON = date(2026, 11, 24)
INTAKE_LINES = {"drunk": Decimal(80), "minor_line": Decimal(150), "probation_line": Decimal(180), "exempt_age": 65}


def october_holiday(on: date) -> bool:
    return date(2026, 10, 1) <= on <= date(2026, 10, 7)


def sheet_context(known: Known, on: date = ON) -> SheetContext:
    return context_of(on, (2026, 10), known, october_holiday)


class Office:
    """Judges the five files as of a day; `stored` are results of an earlier judging."""

    def __init__(self, on: date = ON, stored: dict[str, Judged] | None = None) -> None:
        self.on, self.stored = on, stored or {}

    def identities(self, file: str) -> frozenset[Any]:
        return self.stored[file].identities if file in self.stored else frozenset()

    def context(self, file: str) -> Context:
        on, stored = self.on, self.identities(file)
        if file == "volunteers.xlsx":
            return IntakeContext(on=on, stored=stored, **INTAKE_LINES)
        if file == "hearing_officers.xlsx":
            return PoolContext(on=on, stored=stored, min_age=23, term_years=2)
        return Context(on=on, stored=stored)

    def judge(self, file: str, content: bytes | None = None) -> Judged:
        importers: dict[str, Importer[Any]] = {
            "lawyers.xlsx": REGISTER,
            "posts.csv": POSTS,
            "volunteers.xlsx": INTAKE,
            "hearing_officers.xlsx": POOL,
            "signin_2026_10.csv": SHEET,
        }
        importer = importers[file]
        table = read_table(content or (DATA / file).read_bytes(), importer.columns)
        if importer is SHEET:
            posts = [post_of(row.values) for row in self.judge_fresh("posts.csv").rows]
            people = [person_of(row.values) for row in self.judge_fresh("volunteers.xlsx").rows]
            stored = [sign_in_of(row.values) for row in self.stored[file].rows] if file in self.stored else []
            return judge(table, importer, sheet_context(Known.of(posts, people, stored), self.on))
        return judge(table, importer, self.context(file))

    def judge_fresh(self, file: str) -> Judged:
        return Office(self.on).judge(file)


@pytest.fixture(scope="session")
def office() -> Office:
    return Office()


@pytest.fixture(scope="session")
def office_with() -> type[Office]:
    return Office


@pytest.fixture(scope="session")
def expected() -> dict[str, Any]:
    return json.loads((DATA / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def judged(office: Office) -> dict[str, Judged]:
    files = ("lawyers.xlsx", "posts.csv", "volunteers.xlsx", "hearing_officers.xlsx", "signin_2026_10.csv")
    return {file: office.judge(file) for file in files}


@pytest.fixture(scope="session")
def data() -> Path:
    return DATA


@pytest.fixture(scope="session")
def workbook() -> Callable[..., bytes]:
    """Makes an .xlsx of rows; several sheets by title."""

    def make(rows: Sequence[Sequence[Any]] = (), **sheets: Sequence[Sequence[Any]]) -> bytes:
        book = Workbook()
        book.remove(book.active)
        for title, cells in (sheets or {"Sheet1": rows}).items():
            sheet = book.create_sheet(title)
            for one in cells:
                sheet.append(list(one))
        stream = BytesIO()
        book.save(stream)
        return stream.getvalue()

    return make


@pytest.fixture(scope="session")
def table_of() -> Callable[..., Table]:
    """A table of an importer's columns by key, one dict of cells a row; rows are numbered from 2."""

    def make(importer: Importer[Any], *rows: dict[str, str]) -> Table:
        keys = [column.key for column in importer.columns]
        return Table(
            header_row=1,
            headers=tuple(column.names[0] for column in importer.columns),
            places={key: place for place, key in enumerate(keys)},
            rows=tuple(
                Row(number, tuple(row.get(key, "") for key in keys)) for number, row in enumerate(rows, start=2)
            ),
        )

    return make
