"""Forms of the installation: mail server, place of the copies, time zone."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, IntegerField, PasswordField, SelectChoice, SelectField, StringField
from wtforms.validators import DataRequired, Length, NumberRange, Optional, Regexp, ValidationError

from accounts.models import MailSecurity
from accounts.web import Form

_AT_MOST = _l("At most %(max)d characters.")
NEEDED = DataRequired(_l("This is needed."))
ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
IS_ADDRESS = Regexp(re.compile(rf"^{ADDRESS.pattern}$"), message=_l("Give an address like office@example.cn."))
SECURITY = {
    MailSecurity.STARTTLS: _l("STARTTLS (usually port 587)"),
    MailSecurity.TLS: _l("TLS (usually port 465)"),
    MailSecurity.NONE: _l("None (only within one machine or network)"),
}


class MailForm(Form):
    """How the office's mail leaves. An empty password keeps the one that is stored."""

    host = StringField(
        _l("Mail server"), [NEEDED, Regexp(r"^[A-Za-z0-9.:-]{1,253}$", message=_l("Give a host name or an address."))]
    )
    port = IntegerField(_l("Port"), [NEEDED, NumberRange(1, 65535, _l("Ports go from 1 to 65535."))], default=587)
    security = SelectField(
        _l("Encryption"), [NEEDED], choices=[SelectChoice(str(kind), words) for kind, words in SECURITY.items()]
    )
    username = StringField(
        _l("User"), [Optional(), Length(max=254, message=_AT_MOST)], render_kw={"autocomplete": "off"}
    )
    password = PasswordField(_l("Password"), [Optional()], render_kw={"autocomplete": "new-password"})
    sender = StringField(_l("Sender's address"), [NEEDED, IS_ADDRESS], render_kw={"inputmode": "email"})

    @property
    def values(self) -> dict[str, Any]:
        return {**super().values, "username": self.username.data or "", "password": self.password.data or None}


class AddressForm(Form):
    address = StringField(_l("Your e-mail address"), [Optional(), IS_ADDRESS], render_kw={"inputmode": "email"})


class BackupForm(Form):
    place = StringField(
        _l("Folder for the copies"),
        [Optional(), Length(max=500, message=_AT_MOST)],
        description=_l("A folder of this machine that lies on another disk or is carried to another place."),
    )

    def validate_place(self, field: Field) -> None:
        if field.data and not field.data.startswith("/"):
            raise ValidationError(_l("Give the whole path, beginning with /."))


class ZoneForm(Form):
    zone = StringField(_l("Time zone"), [NEEDED])
    reason = StringField(_l("Reason"), [NEEDED])
