"""What people say at the desk, entered for them: booking, giving a place up, the excuse for a missed shift; and who is
posted to a shift."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from accounts.access import Forbidden, NotFound, may
from accounts.models import Person
from accounts.web import find, needs, now, person, see_other, viewer
from extensions import db
from volunteers.actions.booking import book, cancel, excuse, report_absence, wait
from volunteers.actions.obstacles import obstacles_of
from volunteers.actions.postings import end_posting, post_officer
from volunteers.actions.travel import ways_to
from volunteers.forms.on_behalf import BookingForm, ExcuseForm, GivingUpForm
from volunteers.forms.opening import OfficerForm
from volunteers.forms.posts import ClosingForm
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance
from volunteers.models.shifts import Shift
from volunteers.rights import ANSWER_ON_BEHALF, BOOK_SHIFT, KEEP_SHIFTS, POST_TRAFFIC_OFFICER
from volunteers.views.shifts import officer_choices, page_of, serving
from volunteers.words import way_between

bp = Blueprint("on_behalf", __name__, url_prefix="/shifts")


def _at_the_desk(shift: Shift) -> None:
    """A volunteer may book as well, but on pages of his own: this one names everybody (D-24). Raises: Forbidden."""
    if not may(viewer(), KEEP_SHIFTS, shift):
        raise Forbidden()


@bp.post("/<uuid:public_id>/bookings")
@needs(BOOK_SHIFT)
def book_for(public_id: uuid.UUID) -> ResponseReturnValue:
    """Book somebody who asked at the desk; on a full shift put him on the list, if he wants to."""
    shift = find(Shift, public_id, may=BOOK_SHIFT)
    _at_the_desk(shift)
    form = BookingForm.of(lambda form: page_of(shift, booking=form), zone=shift.office.zone, people=serving(shift))
    assessment = find(Assessment, form.chosen, may=BOOK_SHIFT)
    who = assessment.person
    full = [one.code for one in obstacles_of(assessment, [shift], now(), own=False)[shift.id]] == ["full"]
    if full and form.or_wait.data:
        wait(shift, who, person(), now(), reason=form.reason)
        flash(gettext("%(name)s is on the waiting list.", name=who.name), "good")
    else:
        book(shift, who, person(), now(), reason=form.reason)
        flash(gettext("%(name)s has a place.", name=who.name), "good")
        for way in ways_to(assessment, [shift]).values():
            flash(way_between(way), "wait")
    return see_other("shifts.show", public_id=public_id)


@bp.post("/bookings/<uuid:public_id>/giving-up")
@needs(ANSWER_ON_BEHALF)
def give_up_for(public_id: uuid.UUID) -> ResponseReturnValue:
    """Somebody said that he will not come."""
    attendance = find(Attendance, public_id, may=ANSWER_ON_BEHALF)
    shift = attendance.shift
    form = GivingUpForm.of(
        lambda form: page_of(shift, giving_up=form, giver=attendance.public_id), zone=shift.office.zone
    )
    give_up = cancel if form.what.data == "cancel" else report_absence
    give_up(attendance, person(), now(), reason=form.reason)
    flash(gettext("The place of %(name)s is free again.", name=attendance.person.name), "good")
    return see_other("shifts.show", public_id=shift.public_id)


@bp.post("/bookings/<uuid:public_id>/excuse")
@needs(ANSWER_ON_BEHALF)
def excuse_for(public_id: uuid.UUID) -> ResponseReturnValue:
    """A missed shift had its reason."""
    attendance = find(Attendance, public_id, may=ANSWER_ON_BEHALF)
    form = ExcuseForm.of(lambda form: page_of(attendance.shift, excusing=form, excused=attendance.public_id))
    excuse(attendance, person(), now(), form.reason.data)
    flash(gettext("Excused. It no longer counts as a missed shift."), "good")
    return see_other("shifts.show", public_id=attendance.shift.public_id)


@bp.post("/<uuid:public_id>/officers")
@needs(POST_TRAFFIC_OFFICER)
def post_one(public_id: uuid.UUID) -> ResponseReturnValue:
    shift = find(Shift, public_id, may=POST_TRAFFIC_OFFICER)
    form = OfficerForm.of(lambda form: page_of(shift, officer=form), officers=officer_choices(shift))
    officer = db.session.scalars(select(Person).where(Person.public_id == uuid.UUID(form.officer.data))).one()
    post_officer(shift, officer, person(), now(), form.reason.data)
    flash(gettext("%(name)s is posted to this shift.", name=officer.name), "good")
    return see_other("shifts.show", public_id=public_id)


@bp.post("/<uuid:shift_id>/officers/<uuid:public_id>/relief")
@needs(POST_TRAFFIC_OFFICER)
def relieve(shift_id: uuid.UUID, public_id: uuid.UUID) -> ResponseReturnValue:
    shift = find(Shift, shift_id, may=POST_TRAFFIC_OFFICER)
    posting = next((one for one in shift.postings if one.public_id == public_id and one.ended_at is None), None)
    if posting is None:
        raise NotFound()
    form = ClosingForm.of(lambda form: page_of(shift, relieving=form))
    end_posting(posting, person(), now(), form.reason.data)
    flash(gettext("%(name)s is relieved of this shift.", name=posting.person.name), "good")
    return see_other("shifts.show", public_id=shift_id)
