"""Shifts that nobody confirmed in time: how old, who stands there, and what helps (DOMAIN V-07)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy import select

from accounts.access import NotFound, Viewer, clause, holds
from accounts.models import Office
from accounts.web import find, here, needs, now, person, viewer
from scheduler.calendar.desk import Wait
from volunteers.actions import unconfirmed
from volunteers.figures import officers_of
from volunteers.models.shifts import Shift
from volunteers.rights import KEEP_SHIFTS, POST_TRAFFIC_OFFICER

bp = Blueprint("unconfirmed", __name__, url_prefix="/shifts")


def _rows(seen: Viewer, office: Office, at: datetime) -> list[unconfirmed.Unsettled]:
    mine = select(Shift.id).where(clause(seen, Shift, KEEP_SHIFTS))
    return unconfirmed.unsettled(office, mine, at)


@bp.get("/unconfirmed")
@needs(KEEP_SHIFTS)
def index() -> ResponseReturnValue:
    rows = _rows(viewer(), here(), now())
    return render_template(
        "volunteers/unconfirmed.html",
        rows=rows,
        officers=officers_of([row.shift for row in rows]),
        posts=holds(viewer(), POST_TRAFFIC_OFFICER),
    )


@bp.post("/<uuid:shift_id>/officers/<uuid:public_id>/call")
@needs(POST_TRAFFIC_OFFICER)
def call(shift_id: uuid.UUID, public_id: uuid.UUID) -> ResponseReturnValue:
    """The officer's number is dialled, not printed; each use is an act."""
    shift = find(Shift, shift_id, may=POST_TRAFFIC_OFFICER)
    posting = next((one for one in shift.postings if one.public_id == public_id), None)
    if posting is None:
        raise NotFound()
    phone = unconfirmed.call_officer(posting, person(), now())
    return render_template("volunteers/officer_call.html", posting=posting, phone=phone)


def late_shifts(seen: Viewer, office: Office, at: datetime) -> Iterator[Wait]:
    """On "my day" of whoever keeps shifts, once the days for it are over."""
    if not holds(seen, KEEP_SHIFTS):
        return
    late = [row for row in _rows(seen, office, at) if row.late]
    if late:
        said = ngettext("%(num)d shift is not confirmed in time", "%(num)d shifts are not confirmed in time", len(late))
        due = min(row.due_on for row in late)
        yield Wait(said, url_for("unconfirmed.index"), gettext("See what helps"), due_on=due, icon="hourglass")
