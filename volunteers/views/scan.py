"""Codes at the crossing: the person shows his, the officer reads it; the officer shows his, the person says that he is
here; ticks that come late (D-28)."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.access import NotFound
from accounts.web import find, needs, now, person
from extensions import db
from record.edge import stands
from volunteers.actions import delivery, presence, scan, walk_in
from volunteers.actions.portraits import portrayed
from volunteers.actions.ticks import posting_of, standing_of
from volunteers.forms.scan import CodeForm, DeliveryForm
from volunteers.models.attendance import Attendance, Tick
from volunteers.models.scan import PresenceClaim
from volunteers.models.shifts import Shift
from volunteers.rights import BOOK_SHIFT, CLAIM_PRESENCE, TICK
from volunteers.rules.minutes import arrives_from
from volunteers.rules.scan import Why
from volunteers.views.bookings import own_booking
from volunteers.views.crossing import board_of, device_of

bp = Blueprint("scan", __name__, url_prefix="/crossing")
mine = Blueprint("codes", __name__, url_prefix="/bookings")
STATUS = {Why.OLD: 410, Why.SCREENSHOT: 410, Why.FOREIGN: 404, Why.USED: 409}  # T03


# What a volunteer holds in his hand


@mine.get("/<uuid:public_id>/code")
@needs(BOOK_SHIFT)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    """One's code, which changes while it is looked at."""
    own = own_booking(public_id)
    return render_template(
        "volunteers/code.html",
        own=own,
        shown=scan.person_code(own, now()),
        opens_at=arrives_from(own.shift.event.starts_at),
        came_at=standing_of(own).came_at,
        may_claim=presence.may_claim(own, now()),
        at=now(),
    )


@mine.get("/<uuid:public_id>/presence")
@needs(CLAIM_PRESENCE)
def claiming(public_id: uuid.UUID) -> ResponseReturnValue:
    return _claim_page(public_id)


def _own(public_id: uuid.UUID) -> Attendance:
    own = find(Attendance, public_id, may=CLAIM_PRESENCE)
    if own.person_id != person().id:
        raise NotFound()
    return own


def _claim_page(public_id: uuid.UUID, **more: Any) -> str:
    own = _own(public_id)
    return render_template("volunteers/presence.html", own=own, may_claim=presence.may_claim(own, now()), **more)


@mine.post("/<uuid:public_id>/presence")
@needs(CLAIM_PRESENCE)
def claim(public_id: uuid.UUID) -> ResponseReturnValue:
    """ "I am here": a fact that moves nothing."""
    own = _own(public_id)
    form = CodeForm.of(lambda form: _claim_page(public_id, f=form))
    said = presence.claim(own, form.code.data, person(), now(), device_of(form))
    if isinstance(said, PresenceClaim):
        return _claim_page(public_id)
    return _refused(_claim_page(public_id, why=said.why), said.why)


def _refused(page: str, why: str) -> Response:
    """A refusal that was stored: its page, with the status that says which it is."""
    return stands(make_response(page, STATUS[Why(why)]))


# What an officer holds in his


@bp.get("/<uuid:public_id>/scan")
@needs(TICK)
def reading(public_id: uuid.UUID) -> ResponseReturnValue:
    return _scan_page(find(Shift, public_id, may=TICK))


def _scan_page(shift: Shift, **more: Any) -> str:
    posting_of(shift, person())
    board = board_of(shift)
    faces = portrayed([line.attendance for line in board.lines])
    return render_template("volunteers/scan.html", shift=shift, board=board, portrayed=faces, at=now(), **more)


@bp.post("/<uuid:public_id>/scan")
@needs(TICK)
def redeem(public_id: uuid.UUID) -> ResponseReturnValue:
    """Tick in or out whose code was read; then at once the next one."""
    shift = find(Shift, public_id, may=TICK)
    form = CodeForm.of(lambda form: _scan_page(find(Shift, public_id, may=TICK), f=form))
    guest = walk_in.whose(shift, form.code.data, now())
    if guest is not None:
        listed = walk_in.on_the_list(shift, guest)
        came_at = standing_of(listed).came_at if listed else None
        return _scan_page(shift, guest=guest, said=form.code.data, listed=listed, came_at=came_at)
    done = scan.redeem(shift, form.code.data, person(), now(), device_of(form))
    if done.attempt is not None:
        return _refused(_scan_page(shift, why=done.attempt.why), done.attempt.why)
    one = done.attendance
    return _scan_page(shift, one=one, tick=done.tick, came_at=standing_of(one).came_at if one else None)


@bp.get("/<uuid:public_id>/screen")
@needs(TICK)
def screen(public_id: uuid.UUID) -> ResponseReturnValue:
    """The officer's code, by which people say that they are here."""
    shift = find(Shift, public_id, may=TICK)
    posting = posting_of(shift, person())
    from_at = arrives_from(shift.event.starts_at)
    shown = presence.screen_code(posting, now()) if from_at <= now() <= shift.event.ends_at else None
    return render_template("volunteers/screen.html", shift=shift, shown=shown, opens_at=from_at, at=now())


@bp.post("/<uuid:public_id>/ticks")
@needs(TICK)
def deliver(public_id: uuid.UUID) -> ResponseReturnValue:
    """A tick made without signal, delivered once or more often: the answer is always that of the stored row (I46)."""
    shift = find(Shift, public_id, may=TICK)
    form = DeliveryForm.of(lambda _: "")
    one = None
    if form.whose is not None:
        one = db.session.scalar(select(Attendance).filter_by(public_id=form.whose, shift_id=shift.id))
        if one is None:
            raise NotFound()
    stored = delivery.deliver(shift, one, form.delivered, person(), now(), device_of(form).name)
    if isinstance(stored, Tick):
        said = {"id": str(stored.client_id), "kind": stored.kind, "at": stored.at.isoformat(), "method": stored.method}
        return jsonify(said), 201
    return stands(make_response(jsonify({"why": stored.why}), STATUS[Why(stored.why)]))
