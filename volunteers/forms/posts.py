"""The form of a traffic post."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import time
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField, TextAreaField, validators

from accounts.models import Membership, Organisation, Person
from accounts.setting_values import weekday
from accounts.web import Form
from volunteers.forms.fields import NEEDED, REASON, ClockField, TicksField, WholeField
from volunteers.models.posts import Post
from volunteers.words import DIFFICULTIES

PEAKS = ("morning_from", "morning_till", "evening_from", "evening_till")
NAMES = ("name", "capacity", *PEAKS, "area", "difficulty", "at_school", "remark")
_SHORT = validators.Length(max=60, message=_l("At most %(max)d characters."))


class PostForm(Form):
    name = StringField(_l("Name of the post"), [NEEDED, _SHORT], description=_l("As people on the street call it."))
    squad = SelectField(_l("Squad"))
    capacity = WholeField(
        _l("Places for volunteers"), [NEEDED, validators.NumberRange(1, 200, _l("From %(min)d to %(max)d."))]
    )
    area = StringField(_l("County or district"), [_SHORT])
    difficulty = SelectField(
        _l("How hard it is"),
        coerce=int,
        choices=lambda: list(DIFFICULTIES.items()),
        default=2,
        description=_l("Whoever may not stand long is booked at easier posts; minutes count the same everywhere."),
    )
    morning_from = ClockField(_l("Morning peak from"), [validators.Optional()])
    morning_till = ClockField(_l("till"), [validators.Optional()])
    evening_from = ClockField(_l("Evening peak from"), [validators.Optional()])
    evening_till = ClockField(_l("till"), [validators.Optional()])
    weekdays = TicksField(
        _l("Days"),
        [NEEDED],
        coerce=str,
        choices=lambda: [(str(n), weekday(n)) for n in range(1, 8)],
        description=_l("On holidays no post is staffed; on a make-up working day posts of Monday to Friday are."),
    )
    at_school = BooleanField(
        _l("At a school"), description=_l("Rests in the school holidays that the office has entered.")
    )
    officers = TicksField(_l("Traffic officers"), coerce=str)
    remark = TextAreaField(_l("Remark"), render_kw={"rows": 2})

    def __init__(
        self,
        *args: Any,
        squads: Sequence[Organisation],
        officers: Sequence[Membership],
        none: bool = True,
        **kwargs: Any,
    ) -> None:
        """`squads` and `officers` are those the person who asks may choose; `none`: no squad is a choice as well."""
        super().__init__(*args, **kwargs)
        self._squads = {str(one.public_id): one for one in squads}
        self._officers = {str(one.person.public_id): one.person for one in officers}
        nobody = [("", gettext("none"))] if none else []
        self.squad.choices = [*nobody, *((key, one.name) for key, one in self._squads.items())]
        self.officers.choices = [(str(one.person.public_id), _officer(one)) for one in officers]

    def validate(self, extra_validators: Any = None) -> bool:
        """A peak has both times or none; a post has at least one peak. Empty fields are asked here as well."""
        good = super().validate(extra_validators)
        for begins, ends in ((self.morning_from, self.morning_till), (self.evening_from, self.evening_till)):
            why = _unfit(begins.data, ends.data)
            if why and not begins.errors and not ends.errors:
                ends.errors, good = [why], False
        if good and self.morning_from.data is None and self.evening_from.data is None:
            self.morning_from.errors, good = [gettext("Give the hours of at least one peak.")], False
        return good

    @property
    def chosen_squad(self) -> Organisation | None:
        return self._squads.get(self.squad.data or "")

    @property
    def chosen_officers(self) -> list[Person]:
        return [self._officers[key] for key in self.officers.data or [] if key in self._officers]

    @property
    def facts(self) -> dict[str, Any]:
        """What the post is, as the action takes it."""
        facts = {name: self[name].data for name in NAMES}
        texts = {name: facts[name] or "" for name in ("remark", "area")}
        return {**facts, **texts, "weekdays": sorted(int(n) for n in self.weekdays.data)}


class PostCorrectionForm(PostForm):
    reason = StringField(_l("Reason"))


class ClosingForm(Form):
    reason = TextAreaField(_l("Reason"), [REASON])


def _unfit(begins: time | None, ends: time | None) -> str:
    """What is wrong with the two times of a peak, if anything."""
    if (begins is None) != (ends is None):
        return gettext("A peak has two times, or none.")
    if begins is not None and ends is not None and ends <= begins:
        return gettext("The end must come after the beginning.")
    return ""


def _officer(one: Membership) -> str:
    squad = f" · {one.organisation.name}" if one.organisation else ""
    number = f" {one.number}" if one.number else ""
    return f"{one.person.name}{number}{squad}"


def data_of(post: Post) -> dict[str, Any]:
    """A stored post as its form shows it."""
    squad: uuid.UUID | str = post.squad.public_id if post.squad else ""
    return {
        **{name: getattr(post, name) for name in NAMES},
        "squad": str(squad),
        "weekdays": [str(n) for n in post.weekdays],
        "officers": [str(person.public_id) for person in post.present_officers],
    }
