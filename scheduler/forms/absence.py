"""Asking for leave, and deciding on it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, Field, SelectMultipleField, StringField, TextAreaField, TimeField, validators

from accounts.web import NO_DATE, Form, today

FURTHEST_BACK = timedelta(days=366)  # leave that is under way may have begun long ago
FURTHEST_AHEAD = timedelta(days=731)  # no rota is planned further; what lies beyond is a slip of the finger


class DaysForm(Form):
    """The days of a leave, both included, within what anybody may mean."""

    first_on = DateField(_l("First day"), [validators.InputRequired(NO_DATE)])
    last_on = DateField(_l("Last day"), [validators.InputRequired(NO_DATE)])

    def validate_first_on(self, field: Field) -> None:
        if field.data and field.data < today() - FURTHEST_BACK:
            raise validators.ValidationError(gettext("This day is too long ago: at most one year."))

    def validate_last_on(self, field: Field) -> None:
        if field.data and field.data > today() + FURTHEST_AHEAD:
            raise validators.ValidationError(gettext("This day is too far ahead: at most two years."))
        if field.data and self.first_on.data and field.data < self.first_on.data:
            raise validators.ValidationError(gettext("The last day comes before the first."))


class LeaveForm(DaysForm):
    """Whole days, both included; with times, from the one on the first day to the other on the last."""

    from_time = TimeField(
        _l("From"), [validators.Optional()], description=_l("Only where it does not take whole days.")
    )
    to_time = TimeField(_l("Until"), [validators.Optional()])
    why = StringField(_l("Reason"), description=_l("As little as the coordinator needs to decide."))

    def span(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """What was asked for, as instants."""
        starts_at = datetime.combine(self.first_on.data, self.from_time.data or time.min, zone)
        if self.to_time.data:
            return starts_at, datetime.combine(self.last_on.data, self.to_time.data, zone)
        return starts_at, datetime.combine(self.last_on.data + timedelta(days=1), time.min, zone)


class ApprovalForm(Form):
    """`release`: public ids of the commitments that were seen and are released."""

    release = SelectMultipleField(_l("Release"), validate_choice=False)


class RefusalForm(Form):
    reason = TextAreaField(_l("Reason"), [validators.InputRequired(_l("Say why."))], render_kw={"rows": 2})
