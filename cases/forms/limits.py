"""The form of one fact about a limit."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField, StringField, validators

from accounts.web import NO_DATE, Form
from cases.forms.entering import DayField
from cases.words import SPELLS


class SpellForm(Form):
    kind = SelectField(
        _l("What happened"),
        [validators.InputRequired(_l("Choose what happened."))],
        choices=lambda: list(SPELLS.items()),
    )
    on = DayField(_l("Date of the document"), [validators.InputRequired(NO_DATE)])
    days = IntegerField(
        _l("Days added"),
        [validators.Optional()],
        description=_l("Only for an extension: at most 15."),
        invalid_value_message=_l("Give a whole number."),
    )
    document = StringField(_l("Document"), [validators.InputRequired(_l("Say which document this rests on."))])
