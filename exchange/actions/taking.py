"""Taking a file: its right and flagged rows are stored in one act, the others come back to be mended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from accounts.models import Office, Person
from errors import Refusal
from exchange.actions.worklist import raise_flag
from exchange.cells import file_name_of
from exchange.judging import TakenRow
from exchange.looking import Seen, content_hash, identity_hash, look
from exchange.models import ImportedRow, ImportRun, RefusedRows
from exchange.refused import packed
from exchange.taking import Options, Taker
from exchange.values import written
from extensions import db
from record.act import act, transaction
from record.sealed import keys


class Outdated(Refusal):
    """Facts: `taken`, how many rows would be taken now."""

    code = "import_outdated"
    message = "What is stored has changed since this preview: %(taken)s rows would be taken now. Nothing was taken."
    help = "Look at the preview again, as it is now, and take it then."


class TakenMeanwhile(Refusal):
    code = "import_meanwhile"
    message = "Somebody else entered one of these rows at the same moment. Nothing was taken."
    help = "Look at the file again: what he entered will be already there."


class RowNotStored(Refusal):
    """Facts: `row`, and `why` the domain refused to store it."""

    code = "import_row_not_stored"
    message = "Row %(row)s cannot be stored: %(why)s Nothing was taken."
    help = "Mend this row in the file, or take it out, and send the file again."


def take(  # noqa: PLR0917 - what is taken, how, by whom and when, in the order one says it
    office: Office,
    taker: Taker,
    content: bytes,
    file_name: str,
    options: Options,
    by: Person | None,
    at: datetime,
) -> ImportRun:
    """Store the right and flagged rows of a file, all of them or none. What is stored already is never overwritten.

    Raises: FileRefused; TakenMeanwhile; whatever storing a row refuses.
    """
    return take_seen(office, taker, content, file_name=file_name, options=options, by=by, at=at)[0]


def take_seen(
    office: Office,
    taker: Taker,
    content: bytes,
    *,
    file_name: str,
    options: Options,
    by: Person | None,
    at: datetime,
    check: Callable[[Seen], None] | None = None,
) -> tuple[ImportRun, Seen]:
    """As `take`, with what was seen; `check` may refuse the whole of it. Raises: as `take`; what `check` raises."""
    run = ImportRun(
        office_id=office.id,
        kind=taker.kind,
        file_name=file_name_of(file_name),
        sha256=content_hash(content),
        options=kept_options(options),
        by_id=by.id if by else None,
        at=at,
    )
    try:
        with transaction():
            _wait_for_others(office)
            seen = look(office, taker, content, replace(options, at=at))
            if check is not None:
                check(seen)
            with act("import.take", run, by=by, at=at, kind=taker.kind):
                run.counts = counts_of(seen)
                db.session.add(run)
                db.session.flush()
                for row in seen.judged.rows:
                    _store(run, seen, row, by, at)
            _keep_refused(run, seen, content, at)
    except IntegrityError as rival:
        if _is_double(rival):
            raise TakenMeanwhile() from rival
        raise
    return run, seen


def as_shown(rows: int) -> Callable[[Seen], None]:
    """A check that as many rows would be taken as the preview said. It raises: Outdated."""

    def check(seen: Seen) -> None:
        if rows != seen.judged.taken:
            raise Outdated(taken=seen.judged.taken)

    return check


def _is_double(trouble: IntegrityError) -> bool:
    """Whether something would stand twice: a rival stored it first."""
    return getattr(trouble.orig, "sqlstate", "") == "23505" or "UNIQUE constraint" in str(trouble.orig)


def kept_options(options: Options) -> dict[str, object]:
    month = f"{options.year_month[0]:04}-{options.year_month[1]:02}" if options.year_month else ""
    return {"on": options.on.isoformat(), "month": month}


def counts_of(seen: Seen) -> dict[str, int]:
    judged = seen.judged
    return {
        "rows_total": judged.rows_total,
        "taken": judged.taken,
        "already_there": judged.already_there,
        "flagged": sum(1 for row in judged.rows if row.flags),
        "refused": len(judged.refused_rows),
    }


def _wait_for_others(office: Office) -> None:
    """One file at a time in an office: who comes second sees what the first one stored. SQLite has one writer."""
    db.session.execute(select(Office.id).where(Office.id == office.id).with_for_update(key_share=True))


def _store(run: ImportRun, seen: Seen, row: TakenRow, by: Person | None, at: datetime) -> None:
    """One row: the domain stores it, the file's word is kept beside it, its doubts go on the work list."""
    try:
        subject = seen.taker.store(row, seen.office, by, at)
        db.session.flush()
    except Refusal as cause:
        raise RowNotStored(row=row.number, why=lazy_gettext(cause.message, **cause.facts)) from cause
    db.session.add(
        ImportedRow(
            run_id=run.id,
            office_id=run.office_id,
            kind=run.kind,
            row=row.number,
            identity_hash=identity_hash(run.kind, row.identity),
            values=written(row.values),
            subject_table=subject.__tablename__,
            subject_id=subject.id,
        )
    )
    if row.flags:
        about = seen.about(seen.rows[row.number])
        for finding in row.flags:
            raise_flag(run, finding, subject, about=about, value=seen.doubtful(finding), by=by, at=at)


def _keep_refused(run: ImportRun, seen: Seen, content: bytes, at: datetime) -> None:
    if seen.judged.refused_rows:
        rows = keys().cipher.encrypt(packed(seen.judged, content))
        db.session.add(RefusedRows(run_id=run.id, content=rows, made_at=at))
