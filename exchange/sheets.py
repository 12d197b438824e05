"""What is read from a file, before anybody knows what it means. Frozen values; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from exchange.refusals import CellTooLong, TooManyColumns, TooManyRows

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 64
MAX_CELL = 32_767  # characters; the largest cell Excel knows
LAST_ROW = 100_000  # a row number beyond this is refused, filled or not


@dataclass(frozen=True)
class Row:
    """One row: its number as a spreadsheet counts (the first row of the file is 1) and its cells as they read."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """The rows of one sheet that hold anything. `title` is "" in a text file."""

    title: str
    rows: tuple[Row, ...]


class HeaderName(Protocol):
    """What must be known of a column to find it: a key, the names it goes by, whether a file must have it."""

    @property
    def key(self) -> str: ...
    @property
    def names(self) -> Sequence[str]: ...
    @property
    def mandatory(self) -> bool: ...


@dataclass(frozen=True)
class Table:
    """A list found in a sheet: below its header row, without empty rows and notes.

    `headers` are the header cells as they read, `places` says in which cell (from 0) a column's key stands.
    """

    header_row: int
    headers: tuple[str, ...]
    places: Mapping[str, int]
    rows: tuple[Row, ...]


def check_row(number: int, filled: int, texts: Sequence[str]) -> None:
    """Refuse the file where a row breaks the limits; `filled` counts the rows that hold anything."""
    if filled > MAX_ROWS:
        raise TooManyRows(limit=MAX_ROWS)
    if len(texts) > MAX_COLUMNS:
        raise TooManyColumns(row=number, limit=MAX_COLUMNS)
    if any(len(text) > MAX_CELL for text in texts):
        raise CellTooLong(row=number, limit=MAX_CELL)
