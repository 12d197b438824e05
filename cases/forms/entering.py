"""The form of a case."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import BooleanField, DateField, Field, SelectField, StringField, TextAreaField, validators

from accounts.models import Membership, Office, Person, Role
from accounts.web import NO_DATE, Form, today
from cases.words import STAGES
from exchange.tidy import Untidy, case_number
from extensions import db


def at_most(signs: int) -> validators.Length:
    return validators.Length(max=signs, message=_l("At most %(max)d characters."))


def as_one_number(text: str | None) -> str | None:
    """One case has one number, however it was typed: as in a list that is imported."""
    try:
        return case_number(text) if text else text
    except Untidy:  # too long, or of signs that cannot be stored: refused as it was typed
        return text


class DayField(DateField):
    """A day on which something of a case happens: no case on anybody's desk is of the last century."""

    years = range(2000, 2100)


class PersonField(SelectField):
    """Somebody of the office, or nobody; `data` is the id of the person."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, coerce=lambda v: int(v) if v and v != "None" else None, choices=[], **kwargs)


class CaseForm(Form):
    number = StringField(
        _l("Case number"),
        [validators.InputRequired(_l("Give the number of the case.")), at_most(60)],
        filters=[as_one_number],
    )
    cause = StringField(
        _l("Cause"),
        [validators.InputRequired(_l("Give the cause.")), at_most(120)],
        description=_l("The legal title, without names."),
    )
    stage = SelectField(
        _l("Stage"), [validators.InputRequired(_l("Choose the stage."))], choices=lambda: list(STAGES.items())
    )
    received_on = DayField(_l("Received on"), [validators.InputRequired(NO_DATE)])
    fast_track = BooleanField(_l("Plea and fast track: ten days instead of a month"))
    limit_on = DayField(
        _l("A date to plan by"),
        [validators.Optional()],
        description=_l("Only where the office plans by a date entered by hand."),
    )
    handler_id: Any = PersonField(_l("Prosecutor"), [validators.InputRequired(_l("Choose who handles it."))])
    lead_id = PersonField(_l("Lead prosecutor of the group"), [validators.Optional()])
    clerk_id = PersonField(_l("Clerk"), [validators.Optional()])

    def validate_received_on(self, field: Field) -> None:
        if field.data and field.data > today():
            raise validators.ValidationError(gettext("This day lies ahead: a case is entered once it has come in."))

    def __init__(self, *args: Any, office: Office, **kwargs: Any) -> None:
        """The choices are the people of the office."""
        super().__init__(*args, **kwargs)
        prosecutors = people_of(office, Role.PROSECUTOR, Role.CHIEF, Role.DEPUTY_CHIEF)
        if self.handler_id is not None:
            self.handler_id.choices = [("", "—"), *prosecutors]
        self.lead_id.choices = [("", "—"), *prosecutors]
        self.clerk_id.choices = [("", "—"), *people_of(office, Role.CLERK)]


class CorrectionForm(CaseForm):
    """Who handles the case is not corrected: it is given to somebody else (`reassign_case`)."""

    handler_id = None
    reason = TextAreaField(_l("Reason"), [validators.InputRequired(_l("Say why."))], render_kw={"rows": 2})


def people_of(office: Office, *roles: str) -> list[tuple[int, str]]:
    """Members of an office in some roles whose membership has not ended: (id, name), by name."""
    rows = select(Person.id, Person.name, Person.pinyin).join(Membership, Membership.person_id == Person.id)
    rows = rows.where(Membership.office_id == office.id, Membership.role.in_(roles), Membership.ends_on.is_(None))
    return [(key, name) for key, name, _ in db.session.execute(rows.distinct().order_by(Person.pinyin, Person.id))]
