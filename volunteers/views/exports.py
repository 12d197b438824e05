"""Service for the national system, as a sheet to take away (V-03)."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy.orm import joinedload

from accounts.access import grants_of, listed
from accounts.rights import UNMASK
from accounts.web import find, here, needs, now, person, see_other, today, viewer
from exchange.sending import saved
from exchange.writing import Kind
from extensions import db
from volunteers.actions import exports as actions
from volunteers.forms.exports import IN_FULL, MASKED, HandOverForm, ServiceExportForm
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
    return _index(HandOverForm(formdata=None))


def _index(form: HandOverForm) -> str:
    return render_template(
        "volunteers/exports.html", form=form, count=actions.count_unsynced(viewer(), here()), taken=_taken()
    )


def _taken() -> list[ServiceExport]:
    rows = listed(viewer(), ServiceExport, EXPORT_NAMES).where(ServiceExport.office_id == here().id)
    rows = rows.options(joinedload(ServiceExport.by)).order_by(ServiceExport.id.desc()).limit(50)
    return list(db.session.scalars(rows))


@bp.post("/service-exports")
@needs(EXPORT_NAMES)
def take() -> ResponseReturnValue:
    """Everything not handed over yet counts as handed over from now on; its file is saved on the next page."""
    at_the_desk()
    form = HandOverForm.of(_index)
    row = actions.export(viewer(), here(), person(), now(), form.reason.data)
    told = ngettext("%(num)d line is handed over.", "%(num)d lines are handed over.", row.count)
    flash(f"{told} {gettext('Now save the file.')}", "good")
    return see_other("exports.show", public_id=row.public_id)


@bp.get("/service-exports/<uuid:public_id>")
@needs(EXPORT_NAMES)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    row = find(ServiceExport, public_id, may=EXPORT_NAMES)
    said = actions.taken_for(row) if row.by_id == person().id else ""
    data = {"form": "xlsx", "numbers": MASKED, "reason": said}
    return _page(row, ServiceExportForm(formdata=None, data=data, may_unmask=_may_unmask()))


def _page(row: ServiceExport, form: ServiceExportForm) -> str:
    return render_template("volunteers/export.html", export=row, form=form)


def _may_unmask() -> bool:
    return any(mine.office_id == here().id for mine, _ in grants_of(viewer(), UNMASK))


@bp.post("/service-exports/<uuid:public_id>")
@needs(EXPORT_NAMES)
def save(public_id: uuid.UUID) -> ResponseReturnValue:
    row = find(ServiceExport, public_id, may=EXPORT_NAMES)
    form = ServiceExportForm.of(lambda form: _page(row, form), may_unmask=_may_unmask())
    in_full = viewer() if form.numbers.data == IN_FULL else None
    content = actions.download(row, form.form.data, person(), now(), form.reason.data, in_full)
    return sent(content, gettext("Volunteer service"), form.form.data)
