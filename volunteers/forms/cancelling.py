"""Which shifts are cancelled together: a day or a span of days, and posts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, TextAreaField, validators

from accounts.web import Form
from volunteers.forms.fields import NEEDED, REASON, DayField, TicksField
from volunteers.forms.opening import LONGEST
from volunteers.models.posts import Post


class SpanForm(Form):
    first_on = DayField(_l("First day"), [NEEDED])
    last_on = DayField(_l("Last day"), [NEEDED])
    posts = TicksField(_l("Posts"), [NEEDED])

    def __init__(self, *args: Any, posts: Sequence[Post], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._posts = {str(post.public_id): post.id for post in posts}
        self.posts.choices = [(str(post.public_id), post.name) for post in posts]

    @property
    def chosen(self) -> list[int]:
        return [self._posts[key] for key in self.posts.data if key in self._posts]

    def validate_last_on(self, field: Field) -> None:
        if self.first_on.data is None or field.data is None:
            return
        days = (field.data - self.first_on.data).days + 1
        if not 1 <= days <= LONGEST:
            raise validators.ValidationError(_l("The last day is at most %(n)s days after the first.", n=LONGEST))


class TogetherForm(SpanForm):
    """With the reason that everybody reads, and what the preview showed."""

    reason = TextAreaField(_l("Reason"), [REASON], description=_l("Everybody who is told reads it."))
    shown = HiddenField()
