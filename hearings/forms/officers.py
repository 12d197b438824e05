"""Choosing a hearing officer after the plan."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField, validators

from accounts.web import Form


class OfficerForm(Form):
    person = SelectField(_l("Hearing officer"), [validators.InputRequired(_l("Choose somebody."))])
    instead_of = SelectField(_l("In the place of"), [validators.Optional()])
    why = TextAreaField(_l("Why this one"), [validators.InputRequired(_l("Say why."))], render_kw={"rows": 2})
    despite = TextAreaField(
        _l("Why in spite of a warning"),
        [validators.Optional()],
        description=_l("Only where something is warned of."),
        render_kw={"rows": 2},
    )

    def __init__(
        self, *args: Any, people: Iterable[tuple[str, str]], sitting: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.person.choices = [("", "—"), *people]
        self.instead_of.choices = [("", gettext("nobody: a free place")), *sitting]
