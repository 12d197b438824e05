"""Cells of a .csv text file: its encoding and separator are found, every cell stays text. Pure."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from exchange.guarding import unguarded
from exchange.refusals import CellTooLong, TooManyRows, UnknownEncoding, Unreadable
from exchange.sheets import LAST_ROW, MAX_CELL, MAX_ROWS, Row, Sheet, check_row

SEPARATORS = (",", ";", "\t")
_SAMPLE = 50  # rows looked at for the separator
_SAMPLE_SIGNS = 20_000
_NUL = "\x00"


def read_csv(content: bytes) -> list[Sheet]:
    """The rows of a text file, as one sheet, or none if it holds nothing.

    Raises: UnknownEncoding, Unreadable, CellTooLong, TooManyColumns, TooManyRows.
    """
    text = decode(content)
    rows: list[Row] = []
    try:
        for number, cells in enumerate(_records(text, _separator(text)), start=1):
            if number > LAST_ROW:
                raise TooManyRows(limit=MAX_ROWS)
            texts = [unguarded(cell) for cell in cells]
            while texts and not texts[-1].strip():
                texts.pop()
            if texts:
                check_row(number, len(rows) + 1, texts)
                rows.append(Row(number, tuple(texts)))
    except csv.Error as broken:
        if "field limit" in str(broken):
            raise CellTooLong(row=len(rows) + 1, limit=MAX_CELL) from broken
        raise Unreadable from broken
    return [Sheet("", tuple(rows))] if rows else []


def decode(content: bytes) -> str:
    """Text in UTF-8 (with a mark or without), UTF-16 or GB 18030, each tried strictly. Raises: UnknownEncoding."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif content.count(0) * 8 > len(content):  # half the bytes of ASCII signs are NUL in UTF-16
        encodings = ["utf-16-le", "utf-16-be"] if content.find(0) % 2 else ["utf-16-be", "utf-16-le"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _NUL not in text or not encoding.startswith("utf-16"):
            return text
    raise UnknownEncoding


def _records(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)


def _separator(text: str) -> str:
    """The separator that gives the widest row near the top; a comma where two are alike.

    Where a separator leaves a quotation mark open, its signs are counted as they stand, so that the reading itself
    meets the fault and the file is refused.
    """

    def width(separator: str) -> int:
        widest = 0
        try:
            for _, cells in zip(range(_SAMPLE), _records(text, separator), strict=False):
                widest = max(widest, len(cells))
        except csv.Error:
            widest = max(line.count(separator) + 1 for line in text[:_SAMPLE_SIGNS].splitlines())
        return widest

    return max(SEPARATORS, key=width)
