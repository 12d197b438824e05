"""Giving notice, and noting what was told by hand."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TextAreaField, validators

from accounts.web import NO_DATE, Form
from cases.forms.entering import DayField
from hearings.forms.planning import NO_TIME, ClockField
from hearings.models import Channel

CHANNELS = {
    Channel.MESSAGE: _l("message here"),
    Channel.PHONE: _l("by phone"),
    Channel.IN_PERSON: _l("in person"),
    Channel.LETTER: _l("by letter"),
    Channel.OTHER: _l("another way"),
}
BY_HAND = {way: word for way, word in CHANNELS.items() if way != Channel.MESSAGE}


class NoticeForm(Form):
    despite = TextAreaField(
        _l("Why so late"),
        [validators.Optional()],
        description=_l("Only where fewer than the full clear days are left."),
        render_kw={"rows": 2},
    )


class TellingForm(Form):
    channel = SelectField(_l("How"), [validators.InputRequired()], choices=lambda: list(BY_HAND.items()))
    day = DayField(_l("Day"), [validators.InputRequired(NO_DATE)])
    clock = ClockField(_l("Time"), [validators.InputRequired(NO_TIME)])
    result = StringField(_l("Result"), [validators.Length(max=200, message=_l("At most %(max)d characters."))])

    def told_at(self, zone: str) -> datetime:
        return datetime.combine(self.day.data, self.clock.data, ZoneInfo(zone))
