"""How a lawyer serves, and his leave."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectMultipleField, StringField, validators, widgets

from accounts.setting_values import weekday
from accounts.web import Form
from lawyers.rules.pattern import SESSIONS, WEEKDAYS
from scheduler.forms.absence import DaysForm

_NO_NUMBER = _l("Give a whole number.")
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


class LeaveForm(DaysForm):
    why = StringField(_l("Reason"))
    release = SelectMultipleField(_l("Release"), validate_choice=False)
