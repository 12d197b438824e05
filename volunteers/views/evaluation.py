"""The end of an assessment: what the squads say, the evaluation and its arithmetic, the report, the decision."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import joinedload

from accounts.access import Forbidden, listed, may
from accounts.models import Organisation
from accounts.web import find, here, needs, now, person, see_other, today, viewer
from cases.pending import pending_of
from extensions import db
from volunteers.actions import evaluation as actions
from volunteers.figures import figures_of
from volunteers.forms.evaluation import AskSquadForm, CheckForm, ClosingForm, EvaluationForm, RemarkForm
from volunteers.forms.fields import show_at_field
from volunteers.models.assessment import ASSESSMENT, UNDER_ASSESSMENT, Assessment, AssessmentState
from volunteers.models.evaluation import Remark
from volunteers.rights import (
    EXPORT_NAMES,
    GIVE_REMARK,
    PREPARE_ASSESSMENT,
    RUN_ASSESSMENT,
    SEE_ASSESSMENT,
    WRITE_EVALUATION,
)
from volunteers.terms import terms_of
from volunteers.views.assessments import at_the_desk, inspects
from volunteers.words import COUNTED, DECISIONS, GRADED, OPINIONS, WORDS

bp = Blueprint("evaluation", __name__, url_prefix="/assessments")
squads = Blueprint("remarks", __name__, url_prefix="/remarks")


@bp.get("/<uuid:public_id>/evaluation")
@needs(SEE_ASSESSMENT)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    """For the office; an inspector reads none of it."""
    assessment = find(Assessment, public_id, may=SEE_ASSESSMENT)
    at_the_desk()
    if inspects():
        raise Forbidden()
    return _page(assessment)


def _page(assessment: Assessment, **sent: Any) -> str:
    """`sent` is the form that was refused, by its name."""
    terms = terms_of(assessment, today())
    facts, proposal = actions.proposal_of(assessment, now())
    remarks = actions.remarks_of(assessment)
    asked = {one.squad_id for one in remarks}
    free = [one for one in actions.squads_of(assessment) if one.id not in asked]
    for form in sent.values():
        show_at_field(form, g.get("refusal"))
    steps = {step.name for step in ASSESSMENT.open_steps(assessment)}
    return render_template(
        "volunteers/evaluation.html",
        assessment=assessment,
        terms=terms,
        facts=facts,
        proposal=proposal,
        evaluation=actions.evaluation_of(assessment),
        remarks=remarks,
        checks=actions.checks_of(assessment),
        free_squads=free,
        figures=figures_of([assessment], now())[assessment.id],
        running=assessment.state in UNDER_ASSESSMENT,
        due=assessment.state == AssessmentState.HOURS_COMPLETE
        or (assessment.state == AssessmentState.SERVING and today() > assessment.last_on),
        steps=steps,
        makes_papers=may(viewer(), EXPORT_NAMES, assessment),
        prepares=may(viewer(), PREPARE_ASSESSMENT, assessment),
        evaluates=may(viewer(), WRITE_EVALUATION, assessment),
        runs=may(viewer(), RUN_ASSESSMENT, assessment),
        hearing=pending_of(assessment.case, now()) if "close" in steps else None,
        refused=next(iter(sent), ""),
        forms_of={**_empty_forms(free), **sent},
        counted=COUNTED,
        graded=GRADED,
        opinions=OPINIONS,
        decisions=DECISIONS,
        **WORDS,
    )


def _empty_forms(squads: Sequence[Organisation]) -> dict[str, Any]:
    """Each with what it begins with."""
    given: dict[str, Any] = {"formdata": None}
    return {
        "remark": AskSquadForm(**given, squads=squads),
        "check": CheckForm(**given, data={"on": today()}),
        "evaluation": EvaluationForm(**given),
        "closing": ClosingForm(**given, data={"on": today()}),
    }


@bp.post("/<uuid:public_id>/remarks")
@needs(PREPARE_ASSESSMENT)
def ask_squad(public_id: uuid.UUID) -> ResponseReturnValue:
    assessment = find(Assessment, public_id, may=PREPARE_ASSESSMENT)
    known = actions.squads_of(assessment)
    form = AskSquadForm.of(lambda form: _page(assessment, remark=form), squads=known)
    squad = next(one for one in known if one.public_id == form.chosen)
    actions.ask_squad(assessment, squad, person(), now())
    flash(gettext("%(squad)s is asked for its remark.", squad=squad.name), "good")
    return see_other("evaluation.show", public_id=public_id)


@bp.post("/<uuid:public_id>/checks")
@needs(PREPARE_ASSESSMENT)
def note_check(public_id: uuid.UUID) -> ResponseReturnValue:
    assessment = find(Assessment, public_id, may=PREPARE_ASSESSMENT)
    form = CheckForm.of(lambda form: _page(assessment, check=form))
    actions.note_check(assessment, form.on.data, form.found.data == "yes", form.note.data or "", person(), now())
    flash(gettext("The check is entered."), "good")
    return see_other("evaluation.show", public_id=public_id)


@bp.post("/<uuid:public_id>/evaluation")
@needs(WRITE_EVALUATION)
def evaluate(public_id: uuid.UUID) -> ResponseReturnValue:
    assessment = find(Assessment, public_id, may=WRITE_EVALUATION)
    form = EvaluationForm.of(lambda form: _page(assessment, evaluation=form))
    actions.evaluate(assessment, form.grade.data, form.reasons.data or "", person(), now())
    flash(gettext("The evaluation is decided."), "good")
    return see_other("evaluation.show", public_id=public_id)


@bp.post("/<uuid:public_id>/report")
@needs(RUN_ASSESSMENT)
def report(public_id: uuid.UUID) -> ResponseReturnValue:
    assessment = find(Assessment, public_id, may=RUN_ASSESSMENT)
    found = actions.report(assessment, person(), now())
    said = gettext("Reported as number %(n)s of %(year)s.", n=found.report_number, year=found.report_year)
    flash(said, "good")
    return see_other("evaluation.show", public_id=public_id)


@bp.post("/<uuid:public_id>/closing")
@needs(RUN_ASSESSMENT)
def close(public_id: uuid.UUID) -> ResponseReturnValue:
    assessment = find(Assessment, public_id, may=RUN_ASSESSMENT)
    form = ClosingForm.of(lambda form: _page(assessment, closing=form))
    actions.close(assessment, form.decided, person(), now(), form.reason.data)
    flash(gettext("The decision is recorded, the assessment is closed."), "good")
    return see_other("evaluation.show", public_id=public_id)


# The squad leader's part: a name and his own squad's shifts, nothing of a case.


@squads.get("")
@needs(GIVE_REMARK)
def index() -> ResponseReturnValue:
    rows = listed(viewer(), Remark, GIVE_REMARK).where(Remark.office_id == here().id)
    rows = rows.options(joinedload(Remark.assessment).joinedload(Assessment.person)).order_by(Remark.id.desc())
    found = list(db.session.scalars(rows))
    return render_template(
        "volunteers/remarks.html",
        waiting=[one for one in found if one.given_at is None and one.assessment.state in UNDER_ASSESSMENT],
        given=[one for one in found if one.given_at is not None],
        opinions=OPINIONS,
    )


@squads.get("/<uuid:public_id>")
@needs(GIVE_REMARK)
def ask(public_id: uuid.UUID) -> ResponseReturnValue:
    return _remark(find(Remark, public_id, may=GIVE_REMARK), RemarkForm(formdata=None))


def _remark(remark: Remark, form: RemarkForm) -> str:
    shifts = actions.shifts_at(remark.assessment, remark.squad)
    return render_template("volunteers/remark.html", remark=remark, form=form, shifts=shifts, opinions=OPINIONS)


@squads.post("/<uuid:public_id>")
@needs(GIVE_REMARK)
def give(public_id: uuid.UUID) -> ResponseReturnValue:
    remark = find(Remark, public_id, may=GIVE_REMARK)
    form = RemarkForm.of(lambda form: _remark(remark, form))
    actions.give_remark(remark, form.opinion.data, form.text.data, person(), now())
    flash(gettext("Thank you. The remark is given."), "good")
    return see_other("remarks.index")


def count_waiting() -> int:
    """How many remarks the viewer is asked for."""
    rows = listed(viewer(), Remark, GIVE_REMARK).join(Assessment).where(Remark.given_at.is_(None))
    rows = rows.where(Remark.office_id == here().id, Assessment.state.in_(UNDER_ASSESSMENT))
    return len(db.session.scalars(rows.with_only_columns(Remark.id)).all())
