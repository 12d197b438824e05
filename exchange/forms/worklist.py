"""The forms of the work list."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired

from accounts.web import Form
from exchange.models import Decision

DECISIONS = [
    (Decision.ACCEPTED.value, _l("Accept as it is")),
    (Decision.CORRECTED.value, _l("It has been corrected")),
    (Decision.STRUCK_OUT.value, _l("Strike it out: it does not count")),
]


class SettlementForm(Form):
    decision = RadioField(_l("Decision"), [InputRequired(_l("Choose one."))], choices=DECISIONS)
    reason = TextAreaField(_l("Reason"), [InputRequired(_l("Write in a few words what you looked at."))])


class SettlementsForm(SettlementForm):
    """The same decision about several; `chosen` are their public ids."""

    chosen = SelectMultipleField(_l("Chosen"), [InputRequired(_l("Choose at least one."))], validate_choice=False)
