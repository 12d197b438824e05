"""The crossing: what is not yet confirmed, today's shifts, the roll of one shift; ticking people in and out."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, flash, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from accounts.access import clause
from accounts.web import find, needs, now, person, see_other, today, viewer
from extensions import db
from scheduler.timeline.models import Event
from volunteers.actions import mistakes, ticks
from volunteers.actions.confirmation import Line, roll_of, undoable
from volunteers.actions.countersign import sent_back
from volunteers.actions.credit import OVER
from volunteers.actions.delivery import press_again
from volunteers.actions.equipment import kit_of
from volunteers.actions.interests import near_to
from volunteers.actions.portraits import portrayed
from volunteers.forms.crossing import (
    ArrivalForm,
    CorrectionForm,
    PressForm,
    ReasonForm,
    TakingBackForm,
    moment_of,
)
from volunteers.forms.interests import EndingForm, InterestForm
from volunteers.models.attendance import Attendance, AttendanceState, TickKind
from volunteers.models.ledger import Confirmation
from volunteers.models.shifts import Shift, ShiftState
from volunteers.rights import SEE_SHIFT_LIST, TICK
from volunteers.rules.minutes import arrives_from

bp = Blueprint("crossing", __name__, url_prefix="/crossing")
HERE = frozenset({AttendanceState.ARRIVED, AttendanceState.LEFT, AttendanceState.CONFIRMED, AttendanceState.CREDITED})
COMING = timedelta(days=7)


@dataclass(frozen=True)
class Board:
    """A shift with everybody on its roll, as its officer sees it now."""

    shift: Shift
    lines: list[Line]
    batches: dict[uuid.UUID, list[Confirmation]] = field(default_factory=dict)
    presses: list[mistakes.Press] = field(default_factory=list)

    @property
    def here(self) -> int:
        return sum(one.attendance.state in HERE and not one.attendance.struck_out for one in self.lines)

    @property
    def expected(self) -> int:
        """Everybody but those who had told that they cannot come, and whom the service told not to."""
        return sum(one.attendance.state not in ticks.AWAY for one in self.lines)

    @property
    def waiting(self) -> list[Line]:
        """Those about whom the officer has still something to say."""
        over = ("oneself", "interest", "struck_out", "doubtful", "unclear")
        return [one for one in self.lines if one.attendance.state not in OVER and one.problem not in over]

    @property
    def still_here(self) -> list[Line]:
        """Booked or arrived, and not yet gone."""
        return [one for one in self.waiting if one.attendance.state in ticks.SERVED]

    @property
    def ready(self) -> list[Line]:
        return [one for one in self.waiting if not one.problem]

    @property
    def over(self) -> bool:
        ends_at = self.shift.event.ends_at
        return bool(ends_at <= now())

    @property
    def from_at(self) -> datetime:
        """From when on people can be ticked in."""
        return arrives_from(self.shift.event.starts_at)

    @property
    def begun(self) -> bool:
        return bool(self.shift.event.starts_at <= now())


def board_of(shift: Shift) -> Board:
    return Board(shift, roll_of(shift, person(), now()), undoable([shift], person(), now()))


def whole_board_of(shift: Shift) -> Board:
    """With the presses that can be taken back."""
    presses = mistakes.presses(shift, person(), now()) if shift.state == ShiftState.OPEN else []
    return replace(board_of(shift), presses=presses)


@bp.get("")
@needs(TICK)
def mine() -> ResponseReturnValue:
    """What is not yet confirmed, oldest first; then today, with what began yesterday and runs; then what comes, without
    names."""
    boards = [board_of(shift) for shift in _begun()]
    unconfirmed = [one for one in boards if one.over and one.waiting]
    return render_template(
        "volunteers/crossing.html",
        unconfirmed=unconfirmed,
        undo=[one for one in boards if one.batches],
        today=[one for one in boards if one not in unconfirmed and (one.shift.starts_on == today() or not one.over)],
        coming=_coming(),
        at=now(),
    )


def _shifts() -> Any:
    """The open shifts that the viewer is posted to, by their start."""
    return (
        select(Shift)
        .join(Event, Event.id == Shift.event_id)
        .options(joinedload(Shift.event), joinedload(Shift.post), joinedload(Shift.office))
        .where(clause(viewer(), Shift, TICK), Shift.state == ShiftState.OPEN)
        .order_by(Event.starts_at, Shift.id)
    )


def _begun() -> Sequence[Shift]:
    """Those from today on back that may still need something: where anybody is not settled, and all of today."""
    open_ones = select(Attendance.shift_id).where(
        Attendance.state.in_([AttendanceState.BOOKED, AttendanceState.ARRIVED, AttendanceState.LEFT]),
        Attendance.struck_out.is_(False),
    )
    undone = select(Confirmation.shift_id).where(Confirmation.by_id == person().id, Confirmation.final_at > now())
    asked = (Shift.starts_on == today()) | Shift.id.in_(open_ones) | Shift.id.in_(undone)
    found: Sequence[Shift] = db.session.scalars(_shifts().where(Shift.starts_on <= today(), asked)).all()
    return found


def _coming() -> Sequence[Shift]:
    ahead = Shift.starts_on > today(), Shift.starts_on <= today() + COMING
    found: Sequence[Shift] = db.session.scalars(_shifts().where(*ahead)).all()
    return found


def waiting_shifts() -> list[Board]:
    """The viewer's shifts that are over and wait for him, oldest first."""
    boards = [board_of(shift) for shift in _begun() if shift.event.ends_at <= now()]
    return [one for one in boards if one.waiting]


