"""An office's own Word templates of papers, by version (DOMAIN 3.3 forms)."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from accounts.models import Office, Person
from extensions import Model
from record.course import Course, Step
from record.models import Audited, one_of


class PaperKind(enum.StrEnum):
    MATTERS_NOTICE = "matters_notice"
    UNDERTAKING = "undertaking"
    LIAISON_LETTER = "liaison_letter"
    SIGN_IN_SHEET = "sign_in_sheet"
    SERVICE_RECORD = "service_record"
    EVALUATION_REPORT = "evaluation_report"


class TemplateState(enum.StrEnum):
    DRAFT = "draft"
    IN_FORCE = "in_force"
    RETIRED = "retired"


_ONE = text("state = 'in_force'")


class PaperTemplate(Audited, Model):
    """A Word template that an office sent for one kind of paper. Its content never changes; one is in force at most,
    without one the shipped template is."""

    __tablename__ = "paper_template"
    __table_args__ = (
        UniqueConstraint("office_id", "kind", "number"),
        one_of("kind", PaperKind),
        one_of("state", TemplateState),
        CheckConstraint("length(sha256) = 64", name="knows_its_content"),
        Index(
            "uq_paper_template_one_in_force", "office_id", "kind", unique=True, sqlite_where=_ONE, postgresql_where=_ONE
        ),
    )

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    kind: Mapped[str]
    number: Mapped[int]
    file_name: Mapped[str]
    sha256: Mapped[str]
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary, info={"derived": True}))
    state: Mapped[str] = mapped_column(default=TemplateState.DRAFT)
    sent_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    sent_at: Mapped[datetime]

    office: Mapped[Office] = relationship()
    sent_by: Mapped[Person] = relationship()


PAPER_TEMPLATE = Course(
    PaperTemplate,
    [
        Step("send", (), "draft", "change_settings"),
        Step("use", ("draft", "retired"), "in_force", "change_settings"),
        Step("retire", ("in_force",), "retired", "change_settings"),
    ],
)
