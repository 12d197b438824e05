"""The people in a case."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts.access import NotFound
from accounts.web import find, needs, now, person, see_other, today
from cases.actions.parties import correct_party, enter_party, remove_party
from cases.forms.parties import PartyCorrectionForm, PartyForm
from cases.models import Case, Party
from cases.rights import ENTER_CASE

bp = Blueprint("parties", __name__, url_prefix="/cases/<uuid:case_id>/parties")


@bp.get("/new")
@needs(ENTER_CASE)
def new(case_id: uuid.UUID) -> ResponseReturnValue:
    case = find(Case, case_id, may=ENTER_CASE)
    return _page(case, None, PartyForm(case=case))


@bp.post("")
@needs(ENTER_CASE)
def enter(case_id: uuid.UUID) -> ResponseReturnValue:
    case = find(Case, case_id, may=ENTER_CASE)
    form = PartyForm.of(lambda form: _page(case, None, form), case=case)
    party = enter_party(case, _facts(form), by=person(), at=now())
    flash(gettext("%(name)s is entered.", name=party.name), "good")
    if form.namesakes and party.person_id is None:
        said = gettext("Somebody of this name is under assessment here. If it is the same person, correct the entry.")
        flash(said, "wait")
    return see_other("cases.show", public_id=case.public_id)


@bp.get("/<uuid:public_id>")
@needs(ENTER_CASE)
def show(case_id: uuid.UUID, public_id: uuid.UUID) -> ResponseReturnValue:
    party = _party(case_id, public_id)
    return _page(party.case, party, PartyCorrectionForm(obj=party, case=party.case, linked=party.person_id))


@bp.post("/<uuid:public_id>/correction")
@needs(ENTER_CASE)
def correct(case_id: uuid.UUID, public_id: uuid.UUID) -> ResponseReturnValue:
    party = _party(case_id, public_id)
    form = PartyCorrectionForm.of(lambda form: _page(party.case, party, form), case=party.case, linked=party.person_id)
    correct_party(party, _facts(form), by=person(), at=now(), reason=form.reason.data)
    flash(gettext("%(name)s is corrected.", name=party.name), "good")
    return see_other("cases.show", public_id=case_id)


@bp.post("/<uuid:public_id>/removal")
@needs(ENTER_CASE)
def remove(case_id: uuid.UUID, public_id: uuid.UUID) -> ResponseReturnValue:
    party = _party(case_id, public_id)
    reason = request.form.get("reason", "").strip()
    remove_party(party, today(), by=person(), at=now(), reason=reason)
    flash(gettext("%(name)s is no longer in the case.", name=party.name), "good")
    return see_other("cases.show", public_id=case_id)


def _party(case_id: uuid.UUID, public_id: uuid.UUID) -> Party:
    case = find(Case, case_id, may=ENTER_CASE)
    found = next((p for p in case.present_parties if p.public_id == public_id), None)
    if found is None:
        raise NotFound()
    return found


def _facts(form: Any) -> dict[str, Any]:
    facts = {name: value for name, value in form.values.items() if name != "reason"}
    return {**facts, "phone": facts["phone"] or None, "employer": facts["employer"] or ""}


def _page(case: Case, party: Party | None, form: PartyForm) -> str:
    return render_template("cases/party.html", case=case, party=party, form=form)
