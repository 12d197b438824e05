"""Service for the national system, as a sheet to take away (V-03)."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import joinedload

from accounts.access import grants_of, listed
from accounts.rights import UNMASK
from accounts.web import find, here, needs, now, person, today, viewer
from exchange.sending import saved
from exchange.writing import Kind
from extensions import db
from volunteers.actions import exports as actions
from volunteers.forms.exports import IN_FULL, MASKED, ServiceExportForm
from volunteers.models.exports import ServiceExport
from volunteers.rights import EXPORT_NAMES
from volunteers.views.assessments import at_the_desk

bp = Blueprint("exports", __name__)


def sent(content: bytes, name: str, kind: Kind) -> Response:
    """A sheet of today."""
    return saved(content, f"{name}-{today().isoformat()}.{kind}")


@bp.get("/service-exports")
@needs(EXPORT_NAMES)
def index() -> ResponseReturnValue:
    at_the_desk()
    return _page(_as_it_begins())


def _as_it_begins() -> ServiceExportForm:
    data = {"form": "xlsx", "numbers": MASKED}
    return ServiceExportForm(formdata=None, data=data, may_unmask=_may_unmask())


def _may_unmask() -> bool:
    return any(mine.office_id == here().id for mine, _ in grants_of(viewer(), UNMASK))


def _page(form: ServiceExportForm, again: uuid.UUID | None = None) -> str:
    rows = listed(viewer(), ServiceExport, EXPORT_NAMES).where(ServiceExport.office_id == here().id)
    taken = db.session.scalars(rows.options(joinedload(ServiceExport.by)).order_by(ServiceExport.id.desc()).limit(50))
    return render_template(
        "volunteers/exports.html",
        form=form,
        again=again,
        count=actions.count_unsynced(viewer(), here()),
        taken=list(taken),
    )


@bp.post("/service-exports")
@needs(EXPORT_NAMES)
def take() -> ResponseReturnValue:
    """Everything not handed over yet, as a file; it counts as handed over from now on."""
    at_the_desk()
    form = ServiceExportForm.of(_page, may_unmask=_may_unmask())
    row = actions.export(viewer(), here(), person(), now(), form.reason.data)
    return _made(row, form)


def _made(row: ServiceExport, form: ServiceExportForm) -> Response:
    in_full = viewer() if form.numbers.data == IN_FULL else None
    content = actions.download(row, form.form.data, person(), now(), form.reason.data, in_full)
    return sent(content, gettext("Volunteer service"), form.form.data)


@bp.get("/service-exports/<uuid:public_id>")
@needs(EXPORT_NAMES)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    row = find(ServiceExport, public_id, may=EXPORT_NAMES)
    return _page(_as_it_begins(), row.public_id)


@bp.post("/service-exports/<uuid:public_id>")
@needs(EXPORT_NAMES)
def again(public_id: uuid.UUID) -> ResponseReturnValue:
    row = find(ServiceExport, public_id, may=EXPORT_NAMES)
    form = ServiceExportForm.of(lambda form: _page(form, public_id), may_unmask=_may_unmask())
    return _made(row, form)
