"""Taking the yearly official list, correcting single days of an office; deadlines move in the same act (C-10, C-11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from accounts.models import Office, Person
from accounts.rules.settings import check_reason
from errors import Refusal
from extensions import db
from record.act import act
from scheduler.actions.deadlines import recount
from scheduler.deadlines.calendar import (
    Hit,
    calendar_in_force,
    calendars,
    follows_calendar,
    hits,
    hold_calendar,
    with_day,
    with_list,
)
from scheduler.deadlines.deadlines import Move, crossing, moves
from scheduler.deadlines.models import CalendarDay, CalendarYear, DayKind, Deadline
from scheduler.deadlines.official_list import OfficialList
from scheduler.deadlines.working_days import Calendar, Day, statutory

_WORKING = frozenset({DayKind.WORKING, DayKind.MAKEUP_WORK})


class ListFaulty(Refusal):
    """A list is taken whole or not at all: a lost row would make wrong dates look official."""

    code = "list_faulty"
    status = 422
    message = "Rows that cannot be read: %(count)s. Nothing was taken."
    help = "Mend the rows named below and look at it again."
    source = "DOMAIN C-11"


class ListEmpty(Refusal):
    code = "list_empty"
    status = 422
    message = "The list names no day."
    help = "Paste rows of date, kind and name."
    source = "DOMAIN C-11"


class ListIncomplete(Refusal):
    """A notice names every day of the base law; one that does not was cut off on its way."""

    code = "list_incomplete"
    status = 422
    message = "The list says nothing of %(day)s (%(name)s), so it is not complete."
    help = "Paste the whole list."
    source = "DOMAIN C-12"


class DayAlreadySo(Refusal):
    code = "day_already_so"
    status = 422
    message = "%(day)s is that already."
    help = "Nothing needs to be corrected."
    source = "DOMAIN C-10"


class NotCorrected(Refusal):
    code = "not_corrected"
    status = 404
    message = "This office has not corrected %(day)s."
    help = "Reload the page; somebody may have been faster."


@dataclass(frozen=True)
class Effect:
    """What a change of the calendar does: days that turn (work to rest or back), due dates that move, events hit.

    `elsewhere` counts due dates of other offices that move; they are none of this office's business.
    """

    changed: Mapping[date, Day]
    moves: list[Move]
    elsewhere: int
    hits: list[Hit]


def effect_of_list(read: OfficialList, office: Office) -> Effect:
    """What taking a list would do, as the office may see it. Changes nothing."""
    found = _moves_of_list(read, lock=False)
    return _effect(read, office, found)


def take_list(
    read: OfficialList, office: Office, *, source: str, by: Person, at: datetime
) -> tuple[CalendarYear, Effect]:
    """Take a list for the whole installation and move every due date it touches, all in one act.

    `source` names the notice; it is the act's reason as well.
    Raises: ReasonMissing, ListFaulty, ListEmpty, ListIncomplete.
    """
    check_reason(source)
    check_list(read)
    hold_calendar(change=True)
    found = _moves_of_list(read, lock=True)
    effect = _effect(read, office, found)
    year = db.session.scalar(select(CalendarYear).where(CalendarYear.year == read.year)) or CalendarYear(year=read.year)
    with act("calendar.import", year, by=by, at=at, reason=source, days=len(read.days), moved=len(found)) as current:
        current.office_id = office.id
        year.source, year.taken_at = source, at
        db.session.add(year)
        db.session.flush()
        _write_list(read, year)
        _recount(found, by, at, source)
        follows_calendar.tell(None, by, at, source)
    return year, effect


def check_list(read: OfficialList) -> None:
    """Refuse a list that was not understood, or that lacks days which every notice names."""
    if read.judged.refused_rows:
        raise ListFaulty(count=len(read.judged.refused_rows))
    if not read.days:
        raise ListEmpty()
    if read.silent and not statutory().is_official(read.year):
        day, name = read.silent[0]
        raise ListIncomplete(day=day, name=name)


def _moves_of_list(read: OfficialList, lock: bool) -> list[Move]:
    """Due dates of every office that the list moves."""
    rows = crossing(min([date(read.year, 1, 1), *read.days]), date(read.year, 12, 31))
    running = db.session.scalars(rows.with_for_update(of=Deadline) if lock else rows).all()
    offices = {deadline.office_id for deadline in running}
    return moves(running, dict(_after_list(read, offices)))


def _after_list(read: OfficialList, offices: set[int]) -> dict[int | None, Calendar]:
    """The offices' calendars as they will be."""
    before = set(
        db.session.scalars(
            select(CalendarDay.falls_on).join(CalendarDay.official_list).where(CalendarYear.year == read.year)
        )
    )
    own: dict[int | None, set[date]] = {}
    for row in db.session.scalars(select(CalendarDay).where(CalendarDay.office_id.in_(offices))):
        own.setdefault(row.office_id, set()).add(row.falls_on)
    return {
        office_id: with_list(calendar, read.year, read.days, before, own.get(office_id, set()))
        for office_id, calendar in calendars(offices).items()
    }


