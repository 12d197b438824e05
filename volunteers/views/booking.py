"""Booking on a phone: shifts that fit first, the waiting list, refusals with what helps."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from flask import Blueprint, flash, g, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from accounts.access import clause, listed
from accounts.presenting import span
from accounts.refusals import helped, said
from accounts.web import day_asked, find, here, needs, now, person, see_other, today, viewer
from extensions import db
from record.edge import stands
from scheduler.timeline import waiting
from scheduler.timeline.models import Event, WaitingState
from scheduler.timeline.travel import ShortWay
from volunteers.actions import booking
from volunteers.actions.anomalies import keep_refusal
from volunteers.actions.obstacles import assessment_at, is_over, obstacles, obstacles_of, quotas_of
from volunteers.actions.places import may_wait
from volunteers.actions.preparing import ask_office
from volunteers.actions.priority import opened_since, priority_of
from volunteers.actions.travel import ways_to
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance, AttendanceState
from volunteers.models.shifts import Shift, ShiftState
from volunteers.rights import BOOK_SHIFT
from volunteers.rules.obstacles import FOR_THE_OFFICE, NotBookable, refusal_of
from volunteers.words import way_between

bp = Blueprint("booking", __name__)
bp.add_app_template_filter(way_between)
AHEAD = 14  # days that can be picked
FIRST, OF_A_DAY = 9, 3  # shifts shown before a day is picked, and how many of one day
HELP = 3  # other shifts offered beside a refusal
UNDO = 10  # seconds in which a slip of the thumb is taken back with one press


@dataclass(frozen=True)
class Offer:
    """A shift as one volunteer sees it: `refusal` is what stands in the way, None where it fits."""

    shift: Shift
    free: int
    refusal: NotBookable | None
    booked: Attendance | None
    ahead: int | None
    way: ShortWay | None
    may_wait: bool

    @property
    def fits(self) -> bool:
        return self.refusal is None

    @property
    def why(self) -> tuple[Hashable, ...] | None:
        """What keeps it from being booked or waited for, in the words that are read; None where nothing does."""
        if self.refusal is None or self.booked is not None or self.ahead is not None or self.may_wait:
            return None
        return said(self.refusal), helped(self.refusal)

    @property
    def rank(self) -> int:
        """Shifts that fit first, then one's own, then those one can wait for."""
        order = (self.fits, self.booked is not None, self.ahead is not None, self.may_wait)
        return next((n for n, one in enumerate(order) if one), len(order))


@bp.app_template_filter("weekday_short")
def weekday_short(on: date) -> str:
    """`周四`, `Thu`."""
    return format_date(on, "EEE")


@bp.app_template_filter("as_span")
def as_span(starts_at: str, ends_at: str) -> str:
    """A span from a message's facts, in which instants are ISO texts."""
    return span(datetime.fromisoformat(starts_at), datetime.fromisoformat(ends_at))


@bp.app_template_filter("as_moment")
def as_moment(at: str) -> str:
    """An instant from a message's facts."""
    return span(datetime.fromisoformat(at))


@bp.get("/booking")
@needs(BOOK_SHIFT)
def choose() -> ResponseReturnValue:
    """Shifts of the coming fortnight: those that fit; or all of one day, those that fit first. Whoever lost a place by
    the service sees before them what was opened since."""
    assessment = assessment_at(person(), here().id)
    offers = _offers(assessment, coming(), now())
    picked = day_asked(request.args.get("day", ""))
    fitting = [one for one in offers if one.fits]
    shown = [one for one in offers if one.shift.starts_on == picked] if picked else _first(fitting)
    folded = _folded(shown)
    first = None if picked else priority_of(person(), here().id, now())
    opened = opened_since([one.shift for one in fitting], first.since) if first else set()
    new = [one for one in fitting if one.shift.id in opened][:FIRST]
    return render_template(
        "volunteers/booking.html",
        assessment=assessment,
        ended=is_over(assessment),
        first=first,
        new=new,
        shown=sorted((one for one in shown if one.why not in folded), key=lambda one: one.rank)
        if picked
        else [one for one in shown if one not in new],
        folded=list(folded.values()),
        picked=picked,
        days=[today() + timedelta(days=n) for n in range(AHEAD + 1)],
        fits=Counter(one.shift.starts_on for one in fitting),
        more=len(fitting) > len(shown),
        reason=None if fitting else _commonest(offers),
    )


