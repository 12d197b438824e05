"""Working days: a year at a glance, the office's corrections, the yearly official list with what it hits."""

from __future__ import annotations

import json
from calendar import Calendar as Months
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_date, gettext, ngettext
from sqlalchemy import select

from accounts import access
from accounts.presenting import dated, with_days
from accounts.rights import CHANGE_SETTINGS
from accounts.settings import declared
from accounts.web import here, needs, now, office_for, person, see_other, signed_in, today, viewer
from errors import Refusal
from exchange.judging import why
from extensions import db
from scheduler.actions.calendar_days import (
    Effect,
    check_list,
    correct_day,
    effect_of_correction,
    effect_of_list,
    effect_of_withdrawal,
    take_list,
    withdraw_correction,
)
from scheduler.deadlines.calendar import calendar_in_force
from scheduler.deadlines.models import CalendarDay, CalendarYear, DayKind
from scheduler.deadlines.official_list import OfficialList, read_list
from scheduler.deadlines.working_days import FIRST_YEAR, LAST_YEAR, Calendar
from scheduler.forms.calendar_days import CorrectionForm, ListForm, TakeForm

bp = Blueprint("calendar_days", __name__, url_prefix="/calendar-days")


@dataclass(frozen=True)
class Cell:
    """A day of the year view. `kind` is that of the calendar, or `guess` for a day that is only probably off."""

    day: date
    kind: str
    name: str
    own: bool = False


@dataclass(frozen=True)
class Span:
    """Days in a row that are the same thing; `own`: by this office's correction."""

    first: date
    last: date
    kind: str
    name: str
    own: bool


@bp.get("")
@signed_in
def year() -> ResponseReturnValue:
    return _year_page(CorrectionForm(formdata=None, data={"day": today()}))


@bp.post("/corrections/preview")
@needs(CHANGE_SETTINGS)
def look_at_correction() -> ResponseReturnValue:
    """Show what a correction would do; nothing is changed."""
    office = office_for(CHANGE_SETTINGS)
    form = CorrectionForm.of(_year_page)
    effect = effect_of_correction(office, form.day.data, DayKind(form.kind.data), form.name.data or "")
    return _effect_page(form.day.data, effect, form)


@bp.post("/corrections")
@needs(CHANGE_SETTINGS)
def correct() -> ResponseReturnValue:
    office = office_for(CHANGE_SETTINGS)
    form = CorrectionForm.of(_year_page)
    values = {
        **form.values,
        "kind": DayKind(form.kind.data),
        "name": form.name.data or "",
        "source": form.source.data or "",
    }
    row, moved = correct_day(office, values.pop("day"), **values, by=person(), at=now())
    flash(_moved(gettext("%(day)s is corrected.", day=dated(row.falls_on)), len(moved)), "good")
    return see_other("calendar_days.year", year=row.falls_on.year)


@bp.get("/<day:on>/withdrawal")
@needs(CHANGE_SETTINGS)
def look_at_withdrawal(on: date) -> ResponseReturnValue:
    """Show what taking a correction back would do."""
    return _effect_page(on, effect_of_withdrawal(office_for(CHANGE_SETTINGS), on))


def _effect_page(on: date, effect: Effect, form: Any = None) -> str:
    labels = {one.key: one.label for one in declared()}
    return render_template("scheduler/calendar_days_one.html", on=on, effect=effect, labels=labels, form=form)


@bp.post("/<day:on>/withdrawal")
@needs(CHANGE_SETTINGS)
def withdraw(on: date) -> ResponseReturnValue:
    """Take the office's correction of a day back."""
    office = office_for(CHANGE_SETTINGS)
    reason = request.form.get("reason", "").strip()
    moved = withdraw_correction(office, on, by=person(), at=now(), reason=reason)
    flash(_moved(gettext("The correction of %(day)s is taken back.", day=on), len(moved)), "good")
    return see_other("calendar_days.year", year=on.year)


@bp.get("/list")
@needs(CHANGE_SETTINGS)
def ask_list() -> ResponseReturnValue:
    calendar = calendar_in_force(office_for(CHANGE_SETTINGS))
    open_year = next((y for y in range(today().year, LAST_YEAR) if not calendar.is_official(y)), today().year)
    return _list_page(ListForm(formdata=None, data={"year": open_year}))


@bp.post("/list/preview")
@needs(CHANGE_SETTINGS)
def preview() -> ResponseReturnValue:
    """Read a list and show what it would do; nothing is changed."""
    office = office_for(CHANGE_SETTINGS)
    form = ListForm.of(_list_page)
    read = read_list(form.content, form.year.data)
    return _list_page(form, read=read, effect=effect_of_list(read, office), faulty=_faults(read))


@bp.post("/list")
@needs(CHANGE_SETTINGS)
def take() -> ResponseReturnValue:
    office = office_for(CHANGE_SETTINGS)
    form = TakeForm.of(_list_page)
    read = read_list(form.rows.data, form.year.data)
    _, effect = take_list(read, office, source=form.source.data, by=person(), at=now())
    said = gettext("The official list of %(year)s is taken.", year=read.year)
    flash(_moved(said, sum(move.moved for move in effect.moves)), "good")
    return see_other("calendar_days.year", year=read.year)


