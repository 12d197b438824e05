"""The squad leader's week: everything confirmed and final, signed at once or row by row (D-29)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, flash, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy import select

from accounts.access import NotFound, Viewer, clause, holds
from accounts.models import Office
from accounts.web import day_asked, here, needs, now, person, see_other, today, viewer
from extensions import db
from scheduler.calendar.desk import Wait
from volunteers.actions import countersign
from volunteers.actions.countersign import Row
from volunteers.forms.confirmation import ShownForm
from volunteers.forms.countersign import RowForm, SendingBackForm
from volunteers.models.ledger import Confirmation
from volunteers.models.shifts import Shift
from volunteers.rights import COUNTERSIGN
from volunteers.words import MARKED, UNSIGNED

bp = Blueprint("countersign", __name__, url_prefix="/countersign")
WEEK = timedelta(days=7)


def _mine(seen: Viewer, office: Office) -> Any:
    """The ids of the viewer's squads' shifts at an office."""
    return select(Shift.id).where(clause(seen, Shift, COUNTERSIGN), Shift.office_id == office.id)


def _weeks(seen: Viewer, office: Office, at: datetime) -> dict[date, int]:
    """The Mondays of weeks in which something waits for a signature, with how much."""
    weeks: dict[date, int] = {}
    for on, number in countersign.days_waiting(_mine(seen, office), at):
        monday = on - timedelta(days=on.weekday())
        weeks[monday] = weeks.get(monday, 0) + number
    return weeks


def _rows(monday: date) -> list[Row]:
    of_week = _mine(viewer(), here()).where(Shift.starts_on >= monday, Shift.starts_on < monday + WEEK)
    found = list(db.session.scalars(countersign.final_ones(of_week, now())))
    return countersign.rows_for(found, person(), monday)


@bp.get("")
@needs(COUNTERSIGN)
def week() -> ResponseReturnValue:
    return _page(_monday())


def _monday() -> date:
    """The week asked for, else the oldest in which something waits, else this one."""
    asked = day_asked(request.args.get("on", ""))
    day = asked or next(iter(_weeks(viewer(), here(), now())), today())
    return day - timedelta(days=day.weekday())


def _page(monday: date) -> str:
    rows = _rows(monday)
    shifts: dict[Shift, list[Row]] = {}
    for row in rows:
        shifts.setdefault(row.confirmation.attendance.shift, []).append(row)
    ready = [row.confirmation for row in rows if not row.bar]
    return render_template(
        "volunteers/countersign.html",
        monday=monday,
        sunday=monday + WEEK - timedelta(days=1),
        weeks=_weeks(viewer(), here(), now()),
        shifts=shifts,
        ready=ready,
        total=sum(one.minutes for one in ready),
        unusual=MARKED,
        unsigned=UNSIGNED,
        refused=g.get("refusal"),
    )


@bp.post("/<day:on>/signature")
@needs(COUNTERSIGN)
def sign(on: date) -> ResponseReturnValue:
    """The whole week in one press, but for what the viewer may not sign."""
    form = ShownForm.of(lambda _: _page(on))
    ready = [row.confirmation for row in _rows(on) if not row.bar]
    number = countersign.sign(ready, person(), now(), (form.people.data, form.minutes.data))
    flash(ngettext("Signed: %(num)d row counts now.", "Signed: %(num)d rows count now.", number), "good")
    return see_other("countersign.week")


def _row(key: uuid.UUID) -> Confirmation:
    """Raises: NotFound."""
    found = select(Confirmation).where(
        Confirmation.public_id == key, Confirmation.shift_id.in_(_mine(viewer(), here()))
    )
    one = db.session.scalar(found)
    if one is None:
        raise NotFound()
    return one


@bp.post("/<day:on>/row")
@needs(COUNTERSIGN)
def sign_one(on: date) -> ResponseReturnValue:
    form = RowForm.of(lambda _: _page(on))
    countersign.sign([_row(form.row.data)], person(), now())
    flash(gettext("Signed: it counts now."), "good")
    return see_other("countersign.week", on=on)


@bp.post("/<day:on>/return")
@needs(COUNTERSIGN)
def send_back(on: date) -> ResponseReturnValue:
    form = SendingBackForm.of(lambda _: _page(on))
    countersign.send_back(_row(form.row.data), person(), now(), form.reason.data)
    flash(gettext("Sent back: the officer has your reason."), "good")
    return see_other("countersign.week", on=on)


def count_waiting() -> int:
    return sum(_weeks(viewer(), here(), now()).values())


def weeks_to_sign(seen: Viewer, office: Office, at: datetime) -> Iterator[Wait]:
    if not holds(seen, COUNTERSIGN):
        return
    for monday, number in _weeks(seen, office, at).items():
        yield Wait(
            ngettext("%(num)d confirmation to countersign", "%(num)d confirmations to countersign", number),
            url_for("countersign.week", on=monday),
            gettext("Look and sign"),
            due_on=monday + WEEK - timedelta(days=1),
            icon="pencil",
        )
