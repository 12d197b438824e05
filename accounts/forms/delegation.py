"""Forms of delegation and hand-over."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectChoice, SelectField, TextAreaField
from wtforms.validators import InputRequired, Optional

from accounts.forms.people import NEEDED, REASON
from accounts.web import NO_DATE, Form


class DelegationForm(Form):
    """`choices` are the deputies one may choose."""

    to = SelectField(_l("Deputy chief prosecutor"), [NEEDED])
    starts_on = DateField(_l("First day"), [InputRequired(NO_DATE)])
    ends_on = DateField(_l("Last day"), [InputRequired(NO_DATE)])
    reason = TextAreaField(_l("Reason"), [REASON], render_kw={"rows": 2})

    def __init__(self, *args: Any, choices: list[SelectChoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.to.choices = choices


class HandOverForm(Form):
    """`roles` and `people` are what one may choose."""

    role = SelectField(_l("Work as"), [NEEDED])
    to = SelectField(_l("Colleague"), [NEEDED])
    starts_on = DateField(_l("First day"), [InputRequired(NO_DATE)])
    ends_on = DateField(_l("Last day"), [InputRequired(NO_DATE)])
    reason = TextAreaField(_l("Reason"), [Optional()], render_kw={"rows": 2})

    def __init__(self, *args: Any, roles: list[SelectChoice], people: list[SelectChoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices, self.to.choices = roles, people
