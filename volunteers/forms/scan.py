"""A code that was read or typed; a tick that a phone delivers late."""

from __future__ import annotations

import uuid

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, ValidationError, validators

from volunteers.actions.delivery import Delivered
from volunteers.forms.crossing import PressForm
from volunteers.models.attendance import TickKind


class CodeForm(PressForm):
    code = StringField(_l("The six digits under the code"), [validators.InputRequired(_l("Type the six digits."))])


class DeliveryForm(PressForm):
    """`client_id` is made on the phone, once, when the finger lifts; `attendance` whose name was pressed, or `code`."""

    client_id = StringField(validators=[validators.UUID()])
    attendance = StringField(validators=[validators.Optional(), validators.UUID()])
    kind = SelectField(choices=[(kind.value, kind.value) for kind in TickKind])
    code = StringField()

    def validate_device_at(self, field: StringField) -> None:
        if self.pressed_at() is None:
            raise ValidationError("an instant with its zone")

    @property
    def whose(self) -> uuid.UUID | None:
        return uuid.UUID(self.attendance.data) if self.attendance.data else None

    @property
    def delivered(self) -> Delivered:
        at = self.pressed_at()
        assert at is not None
        return Delivered(uuid.UUID(self.client_id.data), TickKind(self.kind.data), at, self.code.data or "")
