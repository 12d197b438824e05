"""The forms of what comes before the first shift."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField, StringField, validators

from accounts.models import Organisation
from accounts.web import Form
from volunteers.actions.preparing import Recorded
from volunteers.forms.fields import NEEDED, REASON, DayField, WholeField
from volunteers.words import DIFFICULTIES

_PAPER = validators.Length(max=80, message=_l("At most %(max)d characters."))


def _capable(field: str | None) -> int | None:
    return int(field) if field not in (None, "") else None


class ToldForm(Form):
    on = DayField(_l("Signed on"), [NEEDED])
    document = StringField(_l("Number of the notice"), [NEEDED, _PAPER], render_kw={"autocomplete": "off"})


class ConsentForm(Form):
    on = DayField(_l("Signed on"), [NEEDED])
    document = StringField(_l("Number of the undertaking"), [NEEDED, _PAPER], render_kw={"autocomplete": "off"})
    capable_of = SelectField(
        _l("What is all right for the health"),
        [NEEDED],
        choices=lambda: [("", gettext("choose")), *((str(key), word) for key, word in DIFFICULTIES.items())],
        description=_l("By his own words: the hardest post he can stand at."),
    )
    squad = SelectField(
        _l("Squad"), [validators.Optional()], description=_l("It trains him and hears when his service begins.")
    )

    def __init__(self, *args: Any, squads: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.squad.choices = [("", gettext("none yet")), *((str(one.public_id), one.name) for one in squads)]

    @property
    def chosen_squad(self) -> uuid.UUID | None:
        return uuid.UUID(self.squad.data) if self.squad.data else None


class TrainingForm(Form):
    on = DayField(_l("Trained on"), [NEEDED])
    minutes = WholeField(_l("Minutes"), [NEEDED, validators.NumberRange(1, 6000, _l("From %(min)d to %(max)d."))])
    trainer = StringField(_l("By whom"), [NEEDED, _PAPER])


class TrainingListForm(TrainingForm):
    """Several were trained together."""

    chosen = SelectMultipleField(_l("Who was there"), [validators.InputRequired(_l("Choose who was there."))])

    def __init__(self, *args: Any, people: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen.choices = [(str(one.public_id), one.person.name) for one in people]


class InsuranceForm(Form):
    first_on = DayField(_l("Insured from"), [NEEDED])
    until = DayField(_l("until"), [NEEDED])
    policy = StringField(_l("Policy"), [NEEDED, _PAPER], render_kw={"autocomplete": "off"})


class StartForm(Form):
    document = StringField(_l("Number of the liaison letter"), [NEEDED, _PAPER], render_kw={"autocomplete": "off"})


class ElsewhereForm(Form):
    document = StringField(
        _l("Number of the approval"), [NEEDED, _PAPER], description=_l("Of the authority that executes the bail.")
    )
    reason = StringField(_l("Reason"), [REASON])


class RecordForm(Form):
    """What is known of people whose service began before the program; a field left empty changes nothing."""

    chosen = SelectMultipleField(_l("Of whom"), [validators.InputRequired(_l("Choose somebody."))])
    told_on = DayField(_l("Told of the risks on"), [validators.Optional()])
    consented_on = DayField(_l("Consent signed on"), [validators.Optional()])
    trained_on = DayField(_l("Trained on"), [validators.Optional()])
    insured_from = DayField(_l("Insured from"), [validators.Optional()])
    insured_until = DayField(_l("until"), [validators.Optional()])
    policy = StringField(_l("Policy"), [validators.Optional(), _PAPER])
    capable_of = SelectField(
        _l("What is all right for the health"),
        [validators.Optional()],
        choices=lambda: [("", gettext("as it is")), *((str(key), word) for key, word in DIFFICULTIES.items())],
    )
    bail_area = StringField(
        _l("Area of bail"),
        [validators.Optional(), _PAPER],
        description=_l("Only of those who are on bail. Several counties with a comma between them."),
    )
    reason = StringField(_l("What this rests on"), [REASON])

    def __init__(self, *args: Any, people: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen.choices = [(str(one.public_id), one.person.name) for one in people]

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if bool(self.insured_from.data) != bool(self.insured_until.data):
            empty = self.insured_until if self.insured_from.data else self.insured_from
            empty.errors = [gettext("An insurance has its first day and its last.")]
            return False
        return good

    @property
    def known(self) -> Recorded:
        return Recorded(
            told_on=self.told_on.data,
            consented_on=self.consented_on.data,
            trained_on=self.trained_on.data,
            insured_from=self.insured_from.data,
            insured_until=self.insured_until.data,
            policy=self.policy.data or "",
            capable_of=_capable(self.capable_of.data),
            bail_area=self.bail_area.data or "",
        )
