"""Judging the rows of a list one by one: taken, already there, flagged or refused. Pure; knows no domain.

An `Importer` describes one kind of list (its columns, what makes two rows the same, its rules); `judge` runs any of
them over a `Table`. Nothing is stored here: `Judged.rows` carries the tidied values for whoever stores them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from exchange.reasons import GENERIC_REASONS, Gettext, Reasons, sentence
from exchange.sheets import Row, Table
from exchange.tidy import Untidy, blank, nothing

Values = dict[str, Any]
Identity = tuple[Hashable, ...]


@dataclass(frozen=True, kw_only=True)
class Context:
    """What the rules must know besides the row. A list with more to know has a subclass of its own.

    `on` is the day judged as of; `stored` answers `identity in stored` for what is stored already (a set, or an
    object that asks the database); identities are those of `Importer.identity`.
    """

    on: date
    stored: Container[Identity] = frozenset()


C = TypeVar("C", bound=Context)
Tidying = Callable[[str, C], Any]


def alone(tidying: Callable[[str], Any]) -> Callable[[str, Context], Any]:
    """A tidy function that needs nothing but the cell."""
    return lambda text, _context: tidying(text)


@dataclass(frozen=True)
class Column(Generic[C]):
    """A column of a list. `names` are its header names, the usual one first.

    `mandatory`: a file without the column is refused. `optional`: an empty cell, or one that says "nothing", is None;
    else the tidy function sees an empty one and says what is missing. `verbatim`: "nothing" is a text like any other.
    """

    key: str
    names: Sequence[str]
    tidy: Tidying[C]
    mandatory: bool = False
    optional: bool = False
    verbatim: bool = False


class Fault(NamedTuple):
    """What a rule finds in a row: at which column's key, which code, how grave, and what fills the message."""

    key: str
    code: str
    level: Literal["refuse", "flag"]
    facts: Mapping[str, object] = {}


@dataclass(frozen=True)
class Finding:
    """A fault where a person sees it: row as a spreadsheet numbers it, column as the header says, value as it reads."""

    row: int
    column: str
    value: str
    code: str
    facts: Mapping[str, object] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class TakenRow:
    """A row that may be stored: `values` by column key (and what the importer completed), `flags` its lawful doubts."""

    number: int
    identity: Identity
    values: Values
    flags: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class RefusedRow:
    """A row that cannot be stored truthfully, as it came, with all that is wrong with it."""

    number: int
    cells: tuple[str, ...]
    findings: tuple[Finding, ...]


def _nothing_to_complete(_values: Values, _context: Any) -> list[Fault]:
    return []


