"""Files that were taken, the rows they brought, the doubts they raised; and files that wait to be taken."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Office, Person
from extensions import Model, Row
from record import guards
from record.course import Course, Step
from record.models import Audited, one_of
from record.sealed import Sealed


class ImportDraft(Row, Model):
    """A file that somebody looks at before taking it. It waits a day, for him alone, and is no act yet.

    `content` is encrypted as phones are; `sha256` is that of the bytes as they came.
    """

    __tablename__ = "import_draft"

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str]
    file_name: Mapped[str]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    options: Mapped[dict[str, Any]]
    made_at: Mapped[datetime] = mapped_column(index=True)

    office: Mapped[Office] = relationship()


class ImportRun(Audited, Model):
    """A file that was taken. `counts`: rows_total, taken, already_there, flagged, refused."""

    __tablename__ = "import_run"
    __table_args__ = (Index("ix_import_run_newest", "office_id", "at"),)

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    kind: Mapped[str]
    file_name: Mapped[str]
    sha256: Mapped[str]
    options: Mapped[dict[str, Any]]
    counts: Mapped[dict[str, Any]]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    at: Mapped[datetime]

    office: Mapped[Office] = relationship()
    by: Mapped[Person | None] = relationship()


class RefusedRows(Row, Model):
    """The refused rows of a taken file, to be mended and sent again: encrypted, kept thirty days."""

    __tablename__ = "refused_rows"

    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id"), unique=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(index=True)


class ImportedRow(Row, Model):
    """A row that was stored: what the file said then, tidied, so that a later file can be compared with it.

    One per identity, kind and office: of two people who take the same file at once, one stores it (I07).
    """

    __tablename__ = "imported_row"
    __table_args__ = (
        UniqueConstraint("office_id", "kind", "identity_hash"),
        Index("ix_imported_row_subject", "subject_table", "subject_id"),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id"), index=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    kind: Mapped[str]
    row: Mapped[int]
    identity_hash: Mapped[str]
    values: Mapped[str] = mapped_column(Sealed())
    subject_table: Mapped[str]
    subject_id: Mapped[int]

    run: Mapped[ImportRun] = relationship()


guards.needs_act("imported_row")


class FlagState(enum.StrEnum):
    OPEN = "open"
    SETTLED = "settled"


class Decision(enum.StrEnum):
    """What became of a doubt: the row holds as it is, was corrected, or does not count."""

    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    STRUCK_OUT = "struck_out"


class Flag(Audited, Model):
    """A lawful doubt about a stored row, which a person settles.

    `about` names the row and `value` is the doubtful cell as it read; both may be personal. The subject is what was
    stored.
    """

    __tablename__ = "flag"
    __table_args__ = (
        UniqueConstraint("run_id", "row", "column", "code"),
        one_of("state", FlagState),
        one_of("decision", Decision),
        Index("ix_flag_work_list", "office_id", "state", "kind", "code"),
        Index("ix_flag_subject", "subject_table", "subject_id"),
    )

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id"), index=True)
    kind: Mapped[str]
    row: Mapped[int]
    column: Mapped[str]
    code: Mapped[str]
    about: Mapped[str] = mapped_column(Sealed(), info={"sealed": True})
    value: Mapped[str] = mapped_column(Sealed(), info={"sealed": True})
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    subject_table: Mapped[str]
    subject_id: Mapped[int]
    raised_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default=FlagState.OPEN)
    decision: Mapped[str | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    settled_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")

    run: Mapped[ImportRun] = relationship()
    settled_by: Mapped[Person | None] = relationship()


FLAG = Course(
    Flag,
    [
        Step("raise", (), FlagState.OPEN),
        Step("settle", (FlagState.OPEN,), FlagState.SETTLED, "import_files"),
        Step("reopen", (FlagState.SETTLED,), FlagState.OPEN, "import_files"),
    ],
)
