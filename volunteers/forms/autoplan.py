"""The forms of a plan of shifts: how far ahead, and with whom it is agreed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField, StringField, validators

from accounts.web import Form
from volunteers.forms.fields import NEEDED, REASON, TicksField, WholeField
from volunteers.words import WISHES


class PlanForm(Form):
    days = WholeField(
        _l("Days ahead"), [NEEDED, validators.NumberRange(1, 60, _l("From %(min)d to %(max)d."))], default=30
    )


class TakingForm(Form):
    chosen = SelectMultipleField(_l("Who agrees"), [validators.InputRequired(_l("Choose somebody."))])
    reason = StringField(
        _l("How it was agreed"), [REASON], description=_l("Nobody is assigned: by phone, at the counter, in writing.")
    )

    def __init__(self, *args: Any, keys: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen.choices = [(key, key) for key in keys]


class WishesForm(Form):
    wishes = TicksField(
        _l("When he would rather not serve"),
        [validators.Optional()],
        choices=lambda: list(WISHES.items()),
        description=_l("A plan heeds it where it can; what he books himself is his own choice."),
    )
