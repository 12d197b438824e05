"""Which of the times that differ counts, and why."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField

from accounts.web import Form
from volunteers.forms.fields import NEEDED, REASON
from volunteers.models.attendance import Tick


class ChoiceForm(Form):
    tick = RadioField(_l("Which time counts"), [NEEDED])
    reason = StringField(_l("Reason"), [REASON])

    def __init__(self, *args: Any, ticks: Sequence[tuple[Tick, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tick.choices = [(str(one.public_id), words) for one, words in ticks]

    @property
    def chosen(self) -> uuid.UUID:
        return uuid.UUID(self.tick.data)
