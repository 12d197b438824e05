"""The page on which a case goes to another prosecutor."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts.models import Person
from accounts.web import find, needs, now, person, see_other
from cases.actions.reassigning import reassign_case
from cases.forms.reassigning import ReassignmentForm
from cases.models import Case
from cases.rights import REASSIGN_CASE
from extensions import db

bp = Blueprint("reassigning", __name__, url_prefix="/cases")


@bp.get("/<uuid:public_id>/reassignment")
@needs(REASSIGN_CASE)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    case = find(Case, public_id, may=REASSIGN_CASE)
    return _page(case, ReassignmentForm(formdata=None, case=case))


def _page(case: Case, form: ReassignmentForm) -> str:
    return render_template("cases/reassignment.html", case=case, form=form)


@bp.post("/<uuid:public_id>/reassignment")
@needs(REASSIGN_CASE)
def reassign(public_id: uuid.UUID) -> ResponseReturnValue:
    case = find(Case, public_id, may=REASSIGN_CASE)
    form = ReassignmentForm.of(lambda form: _page(case, form), case=case)
    to = db.session.get_one(Person, form.to.data)
    shown = int(form.shown.data) if (form.shown.data or "").isdecimal() else None
    reassign_case(case, to, person(), now(), form.reason.data, shown)
    flash(gettext("%(name)s handles case %(number)s from now on.", name=to.name, number=case.number), "good")
    return see_other("cases.show", public_id=public_id)
