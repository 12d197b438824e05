"""Corrections: "this is wrong" by the volunteer, a proposal, and the decision of a second person (DOMAIN 8.6)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from accounts.access import Viewer, holds, listed, may
from accounts.models import Office, Role
from accounts.presenting import local
from accounts.views.trail import trail_of
from accounts.web import find, here, needs, now, person, see_other, viewer
from extensions import db
from scheduler.calendar.desk import Wait
from volunteers.actions import corrections
from volunteers.forms.corrections import DecisionForm, ProposalForm, TimesForm
from volunteers.models.attendance import Attendance
from volunteers.models.corrections import UNDER_WAY, Correction, CorrectionState
from volunteers.models.shifts import Shift
from volunteers.rights import (
    APPROVE_CORRECTION,
    KEEP_SHIFTS,
    OBJECT_TO_RECORD,
    PROPOSE_CORRECTION,
    SEE_CORRECTION,
    SEE_SHIFT_LIST,
)
from volunteers.words import EVIDENCE

bp = Blueprint("corrections", __name__, url_prefix="/corrections")
LATEST = 50
ANSWERING = {Role.COORDINATOR, Role.SQUAD_LEADER}


# The volunteer


@bp.get("/mine/<uuid:public_id>")
@needs(OBJECT_TO_RECORD)
def object_to(public_id: uuid.UUID) -> ResponseReturnValue:
    attendance = find(Attendance, public_id, may=OBJECT_TO_RECORD)
    return _objection(attendance, TimesForm(formdata=None, data=_as_it_stands(attendance)))


def _objection(attendance: Attendance, form: TimesForm) -> str:
    standing = corrections.under_way(attendance)
    return render_template(
        "volunteers/objection.html",
        one=attendance,
        form=form,
        live=corrections.live_credit(attendance),
        standing=standing,
        due=corrections.answer_due(standing) if standing else None,
        possible=corrections.disputable(attendance, now()),
        decided=[one for one in attendance.corrections if one.decided_at is not None],
        refused=g.get("refusal"),
    )


@bp.post("/mine/<uuid:public_id>")
@needs(OBJECT_TO_RECORD)
def ask(public_id: uuid.UUID) -> ResponseReturnValue:
    attendance = find(Attendance, public_id, may=OBJECT_TO_RECORD)
    form = TimesForm.of(lambda form: _objection(find(Attendance, public_id, may=OBJECT_TO_RECORD), form))
    corrections.ask(attendance, form.times(attendance.shift), person(), now(), form.reason.data)
    return see_other("corrections.object_to", public_id=public_id)


# The desk


def _seen(seen: Viewer, office: Office, permission: str) -> Select[Any]:
    rows = listed(seen, Correction, permission).where(Correction.office_id == office.id)
    attendance = joinedload(Correction.attendance)
    return rows.options(
        attendance.joinedload(Attendance.person),
        attendance.joinedload(Attendance.shift).options(joinedload(Shift.event), joinedload(Shift.post)),
        joinedload(Correction.proposed_by),
        joinedload(Correction.decided_by),
    )


@bp.get("")
@needs(SEE_CORRECTION)
def index() -> ResponseReturnValue:
    waiting = _seen(viewer(), here(), SEE_CORRECTION).where(Correction.state.in_(UNDER_WAY)).order_by(Correction.id)
    decided = (
        _seen(viewer(), here(), SEE_CORRECTION)
        .where(Correction.decided_at.is_not(None))
        .order_by(Correction.decided_at.desc())
    )
    found = list(db.session.scalars(waiting))
    return render_template(
        "volunteers/corrections.html",
        waiting=found,
        due=corrections.answers_due(found),
        decided=list(db.session.scalars(decided.limit(LATEST))),
    )


@bp.get("/<uuid:public_id>")
@needs(SEE_CORRECTION)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    return _page(find(Correction, public_id, may=SEE_CORRECTION), DecisionForm(formdata=None))


def _page(correction: Correction, form: DecisionForm) -> str:
    decides = may(viewer(), APPROVE_CORRECTION, correction) if holds(viewer(), APPROVE_CORRECTION) else False
    proposes = correction.state == CorrectionState.ASKED and holds(viewer(), PROPOSE_CORRECTION)
    return render_template(
        "volunteers/correction.html",
        correction=correction,
        one=correction.attendance,
        due=corrections.answer_due(correction),
        evidence=EVIDENCE,
        form=form,
        refused=g.get("refusal"),
        decides=decides and correction.decided_at is None and correction.proposed_by_id != person().id,
        proposes=proposes and may(viewer(), PROPOSE_CORRECTION, correction.attendance),
        trail=trail_of(correction),
    )


@bp.get("/of/<uuid:public_id>")
@needs(PROPOSE_CORRECTION)
def new(public_id: uuid.UUID) -> ResponseReturnValue:
    attendance = find(Attendance, public_id, may=PROPOSE_CORRECTION)
    return _proposal(attendance, ProposalForm(formdata=None, data=_as_it_stands(attendance)))


def _as_it_stands(attendance: Attendance) -> dict[str, Any]:
    """What was asked for, else what counts, else what the shift's hours are."""
    asked, live = corrections.under_way(attendance), corrections.live_credit(attendance)
    event = attendance.shift.event
    span: tuple[datetime, datetime] = (event.starts_at, event.ends_at)
    if asked is not None and asked.asked_from is not None and asked.asked_until is not None:
        span = asked.asked_from, asked.asked_until
    elif live is not None:
        span = live.starts_at, live.ends_at
    came, left = (local(at).time().replace(second=0, microsecond=0) for at in span)
    return {"came": came, "left": left, "reason": asked.asked_reason if asked else ""}