def _moved(said: str, count: int) -> str:
    return said + " " + ngettext("%(num)d due date has moved.", "%(num)d due dates have moved.", count)


def _asked_year() -> int:
    asked = request.args.get("year", default=today().year, type=int)
    return min(max(asked, FIRST_YEAR), LAST_YEAR)


def _year_page(form: Any) -> str:
    office, shown = here(), _asked_year()
    calendar = calendar_in_force(office)
    corrections = _corrections(office.id, shown)
    own = {row.falls_on: row for row in corrections}
    cells = _with_weekends(list(_cells(calendar, shown, set(own))))
    return render_template(
        "scheduler/calendar_days.html",
        shown=shown,
        first=FIRST_YEAR,
        last=LAST_YEAR,
        official=calendar.is_official(shown),
        taken=db.session.scalar(select(CalendarYear).where(CalendarYear.year == shown)),
        months=[(month, _weeks(shown, month, cells)) for month in range(1, 13)],
        month_names={month: format_date(date(shown, month, 1), "LLLL") for month in range(1, 13)},
        weekdays=[format_date(date(2024, 1, number), "EEEEE") for number in range(1, 8)],
        today=today(),
        working={month: sum(1 for _ in _working(calendar, shown, month)) for month in range(1, 13)},
        spans=list(_spans(cells)),
        corrections=corrections,
        form=form,
        may_change=any(m.office_id == office.id for m, _ in access.grants_of(viewer(), CHANGE_SETTINGS)),
    )


def _corrections(office_id: int, shown: int) -> list[CalendarDay]:
    within = CalendarDay.falls_on.between(date(shown, 1, 1), date(shown, 12, 31))
    rows = select(CalendarDay).where(CalendarDay.office_id == office_id, within).order_by(CalendarDay.falls_on)
    return list(db.session.scalars(rows))


def _cells(calendar: Calendar, shown: int, own: set[date]) -> Iterator[Cell]:
    """Every day of a year as the office keeps it; what is only guessed is told apart (C-12)."""
    guessed = calendar.guessed_compensation(shown)
    day = date(shown, 1, 1)
    while day.year == shown:
        probably = day in guessed and day not in own
        kind: str = "guess" if probably else calendar.kind(day)
        yield Cell(day, kind, guessed[day] if probably else calendar.name(day), day in own)
        day += timedelta(days=1)


def _with_weekends(cells: list[Cell]) -> list[Cell]:
    """A weekend beside days off is part of the same holiday, as people say it: 1 to 7 October."""
    for order in (range(1, len(cells)), range(len(cells) - 2, -1, -1)):
        for place in order:
            cell, beside = cells[place], cells[place - 1 if order.step > 0 else place + 1]
            if cell.kind == "weekend" and beside.kind == "off":
                cells[place] = replace(cell, kind="off", name=beside.name)
    return cells


def _weeks(shown: int, month: int, cells: list[Cell]) -> list[list[Cell | None]]:
    by_day = {cell.day: cell for cell in cells}
    return [
        [by_day[day] if day.month == month else None for day in week]
        for week in Months().monthdatescalendar(shown, month)
    ]


def _working(calendar: Calendar, shown: int, month: int) -> Iterator[date]:
    first = date(shown, month, 1)
    return calendar.working_days(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))


def _spans(cells: list[Cell]) -> Iterator[Span]:
    """Days that are not what their weekday says, or have a name; neighbours of one kind and name together."""
    found: Span | None = None
    for cell in cells:
        told = cell.own or cell.kind not in {"working", "weekend"}
        if found and told and (found.kind, found.name, found.own) == (cell.kind, cell.name, cell.own):
            found = replace(found, last=cell.day)
            continue
        if found:
            yield found
        found = Span(cell.day, cell.day, cell.kind, cell.name, cell.own) if told else None
    if found:
        yield found


def _list_page(form: Any, **preview_: Any) -> str:
    read: OfficialList | None = preview_.get("read")
    return render_template(
        "scheduler/calendar_days_list.html",
        form=form,
        refused=_refused(read) if read else None,
        rows_again=_rows_again(read) if read else "",
        labels={one.key: one.label for one in declared()},
        **preview_,
    )


def _refused(read: OfficialList) -> Refusal | None:
    """Why the list cannot be taken as it stands."""
    try:
        check_list(read)
    except Refusal as refusal:
        return refusal
    return None


def _faults(read: OfficialList) -> list[tuple[int, str, str]]:
    """Row, what stands there, and why it cannot be read."""
    judged = read.judged
    return [(fault.row, fault.value, with_days(why(judged.importer, fault, gettext))) for fault in judged.refused]


def _rows_again(read: OfficialList) -> str:
    """The list as it was understood, to be sent back and taken."""
    rows = [{"date": day.isoformat(), "kind": meant.kind, "name": meant.name} for day, meant in read.days.items()]
    return json.dumps(rows, ensure_ascii=False)
