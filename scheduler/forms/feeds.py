"""The form of a calendar feed."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectChoice, StringField
from wtforms.validators import InputRequired, Length

from accounts.web import Form
from scheduler.calendar.models import FeedKind


class FeedForm(Form):
    name = StringField(
        _l("Device"),
        validators=[
            InputRequired(_l("Say where it will be used.")),
            Length(max=60, message=_l("At most 60 characters.")),
        ],
    )
    kind = RadioField(
        _l("What it shows"),
        choices=[
            SelectChoice(FeedKind.OWN.value, _l("My own times")),
            SelectChoice(FeedKind.OFFICE.value, _l("All times of the office")),
        ],
        default=FeedKind.OWN.value,
    )
