"""The forms of an import: a file with its options, and the options alone."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import DateField, HiddenField, IntegerField, MonthField, ValidationError
from wtforms.validators import InputRequired, Optional

from accounts.refusals import helped, said
from accounts.web import Form
from exchange.reading import read_table
from exchange.refusals import FileRefused
from exchange.sheets import MAX_BYTES
from exchange.taking import Options, Taker


class OptionsForm(Form):
    on = DateField(
        _l("As of"), [InputRequired(_l("Choose a day."))], description=_l("Ages and terms are judged on this day.")
    )
    month = MonthField(
        _l("Month of the sheet"),
        [Optional()],
        description=_l("Empty: as the file's name says, else last month."),
    )

    @classmethod
    def for_kind(cls, taker: Taker) -> type[Any]:
        """The form of a kind: only a sheet of one month is asked for its month."""
        return cls if taker.monthly else type(cls.__name__, (cls,), {"month": None})

    def options(self, otherwise: tuple[int, int] | None) -> Options:
        """What was chosen; `otherwise` is the month where none was."""
        if self.month is None:
            return Options(on=self.on.data)
        chosen = self.month.data
        return Options(on=self.on.data, year_month=(chosen.year, chosen.month) if chosen else otherwise)


class FileForm(OptionsForm):
    file = FileField(
        _l("File"),
        [InputRequired(_l("Choose a file."))],
        description=_l("An .xlsx or .csv file of at most 10 MiB. It can be dropped here."),
    )

    def __init__(self, *args: Any, taker: Taker, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taker = taker
        self.content = b""

    def validate_file(self, field: Any) -> None:
        """Whether the file can be read as this list; only its shape, its rows are judged in the preview."""
        self.content = field.data.stream.read(MAX_BYTES + 1)
        try:
            read_table(self.content, self.taker.importer.columns)
        except FileRefused as refusal:
            raise ValidationError(f"{said(refusal)} {helped(refusal)}") from refusal


class TakingForm(Form):
    """What the preview said, so that just that is taken."""

    sha256 = HiddenField(validators=[InputRequired()])
    shown = IntegerField(validators=[InputRequired()])
