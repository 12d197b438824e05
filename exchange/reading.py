"""Reading a file somebody handed in: which kind it is, which sheet holds the list, where its columns stand. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from accounts.rules.people import settled
from exchange.reading_csv import read_csv
from exchange.refusals import (
    ColumnsMissing,
    EmptyFile,
    FileTooLarge,
    PasswordProtected,
    SeveralLists,
    WrongType,
)
from exchange.sheets import MAX_BYTES, HeaderName, Row, Sheet, Table
from exchange.tidy import blank

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the old Office container; also what a password wraps an .xlsx in
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_OTHERS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!doctype|html|table|!--)", re.IGNORECASE)
_HEADER_WITHIN = 30  # filled rows looked at for the header
_FEWEST_NAMES = 2  # a row that names fewer columns is no header


def read_sheets(content: bytes) -> list[Sheet]:
    """The sheets of a file that hold anything, at least one. What it is decides its content, not its name.

    Raises: subclasses of FileRefused, nothing else, whatever the bytes.
    """
    if not content.strip():
        raise EmptyFile
    if len(content) > MAX_BYTES:
        raise FileTooLarge(limit_mib=MAX_BYTES // 1024 // 1024)
    if content.startswith(_OLE):
        raise PasswordProtected if _ENCRYPTED_PACKAGE in content else WrongType
    if content.startswith(_OTHERS) or _MARKUP.match(content):
        raise WrongType
    sheets = _read_workbook(content) if content.startswith(_ZIP) else read_csv(content)
    if not sheets:
        raise EmptyFile
    return sheets


def _read_workbook(content: bytes) -> list[Sheet]:
    from exchange.reading_xlsx import read_xlsx  # here: openpyxl with numpy is an eighth of the program's start

    return read_xlsx(content)


def read_table(content: bytes, columns: Sequence[HeaderName]) -> Table:
    """The one list with these columns in a file.

    Raises: as `read_sheets`; ColumnsMissing naming what lacks in the row that is most like a header; SeveralLists.
    """
    sheets = read_sheets(content)
    found = [(sheet, table) for sheet in sheets if (table := _table(sheet, columns))]
    if not found:
        raise _missing(sheets, columns)
    if len(found) > 1 and len(found := [(sheet, table) for sheet, table in found if table.rows]) > 1:
        raise SeveralLists(sheets=", ".join(sheet.title for sheet, _ in found))
    if not found:
        raise EmptyFile
    return found[0][1]


def _header_name(text: str) -> str:
    return "".join(settled(text).split()).casefold().strip(":*")


def _places(row: Row, columns: Sequence[HeaderName]) -> dict[str, int]:
    """In which cell each column stands. A name may carry a bracket the list does not know; whole names go first."""
    whole = [_header_name(cell) for cell in row.cells]
    short = [re.sub(r"\(.*\)$", "", name) for name in whole]
    places: dict[str, int] = {}
    for column in columns:
        names = [_header_name(name) for name in column.names]
        candidates = [cells.index(name) for name in names for cells in (whole, short) if name in cells]
        place = next((at for at in candidates if at not in places.values()), None)
        if place is not None:
            places[column.key] = place
    return places


def _lacking(places: Mapping[str, int], columns: Sequence[HeaderName]) -> list[str]:
    return [column.names[0] for column in columns if column.mandatory and column.key not in places]


def _table(sheet: Sheet, columns: Sequence[HeaderName]) -> Table | None:
    """The list below the first row that names every mandatory column."""
    for at, row in enumerate(sheet.rows[:_HEADER_WITHIN]):
        places = _places(row, columns)
        if len(places) >= _FEWEST_NAMES and not _lacking(places, columns):
            first = next(place for place, cell in enumerate(row.cells) if not blank(cell))
            rows = tuple(one for one in sheet.rows[at + 1 :] if _is_row(one, first))
            return Table(row.number, row.cells, places, rows)
    return None


def _is_row(row: Row, first: int) -> bool:
    """Neither an empty row nor notes: a row of which only the first cell (or one left of the header) is filled."""
    filled = [place for place, cell in enumerate(row.cells) if not blank(cell)]
    return len(filled) > 1 or (bool(filled) and filled[0] > first)


def _missing(sheets: Sequence[Sheet], columns: Sequence[HeaderName]) -> ColumnsMissing:
    """Names what the row most like a header lacks; all mandatory columns where no row is like one."""
    best: dict[str, int] = {}
    number = 0
    for sheet in sheets:
        for row in sheet.rows[:_HEADER_WITHIN]:
            places = _places(row, columns)
            if len(places) > max(len(best), _FEWEST_NAMES - 1):
                best, number = places, row.number
    return ColumnsMissing(columns=", ".join(_lacking(best, columns)), row=number)
