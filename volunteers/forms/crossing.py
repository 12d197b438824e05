"""At the crossing: a press with the device's time, a reason, a corrected time."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField, TimeField, validators

from accounts.web import Form
from volunteers.forms.confirmation import UndoForm
from volunteers.models.attendance import TickKind
from volunteers.models.shifts import Shift
from volunteers.rules.minutes import LEAVES_AFTER, arrives_from

WHY = [
    validators.InputRequired(_l("Say in a few words why.")),
    validators.Length(max=300, message=_l("At most %(max)d characters.")),
]


class PressForm(Form):
    """`device_at`: what the device's clock said when the button was pressed, as ISO 8601; anything else is ignored."""

    device_at = StringField()

    def pressed_at(self) -> datetime | None:
        try:
            at = datetime.fromisoformat(self.device_at.data or "")
        except ValueError:
            return None
        return at if at.tzinfo is not None else None


class ReasonForm(PressForm):
    reason = StringField(_l("Reason"), WHY)


class TakingBackForm(UndoForm):
    reason = StringField(_l("Reason"), WHY)


class ArrivalForm(Form):
    clock = TimeField(_l("When he came"), [validators.InputRequired(_l("Give a time like 17:05."))])
    reason = StringField(_l("Why it is said only now"), WHY)


class CorrectionForm(Form):
    kind = RadioField(
        _l("Which time"),
        [validators.InputRequired(_l("Choose one of the two."))],
        choices=[(TickKind.IN, _l("Arrival")), (TickKind.OUT, _l("Leaving"))],
    )
    clock = TimeField(_l("The right time"), [validators.InputRequired(_l("Give a time like 17:05."))])
    reason = StringField(_l("Reason"), WHY)

    def stated(self, shift: Shift) -> datetime:
        return moment_of(shift, self.clock.data)


def moment_of(shift: Shift, clock: time) -> datetime:
    """A time as an instant of the shift's day; of the day after where only that can be meant."""
    found = datetime.combine(shift.starts_on, clock, ZoneInfo(shift.office.zone))
    later = found + timedelta(days=1)
    meant = found < arrives_from(shift.event.starts_at) and later <= shift.event.ends_at + LEAVES_AFTER
    return later if meant else found
