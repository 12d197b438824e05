"""Forms of one's own page and of ending somebody's access."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField

from accounts.web import Form


class RevocationForm(Form):
    reason = TextAreaField(_l("Reason"))
    next = HiddenField()
