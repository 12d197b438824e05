"""Where what is stored differs from a file that is sent again. Only listed: an import never overwrites."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from accounts.models import Person
from exchange.cells import masked
from exchange.judging import TakenRow
from exchange.looking import Seen, identity_hash
from exchange.models import ImportedRow
from exchange.sheets import Row
from exchange.values import alike, shown
from extensions import db
from record.act import model_of
from record.models import Act

_AT_ONCE = 500  # hashes in one query


class Origin(enum.StrEnum):
    """Why a stored row says something else than the file."""

    CHANGED_HERE = "changed_here"  # somebody changed it after it was imported
    FILE_NEWER = "file_newer"  # the file says something else than it said then
    BOTH = "both"
    ENTERED_HERE = "entered_here"  # it was never imported
    GONE = "gone"  # what was imported is no longer found


@dataclass(frozen=True)
class Difference:
    """One value that is stored otherwise than the file has it. Only listed: an import never overwrites.

    `stored` and `in_file` are texts to show; `by` and `at` say who changed the stored row last, where anybody did.
    """

    row: int
    key: str
    column: str
    stored: str
    in_file: str
    origin: Origin
    by: str = ""
    at: datetime | None = None


def differences(seen: Seen) -> list[Difference]:
    """Where what is stored differs from the file, in the order of the file."""
    return list(_differences(seen))


def _differences(seen: Seen) -> Iterator[Difference]:
    imported = _imported(seen)
    for again in seen.again:
        row = seen.rows[again.number]
        brought = imported.get(identity_hash(seen.taker.kind, again.identity))
        stored = seen.taker.current(again, seen.office)
        if stored is None:
            yield _gone(seen, again, row, brought)
        else:
            yield from _of_row(seen, again, row, stored, brought)


def _imported(seen: Seen) -> dict[str, ImportedRow]:
    """The rows imported before, by the hash of their identity."""
    wanted = (identity_hash(seen.taker.kind, one.identity) for one in seen.again)
    where = ImportedRow.office_id == seen.office.id, ImportedRow.kind == seen.taker.kind
    found: dict[str, ImportedRow] = {}
    while some := list(islice(wanted, _AT_ONCE)):
        query = select(ImportedRow).where(*where, ImportedRow.identity_hash.in_(some))
        rows = db.session.scalars(query.options(joinedload(ImportedRow.run)))
        found.update((row.identity_hash, row) for row in rows)
    return found


def _gone(seen: Seen, again: TakenRow, row: Row, brought: ImportedRow | None) -> Difference:
    """What was imported and is no longer found under its identity: it was struck out, or mended where it is."""
    key = seen.taker.importer.named_by
    who, when = _changed_by(brought)
    return Difference(again.number, key, seen.headers[key], "", seen.read(row, key), Origin.GONE, who, when)


def _of_row(
    seen: Seen, again: TakenRow, row: Row, stored: dict[str, Any], brought: ImportedRow | None
) -> Iterator[Difference]:
    before: dict[str, Any] | None = json.loads(brought.values) if brought else None
    author: tuple[str, datetime | None] | None = None
    for key in seen.table.places:
        if key not in stored or key not in again.values or alike(stored[key], again.values[key]):
            continue
        origin = _origin(before, key, stored[key], again.values[key])
        if author is None:
            author = _changed_by(brought)
        who, when = author if origin in {Origin.CHANGED_HERE, Origin.BOTH} else ("", None)
        texts = _masked_if(seen, key, shown(stored[key])), seen.read(row, key)
        yield Difference(again.number, key, seen.headers[key], *texts, origin, who, when)


def _masked_if(seen: Seen, key: str, text: str) -> str:
    return masked(text) if key in seen.taker.personal else text


def _origin(before: dict[str, Any] | None, key: str, stored: Any, in_file: Any) -> Origin:
    if before is None:
        return Origin.ENTERED_HERE
    here, newer = not alike(stored, before.get(key)), not alike(in_file, before.get(key))
    return Origin.BOTH if here and newer else Origin.CHANGED_HERE if here else Origin.FILE_NEWER


def _changed_by(brought: ImportedRow | None) -> tuple[str, datetime | None]:
    """Who last changed what a row became, or the person behind it, after the import; and when."""
    if brought is None:
        return "", None
    model = model_of(brought.subject_table)
    subject = db.session.get(model, brought.subject_id) if model else None
    about = (Act.subject_table == brought.subject_table) & (Act.subject_id == brought.subject_id)
    person_id = getattr(subject, "person_id", None)
    if person_id is not None:
        about |= (Act.subject_table == "person") & (Act.subject_id == person_id)
    acts = select(Act.at, Person.name).join(Person, Person.id == Act.actor_id)
    last = db.session.execute(acts.where(about, Act.at > brought.run.at).order_by(Act.id.desc()).limit(1)).first()
    return (last.name, last.at) if last else ("", None)