def _effect(read: OfficialList, office: Office, found: list[Move]) -> Effect:
    now, then = calendar_in_force(office), _after_list(read, {office.id})[office.id]
    days = {*read.days, *now.corrections}
    turned = [day for day in sorted(days) if now.is_working_day(day) != then.is_working_day(day)]
    changed = {day: Day(then.kind(day), then.name(day)) for day in turned}
    mine = [move for move in found if move.deadline.office_id == office.id]
    return Effect(changed, mine, len(found) - len(mine), hits(office, changed, then))


def _write_list(read: OfficialList, year: CalendarYear) -> None:
    """Make the stored days of the list exactly these; a day another year's list named goes over to this one."""
    standing = {
        row.falls_on: row
        for row in db.session.scalars(select(CalendarDay).where(CalendarDay.office_id.is_(None)))
        if row.list_id == year.id or row.falls_on in read.days
    }
    for day, row in standing.items():
        if day not in read.days:
            db.session.delete(row)
    for day, meant in read.days.items():
        row = standing.get(day) or CalendarDay(falls_on=day)
        row.list_id, row.kind, row.name, row.source = year.id, meant.kind, meant.name, year.source
        db.session.add(row)
    db.session.flush()


def _recount(found: list[Move], by: Person | None, at: datetime, reason: str) -> None:
    """Each due date that moves is an act of its own deadline, with the old day and the new."""
    for move in found:
        with act("deadline.recount", move.deadline, by=by, at=at, reason=reason) as current:
            recount(move.deadline, move.due, current.facts)


def effect_of_correction(office: Office, day: date, kind: DayKind, name: str = "") -> Effect:
    """What a correction would do. Changes nothing. Raises: DayAlreadySo."""
    _check_turns(office, day, kind)
    return _effect_of_day(office, day, Day(kind.value, name))


def effect_of_withdrawal(office: Office, day: date) -> Effect:
    """What taking a correction back would do. Changes nothing. Raises: NotCorrected."""
    if _correction(office, day) is None:
        raise NotCorrected(day=day)
    return _effect_of_day(office, day, None)


def _effect_of_day(office: Office, day: date, meant: Day | None) -> Effect:
    now = calendar_in_force(office)
    then = with_day(now, day, meant)
    turns = now.is_working_day(day) != then.is_working_day(day)
    changed = {day: Day(then.kind(day), then.name(day))} if turns else {}
    running = db.session.scalars(crossing(day, day, office.id)).all()
    return Effect(changed, moves(running, {office.id: then}), 0, hits(office, changed, then))


def _check_turns(office: Office, day: date, kind: DayKind) -> None:
    if calendar_in_force(office).is_working_day(day) == (kind in _WORKING):
        raise DayAlreadySo(day=day)


def correct_day(
    office: Office, day: date, kind: DayKind, *, name: str, source: str, by: Person, at: datetime, reason: str
) -> tuple[CalendarDay, list[Move]]:
    """Say what a day is in this office, whatever the lists say (C-10); due dates follow.

    Raises: ReasonMissing, DayAlreadySo.
    """
    check_reason(reason)
    hold_calendar(change=True)
    _check_turns(office, day, kind)
    row = _correction(office, day) or CalendarDay(office_id=office.id, falls_on=day)
    with act("calendar.correct", row, by=by, at=at, reason=reason, day=day):
        row.kind, row.name, row.source = kind, name, source
        db.session.add(row)
        db.session.flush()
        return row, _follow(office, day, by, at, reason)


def withdraw_correction(office: Office, day: date, *, by: Person, at: datetime, reason: str) -> list[Move]:
    """Take a correction back: the lists hold again. Raises: ReasonMissing, NotCorrected."""
    check_reason(reason)
    hold_calendar(change=True)
    row = _correction(office, day)
    if row is None:
        raise NotCorrected(day=day)
    with act("calendar.withdraw", row, by=by, at=at, reason=reason, day=day):
        db.session.delete(row)
        db.session.flush()
        return _follow(office, day, by, at, reason)


def _correction(office: Office, day: date) -> CalendarDay | None:
    own = select(CalendarDay).where(CalendarDay.office_id == office.id, CalendarDay.falls_on == day)
    return db.session.scalar(own)


def _follow(office: Office, day: date, by: Person, at: datetime, reason: str) -> list[Move]:
    """Move the office's due dates that count over the day."""
    rows = crossing(day, day, office.id)
    running = db.session.scalars(rows.with_for_update(of=Deadline)).all()
    found = moves(running, calendars([office.id]))
    _recount(found, by, at, reason)
    follows_calendar.tell([office.id], by, at, reason)
    return found
