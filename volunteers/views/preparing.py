"""What comes before the first shift: one page per person, one for a training of several, one for what is unknown."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from accounts.access import Viewer, listed, may
from accounts.models import Office, Organisation, OrganisationKind, Person
from accounts.presenting import day
from accounts.web import find, here, needs, now, person, see_other, today, viewer
from extensions import db
from volunteers.actions import preparing
from volunteers.forms.fields import show_at_field
from volunteers.forms.preparing import (
    ConsentForm,
    ElsewhereForm,
    InsuranceForm,
    RecordForm,
    StartForm,
    ToldForm,
    TrainingForm,
    TrainingListForm,
)
from volunteers.models.assessment import TO_BE_TRAINED, Assessment, AssessmentState
from volunteers.rights import PREPARE_ASSESSMENT, RECORD_TRAINING
from volunteers.rules.gates import Gates, judge_area, judge_fitness, judge_gates
from volunteers.rules.obstacles import FOR_THE_OFFICE
from volunteers.terms import gates_of, gates_of_many, terms_of
from volunteers.words import GATES, WORDS

bp = Blueprint("preparing", __name__, url_prefix="/assessments")
SERVES = (AssessmentState.SERVING, AssessmentState.HOURS_COMPLETE)
FORMS = {"told": ToldForm, "training": TrainingForm, "insurance": InsuranceForm, "start": StartForm}


@bp.get("/<uuid:public_id>/preparation")
@needs(PREPARE_ASSESSMENT)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    return _page(find(Assessment, public_id, may=PREPARE_ASSESSMENT))


def _page(assessment: Assessment, **sent: Any) -> str:
    """The steps of one person; `sent` is the form that was refused, by its name."""
    on, terms = today(), terms_of(assessment, today())
    gates = gates_of(assessment, terms)
    given = {"formdata": None}
    least = terms.training_minutes
    forms: dict[str, Any] = {
        "told": ToldForm(**given, data={"on": on}),
        "consent": ConsentForm(**given, data={"on": on}, squads=_squads(assessment.office)),
        "training": TrainingForm(**given, data={"on": on, "minutes": least}),
        "insurance": InsuranceForm(**given, data={"first_on": on, "until": max(on, assessment.last_on)}),
        "start": StartForm(**given),
        "elsewhere": ElsewhereForm(**given),
    }
    return render_template(
        "volunteers/preparation.html",
        assessment=assessment,
        terms=terms,
        open_gates=_open_of(assessment, gates),
        on_bail=gates.on_bail,
        refused=next(iter(sent), ""),
        forms_of={**forms, **sent},
        may_train=may(viewer(), RECORD_TRAINING, assessment),
        **WORDS,
    )


def open_gates(assessment: Assessment) -> list[str]:
    """What the office has still to enter of somebody, as codes, in the order of the gates."""
    return _open_of(assessment, gates_of(assessment, terms_of(assessment, today())))


def _open_of(assessment: Assessment, gates: Gates) -> list[str]:
    on = max(today(), assessment.first_on)
    found = [*judge_gates(gates, on), *judge_area(gates, "", on), *judge_fitness(gates, 0, on)]
    codes = {one.code for one in found} & FOR_THE_OFFICE
    return [code for code in GATES if code in codes]


def _squads(office: Office) -> list[Organisation]:
    query = select(Organisation).where(Organisation.office_id == office.id, Organisation.kind == OrganisationKind.SQUAD)
    return list(db.session.scalars(query.order_by(Organisation.name)))


@bp.post("/<uuid:public_id>/notice")
@needs(PREPARE_ASSESSMENT)
def tell(public_id: uuid.UUID) -> ResponseReturnValue:
    assessment = find(Assessment, public_id, may=PREPARE_ASSESSMENT)
    form = ToldForm.of(lambda form: _page(assessment, told=form))
    preparing.tell(assessment, form.on.data, form.document.data, person(), now())
    flash(gettext("Entered: told of risks, of being free to decide, and of the data."), "good")
    return see_other("preparing.show", public_id=public_id)


@bp.post("/<uuid:public_id>/consent")
@needs(PREPARE_ASSESSMENT)
def consent(public_id: uuid.UUID) -> ResponseReturnValue:
    assessment = find(Assessment, public_id, may=PREPARE_ASSESSMENT)
    squads = _squads(assessment.office)
    form = ConsentForm.of(lambda form: _page(assessment, consent=form), squads=squads)
    squad = next((one for one in squads if one.public_id == form.chosen_squad), None)
    signed = (form.on.data, int(form.capable_of.data), squad, form.document.data)
    preparing.consent(assessment, *signed, person(), now())
    flash(gettext("Entered: the undertaking is signed."), "good")
    return see_other("preparing.show", public_id=public_id)


@bp.post("/<uuid:public_id>/training")
@needs(RECORD_TRAINING)
def train(public_id: uuid.UUID) -> ResponseReturnValue:
    assessment = find(Assessment, public_id, may=RECORD_TRAINING)
    form = TrainingForm.of(lambda form: _page(assessment, training=form))
    preparing.train(assessment, form.on.data, form.minutes.data, form.trainer.data, person(), now())
    flash(gettext("Entered: %(name)s is trained.", name=assessment.person.name), "good")
    return see_other("preparing.show", public_id=public_id)


@bp.post("/<uuid:public_id>/insurance")
@needs(PREPARE_ASSESSMENT)
def insure(public_id: uuid.UUID) -> ResponseReturnValue:
    assessment = find(Assessment, public_id, may=PREPARE_ASSESSMENT)
    form = InsuranceForm.of(lambda form: _page(assessment, insurance=form))
    preparing.insure(assessment, form.first_on.data, form.until.data, form.policy.data, person(), now())
    flash(gettext("Entered: insured until %(on)s.", on=day(form.until.data)), "good")
    return see_other("preparing.show", public_id=public_id)


@bp.post("/<uuid:public_id>/start")
@needs(PREPARE_ASSESSMENT)
def start(public_id: uuid.UUID) -> ResponseReturnValue:
    assessment = find(Assessment, public_id, may=PREPARE_ASSESSMENT)
    form = StartForm.of(lambda form: _page(assessment, start=form))
    preparing.start(assessment, form.document.data, person(), now())
    flash(gettext("The service has begun: shifts can be booked."), "good")
    return see_other("assessments.show", public_id=public_id)


@bp.post("/<uuid:public_id>/elsewhere")
@needs(PREPARE_ASSESSMENT)
def allow_elsewhere(public_id: uuid.UUID) -> ResponseReturnValue:
    """The approval to serve outside the bail area."""
    assessment = find(Assessment, public_id, may=PREPARE_ASSESSMENT)
    form = ElsewhereForm.of(lambda form: _page(assessment, elsewhere=form))
    preparing.allow_elsewhere(assessment, form.document.data, person(), now(), form.reason.data)
    flash(gettext("Entered: shifts outside the area may be booked."), "good")
    return see_other("preparing.show", public_id=public_id)


# A training of several at once: a squad sees names, nothing of a case.


def to_be_trained(seen: Viewer, office: Office) -> list[Assessment]:
    """Those a viewer may enter a training of, who have none yet, by name."""
    rows = listed(seen, Assessment, RECORD_TRAINING).join(Person, Person.id == Assessment.person_id)
    rows = rows.where(
        Assessment.office_id == office.id,
        Assessment.state.in_(TO_BE_TRAINED),
        Assessment.trained_on.is_(None),
        Assessment.consented_on.is_not(None),
    )
    return list(db.session.scalars(rows.options(joinedload(Assessment.person)).order_by(Person.pinyin, Assessment.id)))


@bp.get("/training")
@needs(RECORD_TRAINING)
def trainings() -> ResponseReturnValue:
    people = to_be_trained(viewer(), here())
    return _trainings(people, TrainingListForm(formdata=None, people=people, data={"on": today(), "minutes": 60}))


def _trainings(people: list[Assessment], form: TrainingListForm) -> str:
    return render_template("volunteers/training.html", people=people, form=form)


@bp.post("/training")
@needs(RECORD_TRAINING)
def train_several() -> ResponseReturnValue:
    people = to_be_trained(viewer(), here())
    form = TrainingListForm.of(lambda form: _trainings(people, form), people=people)
    there = [one for one in people if str(one.public_id) in form.chosen.data]
    for assessment in there:
        preparing.train(assessment, form.on.data, form.minutes.data, form.trainer.data, person(), now())
    flash(ngettext("%(num)d training is entered.", "%(num)d trainings are entered.", len(there)), "good")
    return see_other("preparing.trainings")


# What is unknown of people whose service began before the program (SETTLED 12).


def with_unknowns(seen: Viewer, office: Office) -> list[tuple[Assessment, list[str]]]:
    """Those who serve and of whom something is not on record, with what; the nearest end first. Four queries."""
    rows = listed(seen, Assessment, PREPARE_ASSESSMENT).where(
        Assessment.office_id == office.id, Assessment.state == AssessmentState.SERVING
    )
    rows = rows.options(joinedload(Assessment.person), joinedload(Assessment.scheme))
    serving = list(db.session.scalars(rows.order_by(Assessment.last_on, Assessment.id)))
    gates = gates_of_many(serving, today())
    found = [(one, _open_of(one, gates[one.id])) for one in serving]
    return [(one, codes) for one, codes in found if codes]


@bp.get("/record")
@needs(PREPARE_ASSESSMENT)
def unknowns() -> ResponseReturnValue:
    rows = with_unknowns(viewer(), here())
    return _unknowns(rows, RecordForm(formdata=None, people=[one for one, _ in rows]))


def _unknowns(rows: list[tuple[Assessment, list[str]]], form: RecordForm) -> str:
    show_at_field(form, g.get("refusal"))
    return render_template("volunteers/record.html", rows=rows, form=form, gates=GATES)


@bp.post("/record")
@needs(PREPARE_ASSESSMENT)
def record_unknowns() -> ResponseReturnValue:
    rows = with_unknowns(viewer(), here())
    form = RecordForm.of(lambda form: _unknowns(rows, form), people=[one for one, _ in rows])
    chosen = [one for one, _ in rows if str(one.public_id) in form.chosen.data]
    changed = preparing.record(chosen, form.known, person(), now(), form.reason.data)
    flash(ngettext("Entered for %(num)d person.", "Entered for %(num)d people.", changed), "good")
    return see_other("preparing.unknowns")
