"""Leave: own requests; for whoever decides, what is asked for and what it would hit."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from accounts.access import Viewer, holds, listed
from accounts.models import Office
from accounts.presenting import dated, local
from accounts.web import find, needs, now, office_for, person, see_other, viewer
from extensions import db
from scheduler.actions.absence import (
    approve_absence,
    hit_by,
    hits,
    refuse_absence,
    released_along,
    request_absence,
    withdraw_absence,
)
from scheduler.calendar.desk import Wait
from scheduler.calendar.folding import whole_days
from scheduler.forms.absence import ApprovalForm, LeaveForm, RefusalForm
from scheduler.rights import APPROVE_ABSENCE, REQUEST_ABSENCE
from scheduler.timeline.models import Absence, AbsenceState, Booking, Event

bp = Blueprint("absence", __name__, url_prefix="/leave")
bp.app_template_filter()(whole_days)
asked = Blueprint("asked_leave", __name__, url_prefix="/leave/requests")
KEPT_IN_SIGHT = timedelta(days=90)
SHOWN_BEFORE_DECIDED = 20


@bp.app_template_filter("local_day")
def local_day(at: datetime) -> date:
    """The local day of an instant."""
    return local(at).date()


@bp.app_template_filter("last_day")
def last_day(event: Event) -> date:
    """The last local day that an event touches."""
    return local(event.ends_at - timedelta(microseconds=1)).date()


@bp.get("")
@needs(REQUEST_ABSENCE)
def index() -> ResponseReturnValue:
    return _own_page(LeaveForm(formdata=None))


@bp.post("")
@needs(REQUEST_ABSENCE)
def ask() -> ResponseReturnValue:
    form = LeaveForm.of(_own_page)
    office = office_for(REQUEST_ABSENCE)
    span = form.span(ZoneInfo(office.zone))
    request_absence(person(), office, *span, by=person(), at=now(), why=form.why.data)
    flash(gettext("Asked for. It binds nothing before somebody has approved it."), "good")
    return see_other("absence.index")


@bp.post("/<uuid:public_id>/withdrawal")
@needs(REQUEST_ABSENCE)
def withdraw(public_id: uuid.UUID) -> ResponseReturnValue:
    absence = find(Absence, public_id, may=REQUEST_ABSENCE)
    withdraw_absence(absence, person(), now(), reason=request.form.get("reason", "").strip())
    flash(gettext("Withdrawn. You can be booked then."), "good")
    return see_other("absence.index")


def _own_page(form: Any) -> str:
    own = (
        listed(viewer(), Absence, REQUEST_ABSENCE)
        .join(Event, Absence.event_id == Event.id)
        .options(joinedload(Absence.event))
        .where(Event.ends_at > now() - KEPT_IN_SIGHT)
        .order_by(Event.starts_at.desc(), Absence.id.desc())
    )
    return render_template("scheduler/absence.html", absences=list(db.session.scalars(own)), form=form, now=now())


@asked.get("")
@needs(APPROVE_ABSENCE)
def index_asked() -> ResponseReturnValue:
    """Leave to decide on, the nearest first, each with what it hits; below, what was decided last."""
    rows = (
        listed(viewer(), Absence, APPROVE_ABSENCE)
        .join(Event, Absence.event_id == Event.id)
        .options(joinedload(Absence.event), joinedload(Absence.person))
    )
    waiting = list(
        db.session.scalars(rows.where(Absence.state == AbsenceState.REQUESTED).order_by(Event.starts_at, Absence.id))
    )
    met = hits(waiting)
    decided = rows.where(Absence.state != AbsenceState.REQUESTED).order_by(Absence.id.desc())
    return render_template(
        "scheduler/absence_asked.html",
        waiting=waiting,
        decided=list(db.session.scalars(decided.limit(SHOWN_BEFORE_DECIDED))),
        hits=met,
        along={key: more for found in met.values() for key, more in released_along(found).items()},
    )


def requests_waiting(viewer: Viewer, office: Office, now: datetime) -> Iterator[Wait]:
    """Leave to decide on, for "my day": due before it begins."""
    if not holds(viewer, APPROVE_ABSENCE):
        return
    rows = (
        listed(viewer, Absence, APPROVE_ABSENCE)
        .join(Event, Absence.event_id == Event.id)
        .options(joinedload(Absence.event), joinedload(Absence.person))
        .where(Absence.state == AbsenceState.REQUESTED, Absence.office_id == office.id)
        .order_by(Event.starts_at, Absence.id)
    )
    for absence in db.session.scalars(rows):
        first, last = local_day(absence.event.starts_at), last_day(absence.event)
        yield Wait(
            gettext("%(name)s asks for leave", name=absence.person.name),
            url_for("asked_leave.show", public_id=absence.public_id),
            gettext("Decide"),
            about=dated(first) if first == last else f"{dated(first)}–{dated(last)}",
            due_on=first,
            icon="calendar-off",
        )


def waiting_count() -> int:
    """How much leave waits for the person who asks; the badge of the navigation."""
    rows = listed(viewer(), Absence, APPROVE_ABSENCE).where(Absence.state == AbsenceState.REQUESTED)
    return int(db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0)


@asked.get("/<uuid:public_id>")
@needs(APPROVE_ABSENCE)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    return _decision_page(find(Absence, public_id, may=APPROVE_ABSENCE))


def _decision_page(absence: Absence, approval: Any = None, refusal: Any = None) -> str:
    met = hit_by(absence) if absence.state == AbsenceState.REQUESTED else []
    return render_template(
        "scheduler/absence_decision.html",
        absence=absence,
        hits=met,
        along=released_along(met),
        approval=approval or ApprovalForm(formdata=None),
        refusal=refusal or RefusalForm(formdata=None),
        refused=g.get("refusal"),
    )


@asked.post("/<uuid:public_id>/approval")
@needs(APPROVE_ABSENCE)
def approve(public_id: uuid.UUID) -> ResponseReturnValue:
    """Approve; what is released was ticked by name."""
    absence = find(Absence, public_id, may=APPROVE_ABSENCE)
    form = ApprovalForm.of(lambda form: _decision_page(absence, approval=form))
    approve_absence(absence, person(), now(), release=_ids(form.release.data))
    flash(gettext("The leave of %(name)s is approved.", name=absence.person.name), "good")
    return see_other("asked_leave.index_asked")


def _ids(texts: list[str] | None) -> list[int]:
    """The ids of bookings named by their public ids; what is no such id names none."""
    known = []
    for text in texts or ():
        try:
            known.append(uuid.UUID(text))
        except ValueError:
            continue
    return list(db.session.scalars(select(Booking.id).where(Booking.public_id.in_(known)))) if known else []


@asked.post("/<uuid:public_id>/refusal")
@needs(APPROVE_ABSENCE)
def refuse(public_id: uuid.UUID) -> ResponseReturnValue:
    absence = find(Absence, public_id, may=APPROVE_ABSENCE)
    form = RefusalForm.of(lambda form: _decision_page(absence, refusal=form))
    refuse_absence(absence, person(), now(), form.reason.data)
    flash(gettext("The leave of %(name)s is refused.", name=absence.person.name), "good")
    return see_other("asked_leave.index_asked")
