"""Notes of what happened at a shift: written at the crossing in a few taps, read and decided about in the office."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import func, select

from accounts.access import allowed, holds
from accounts.web import find, here, needs, now, person, see_other, viewer
from extensions import db
from volunteers.actions import incidents
from volunteers.forms.fields import show_at_field
from volunteers.forms.incidents import DecisionForm, NoteForm
from volunteers.models.attendance import Attendance
from volunteers.models.incidents import Incident, IncidentKind
from volunteers.models.shifts import Shift
from volunteers.rights import ANSWER_INCIDENT, NOTE_INCIDENT, SEE_INCIDENT
from volunteers.views.steering import home_of
from volunteers.words import INCIDENTS

bp = Blueprint("incidents", __name__, url_prefix="/incidents")
noting = Blueprint("noting", __name__, url_prefix="/crossing")


@noting.get("/<uuid:public_id>/note")
@needs(NOTE_INCIDENT)
def of_shift(public_id: uuid.UUID) -> ResponseReturnValue:
    return _form(find(Shift, public_id, may=NOTE_INCIDENT), None)


@noting.get("/people/<uuid:public_id>/note")
@needs(NOTE_INCIDENT)
def of_person(public_id: uuid.UUID) -> ResponseReturnValue:
    one = find(Attendance, public_id, may=NOTE_INCIDENT)
    return _form(one.shift, one)


def _form(shift: Shift, one: Attendance | None, form: NoteForm | None = None) -> str:
    kinds = {kind: word for kind, word in INCIDENTS.items() if one or kind != "impostor"}
    asked = form.kind.data if form else request.args.get("kind")
    form = form or NoteForm(formdata=None)
    form.words.flags.required = asked == IncidentKind.OTHER
    show_at_field(form, g.get("refusal"))
    return render_template(
        "volunteers/incident.html",
        shift=shift,
        one=one,
        form_of=form,
        kinds=kinds,
        chosen=asked if asked in kinds else None,
        own=incidents.own_notes(shift, one, person()),
        home=home_of(shift),
        refused=g.get("refusal"),
    )


@noting.post("/<uuid:public_id>/note")
@needs(NOTE_INCIDENT)
def note_shift(public_id: uuid.UUID) -> ResponseReturnValue:
    shift = find(Shift, public_id, may=NOTE_INCIDENT)
    form = NoteForm.of(lambda form: _form(find(Shift, public_id, may=NOTE_INCIDENT), None, form))
    return _noted(shift, None, form)


@noting.post("/people/<uuid:public_id>/note")
@needs(NOTE_INCIDENT)
def note_person(public_id: uuid.UUID) -> ResponseReturnValue:
    def again(form: Any) -> str:
        one = find(Attendance, public_id, may=NOTE_INCIDENT)
        return _form(one.shift, one, form)

    one = find(Attendance, public_id, may=NOTE_INCIDENT)
    return _noted(one.shift, one, NoteForm.of(again))


def _noted(shift: Shift, one: Attendance | None, form: NoteForm) -> ResponseReturnValue:
    incidents.note(shift, one, form.chosen, form.words.data or "", person(), now())
    flash(gettext("Noted. It goes to the procuratorate, and nobody else sees it."), "good")
    return see_other(home_of(shift), public_id=shift.public_id)


# In the office


@bp.get("")
@needs(SEE_INCIDENT)
def index() -> ResponseReturnValue:
    return _page()


def _page(deciding: uuid.UUID | None = None, form: DecisionForm | None = None) -> str:
    waiting, others = incidents.seen_by(viewer(), here())
    return render_template(
        "volunteers/incidents.html",
        waiting=waiting,
        others=others,
        kinds=INCIDENTS,
        answers=holds(viewer(), ANSWER_INCIDENT),
        decides=allowed(viewer(), ANSWER_INCIDENT, others),
        reads=incidents.written_for(viewer(), [one for one in waiting if one.reading is None]),
        deciding=deciding,
        needs_correction=incidents.needs_correction,
        form_of=form,
    )


@bp.post("/<uuid:public_id>/reading")
@needs(ANSWER_INCIDENT)
def read(public_id: uuid.UUID) -> ResponseReturnValue:
    """By him for whom it was written; of anybody else's nothing is said."""
    incident = find(Incident, public_id, may=ANSWER_INCIDENT)
    if incidents.written_for(viewer(), [incident]):
        incidents.read(incident, person(), now())
    return see_other("incidents.index")


@bp.post("/<uuid:public_id>/decision")
@needs(ANSWER_INCIDENT)
def decide(public_id: uuid.UUID) -> ResponseReturnValue:
    incident = find(Incident, public_id, may=ANSWER_INCIDENT)
    form = DecisionForm.of(lambda form: _page(public_id, form))
    incidents.decide(incident, form.was_he.data == "yes", person(), now(), form.reason.data)
    if incidents.written_for(viewer(), [incident]):
        incidents.read(incident, person(), now())
    flash(_decided(incident), "good")
    return see_other("incidents.index")


def _decided(incident: Incident) -> str:
    """What follows, and what somebody has still to do."""
    decision, corrects = incident.decision, incidents.needs_correction(incident)
    if decision is not None and decision.was_he:
        if corrects:
            return gettext("It was he. The shift is closed: propose a correction.")
        return gettext("It was he: the attendance can be confirmed.")
    if corrects:
        return gettext("It was somebody else. These hours count already: propose a correction.")
    return gettext("It was somebody else: the attendance does not count.")


def count_waiting() -> int:
    if not holds(viewer(), ANSWER_INCIDENT):
        return 0
    rows = select(func.count()).select_from(Incident).where(incidents.waits_for(viewer(), here()))
    return db.session.scalar(rows) or 0
