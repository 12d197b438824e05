"""The office's schemes: the versions, one with all its terms, drafting, putting in force."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from accounts.access import holds, listed, may
from accounts.views.trail import trail_of
from accounts.web import find, here, needs, now, office_for, person, see_other, today, viewer
from extensions import db
from volunteers.actions import schemes as actions
from volunteers.forms.fields import show_at_field
from volunteers.forms.schemes import SchemeForm, data_of
from volunteers.models.assessment import Assessment
from volunteers.models.schemes import Scheme, SchemeState
from volunteers.rights import APPROVE_SCHEME, DRAFT_SCHEME, SEE_SCHEME
from volunteers.rules.schemes import Terms, presets
from volunteers.scheme_words import GROUPS, difference, hint, in_words
from volunteers.terms import scheme_in_force, terms_by_settings
from volunteers.waits import drafts_before_the_chief
from volunteers.words import PRESETS

bp = Blueprint("schemes", __name__, url_prefix="/schemes")
ORDER = (SchemeState.IN_FORCE, SchemeState.DRAFT, SchemeState.RETIRED, SchemeState.DISCARDED)
STANDING = "in_force"


@bp.get("")
@needs(SEE_SCHEME)
def index() -> ResponseReturnValue:
    """The one in force first, then drafts, then those that were."""
    rows = listed(viewer(), Scheme, SEE_SCHEME).where(Scheme.office_id == here().id)
    rows = rows.options(joinedload(Scheme.drafted_by), joinedload(Scheme.approved_by))
    found = sorted(db.session.scalars(rows), key=lambda one: (ORDER.index(SchemeState(one.state)), -one.number))
    return render_template(
        "volunteers/schemes.html",
        schemes=found,
        bound=bound_to(found),
        standing=next((one for one in found if one.state == SchemeState.IN_FORCE), None),
        by_settings=terms_by_settings(here(), today()),
        drafts=holds(viewer(), DRAFT_SCHEME),
    )


def bound_to(schemes: list[Scheme]) -> dict[int, int]:
    """How many people signed each. One query."""
    counted = select(Assessment.scheme_id, func.count(Assessment.person_id.distinct()))
    counted = counted.where(Assessment.scheme_id.in_([one.id for one in schemes])).group_by(Assessment.scheme_id)
    return {key: number for key, number in db.session.execute(counted) if key is not None}


@bp.get("/new")
@needs(DRAFT_SCHEME)
def new() -> ResponseReturnValue:
    """Choose what the draft begins with; then its form."""
    office = office_for(DRAFT_SCHEME)
    standing, wanted = scheme_in_force(office.id), request.args.get("from", "")
    if standing is not None and wanted == STANDING:
        return _writing(_form(standing.terms, standing.title, standing.preset))
    if wanted in presets():
        title = standing.title if standing else gettext("Traffic-volunteer service")
        return _writing(_form(presets()[wanted], title, wanted))
    terms = presets()
    return render_template("volunteers/scheme_new.html", presets=PRESETS, terms=terms, standing=standing)


def _form(terms: Terms, title: str, preset: str) -> Any:
    return SchemeForm(formdata=None, data=data_of(terms, title, preset))


def _writing(form: Any, scheme: Scheme | None = None) -> str:
    show_at_field(form, g.get("refusal"))
    more = {"groups": GROUPS, "presets": PRESETS, "hint": hint}
    return render_template("volunteers/scheme_edit.html", form=form, scheme=scheme, **more)


@bp.post("")
@needs(DRAFT_SCHEME)
def enter() -> ResponseReturnValue:
    office = office_for(DRAFT_SCHEME)
    form = SchemeForm.of(_writing)
    scheme = actions.draft(office, form.title.data, form.begun_from, form.terms, by=person(), at=now())
    flash(gettext("The draft is kept. It binds nobody until the chief prosecutor puts it in force."), "good")
    return see_other("schemes.show", public_id=scheme.public_id)


@bp.get("/<uuid:public_id>")
@needs(SEE_SCHEME)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    scheme = find(Scheme, public_id, may=SEE_SCHEME)
    before, standing = version_before(scheme), scheme_in_force(scheme.office_id)
    is_draft = scheme.state == SchemeState.DRAFT
    mine = scheme.drafted_by_id == person().id
    counts = bound_to([one for one in (scheme, standing) if one is not None])
    return render_template(
        "volunteers/scheme.html",
        scheme=scheme,
        groups=in_words(scheme.terms),
        before=before,
        changed=difference(before.terms, scheme.terms) if before else [],
        standing=standing,
        bound=counts.get(scheme.id, 0),
        bound_now=counts.get(standing.id, 0) if standing else 0,
        presets=PRESETS,
        may_change=is_draft and may(viewer(), DRAFT_SCHEME, scheme),
        may_approve=is_draft and not mine and may(viewer(), APPROVE_SCHEME, scheme),
        mine=mine,
        drafts=holds(viewer(), DRAFT_SCHEME),
        trail=trail_of(scheme),
    )


def version_before(scheme: Scheme) -> Scheme | None:
    """The version that was in force before it; of a draft, the one it would follow."""
    until: datetime | None = scheme.approved_at
    rows = select(Scheme).where(Scheme.office_id == scheme.office_id, Scheme.approved_at.is_not(None))
    rows = rows.where(Scheme.id != scheme.id).order_by(Scheme.approved_at.desc(), Scheme.id.desc()).limit(1)
    return db.session.scalar(rows.where(Scheme.approved_at < until) if until else rows)


@bp.get("/<uuid:public_id>/correction")
@needs(DRAFT_SCHEME)
def correction(public_id: uuid.UUID) -> ResponseReturnValue:
    scheme = find(Scheme, public_id, may=DRAFT_SCHEME)
    if scheme.state != SchemeState.DRAFT:  # in force since: a page that was left open
        return see_other("schemes.show", public_id=public_id)
    return _writing(_form(scheme.terms, scheme.title, scheme.preset), scheme)


@bp.post("/<uuid:public_id>/correction")
@needs(DRAFT_SCHEME)
def correct(public_id: uuid.UUID) -> ResponseReturnValue:
    scheme = find(Scheme, public_id, may=DRAFT_SCHEME)
    form = SchemeForm.of(lambda form: _writing(form, scheme))
    actions.redraft(scheme, form.title.data, form.terms, by=person(), at=now())
    flash(gettext("The draft is changed."), "good")
    return see_other("schemes.show", public_id=public_id)


@bp.post("/<uuid:public_id>/approval")
@needs(APPROVE_SCHEME)
def approve(public_id: uuid.UUID) -> ResponseReturnValue:
    scheme = find(Scheme, public_id, may=APPROVE_SCHEME)
    actions.approve(scheme, person(), now())
    flash(gettext("In force from today. Whoever signs from now on is bound to it."), "good")
    return see_other("schemes.show", public_id=public_id)


@bp.post("/<uuid:public_id>/discarding")
@needs(DRAFT_SCHEME)
def discard(public_id: uuid.UUID) -> ResponseReturnValue:
    scheme = find(Scheme, public_id, may=DRAFT_SCHEME)
    actions.discard(scheme, person(), now())
    flash(gettext("The draft is put away."), "good")
    return see_other("schemes.index")


def count_drafts() -> int:
    """For the navigation."""
    return len(drafts_before_the_chief(viewer(), here()))