def count_waiting() -> int:
    return len(waiting_shifts())


@bp.get("/<uuid:public_id>")
@needs(TICK)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    return roll_page(find(Shift, public_id, may=TICK))


def roll_page(shift: Shift) -> str:
    """The roll from the shift's day until it is closed (D-24); before and after it names nobody."""
    named = shift.state == ShiftState.OPEN and shift.starts_on <= today()
    board = whole_board_of(shift) if named else Board(shift, [])
    kit = kit_of(shift, [line.attendance for line in board.lines])
    return render_template(
        "volunteers/crossing_roll.html",
        board=board,
        shift=shift,
        named=named,
        kit=kit,
        portrayed=portrayed([line.attendance for line in board.lines]),
        at=now(),
    )


def answer_press(shift: Shift) -> ResponseReturnValue:
    """After a press: htmx takes its row, the count and the thumb out of the page; without it the page comes again."""
    if request.headers.get("HX-Request"):
        db.session.flush()
        return roll_page(shift)
    return see_other("crossing.show", public_id=shift.public_id)


@bp.post("/<uuid:public_id>/full-time")
@needs(TICK)
def full_time(public_id: uuid.UUID) -> ResponseReturnValue:
    """All present for the full time; then the sheet to confirm."""
    shift = find(Shift, public_id, may=TICK)
    form = PressForm.of(lambda _: roll_page(find(Shift, public_id, may=TICK)))
    ticks.tick_all(shift, person(), now(), device_of(form))
    return see_other("confirmation.sheet", public_id=shift.public_id)


@bp.post("/<uuid:public_id>/full-time/undo")
@needs(TICK)
def take_back_full_time(public_id: uuid.UUID) -> ResponseReturnValue:
    shift = find(Shift, public_id, may=TICK)
    form = TakingBackForm.of(lambda _: roll_page(find(Shift, public_id, may=TICK)))
    count = mistakes.take_back_press(shift, form.batch.data, person(), now(), form.reason.data)
    flash(ngettext("Taken back for %(num)d person.", "Taken back for %(num)d people.", count), "good")
    return see_other("crossing.show", public_id=shift.public_id)


def device_of(form: PressForm) -> ticks.Device:
    opened = g.get("person_session")
    return ticks.Device(opened.device if opened is not None else "", form.pressed_at())


def _tick(
    public_id: uuid.UUID,
    reached: frozenset[str],
    step: Callable[[Attendance, PressForm], Any],
    again: TickKind | None = None,
) -> ResponseReturnValue:
    """One press about one person. Where the thumb was too fast nothing happens twice; where somebody was faster, and
    says another time, both times are kept."""
    one = find(Attendance, public_id, may=TICK)
    form = PressForm.of(lambda _: roll_page(find(Attendance, public_id, may=TICK).shift))
    if one.state not in reached or (one.struck_out and again == TickKind.IN):
        step(one, form)
    elif again is not None:
        press_again(one, again, person(), now(), device_of(form))
    return answer_press(one.shift)


@bp.post("/people/<uuid:public_id>/arrival")
@needs(TICK)
def arrive(public_id: uuid.UUID) -> ResponseReturnValue:
    return _tick(public_id, HERE, _come, TickKind.IN)


def _come(one: Attendance, form: PressForm) -> None:
    come = mistakes.arrive_anew if one.struck_out else ticks.arrive
    come(one, person(), now(), device_of(form))


@bp.post("/people/<uuid:public_id>/leaving")
@needs(TICK)
def leave(public_id: uuid.UUID) -> ResponseReturnValue:
    gone = HERE - {AttendanceState.ARRIVED}
    return _tick(public_id, gone, lambda one, form: ticks.leave(one, person(), now(), device_of(form)), TickKind.OUT)


