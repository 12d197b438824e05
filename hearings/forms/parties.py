"""Taking in somebody who was entered in the case after the plan."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField, validators

from accounts.web import Form


class TakingInForm(Form):
    """`at` is a time that was offered: the sitting would have to be moved to it first."""

    despite = TextAreaField(
        _l("Why in spite of a warning"),
        [validators.Optional()],
        render_kw={"rows": 2},
    )
    at = StringField(validators=[validators.Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.despite.flags.required = True  # shown only where something is warned of; said by the rules