def _commonest(offers: Sequence[Offer]) -> NotBookable | None:
    """What keeps the most of them from being booked."""
    refusals = {one.why: one.refusal for one in offers if one.why is not None}
    often = Counter(one.why for one in offers if one.why is not None).most_common(1)
    return refusals[often[0][0]] if often else None


def _folded(offers: Sequence[Offer]) -> dict[Hashable, list[Offer]]:
    """Those that cannot be booked for one and the same reason, by the reason, where there are several."""
    alike: dict[Hashable, list[Offer]] = {}
    for one in offers:
        if one.why is not None:
            alike.setdefault(one.why, []).append(one)
    return {why: several for why, several in alike.items() if len(several) > 1}


def _first(fitting: Sequence[Offer]) -> list[Offer]:
    """A few of each of the next days, at places that the person knows before others."""
    known = set(db.session.scalars(select(Shift.post_id).join(Attendance).where(Attendance.person_id == person().id)))
    chosen: list[Offer] = []
    for _, of_day in groupby(fitting, key=lambda one: one.shift.starts_on):
        liked = sorted(of_day, key=lambda one: one.shift.post_id not in known)[:OF_A_DAY]
        chosen += sorted(liked, key=lambda one: _start(one.shift))
    return chosen[:FIRST]


def coming() -> list[Shift]:
    """The office's open shifts of the coming days, soonest first."""
    query = (
        listed(viewer(), Shift, BOOK_SHIFT)
        .join(Event, Event.id == Shift.event_id)
        .options(joinedload(Shift.event), joinedload(Shift.post))
        .where(
            Shift.office_id == here().id,
            Shift.state == ShiftState.OPEN,
            Shift.stopped_at.is_(None),
            Shift.from_paper.is_(False),
            Event.starts_at > now(),
            Shift.starts_on <= today() + timedelta(days=AHEAD),
        )
        .order_by(Event.starts_at, Event.place, Shift.id)
    )
    return list(db.session.scalars(query))


def _offers(assessment: Assessment | None, shifts: Sequence[Shift], at: datetime) -> list[Offer]:
    found = obstacles_of(assessment, shifts, at)
    quotas = quotas_of(shifts)
    waits = booking.waits_of(person(), here().id)
    booked = {one.shift_id: one for one in own_bookings(AttendanceState.BOOKED)}
    ways = ways_to(assessment, shifts) if assessment else {}
    return [
        Offer(
            shift,
            quotas[shift.event_id].capacity - quotas[shift.event_id].taken,
            refusal_of(found[shift.id]) if found[shift.id] else None,
            booked.get(shift.id),
            waiting.ahead(waits[shift.event_id], at) if shift.event_id in waits else None,
            ways.get(shift.id),
            may_wait(shift, found[shift.id], at),
        )
        for shift in shifts
    ]


def own_bookings(*states: str) -> list[Attendance]:
    """The viewer's own attendances in some states, soonest first."""
    at = joinedload(Attendance.shift)
    query = (
        select(Attendance)
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .options(at.joinedload(Shift.event), at.joinedload(Shift.post))
        .where(
            clause(viewer(), Attendance, BOOK_SHIFT),
            Attendance.person_id == person().id,
            Attendance.state.in_(states),
            Event.ends_at > now(),
        )
        .order_by(Event.starts_at, Attendance.id)
    )
    return list(db.session.scalars(query))


@bp.post("/booking/<uuid:public_id>")
@needs(BOOK_SHIFT)
def book(public_id: uuid.UUID) -> ResponseReturnValue:
    """The second tap."""
    shift = find(Shift, public_id, may=BOOK_SHIFT)
    own = next((one for one in own_bookings(AttendanceState.BOOKED) if one.shift_id == shift.id), None)
    if own is None:
        try:
            own = booking.book(shift, person(), person(), now())
        except NotBookable as refusal:
            return _refused(shift, refusal)
    _tell_booked(own)
    return see_other("hours.mine")


