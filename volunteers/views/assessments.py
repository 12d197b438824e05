"""People under assessment: the list, and one person with every figure open to its lines."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload

from accounts import access
from accounts.access import Forbidden, Viewer, grants_of, holds, listed, may
from accounts.models import Person, Role
from accounts.presenting import moment
from accounts.rights import SEE_PEOPLE
from accounts.searching import matching
from accounts.views.trail import trail_of
from accounts.web import find, here, needs, now, today, viewer
from cases.masking import masked_name
from cases.models import Case
from cases.rights import SEE_CASE
from extensions import db
from record.models import Act
from volunteers.actions.backplan import changes, plan_of, plans_of
from volunteers.actions.corrections import correctable
from volunteers.actions.scan import printed_code
from volunteers.figures import Figures, figures_of, lines_of, missed_of, officers_of, pace_of
from volunteers.models.assessment import UNDER_ASSESSMENT, Assessment, AssessmentState
from volunteers.models.attendance import Attendance
from volunteers.models.corrections import Correction
from volunteers.models.ledger import CreditEntry
from volunteers.rights import (
    ANSWER_INCIDENT,
    BOOK_SHIFT,
    EXPORT_NAMES,
    KEEP_SHIFTS,
    PREPARE_ASSESSMENT,
    PROPOSE_CORRECTION,
    READ_CREDITS,
    SEE_ASSESSMENT,
    WITHDRAW_ASSESSMENT,
)
from volunteers.rules.pace import ORDER, Pace
from volunteers.terms import terms_of, terms_of_many
from volunteers.views.preparing import open_gates, with_unknowns
from volunteers.words import WORDS

bp = Blueprint("assessments", __name__, url_prefix="/assessments")
PAGE = 50
DESK = frozenset({Role.COORDINATOR, Role.PROSECUTOR, Role.CHIEF, Role.DEPUTY_CHIEF, Role.INSPECTOR})
ENDED = tuple(state for state in AssessmentState if state not in UNDER_ASSESSMENT)


@dataclass(frozen=True)
class Row:
    """Somebody as the list and the board show him. `days`: how far off the end of his service is. `fits`: what is open
    can still be served until then. `unit`: minutes to which his totals are rounded; `shift`: those of a usual
    shift. `missed`: shifts missed without a word, from the number on at which his prosecutor is told; 0 before."""

    assessment: Assessment
    figures: Figures
    pace: Pace
    days: int
    fits: bool
    unit: int
    shift: int
    missed: int


def watches(seen: Viewer) -> bool:
    """Whether somebody follows the service of others, as the desk does; a volunteer sees his own on his phone."""
    return any(m.role in DESK for m, _ in grants_of(seen, SEE_ASSESSMENT))


def inspects() -> bool:
    """Whether the viewer reads as an inspector only: of the offices below, names masked."""
    held = grants_of(viewer(), SEE_ASSESSMENT)
    return bool(held) and all("M" in grant.marks for _, grant in held)


def at_the_desk() -> None:
    """These pages are the desk's: a volunteer reads his own service on pages made for him. Raises: Forbidden."""
    if not watches(viewer()):
        raise Forbidden()


def seen() -> Select[Any]:
    """The assessments the viewer may see at the office at work; an inspector's, of the offices below."""
    at_the_desk()
    rows = listed(viewer(), Assessment, SEE_ASSESSMENT).join(Person, Person.id == Assessment.person_id)
    rows = rows.join(Case, Case.id == Assessment.case_id)
    rows = rows.options(
        joinedload(Assessment.person),
        joinedload(Assessment.case).joinedload(Case.handler),
        joinedload(Assessment.office),
        joinedload(Assessment.prosecutor),
    )
    return rows if inspects() else rows.where(Assessment.office_id == here().id)


def rows_of(assessments: list[Assessment]) -> list[Row]:
    """Assessments with their figures, pace and terms. Eleven queries for those of one office, however many."""
    figures, terms = figures_of(assessments, now()), terms_of_many(assessments, today())
    missed = missed_of([one.id for one in assessments])
    found = []
    for one in assessments:
        pace, days = pace_of(one, figures[one.id], today()), (one.last_on - today()).days
        bound = terms[one.id]
        fits = pace.open <= pace.days_left * bound.max_day_minutes
        away = missed.get(one.id, 0)
        away = away if away >= bound.no_show_limit else 0
        found.append(Row(one, figures[one.id], pace, days, fits, bound.round_minutes, bound.shift, away))
    return found


def worst_first(row: Row) -> tuple[Any, ...]:
    """Those whose time is over with hours missing, then those behind, the nearest end first."""
    return ORDER.index(row.pace.standing), row.assessment.last_on, -row.pace.open, row.assessment.id