@bp.post("/people/<uuid:public_id>/no-show")
@needs(TICK)
def miss(public_id: uuid.UUID) -> ResponseReturnValue:
    return _tick(public_id, frozenset({AttendanceState.NO_SHOW}), _stay_away)


def _stay_away(one: Attendance, _: PressForm) -> None:
    miss_him = mistakes.not_come if one.struck_out else ticks.miss
    miss_him(one, person(), now())


@bp.post("/people/<uuid:public_id>/arrival-then")
@needs(TICK)
def arrive_then(public_id: uuid.UUID) -> ResponseReturnValue:
    """He was here, and nobody ticked him: when he came, and why it is said only now."""
    one = find(Attendance, public_id, may=TICK)
    form = ArrivalForm.of(lambda form: _again(public_id, arrival=form))
    mistakes.arrive_then(one, moment_of(one.shift, form.clock.data), person(), now(), form.reason.data)
    return see_other("crossing.show", public_id=one.shift.public_id)


# More about one person


@bp.get("/people/<uuid:public_id>")
@needs(TICK)
def more(public_id: uuid.UUID) -> ResponseReturnValue:
    return more_page(find(Attendance, public_id, may=TICK))


def more_page(
    one: Attendance,
    *,
    correction: Any = None,
    reason: Any = None,
    interest: Any = None,
    ending: Any = None,
    arrival: Any = None,
) -> str:
    return render_template(
        "volunteers/crossing_one.html",
        one=one,
        shift=one.shift,
        line=next((line for line in roll_of(one.shift, person(), now()) if line.attendance.id == one.id), None),
        ticks=sorted(one.ticks, key=lambda tick: tick.id),
        replaced={tick.replaces_id for tick in one.ticks},
        correction=correction or CorrectionForm(formdata=None),
        reason=reason or ReasonForm(formdata=None),
        correctable=[kind for kind, states in ticks.CORRECTABLE.items() if one.state in states],
        may_call=bool(one.person.phone),
        returned=sent_back(one.shift).get(one.id),
        portrayed=portrayed([one]),
        near=bool(near_to(person(), [one.person_id])),
        mine=one.person_id == person().id,
        interest=interest or InterestForm(formdata=None),
        ending=ending or EndingForm(formdata=None),
        arrival=arrival or ArrivalForm(formdata=None),
        over=one.shift.event.ends_at <= now(),
        correctable_now=one.state in ("credited", "no_show") and one.person_id != person().id,
    )


def _again(public_id: uuid.UUID, **forms: Any) -> str:
    return more_page(find(Attendance, public_id, may=TICK), **forms)


@bp.post("/people/<uuid:public_id>/correction")
@needs(TICK)
def correct(public_id: uuid.UUID) -> ResponseReturnValue:
    one = find(Attendance, public_id, may=TICK)
    form = CorrectionForm.of(lambda form: _again(public_id, correction=form))
    ticks.correct_tick(one, form.kind.data, form.stated(one.shift), person(), now(), form.reason.data)
    flash(gettext("Corrected. Both times are kept; the new one counts."), "good")
    return see_other("crossing.show", public_id=one.shift.public_id)


@bp.post("/people/<uuid:public_id>/sending-home")
@needs(TICK)
def send_home(public_id: uuid.UUID) -> ResponseReturnValue:
    one = find(Attendance, public_id, may=TICK)
    form = ReasonForm.of(lambda form: _again(public_id, reason=form))
    ticks.send_home(one, person(), now(), form.reason.data, device_of(form))
    return see_other("crossing.show", public_id=one.shift.public_id)


@bp.post("/people/<uuid:public_id>/mistake")
@needs(TICK)
def strike_out(public_id: uuid.UUID) -> ResponseReturnValue:
    """The wrong row was pressed: the ticks stay as facts and do not count."""
    one = find(Attendance, public_id, may=TICK)
    form = ReasonForm.of(lambda form: _again(public_id, reason=form))
    mistakes.strike_out(one, person(), now(), form.reason.data)
    return answer_press(one.shift)


@bp.post("/people/<uuid:public_id>/restoration")
@needs(TICK)
def restore(public_id: uuid.UUID) -> ResponseReturnValue:
    one = find(Attendance, public_id, may=TICK)
    mistakes.restore(one, person(), now())
    return see_other("crossing.show", public_id=one.shift.public_id)


@bp.post("/people/<uuid:public_id>/call")
@needs(SEE_SHIFT_LIST)
def call(public_id: uuid.UUID) -> ResponseReturnValue:
    """The number is dialled, not printed; each use is an act (D-24)."""
    one = find(Attendance, public_id, may=SEE_SHIFT_LIST)
    return render_template("volunteers/crossing_call.html", one=one, phone=ticks.call(one, person(), now()))
