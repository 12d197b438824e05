"""The form of an export: as what, and why."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField

from accounts.web import Form
from volunteers.forms.fields import NEEDED, REASON

MASKED, IN_FULL = "masked", "in_full"


class HandOverForm(Form):
    """What is handed over is marked first; which file is made of it, is asked on its own page."""

    reason = StringField(_l("What for"), [REASON], description=_l("Kept with your name; the file is saved next."))


class ExportForm(Form):
    form = RadioField(_l("File format"), [NEEDED], choices=[("xlsx", _l("Excel")), ("csv", _l("CSV"))])
    reason = StringField(
        _l("What for"), [REASON], description=_l("There are names in it: who took it, and for what, is kept.")
    )


class ServiceExportForm(ExportForm):
    """`may_unmask`: whether ID numbers may stand in full as well."""

    numbers = RadioField(
        _l("ID numbers"),
        [NEEDED],
        description=_l(
            "In full only what your office has entered, while the person works with it. It is kept that you have seen "
            "each of them, and the person can read it. Take Excel: a table program cuts the digits of a CSV file."
        ),
    )

    def __init__(self, *args: Any, may_unmask: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.numbers.choices = [(MASKED, _l("masked")), *([(IN_FULL, _l("in full"))] if may_unmask else [])]
