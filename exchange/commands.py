"""`flask import`: an office's lists from the command line, by the program itself."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from flask.cli import with_appcontext
from flask_babel import force_locale, gettext
from sqlalchemy import select
from sqlalchemy.orm import aliased

from accounts.models import Office
from errors import Refusal
from exchange.actions.taking import counts_of, take_seen
from exchange.differing import differences
from exchange.judging import Finding, expected_shape, why
from exchange.looking import Seen, look
from exchange.presenting import said_origin
from exchange.refusals import FileRefused
from exchange.refused import kind_of
from exchange.sheets import MAX_BYTES
from exchange.taking import Options, Taker, taker, takers
from exchange.writing import refused_file
from extensions import db
from record.act import origin
from record.edge import now

LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}


class Wrong(click.ClickException):
    """What cannot be done with this file or these options: said on stderr, exit 2."""

    exit_code = 2


class NotTaken(click.ClickException):
    """The file can be read, but what is stored does not let it in: exit 1."""

    exit_code = 1


@click.command("import")
@click.argument("kind")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--office", "office_name", help="Name of the office; needed where the installation has several.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON, keyed by the name of FILE.")
@click.option("--dry-run", is_flag=True, help="Judge against what is stored, and store nothing.")
@click.option("--on", "on_text", metavar="DATE", help="Judge as of this day, as 2026-11-24; default is today.")
@click.option("--month", metavar="YYYY-MM", help="Year and month of a sign-in sheet whose dates have no year.")
@click.option("--refused", "out", type=click.Path(path_type=Path), help="Write the refused rows to this .xlsx or .csv.")
@click.option("--lang", type=click.Choice(sorted(LANGUAGES)), default="zh", help="Language of the messages.")
@with_appcontext
def import_command(
    *, kind: str, file: Path, as_json: bool, dry_run: bool, out: Path | None, lang: str, **more: Any
) -> None:
    """Import the list FILE of KIND: lawyers, posts, volunteers, hearing-officers or signins.

    Right and flagged rows are stored together, refused ones are not. Exit 0 also where rows are refused, 1 where
    nothing can be stored, 2 where the file or an option cannot be understood.
    """
    with force_locale(LANGUAGES[lang]), origin(via="command"):
        one, office = _kind(kind), _office(more["office_name"])
        content = _content(file)
        options = _options(office, more["on_text"], more["month"])
        seen = _seen(one, office, content, options, dry_run=dry_run, name=file.name)
        said_differences = None if as_json else _differences(seen)
        if out is not None:
            _write_refused(seen, content, out)
        db.session.rollback()
        click.echo(_json(file, seen) if as_json else _sentences(seen, said_differences or [], dry_run))


def _seen(one: Taker, office: Office, content: bytes, options: Options, *, dry_run: bool, name: str) -> Seen:
    """Raises: Wrong (the file), NotTaken."""
    try:
        if dry_run:
            return look(office, one, content, replace(options, at=now()))
        return take_seen(office, one, content, file_name=name, options=options, by=None, at=now())[1]
    except Refusal as refusal:
        db.session.rollback()
        said = f"{gettext(refusal.message, **refusal.facts)} {gettext(refusal.help) if refusal.help else ''}".strip()
        raise (Wrong if isinstance(refusal, FileRefused) else NotTaken)(said) from refusal


def _kind(word: str) -> Taker:
    found = taker(word)
    if found is None:
        kinds = ", ".join(one.kind for one in takers())
        raise Wrong(gettext("There is no list called “%(word)s”; there are: %(kinds)s.", word=word, kinds=kinds))
    return found


def _office(name: str | None) -> Office:
    """The office named; without a name the only one, or the only one that has no subordinates."""
    if name is not None:
        found = db.session.scalar(select(Office).where(Office.name == name))
        if found is None:
            raise Wrong(gettext("There is no office called “%(name)s”.", name=name))
        return found
    below = aliased(Office)
    lowest = select(Office).where(~select(below.id).where(below.parent_id == Office.id).exists()).order_by(Office.id)
    offices = list(db.session.scalars(lowest))
    if not offices:
        raise Wrong(gettext("There is no office yet."))
    if len(offices) > 1:
        names = ", ".join(office.name for office in offices)
        raise Wrong(gettext("Say which office with --office: %(names)s.", names=names))
    return offices[0]


def _content(file: Path) -> bytes:
    """The bytes of the file, one more than may be read, so that a larger one is told as such."""
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as trouble:
        raise Wrong(gettext("“%(file)s” cannot be read: %(why)s.", file=str(file), why=trouble.strerror)) from trouble


def _options(office: Office, on_text: str | None, month: str | None) -> Options:
    try:
        on = _day(on_text) if on_text else datetime.now(ZoneInfo(office.zone)).date()
    except ValueError:
        raise Wrong(gettext("“%(text)s” is no date like 2026-11-24.", text=on_text)) from None
    return Options(on=on, year_month=_year_month(month) if month else None)


def _day(text: str) -> date:
    """Raises: ValueError for any other spelling, so that nothing is guessed."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _year_month(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"((?:19|20)[0-9]{2})-(0[1-9]|1[0-2])", text)
    if not found:
        raise Wrong(gettext("“%(text)s” is no month like 2026-10.", text=text))
    return int(found[1]), int(found[2])


def _json(file: Path, seen: Seen) -> str:
    with force_locale("zh_Hans_CN"):
        shape = expected_shape(seen.judged, gettext)
    return json.dumps({file.name: shape}, ensure_ascii=False, indent=2)


def _write_refused(seen: Seen, content: bytes, out: Path) -> None:
    """The refused rows as the kind of file that the name says, else as the one that came. Raises: Wrong."""
    if not seen.judged.refused_rows:
        return
    suffix = out.suffix.lower()
    kind = kind_of(content) if suffix not in {".xlsx", ".csv"} else "xlsx" if suffix == ".xlsx" else "csv"
    try:
        out.write_bytes(refused_file(seen.judged, kind, gettext))
    except OSError as trouble:
        raise Wrong(gettext("“%(file)s” cannot be written: %(why)s.", file=str(out), why=trouble.strerror)) from trouble


def _differences(seen: Seen) -> list[str]:
    return [
        f"  {one.row} · {one.column}: "
        + gettext("stored “%(stored)s”, in the file “%(in_file)s”", stored=one.stored, in_file=one.in_file)
        + f" ({said_origin(one)})"
        for one in differences(seen)
    ]


def _sentences(seen: Seen, differing: list[str], dry_run: bool) -> str:
    """The answer for a person: the counts, then what needs one."""
    counts = counts_of(seen)
    if dry_run:
        said = gettext("Rows %(rows_total)s: would take %(taken)s (%(flagged)s to be checked), ", **counts)
    else:
        said = gettext("Rows %(rows_total)s: taken %(taken)s (%(flagged)s to be checked), ", **counts)
    lines = [said + gettext("already there %(already_there)s, refused %(refused)s.", **counts)]
    judged = seen.judged
    lines += _block(gettext("Refused:"), [_line(seen, one) for row in judged.refused_rows for one in row.findings])
    lines += _block(gettext("To be checked:"), [_line(seen, one) for one in judged.flagged])
    lines += _block(gettext("Stored otherwise than in the file, and left as it is:"), differing)
    return "\n".join(lines)


def _block(title: str, lines: list[str]) -> list[str]:
    return [title, *lines] if lines else []


def _line(seen: Seen, finding: Finding) -> str:
    reason = why(seen.taker.importer, finding, gettext)
    return f"  {finding.row} · {finding.column} · {finding.value}: {reason}"
