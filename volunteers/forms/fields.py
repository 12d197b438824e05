"""Fields that say in our words what cannot be read."""

from __future__ import annotations

import unicodedata
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, IntegerField, SelectMultipleField, TimeField, validators, widgets

NEEDED = validators.InputRequired(_l("This is needed."))
REASON = validators.InputRequired(_l("Say why."))

_digits = widgets.TextInput()
_digits.input_type = "text"


class WholeField(IntegerField):
    widget = _digits

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, render_kw={"inputmode": "numeric", "autocomplete": "off"}, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(gettext("Give a whole number.")) from None

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:  # what is no number is not out of range as well
            raise validators.StopValidation()


class DayField(DateField):
    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(gettext("Give a date like 2026-12-01.")) from None


class ClockField(TimeField):
    """A Chinese keyboard types `１２：００` as readily as `12:00`: both are the same time."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([unicodedata.normalize("NFKC", text) for text in valuelist])
        except ValueError:
            raise ValueError(gettext("Give a time like 07:30.")) from None


class TicksField(SelectMultipleField):
    """Several of a few, each with its box."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()
