"""Who is behind, at a glance: everybody under assessment, worst first (LOOK; DOMAIN 8.5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts.access import holds
from accounts.presenting import moment
from accounts.web import here, needs, now, person, today, viewer
from cases.masking import masked_name
from exchange.writing import Cell, Kind, write
from extensions import db
from volunteers.actions.exports import note_board
from volunteers.forms.exports import ExportForm
from volunteers.models.assessment import Assessment, AssessmentState
from volunteers.rights import BOOK_SHIFT, EXPORT_NAMES, SEE_ASSESSMENT
from volunteers.rules.pace import ORDER, asked, missing, served
from volunteers.views.assessments import PAGE, Row, at_the_desk, inspects, rows_of, seen, worst_first
from volunteers.views.exports import sent
from volunteers.words import STANDINGS

WITH_A_PACE = (AssessmentState.SERVING, AssessmentState.HOURS_COMPLETE)  # before the service there is none
SORTS: dict[str, Callable[[Row], Any]] = {
    "name": lambda row: (row.assessment.person.pinyin, row.assessment.person.name, row.assessment.id),
    "done": lambda row: row.figures.done,
    "open": lambda row: row.pace.open,
    "until": lambda row: row.assessment.last_on,
    "week": lambda row: row.pace.week_shifts(row.shift) if row.pace.open and row.pace.days_left else 0,
    "insured": lambda row: row.assessment.insured_until or date.min,
}
bp = Blueprint("board", __name__, url_prefix="/assessments/board")


def standings() -> list[Row]:
    """Everybody who serves or has served his hours, of those the viewer may see; worst first."""
    found = db.session.scalars(seen().where(Assessment.state.in_(WITH_A_PACE)))
    return sorted(rows_of(list(found)), key=worst_first)


@bp.get("")
@needs(SEE_ASSESSMENT)
def show() -> ResponseReturnValue:
    rows = standings()
    counts = Counter(row.pace.standing for row in rows)
    wanted = request.args.get("standing", "")
    chosen = [row for row in rows if row.pace.standing == wanted] if wanted in ORDER else rows
    pages = max(-(-len(chosen) // PAGE), 1)
    number = min(max(request.args.get("page", 1, int), 1), pages)
    return render_template(
        "volunteers/board.html",
        rows=_sorted(chosen)[(number - 1) * PAGE : number * PAGE],
        counts=counts,
        wanted=wanted,
        total=len(chosen),
        page_number=number,
        pages=pages,
        today=today(),
        serves_at_counter=holds(viewer(), BOOK_SHIFT),
        exports=holds(viewer(), EXPORT_NAMES),
        **_looks(),
    )


def _looks() -> dict[str, object]:
    return {"name": masked_name if inspects() else str, "several_offices": inspects()}


@bp.get("/paper")
@needs(SEE_ASSESSMENT)
def paper() -> ResponseReturnValue:
    """The whole board on paper."""
    return render_template(
        "volunteers/board_paper.html",
        rows=standings(),
        office=here(),
        printed_at=moment(now()),
        today=today(),
        **_looks(),
    )


def _sorted(rows: list[Row]) -> list[Row]:
    """As the address asks; else as they come, worst first."""
    key = SORTS.get(request.args.get("sort", ""))
    return sorted(rows, key=key, reverse=request.args.get("dir") == "desc") if key else rows


# As a sheet.


def _sheet(kind: Kind, people: Sequence[Row], *, names: bool) -> bytes:
    headers = [
        gettext("Name"),
        gettext("How it stands"),
        gettext("Served, in hours"),
        gettext("Asked for, in hours"),
        gettext("To be confirmed, in hours"),
        gettext("Booked, in hours"),
        gettext("Still open, in hours"),
        gettext("Shifts asked of each week"),
        gettext("Until"),
        gettext("Insured until"),
        gettext("Prosecutor"),
    ]
    return write(kind, headers, [_cells(one, names=names) for one in people])


def _cells(row: Row, *, names: bool) -> list[Cell]:
    one, pace, unit = row.assessment, row.pace, row.unit
    return [
        one.person.name if names else masked_name(one.person.name),
        str(STANDINGS[pace.standing]),
        served(row.figures.done, unit),
        asked(one.required_minutes),
        served(row.figures.pending + row.figures.unconfirmed, unit),
        served(row.figures.booked, unit),
        missing(pace.open, unit),
        pace.week_shifts(row.shift) if pace.open and pace.days_left else "",
        one.last_on.isoformat(),
        one.insured_until.isoformat() if one.insured_until else "",
        (one.prosecutor or one.case.handler).name,
    ]


@bp.get("/sheet")
@needs(SEE_ASSESSMENT)
def sheet() -> ResponseReturnValue:
    """For whoever sees the board: without names."""
    return sent(_sheet("xlsx", standings(), names=False), gettext("People under assessment"), "xlsx")


@bp.get("/export")
@needs(EXPORT_NAMES)
def export() -> ResponseReturnValue:
    at_the_desk()
    return _export_page(ExportForm(formdata=None, data={"form": "xlsx"}))


def _export_page(form: ExportForm) -> str:
    return render_template("volunteers/board_export.html", form=form)


@bp.post("/export")
@needs(EXPORT_NAMES)
def take() -> ResponseReturnValue:
    at_the_desk()
    form = ExportForm.of(_export_page)
    people = standings()
    content = _sheet(form.form.data, people, names=True)
    note_board(here(), person(), now(), form.reason.data, len(people))
    return sent(content, gettext("People under assessment"), form.form.data)
