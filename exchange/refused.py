"""The refused rows of a taken file, packed so that they can be written in the language of whoever fetches them."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from exchange.judging import Finding, Importer, Judged, RefusedRow
from exchange.writing import Kind


def kind_of(content: bytes) -> Kind:
    """The kind of a file that was read: a workbook is a zip archive."""
    return "xlsx" if content.startswith(b"PK") else "csv"


def packed(judged: Judged, content: bytes) -> bytes:
    """What `unpacked` needs to write the refused rows again, as the kind of file they came in."""
    rows = [asdict(row) for row in judged.refused_rows]
    kept = {"kind": kind_of(content), "headers": judged.headers, "header_row": judged.header_row, "rows": rows}
    return json.dumps(kept).encode()


def unpacked(content: bytes, importer: Importer[Any]) -> tuple[Judged, Kind]:
    """A judging that holds nothing but refused rows, and the kind of file they came in."""
    kept = json.loads(content)
    rows = tuple(_row(row) for row in kept["rows"])
    judged = Judged(
        importer=importer,
        header_row=kept["header_row"],
        headers=tuple(kept["headers"]),
        rows_total=len(rows),
        rows=(),
        refused_rows=rows,
        already_there_rows=(),
        extra={},
    )
    return judged, kept["kind"]


def _row(kept: dict[str, Any]) -> RefusedRow:
    findings = tuple(Finding(**finding) for finding in kept["findings"])
    return RefusedRow(kept["number"], tuple(kept["cells"]), findings)
