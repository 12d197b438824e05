"""What changes an assessment or ends it before its hours; the volunteer's own way out."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from accounts.access import may
from accounts.models import Office
from accounts.web import find, here, needs, now, person, see_other, today, viewer
from extensions import db
from volunteers.actions import ending, proposing
from volunteers.actions.obstacles import assessment_at
from volunteers.figures import figures_of, lines_of
from volunteers.forms.ending import (
    AmendmentForm,
    ExtensionForm,
    GroundForm,
    TransferForm,
    WithdrawalForm,
)
from volunteers.models.assessment import ASSESSMENT, BEFORE_COMPLETE, Assessment, AssessmentState
from volunteers.rights import RUN_ASSESSMENT, WITHDRAW_ASSESSMENT
from volunteers.rules.schemes import Terms
from volunteers.terms import terms_of
from volunteers.words import EXEMPTED, STOPPED

bp = Blueprint("ending", __name__)


@bp.get("/assessments/<uuid:public_id>/changes")
@needs(WITHDRAW_ASSESSMENT)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    return _page(find(Assessment, public_id, may=WITHDRAW_ASSESSMENT))


def _page(assessment: Assessment, **sent: Any) -> str:
    """Everything that changes or ends it, for whoever may; `sent` is the form that was refused, by its name."""
    at, terms = now(), terms_of(assessment, today())
    given: dict[str, Any] = {"formdata": None}
    forms: dict[str, Any] = {
        "amendment": AmendmentForm(**given, data={"signed_on": today()}),
        "extension": ExtensionForm(**given, data={"last_on": assessment.last_on}),
        "withdrawal": WithdrawalForm(**given),
        "stop": GroundForm(**given, grounds=_stops(terms)),
        "exemption": GroundForm(**given, grounds=_exemptions(terms)),
        "transfer": TransferForm(**given, offices=_offices(assessment.office)),
    }
    return render_template(
        "volunteers/ending.html",
        assessment=assessment,
        figures=figures_of([assessment], at)[assessment.id],
        booked=len(lines_of(assessment, at).coming),
        steps={step.name for step in ASSESSMENT.open_steps(assessment)},
        runs=may(viewer(), RUN_ASSESSMENT, assessment),
        refused=next(iter(sent), ""),
        forms_of={**forms, **sent},
    )


def _stops(terms: Terms) -> dict[str, Any]:
    return {key: STOPPED[key] for key in terms.stops}


def _exemptions(terms: Terms) -> dict[str, Any]:
    return {key: EXEMPTED[key] for key in terms.exemptions}


def _offices(but: Office) -> list[Office]:
    query = select(Office).where(Office.id != but.id, Office.parent_id.is_not(None))
    return list(db.session.scalars(query.order_by(Office.name)))


@bp.post("/assessments/<uuid:public_id>/amendment")
@needs(RUN_ASSESSMENT)
def amend(public_id: uuid.UUID) -> ResponseReturnValue:
    assessment = find(Assessment, public_id, may=RUN_ASSESSMENT)
    form = AmendmentForm.of(lambda form: _page(assessment, amendment=form))
    signed = (form.minutes, form.signed_on.data, form.document.data)
    proposing.amend(assessment, *signed, person(), now(), form.reason.data)
    flash(gettext("The hours are changed, as was signed."), "good")
    return see_other("assessments.show", public_id=public_id)


@bp.post("/assessments/<uuid:public_id>/extension")
@needs(RUN_ASSESSMENT)
def extend(public_id: uuid.UUID) -> ResponseReturnValue:
    assessment = find(Assessment, public_id, may=RUN_ASSESSMENT)
    form = ExtensionForm.of(lambda form: _page(assessment, extension=form))
    proposing.extend(assessment, form.last_on.data, person(), now(), form.reason.data)
    flash(gettext("The service runs until another day."), "good")
    return see_other("assessments.show", public_id=public_id)


@bp.post("/assessments/<uuid:public_id>/withdrawal")
@needs(WITHDRAW_ASSESSMENT)
def withdraw(public_id: uuid.UUID) -> ResponseReturnValue:
    assessment = find(Assessment, public_id, may=WITHDRAW_ASSESSMENT)
    own = assessment.person_id == person().id
    form = WithdrawalForm.of(lambda form: _own() if own else _page(assessment, withdrawal=form))
    ending.withdraw(assessment, person(), now(), form.reason.data or "")
    if own:
        flash(gettext("You no longer take part. Nothing is held against you for it."), "good")
        return see_other("hours.mine")
    flash(gettext("Entered: %(name)s no longer takes part.", name=assessment.person.name), "good")
    return see_other("assessments.show", public_id=public_id)


@bp.post("/assessments/<uuid:public_id>/stop")
@needs(RUN_ASSESSMENT)
def stop(public_id: uuid.UUID) -> ResponseReturnValue:
    assessment = find(Assessment, public_id, may=RUN_ASSESSMENT)
    grounds = _stops(terms_of(assessment, today()))
    form = GroundForm.of(lambda form: _page(assessment, stop=form), grounds=grounds)
    ending.stop(assessment, form.ground.data, person(), now(), form.reason.data)
    flash(gettext("The assessment is stopped."), "good")
    return see_other("assessments.show", public_id=public_id)


@bp.post("/assessments/<uuid:public_id>/exemption")
@needs(RUN_ASSESSMENT)
def exempt(public_id: uuid.UUID) -> ResponseReturnValue:
    assessment = find(Assessment, public_id, may=RUN_ASSESSMENT)
    grounds = _exemptions(terms_of(assessment, today()))
    form = GroundForm.of(lambda form: _page(assessment, exemption=form), grounds=grounds)
    ending.exempt(assessment, form.ground.data, person(), now(), form.reason.data)
    flash(gettext("%(name)s is exempted.", name=assessment.person.name), "good")
    return see_other("assessments.show", public_id=public_id)


@bp.post("/assessments/<uuid:public_id>/transfer")
@needs(RUN_ASSESSMENT)
def transfer(public_id: uuid.UUID) -> ResponseReturnValue:
    assessment = find(Assessment, public_id, may=RUN_ASSESSMENT)
    offices = _offices(assessment.office)
    form = TransferForm.of(lambda form: _page(assessment, transfer=form), offices=offices)
    to = next(one for one in offices if one.public_id == form.chosen)
    ending.transfer(assessment, to, person(), now(), form.reason.data)
    flash(gettext("Handed on to %(office)s; what was credited goes along as a proof.", office=to.name), "good")
    return see_other("assessments.show", public_id=public_id)


@bp.get("/hours/withdrawal")
@needs(WITHDRAW_ASSESSMENT)
def leave() -> ResponseReturnValue:
    """The volunteer's own way out: what will follow, and one button."""
    return _own()


def _own() -> str:
    assessment = assessment_at(person(), here().id)
    runs = assessment is not None and assessment.state in BEFORE_COMPLETE
    booked = len(lines_of(assessment, now()).coming) if assessment and runs else 0
    return render_template(
        "volunteers/withdrawal.html",
        assessment=assessment if runs else None,
        booked=booked,
        complete=assessment is not None and assessment.state == AssessmentState.HOURS_COMPLETE,
    )