def _nothing_more(_rows: Sequence[TakenRow]) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Importer(Generic[C]):
    """One kind of list.

    `identity` are the keys that make two rows the same, compared after tidying; `named_by` is the column at which a
    repeated row is reported. `complete` adds to the values what the row means (a person for a name) and may refuse.
    `judge_row` sees the values and, where `together` groups rows, those of the same group that were taken before.
    `summary` makes `Judged.extra`; `reasons` holds a message for every code of this list beyond the generic ones.
    """

    name: str
    columns: tuple[Column[C], ...]
    identity: tuple[str, ...]
    named_by: str
    judge_row: Callable[[Values, C, Sequence[TakenRow]], list[Fault]]
    reasons: Reasons
    complete: Callable[[Values, C], list[Fault]] = _nothing_to_complete
    together: Callable[[Values], Hashable] | None = None
    summary: Callable[[Sequence[TakenRow]], dict[str, Any]] = _nothing_more


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The result for a file. rows_total = taken + already_there + len(refused_rows); taken counts flagged rows too.

    `flagged` holds every doubt (a row may have several), `refused` the first fault of each refused row, in the order
    of the file; `refused_rows` all faults. `rows` are the taken rows with their values.
    """

    importer: Importer[Any]
    header_row: int
    headers: tuple[str, ...]
    rows_total: int
    rows: tuple[TakenRow, ...]
    refused_rows: tuple[RefusedRow, ...]
    already_there_rows: tuple[Finding, ...]
    extra: Mapping[str, Any]

    @property
    def taken(self) -> int:
        return len(self.rows)

    @property
    def already_there(self) -> int:
        return len(self.already_there_rows)

    @property
    def flagged(self) -> tuple[Finding, ...]:
        return tuple(flag for row in self.rows for flag in row.flags)

    @property
    def refused(self) -> tuple[Finding, ...]:
        return tuple(row.findings[0] for row in self.refused_rows)

    @property
    def identities(self) -> frozenset[Identity]:
        """What is stored once every taken row is: the `stored` of a second judging."""
        return frozenset(row.identity for row in self.rows)


def judge(table: Table, importer: Importer[C], context: C) -> Judged:
    """Judge every row of a table, in its order. Raises nothing that depends on what the cells hold."""
    run = _Run(table, importer, context)
    for row in table.rows:
        run.judge_row(row)
    return Judged(
        importer=importer,
        header_row=table.header_row,
        headers=table.headers,
        rows_total=len(table.rows),
        rows=tuple(run.taken),
        refused_rows=tuple(run.refused),
        already_there_rows=tuple(run.repeated),
        extra=importer.summary(run.taken),
    )


class _Run(Generic[C]):
    """One judging of one table: what was taken so far decides about the next row."""

    def __init__(self, table: Table, importer: Importer[C], context: C) -> None:
        self.table, self.importer, self.context = table, importer, context
        self.taken: list[TakenRow] = []
        self.refused: list[RefusedRow] = []
        self.repeated: list[Finding] = []
        self.seen: dict[Identity, int] = {}
        self.groups: defaultdict[Hashable, list[TakenRow]] = defaultdict(list)

    def judge_row(self, row: Row) -> None:
        """Put a row where it belongs. A repeated row is no fault, whatever else stands in it; a refused row counts
        for nothing, so that a mended copy further down is taken."""
        values, faults = _tidied(self.table, self.importer, self.context, row)
        faults += self.importer.complete(values, self.context)
        identity = self._identity(values)
        if identity is not None and self._repeats(row, identity):
            return
        group = self.groups[self.importer.together(values)] if self.importer.together and not faults else []
        if not faults:
            faults = self.importer.judge_row(values, self.context, group)
        grave = [fault for fault in faults if fault.level == "refuse"]
        if grave or identity is None:
            self.refused.append(RefusedRow(row.number, row.cells, self._findings(row, grave)))
            return
        one = TakenRow(row.number, identity, values, self._findings(row, faults))
        self.taken.append(one)
        group.append(one)
        self.seen[identity] = row.number

    def _identity(self, values: Values) -> Identity | None:
        """None where a part of it could not be read; then the row has a fault."""
        keys = self.importer.identity
        return tuple(values[key] for key in keys) if all(key in values for key in keys) else None

    def _repeats(self, row: Row, identity: Identity) -> bool:
        stored = identity in self.context.stored
        if not stored and identity not in self.seen:
            return False
        facts = {"row": None if stored else self.seen[identity]}
        self.repeated += self._findings(row, [Fault(self.importer.named_by, "same_row_again", "refuse", facts)])
        return True

    def _findings(self, row: Row, faults: Sequence[Fault]) -> tuple[Finding, ...]:
        """Faults where a person sees them; a column that the file lacks goes by its usual name."""
        found = []
        for fault in faults:
            place = self.table.places.get(fault.key)
            if place is not None:
                column = self.table.headers[place].strip()
            else:
                column = next(column.names[0] for column in self.importer.columns if column.key == fault.key)
            found.append(Finding(row.number, column, cell(self.table, row, fault.key), fault.code, fault.facts))
        return tuple(found)


def reread(table: Table, importer: Importer[C], context: C, numbers: Container[int]) -> list[TakenRow]:
    """What rows say, tidied and completed but not judged: those that are stored already, to be compared."""
    found = []
    for row in table.rows:
        if row.number not in numbers:
            continue
        values, faults = _tidied(table, importer, context, row)
        faults += importer.complete(values, context)
        if not faults and all(key in values for key in importer.identity):
            found.append(TakenRow(row.number, tuple(values[key] for key in importer.identity), values))
    return found


def cell(table: Table, row: Row, key: str) -> str:
    """The cell of a column as it reads, "" where the row or the file has none."""
    place = table.places.get(key)
    return row.cells[place] if place is not None and place < len(row.cells) else ""


def _tidied(table: Table, importer: Importer[C], context: C, row: Row) -> tuple[Values, list[Fault]]:
    """The tidied values of a row; a cell that cannot be tidied has none and leaves a fault."""
    values: Values = {}
    faults: list[Fault] = []
    for column in importer.columns:
        text = cell(table, row, column.key)
        says_nothing = blank(text) if column.verbatim else nothing(text)
        if column.optional and says_nothing:
            values[column.key] = None
            continue
        try:
            values[column.key] = column.tidy("" if says_nothing else text, context)
        except Untidy as untidy:
            faults.append(Fault(column.key, untidy.code, "refuse", untidy.facts))
    return values, faults


def why(importer: Importer[Any], finding: Finding, gettext: Gettext) -> str:
    """The sentence behind a finding, in the language of `gettext`."""
    return sentence({**GENERIC_REASONS, **importer.reasons}, finding.code, finding.facts, gettext)


def expected_shape(judged: Judged, zh: Gettext, en: Gettext = str) -> dict[str, Any]:
    """The result as `import --json` prints it for one file: the shape of data/expected.json."""

    def shape(findings: Sequence[Finding]) -> list[dict[str, Any]]:
        return [
            {
                "row": finding.row,
                "column": finding.column,
                "value": finding.value,
                "code": finding.code,
                "why_zh": why(judged.importer, finding, zh),
                "why_en": why(judged.importer, finding, en),
            }
            for finding in findings
        ]

    return {
        "header_row": judged.header_row,
        "rows_total": judged.rows_total,
        "taken": judged.taken,
        "already_there": judged.already_there,
        "flagged": shape(judged.flagged),
        "refused": shape(judged.refused),
        "already_there_rows": shape(judged.already_there_rows),
        **judged.extra,
    }
