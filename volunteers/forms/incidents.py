"""What happened, in a word from the list and a few of one's own; who it was, and why."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField, validators

from accounts.web import Form
from volunteers.forms.crossing import PressForm
from volunteers.forms.fields import NEEDED, REASON
from volunteers.models.incidents import IncidentKind
from volunteers.words import INCIDENTS

_AT_MOST = _l("At most %(max)d characters.")


class NoteForm(PressForm):
    kind = RadioField(_l("What it was"), [NEEDED], choices=lambda: list(INCIDENTS.items()))
    words = StringField(_l("In a few words"), [validators.Length(max=300, message=_AT_MOST)])

    @property
    def chosen(self) -> IncidentKind:
        return IncidentKind(self.kind.data)


class DecisionForm(Form):
    was_he = RadioField(
        _l("Who was it"), [NEEDED], choices=[("yes", _l("It was he")), ("no", _l("It was somebody else"))]
    )
    reason = StringField(_l("Reason"), [REASON, validators.Length(max=1000, message=_AT_MOST)])
