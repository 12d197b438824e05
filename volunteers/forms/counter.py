"""How somebody at the counter says who he is."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, StringField, validators

from accounts.web import Form
from volunteers.actions.counter import CARD_DIGITS
from volunteers.forms.fields import plain


class FindForm(Form):
    """Either both of the first, or the card's number."""

    initials = StringField(_l("First letters of the name"), filters=[plain])
    tail = StringField(_l("Last four digits of the phone"), filters=[plain])
    card = StringField(_l("Number of the card"), filters=[plain])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in (self.initials, self.tail, self.card):  # each stands in one of two forms that need it
            field.flags.required = True

    def validate_card(self, field: Field) -> None:
        if field.data:
            if not (field.data.isascii() and field.data.isdecimal() and len(field.data) == CARD_DIGITS):
                raise validators.ValidationError(_l("A card has %(n)s digits.", n=CARD_DIGITS))
        elif not (plain(self.initials.data).isalpha() and re.fullmatch("[0-9]{4}", plain(self.tail.data))):
            raise validators.ValidationError(_l("Give the letters and the four digits, or the number of the card."))
