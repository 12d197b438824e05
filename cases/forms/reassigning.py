"""To whom a case goes."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField, validators

from accounts.models import Role
from accounts.web import Form
from cases.forms.entering import PersonField, people_of
from cases.models import Case


class ReassignmentForm(Form):
    to = PersonField(_l("To whom"), [validators.InputRequired(_l("Choose who handles it."))])
    shown = HiddenField()
    reason = TextAreaField(_l("Reason"), [validators.InputRequired(_l("Say why."))], render_kw={"rows": 2})

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        able = people_of(case.office, Role.PROSECUTOR, Role.CHIEF, Role.DEPUTY_CHIEF)
        if not self.is_submitted():
            self.shown.data = str(case.handler_id)
        self.to.choices = [("", "—"), *((key, name) for key, name in able if key != case.handler_id)]
