"""Forms of the first-run guide."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import Length

from accounts.forms.office import NEEDED
from accounts.web import Form

SHORT = Length(max=60, message=_l("At most %(max)d characters."))


class StartForm(Form):
    code = StringField(_l("Start code"), [NEEDED], render_kw={"autocomplete": "off", "autocapitalize": "characters"})


class PersonForm(Form):
    """Somebody who will sign in."""

    name = StringField(_l("Name"), [NEEDED, SHORT])
    phone = StringField(_l("Mobile phone"), [SHORT], render_kw={"inputmode": "tel"})
    username = StringField(
        _l("Name to sign in with"), [NEEDED, SHORT], description=_l("For example the name in pinyin.")
    )


class HolderForm(PersonForm):
    role = HiddenField()


class CoordinatorForm(PersonForm):
    """Oneself, with a password. Blanks at the ends of a password are part of it."""

    phone = StringField(_l("Mobile phone"), [NEEDED, SHORT], render_kw={"inputmode": "tel", "autocomplete": "tel"})
    password = PasswordField(
        _l("Password"),
        [NEEDED],
        description=_l("At least 12 characters. Three or four words in a row are easy to remember."),
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(_l("The same once more"), [NEEDED], render_kw={"autocomplete": "new-password"})
