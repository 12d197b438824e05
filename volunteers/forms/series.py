"""What a series of shifts is to be: one form, for the preview and for making it; another for changing it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, SelectField, validators

from accounts.web import Form
from volunteers.actions.series import Wanted
from volunteers.forms.fields import NEEDED, DayField, TicksField, WholeField
from volunteers.models.posts import Post
from volunteers.models.series import Series


class SeriesChangeForm(Form):
    """Of a series that stands: its post and its first day stay, another post is another series."""

    slots = TicksField(
        _l("Peaks"), [NEEDED], choices=lambda: [("morning", _l("Morning peak")), ("evening", _l("Evening peak"))]
    )
    capacity = WholeField(
        _l("Places for volunteers"),
        [validators.Optional(), validators.NumberRange(1, 200, _l("From %(min)d to %(max)d."))],
        description=_l("Empty: as many as the post has."),
    )
    last_on = DayField(_l("Until"), [validators.Optional()], description=_l("Empty: until you end it."))

    def __init__(self, *args: Any, series: Series | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._series = series

    @property
    def at_post(self) -> Post | None:
        return self._series.post if self._series is not None else None

    @property
    def begins(self) -> Any:
        return self._series.first_on if self._series is not None else None

    def validate_last_on(self, field: Field) -> None:
        if isinstance(self.begins, date) and isinstance(field.data, date) and field.data < self.begins:
            raise validators.ValidationError(gettext("The last day must not come before the first."))

    def validate_slots(self, field: Field) -> None:
        post = self.at_post
        if post is not None and not set(field.data or ()) <= set(post.windows):
            raise validators.ValidationError(gettext("%(name)s has no such peak.", name=post.name))

    @property
    def wanted(self) -> Wanted:
        assert self.at_post is not None
        return Wanted(self.at_post, frozenset(self.slots.data), self.capacity.data, self.begins, self.last_on.data)


class SeriesForm(SeriesChangeForm):
    post = SelectField(_l("Post"), [NEEDED])
    first_on = DayField(_l("From"), [NEEDED])
    shown = HiddenField()

    def __init__(self, *args: Any, posts: Sequence[Post], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._posts = {str(post.public_id): post for post in posts}
        self.post.choices = [(key, post.name) for key, post in self._posts.items()]

    @property
    def at_post(self) -> Post | None:
        return self._posts.get(self.post.data or "")

    @property
    def begins(self) -> Any:
        return self.first_on.data

    @property
    def seen(self) -> int | None:
        """How many shifts the preview named; None where it cannot be read."""
        return int(self.shown.data) if (self.shown.data or "").isdecimal() and len(self.shown.data) < 9 else None
