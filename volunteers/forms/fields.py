"""Fields that say in our words what cannot be read."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Field, IntegerField, SelectMultipleField, TimeField, validators, widgets

from accounts.refusals import helped, said
from accounts.rules.people import compact
from accounts.web import Form
from cases.forms.entering import DayField as DayOfACase
from errors import Refusal
from volunteers.rules.proposing import SINCE

NEEDED = validators.InputRequired(_l("This is needed."))
REASON = validators.InputRequired(_l("Say why."))


def plain(text: str | None) -> str:
    """Letters and digits as they are meant: of any width, without spaces."""
    return compact(text or "")


_digits = widgets.TextInput()
_digits.input_type = "text"


class WholeField(IntegerField):
    widget = _digits

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, render_kw={"inputmode": "numeric", "autocomplete": "off"}, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([text for text in valuelist if text.strip()])
        except ValueError:
            raise ValueError(gettext("Give a whole number.")) from None

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:  # what is no number is not out of range as well
            raise validators.StopValidation()


class DayField(DayOfACase):
    """A day of the service, which is known nowhere before `SINCE`."""

    data: Any
    years = range(SINCE.year, DayOfACase.years.stop)


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


class ScaledField(Field):
    """A number with a point, kept as a whole number of its `scale`: 1.5 hours are 90 minutes. No more than `slack` of
    that is lost."""

    widget = _digits
    data: Any
    scale = 1
    slack = Decimal(0)
    unreadable = _l("Give a number like 1.5.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, render_kw={"inputmode": "decimal", "autocomplete": "off"}, **kwargs)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{Decimal(self.data) / self.scale:.6f}".rstrip("0").rstrip(".")

    def process_formdata(self, valuelist: list[str]) -> None:
        text = unicodedata.normalize("NFKC", "".join(valuelist[:1])).strip()
        self.data = None
        if not valuelist or not text:
            return
        if not re.fullmatch(r"[0-9]{1,6}([.][0-9]{1,6})?", text):
            raise ValueError(str(self.unreadable))
        exact = Decimal(text) * self.scale
        if abs(exact - round(exact)) > self.slack:
            raise ValueError(str(self.unreadable))
        self.data = round(exact)

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:  # what is no number is not out of range as well
            raise validators.StopValidation()


class HoursField(ScaledField):
    """Hours, kept as minutes; a third of an hour is written 0.333333."""

    scale = 60
    slack = Decimal("0.001")
    unreadable = _l("Give hours like 20 or 1.5, in whole minutes.")


def show_at_field(form: Form, refusal: Refusal | None) -> None:
    """Put what was refused beside the field it names, where the form has it."""
    name = getattr(refusal, "field", "")
    if refusal is not None and name and name in form:
        form[name].errors = [*form[name].errors, f"{said(refusal)} {helped(refusal)}".strip()]
