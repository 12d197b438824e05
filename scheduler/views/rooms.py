"""Rooms of the office, and the two steps of the first-run guide that stand on them: rooms, and the first booking."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from accounts import guide
from accounts.models import Office
from accounts.rights import CHANGE_SETTINGS
from accounts.trail import say
from accounts.views.guide import go_on, page
from accounts.views.office import tabs
from accounts.web import find, needs, now, office_for, person, see_other, today
from extensions import db
from scheduler.actions.rooms import (
    book_meeting,
    booked_on,
    change_room,
    enter_room,
    resume_room,
    retire_room,
    rooms_of,
    still_booked,
)
from scheduler.forms.rooms import MeetingForm, RetireForm, RoomForm
from scheduler.timeline.models import Booking, BookingRole, Event, Resource
from scheduler.timeline.slots import Hours, next_times
from scheduler.timeline.timeline import Collision

bp = Blueprint("rooms", __name__)
FIRST_LENGTH = timedelta(hours=1)


@bp.get("/office/rooms")
@needs(CHANGE_SETTINGS)
def index() -> ResponseReturnValue:
    return _index(RoomForm())


def _index(form: RoomForm) -> str:
    office = office_for(CHANGE_SETTINGS)
    rooms = rooms_of(office, active=False)
    return render_template("scheduler/rooms.html", rooms=rooms, form=form, tabs=tabs("rooms.index"))


@bp.post("/office/rooms")
@needs(CHANGE_SETTINGS)
def enter() -> ResponseReturnValue:
    form = RoomForm.of(_index)
    enter_room(office_for(CHANGE_SETTINGS), form.values, person(), now())
    flash(gettext("“%(name)s” is entered.", name=form.name.data), "good")
    return see_other("rooms.index")


@bp.get("/office/rooms/<uuid:public_id>")
@needs(CHANGE_SETTINGS)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    room = find(Resource, public_id, may=CHANGE_SETTINGS)
    return _show(room, RoomForm(obj=room))


def _show(room: Resource, form: RoomForm) -> str:
    ahead = still_booked(room, now())
    return render_template("scheduler/rooms_one.html", room=room, form=form, ahead=ahead, tabs=tabs("rooms.index"))


@bp.post("/office/rooms/<uuid:public_id>/change")
@needs(CHANGE_SETTINGS)
def change(public_id: uuid.UUID) -> ResponseReturnValue:
    room = find(Resource, public_id, may=CHANGE_SETTINGS)
    form = RoomForm.of(lambda form: _show(room, form))
    change_room(room, form.values, person(), now())
    flash(gettext("The room is changed."), "good")
    return see_other("rooms.show", public_id=public_id)


@bp.post("/office/rooms/<uuid:public_id>/retirement")
@needs(CHANGE_SETTINGS)
def retire(public_id: uuid.UUID) -> ResponseReturnValue:
    """Offer it no more."""
    room = find(Resource, public_id, may=CHANGE_SETTINGS)
    form = RetireForm.of(lambda _: _show(room, RoomForm(formdata=None, obj=room)))
    retire_room(room, person(), now(), form.reason.data)
    flash(gettext("“%(name)s” is out of use.", name=room.name), "good")
    return see_other("rooms.show", public_id=public_id)


@bp.post("/office/rooms/<uuid:public_id>/resumption")
@needs(CHANGE_SETTINGS)
def resume(public_id: uuid.UUID) -> ResponseReturnValue:
    room = find(Resource, public_id, may=CHANGE_SETTINGS)
    resume_room(room, person(), now())
    flash(gettext("“%(name)s” is in use again.", name=room.name), "good")
    return see_other("rooms.show", public_id=public_id)


# Steps of the first-run guide


@bp.get("/guide/rooms")
@needs(CHANGE_SETTINGS)
def guide_rooms() -> ResponseReturnValue:
    return _guide_rooms(RoomForm())


def _guide_rooms(form: RoomForm) -> str:
    office = office_for(CHANGE_SETTINGS)
    return page("rooms", "scheduler/rooms_guide.html", office, form=form, rooms=rooms_of(office))


@bp.post("/guide/rooms")
@needs(CHANGE_SETTINGS)
def guide_enter() -> ResponseReturnValue:
    form = RoomForm.of(_guide_rooms)
    enter_room(office_for(CHANGE_SETTINGS), form.values, person(), now())
    flash(gettext("“%(name)s” is entered.", name=form.name.data), "good")
    return see_other("rooms.guide_rooms")


@bp.get("/guide/booking")
@needs(CHANGE_SETTINGS)
def booking() -> ResponseReturnValue:
    """Book something real: filled in so that one press is enough."""
    office = office_for(CHANGE_SETTINGS)
    return _booking(MeetingForm(formdata=None, rooms=_choices(office), **_suggested(office)))


def _choices(office: Office) -> list[tuple[str, str]]:
    return [(str(room.public_id), room.name) for room in rooms_of(office)]


def _suggested(office: Office) -> dict[str, Any]:
    """The next free hour of the first room, or what the address says (a time offered after a collision)."""
    rooms = rooms_of(office)
    asked = _instant(request.args.get("at", ""))
    wanted = next((r for r in rooms if str(r.public_id) == request.args.get("room")), rooms[0] if rooms else None)
    if wanted is None:
        return {}
    zone = ZoneInfo(office.zone)
    free = next_times([wanted.id], FIRST_LENGTH, after=_in_office_hours(_next_quarter(now()), zone), count=1)
    starts = (asked or (free[0][0] if free else now())).astimezone(zone)
    ends = starts + FIRST_LENGTH
    title = request.args.get("title") or gettext("Meeting")
    return {
        "room": str(wanted.public_id),
        "title": title,
        "day": starts.date(),
        "starts": starts.time(),
        "ends": ends.time(),
    }


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _next_quarter(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0) + timedelta(minutes=15 - at.minute % 15)


def _in_office_hours(at: datetime, zone: ZoneInfo) -> datetime:
    """The moment itself, or the next at which an office's half-day begins."""
    local = at.astimezone(zone)
    for opens, closes in Hours().parts:
        if (local + FIRST_LENGTH).time() <= closes and local.time() < closes:
            return max(local, datetime.combine(local.date(), opens, zone))
    tomorrow = local.date() + timedelta(days=1)
    return datetime.combine(tomorrow, Hours().parts[0][0], zone)


