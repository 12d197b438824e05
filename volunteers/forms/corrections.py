"""What is wrong with an entry, what is to count instead, and a decision."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, StringField, TextAreaField

from accounts.web import Form
from volunteers.forms.crossing import moment_of
from volunteers.forms.fields import NEEDED, REASON, ClockField
from volunteers.models.corrections import Evidence
from volunteers.models.shifts import Shift
from volunteers.words import EVIDENCE


class TimesForm(Form):
    """From when to when somebody served, or that he did not."""

    came = ClockField(_l("Came at"))
    left = ClockField(_l("Left at"))
    nothing = BooleanField(_l("Nothing was served at this shift"))
    reason = TextAreaField(_l("What is wrong, and how you know"), [REASON], render_kw={"rows": 3})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.came.flags.quiet = self.left.flags.quiet = True  # needed unless nothing was served

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators=extra_validators)
        for field in (self.came, self.left):
            if not self.nothing.data and field.data is None and not field.errors:
                field.errors = [*field.errors, gettext("Give a time like 07:30.")]
                good = False
        return good

    def times(self, shift: Shift) -> tuple[datetime, datetime] | None:
        if self.nothing.data:
            return None
        came, left = moment_of(shift, self.came.data), moment_of(shift, self.left.data)
        return came, left


class ProposalForm(TimesForm):
    rests_on = RadioField(_l("What it rests on"), [NEEDED], choices=lambda: [(e, EVIDENCE[e]) for e in Evidence])
    evidence = StringField(_l("Which one"), [NEEDED], description=_l("The sheet and its date, or whose tick."))


class DecisionForm(Form):
    reason = TextAreaField(_l("Reason of the decision"), [REASON], render_kw={"rows": 2})
