"""Cells of an .xlsx workbook as they read, without evaluating anything. Pure.

openpyxl parses with defusedxml (no entities, no external documents) in its read-only mode; before it sees the archive,
the unpacked size and the number of tags are counted, so that a small file cannot fill the memory.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

from openpyxl import DEFUSEDXML, load_workbook
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from exchange.refusals import (
    FileRefused,
    PasswordProtected,
    TooManyRows,
    UnpacksTooLarge,
    Unreadable,
    WrongType,
)
from exchange.sheets import LAST_ROW, MAX_ROWS, Row, Sheet, check_row

MAX_UNPACKED = 48 * 1024 * 1024  # bytes of all parts together
MAX_PARTS = 1_000
MAX_TAGS = 800_000  # of a part with cells or texts; 13,000 rows of 15 filled cells have them
MAX_OTHER_TAGS = 50_000  # of styles, relations and the like
_CHUNK = 1024 * 1024
_ENCRYPTED = 0x1  # the flag of a zip entry

if not DEFUSEDXML:
    raise ImportError("openpyxl must parse with defusedxml")


def read_xlsx(content: bytes) -> list[Sheet]:
    """The visible sheets that hold anything. Raises: subclasses of FileRefused, nothing else."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _guard(archive)
        with warnings.catch_warnings():  # openpyxl warns of styles and extensions nobody asks for here
            warnings.simplefilter("ignore")
            return _sheets(content)
    except FileRefused:
        raise
    except MemoryError:
        raise UnpacksTooLarge from None
    except Exception as broken:
        # The parsers below raise anything from KeyError to zlib.error on a damaged file; here is the one place where
        # foreign bytes meet them, and whatever they raise means the same: the file cannot be read.
        raise Unreadable from broken


def _sheets(content: bytes) -> list[Sheet]:
    workbook = load_workbook(BytesIO(content), read_only=True, data_only=False, keep_links=False)
    try:
        return [
            Sheet(str(sheet.title), rows)
            for sheet in workbook.worksheets
            if sheet.sheet_state == "visible" and (rows := tuple(_rows(sheet)))
        ]
    finally:
        workbook.close()


def _guard(archive: zipfile.ZipFile) -> None:
    """Refuse a bomb, a password and another kind of archive before anything is parsed."""
    parts = archive.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise UnpacksTooLarge
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise PasswordProtected
    if "[Content_Types].xml" not in archive.namelist() or not any(p.filename.startswith("xl/") for p in parts):
        raise WrongType
    for part in parts:
        large = part.filename.startswith(("xl/worksheets/", "xl/sharedStrings"))
        if part.filename.endswith((".xml", ".rels")) and _tags(archive, part) > (MAX_TAGS if large else MAX_OTHER_TAGS):
            raise UnpacksTooLarge


def _tags(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    tags = 0
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            tags += chunk.count(b"<")
    return tags


def _rows(sheet: Any) -> Iterator[Row]:
    """The rows of a sheet that hold anything, with their own numbers; what the file says of its size is not asked."""
    sheet.reset_dimensions()
    filled = 0
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if number > LAST_ROW:
            raise TooManyRows(limit=MAX_ROWS)
        texts = [reads(cell) for cell in cells]
        while texts and not texts[-1].strip():
            texts.pop()
        if not texts:
            continue
        filled += 1
        check_row(number, filled, texts)
        yield Row(number, tuple(texts))


def reads(cell: Any) -> str:
    """A cell as a person reads it: dates as 2026-10-08, times as 07:30, numbers without an empty fraction, a formula
    as its own text. A number keeps the zeros its format shows (10.20 is a day)."""
    match cell.value:
        case None:
            text = ""
        case bool() as truth:
            text = "TRUE" if truth else "FALSE"
        case int() | float() as number:
            text = _number(number, str(cell.number_format))
        case datetime() | date() | time() | timedelta() as moment:
            text = _moment(moment)
        case ArrayFormula() | DataTableFormula() as formula:
            text = str(getattr(formula, "text", None) or "=")
        case other:
            text = str(other)
    return text


def _number(value: float, shown_as: str) -> str:
    text = str(value) if isinstance(value, int) else format(value, ".15g")
    whole, _, fraction = text.partition(".")
    zeros = shown_as.partition(".")[2]
    if set(zeros) == {"0"} and set(shown_as.partition(".")[0]) <= set("#,0") and "e" not in text:
        return f"{whole}.{fraction:0<{len(zeros)}}"
    return text


def _moment(value: datetime | date | time | timedelta) -> str:
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d") if value.time() == time() else value.strftime("%Y-%m-%d %H:%M")
    return value.strftime("%H:%M") if isinstance(value, time) else value.isoformat()
