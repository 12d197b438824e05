"""What a volunteer may say when he gives a place back."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import StringField

from accounts.web import Form


class WordsForm(Form):
    reason = StringField(_l("Reason"), description=_l("You need not give one."))
