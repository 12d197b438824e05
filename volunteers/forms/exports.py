"""The form of an export: as what, and why."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField

from accounts.web import Form
from volunteers.forms.fields import NEEDED, REASON


class ExportForm(Form):
    form = RadioField(_l("File format"), [NEEDED], choices=[("xlsx", _l("Excel")), ("csv", _l("CSV"))])
    reason = StringField(
        _l("What for"), [REASON], description=_l("There are names in it: who took it, and for what, is kept.")
    )
