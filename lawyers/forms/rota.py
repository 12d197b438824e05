"""Forms of the rota's pages: month, demands, publishing, a day's lawyer."""

from __future__ import annotations

import re
from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, StringField, TextAreaField, validators, widgets

from accounts.web import Form

_digits = widgets.TextInput()
_digits.input_type = "text"
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])\Z")


class MonthForm(Form):
    month = StringField(
        _l("Month"),
        [validators.Regexp(_MONTH, message=_l("Give a month like 2026-12."))],
    )

    @property
    def span(self) -> tuple[date, date]:
        """The first and the last day of the month."""
        year, month = (int(part) for part in self.month.data.split("-"))
        first = date(year, month, 1)
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


class DemandForm(Form):
    min_distance = IntegerField(
        _l("Days between two duties of one lawyer"),
        [validators.Optional(), validators.NumberRange(1, 60)],
        widget=_digits,
    )
    within = IntegerField(
        _l("Duties may differ from what is owed by"),
        [validators.Optional(), validators.NumberRange(1, 9)],
        widget=_digits,
    )


class PublishForm(Form):
    accept_empty = BooleanField(_l("Publish these days as empty"))
    despite = TextAreaField(_l("Why it is published all the same"), render_kw={"rows": 2})
