"""The forms of a plan and of a move: when, where, who, and why in spite of a warning."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    Field,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
    validators,
    widgets,
)

from accounts.web import NO_DATE, Form
from cases.forms.entering import DayField

NO_TIME = _l("Give a time like 09:30.")
ELSEWHERE = "elsewhere"
LONGEST = 480  # a working day: what is longer is a slip of the pen, or two sittings
Choices = Iterable[tuple[str, str]]


def time_offered(text: str) -> datetime | None:
    """A time with its zone, as an offered one is written; None for anything else."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


class ClockField(TimeField):
    """A time of day, full-width signs as well; what cannot be read is said in our words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([unicodedata.normalize("NFKC", text) for text in valuelist])
        except ValueError:
            raise ValueError(str(NO_TIME)) from None


class LengthField(IntegerField):
    """A number of minutes; what cannot be read is said in our words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(gettext("Give the length in minutes.")) from None


class TicksField(SelectMultipleField):
    """A list of ticks."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class WhenAndWhere(Form):
    """A day, a time, a length, a room of the office or a place elsewhere. `at` is a time that was offered."""

    day = DayField(_l("Day"), [validators.InputRequired(NO_DATE)])
    starts = ClockField(_l("From"), [validators.InputRequired(NO_TIME)])
    minutes = LengthField(
        _l("Minutes"),
        [
            validators.InputRequired(_l("Give the length in minutes.")),
            validators.NumberRange(15, LONGEST, _l("15 to 480.")),
        ],
        render_kw={"inputmode": "numeric"},
    )
    room = SelectField(_l("Room"))
    place = StringField(
        _l("Other place"),
        [validators.Optional(), validators.Length(max=100, message=_l("At most %(max)d characters."))],
        description=_l(
            "Only where no room of the office is chosen. It stands in the calendar: nothing about the case."
        ),
    )
    despite = TextAreaField(
        _l("Why in spite of a warning"),
        [validators.Optional()],
        description=_l("Only where something is warned of."),
        render_kw={"rows": 2},
    )
    at = StringField(validators=[validators.Optional()])

    def __init__(self, *args: Any, rooms: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.room.choices = [*rooms, (ELSEWHERE, gettext("Another place"))]
        self.room.flags.quiet = True

    def validate(self, extra_validators: Any = None) -> bool:
        self._take_what_was_offered()
        return super().validate(extra_validators=extra_validators)

    def _take_what_was_offered(self) -> None:
        """A time that was pressed stands in the fields from now on."""
        at = time_offered(self.at.data or "")
        if at is not None:
            self.day.process_formdata([at.date().isoformat()])
            self.starts.process_formdata([at.strftime("%H:%M")])
            self.day.process_errors, self.starts.process_errors = [], []

    def validate_place(self, field: Field) -> None:
        if self.room.data == ELSEWHERE and not (field.data or "").strip():
            raise validators.ValidationError(gettext("Say where."))

    def starts_at(self, zone: str) -> datetime:
        return datetime.combine(self.day.data, self.starts.data, ZoneInfo(zone))


class VenueForm(Form):
    place = StringField(
        _l("Other place"),
        [
            validators.InputRequired(_l("Say where.")),
            validators.Length(max=100, message=_l("At most %(max)d characters.")),
        ],
    )


class OutsiderForm(Form):
    person = SelectField(_l("Person"))
    why = StringField(
        _l("Why this person"),
        [validators.Optional(), validators.Length(max=1000, message=_l("At most %(max)d characters."))],
    )

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person.choices = list(people)


class PlanForm(WhenAndWhere):
    chair = SelectField(_l("Chair"), [validators.InputRequired(_l("Choose who chairs."))])
    prosecutors = TicksField(_l("Prosecutors who take part"))
    officers = SelectMultipleField(_l("Hearing officers"))
    officers_why = TextAreaField(
        _l("Why these hearing officers"),
        [validators.Optional()],
        description=_l("Chosen by hand: for example the knowledge that this case needs."),
        render_kw={"rows": 2},
    )

    def __init__(self, *args: Any, chairs: Choices, prosecutors: Choices, officers: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chair.choices = list(chairs)
        self.prosecutors.choices = list(prosecutors)
        self.officers.choices = list(officers)
        self.officers_why.flags.required = True  # said by the rule (H-36), together with all the rest


class MoveForm(WhenAndWhere):
    reason = TextAreaField(
        _l("Why it is moved"),
        [validators.InputRequired(_l("Say why: everybody is told."))],
        description=_l("Everybody who was told reads this: nothing that is not theirs to know."),
        render_kw={"rows": 2},
    )
