"""A phone in a volunteer's or an officer's hand: it taps what a page offers, by its words, and counts the taps.

Pages ask the real clock, so the shifts of these tests lie around today.
"""

from __future__ import annotations

import html
import re
from datetime import date, datetime, time, timedelta
from time import sleep
from typing import Any

from accounts.models import Office
from extensions import db
from tests.accounts.visitor import text_of
from tests.town import ZONE, Town
from tests.volunteers.conftest import Crossing
from volunteers.actions.booking import book
from volunteers.actions.shifts import Span, open_shifts
from volunteers.models.attendance import Attendance
from volunteers.models.posts import Post

LINK = re.compile(r"<a\b([^>]*)>(.*?)</a>", re.DOTALL)
FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
LAST_MINUTES = timedelta(minutes=2, seconds=30)
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def today() -> date:
    return datetime.now(ZONE).date()


def _minute_of_the_day() -> int:
    now = datetime.now(ZONE)
    return now.hour * 60 + now.minute


def _clock(minute: int) -> time:
    return time(minute // 60, minute % 60)


class Kept:
    """A stored row that outlives requests: each look at it is a new one, of the session at hand."""

    def __init__(self, row: Any) -> None:
        self._model, self._key, self.public_id = type(row), row.id, row.public_id

    def row(self) -> Any:
        return db.session.get_one(self._model, self._key)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.row(), name)


def _leave_the_day_behind() -> None:
    """In its last minutes nothing can begin and run today: the test is one of tomorrow."""
    now = datetime.now(ZONE)
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), ZONE)
    if midnight - now < LAST_MINUTES:
        sleep((midnight - now).total_seconds() + 1)


class Days:
    """Shifts and people around today, entered in time."""

    def __init__(self, crossing: Crossing) -> None:
        _leave_the_day_behind()
        self.crossing, self.town = crossing, crossing.town

    def person(self, name: str = "", **more: Any) -> Any:
        """Somebody whose service lies around today, with a way to sign in."""
        span = {"first": today() - timedelta(days=20), "last": today() + timedelta(days=20), **more}
        return Kept(self.crossing.account(self.crossing.person(name, **span)))

    def post(self, name: str = "客运站前广场", **more: Any) -> Post:
        return self.crossing.post(name, **more)

    def around(self) -> tuple[time, time]:
        """The hours of a shift of today that has begun and is not over."""
        minute = min(max(_minute_of_the_day() - 60, 0), 21 * 60 - 1)
        return _clock(minute), _clock(minute + 3 * 60)

    def shift(self, days: int, post: Post | None = None, slot: str = "evening") -> Any:
        """A shift so many days from today; of today, one that has begun and is not over."""
        on = today() + timedelta(days=days)
        if post is None:
            post = self.post(f"岗位{days}", evening=self.around()) if days == 0 else self.post(f"岗位{days}")
        span = Span(on, 1, frozenset({post.id}), frozenset({slot}), holidays_too=True)
        before = datetime.combine(on - timedelta(days=2), time(8), ZONE)
        return Kept(open_shifts(self.town.office, span, self.town.coordinator, before)[0])

    def soon(self, **more: Any) -> Any:
        """A shift of today that begins in a quarter of an hour; late in the evening in a few minutes."""
        minute = min(_minute_of_the_day() + 15, 23 * 60 + 58)
        window = (_clock(minute), _clock(min(minute + 120, 23 * 60 + 59)))
        return self.shift(0, self.post("近岗", evening=window, **more))


class Phone:
    """A browser that presses what it reads."""

    def __init__(self, town: Town, person: Any, start: str) -> None:
        self.browser, self.taps = town.browser(person), 0
        self.page = self.browser.get(start)

    @property
    def text(self) -> str:
        return text_of(self.page)

    @property
    def markup(self) -> str:
        return str(self.page.text)

    def tap(self, words: str) -> Phone:
        """Press the first link or button that says these words."""
        self.taps += 1
        pressed = self._saying(words)
        if pressed.re is LINK:
            self.page = self.browser.get(_of(pressed[1], "href"))
        else:
            sent = {n: html.unescape(v) for n, v in HIDDEN.findall(pressed[2]) if n not in {"csrf_token", "form_id"}}
            self.page = self.browser.post(_of(pressed[1], "action"), sent)
        return self.follow()

    def _saying(self, words: str) -> re.Match[str]:
        """The link or form that says these words: in the page itself, else in its frame; the exact words first."""
        start, end = self.markup.find("<main"), self.markup.find("</main>")
        every = [m for kind in (LINK, FORM) for m in kind.finditer(self.markup)]
        found = [m for m in every if words in _plain(m[2]) and re.search("href=|action=", m[1])]
        assert found, f"nothing says {words!r}: {self.text[:2000]}"
        return min(found, key=lambda m: (not start < m.start() < end, _plain(m[2]).strip() != words, m.start()))

    def follow(self) -> Phone:
        if self.page.status_code == 303:
            self.page = self.browser.get(self.page.location)
        return self


def _of(attributes: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]+)"', attributes)
    assert found is not None
    return html.unescape(found[1])


def _plain(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", markup))


def booked_at(town: Town, office: Office) -> Attendance:
    """Somebody's booking at any office, a week ahead: entered as the office would, without its lists."""
    starts_at = datetime.combine(today() + timedelta(days=7), time(17, 30), ZONE)
    coordinator = town.coordinator if office.id == town.office.id else town.neighbour("coordinator")
    crossing = Crossing(town)
    crossing.elsewhere, crossing.prosecutor = (office, coordinator), None
    crossing.numbers = iter(range(900 + office.id, 999))
    post = crossing.post("样例岗位", officers=(), squad=None)
    person = crossing.person("样例志愿", first=starts_at.date() - timedelta(days=9), last=starts_at.date())
    span = Span(starts_at.date(), 1, frozenset({post.id}), frozenset({"evening"}), holidays_too=True)
    at = starts_at - timedelta(days=8)
    return book(open_shifts(office, span, coordinator, at)[0], person, coordinator, at)
