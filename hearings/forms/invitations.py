"""The answer to an invitation."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Field, RadioField, TextAreaField, validators

from accounts.web import Form


class AnswerForm(Form):
    """Yes, or no with a reason; two buttons."""

    answer = RadioField(
        _l("Answer"), [validators.InputRequired(_l("Say whether you come."))], choices=[("yes", "yes"), ("no", "no")]
    )
    reason = TextAreaField(
        _l("Why you cannot come"),
        description=_l("A few words are enough."),
        render_kw={"rows": 2},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason.flags.quiet = True  # needed for a no, and only shown there

    def validate_reason(self, field: Field) -> None:
        if self.answer.data == "no" and not (field.data or "").strip():
            raise validators.ValidationError(gettext("Please say in a few words why you cannot come."))