def _booking(form: MeetingForm) -> str:
    office = office_for(CHANGE_SETTINGS)
    day = form.day.data or today()
    rooms = rooms_of(office)
    return page(
        "booking",
        "scheduler/rooms_booking.html",
        office,
        form=form,
        rooms=rooms,
        day=day,
        taken=booked_on(rooms, *_local_day(day, office.zone)),
        others=_other_times(form),
        first=_first(office),
    )


def _other_times(form: MeetingForm) -> list[dict[str, Any]]:
    """After a collision: the next times that suit, each a link that fills the form."""
    refusal = g.get("refusal")
    if not isinstance(refusal, Collision):
        return []
    kept = {"room": form.room.data, "title": form.title.data}
    return [
        {"starts_at": a, "ends_at": b, "url": url_for("rooms.booking", at=a.isoformat(), **kept)}
        for a, b in refusal.times
    ]


def _local_day(day: date, zone: str) -> tuple[datetime, datetime]:
    midnight = datetime.combine(day, time(), ZoneInfo(zone))
    return midnight, midnight + timedelta(days=1)


@bp.post("/guide/booking")
@needs(CHANGE_SETTINGS)
def book() -> ResponseReturnValue:
    office = office_for(CHANGE_SETTINGS)
    form = MeetingForm.of(_booking, rooms=_choices(office))
    room = find(Resource, uuid.UUID(form.room.data), may=CHANGE_SETTINGS)
    book_meeting(room, form.title.data, *form.span(office.zone), by=person(), at=now())
    flash(gettext("Booked. This was the first of many."), "good")
    return see_other("rooms.booking") if guide.progress(office).next is None else go_on("booking")


def _first(office: Office) -> Event | None:
    """The first event for which a room was booked."""
    mine = select(Event).join(Booking, Booking.event_id == Event.id)
    mine = mine.where(Event.office_id == office.id, Booking.role == BookingRole.ROOM, Booking.binds)
    return db.session.scalars(mine.order_by(Event.id).limit(1)).first()


guide.step(
    40,
    "rooms",
    _l("Rooms"),
    _l("Where hearings and meetings are held."),
    "rooms.guide_rooms",
    done=lambda office: bool(rooms_of(office)),
)
guide.step(
    90,
    "booking",
    _l("Book something real"),
    _l("A room, a time: it stands on the timeline at once."),
    "rooms.booking",
    done=lambda office: _first(office) is not None,
)
say(
    {
        "room.enter": _l("entered a room"),
        "room.change": _l("changed a room"),
        "room.retire": _l("took a room out of use"),
        "room.resume": _l("took a room into use again"),
        "event.plan": _l("planned an event"),
    }
)
