"""Forms of rooms and of the first booking."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from accounts.web import Form

NEEDED = DataRequired(_l("This is needed."))


class RoomForm(Form):
    name = StringField(_l("Name of the room"), [NEEDED, Length(max=60, message=_l("At most %(max)d characters."))])
    seats = IntegerField(
        _l("Seats"), [Optional(), NumberRange(1, 5000, _l("Between 1 and 5000."))], render_kw={"inputmode": "numeric"}
    )
    is_hearing_room = BooleanField(_l("Hearings can be held here"))


class RetireForm(Form):
    reason = TextAreaField(_l("Reason"), [NEEDED])


class MeetingForm(Form):
    """A room, a day, from and to in the office's time."""

    room = SelectField(_l("Room"), [NEEDED])
    title = StringField(
        _l("What for"),
        [NEEDED, Length(max=60, message=_l("At most %(max)d characters."))],
        description=_l("Neutral, as it may hang on a door: nothing about a case."),
    )
    day = DateField(_l("Day"), [NEEDED])
    starts = TimeField(_l("From"), [NEEDED])
    ends = TimeField(_l("To"), [NEEDED])

    def __init__(self, *args: Any, rooms: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.room.choices = list(rooms)

    def span(self, zone: str) -> tuple[datetime, datetime]:
        """Both instants of what was typed in the office's zone."""
        tz = ZoneInfo(zone)
        return (
            datetime.combine(self.day.data, self.starts.data, tz),
            datetime.combine(self.day.data, self.ends.data, tz),
        )
