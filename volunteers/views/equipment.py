"""Equipment: a press for everybody here, a press for one; and the office's list of what did not come back."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from accounts.access import clause
from accounts.web import find, here, needs, now, person, see_other, viewer
from extensions import db
from volunteers.actions import equipment
from volunteers.forms.crossing import PressForm
from volunteers.forms.papers import ReasonForm
from volunteers.models.attendance import Attendance
from volunteers.models.shifts import Shift
from volunteers.rights import KEEP_SHIFTS, TICK
from volunteers.views.crossing import answer_press, roll_page
from volunteers.words import EQUIPPED

bp = Blueprint("equipment", __name__, url_prefix="/equipment")
crossing = Blueprint("handing", __name__, url_prefix="/crossing")


@bp.app_template_global("equipment_words")
def equipment_words(things: list[str]) -> str:
    return gettext(", ").join(str(EQUIPPED[one]) for one in things)


@crossing.post("/<uuid:public_id>/equipment")
@needs(TICK)
def hand_out(public_id: uuid.UUID) -> ResponseReturnValue:
    shift = find(Shift, public_id, may=TICK)
    PressForm.of(lambda _: roll_page(find(Shift, public_id, may=TICK)))
    given = equipment.hand_out(shift, None, person(), now())
    flash(ngettext("Handed out to %(num)d person.", "Handed out to %(num)d people.", given), "good")
    return see_other("crossing.show", public_id=public_id)


@crossing.post("/<uuid:public_id>/equipment/return")
@needs(TICK)
def take_back(public_id: uuid.UUID) -> ResponseReturnValue:
    shift = find(Shift, public_id, may=TICK)
    PressForm.of(lambda _: roll_page(find(Shift, public_id, may=TICK)))
    back = equipment.take_back(shift, None, person(), now())
    flash(ngettext("Taken back from %(num)d person.", "Taken back from %(num)d people.", back), "good")
    return see_other("crossing.show", public_id=public_id)


@crossing.post("/people/<uuid:public_id>/equipment")
@needs(TICK)
def hand_to(public_id: uuid.UUID) -> ResponseReturnValue:
    one = find(Attendance, public_id, may=TICK)
    PressForm.of(lambda _: roll_page(find(Attendance, public_id, may=TICK).shift))
    equipment.hand_out(one.shift, [one], person(), now())
    return answer_press(one.shift)


@crossing.post("/people/<uuid:public_id>/equipment/return")
@needs(TICK)
def take_from(public_id: uuid.UUID) -> ResponseReturnValue:
    one = find(Attendance, public_id, may=TICK)
    PressForm.of(lambda _: roll_page(find(Attendance, public_id, may=TICK).shift))
    equipment.take_back(one.shift, [one], person(), now())
    return answer_press(one.shift)


# What did not come back


@bp.get("")
@needs(KEEP_SHIFTS)
def index() -> ResponseReturnValue:
    return _page()


def _page(losing: uuid.UUID | None = None) -> str:
    mine = equipment.missing().where(clause(viewer(), Attendance, KEEP_SHIFTS), Attendance.office_id == here().id)
    rows = db.session.scalars(mine).all()
    return render_template("volunteers/equipment.html", rows=rows, losing=losing, refused=g.get("refusal"))


@bp.post("/<uuid:public_id>/return")
@needs(KEEP_SHIFTS)
def came_back(public_id: uuid.UUID) -> ResponseReturnValue:
    one = find(Attendance, public_id, may=KEEP_SHIFTS)
    PressForm.of(lambda _: _page(public_id))
    equipment.settle(one, True, person(), now())
    flash(gettext("Returned."), "good")
    return see_other("equipment.index")


@bp.post("/<uuid:public_id>/loss")
@needs(KEEP_SHIFTS)
def lost(public_id: uuid.UUID) -> ResponseReturnValue:
    one = find(Attendance, public_id, may=KEEP_SHIFTS)
    form = ReasonForm.of(lambda _: _page(public_id))
    equipment.settle(one, False, person(), now(), form.reason.data)
    flash(gettext("Noted as lost, with the reason."), "good")
    return see_other("equipment.index")
