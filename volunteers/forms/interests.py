"""Declaring an interest: which kind, and whose where it is entered for somebody."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField

from accounts.models import Person
from accounts.web import Form
from volunteers.forms.fields import NEEDED, REASON
from volunteers.words import INTERESTS


class InterestForm(Form):
    kind = RadioField(_l("What kind"), [NEEDED], choices=lambda: list(INTERESTS.items()))


class EndingForm(Form):
    reason = StringField(_l("Why it is over"), [REASON], render_kw={"autocomplete": "off"})


class InterestOfForm(InterestForm):
    officer = SelectField(_l("Who is too near"), [NEEDED])

    def __init__(self, *args: Any, officers: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.officer.choices = [("", gettext("choose")), *((str(one.public_id), one.name) for one in officers)]

    @property
    def chosen(self) -> uuid.UUID:
        return uuid.UUID(self.officer.data)
