"""The work list: lawful doubts about stored rows, and what a person decided about each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select

from accounts.models import Person
from errors import Refusal
from exchange.judging import Finding
from exchange.models import FLAG, Decision, Flag, ImportRun
from exchange.taking import taker
from extensions import db
from record.act import act, model_of, plain, transaction


class ReasonMissing(Refusal):
    code = "flag_reason_missing"
    status = 422
    message = "A decision needs its reason."
    help = "Write in a few words what you looked at."


def raise_flag(
    run: ImportRun, finding: Finding, subject: Any, *, about: str, value: str, by: Person | None, at: datetime
) -> Flag:
    """Put a doubt about a stored row on the work list. `about` names the row, `value` is the cell as it may be kept."""
    flag = Flag(
        office_id=run.office_id,
        run_id=run.id,
        kind=run.kind,
        row=finding.row,
        column=finding.column,
        code=finding.code,
        about=about,
        value=value,
        facts=plain(dict(finding.facts)),
        subject_table=subject.__tablename__,
        subject_id=subject.id,
        raised_at=at,
    )
    with act("flag.raise", flag, by=by, at=at, code=flag.code):
        db.session.add(flag)
    return flag


def settle_flag(flag: Flag, decision: Decision, by: Person, at: datetime, reason: str) -> None:
    """Decide about a doubt: it holds as it is, was corrected, or does not count. Raises: ReasonMissing, OffCourse."""
    if not reason.strip():
        raise ReasonMissing()
    with act("flag.settle", flag, by=by, at=at, reason=reason, decision=decision):
        FLAG.step("settle", flag, decision=decision, settled_by_id=by.id, settled_at=at, reason=reason)
        _tell(flag, by, at)


def settle_flags(flags: Sequence[Flag], decision: Decision, by: Person, at: datetime, reason: str) -> None:
    """Decide about several alike, all or none. Raises: as `settle_flag`."""
    with transaction():
        for flag in flags:
            settle_flag(flag, decision, by, at, reason)


def reopen_flag(flag: Flag, by: Person, at: datetime) -> None:
    """Take a decision back. Raises: OffCourse."""
    with act("flag.reopen", flag, by=by, at=at):
        FLAG.step("reopen", flag, decision=None, settled_by_id=None, settled_at=None, reason="")
        _tell(flag, by, at)


def _tell(flag: Flag, by: Person, at: datetime) -> None:
    """Let the domain follow, in the same act: a sign-in that does not count is never confirmed."""
    one = taker(flag.kind)
    if one is not None and one.settled is not None:
        one.settled(flag, subject_of(flag), by, at)


def subject_of(flag: Flag) -> Any:
    """The stored row that is doubted, or None where it is gone."""
    model = model_of(flag.subject_table)
    return db.session.get(model, flag.subject_id) if model is not None else None


class About(Protocol):
    """Whatever names a stored row by table and id."""

    @property
    def subject_table(self) -> str: ...
    @property
    def subject_id(self) -> int: ...


def subjects_of(rows: Iterable[About]) -> dict[tuple[str, int], Any]:
    """The stored rows that others name, by table and id; one query a table."""
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for row in rows:
        wanted[row.subject_table].add(row.subject_id)
    found: dict[tuple[str, int], Any] = {}
    for table, ids in wanted.items():
        model = model_of(table)
        if model is not None:
            found.update(((table, row.id), row) for row in db.session.scalars(select(model).where(model.id.in_(ids))))
    return found
