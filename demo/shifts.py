"""Shifts of the demonstration office: the fortnight from today, bookings, and what was served in the days before.

Everything goes through the actions of a coordinator, an officer or a volunteer, at the times when they would use them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from accounts.models import Office, Person
from extensions import db
from volunteers.actions.booking import book
from volunteers.actions.confirmation import NothingToConfirm, confirm
from volunteers.actions.credit import append, standing_confirmations
from volunteers.actions.obstacles import obstacles
from volunteers.actions.postings import end_posting, post_officer
from volunteers.actions.posts import change_post
from volunteers.actions.school_breaks import enter_break
from volunteers.actions.shifts import NothingToOpen, Span, open_shifts
from volunteers.actions.ticks import Device, arrive, leave
from volunteers.forms.posts import NAMES
from volunteers.models.assessment import Assessment, AssessmentState
from volunteers.models.attendance import Attendance
from volunteers.models.posts import Post
from volunteers.models.shifts import Shift, ShiftState, Slot

REASONS = tomllib.loads(Path(__file__).with_name("reasons.toml").read_text(encoding="utf-8"))
FORTNIGHT = 14
FULL_IN = 2
BEFORE = 9  # days before yesterday on which somebody served
A_CREW = 4
FULL = 10
PHONE = "demo"


def volunteer_to_show(office: Office, on: date) -> Person | None:
    """Somebody in the middle of his service: some of it lies behind him, a fortnight still before him."""
    query = (
        select(Assessment)
        .where(
            Assessment.office_id == office.id,
            Assessment.state == AssessmentState.SERVING,
            Assessment.in_custody.is_(False),
            Assessment.first_on <= on - timedelta(days=7),
            Assessment.last_on >= on + timedelta(days=FORTNIGHT),
        )
        .order_by(Assessment.id)
    )
    found = db.session.scalars(query.limit(1)).first()
    return found.person if found else None


def plan(office: Office, officer: Person, coordinator: Person, at: datetime, today: date) -> None:
    """Open the shifts and book, tick and confirm as if the office had worked with the program for some days.

    `officer` stands at the place of ten: yesterday's evening waits for his confirmation, today's is in his hands.
    """
    place = max(db.session.scalars(select(Post).where(Post.office_id == office.id)), key=_size)
    shown = volunteer_to_show(office, today)
    _sheets_confirmed(office, officer, at)
    _days_before(office, place, shown, coordinator, today)
    yesterday = today - timedelta(days=1)
    _open(office, [place.id], yesterday, 1, coordinator)
    posts = list(db.session.scalars(select(Post.id).where(Post.office_id == office.id, Post.active)))
    _open(office, [place.id], today, 1, coordinator)
    _open(office, posts, today, FORTNIGHT, coordinator, holidays_too=False)
    _open(office, [place.id], today + timedelta(days=FULL_IN), 2, coordinator)
    for day in (yesterday, today):
        _stand_in(_shift(place, day), officer, coordinator, at)
    _yesterday(_shift(place, yesterday), officer, shown, coordinator)
    _book(_shift(place, today), _serving(office, today, but=shown), coordinator, _eve(office, today))
    if shown is not None:
        _book_ahead(office, place, shown, coordinator, today)


def mark_schools(office: Office, schools: dict[str, Any], by: Person, at: datetime, today: date) -> None:
    """Mark the posts at a school, which no list says, and enter the next school holidays."""
    query = select(Post).where(Post.office_id == office.id, Post.name.in_(schools["posts"]))
    for post in db.session.scalars(query.order_by(Post.id)).all():
        facts = {**{name: getattr(post, name) for name in NAMES}, "at_school": True}
        change_post(post, facts, post.squad, post.present_officers, by, at, schools["reason"])
    first_on = today + timedelta(days=schools["in_days"])
    enter_break(office, schools["holidays"], first_on, first_on + timedelta(days=schools["days"]), by, at)


def _size(post: Post) -> tuple[bool, bool, int]:
    """The place of ten: staffed every evening, and with exactly so many places if there is one."""
    return "evening" in post.windows and len(post.weekdays) == 7, post.capacity == FULL, -post.id


def _eve(office: Office, day: date) -> datetime:
    """Two days before, at noon: when the shifts of a day are opened and booked."""
    return datetime.combine(day - timedelta(days=2), time(12), ZoneInfo(office.zone))


def _open(  # noqa: PLR0917 - which shifts, and who opens them
    office: Office, posts: Sequence[int], first_on: date, days: int, by: Person, holidays_too: bool = True
) -> None:
    slots = frozenset({Slot.EVENING}) if len(posts) == 1 else frozenset({Slot.MORNING, Slot.EVENING})
    try:
        open_shifts(office, Span(first_on, days, frozenset(posts), slots, holidays_too), by, _eve(office, first_on))
    except NothingToOpen:
        return


def _shift(post: Post, on: date) -> Shift:
    where = {"post_id": post.id, "starts_on": on, "slot": Slot.EVENING}
    return db.session.scalars(select(Shift).filter_by(**where).where(Shift.state == ShiftState.OPEN)).one()


def _serving(office: Office, on: date, but: Person | None = None) -> list[Person]:
    """Who may serve on a day, the newest first."""
    query = (
        select(Assessment)
        .where(
            Assessment.office_id == office.id,
            Assessment.state == AssessmentState.SERVING,
            Assessment.in_custody.is_(False),
            Assessment.first_on <= on,
            Assessment.last_on >= on,
        )
        .order_by(Assessment.id.desc())
    )
    return [one.person for one in db.session.scalars(query) if but is None or one.person_id != but.id]


def _book(shift: Shift, people: Sequence[Person], by: Person, at: datetime, most: int = FULL) -> list[Attendance]:
    """Book the first of the people whom nothing keeps from this shift."""
    fit = [person for person in people if not obstacles(person, shift, at)]
    return [book(shift, person, by, at, REASONS["by_phone"]) for person in fit[:most]]


def _sheets_confirmed(office: Office, officer: Person, at: datetime) -> None:
    """The officers have confirmed their paper sheets; of `officer` the last one still lies before him."""
    query = select(Shift).where(Shift.office_id == office.id, Shift.from_paper).order_by(Shift.starts_on, Shift.id)
    sheets = [shift for shift in db.session.scalars(query) if shift.postings]
    own = [shift for shift in sheets if shift.postings[0].person_id == officer.id]
    when = at - timedelta(days=1)
    for shift in sheets:
        if shift not in own[-1:]:
            _confirmed(shift, shift.postings[0].person, when)


def _confirmed(shift: Shift, officer: Person, at: datetime) -> None:
    """Confirm, and let the undo time pass."""
    try:
        confirm(shift, officer, at)
    except NothingToConfirm:
        return
    for confirmation in standing_confirmations(shift):
        append(confirmation, confirmation.final_at)


def _days_before(office: Office, place: Post, shown: Person | None, by: Person, today: date) -> None:
    """A crew on each of some evenings, confirmed and credited; whoever is shown was there every third time."""
    first_on = today - timedelta(days=BEFORE + 1)
    _open(office, [place.id], first_on, BEFORE, by)
    for n in range(BEFORE):
        shift = _shift(place, first_on + timedelta(days=n))
        people = _serving(office, shift.starts_on, but=shown)
        crew = [people[(n + k * 3) % len(people)] for k in range(min(A_CREW, len(people)))]
        crew = list(dict.fromkeys(crew)) + ([shown] if shown is not None and n % 3 == 2 else [])
        officer = place.present_officers[0]
        _served(shift, _book(shift, crew, by, _eve(office, shift.starts_on)), officer)
        _confirmed(shift, officer, shift.event.ends_at + timedelta(minutes=5))


def _served(shift: Shift, crew: Sequence[Attendance], officer: Person, gone: bool = True) -> None:
    """Each ticked in when he came, one of them late; and out at the end, unless the officer left that for later."""
    for n, attendance in enumerate(crew):
        late = timedelta(minutes=12 if n == 1 else -(n % 5))
        came_at = shift.event.starts_at + late
        arrive(attendance, officer, came_at, Device(PHONE, came_at))
    if gone:
        for attendance in crew:
            leave(attendance, officer, shift.event.ends_at, Device(PHONE, shift.event.ends_at))


def _stand_in(shift: Shift, officer: Person, by: Person, at: datetime) -> None:
    """Put the officer there, and whoever stands there on his post of that time."""
    usual = [posting for posting in shift.postings if posting.person_id != officer.id]
    post_officer(shift, officer, by, at, REASONS["other_post"])
    query = select(Shift).where(
        Shift.office_id == shift.office_id,
        Shift.starts_on == shift.starts_on,
        Shift.slot == shift.slot,
        Shift.state == ShiftState.OPEN,
        Shift.id != shift.id,
    )
    for other in db.session.scalars(query).all():
        for posting in [one for one in other.postings if one.person_id == officer.id and one.ended_at is None]:
            for one in usual:
                post_officer(other, one.person, by, at, REASONS["other_post"])
            end_posting(posting, by, at, REASONS["other_post"])


def _yesterday(shift: Shift, officer: Person, shown: Person | None, by: Person) -> None:
    """Ten came, one of them late; they went when it was over, and nobody has written that down yet."""
    others = _serving(shift.office, shift.starts_on, but=shown)
    people = [*([shown] if shown else []), *others]
    crew = _book(shift, people, by, _eve(shift.office, shift.starts_on))
    _served(shift, crew, officer, gone=False)


def _book_ahead(office: Office, place: Post, shown: Person, by: Person, today: date) -> None:
    """A place that is full, and the day after it the next shift of whoever is shown; open on a holiday too."""
    full_on = today + timedelta(days=FULL_IN)
    _book(_shift(place, full_on + timedelta(days=1)), [shown], shown, _eve(office, today))
    _book(_shift(place, full_on), _serving(office, full_on, but=shown), by, _eve(office, today))
