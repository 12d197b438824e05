"""A station with its opening days and hours; a day on which it stays closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField, TimeField, validators, widgets

from accounts.setting_values import weekday
from accounts.web import NO_DATE, Form

_digits = widgets.TextInput()
_digits.input_type = "text"


class FirstStationForm(Form):
    """A station as the first-run guide asks for it: it is in use, and needs no reason."""

    name = StringField(
        _l("Name of the station"), [validators.InputRequired(_l("Give it a name.")), validators.Length(max=100)]
    )
    address = StringField(_l("Where it is"), [validators.Length(max=200)])
    organisation = SelectField(_l("Legal-aid body"), validators=[validators.Optional()])
    preset = SelectField(
        _l("Opening days"),
        [validators.InputRequired()],
        choices=lambda: [
            ("one_weekday", _l("one weekday a week")),
            ("every_working_day", _l("every working day")),
        ],
    )
    weekday = SelectField(
        _l("Which weekday"),
        [validators.InputRequired()],
        choices=lambda: [(str(n), weekday(n)) for n in range(1, 6)],
        description=_l("For one weekday a week. On a holiday it moves to the next working day."),
    )
    am_starts = TimeField(_l("Morning from"), [validators.Optional()], default=time(9))
    am_ends = TimeField(_l("until"), [validators.Optional()], default=time(12))
    pm_starts = TimeField(_l("Afternoon from"), [validators.Optional()], default=time(14))
    pm_ends = TimeField(_l("until"), [validators.Optional()], default=time(17))
    lawyers_a_session = IntegerField(
        _l("Lawyers at a time"),
        [validators.InputRequired(_l("Give a whole number.")), validators.NumberRange(1, 9, _l("From 1 to 9."))],
        default=1,
        widget=_digits,
    )
    mode = SelectField(
        _l("How they advise"),
        [validators.InputRequired()],
        choices=lambda: [("on_site", _l("on site")), ("phone", _l("by phone")), ("online", _l("online"))],
    )

    def __init__(self, *args: Any, bodies: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation.choices = list(bodies)


class StationForm(FirstStationForm):
    active = BooleanField(_l("In use"), default=True)
    reason = StringField(_l("Reason"), [validators.InputRequired(_l("Say why."))])


class ClosureForm(Form):
    closed_on = DateField(_l("Day"), [validators.InputRequired(NO_DATE)])
    why = StringField(_l("Reason"), [validators.InputRequired(_l("Say why."))])
