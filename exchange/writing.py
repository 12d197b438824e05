"""Writing rows to .xlsx and .csv so that no program takes a cell for a formula (TRUST T18), and so that what is read
back is what was written. Pure.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Literal

from exchange.guarding import guarded
from exchange.judging import Judged, why
from exchange.reasons import Gettext
from exchange.sheets import MAX_CELL
from exchange.vocabulary import WORDS

if TYPE_CHECKING:
    from openpyxl.cell import WriteOnlyCell

REASON_COLUMN: str = WORDS["reason_column"]
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\ufffd"

Kind = Literal["xlsx", "csv"]
Cells = Sequence[str]
Cell = str | int | Decimal
Values = Sequence[Cell]


def write_xlsx(headers: Cells, rows: Sequence[Values], title: str = "Sheet1") -> bytes:
    """A workbook of one sheet in which every cell is text, or a number that can be summed.

    A line break becomes LF, as in any workbook; signs XML cannot hold become U+FFFD.
    """
    from openpyxl import Workbook  # here: with numpy an eighth of the program's start

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(title)
    for cells in (headers, *rows):
        sheet.append([_text_cell(sheet, one) if isinstance(one, str) else one for one in cells])
    stream = BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _text_cell(sheet: object, text: str) -> WriteOnlyCell:
    """A cell of type s with the quote-prefix style, so that editing it does not make it a formula either."""
    from openpyxl.cell import WriteOnlyCell

    text = _NOT_IN_XML.sub(_REPLACEMENT, text.replace("\r\n", "\n").replace("\r", "\n"))
    cell = WriteOnlyCell(sheet, text[:MAX_CELL])
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell


def write_csv(headers: Cells, rows: Sequence[Values]) -> bytes:
    """A text file in UTF-8 with a mark, as spreadsheet programs expect it; risky cells carry an apostrophe."""
    stream = StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    for cells in (headers, *rows):
        safe = (guarded(_SURROGATES.sub(_REPLACEMENT, one)) if isinstance(one, str) else one for one in cells)
        writer.writerow(list(safe))
    return stream.getvalue().encode("utf-8-sig")


def write(kind: Kind, headers: Cells, rows: Sequence[Values]) -> bytes:
    """The rows as a file of this kind."""
    return write_xlsx(headers, rows) if kind == "xlsx" else write_csv(headers, rows)


def refused_file(judged: Judged, kind: Kind, gettext: Gettext) -> bytes:
    """The refused rows as they came, the same columns plus the reason, to be mended and sent again.

    A reason column that stands in the file already (it was refused before) is replaced.
    """
    width = max([len(judged.headers), *(len(row.cells) for row in judged.refused_rows)])
    headers = _widened(judged.headers, width)
    kept = [place for place, header in enumerate(headers) if header.strip() != REASON_COLUMN]
    rows = []
    for row in judged.refused_rows:
        cells = _widened(row.cells, width)
        reasons = "; ".join(why(judged.importer, finding, gettext) for finding in row.findings)
        rows.append([*(cells[place] for place in kept), reasons])
    return write(kind, [*(headers[place] for place in kept), REASON_COLUMN], rows)


def _widened(cells: Cells, width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))]
