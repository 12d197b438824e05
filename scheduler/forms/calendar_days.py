"""Forms of the working-day calendar: the official list, and one day's correction."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import (
    DateField,
    FileField,
    HiddenField,
    IntegerField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    validators,
)

from accounts.web import NO_DATE, Form, year_within
from scheduler.deadlines.models import DayKind
from scheduler.deadlines.working_days import FIRST_YEAR, LAST_YEAR

_YEAR = _l("Give a year like 2027.")
_NOTICE = _l("Say which notice this is.")


class PastedField(TextAreaField):
    """Pasted rows, kept as bytes: they are read as a file would be."""

    def _value(self) -> str:
        return (self.data or b"").decode("utf-8", "replace")

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = "".join(valuelist).encode("utf-8", "replace")


class ListForm(Form):
    """The yearly list, pasted or as a file."""

    year = IntegerField(
        _l("Year"),
        [validators.InputRequired(_YEAR), year_within(FIRST_YEAR, LAST_YEAR)],
        invalid_value_message=_YEAR,
    )
    source = StringField(
        _l("Notice"),
        [validators.InputRequired(_NOTICE)],
        description=_l("Number and date of the State Council's notice."),
    )
    rows = PastedField(
        _l("Days"),
        description=_l("One row a day or span: date, kind (off or work), name. CSV, JSON, or copied from a table."),
        render_kw={"rows": 10},
    )
    file = FileField(_l("Or a file"), description=_l("CSV, Excel or JSON; it goes before what is pasted."))

    @property
    def content(self) -> bytes:
        """What is to be read."""
        kept: Any = self.file.data
        uploaded = kept.read() if kept is not None and hasattr(kept, "read") else b""
        return uploaded or self.rows.data or b""


class TakeForm(Form):
    """A list as it was looked at, sent back to be taken."""

    year = IntegerField(_l("Year"), [validators.InputRequired(_YEAR), year_within(FIRST_YEAR, LAST_YEAR)])
    source = HiddenField(_l("Notice"), [validators.InputRequired(_NOTICE)])
    rows = PastedField(_l("Days"), [validators.InputRequired()])


class CorrectionForm(Form):
    """What one day is in this office."""

    day = DateField(_l("Day"), [validators.InputRequired(NO_DATE)])
    kind = SelectField(
        _l("What it is"),
        choices=[
            SelectChoice(DayKind.LOCAL_OFF.value, _l("a local day off")),
            SelectChoice(DayKind.MAKEUP_WORK.value, _l("a make-up working day")),
            SelectChoice(DayKind.WORKING.value, _l("an ordinary working day")),
        ],
    )
    name = StringField(lazy_pgettext("a day", "Name"), description=_l("As people call it, for instance of a festival."))
    source = StringField(_l("Paper it rests on"), description=_l("Who decided it, in which document."))
    reason = TextAreaField(_l("Reason"), [validators.InputRequired(_l("Say why."))], render_kw={"rows": 2})
