"""What a squad leader saw when he signed, and why he does not sign a row."""

from __future__ import annotations

import uuid

from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, StringField, validators

from accounts.web import Form
from volunteers.forms.fields import REASON


class RowForm(Form):
    """One confirmation by its public id."""

    row = HiddenField()

    def validate_row(self, field: Field) -> None:
        try:
            field.data = uuid.UUID(field.data or "")
        except ValueError as no_id:
            raise validators.ValidationError(_l("Open the page again and press the button there.")) from no_id


class SendingBackForm(RowForm):
    reason = StringField(_l("Reason"), [REASON])
