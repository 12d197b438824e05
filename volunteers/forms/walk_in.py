"""Somebody who did not book: his initials and the end of his phone number; whom of those found, and why."""

from __future__ import annotations

import uuid

from flask_babel import lazy_gettext as _l
from wtforms import StringField, validators

from volunteers.forms.crossing import PressForm
from volunteers.forms.fields import NEEDED, plain


class SeekForm(PressForm):
    initials = StringField(
        _l("Initials of the name"),
        [NEEDED, validators.Regexp(r"^[A-Za-z]{1,8}$", message=_l("Letters only, like wxm."))],
        filters=[plain],
        description=_l("The first letter of each character in pinyin, like wxm."),
    )
    tail = StringField(
        _l("Last four digits of the phone"),
        [NEEDED, validators.Regexp(r"^[0-9]{4}$", message=_l("Four digits."))],
        filters=[plain],
    )


class GuestForm(PressForm):
    code = StringField(validators=[NEEDED])


class _Chosen(PressForm):
    who = StringField(validators=[validators.UUID()])
    reason = StringField(_l("Reason"), [validators.Length(max=200, message=_l("At most %(max)d characters."))])

    @property
    def chosen(self) -> uuid.UUID:
        return uuid.UUID(self.who.data)


class AdmissionForm(SeekForm, _Chosen):
    """Of somebody found by initials and number."""


class GuestAdmissionForm(GuestForm, _Chosen):
    """Of somebody whose code was read."""
