"""What somebody said by phone, in person or in writing, entered for him: with how and when he said it (DOMAIN 8.0)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    Field,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    validators,
)

from accounts.presenting import span
from accounts.refusals import said
from accounts.web import Form, now
from volunteers.forms.fields import NEEDED, DayField
from volunteers.models.assessment import Assessment
from volunteers.rules.obstacles import NotBookable

WAYS = {
    "phone": _l("by phone"),
    "person": _l("in person"),
    "message": _l("by message"),
    "letter": _l("by letter"),
}


class SaidAtField(DateTimeLocalField):
    years = DayField.years

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(gettext("Give a day and a time.")) from None


class SaidForm(Form):
    how = SelectField(
        _l("How it was said"), choices=lambda: [("", gettext("choose")), *WAYS.items()], validators=[NEEDED]
    )
    said_at = SaidAtField(_l("When it was said"), [NEEDED])
    words = StringField(_l("In which words"), [validators.Length(max=200, message=_l("At most %(max)d characters."))])

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(zone)

    def validate_said_at(self, field: Field) -> None:
        if field.data is not None and self.moment > now():
            raise validators.ValidationError(gettext("This lies in the future."))

    @property
    def moment(self) -> datetime:
        said: datetime = self.said_at.data.replace(tzinfo=self.zone)
        return said

    @property
    def reason(self) -> str:
        """How, when and in which words, as the act keeps it."""
        parts = [str(WAYS[self.how.data]), span(self.moment)]
        return " · ".join([*parts, *([self.words.data] if self.words.data else [])])


class BookingForm(SaidForm):
    who = SelectField(_l("For whom"), [NEEDED])
    or_wait = BooleanField(_l("If it is full, put on the waiting list"))

    def __init__(self, *args: Any, people: Sequence[tuple[Assessment, NotBookable | None]] = (), **kwargs: Any) -> None:
        """`people` with what keeps each from the shift: those it fits, who can wait, the others, not offered."""
        super().__init__(*args, **kwargs)
        names = [one.person.name for one, _ in people]
        groups: dict[str, list[SelectChoice]] = {"fits": [], "waits": [], "refused": []}
        for one, refusal in people:
            name = one.person.name if names.count(one.person.name) == 1 else _told_apart(one)
            groups[_group_of(refusal)].append(_choice(one, name, refusal))
        self.who.choices = [SelectChoice("", gettext("choose")), *(one for group in groups.values() for one in group)]

    @property
    def chosen(self) -> uuid.UUID:
        return uuid.UUID(self.who.data)


class GivingUpForm(SaidForm):
    """Somebody will not come."""

    what = RadioField(
        _l("What was said"),
        [NEEDED],
        choices=lambda: [
            ("cancel", gettext("The place is given back; nothing is noted")),
            ("absent", gettext("Cannot come: noted as an absence told before the start, not as a missed shift")),
        ],
        default="cancel",
    )


class ExcuseForm(Form):
    reason = StringField(_l("Reason and evidence"), [NEEDED])


def _group_of(refusal: NotBookable | None) -> str:
    if refusal is None:
        return "fits"
    return "waits" if [one.code for one in refusal.obstacles] == ["full"] else "refused"


def _choice(one: Assessment, name: str, refusal: NotBookable | None) -> SelectChoice:
    key, group = str(one.public_id), _group_of(refusal)
    if refusal is None:
        return SelectChoice(key, name)
    if group == "waits":
        return SelectChoice(key, name, optgroup=gettext("All places are taken: for the waiting list"))
    label = f"{name} · {said(refusal)}"
    return SelectChoice(key, label, render_kw={"disabled": True}, optgroup=gettext("Not for this shift, and why"))


def _told_apart(one: Assessment) -> str:
    """Namesakes are told apart by their case."""
    return f"{one.person.name} · {one.case.number}"
