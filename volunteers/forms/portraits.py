"""A portrait with the day of the consent to it."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import StringField, ValidationError, validators

from accounts.web import Form
from errors import Refusal
from exchange.pictures import MAX_BYTES, portrait
from volunteers.forms.fields import NEEDED, REASON, DayField


class PortraitForm(Form):
    file = FileField(
        _l("Photo"),
        [validators.InputRequired(_l("Choose a file."))],
        render_kw={"accept": "image/jpeg,image/png,image/webp"},
        description=_l("A phone takes one here. It is made small; what the camera wrote into it is not kept."),
    )
    on = DayField(_l("Consent given on"), [NEEDED])
    content = b""

    def validate_file(self, field: Any) -> None:
        self.content = field.data.stream.read(MAX_BYTES + 1)
        try:
            portrait(self.content)
        except Refusal as refusal:
            raise ValidationError(f"{gettext(refusal.message)} {gettext(refusal.help)}") from None


class RemovalForm(Form):
    reason = StringField(_l("Reason"), [REASON])
