"""The form of one setting: its fields follow the kind of the value."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from functools import cache
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    DecimalField,
    IntegerField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
    validators,
    widgets,
)

from accounts.setting_values import Kind, MonthlyDays, Value, unit_word, weekday
from accounts.settings import Declared, declaration
from accounts.web import NO_DATE, Form

_WINDOW = re.compile(r"([0-9]{1,2}:[0-9]{2})\s*[-~\u2013\u2014\uff5e]\s*([0-9]{1,2}:[0-9]{2})")
_NO_NUMBER = _l("Give a number.")
_MOST_PLACES = 15  # before the point: more is no sum of money
_NO_WHOLE = _l("Give a whole number.")
_CHOSEN = validators.InputRequired(_l("Choose one."))


class WindowsField(TextAreaField):
    """Windows of a day, one a line: 07:30-09:00."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "\n".join(f"{starts:%H:%M}-{ends:%H:%M}" for starts, ends in self.data or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        lines = [line.strip() for line in "".join(valuelist).splitlines() if line.strip()]
        found = [_WINDOW.fullmatch(line) for line in lines]
        try:
            self.data = tuple((_time(match[1]), _time(match[2])) for match in found if match)
        except ValueError:
            found = [None]
        if not all(found):
            raise ValueError(gettext("Write each window on a line of its own, as 07:30-09:00."))


def _time(text: str) -> time:
    return time.fromisoformat(text.rjust(5, "0"))


class WeeksField(SelectMultipleField):
    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class SettingForm(Form):
    """What every setting's form asks besides the value."""

    effective_from = DateField(
        _l("In force from"), [validators.InputRequired(NO_DATE)], description=_l("Today or later.")
    )
    citation = StringField(
        _l("Paper it rests on"), description=_l("A decision or document number, where there is one.")
    )
    reason = TextAreaField(_l("Reason"), [validators.InputRequired(_l("Say why."))], render_kw={"rows": 2})

    declared: Declared

    @property
    def value(self) -> Value:
        """What was typed, as the action takes it."""
        amount = self.amount.data
        match self.declared.kind:
            case "switch":
                amount = amount == "on"
            case "money":
                amount = None if amount is None else int(amount * 100)
            case "monthly":
                amount = MonthlyDays(tuple(int(week) for week in amount), int(self.weekday.data))
        return Value(amount, self.unit.data if "unit" in self else self.declared.units[0])


@cache
def form_of(key: str) -> type[SettingForm]:
    """The form class of a key."""
    one = declaration(key)
    fields: dict[str, Any] = {"declared": one, "amount": _amount(one)}
    if one.kind == "monthly":
        fields["weekday"] = SelectField(
            _l("Weekday"), [_CHOSEN], choices=lambda: [SelectChoice(str(n), weekday(n)) for n in range(1, 8)]
        )
    if len(one.units) > 1:
        fields["unit"] = SelectField(
            _l("Counted in"), [_CHOSEN], choices=lambda: [SelectChoice(unit, unit_word(unit)) for unit in one.units]
        )
    return type("SettingForm", (SettingForm,), fields)


def _amount(one: Declared) -> Any:
    """The field of the value."""
    needed = validators.Optional() if one.optional else validators.InputRequired(_l("Give a value."))
    return _FIELDS[one.kind](one, needed)


def _switch(one: Declared, _needed: Any) -> Any:
    return SelectField(
        one.label, [_CHOSEN], choices=lambda: [SelectChoice("on", gettext("on")), SelectChoice("off", gettext("off"))]
    )


def _choice(one: Declared, _needed: Any) -> Any:
    return SelectField(
        one.label, [_CHOSEN], choices=lambda: [SelectChoice(name, str(word)) for name, word in one.words.items()]
    )


def _number(mode: str) -> Any:
    """A text field with the right keyboard: a number field swallows what it cannot read and says nothing."""
    field = widgets.TextInput()
    field.input_type = "text"
    return lambda bound, **more: field(bound, inputmode=mode, **more)


class Exact(DecimalField):
    """A decimal number, finite."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(_NO_NUMBER)) from None
        typed: Any = self.data
        if isinstance(typed, Decimal) and not typed.is_finite():
            self.data = None
            raise ValueError(str(_NO_NUMBER))


def _whole_fen(form: Any, field: Any) -> None:
    """Asked of the digits: a number of a million places cannot be reckoned with, nor whether it is within bounds."""
    if field.data is not None and field.data.adjusted() > _MOST_PLACES:
        raise validators.ValidationError(str(_NO_NUMBER))
    if field.data is not None and round(field.data, 2) != field.data:
        raise validators.ValidationError(gettext("At most two digits after the point."))


def typed_of(one: Declared, value: Value, today: date) -> dict[str, Any]:
    """What the form of a key begins with: the value in force, from today."""
    amount: Any = value.amount
    more: dict[str, Any] = {"effective_from": today, "unit": value.unit or one.units[0]}
    match one.kind:
        case "switch":
            amount = "on" if amount else "off"
        case "money":
            amount = None if amount is None else Decimal(amount) / 100
        case "monthly":
            more["weekday"] = str(amount.weekday)
            amount = [str(week) for week in amount.weeks]
    return {"amount": amount, **more}


_FIELDS: dict[Kind, Callable[[Declared, Any], Any]] = {
    "whole": lambda one, needed: IntegerField(
        one.label, [needed], invalid_value_message=_NO_WHOLE, widget=_number("numeric")
    ),
    "decimal": lambda one, needed: Exact(one.label, [needed], places=None, widget=_number("decimal")),
    "money": lambda one, needed: Exact(one.label, [needed, _whole_fen], places=None, widget=_number("decimal")),
    "switch": _switch,
    "choice": _choice,
    "windows": lambda one, needed: WindowsField(one.label, [needed], render_kw={"rows": 4}),
    "clock": lambda one, needed: TimeField(one.label, [needed]),
    "date": lambda one, needed: DateField(one.label, [needed]),
    "monthly": lambda one, needed: WeeksField(
        one.label,
        [needed],
        choices=[SelectChoice(str(n), str(n)) for n in range(1, 6)],
        description=_l("1 is the first such weekday of a month."),
    ),
}
