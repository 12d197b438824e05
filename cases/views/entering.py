"""Cases: the list, one case, entering and correcting it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from accounts.access import grants_of, holds, listed, may
from accounts.models import Role
from accounts.views.trail import trail_of
from accounts.web import find, here, needs, now, office_for, person, see_other, today, viewer
from cases.actions.entering import correct_case, enter_case
from cases.forms.entering import CaseForm, CorrectionForm
from cases.limits import days_left, limit_of, runs_for_case, standing
from cases.masking import masked_name
from cases.models import Case, CaseStage, Party
from cases.panels import panels_of
from cases.rights import ENTER_CASE, REASSIGN_CASE, SEE_CASE
from cases.words import MEASURES, ROLES, SPELLS, STAGES
from extensions import db
from scheduler.deadlines.models import Deadline

bp = Blueprint("cases", __name__, url_prefix="/cases")
PAGE, LAST_PAGE = 50, 100_000


@bp.get("")
@needs(SEE_CASE)
def index() -> ResponseReturnValue:
    number = min(max(request.args.get("page", 1, int), 1), LAST_PAGE)
    rows = _wanted()
    total = db.session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0
    shown = rows.options(joinedload(Case.handler), selectinload(Case.parties)).limit(PAGE).offset((number - 1) * PAGE)
    return render_template(
        "cases/list.html",
        cases=db.session.execute(shown).unique().all(),
        total=total,
        page_number=number,
        pages=-(-total // PAGE),
        stages=STAGES,
        masked_name=masked_name,
        days_left=lambda until: days_left(until, today()),
        may_enter=holds(viewer(), ENTER_CASE),
    )


def _wanted() -> Select[Any]:
    """The cases the address asks for, each with its running limit."""
    rows = listed(viewer(), Case, SEE_CASE).add_columns(Deadline).outerjoin(Deadline, runs_for_case())
    rows = rows.where(Case.office_id == here().id) if not _inspects() else rows
    wanted = request.args.get("q", "").strip().casefold()
    if wanted:
        named = select(Party.case_id).where(func.lower(Party.name).contains(wanted, autoescape=True))
        words = (func.lower(word).contains(wanted, autoescape=True) for word in (Case.number, Case.cause))
        rows = rows.where(or_(*words, Case.id.in_(named)))
    stage = request.args.get("stage", "")
    rows = rows.where(Case.stage == stage) if stage else rows.where(Case.stage != CaseStage.CLOSED)
    order = {"number": Case.number, "received": Case.received_on}.get(request.args.get("sort", ""), Deadline.due_on)
    falling = request.args.get("dir") == "desc"
    return rows.order_by(order.desc().nulls_last() if falling else order.asc().nulls_last(), Case.id)


def _inspects() -> bool:
    """Whether the viewer sees cases as an inspector only: of the offices below, names masked."""
    held = grants_of(viewer(), SEE_CASE)
    return bool(held) and all("M" in grant.marks for _, grant in held)


@bp.get("/new")
@needs(ENTER_CASE)
def new() -> ResponseReturnValue:
    office_for(ENTER_CASE)
    form = CaseForm(
        office=here(), data={"received_on": today(), "stage": CaseStage.PROSECUTION_REVIEW, "handler_id": _mine()}
    )
    return _entering(form)


def _mine() -> int | None:
    return person().id if Role.PROSECUTOR in viewer().roles() else None


def _entering(form: CaseForm) -> str:
    return render_template("cases/enter.html", form=form, case=None)


@bp.post("")
@needs(ENTER_CASE)
def enter() -> ResponseReturnValue:
    office = office_for(ENTER_CASE)
    form = CaseForm.of(_entering, office=office)
    case = enter_case(office, form.values, by=person(), at=now())
    flash(gettext("Case %(number)s is entered.", number=case.number), "good")
    return see_other("cases.show", public_id=case.public_id)


@bp.get("/<uuid:public_id>")
@needs(SEE_CASE)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    case = find(Case, public_id, may=SEE_CASE)
    return page_of(case)


def page_of(case: Case, **more: Any) -> str:
    """The page of a case; `more` are forms that stand on it."""
    masked = _inspects()
    limit = limit_of(case, today())
    return render_template(
        "cases/show.html",
        case=case,
        limit=limit,
        left=days_left(limit.on, today()),
        bail_left=days_left(limit.bail_on, today()),
        spells=standing(case.spells),
        stages=STAGES,
        roles=ROLES,
        measures=MEASURES,
        spell_words=SPELLS,
        name=masked_name if masked else str,
        masked=masked,
        may_enter=may(viewer(), ENTER_CASE, case),
        may_reassign=may(viewer(), REASSIGN_CASE, case),
        panels=panels_of(case),
        trail=trail_of(case, masked=masked),
        **more,
    )


@bp.get("/<uuid:public_id>/correction")
@needs(ENTER_CASE)
def correction(public_id: uuid.UUID) -> ResponseReturnValue:
    case = find(Case, public_id, may=ENTER_CASE)
    return _correcting(case, CorrectionForm(obj=case, office=case.office))


def _correcting(case: Case, form: CaseForm) -> str:
    return render_template("cases/enter.html", form=form, case=case)


@bp.post("/<uuid:public_id>/correction")
@needs(ENTER_CASE)
def correct(public_id: uuid.UUID) -> ResponseReturnValue:
    case = find(Case, public_id, may=ENTER_CASE)
    form = CorrectionForm.of(lambda form: _correcting(case, form), office=case.office)
    facts = {name: value for name, value in form.values.items() if name != "reason"}
    correct_case(case, facts, by=person(), at=now(), reason=form.reason.data)
    flash(gettext("Case %(number)s is corrected.", number=case.number), "good")
    return see_other("cases.show", public_id=case.public_id)
