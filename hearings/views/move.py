"""Moving a sitting."""

from __future__ import annotations

import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from accounts.access import NotFound
from accounts.web import find, needs, now, person, see_other, today
from hearings.actions.move import move_sitting, told_of_a_change
from hearings.dates import dates_of
from hearings.forms.planning import ELSEWHERE, MoveForm, time_offered
from hearings.models import Hearing, Sitting, SittingState
from hearings.plan_facts import Judging
from hearings.rights import PLAN_HEARING
from hearings.views.planning import objections, room_choices, room_chosen, unapproved_venue
from scheduler.timeline.models import BookingRole
from scheduler.timeline.timeline import live_bookings

bp = Blueprint("hearing_move", __name__, url_prefix="/hearings/<uuid:public_id>")


@bp.get("/move")
@needs(PLAN_HEARING)
def write(public_id: uuid.UUID) -> ResponseReturnValue:
    """The form; `at` of the address is a time that was offered elsewhere."""
    return page_as_it_stands(find(Hearing, public_id, may=PLAN_HEARING), time_offered(request.args.get("at", "")))


def page_as_it_stands(hearing: Hearing, offered: datetime | None = None) -> str:
    event = _sitting(hearing).event
    starts = offered or event.starts_at.astimezone(ZoneInfo(hearing.office.zone))
    rooms = [b.resource for b in live_bookings(event, BookingRole.ROOM)]
    typed = {
        "day": starts.date(),
        "starts": starts.time(),
        "minutes": (event.ends_at - event.starts_at).seconds // 60,
        "room": str(rooms[0].public_id) if rooms else ELSEWHERE,
        "place": "" if rooms else event.place,
    }
    return _page(hearing, MoveForm(formdata=None, data=typed, rooms=room_choices(hearing.office)))


@bp.post("/move")
@needs(PLAN_HEARING)
def move(public_id: uuid.UUID) -> ResponseReturnValue:
    hearing = find(Hearing, public_id, may=PLAN_HEARING)
    sitting = _sitting(hearing)
    form = MoveForm.of(lambda form: _page(hearing, form), rooms=room_choices(hearing.office))
    told = len(told_of_a_change(hearing))
    move_sitting(
        sitting,
        form.starts_at(hearing.office.zone),
        form.minutes.data,
        person(),
        now(),
        form.reason.data,
        room=room_chosen(hearing.office, form),
        place=form.place.data or "",
        despite=form.despite.data or "",
    )
    flash(ngettext("Moved. %(num)d person is told of it.", "Moved. %(num)d people are told of it.", told), "good")
    return see_other("hearings.show", public_id=hearing.public_id)


def _sitting(hearing: Hearing) -> Sitting:
    sitting = hearing.sitting
    if sitting is None or sitting.state != SittingState.PLANNED:
        raise NotFound()
    return sitting


def _page(hearing: Hearing, form: MoveForm) -> str:
    return render_template(
        "hearings/move.html",
        hearing=hearing,
        form=form,
        told=told_of_a_change(hearing),
        dates=dates_of(hearing, today()),
        earliest=Judging(hearing, now()).earliest_day(),
        objections=objections(),
        venue=unapproved_venue(),
    )
