"""Somebody who did not book stands at the crossing: looked for, shown with what stands in the way, admitted."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts.access import NotFound
from accounts.web import find, here, needs, now, person, see_other
from errors import Refusal
from volunteers.actions import walk_in
from volunteers.actions.obstacles import assessment_at
from volunteers.actions.scan import at_hand
from volunteers.actions.ticks import standing_of
from volunteers.forms.walk_in import AdmissionForm, GuestAdmissionForm, GuestForm, SeekForm
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance, AttendanceState
from volunteers.models.shifts import Shift
from volunteers.rights import ADMIT_WALK_IN, BOOK_SHIFT
from volunteers.rules.obstacles import refusal_of
from volunteers.views.crossing import device_of
from volunteers.views.steering import home_of

bp = Blueprint("walk_in", __name__, url_prefix="/crossing")
mine = Blueprint("guest", __name__)
bp.app_template_global("admits")(walk_in.admits)


@mine.get("/hours/code")
@needs(BOOK_SHIFT)
def code() -> ResponseReturnValue:
    """One's code where one has no booking: it says who one is. Whoever was admitted by it finds the one for leaving."""
    here_now = [one for one in at_hand(person(), now()) if one.state == AttendanceState.ARRIVED]
    running = [one for one in here_now if one.shift.event.ends_at > now() and one.office_id == here().id]
    if running:
        return see_other("codes.show", public_id=running[0].public_id)
    own = assessment_at(person(), here().id)
    return render_template("volunteers/guest_code.html", shown=walk_in.guest_code(own, now()) if own else None)


@dataclass(frozen=True)
class Candidate:
    """Somebody found. `listed`: where he stands on the list already; `refused`: why he cannot be admitted; `reasons`:
    what only a reason gets over."""

    assessment: Assessment
    listed: Attendance | None
    refused: Refusal | None
    reasons: Sequence[Refusal]


def _candidate(shift: Shift, assessment: Assessment) -> Candidate:
    found = walk_in.in_the_way(shift, assessment, now())
    blocked = [one for one in found if one.code not in walk_in.WITH_A_REASON]
    reasons = [refusal_of([one]) for one in found if one.code in walk_in.WITH_A_REASON]
    listed = walk_in.on_the_list(shift, assessment)
    return Candidate(assessment, listed, walk_in.told_the_officer(blocked) if blocked else None, reasons)


@bp.get("/<uuid:public_id>/walk-in")
@needs(ADMIT_WALK_IN)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    return _page(find(Shift, public_id, may=ADMIT_WALK_IN), SeekForm(formdata=None))


def _page(shift: Shift, form: Any, found: Sequence[Candidate] | None = None, code: str = "", asked: Any = None) -> str:
    values: dict[str, Any] = {"shift": shift, "f": form, "found": found, "home": home_of(shift), "code": code}
    return render_template("volunteers/walk_in.html", asked=asked, standing_of=standing_of, **values)


def _again(public_id: uuid.UUID, form: Any) -> str:
    """The page with whom the look had found, and what was typed."""
    shift = find(Shift, public_id, may=ADMIT_WALK_IN)
    seek, found, code = SeekForm(formdata=None), [], ""
    if form.who.errors:
        return _page(shift, seek)
    if isinstance(form, GuestAdmissionForm):
        known = walk_in.whose(shift, form.code.data or "", now(), again=True)
        found, code = [known] if known else [], form.code.data
    else:
        seek = SeekForm(formdata=None, data={"initials": form.initials.data, "tail": form.tail.data})
        found = walk_in.sought(shift, form.initials.data or "", form.tail.data or "", form.chosen)
    return _page(shift, seek, [_candidate(shift, one) for one in found] or None, code, form)


@bp.post("/<uuid:public_id>/walk-in/search")
@needs(ADMIT_WALK_IN)
def search(public_id: uuid.UUID) -> ResponseReturnValue:
    """A look that leaves an act behind (SETTLED 3)."""
    shift = find(Shift, public_id, may=ADMIT_WALK_IN)
    form = SeekForm.of(lambda form: _page(find(Shift, public_id, may=ADMIT_WALK_IN), form))
    found = walk_in.seek(shift, form.initials.data, form.tail.data, person(), now())
    return _page(shift, form, [_candidate(shift, one) for one in found])


@bp.post("/<uuid:public_id>/walk-in/code")
@needs(ADMIT_WALK_IN)
def by_code(public_id: uuid.UUID) -> ResponseReturnValue:
    """Whose code the camera has read."""
    shift = find(Shift, public_id, may=ADMIT_WALK_IN)
    seek = SeekForm(formdata=None)
    form = GuestForm.of(lambda _: _page(find(Shift, public_id, may=ADMIT_WALK_IN), seek))
    one = walk_in.whose(shift, form.code.data, now(), again=True)
    return _page(shift, seek, [_candidate(shift, one)] if one else [], form.code.data)


@bp.post("/<uuid:public_id>/walk-in")
@needs(ADMIT_WALK_IN)
def admit(public_id: uuid.UUID) -> ResponseReturnValue:
    """Whom a look has just found: initials and number, or the code, are asked again; an id alone admits nobody."""
    shift = find(Shift, public_id, may=ADMIT_WALK_IN)
    asked = GuestAdmissionForm if request.form.get("code") else AdmissionForm
    form = asked.of(lambda form: _again(public_id, form))
    if isinstance(form, GuestAdmissionForm):
        known = walk_in.whose(shift, form.code.data, now(), again=True)
        found = [known] if known else []
    else:
        found = walk_in.seek(shift, form.initials.data, form.tail.data, person(), now())
    one = next((one for one in found if one.public_id == form.chosen), None)
    if one is None:
        raise NotFound()
    walk_in.admit(shift, one, person(), now(), form.reason.data or "", device_of(form))
    flash(gettext("%(name)s is here, without a booking.", name=one.person.name), "good")
    return see_other(home_of(shift), public_id=public_id)
