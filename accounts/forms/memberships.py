"""Forms of memberships and of staff roles."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, SelectChoice, SelectField, TextAreaField
from wtforms.validators import InputRequired, Optional

from accounts.forms.people import NEEDED, REASON, RoleFields, none_chosen, organisation_choices, role_word
from accounts.models import Membership, Office, Organisation
from accounts.web import NO_DATE, Form


class MembershipForm(RoleFields):
    """One more role of somebody whom the office knows."""

    reason = TextAreaField(_l("Reason"), [Optional()], render_kw={"rows": 2})


class EndingForm(Form):
    ends_on = DateField(
        _l("Last day"),
        [InputRequired(NO_DATE)],
        description=_l("The role still holds on it."),
    )
    reason = TextAreaField(_l("Reason"), [REASON], render_kw={"rows": 2})


class TransferForm(Form):
    organisation = SelectField(_l("New organisation"), [NEEDED])
    starts_on = DateField(_l("From"), [InputRequired(NO_DATE)])
    reason = TextAreaField(_l("Reason"), [Optional()], render_kw={"rows": 2})

    def __init__(self, *args: Any, organisations: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation.choices = [none_chosen(), *organisation_choices(organisations)]


class RoleForm(Form):
    """A staff role, proposed."""

    office = SelectField(_l("Office"), [NEEDED])
    role = SelectField(_l("Role"), [NEEDED])
    organisation = SelectField(_l("Legal-aid body"), [Optional()], description=_l("Only for its contact."))
    leader = BooleanField(_l("Belongs to the leadership of the office"))
    starts_on = DateField(_l("From"), [InputRequired(NO_DATE)])
    reason = TextAreaField(_l("Reason"), [REASON], render_kw={"rows": 2})

    def __init__(
        self, *args: Any, offices: list[Office], roles: list[str], bodies: list[Organisation], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.office.choices = [SelectChoice(str(office.public_id), office.name) for office in offices]
        self.role.choices = [none_chosen(), *(SelectChoice(role, role_word(role)) for role in roles)]
        self.organisation.choices = [
            SelectChoice("", gettext("none")),
            *(SelectChoice(str(o.public_id), o.name) for o in bodies),
        ]


class RoleEndForm(EndingForm):
    membership = SelectField(_l("Role that ends"), [NEEDED])

    def __init__(self, *args: Any, memberships: list[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.membership.choices = [
            SelectChoice(str(m.public_id), f"{role_word(m.role)} · {m.office.name}") for m in memberships
        ]
