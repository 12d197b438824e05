"""Forms of enrolling a device."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField
from wtforms.validators import InputRequired

from accounts.web import Form

PAD = {"inputmode": "numeric", "autocomplete": "off", "pattern": "[0-9]*"}


class PinForm(Form):
    """The PIN of a device, chosen on it, typed twice."""

    pin = PasswordField(_l("PIN"), validators=[InputRequired(_l("This is needed."))], render_kw=PAD)
    again = PasswordField(_l("The same once more"), validators=[InputRequired(_l("This is needed."))], render_kw=PAD)
