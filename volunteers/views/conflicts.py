"""Two times that differ, side by side: what stands on paper and what was ticked; a person chooses (D-28, I45)."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts.access import holds
from accounts.presenting import local
from accounts.web import find, needs, now, person, see_other, viewer
from volunteers.actions import conflicts
from volunteers.forms.conflicts import ChoiceForm
from volunteers.models.attendance import PAPER, Attendance, Tick, TickMethod
from volunteers.rights import SETTLE_CONFLICT, TICK

bp = Blueprint("conflicts", __name__, url_prefix="/crossing/people")


@bp.get("/<uuid:public_id>/times")
@needs(SETTLE_CONFLICT)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    return _page(find(Attendance, public_id, may=SETTLE_CONFLICT))


def _forms(one: Attendance) -> dict[str, Any]:
    """A form for each kind of which two times differ: what can be chosen, in words."""
    differing = conflicts.in_conflict(one, conflicts.conflict_minutes(one))
    return {kind: [(tick, _said(tick)) for tick in ticks] for kind, ticks in differing.items()}


def _said(tick: Tick) -> str:
    clock = local(tick.at).strftime("%H:%M:%S" if tick.at.second else "%H:%M")
    if tick.device == PAPER:
        who = gettext("from the paper sheet")
    elif tick.method == TickMethod.STOP_AFAR:
        who = gettext("%(name)s ended the shift for all from elsewhere", name=tick.by.name if tick.by else "–")
    elif tick.method == TickMethod.ADMITTED:
        who = gettext("admitted by %(name)s, not posted here", name=tick.by.name if tick.by else "–")
    else:
        who = gettext("ticked by %(name)s", name=tick.by.name if tick.by else "–")
    return f"{clock} · {who}"


def _page(one: Attendance, sent: ChoiceForm | None = None) -> str:
    return render_template(
        "volunteers/conflict.html",
        one=one,
        forms_of={
            kind: ChoiceForm(formdata=None, ticks=ticks, prefix=f"{kind}-") for kind, ticks in _forms(one).items()
        },
        paper=[tick for tick in one.ticks if tick.device == PAPER],
        phone=[tick for tick in one.ticks if tick.device != PAPER],
        replaced={tick.replaces_id for tick in one.ticks},
        counting={tick.id for tick in one.counting},
        sent=sent,
        refused=g.get("refusal"),
        back=url_for("crossing.show" if holds(viewer(), TICK) else "shifts.show", public_id=one.shift.public_id),
    )


@bp.post("/<uuid:public_id>/times")
@needs(SETTLE_CONFLICT)
def choose(public_id: uuid.UUID) -> ResponseReturnValue:
    one = find(Attendance, public_id, may=SETTLE_CONFLICT)
    every = [(tick, _said(tick)) for tick in one.ticks]
    form = ChoiceForm.of(lambda form: _page(find(Attendance, public_id, may=SETTLE_CONFLICT), form), ticks=every)
    tick = next(tick for tick in one.ticks if tick.public_id == form.chosen)
    conflicts.choose(one, tick, person(), now(), form.reason.data)
    flash(gettext("Chosen. All times stay on record; this one counts."), "good")
    if conflicts.in_conflict(one, conflicts.conflict_minutes(one)) or not holds(viewer(), TICK):
        return see_other("conflicts.show", public_id=public_id)
    return see_other("crossing.show", public_id=one.shift.public_id)
