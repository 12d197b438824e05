"""The forms of what changes an assessment or ends it before its hours."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DecimalField, SelectField, StringField, TextAreaField, validators

from accounts.models import Office
from accounts.web import Form
from volunteers.forms.fields import NEEDED, REASON, DayField


def _reason(label: Any) -> TextAreaField:
    return TextAreaField(label, [REASON], render_kw={"rows": 2})


class AmendmentForm(Form):
    hours = DecimalField(_l("Hours asked from now on"), [NEEDED, validators.NumberRange(0.5, 200)], places=1)
    signed_on = DayField(_l("Signed on"), [NEEDED], description=_l("Without his signature the hours stay."))
    document = StringField(_l("Number of the supplementary agreement"), [NEEDED])
    reason = _reason(_l("Reason"))

    @property
    def minutes(self) -> int:
        return round(self.hours.data * 60)


class ExtensionForm(Form):
    last_on = DayField(_l("New last day"), [NEEDED])
    reason = _reason(_l("Reason"))


class WithdrawalForm(Form):
    reason = TextAreaField(
        _l("In which words, and how it was said"),
        [validators.Optional()],
        description=_l("Taking part is voluntary: no reason is needed."),
        render_kw={"rows": 2},
    )


class GroundForm(Form):
    """Stopping and exempting: one of the grounds the scheme has, with its words."""

    ground = SelectField(_l("Ground"), [NEEDED])
    reason = _reason(_l("Reason and evidence"))

    def __init__(self, *args: Any, grounds: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ground.choices = [("", gettext("choose")), *grounds.items()]


class TransferForm(Form):
    office = SelectField(_l("To the office"), [NEEDED])
    reason = _reason(_l("Reason"))

    def __init__(self, *args: Any, offices: Sequence[Office], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.office.choices = [("", gettext("choose")), *((str(one.public_id), one.name) for one in offices)]

    @property
    def chosen(self) -> uuid.UUID:
        return uuid.UUID(self.office.data)