def _proposal(attendance: Attendance, form: ProposalForm) -> str:
    return render_template(
        "volunteers/correction_new.html",
        one=attendance,
        form=form,
        live=corrections.live_credit(attendance),
        asked=corrections.under_way(attendance),
        possible=corrections.correctable(attendance, now()),
        refused=g.get("refusal"),
        back=_back(attendance),
    )


def _back(attendance: Attendance) -> str:
    """Where whoever proposes came from: the officer his roll, the desk the shift or the person."""
    if holds(viewer(), KEEP_SHIFTS):
        return url_for("shifts.show", public_id=attendance.shift.public_id)
    if holds(viewer(), SEE_CORRECTION):
        return url_for("assessments.show", public_id=attendance.assessment.public_id)
    return _officers_page(attendance)


def _officers_page(attendance: Attendance) -> str:
    """The roll while it is open to him, then what he has confirmed."""
    if may(viewer(), SEE_SHIFT_LIST, attendance):
        return url_for("crossing.show", public_id=attendance.shift.public_id)
    return url_for("confirmation.mine")


@bp.post("/of/<uuid:public_id>")
@needs(PROPOSE_CORRECTION)
def propose(public_id: uuid.UUID) -> ResponseReturnValue:
    attendance = find(Attendance, public_id, may=PROPOSE_CORRECTION)
    form = ProposalForm.of(lambda form: _proposal(find(Attendance, public_id, may=PROPOSE_CORRECTION), form))
    grounds = corrections.Grounds(form.reason.data, form.rests_on.data, form.evidence.data)
    made = corrections.propose(attendance, form.times(attendance.shift), grounds, person(), now())
    flash(gettext("Proposed. Somebody else decides; until then nothing changes."), "good")
    if holds(viewer(), SEE_CORRECTION):
        return see_other("corrections.show", public_id=made.public_id)
    return redirect(_officers_page(attendance), 303)


def _decided(public_id: uuid.UUID, decide: Any, said: str) -> ResponseReturnValue:
    correction = find(Correction, public_id, may=APPROVE_CORRECTION)
    form = DecisionForm.of(lambda form: _page(find(Correction, public_id, may=SEE_CORRECTION), form))
    decide(correction, person(), now(), form.reason.data)
    flash(said, "good")
    return see_other("corrections.show", public_id=public_id)


@bp.post("/<uuid:public_id>/approval")
@needs(APPROVE_CORRECTION)
def approve(public_id: uuid.UUID) -> ResponseReturnValue:
    said = gettext("Corrected. The old line is reversed and stays on record; the person is told.")
    return _decided(public_id, corrections.approve, said)


@bp.post("/<uuid:public_id>/refusal")
@needs(APPROVE_CORRECTION)
def refuse(public_id: uuid.UUID) -> ResponseReturnValue:
    return _decided(public_id, corrections.refuse, gettext("Refused. The record stays as it was."))


# What waits


def _to_decide(seen: Viewer, office: Office) -> Select[Any]:
    rows = _seen(seen, office, APPROVE_CORRECTION).where(Correction.state == CorrectionState.PROPOSED)
    return rows.where(Correction.proposed_by_id != seen.person.id)


def _to_answer(seen: Viewer, office: Office) -> Select[Any]:
    """Said to be wrong, and nobody has proposed anything yet."""
    return _seen(seen, office, SEE_CORRECTION).where(Correction.state == CorrectionState.ASKED)


def _waiting(seen: Viewer, office: Office) -> Iterator[Select[Any]]:
    if holds(seen, APPROVE_CORRECTION):
        yield _to_decide(seen, office)
    if seen.roles() & ANSWERING:
        yield _to_answer(seen, office)


def count_waiting() -> int:
    counted = (select(func.count()).select_from(rows.subquery()) for rows in _waiting(viewer(), here()))
    return sum(db.session.scalar(one) or 0 for one in counted)


def correction_waits(seen: Viewer, office: Office, at: datetime) -> Iterator[Wait]:
    """On "my day": what the viewer decides, and what somebody has to answer, with its last day."""
    found = [one for rows in _waiting(seen, office) for one in db.session.scalars(rows.order_by(Correction.id))]
    due = corrections.answers_due(found)
    for one in found:
        asked = one.state == CorrectionState.ASKED
        said = gettext("Hours are said to be wrong") if asked else gettext("A correction of hours is to be decided")
        yield Wait(
            said,
            url_for("corrections.show", public_id=one.public_id),
            gettext("Look at it"),
            about=f"{one.attendance.person.name} · {one.attendance.shift.post.name}",
            due_on=due[one.id].due_on if one.id in due else None,
            icon="pencil",
        )
