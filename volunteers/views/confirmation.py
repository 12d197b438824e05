"""The sheet of a shift before its officer: whose minutes differ, who is left out and why; confirming; undo; and the
end, where nothing can be undone any more."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import timedelta
from itertools import groupby
from operator import attrgetter

from flask import Blueprint, flash, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from accounts.access import listed
from accounts.web import find, needs, now, person, see_other, viewer
from extensions import db
from scheduler.timeline.models import Event
from volunteers.actions import confirmation, credit
from volunteers.actions.interests import near_to
from volunteers.forms.confirmation import ShownForm, UndoForm
from volunteers.models.attendance import Attendance
from volunteers.models.ledger import Confirmation, CreditEntry
from volunteers.models.shifts import Shift
from volunteers.rights import CONFIRM_ATTENDANCE, READ_CREDITS
from volunteers.views.crossing import Board, whole_board_of

bp = Blueprint("confirmation", __name__, url_prefix="/crossing")
LATELY = timedelta(days=30)


@bp.get("/confirmed")
@needs(CONFIRM_ATTENDANCE)
def mine() -> ResponseReturnValue:
    """What the officer has confirmed and is credited, the newest first: where he sees a mistake of his own."""
    gone = select(CreditEntry.reverses_id).where(CreditEntry.reverses_id.is_not(None))
    rows = listed(viewer(), CreditEntry, READ_CREDITS).join(CreditEntry.confirmation)
    rows = rows.join(Shift, Shift.id == Confirmation.shift_id).join(Event, Event.id == Shift.event_id)
    rows = rows.where(CreditEntry.id.not_in(gone), Confirmation.by_id == person().id)
    rows = rows.where(Confirmation.confirmed_at > now() - LATELY)
    rows = rows.options(joinedload(CreditEntry.attendance).joinedload(Attendance.person))
    rows = rows.options(joinedload(CreditEntry.attendance).joinedload(Attendance.shift).joinedload(Shift.event))
    credits = db.session.scalars(rows.order_by(Event.starts_at.desc(), Shift.id, CreditEntry.id)).all()
    return render_template(
        "volunteers/confirmed.html",
        shifts=groupby(credits, attrgetter("attendance.shift")),
        near=near_to(person(), [one.person_id for one in credits]),
    )


@bp.get("/<uuid:public_id>/confirmation")
@needs(CONFIRM_ATTENDANCE)
def sheet(public_id: uuid.UUID) -> ResponseReturnValue:
    return _page(whole_board_of(find(Shift, public_id, may=CONFIRM_ATTENDANCE)))


def _page(board: Board) -> str:
    ready, minutes = board.ready, Counter(one.minutes for one in board.ready)
    out = [one for one in board.lines if one.problem]
    return render_template(
        "volunteers/confirmation.html",
        board=board,
        shift=board.shift,
        ready=ready,
        total=sum(one.minutes for one in ready),
        differing=[one for one in ready if one.differs],
        whole=minutes[board.shift.minutes],
        out=out,
        alike=out[0].problem if len({one.problem for one in out}) == 1 else None,
        refusal=g.get("refusal"),
        at=now(),
    )


@bp.post("/<uuid:public_id>/confirmation")
@needs(CONFIRM_ATTENDANCE)
def confirm(public_id: uuid.UUID) -> ResponseReturnValue:
    """The third tap. Pressed again from an old page it says what has changed, and confirms nothing.

    The page that follows says how many were confirmed, beside the button that takes it back.
    """
    shift = find(Shift, public_id, may=CONFIRM_ATTENDANCE)
    form = ShownForm.of(lambda _: _page(whole_board_of(find(Shift, public_id, may=CONFIRM_ATTENDANCE))))
    confirmation.confirm(shift, person(), now(), (form.people.data, form.minutes.data))
    return see_other("crossing.show", public_id=shift.public_id)


@bp.post("/<uuid:public_id>/undo")
@needs(CONFIRM_ATTENDANCE)
def undo(public_id: uuid.UUID) -> ResponseReturnValue:
    shift = find(Shift, public_id, may=CONFIRM_ATTENDANCE)
    form = UndoForm.of(lambda _: _page(whole_board_of(find(Shift, public_id, may=CONFIRM_ATTENDANCE))))
    count = confirmation.undo(shift, form.batch.data, person(), now())
    flash(ngettext("%(num)d confirmation taken back.", "%(num)d confirmations taken back.", count), "good")
    return see_other("crossing.show", public_id=shift.public_id)


@bp.post("/<uuid:public_id>/closing")
@needs(CONFIRM_ATTENDANCE)
def close(public_id: uuid.UUID) -> ResponseReturnValue:
    """ "Final": what was confirmed does not wait for the undo time (DOMAIN 8.3)."""
    shift = find(Shift, public_id, may=CONFIRM_ATTENDANCE)
    credit.close(shift, person(), now())
    flash(gettext("This shift is closed: what was confirmed is final."), "good")
    return see_other("crossing.show", public_id=shift.public_id)