def _tell_booked(own: Attendance) -> None:
    event = own.shift.event
    words = gettext("Booked: %(when)s, %(place)s", when=span(event.starts_at, event.ends_at), place=event.place)
    if now() <= booking.own_cancel_until(own):
        back = url_for("bookings.cancel", public_id=own.public_id)
        flash({"text": words, "url": back, "seconds": UNDO}, "undo")  # type: ignore[arg-type]
    else:
        flash(words, "good")


def _refused(shift: Shift, refusal: NotBookable) -> ResponseReturnValue:
    """Why not, and what helps: the waiting list, the booking in the way, the nearest shifts that fit."""
    assessment = assessment_at(person(), shift.office_id)
    kept = keep_refusal(shift, assessment, refusal, person(), now(), g.person_session.device)
    offers = _offers(assessment, coming(), now())
    near = sorted((one for one in offers if one.fits), key=lambda one: abs(_start(one.shift) - _start(shift)))
    clashing = [one for one in own_bookings(AttendanceState.BOOKED) if _overlap(one.shift, shift)]
    page = render_template(
        "volunteers/booking_refused.html",
        shift=shift,
        refusal=refusal,
        may_wait=may_wait(shift, refusal.obstacles, now()),
        clashing=clashing,
        asks_office=bool(assessment) and refusal.obstacles[0].code in FOR_THE_OFFICE,
        near=near[:HELP],
    )
    answer = make_response(page, refusal.status)
    return stands(answer) if kept else answer


def _start(shift: Shift) -> datetime:
    return shift.event.starts_at


def _overlap(one: Shift, other: Shift) -> bool:
    return one.event.starts_at < other.event.ends_at and other.event.starts_at < one.event.ends_at


@bp.post("/booking/<uuid:public_id>/question")
@needs(BOOK_SHIFT)
def ask(public_id: uuid.UUID) -> ResponseReturnValue:
    """Remind the office of what is not on record."""
    shift = find(Shift, public_id, may=BOOK_SHIFT)
    assessment = assessment_at(person(), shift.office_id)
    missing = [one.code for one in obstacles(person(), shift, now()) if one.code in FOR_THE_OFFICE]
    if assessment is not None and missing:
        told = ask_office(assessment, missing, person(), now())
        words = gettext("The coordinator is told.") if told else gettext("The coordinator was told today already.")
        flash(words, "good")
    return see_other("booking.choose")


@bp.post("/booking/<uuid:public_id>/waiting")
@needs(BOOK_SHIFT)
def wait(public_id: uuid.UUID) -> ResponseReturnValue:
    shift = find(Shift, public_id, may=BOOK_SHIFT)
    if shift.event_id in booking.waits_of(person(), shift.office_id):
        return see_other("bookings.index")
    try:
        place = booking.wait(shift, person(), person(), now())
    except NotBookable as refusal:
        return _refused(shift, refusal)
    if place.state == WaitingState.PROMOTED:
        flash(gettext("A place became free at this moment: the shift is yours."), "good")
    else:
        flash(gettext("You are on the waiting list, as number %(n)s.", n=waiting.ahead(place, now()) + 1), "good")
    return see_other("bookings.index")


@bp.post("/booking/<uuid:public_id>/departure")
@needs(BOOK_SHIFT)
def leave(public_id: uuid.UUID) -> ResponseReturnValue:
    """Wait no longer; pressed twice it does no harm."""
    shift = find(Shift, public_id, may=BOOK_SHIFT)
    place = booking.waits_of(person(), shift.office_id).get(shift.event_id)
    if place is not None:
        booking.leave_list(place, person(), now())
        flash(gettext("You wait no longer for this shift."), "good")
    else:
        flash(gettext("You did not wait for this shift any more."), "info")
    return see_other("bookings.index")
