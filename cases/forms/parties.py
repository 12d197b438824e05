"""The form of somebody in a case."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, Field, SelectField, StringField, TextAreaField, validators

from accounts.forms.people import fits
from accounts.models import Office, Role
from accounts.rules import people as rules
from accounts.web import Form, today
from cases.forms.entering import DayField, PersonField, at_most, people_of
from cases.models import Case
from cases.words import MEASURES, ROLES


class PartyForm(Form):
    name = StringField(_l("Name"), [validators.InputRequired(_l("Give the name.")), at_most(60)])
    role = SelectField(
        _l("Role"), [validators.InputRequired(_l("Choose the role."))], choices=lambda: list(ROLES.items())
    )
    person_id = PersonField(
        _l("Known here as"),
        [validators.Optional()],
        description=_l(
            "A lawyer of this office, or somebody under assessment here of this very name: then the calendar keeps the "
            "hour free for him."
        ),
    )
    represents_id = PersonField(_l("Speaks for"), [validators.Optional()])
    phone = StringField(_l("Phone"), [validators.Optional(), fits(rules.phone)], render_kw={"inputmode": "tel"})
    birth_on = DateField(_l("Date of birth"), [validators.Optional()])
    is_minor = BooleanField(_l("Was under 18 at the offence"))
    employer = StringField(_l("Work or firm"), [validators.Optional(), at_most(120)])
    measure = SelectField(_l("Measure"), choices=lambda: list(MEASURES.items()))
    measure_from = DayField(_l("Under it since"), [validators.Optional()])
    bail_area = StringField(
        _l("Area of bail"),
        [validators.Optional(), at_most(60)],
        description=_l("The city or county he does not leave."),
    )

    def validate_birth_on(self, field: Field) -> None:
        if field.data and field.data > today():
            raise validators.ValidationError(gettext("This day lies ahead."))

    def __init__(self, *args: Any, case: Case, linked: int | None = None, **kwargs: Any) -> None:
        """The choices are people of the office, and whom in the case one may speak for. Who is under assessment here is
        told to nobody who does not know his name already; `linked` is whom the party has been said to be."""
        super().__init__(*args, **kwargs)
        self.namesakes = namesakes(case.office, self.name.data or "", linked)
        known = [*people_of(case.office, Role.LAWYER), *self.namesakes]
        self.person_id.choices = [("", gettext("nobody known here")), *known]
        self.represents_id.choices = [("", "—"), *((p.id, p.name) for p in case.present_parties)]


def namesakes(office: Office, name: str, linked: int | None = None) -> list[tuple[int, str]]:
    """Those under assessment at an office who bear a name, and the one already named: (id, name)."""
    volunteers = people_of(office, Role.VOLUNTEER)
    return [(key, called) for key, called in volunteers if called == name.strip() or key == linked]


class PartyCorrectionForm(PartyForm):
    reason = TextAreaField(_l("Reason"), [validators.InputRequired(_l("Say why."))], render_kw={"rows": 2})
