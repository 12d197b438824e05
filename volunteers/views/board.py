"""Who is behind, at a glance: everybody under assessment, worst first (LOOK; DOMAIN 8.5)."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.access import holds
from accounts.presenting import local
from accounts.web import here, needs, now, today, viewer
from cases.masking import masked_name
from extensions import db
from volunteers.models.assessment import Assessment, AssessmentState
from volunteers.rights import BOOK_SHIFT, EXPORT_NAMES, SEE_ASSESSMENT
from volunteers.rules.pace import ORDER
from volunteers.views.assessments import PAGE, Row, inspects, rows_of, seen, worst_first

WITH_A_PACE = (AssessmentState.SERVING, AssessmentState.HOURS_COMPLETE)  # before the service there is none
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
        rows=chosen[(number - 1) * PAGE : number * PAGE],
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
        printed_at=local(now()).strftime("%Y-%m-%d %H:%M"),
        today=today(),
        **_looks(),
    )
