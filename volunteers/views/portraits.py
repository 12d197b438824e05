"""The portrait: kept and removed by the office, shown beside the name at the crossing."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts.access import NotFound
from accounts.web import find, needs, now, person, see_other, today
from volunteers.actions.portraits import keep_portrait, picture_of, portrait_row, remove_portrait
from volunteers.forms.portraits import PortraitForm, RemovalForm
from volunteers.models.assessment import UNDER_ASSESSMENT, Assessment
from volunteers.models.attendance import Attendance
from volunteers.rights import PREPARE_ASSESSMENT, SEE_SHIFT_LIST

bp = Blueprint("portraits", __name__)


@bp.get("/assessments/<uuid:public_id>/portrait")
@needs(PREPARE_ASSESSMENT)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    assessment = find(Assessment, public_id, may=PREPARE_ASSESSMENT)
    return _page(assessment, PortraitForm(formdata=None, data={"on": assessment.consented_on or today()}))


def _page(assessment: Assessment, form: PortraitForm) -> str:
    return render_template(
        "volunteers/portrait.html",
        assessment=assessment,
        form=form,
        standing=portrait_row(assessment),
        may_keep=assessment.state in UNDER_ASSESSMENT,
    )


@bp.post("/assessments/<uuid:public_id>/portrait")
@needs(PREPARE_ASSESSMENT)
def keep(public_id: uuid.UUID) -> ResponseReturnValue:
    assessment = find(Assessment, public_id, may=PREPARE_ASSESSMENT)
    form = PortraitForm.of(lambda form: _page(assessment, form))
    keep_portrait(assessment, form.content, form.on.data, person(), now())
    flash(gettext("The portrait is kept. Officers see it on the days of his shifts."), "good")
    return see_other("portraits.show", public_id=public_id)


@bp.post("/assessments/<uuid:public_id>/portrait/removal")
@needs(PREPARE_ASSESSMENT)
def remove(public_id: uuid.UUID) -> ResponseReturnValue:
    assessment = find(Assessment, public_id, may=PREPARE_ASSESSMENT)
    form = RemovalForm.of(lambda _: _page(assessment, PortraitForm(formdata=None)))
    if remove_portrait(assessment, person(), now(), form.reason.data):
        flash(gettext("The portrait is removed."), "good")
    else:
        flash(gettext("There is no portrait any more."), "info")
    return see_other("portraits.show", public_id=public_id)


@bp.get("/assessments/<uuid:public_id>/portrait.jpg")
@needs(PREPARE_ASSESSMENT)
def of_person(public_id: uuid.UUID) -> ResponseReturnValue:
    return _picture(find(Assessment, public_id, may=PREPARE_ASSESSMENT))


@bp.get("/crossing/people/<uuid:public_id>/portrait.jpg")
@needs(SEE_SHIFT_LIST)
def at_crossing(public_id: uuid.UUID) -> ResponseReturnValue:
    return _picture(find(Attendance, public_id, may=SEE_SHIFT_LIST).assessment)


def _picture(assessment: Assessment) -> Response:
    """Raises: NotFound."""
    found = picture_of(assessment)
    if found is None:
        raise NotFound()
    return Response(found, mimetype="image/jpeg")
