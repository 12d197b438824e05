"""Papers to take along: of an assessment, of a shift; an office's own templates of them."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts.access import Forbidden, NotFound
from accounts.rights import CHANGE_SETTINGS
from accounts.web import find, needs, now, office_for, person, see_other
from exchange import word
from exchange.sending import saved
from volunteers.actions import papers as actions
from volunteers.forms.papers import PaperForm, ReasonForm, TemplateForm
from volunteers.models.assessment import Assessment, AssessmentState
from volunteers.models.papers import PaperKind, PaperTemplate
from volunteers.models.shifts import Shift
from volunteers.rights import EXPORT_NAMES
from volunteers.views.assessments import at_the_desk, inspects
from volunteers.words import PAPERS

bp = Blueprint("papers", __name__)
SERVED = ("serving", "hours_complete", "evaluated", "reported", "closed", "withdrawn", "stopped", "transferred")
REPORTED = (AssessmentState.REPORTED, AssessmentState.CLOSED)


def kinds_for(assessment: Assessment) -> list[str]:
    """The papers that can be made of somebody today."""
    found: list[str] = [PaperKind.MATTERS_NOTICE, PaperKind.UNDERTAKING]
    if assessment.squad_id is not None:
        found.append(PaperKind.LIAISON_LETTER)
    if assessment.state in SERVED:
        found.append(PaperKind.SERVICE_RECORD)
    if assessment.state in REPORTED:
        found.append(PaperKind.EVALUATION_REPORT)
    return found


def _assessment(public_id: uuid.UUID) -> Assessment:
    """For the office: a squad makes sheets of its shifts alone. Raises: NotFound, Forbidden."""
    found = find(Assessment, public_id, may=EXPORT_NAMES)
    at_the_desk()
    if inspects():
        raise Forbidden()
    return found


@bp.get("/assessments/<uuid:public_id>/papers")
@needs(EXPORT_NAMES)
def of_assessment(public_id: uuid.UUID) -> ResponseReturnValue:
    assessment = _assessment(public_id)
    begun = {"form": "docx", "kind": request.args.get("kind", "")}
    return _of_assessment(assessment, PaperForm(formdata=None, kinds=kinds_for(assessment), data=begun))


def _of_assessment(assessment: Assessment, form: PaperForm) -> str:
    return render_template("volunteers/papers_of.html", assessment=assessment, shift=None, form=form)


@bp.post("/assessments/<uuid:public_id>/papers")
@needs(EXPORT_NAMES)
def make_of_assessment(public_id: uuid.UUID) -> ResponseReturnValue:
    assessment = _assessment(public_id)
    form = PaperForm.of(lambda form: _of_assessment(assessment, form), kinds=kinds_for(assessment))
    made = actions.make(form.kind.data, form.form.data, assessment, person(), now(), form.reason.data)
    return saved(made.content, made.file_name)


@bp.get("/shifts/<uuid:public_id>/papers")
@needs(EXPORT_NAMES)
def of_shift(public_id: uuid.UUID) -> ResponseReturnValue:
    shift = find(Shift, public_id, may=EXPORT_NAMES)
    return _of_shift(shift, _shift_form(formdata=None, data={"form": "pdf", "kind": PaperKind.SIGN_IN_SHEET}))


def _shift_form(**given: Any) -> PaperForm:
    return PaperForm(kinds=[PaperKind.SIGN_IN_SHEET], **given)


def _of_shift(shift: Shift, form: PaperForm) -> str:
    return render_template("volunteers/papers_of.html", assessment=None, shift=shift, form=form)


@bp.post("/shifts/<uuid:public_id>/papers")
@needs(EXPORT_NAMES)
def make_of_shift(public_id: uuid.UUID) -> ResponseReturnValue:
    shift = find(Shift, public_id, may=EXPORT_NAMES)
    form = PaperForm.of(lambda form: _of_shift(shift, form), kinds=[PaperKind.SIGN_IN_SHEET])
    made = actions.make(form.kind.data, form.form.data, shift, person(), now(), form.reason.data)
    return saved(made.content, made.file_name)


# The office's own templates.


def _kind(kind: str) -> str:
    if kind not in PAPERS:
        raise NotFound()
    return kind


@bp.get("/papers")
@needs(CHANGE_SETTINGS)
def index() -> ResponseReturnValue:
    office = office_for(CHANGE_SETTINGS)
    standing = {kind: actions.template_in_force(office, kind) for kind in PAPERS}
    return render_template("volunteers/papers.html", papers=PAPERS, standing=standing)


@bp.get("/papers/<kind>")
@needs(CHANGE_SETTINGS)
def show(kind: str) -> ResponseReturnValue:
    return _page(_kind(kind), TemplateForm(formdata=None))


def _page(kind: str, form: TemplateForm) -> str:
    office = office_for(CHANGE_SETTINGS)
    example = actions.examples()[kind]
    templates = actions.templates_of(office, kind)
    return render_template(
        "volunteers/paper.html",
        kind=kind,
        paper=PAPERS[kind],
        form=form,
        fields={key: value for key, value in example.items() if isinstance(value, str)},
        lists={key: value[0] for key, value in example.items() if isinstance(value, list)},
        templates=templates,
        previews={one.id: word.text_of(actions.preview(one)) for one in templates[:1]},
    )


@bp.get("/papers/<kind>/shipped")
@needs(CHANGE_SETTINGS)
def shipped(kind: str) -> ResponseReturnValue:
    """The shipped template, to be changed in Word."""
    return saved(word.shipped(actions.source_of(_kind(kind))), f"{PAPERS[kind]}.docx")


@bp.post("/papers/<kind>")
@needs(CHANGE_SETTINGS)
def send(kind: str) -> ResponseReturnValue:
    office = office_for(CHANGE_SETTINGS)
    form = TemplateForm.of(lambda form: _page(_kind(kind), form))
    content = form.file.data.read(word.MAX_BYTES + 1)
    name = form.file.data.filename or "template.docx"
    row = actions.send(office, _kind(kind), content, name, person(), now(), form.reason.data)
    flash(gettext("Version %(n)s is kept. Look at it, then use it.", n=row.number), "good")
    return see_other("papers.show", kind=kind)


@bp.post("/papers/<kind>/shipped")
@needs(CHANGE_SETTINGS)
def back(kind: str) -> ResponseReturnValue:
    office = office_for(CHANGE_SETTINGS)
    form = ReasonForm.of(lambda _: _page(_kind(kind), TemplateForm(formdata=None)))
    actions.retire(office, _kind(kind), person(), now(), form.reason.data)
    flash(gettext("Papers are made from the shipped template again."), "good")
    return see_other("papers.show", kind=kind)


@bp.get("/paper-templates/<uuid:public_id>")
@needs(CHANGE_SETTINGS)
def preview(public_id: uuid.UUID) -> ResponseReturnValue:
    """The template filled in with an invented person."""
    template = find(PaperTemplate, public_id, may=CHANGE_SETTINGS)
    return saved(actions.preview(template), f"{PAPERS[template.kind]}-v{template.number}.docx")


@bp.post("/paper-templates/<uuid:public_id>/use")
@needs(CHANGE_SETTINGS)
def use(public_id: uuid.UUID) -> ResponseReturnValue:
    template = find(PaperTemplate, public_id, may=CHANGE_SETTINGS)
    kind = template.kind
    form = ReasonForm.of(lambda _: _page(kind, TemplateForm(formdata=None)))
    actions.use(template, person(), now(), form.reason.data)
    flash(gettext("Papers are made from version %(n)s from now on.", n=template.number), "good")
    return see_other("papers.show", kind=kind)
