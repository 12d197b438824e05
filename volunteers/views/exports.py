"""Sheets to take away: service for the national system, the board (V-03)."""

from __future__ import annotations

import io
import uuid
from collections.abc import Sequence

from flask import Blueprint, Response, render_template, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import joinedload

from accounts.access import grants_of, listed
from accounts.rights import UNMASK
from accounts.web import find, here, needs, now, person, today, viewer
from cases.masking import masked_name
from exchange.writing import Kind, write
from extensions import db
from volunteers.actions import exports as actions
from volunteers.forms.exports import IN_FULL, MASKED, ExportForm, ServiceExportForm
from volunteers.models.exports import ServiceExport
from volunteers.rights import EXPORT_NAMES, SEE_ASSESSMENT
from volunteers.views.assessments import Row, at_the_desk
from volunteers.views.board import standings
from volunteers.words import STANDINGS

bp = Blueprint("exports", __name__)
MIME = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv"}


def _file(content: bytes, name: str, kind: Kind) -> Response:
    """A file to be saved, never shown by the browser."""
    named = f"{name}-{today().isoformat()}.{kind}"
    return send_file(io.BytesIO(content), mimetype=MIME[kind], as_attachment=True, download_name=named, max_age=0)


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
    return _file(content, gettext("Volunteer service"), form.form.data)


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


# The board.


def _board(kind: Kind, people: Sequence[Row], *, names: bool) -> bytes:
    headers = [
        gettext("Name"),
        gettext("How it stands"),
        gettext("Minutes served"),
        gettext("Minutes needed"),
        gettext("Minutes booked"),
        gettext("Minutes still open"),
        gettext("Until"),
    ]
    rows = [
        [
            one.assessment.person.name if names else masked_name(one.assessment.person.name),
            str(STANDINGS[one.pace.standing]),
            str(one.figures.done),
            str(one.assessment.required_minutes),
            str(one.figures.booked),
            str(one.pace.open),
            one.assessment.last_on.isoformat(),
        ]
        for one in people
    ]
    return write(kind, headers, rows)


@bp.get("/assessments/board/sheet")
@needs(SEE_ASSESSMENT)
def board_masked() -> ResponseReturnValue:
    """For whoever sees the board: without names."""
    return _file(_board("xlsx", standings(), names=False), gettext("People under assessment"), "xlsx")


@bp.get("/assessments/board/export")
@needs(EXPORT_NAMES)
def board() -> ResponseReturnValue:
    at_the_desk()
    return _board_page(ExportForm(formdata=None, data={"form": "xlsx"}))


def _board_page(form: ExportForm) -> str:
    return render_template("volunteers/board_export.html", form=form)


@bp.post("/assessments/board/export")
@needs(EXPORT_NAMES)
def take_board() -> ResponseReturnValue:
    at_the_desk()
    form = ExportForm.of(_board_page)
    people = standings()
    content = _board(form.form.data, people, names=True)
    actions.note_board(here(), person(), now(), form.reason.data, len(people))
    return _file(content, gettext("People under assessment"), form.form.data)
