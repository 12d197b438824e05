"""How a lawyer serves, and his leave."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, Field, IntegerField, SelectMultipleField, StringField, validators, widgets

from accounts.setting_values import weekday
from accounts.web import Form
from lawyers.rules.pattern import SESSIONS, WEEKDAYS

_NO_NUMBER = _l("Give a whole number.")
_NO_DATE = _l("Give a date like 2026-12-01.")
_digits = widgets.TextInput()
_digits.input_type = "text"


def block_words() -> list[tuple[str, str]]:
    """Every half-day of a week with its words."""
    words = {"am": gettext("morning"), "pm": gettext("afternoon")}
    return [(f"{day}{session}", f"{weekday(day)} {words[session]}") for day in WEEKDAYS for session in SESSIONS]


class KeepForm(Form):
    share_percent = IntegerField(
        _l("Share in per cent"),
        [validators.InputRequired(_NO_NUMBER)],
        description=_l("100 is a whole turn, 50 half of one, 0 takes the lawyer out of the rota."),
        widget=_digits,
    )
    cap_per_month = IntegerField(
        _l("Most duties in a month"),
        [validators.Optional(), validators.NumberRange(1, 31, _l("From 1 to 31."))],
        widget=_digits,
    )
    weekly_blocks = SelectMultipleField(_l("Cannot come, week after week"), choices=block_words)
    remark_dealt_with = BooleanField(_l("The remark is dealt with"))


class LeaveForm(Form):
    first_on = DateField(_l("First day"), [validators.InputRequired(_NO_DATE)])
    last_on = DateField(_l("Last day"), [validators.InputRequired(_NO_DATE)])
    why = StringField(_l("Reason"))
    release = SelectMultipleField(_l("Release"), validate_choice=False)

    def validate_last_on(self, field: Field) -> None:
        if field.data and self.first_on.data and field.data < self.first_on.data:
            raise validators.ValidationError(gettext("The last day comes before the first."))
