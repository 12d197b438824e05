"""One's own bookings on a phone: where one has a place or waits, to whom a place went and why, giving one up."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from flask import Blueprint, flash, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from accounts.access import NotFound
from accounts.models import Person, Role
from accounts.rights import members
from accounts.settings import rule_for
from accounts.web import find, here, needs, now, person, see_other, today
from extensions import db
from scheduler.timeline import waiting
from scheduler.timeline.models import Event
from volunteers.actions import booking
from volunteers.actions.obstacles import assessment_at, is_over, obstacles_of, quotas_of
from volunteers.actions.priority import priority_of
from volunteers.actions.scan import at_hand, person_code
from volunteers.forms.booking import WordsForm
from volunteers.models.attendance import Attendance, AttendanceState
from volunteers.models.shifts import Shift
from volunteers.rights import BOOK_SHIFT
from volunteers.rules.booking import may_report
from volunteers.rules.obstacles import FOR_THE_OFFICE, NotBookable, in_general, refusal_of
from volunteers.views.booking import own_bookings

bp = Blueprint("bookings", __name__, url_prefix="/bookings")


@bp.get("")
@needs(BOOK_SHIFT)
def index() -> ResponseReturnValue:
    """What the viewer has booked, and where he waits, with his place in the line."""
    return render_template(
        "volunteers/bookings.html",
        booked=own_bookings(AttendanceState.BOOKED),
        ended=is_over(assessment_at(person(), here().id)),
        waiting=_waiting(),
        moves_up=int(rule_for("service.fill_before", here(), today()).amount),
        passed=_passed_over(),
        first=priority_of(person(), here().id, now()),
        at_hand=at_hand(person(), now()),
    )


def _waiting() -> list[tuple[Shift, int]]:
    waits = booking.waits_of(person(), here().id)
    query = (
        select(Shift)
        .join(Event, Event.id == Shift.event_id)
        .options(joinedload(Shift.event), joinedload(Shift.post))
        .where(Shift.event_id.in_(waits), Event.starts_at > now())
        .order_by(Event.starts_at)
    )
    return [(shift, waiting.ahead(waits[shift.event_id], now()) + 1) for shift in db.session.scalars(query)]


@dataclass(frozen=True)
class Passed:
    """A place that went to somebody else: `why` then, and what stands in the way now, if anything."""

    shift: Shift
    why: str
    refusal: NotBookable | None

    @property
    def may_wait(self) -> bool:
        """Whether nothing but a free place is missing."""
        return self.refusal is not None and [one.code for one in self.refusal.obstacles] == ["full"]

    @property
    def stands(self) -> bool:
        """Whether it is the same rule still."""
        return self.refusal is not None and self.refusal.code == self.why

    @property
    def asks_office(self) -> bool:
        return self.refusal is not None and self.refusal.obstacles[0].code in FOR_THE_OFFICE


def _passed_over() -> list[Passed]:
    passed = booking.passed_over(person(), here().id, now())
    found = obstacles_of(assessment_at(person(), here().id), list(passed), now())
    return [
        Passed(shift, why, refusal_of(found[shift.id]) if found.get(shift.id) else None)
        for shift, why in passed.items()
    ]


@bp.app_template_filter("passed_over")
def passed_over_words(why: str) -> str:
    """Why a place went to somebody else, in general words."""
    return str(gettext(in_general(why)[0]))


@bp.app_template_filter("passed_over_help")
def passed_over_help(why: str) -> str:
    return str(gettext(in_general(why)[1]))


@bp.get("/<uuid:public_id>")
@needs(BOOK_SHIFT)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    """One booking, and beforehand what giving it up would mean."""
    return _page(own_booking(public_id), WordsForm(formdata=None))


def own_booking(public_id: uuid.UUID) -> Attendance:
    """One's own; what is done on behalf of others is done at the desk, with its reason."""
    own = find(Attendance, public_id, may=BOOK_SHIFT)
    if own.person_id != person().id:
        raise NotFound()
    return own


def _page(own: Attendance, form: WordsForm) -> str:
    starts_at, until = own.shift.event.starts_at, booking.own_cancel_until(own)
    booked = own.state == AttendanceState.BOOKED
    quota = quotas_of([own.shift])[own.shift.event_id]
    return render_template(
        "volunteers/booking_one.html",
        own=own,
        f=form,
        refusal=g.get("refusal"),
        until=until,
        shows_code=person_code(own, now()) is not None,
        hours=booking.cancel_hours(own),
        waits=len(waiting.line(quota.id, now())),
        coordinators=_coordinators(own.office_id),
        moved=booked and bool(booking.moved_since([own])),
        may_cancel=booked and now() <= until,
        may_report=booked and may_report(starts_at, now(), booking.notice_minutes(own.shift)),
    )


def _coordinators(office_id: int) -> list[str]:
    """Whom to ask for at the office."""
    people = select(Person.name).where(Person.id.in_(members(office_id, Role.COORDINATOR, today())))
    return list(db.session.scalars(people.order_by(Person.id)))


@bp.post("/<uuid:public_id>/cancellation")
@needs(BOOK_SHIFT)
def cancel(public_id: uuid.UUID) -> ResponseReturnValue:
    """Pressed twice, or in a second tab, it does no harm and says so."""
    own = own_booking(public_id)
    form = WordsForm.of(lambda form: _page(own_booking(public_id), form))
    if own.state != AttendanceState.CANCELLED:
        booking.cancel(own, person(), now(), form.reason.data or "")
        flash(gettext("Cancelled. You can book another shift at any time."), "good")
    else:
        flash(gettext("This booking was cancelled already."), "info")
    return see_other("bookings.index")


@bp.post("/<uuid:public_id>/absence")
@needs(BOOK_SHIFT)
def report(public_id: uuid.UUID) -> ResponseReturnValue:
    own = own_booking(public_id)
    form = WordsForm.of(lambda form: _page(own_booking(public_id), form))
    if own.state != AttendanceState.ABSENT:
        booking.report_absence(own, person(), now(), form.reason.data or "")
        flash(gettext("Thank you for telling us. The officer at the crossing sees it."), "good")
    else:
        flash(gettext("You have told us already."), "info")
    return see_other("bookings.index")
