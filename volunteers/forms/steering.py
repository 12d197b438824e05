"""Stopping, prolonging and handing over a shift: a reason from a short list, or words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, validators

from volunteers.forms.crossing import PressForm
from volunteers.forms.fields import NEEDED
from volunteers.rules.steering import PROLONGED_BY

WORDS = "words"
WHY_STOPPED = {
    "weather": _l("Bad weather"),
    "accident": _l("Accident"),
    "police": _l("Police need the crossing"),
    "quiet": _l("Nothing left to do"),
}
WHY_PROLONGED = {
    "traffic": _l("Heavy traffic"),
    "accident": _l("Accident"),
    "event": _l("Big event"),
}
WHY_HANDED_OVER = {
    "called_away": _l("Called away"),
    "duty_ends": _l("End of my duty"),
    "unwell": _l("Not well"),
}
_OTHER = _l("Something else, in your words")


class WhyForm(PressForm):
    """`why` from the list, or `words`, which are asked for where nothing of it was chosen."""

    mark = "why"  # several of these forms stand on one page: the ids of their fields begin differently

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self:
            field.id = f"{self.mark}-{field.name}"
        self.words.flags.quiet = True  # the choice itself says when they are needed

    words = StringField(_OTHER, [validators.Length(max=200, message=_l("At most %(max)d characters."))])

    def validate_words(self, field: StringField) -> None:
        if self.why.data == WORDS and not (field.data or "").strip():
            raise validators.ValidationError(gettext("Say in a few words why."))

    def reason_of(self, listed: dict[str, Any]) -> str:
        return str(self.words.data if self.why.data == WORDS else listed[self.why.data])


class StopForm(WhyForm):
    mark = "stop"
    why = SelectField(_l("Reason"), choices=lambda: [*WHY_STOPPED.items(), (WORDS, _OTHER)], validators=[NEEDED])

    @property
    def reason(self) -> str:
        return self.reason_of(WHY_STOPPED)


class ProlongForm(WhyForm):
    mark = "prolong"
    why = RadioField(
        _l("Reason"), [NEEDED], choices=lambda: [*WHY_PROLONGED.items(), (WORDS, _OTHER)], default="traffic"
    )
    minutes = SelectField(_l("By how much"), choices=[(n, str(n)) for n in PROLONGED_BY], coerce=int)
    ends_at = HiddenField()

    @property
    def seen(self) -> datetime | None:
        """The end that the page showed."""
        try:
            return datetime.fromisoformat(self.ends_at.data or "")
        except ValueError:
            return None

    @property
    def reason(self) -> str:
        return self.reason_of(WHY_PROLONGED)


class HandOverForm(WhyForm):
    mark = "hand"
    to = SelectField(_l("To whom"), [NEEDED])
    why = SelectField(_l("Reason"), choices=lambda: [*WHY_HANDED_OVER.items(), (WORDS, _OTHER)], validators=[NEEDED])
    stays = BooleanField(_l("I stay at this shift as well"))

    def __init__(self, *args: Any, officers: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.to.choices = [("", gettext("choose")), *officers]

    @property
    def reason(self) -> str:
        return self.reason_of(WHY_HANDED_OVER)
