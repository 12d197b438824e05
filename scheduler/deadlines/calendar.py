"""The calendar in force in an office: statutory days, under the official lists taken, under its own corrections."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, or_, select, text

from accounts.models import Office
from extensions import db
from record.following import Following
from record.once import forget, once
from scheduler.deadlines.models import CalendarDay, CalendarYear
from scheduler.deadlines.working_days import Calendar, Day, Kind, statutory

_LOCK = 0x66_65_6E_67  # one number for "the calendar" among PostgreSQL's advisory locks


def calendar_in_force(office: Office | None) -> Calendar:
    """The calendar of an office; without one, that of the installation: no local days. Two queries a transaction."""
    own = office.id if office is not None else None
    return calendars([own])[own]


def calendar_of(office: Office, days: Collection[date]) -> Calendar:
    """The calendar of an office as far as some days go: what else it is asked about is statutory. One query."""
    rows = db.session.scalars(_some_days(), {"days": days, "office": office.id}).all()
    return _calendar(rows, office.id)


@cache
def _some_days() -> Select[CalendarDay]:
    here = or_(CalendarDay.office_id.is_(None), CalendarDay.office_id == bindparam("office"))
    return select(CalendarDay).where(CalendarDay.falls_on.in_(bindparam("days", expanding=True)), here)


def calendars(office_ids: Iterable[int | None]) -> Mapping[int | None, Calendar]:
    """The calendars of several offices (None: the installation's), by office id. Two queries in all."""
    wanted = frozenset(office_ids)
    return once((CalendarYear, CalendarDay), wanted, lambda: _calendars(wanted))


def _calendars(wanted: frozenset[int | None]) -> dict[int | None, Calendar]:
    years = frozenset(db.session.scalars(select(CalendarYear.year)))
    rows = db.session.scalars(select(CalendarDay).where(_of(wanted - {None}))).all()
    return {own: _calendar(rows, own, years) for own in wanted}


def _of(office_ids: Iterable[int | None]) -> ColumnElement[bool]:
    return or_(CalendarDay.office_id.is_(None), CalendarDay.office_id.in_(office_ids))


def _calendar(rows: Iterable[CalendarDay], own: int | None, years: Collection[int] = ()) -> Calendar:
    """The office's own days over the official ones."""
    official = {row.falls_on: _meant(row) for row in rows if row.office_id is None}
    return statutory(official | {row.falls_on: _meant(row) for row in rows if own and row.office_id == own}, years)


def _meant(row: CalendarDay) -> tuple[Kind, str]:
    return row.kind, row.name  # type: ignore[return-value]


def with_list(
    calendar: Calendar, year: int, days: Mapping[date, Day], before: Iterable[date], own: set[date]
) -> Calendar:
    """The calendar as it will be once a list is taken: its days replace those the year's list named `before`.

    `own` are the days the office has corrected itself; they stay.
    """
    kept = {day: meant for day, meant in calendar.corrections.items() if day in own or day not in set(before)}
    taken = {day: meant for day, meant in days.items() if day not in own}
    return Calendar(kept | taken, calendar.official_years | {year})


def with_day(calendar: Calendar, day: date, meant: Day | None) -> Calendar:
    """The calendar as it will be once an office says what a day is; None: once it says so no more."""
    listed = meant or calendar_in_force(None).corrections.get(day)
    kept = {one: said for one, said in calendar.corrections.items() if one != day}
    return Calendar(kept | ({day: listed} if listed else {}), calendar.official_years)


def hold_calendar(change: bool) -> None:
    """Within this transaction: nobody changes the calendar while deadlines are counted by it, and the reverse.

    SQLite has one writer, so there is nothing to hold.
    """
    if db.session.connection().dialect.name == "postgresql":
        shared = "" if change else "_shared"
        db.session.execute(text(f"SELECT pg_advisory_xact_lock{shared}(:key)"), {"key": _LOCK})
        forget(CalendarYear, CalendarDay)


@dataclass(frozen=True)
class Hit:
    """Something of a package that a change of the calendar touches (C-15): what it is, why, and where to mend it."""

    what: Any
    why: Any
    url: str = ""


Hitting = Callable[[Office, Mapping[date, Day], Calendar], Iterable[Hit]]
_hitting: list[Hitting] = []


def hit_by_calendar(ask: Hitting) -> Hitting:
    """Register who names what a change hits: `(office, changed days as they will be, calendar as it will be)`.

    Asked before the change, for its preview, and again while it is taken.
    """
    _hitting.append(ask)
    return ask


def hits(office: Office, changed: Mapping[date, Day], calendar: Calendar) -> list[Hit]:
    """Everything that packages name."""
    return [hit for ask in _hitting for hit in ask(office, changed, calendar)]


# what a package counts anew when the calendar of some offices (their ids; None: of all) has changed:
# `(offices, by, at, reason)`
follows_calendar: Following[[Iterable[int] | None, Any, datetime, str]] = Following()
