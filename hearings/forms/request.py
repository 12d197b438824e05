"""The form of a request for a hearing."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    validators,
    widgets,
)

from accounts.web import Form
from cases.forms.entering import DayField
from hearings.words import CLOSED, GROUNDS, KINDS, MODES

OPENNESS = {
    "rule": _l("As the rule says for this kind"),
    "public": _l("Public"),
    "closed": _l("Not public"),
}


class GroundsField(SelectMultipleField):
    """A list of ticks."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Marked as needed; that one is ticked is for the rule to say, which knows the kind."""
        super().__init__(*args, **kwargs)
        self.flags.required = True


class RequestForm(Form):
    kind = SelectField(
        _l("Kind"), [validators.InputRequired(_l("Choose the kind."))], choices=lambda: list(KINDS.items())
    )
    mode = SelectField(
        _l("How it is held"),
        [validators.InputRequired(_l("Choose how it is held."))],
        choices=lambda: list(MODES.items()),
    )
    grounds = GroundsField(
        _l("Why a hearing"),
        choices=lambda: list(GROUNDS.items()),
        description=_l("Tick every ground that applies."),
    )
    why = TextAreaField(
        _l("What these grounds rest on"),
        [validators.InputRequired(_l("Say in a sentence or two why a hearing is needed."))],
        description=_l("Without names: whoever decides reads the case's people on the same page."),
        render_kw={"rows": 3},
    )
    questions = TextAreaField(
        _l("Questions to be heard"),
        [validators.Optional()],
        description=_l("One a line. They may follow until the hearing is planned."),
        render_kw={"rows": 3},
    )
    openness = RadioField(
        _l("Public or not"),
        [validators.InputRequired(_l("Choose whether it is public."))],
        choices=lambda: list(OPENNESS.items()),
        default="rule",
        description=_l(
            "Arrest and detention are heard behind closed doors, and so is every case with a minor; the other kinds "
            "are public."
        ),
    )
    closed_reason = SelectField(
        _l("Reason for closing it"), [validators.Optional()], choices=lambda: [("", "—"), *CLOSED.items()]
    )
    public_why = StringField(
        _l("Why it departs from the rule"),
        [validators.Optional()],
        description=_l("Only where it does; for a commercial secret, who asked for it."),
    )
    applicant = StringField(
        _l("Who applied for it"),
        [validators.Optional()],
        description=_l("A party, a defender or an agent. Leave it empty where nobody applied."),
    )
    applied_on = DayField(
        _l("Applied on"), [validators.Optional()], description=_l("The answer is owed from this day.")
    )
    consent = StringField(
        _l("The parties' consent to a simplified hearing"),
        [validators.Optional()],
        description=_l("Where it is recorded; without it the days of notice hold."),
    )