@bp.get("")
@needs(SEE_ASSESSMENT)
def index() -> ResponseReturnValue:
    number = max(request.args.get("page", 1, int), 1)
    query = _asked(seen())
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    pages = max(-(-total // PAGE), 1)
    number = min(number, pages)
    found = list(db.session.scalars(query.limit(PAGE).offset((number - 1) * PAGE)))
    return render_template(
        "volunteers/assessments.html",
        rows=rows_of(found),
        total=total,
        page_number=number,
        pages=pages,
        name=masked_name if inspects() else str,
        several_offices=inspects(),
        import_url=_import_url(),
        search=not inspects(),
        unknown=len(with_unknowns(viewer(), here())) if not inspects() and holds(viewer(), PREPARE_ASSESSMENT) else 0,
    )


def _import_url() -> str | None:
    known = "imports.new" in current_app.view_functions and holds(viewer(), "import_files") and not inspects()
    return url_for("imports.new", kind="volunteers") if known else None


def _asked(rows: Select[Any]) -> Select[Any]:
    show = request.args.get("show", "")
    states = {"": UNDER_ASSESSMENT, "ended": ENDED}.get(show)
    if states is not None:
        rows = rows.where(Assessment.state.in_(states))
    wanted = request.args.get("q", "").strip()
    if wanted and not inspects():
        numbered = func.lower(Case.number).contains(wanted.casefold(), autoescape=True)
        rows = rows.where(or_(matching(wanted, viewer(), here()), numbered))
    columns = {"name": Person.pinyin, "first": Assessment.first_on, "until": Assessment.last_on, "case": Case.number}
    column = columns.get(request.args.get("sort", ""), Assessment.last_on)
    falling = request.args.get("dir") == "desc"
    return rows.order_by(column.desc() if falling else column.asc(), Person.pinyin, Assessment.id)


@bp.app_template_global("begins_later")
def begins_later(assessment: Assessment) -> bool:
    return assessment.first_on > today()


@bp.get("/<uuid:public_id>")
@needs(SEE_ASSESSMENT)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    assessment = find(Assessment, public_id, may=SEE_ASSESSMENT)
    at_the_desk()
    figures = figures_of([assessment], now())[assessment.id]
    lines = lines_of(assessment, now())
    readable = _readable(assessment)
    masked = inspects()
    return render_template(
        "volunteers/assessment.html",
        assessment=assessment,
        figures=figures,
        lines=lines,
        credits=[one for one in lines.credits if one.id in readable],
        pace=pace_of(assessment, figures, today()),
        officers=officers_of([one.shift for one in lines.booked]),
        name=masked_name if masked else str,
        masked=masked,
        person_url=_person_url(assessment),
        case_url=_case_url(assessment.case),
        opens_shifts=holds(viewer(), KEEP_SHIFTS),
        trail=trail_of(assessment, masked=masked, also=corrected(assessment)),
        may_correct=holds(viewer(), PROPOSE_CORRECTION) and not masked,
        correctable=correctable,
        at=now(),
        days_left=(assessment.last_on - today()).days,
        terms=terms_of(assessment, today()),
        open_gates=open_gates(assessment),
        plan=plan_of(assessment, today(), figures.done),
        plans=changes(plans_of(assessment)),
        decides_notes=holds(viewer(), ANSWER_INCIDENT),
        prepares=may(viewer(), PREPARE_ASSESSMENT, assessment),
        makes_papers=not masked and may(viewer(), EXPORT_NAMES, assessment),
        changes_it=may(viewer(), WITHDRAW_ASSESSMENT, assessment),
        prints_card=may(viewer(), BOOK_SHIFT, assessment) and assessment.state in UNDER_ASSESSMENT,
        **WORDS,
    )


@bp.get("/<uuid:public_id>/paper")
@needs(SEE_ASSESSMENT)
def paper(public_id: uuid.UUID) -> ResponseReturnValue:
    """His shifts on a sheet to take home; neutral, because others may read it (LOOK)."""
    assessment = find(Assessment, public_id, may=SEE_ASSESSMENT)
    at_the_desk()
    if inspects():
        raise Forbidden()
    booked = lines_of(assessment, now()).coming
    return render_template(
        "volunteers/plan_paper.html",
        assessment=assessment,
        unit=terms_of(assessment, today()).round_minutes,
        lines=booked,
        figures=figures_of([assessment], now())[assessment.id],
        officers=officers_of([one.shift for one in booked]),
        codes={one.id: printed_code(one) for one in booked} if may(viewer(), BOOK_SHIFT, assessment) else {},
        printed_at=moment(now()),
    )


def corrected(assessment: Assessment) -> ColumnElement[bool]:
    """The acts on corrections of somebody's hours."""
    mine = select(Correction.id).join(Attendance, Attendance.id == Correction.attendance_id)
    mine = mine.where(Attendance.assessment_id == assessment.id)
    return (Act.subject_table == Correction.__tablename__) & Act.subject_id.in_(mine)


def _readable(assessment: Assessment) -> set[int]:
    rows = listed(viewer(), CreditEntry, READ_CREDITS).where(CreditEntry.assessment_id == assessment.id)
    return set(db.session.scalars(rows.with_only_columns(CreditEntry.id)))


def _person_url(assessment: Assessment) -> str | None:
    allowed = select(Person.id).where(Person.id == assessment.person_id, access.clause(viewer(), Person, SEE_PEOPLE))
    known = db.session.scalar(allowed) is not None
    return url_for("people.show", public_id=assessment.person.public_id) if known else None


def _case_url(case: Case) -> str | None:
    known = holds(viewer(), SEE_CASE) and may(viewer(), SEE_CASE, case)
    return url_for("cases.show", public_id=case.public_id) if known else None
