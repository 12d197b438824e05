"""Steering a shift that runs: stop it for everybody, take that back, prolong it, hand it to a colleague."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy import select

from accounts.access import may
from accounts.models import Person
from accounts.presenting import clock
from accounts.web import find, needs, now, person, see_other, viewer
from extensions import db
from volunteers.actions import steering
from volunteers.actions.shifts import waiting_people
from volunteers.forms.crossing import PressForm
from volunteers.forms.steering import WHY_STOPPED, HandOverForm, ProlongForm, StopForm
from volunteers.models.shifts import Shift
from volunteers.rights import STEER_SHIFT, TICK
from volunteers.rules import steering as rules
from volunteers.views.crossing import device_of

bp = Blueprint("steering", __name__, url_prefix="/crossing")


@bp.app_template_global("undo_stop_until")
def undo_stop_until(shift: Shift) -> datetime:
    return rules.undo_until(shift.stopped_at or shift.event.ends_at)


def home_of(shift: Shift) -> str:
    """Where whoever steers came from: the officer's list, the desk's page of the shift."""
    return "crossing.show" if may(viewer(), TICK, shift) else "shifts.show"


@bp.get("/<uuid:public_id>/steering")
@needs(STEER_SHIFT)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    return _page(find(Shift, public_id, may=STEER_SHIFT))


def _stopping(shift: Shift, at: datetime) -> steering.Stopping | None:
    """What a stop now would do; None where it is refused."""
    try:
        return steering.stopping(shift, person(), at)
    except (rules.StoppedAlready, rules.ShiftNotRunning):
        return None


def _page(shift: Shift, **forms: Any) -> str:
    event, at = shift.event, now()
    is_open = shift.state == "open"
    runs = is_open and shift.stopped_at is None and rules.runs(event.starts_at, event.ends_at, at)
    stops = _stopping(shift, at) if is_open else None
    return render_template(
        "volunteers/steering.html",
        shift=shift,
        runs=runs,
        stops=stops,
        ahead=not runs and at < event.ends_at,
        waiting=len(waiting_people(shift, at)) if stops else 0,
        prospects=steering.prospects(shift) if runs else [],
        stopping=forms.get("stopping") or StopForm(formdata=None),
        prolonging=forms.get("prolonging") or ProlongForm(formdata=None),
        reasons=WHY_STOPPED,
        handing=forms.get("handing")
        or (HandOverForm(formdata=None, officers=_officers(shift)) if _posted(shift) else None),
        home=home_of(shift),
        refused=g.get("refusal"),
        at=at,
    )


@bp.post("/<uuid:public_id>/stop")
@needs(STEER_SHIFT)
def stop(public_id: uuid.UUID) -> ResponseReturnValue:
    """For everybody, at once; a second press finds it done."""
    shift = find(Shift, public_id, may=STEER_SHIFT)
    form = StopForm.of(lambda form: _page(find(Shift, public_id, may=STEER_SHIFT), stopping=form))
    if shift.stopped_at is None:
        steering.stop(shift, person(), now(), form.reason, device_of(form))
        flash(gettext("The shift is stopped. Everybody is told."), "good")
    return see_other(home_of(shift), public_id=public_id)


@bp.post("/<uuid:public_id>/resumption")
@needs(STEER_SHIFT)
def resume(public_id: uuid.UUID) -> ResponseReturnValue:
    shift = find(Shift, public_id, may=STEER_SHIFT)
    PressForm.of(lambda _: _page(find(Shift, public_id, may=STEER_SHIFT)))
    if shift.stopped_at is not None:
        steering.resume(shift, person(), now())
        flash(gettext("The shift goes on until %(at)s. Everybody is told.", at=clock(shift.event.ends_at)), "good")
    return see_other(home_of(shift), public_id=public_id)


@bp.post("/<uuid:public_id>/prolongation")
@needs(STEER_SHIFT)
def prolong(public_id: uuid.UUID) -> ResponseReturnValue:
    shift = find(Shift, public_id, may=STEER_SHIFT)
    form = ProlongForm.of(lambda form: _page(find(Shift, public_id, may=STEER_SHIFT), prolonging=form))
    over = steering.prolong(shift, form.minutes.data, person(), now(), form.reason, seen=form.seen)
    said = gettext("The shift lasts until %(at)s. Everybody is told.", at=clock(shift.event.ends_at))
    if over:
        said += " " + _beyond(len(over))
    flash(said, "good")
    return see_other(home_of(shift), public_id=public_id)


def _posted(shift: Shift) -> bool:
    return any(one.person_id == person().id and one.ended_at is None for one in shift.postings)


def _officers(shift: Shift) -> list[tuple[str, str]]:
    return [
        (str(one.person.public_id), f"{one.person.name}{' · ' + one.organisation.name if one.organisation else ''}")
        for one in steering.colleagues(shift)
    ]


@bp.post("/<uuid:public_id>/hand-over")
@needs(STEER_SHIFT)
def hand_over(public_id: uuid.UUID) -> ResponseReturnValue:
    """To a colleague on the spot; whoever goes finds his other shifts."""
    shift = find(Shift, public_id, may=STEER_SHIFT)
    form = HandOverForm.of(
        lambda form: _page(find(Shift, public_id, may=STEER_SHIFT), handing=form), officers=_officers(shift)
    )
    to = db.session.scalars(select(Person).where(Person.public_id == uuid.UUID(form.to.data))).one()
    steering.hand_over(shift, to, person(), now(), form.reason, form.stays.data)
    flash(gettext("%(name)s has the shift now and is told.", name=to.name), "good")
    if form.stays.data:
        return see_other("crossing.show", public_id=public_id)
    return see_other("crossing.mine")


def _beyond(people: int) -> str:
    return ngettext(
        "%(num)d person then serves longer than a day's most; it counts in full.",
        "%(num)d people then serve longer than a day's most; it counts in full.",
        people,
    )
