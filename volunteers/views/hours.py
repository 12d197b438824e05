"""My hours: how far a volunteer's service has come, each figure with its lines, and the next shift."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from accounts.web import here, needs, now, person, today
from extensions import db
from volunteers.actions.corrections import disputable, disputed
from volunteers.actions.equipment import missing
from volunteers.actions.evaluation import evaluation_of
from volunteers.actions.obstacles import assessment_at
from volunteers.actions.scan import at_hand
from volunteers.figures import figures_of, lines_of, pace_of
from volunteers.models.assessment import UNDER_ASSESSMENT
from volunteers.models.attendance import Attendance
from volunteers.models.ledger import CreditKind
from volunteers.rights import READ_CREDITS
from volunteers.rules.pace import asked, served
from volunteers.rules.pace import missing as still
from volunteers.terms import terms_of
from volunteers.words import GRADED

bp = Blueprint("hours", __name__)
bp.app_template_filter("hours_served")(served)
bp.app_template_filter("hours_missing")(still)
bp.app_template_filter("hours_asked")(asked)


@bp.get("/hours")
@needs(READ_CREDITS)
def mine() -> ResponseReturnValue:
    """The viewer's own service at the office at work; nobody else's, whatever his role."""
    office, at = here(), now()
    assessment = assessment_at(person(), office.id)
    if assessment is None:
        return render_template("volunteers/hours.html", assessment=None)
    lines = lines_of(assessment, at)
    figures = figures_of([assessment], at)[assessment.id]
    terms = terms_of(assessment, today())
    return render_template(
        "volunteers/hours.html",
        assessment=assessment,
        figures=figures,
        lines=lines,
        at_hand=at_hand(person(), at),
        pace=pace_of(assessment, figures, today()),
        unit=terms.round_minutes,
        shift=terms.shift,
        days_left=(assessment.last_on - today()).days,
        at=at,
        disputable=disputable,
        live={one.id for one in lines.credits if one.kind == CreditKind.CREDIT}
        - {one.reverses_id for one in lines.credits},
        disputed=disputed(assessment),
        with_him=db.session.scalars(missing().where(Attendance.assessment_id == assessment.id)).all(),
        evaluation=evaluation_of(assessment),
        graded=GRADED,
        ended=assessment.state not in UNDER_ASSESSMENT,
    )
