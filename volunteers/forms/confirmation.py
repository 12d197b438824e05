"""What an officer saw when he confirmed, and which press he takes back."""

from __future__ import annotations

import uuid

from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, IntegerField, validators

from accounts.web import Form

MOST = 1_000_000  # more people or minutes than any sheet has


class ShownForm(Form):
    people = IntegerField(_l("People"), [validators.InputRequired(), validators.NumberRange(0, MOST)])
    minutes = IntegerField(_l("Minutes"), [validators.InputRequired(), validators.NumberRange(0, MOST)])


class UndoForm(Form):
    """`batch`: one press of confirming."""

    batch = HiddenField()

    def validate_batch(self, field: Field) -> None:
        try:
            field.data = uuid.UUID(field.data or "")
        except ValueError as no_id:
            raise validators.ValidationError(_l("Open the page again and press the button there.")) from no_id
