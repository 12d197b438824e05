"""What would become of a file's rows, judged against what is stored now. Stores nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy import select

from accounts.models import Office
from exchange.cells import clean, masked
from exchange.judging import Finding, Identity, Judged, TakenRow, cell, judge, reread
from exchange.models import ImportedRow
from exchange.reading import read_table
from exchange.sheets import Row, Table
from exchange.taking import Options, Taker
from exchange.values import simple
from extensions import db
from record.sealed import keyed_hash


@dataclass(frozen=True)
class Seen:
    """A file as it stands against what is stored. `again` are its rows that are stored already, each identity once."""

    taker: Taker
    options: Options
    table: Table
    judged: Judged
    again: tuple[TakenRow, ...]
    office: Office

    @cached_property
    def rows(self) -> dict[int, Row]:
        """The rows of the file by number."""
        return {row.number: row for row in self.table.rows}

    @cached_property
    def headers(self) -> dict[str, str]:
        """What the file, or failing that the list, calls each column, by its key."""
        usual = {column.key: column.names[0] for column in self.taker.importer.columns}
        return usual | {key: self.table.headers[place].strip() for key, place in self.table.places.items()}

    @cached_property
    def keys(self) -> dict[str, str]:
        """The columns' keys by what the file calls them."""
        return {header: key for key, header in self.headers.items()}

    def read(self, row: Row, key: str) -> str:
        """A cell of a row, masked where it is personal."""
        text = cell(self.table, row, key).strip()
        return masked(text) if key in self.taker.personal else text

    def doubtful(self, finding: Finding) -> str:
        """The cell behind a doubt, masked where it is personal, as it may be kept."""
        personal = self.keys.get(finding.column) in self.taker.personal
        return clean(masked(finding.value) if personal else finding.value)

    def about(self, row: Row) -> str:
        """By what a person knows a row of the file."""
        cells = (self.read(row, key) for key in self.taker.naming)
        return clean(" · ".join(text for text in cells if text))


class _Stored:
    """Whether an identity is stored: the domain knows it, or it was imported before (and changed here since)."""

    def __init__(self, known: Container[Identity], office: Office, kind: str) -> None:
        self.known, self.kind = known, kind
        where = ImportedRow.office_id == office.id, ImportedRow.kind == kind
        self.hashes = frozenset(db.session.scalars(select(ImportedRow.identity_hash).where(*where)))

    def __contains__(self, identity: Identity) -> bool:
        return identity in self.known or (bool(self.hashes) and identity_hash(self.kind, identity) in self.hashes)


def look(office: Office, taker: Taker, content: bytes, options: Options) -> Seen:
    """Judge a file against what is stored now. Raises: FileRefused."""
    table = read_table(content, taker.importer.columns)
    context = taker.context(office, options)
    context = replace(context, stored=_Stored(context.stored, office, taker.kind))
    judged = judge(table, taker.importer, context)
    stored = {finding.row for finding in judged.already_there_rows if finding.facts["row"] is None}
    again: dict[Identity, TakenRow] = {}
    for row in reread(table, taker.importer, context, stored):
        again.setdefault(row.identity, row)
    return Seen(taker, options, table, judged, tuple(again.values()), office)


def identity_hash(kind: str, identity: Identity) -> str:
    """The keyed hash of what makes two rows the same."""
    return keyed_hash(f"import:{kind}", json.dumps(simple(identity), ensure_ascii=False))


def content_hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
