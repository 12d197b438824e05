"""What the chief says, and what the applicant was told."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, StringField, TextAreaField, validators

from accounts.web import NO_DATE, Form
from cases.forms.entering import DayField


class ApprovalForm(Form):
    """`seen`: the sequence of the request that was read."""

    document = StringField(
        _l("Number of the approval"),
        [validators.InputRequired(_l("Give the number under which the approval is filed."))],
        render_kw={"autocomplete": "off"},
    )
    note = StringField(_l("Remark"), [validators.Optional()], description=_l("For whoever plans the hearing."))
    seen = IntegerField(validators=[validators.Optional()])


class ReturnForm(Form):
    remark = TextAreaField(
        _l("What should be changed"),
        [validators.InputRequired(_l("Say what should be changed."))],
        render_kw={"rows": 2},
    )
    seen = IntegerField(validators=[validators.Optional()])


class RefusalForm(Form):
    reasons = TextAreaField(
        _l("Reasons"),
        [validators.InputRequired(_l("Say why there is no hearing."))],
        description=_l("An applicant is told these reasons (art. 9)."),
        render_kw={"rows": 3},
    )
    seen = IntegerField(validators=[validators.Optional()])


class FurtherApprovalForm(Form):
    """A place or an outsider: neither needs a document of its own."""

    document = StringField(_l("Number of the approval"), [validators.Optional()])
    note = StringField(_l("Remark"), [validators.Optional()])


class AnswerForm(Form):
    told_on = DayField(_l("Told on"), [validators.InputRequired(NO_DATE)])
    how = StringField(
        _l("How"),
        [validators.InputRequired(_l("Say how: by phone, by letter, in person."))],
        description=_l("By phone, by letter, in person, and by whom it was heard."),
    )
