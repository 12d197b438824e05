"""Files that wait to be taken: what was looked at is what is taken.

A file that waits is no act, and a day later it is gone.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from accounts.models import Office, Person
from errors import Refusal
from exchange.actions.taking import as_shown, kept_options, take_seen
from exchange.cells import file_name_of
from exchange.looking import content_hash
from exchange.models import ImportDraft, ImportRun, RefusedRows
from exchange.taking import Options, Taker
from extensions import db
from record.act import transaction
from record.sealed import keys

WAITS = timedelta(hours=24)
REFUSED_KEPT = timedelta(days=30)
_AT_ONCE = 20  # files that wait for one person; the oldest goes


class DraftChanged(Refusal):
    code = "import_draft_changed"
    message = "This is not the file that was looked at. Nothing was taken."
    help = "Send the file again and look at its preview."


def keep_draft(
    office: Office, taker: Taker, content: bytes, *, file_name: str, options: Options, by: Person, at: datetime
) -> ImportDraft:
    """Keep a file, encrypted, until it is taken or discarded or a day is over."""
    draft = ImportDraft(
        office_id=office.id,
        by_id=by.id,
        kind=taker.kind,
        file_name=file_name_of(file_name),
        sha256=content_hash(content),
        content=keys().cipher.encrypt(content),
        options=kept_options(options),
        made_at=at,
    )
    with transaction():
        db.session.add(draft)
        db.session.flush()
        mine = select(ImportDraft.id).where(ImportDraft.by_id == by.id).order_by(ImportDraft.id.desc())
        older = list(db.session.scalars(mine.offset(_AT_ONCE)))
        db.session.execute(delete(ImportDraft).where(ImportDraft.id.in_(older)))
    return draft


def content_of(draft: ImportDraft) -> bytes:
    return keys().cipher.decrypt(draft.content)


def options_of(draft: ImportDraft | ImportRun) -> Options:
    """The options as they were chosen."""
    year, _, month = draft.options["month"].partition("-")
    return Options(date.fromisoformat(draft.options["on"]), (int(year), int(month)) if month else None)


def choose_options(draft: ImportDraft, options: Options) -> None:
    """Judge the file that waits as of another day, or as a sheet of another month."""
    with transaction():
        draft.options = kept_options(options)


def discard_draft(draft: ImportDraft) -> None:
    with transaction():
        db.session.delete(draft)


def take_draft(draft: ImportDraft, taker: Taker, by: Person, at: datetime, *, sha256: str, shown: int) -> ImportRun:
    """Take what was looked at: the file of the preview, with as many rows as it said. The file is gone then.

    Raises: DraftChanged; as `taking.take_seen`.
    """
    content = content_of(draft)
    if not sha256 == draft.sha256 == content_hash(content):
        raise DraftChanged()
    with transaction():
        run, _ = take_seen(
            draft.office,
            taker,
            content,
            file_name=draft.file_name,
            options=options_of(draft),
            by=by,
            at=at,
            check=as_shown(shown),
        )
        db.session.delete(draft)
    return run


def forget_files(now: datetime) -> int:
    """Delete files that waited a day, and refused rows kept thirty days. Returns how many."""
    with transaction():
        waited: Any = db.session.execute(delete(ImportDraft).where(ImportDraft.made_at < now - WAITS))
        kept: Any = db.session.execute(delete(RefusedRows).where(RefusedRows.made_at < now - REFUSED_KEPT))
        return int(waited.rowcount) + int(kept.rowcount)


def month_in(file_name: str) -> tuple[int, int] | None:
    """The year and month that a file's name gives, as signin_2026_10.csv or 2026-10.xlsx do."""
    found = re.search(r"(?<![0-9])(20[0-9]{2})[^0-9]?(0[1-9]|1[0-2]|[1-9])(?![0-9])", file_name)
    return (int(found[1]), int(found[2])) if found else None
