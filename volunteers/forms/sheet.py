"""The rows of a paper sheet, typed as they stand there: a line a person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectField, TextAreaField, validators

from accounts.rules.people import settled
from accounts.web import Form
from exchange.tidy_times import times_named
from volunteers.actions.sheet import TypedRow
from volunteers.forms.fields import NEEDED, DayField
from volunteers.models.posts import Post

PART = re.compile(r"[\w:.∶]+")  # what stands between blanks, commas and strokes
LIKE_A_TIME = re.compile(r"\d{1,2}[:∶]\d{2}")
FACTS = 4  # a name of one word or two, and the two times: a remark may say what it likes
MOST = 60


def read_line(line: str) -> TypedRow | None:
    """`王 小明，07：30，9点半，迟到`, or with spaces between, times in any spelling of a file; None where it is no row.

    The name is what stands before the first time, the remark what follows the last.
    """
    text = settled(line)
    parts = [(part, times_named(part[0])) for part in PART.finditer(text)]
    first = next((n for n, (_, times) in enumerate(parts) if times), 0)
    person = text[: parts[first - 1][0].end()] if first else ""
    if not any(sign.isalpha() for sign in person):
        return None
    came, *left = parts[first][1]
    rest = parts[first + 1 :]
    if not left and rest and len(rest[0][1]) == 1:
        left, rest = list(rest[0][1]), rest[1:]
    return TypedRow(person, came, "".join(left), text[rest[0][0].start() :] if rest else "")


def _no_times(line: str) -> list[str]:
    """What looks like a time beside the name and is none, such as `25:00`."""
    parts = PART.findall(settled(line))[:FACTS]
    return [part for part in parts if LIKE_A_TIME.fullmatch(part) and not times_named(part)]


class SheetForm(Form):
    post = SelectField(_l("Post"), [NEEDED])
    on = DayField(_l("Day of the sheet"), [NEEDED])
    officer = SelectField(_l("Signed by"))
    lines = TextAreaField(
        _l("The rows"),
        [NEEDED, validators.Length(max=6000, message=_l("At most %(max)d characters."))],
        render_kw={"rows": 8},
    )

    def __init__(
        self, *args: Any, posts: Sequence[Post], officers: Sequence[tuple[str, str]], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._posts, self._today = {str(post.public_id): post for post in posts}, today
        self.post.choices = [("", "—"), *((key, post.name) for key, post in self._posts.items())]
        self.officer.choices = [("", _l("Nobody has signed")), *officers]

    def validate_on(self, field: Field) -> None:
        if field.data and field.data > self._today:
            raise validators.ValidationError(gettext("This day has not come yet."))

    def validate_lines(self, field: Field) -> None:
        lines = self._lines()
        if len(lines) > MOST:
            raise validators.ValidationError(gettext("At most %(n)s rows at a time.", n=MOST))
        for number, line in lines:
            for typed in _no_times(line):
                said = gettext("Line %(n)s: %(time)s is no time of the day.", n=number, time=typed)
                raise validators.ValidationError(said)
        wrong = [str(number) for number, line in lines if read_line(line) is None]
        if wrong:
            said = gettext("Line %(n)s: write the name, when he came and when he left.", n=", ".join(wrong))
            raise validators.ValidationError(said)

    def _lines(self) -> list[tuple[int, str]]:
        return [(n, line) for n, line in enumerate((self.lines.data or "").splitlines(), 1) if line.strip()]

    @property
    def chosen_post(self) -> Post:
        return self._posts[self.post.data]

    @property
    def rows(self) -> list[TypedRow]:
        return [row for _, line in self._lines() if (row := read_line(line)) is not None]
