"""Lending a lawyer of whom something is warned."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField, validators

from accounts.web import Form


class LendingForm(Form):
    despite = TextAreaField(_l("Why in spite of a warning"), [validators.Optional()])
