"""The form of school holidays."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Field, StringField, validators

from accounts.web import Form
from volunteers.forms.fields import NEEDED, DayField

LONGEST = timedelta(days=120)  # longer is a slip in the year


class BreakForm(Form):
    name = StringField(
        _l("Name of the holidays"),
        [NEEDED, validators.Length(max=60, message=_l("At most %(max)d characters."))],
        description=_l("For instance: winter holidays 2027."),
    )
    first_on = DayField(_l("First day"), [NEEDED])
    last_on = DayField(_l("Last day"), [NEEDED])

    def validate_last_on(self, field: Field) -> None:
        begins: Any = self.first_on.data
        if not isinstance(begins, date) or not isinstance(field.data, date):
            return
        if field.data < begins:
            raise validators.ValidationError(gettext("The last day must not come before the first."))
        if field.data - begins > LONGEST:
            raise validators.ValidationError(gettext("That is more than %(days)s days.", days=LONGEST.days))
