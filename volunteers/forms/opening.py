"""What a coordinator asks for when opening shifts: one form, for the preview and for the opening."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, SelectField, StringField, TextAreaField, validators

from accounts.web import Form
from volunteers.actions.shifts import Span
from volunteers.forms.fields import NEEDED, ClockField, DayField, TicksField, WholeField
from volunteers.models.posts import Post

LONGEST = 62
SPAN = timedelta(days=1)


def hours_of(day: date, starts: time, ends: time, zone: str) -> tuple[datetime, datetime]:
    """Both instants of a shift of a local day; one that ends before it begins ends on the next day."""
    tz = ZoneInfo(zone)
    last = day if ends > starts else day + SPAN
    return datetime.combine(day, starts, tz), datetime.combine(last, ends, tz)


class OpeningForm(Form):
    first_on = DayField(_l("First day"), [NEEDED])
    days = WholeField(
        _l("Number of days"), [NEEDED, validators.NumberRange(1, LONGEST, _l("From %(min)d to %(max)d."))]
    )
    slots = TicksField(
        _l("Peaks"), [NEEDED], choices=lambda: [("morning", _l("Morning peak")), ("evening", _l("Evening peak"))]
    )
    holidays_too = BooleanField(_l("On public holidays as well"))
    posts = TicksField(_l("Posts"), [NEEDED])
    shown = HiddenField()

    def __init__(self, *args: Any, posts: Sequence[Post], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._posts = {str(post.public_id): post for post in posts}
        self.posts.choices = [(key, post.name) for key, post in self._posts.items()]

    @property
    def span(self) -> Span:
        chosen = frozenset(self._posts[key].id for key in self.posts.data if key in self._posts)
        return Span(
            self.first_on.data, self.days.data, chosen, frozenset(self.slots.data), bool(self.holidays_too.data)
        )

    @property
    def seen(self) -> int | None:
        """How many shifts the preview named; None where it cannot be read."""
        return int(self.shown.data) if (self.shown.data or "").isdecimal() and len(self.shown.data) < 9 else None


class HoursForm(Form):
    """With `starts` and `ends`: an end before the beginning is of the next day, so the same time twice says nothing."""

    def validate_ends(self, field: Field) -> None:
        if field.data is not None and field.data == self["starts"].data:
            raise validators.ValidationError(_l("The beginning and the end are the same."))


class SingleForm(HoursForm):
    """A shift at a time of its own."""

    post = SelectField(_l("Post"), [NEEDED])
    day = DayField(_l("Day"), [NEEDED])
    starts = ClockField(_l("From"), [NEEDED])
    ends = ClockField(_l("till"), [NEEDED], description=_l("Earlier than the beginning means the next day."))
    capacity = WholeField(
        _l("Places for volunteers"), [NEEDED, validators.NumberRange(1, 200, _l("From %(min)d to %(max)d."))]
    )

    def __init__(self, *args: Any, posts: Sequence[Post], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._posts = {str(post.public_id): post for post in posts}
        self.post.choices = [(key, post.name) for key, post in self._posts.items()]

    @property
    def chosen(self) -> Post:
        return self._posts[self.post.data]


class ChangeForm(HoursForm):
    """Other hours of the same day, more or fewer places."""

    starts = ClockField(_l("From"), [NEEDED])
    ends = ClockField(_l("till"), [NEEDED], description=_l("Earlier than the beginning means the next day."))
    capacity = WholeField(
        _l("Places for volunteers"), [NEEDED, validators.NumberRange(1, 200, _l("From %(min)d to %(max)d."))]
    )
    reason = TextAreaField(
        _l("Reason"),
        description=_l("Needed where the hours change: whoever has booked reads it."),
        render_kw={"rows": 2},
    )


class OfficerForm(Form):
    """Who is posted to a shift besides its post's officers, and why."""

    officer = SelectField(_l("Traffic officer"), [NEEDED])
    reason = StringField(_l("Reason"), [NEEDED])

    def __init__(self, *args: Any, officers: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.officer.choices = [("", gettext("choose")), *officers]
