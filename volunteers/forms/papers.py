"""The forms of papers: which one, in which form, why; a template that an office sends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import RadioField, StringField, validators

from accounts.web import Form
from volunteers.forms.fields import NEEDED, REASON
from volunteers.words import PAPERS

FORMS = [("docx", _l("Word")), ("pdf", _l("PDF"))]


class PaperForm(Form):
    kind = RadioField(_l("Which paper"), [NEEDED])
    form = RadioField(_l("File format"), [NEEDED], choices=FORMS)
    reason = StringField(
        _l("What for"), [REASON], description=_l("It has a name in it: who made it, and for what, is kept.")
    )

    def __init__(self, *args: Any, kinds: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [(kind, PAPERS[kind]) for kind in kinds]


class TemplateForm(Form):
    file = FileField(
        _l("Word file"),
        [validators.InputRequired(_l("Choose a file."))],
        description=_l("A .docx file of at most 2 MiB, without macros."),
    )
    reason = StringField(_l("Reason"), [REASON])


class ReasonForm(Form):
    reason = StringField(_l("Reason"), [REASON])
