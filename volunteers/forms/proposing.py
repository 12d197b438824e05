"""The form by which an assessment is proposed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, SelectField, StringField, TextAreaField, validators

from accounts.forms.people import fits
from accounts.rules.people import id_number
from accounts.web import Form
from cases.models import Party
from cases.words import MEASURES
from volunteers.actions.proposing import Proposal
from volunteers.forms.fields import NEEDED, DayField, HoursField, ScaledField, TicksField
from volunteers.rules.proposing import aggravating_text
from volunteers.rules.schemes import LEAST_MINUTES, MOST_MINUTES
from volunteers.words import AGGRAVATING

HIGHEST = 100_000  # hundredths of mg/100 ml: nobody lives with more
_LENGTH = validators.Length(max=200, message=_l("At most %(max)d characters."))
_HOURS = validators.NumberRange(LEAST_MINUTES, MOST_MINUTES, _l("From 0.5 to 200 hours."))


class AlcoholField(ScaledField):
    """mg/100 ml, kept in hundredths of it (D-01)."""

    scale = 100
    unreadable = _l("Give the figure of the blood test like 160.5, two digits after the point at most.")


class ProposalForm(Form):
    suspect = SelectField(_l("Suspect"), [NEEDED])
    id_number = StringField(
        _l("ID number"),
        [validators.Optional(), fits(id_number)],
        description=_l("Hours are counted for one human, whatever the office."),
        render_kw={"autocomplete": "off"},
    )
    bac = AlcoholField(
        _l("Blood alcohol"),
        [NEEDED, validators.NumberRange(1, HIGHEST, _l("From 0.01 to 1000 mg/100 ml."))],
        description=_l("mg/100 ml, by the blood test."),
    )
    pleaded = BooleanField(_l("Pleads guilty and accepts punishment"))
    with_hearing = BooleanField(_l("A hearing follows the service"))
    aggravating = TicksField(
        _l("Aggravating circumstances"),
        coerce=str,
        choices=lambda: list(AGGRAVATING.items()),
        description=_l("Tick every one that applies; none is the usual."),
    )
    aggravating_other = StringField(_l("What else aggravates"), [validators.Optional(), _LENGTH])
    first_on = DayField(_l("First day"), [NEEDED])
    last_on = DayField(_l("Last day"), [NEEDED])
    hours = HoursField(_l("Hours of service"), [validators.Optional(), _HOURS])
    reason = TextAreaField(
        _l("Why it is right all the same"),
        [validators.Optional()],
        description=_l("What is named beside the form asks for a reason; it stays with the file."),
        render_kw={"rows": 3},
    )

    def __init__(self, *args: Any, suspects: Sequence[Party], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._suspects = {str(one.public_id): one for one in suspects}
        self.suspect.choices = [(key, _named(one)) for key, one in self._suspects.items()]
        self.id_number.flags.required = not any(_is_known(one) for one in suspects)
        self.id_number.flags.quiet = self.reason.flags.quiet = True  # the page says when they are needed

    def validate_last_on(self, field: Field) -> None:
        if field.data is not None and self.first_on.data is not None and field.data < self.first_on.data:
            raise validators.ValidationError(gettext("The last day lies before the first."))

    def validate_aggravating(self, field: Field) -> None:
        """What else aggravates is said in words; the field of it may be empty, so it is asked here."""
        if "other" in (field.data or ()) and not self.aggravating_other.data:
            raise validators.ValidationError(gettext("Say below what else aggravates."))

    @property
    def chosen(self) -> Party | None:
        return self._suspects.get(self.suspect.data or "")

    @property
    def number(self) -> str:
        """The ID number as typed, where none is known of him."""
        return "" if self.chosen is not None and _is_known(self.chosen) else self.id_number.data or ""

    @property
    def proposal(self) -> Proposal:
        return Proposal(
            bac_hundredths=self.bac.data,
            aggravating=aggravating_text(self.aggravating.data or (), self.aggravating_other.data or ""),
            pleaded=self.pleaded.data,
            first_on=self.first_on.data,
            last_on=self.last_on.data,
            minutes=self.hours.data,
            with_hearing=self.with_hearing.data,
        )


def _is_known(suspect: Party) -> bool:
    return suspect.person is not None and bool(suspect.person.id_number)


def _named(suspect: Party) -> str:
    measure = MEASURES.get(suspect.measure)  # type: ignore[call-overload]
    return f"{suspect.name} · {measure}" if suspect.measure != "none" else suspect.name
