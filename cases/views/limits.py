"""What happened to the limit of a case."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts.access import NotFound
from accounts.web import find, needs, now, person, see_other, today
from cases.actions.limits import record_spell, withdraw_spell
from cases.forms.limits import SpellForm
from cases.limits import days_left, limit_of, standing
from cases.models import Case
from cases.rights import ENTER_CASE
from cases.words import SPELLS

bp = Blueprint("limits", __name__, url_prefix="/cases/<uuid:case_id>/limit")


@bp.get("")
@needs(ENTER_CASE)
def show(case_id: uuid.UUID) -> ResponseReturnValue:
    case = find(Case, case_id, may=ENTER_CASE)
    return _page(case, SpellForm(data={"on": today()}))


@bp.post("/spells")
@needs(ENTER_CASE)
def record(case_id: uuid.UUID) -> ResponseReturnValue:
    case = find(Case, case_id, may=ENTER_CASE)
    form = SpellForm.of(lambda form: _page(case, form))
    record_spell(
        case,
        form.kind.data,
        form.on.data,
        person(),
        now(),
        document=form.document.data,
        days=form.days.data,
        today=today(),
    )
    return _counted(case)


@bp.post("/spells/<uuid:public_id>/withdrawal")
@needs(ENTER_CASE)
def withdraw(case_id: uuid.UUID, public_id: uuid.UUID) -> ResponseReturnValue:
    case = find(Case, case_id, may=ENTER_CASE)
    spell = next((s for s in standing(case.spells) if s.public_id == public_id), None)
    if spell is None:
        raise NotFound()
    withdraw_spell(spell, person(), now(), request.form.get("reason", "").strip(), today())
    return _counted(case)


def _counted(case: Case) -> ResponseReturnValue:
    limit = limit_of(case, today())
    said = gettext("The limit is counted anew: %(on)s.", on=limit.on) if limit.on else gettext("No limit runs now.")
    flash(said, "good")
    return see_other("limits.show", case_id=case.public_id)


def _page(case: Case, form: SpellForm) -> str:
    limit = limit_of(case, today())
    return render_template(
        "cases/limit.html",
        case=case,
        limit=limit,
        left=days_left(limit.on, today()),
        spells=standing(case.spells),
        spell_words=SPELLS,
        form=form,
    )
