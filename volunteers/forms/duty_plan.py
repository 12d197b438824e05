"""The form of a month's duty plan: a box for each shift to come and officer."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField

from accounts.web import Form
from volunteers.actions.duty_plan import Month, Pair
from volunteers.forms.fields import REASON, TicksField


class DutyPlanForm(Form):
    stands = TicksField(_l("Who stands where"))
    seen = HiddenField()
    reason = StringField(_l("Reason"), [REASON])

    def __init__(self, *args: Any, month: Month, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pairs: dict[str, Pair] = {
            f"{shift.public_id}:{person.public_id}": (shift.id, person.id)
            for shift in month.ahead
            for person in month.people
        }
        self.stands.choices = [(key, key) for key in self._pairs]

    @property
    def plan(self) -> frozenset[Pair]:
        """The pairs that are ticked."""
        return frozenset(self._pairs[key] for key in self.stands.data or () if key in self._pairs)
