"""The forms of the end of an assessment: remark, check, evaluation, decision."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TextAreaField, validators

from accounts.models import Organisation
from accounts.web import Form
from volunteers.actions.evaluation import Decided
from volunteers.forms.fields import NEEDED, REASON, DayField
from volunteers.words import DECISIONS, GRADED, OPINIONS

_PAPER = validators.Length(max=80, message=_l("At most %(max)d characters."))


def _choices(words: dict[str, Any]) -> Any:
    return lambda: [("", gettext("choose")), *words.items()]


class AskSquadForm(Form):
    squad = SelectField(_l("Squad"), [NEEDED])

    def __init__(self, *args: Any, squads: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.squad.choices = [("", gettext("choose")), *((str(one.public_id), one.name) for one in squads)]

    @property
    def chosen(self) -> uuid.UUID:
        return uuid.UUID(self.squad.data)


class RemarkForm(Form):
    opinion = SelectField(_l("How the service was"), [NEEDED], choices=_choices(OPINIONS))
    text = TextAreaField(
        _l("In your own words"),
        [NEEDED],
        description=_l("Punctual, attentive, how it went with others: what your officers saw."),
        render_kw={"rows": 3},
    )


class CheckForm(Form):
    on = DayField(_l("Day of the check"), [NEEDED])
    found = SelectField(
        _l("Was he met at his post"),
        [NEEDED],
        choices=lambda: [("", gettext("choose")), ("yes", gettext("yes")), ("no", gettext("no"))],
    )
    note = StringField(_l("What was seen"), [validators.Optional()])


class EvaluationForm(Form):
    grade = SelectField(_l("Grade"), [NEEDED], choices=_choices(GRADED))
    reasons = TextAreaField(
        _l("Reasons"),
        [validators.Optional()],
        description=_l(
            "Needed where you depart from the proposal, hours are missing or no squad has given its remark."
        ),
        render_kw={"rows": 3},
    )


class ClosingForm(Form):
    decision = SelectField(_l("Decision in the case"), [NEEDED], choices=_choices(DECISIONS))
    on = DayField(_l("Day of the decision"), [NEEDED])
    document = StringField(_l("Number of the decision"), [NEEDED, _PAPER], render_kw={"autocomplete": "off"})
    hearing_closed_on = DayField(
        _l("Day on which the hearing was closed"),
        [validators.Optional()],
        description=_l("It was held and is not closed in the program. Needed where that was done on paper."),
    )
    reason = TextAreaField(_l("Reason"), [REASON], render_kw={"rows": 2})

    @property
    def decided(self) -> Decided:
        return Decided(self.decision.data, self.on.data, self.document.data, self.hearing_closed_on.data)
