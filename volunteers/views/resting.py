"""Open shifts on days on which their post rests by now: each stays or is cancelled by a person."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from accounts.web import find, here, needs, now, person, see_other
from extensions import db
from volunteers.actions.resting import cancel_unbooked, keep_shift, resting
from volunteers.forms.posts import ClosingForm
from volunteers.models.shifts import Shift
from volunteers.rights import KEEP_SHIFTS
from volunteers.rules.shifts import Why
from volunteers.views.shifts import Row, kept, rows_of

bp = Blueprint("resting", __name__, url_prefix="/shifts/at-rest")


def _rows() -> list[tuple[Row, Why]]:
    """The shifts at rest that the viewer keeps."""
    why = {shift.id: reason for shift, reason in resting(here(), now())}
    shifts = db.session.scalars(kept().where(Shift.id.in_(why)).order_by(Shift.starts_on, Shift.id))
    return [(row, why[row.shift.id]) for row in rows_of(list(shifts))]


@bp.get("")
@needs(KEEP_SHIFTS)
def index() -> ResponseReturnValue:
    return _page(ClosingForm(formdata=None))


def _page(form: ClosingForm) -> str:
    rows = _rows()
    unbooked = [row for row, _ in rows if not row.quota.taken and not row.waiting]
    return render_template(
        "volunteers/resting.html", form=form, rows=rows, unbooked=len(unbooked), refused=g.get("refusal")
    )


@bp.post("/<uuid:public_id>/keeping")
@needs(KEEP_SHIFTS)
def keep(public_id: uuid.UUID) -> ResponseReturnValue:
    shift = find(Shift, public_id, may=KEEP_SHIFTS)
    keep_shift(shift, person(), now())
    flash(gettext("The shift stays."), "good")
    return see_other("resting.index")


@bp.post("/cancellation")
@needs(KEEP_SHIFTS)
def cancel() -> ResponseReturnValue:
    """Cancel those that nobody has booked; whoever has booked the others is rung first."""
    form = ClosingForm.of(_page)
    gone = cancel_unbooked([row.shift for row, _ in _rows()], person(), now(), form.reason.data)
    flash(ngettext("%(num)d shift is cancelled.", "%(num)d shifts are cancelled.", len(gone)), "good")
    return see_other("resting.index")
