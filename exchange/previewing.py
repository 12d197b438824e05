"""A file's rows as a preview lists them: each with its standing and the reasons for it."""

from __future__ import annotations

import enum
from collections import defaultdict
from dataclasses import dataclass

from flask_babel import gettext

from exchange.cells import clean, masked
from exchange.judging import Finding, why
from exchange.looking import Seen


class Standing(enum.StrEnum):
    RIGHT = "right"
    FLAGGED = "flagged"
    REFUSED = "refused"
    AGAIN = "again"


@dataclass(frozen=True)
class Reason:
    """What is said about a row: at which column, the cell as it reads, why. `code` names the kind of reason."""

    column: str
    value: str
    why: str
    code: str


@dataclass(frozen=True)
class Line:
    """One row of the preview. `about` is by what a person knows it."""

    number: int
    about: str
    standing: Standing
    reasons: tuple[Reason, ...] = ()


def standings(seen: Seen) -> dict[int, Standing]:
    """Every row's standing by its number, in the order of the file."""
    judged = seen.judged
    found = {row.number: Standing.FLAGGED if row.flags else Standing.RIGHT for row in judged.rows}
    found |= {row.number: Standing.REFUSED for row in judged.refused_rows}
    found |= {finding.row: Standing.AGAIN for finding in judged.already_there_rows}
    return dict(sorted(found.items()))


def lines(seen: Seen, numbers: list[int]) -> list[Line]:
    """The rows of these numbers with their reasons; only these are put into words."""
    standing = standings(seen)
    findings = _findings(seen)
    return [
        Line(
            number=number,
            about=seen.about(seen.rows[number]),
            standing=standing[number],
            reasons=tuple(_reason(seen, finding, standing[number]) for finding in findings[number]),
        )
        for number in numbers
    ]


def _findings(seen: Seen) -> dict[int, list[Finding]]:
    judged = seen.judged
    found: defaultdict[int, list[Finding]] = defaultdict(list)
    for finding in judged.flagged:
        found[finding.row].append(finding)
    for row in judged.refused_rows:
        found[row.number] += row.findings
    for finding in judged.already_there_rows:
        found[finding.row].append(finding)
    return found


def _reason(seen: Seen, finding: Finding, standing: Standing) -> Reason:
    """A personal cell is masked, unless it is the very one that is wrong."""
    value = clean(finding.value)
    if standing is Standing.AGAIN and seen.keys.get(finding.column) in seen.taker.personal:
        value = masked(value)
    return Reason(finding.column, value, why(seen.taker.importer, finding, gettext), finding.code)


def cells(seen: Seen, number: int) -> list[tuple[str, str, bool]]:
    """A whole row: header, cell, and whether the cell is at fault. Personal cells are masked, unless they are."""
    row = seen.rows[number]
    wrong = {finding.column for finding in _findings(seen)[number] if finding.code != "same_row_again"}
    found = []
    for place, header in enumerate(seen.table.headers):
        name = header.strip()
        text = clean(row.cells[place]) if place < len(row.cells) else ""
        personal = seen.keys.get(name) in seen.taker.personal
        if name or text:
            found.append((name, masked(text) if personal and name not in wrong else text, name in wrong))
    return found
