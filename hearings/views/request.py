"""Asking for a hearing: the case is chosen, the request written, and amended when it comes back."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import func
from sqlalchemy.orm import joinedload

from accounts.access import holds, listed, may
from accounts.web import find, here, needs, now, person, see_other, today, viewer
from cases.limits import runs_for_case
from cases.models import COUNSEL, Case, CaseStage
from cases.panels import Panel as CasePanel
from cases.rights import SEE_CASE
from extensions import db
from hearings.actions.request import AS_THE_RULE_SAYS, amend_hearing, request_hearing
from hearings.forms.request import RequestForm
from hearings.models import OVER, Hearing, HearingKind, HearingState
from hearings.panels import Missing, Panel
from hearings.rights import AMEND_HEARING, REQUEST_HEARING, SEE_HEARING, reads_inside
from hearings.rules.request import Openness, openness_by_rule
from hearings.views.cancelling import may_cancel
from hearings.words import CLOSED, GROUNDS, KINDS, MODES
from scheduler.deadlines.models import Deadline

bp = Blueprint("hearing_request", __name__)
SHOWN, BY_NUMBER = 50, 5
LEAST_OF_A_NUMBER = 3  # signs: fewer would be a look around
_KIND_OF_STAGE = {CaseStage.ARREST_REVIEW: HearingKind.ARREST_REVIEW, CaseStage.PETITION: HearingKind.CRIMINAL_PETITION}


@bp.get("/hearings/new")
@needs(REQUEST_HEARING)
def new() -> ResponseReturnValue:
    """Choose the case: by number or cause, the nearest limit first.

    Who may ask for a hearing but not see cases (the counter) names one by its number, and learns nothing else of it.
    """
    wanted = request.args.get("q", "").strip().casefold()
    sees = holds(viewer(), SEE_CASE)
    rows = listed(viewer(), Case, REQUEST_HEARING).add_columns(Deadline).outerjoin(Deadline, runs_for_case())
    rows = rows.where(Case.office_id == here().id, Case.stage != CaseStage.CLOSED)
    if wanted:
        number, cause = (func.lower(word).contains(wanted, autoescape=True) for word in (Case.number, Case.cause))
        rows = rows.where(number | cause if sees else number)
    rows = rows.options(joinedload(Case.handler)).order_by(Deadline.due_on.asc().nulls_last(), Case.id)
    shown = SHOWN if sees else BY_NUMBER
    found = db.session.execute(rows.limit(shown)).unique().all() if sees or len(wanted) >= LEAST_OF_A_NUMBER else []
    return render_template(
        "hearings/request_case.html",
        cases=found,
        live=_under_way([case.id for case, _ in found]),
        on=today(),
        wanted=wanted,
        shown=shown,
        sees=sees,
    )


def _under_way(cases: list[int]) -> dict[int, list[Hearing]]:
    """The hearings that are under way in some cases, as far as the viewer sees them."""
    rows = listed(viewer(), Hearing, SEE_HEARING).where(Hearing.case_id.in_(cases), Hearing.state.not_in(OVER))
    found: dict[int, list[Hearing]] = {}
    for hearing in db.session.scalars(rows.order_by(Hearing.id)):
        found.setdefault(hearing.case_id, []).append(hearing)
    return found


@bp.get("/cases/<uuid:public_id>/hearings/new")
@needs(REQUEST_HEARING)
def write(public_id: uuid.UUID) -> ResponseReturnValue:
    case = find(Case, public_id, may=REQUEST_HEARING)
    typed: dict[str, Any] = {"kind": _KIND_OF_STAGE.get(CaseStage(case.stage), HearingKind.NON_PROSECUTION)}
    if _is_counsel(case):
        typed |= {"applicant": person().name, "applied_on": today()}
    return _page(case, None, RequestForm(data=typed))


def _is_counsel(case: Case) -> bool:
    return any(p.person_id == person().id and p.role in COUNSEL for p in case.present_parties)


@bp.post("/cases/<uuid:public_id>/hearings")
@needs(REQUEST_HEARING)
def ask(public_id: uuid.UUID) -> ResponseReturnValue:
    case = find(Case, public_id, may=REQUEST_HEARING)
    form = RequestForm.of(lambda form: _page(case, None, form))
    hearing = request_hearing(case, form.values, by=person(), at=now())
    flash(gettext("Asked for. It lies before the chief prosecutor now."), "good")
    return see_other("hearings.show", public_id=hearing.public_id)


@bp.get("/hearings/<uuid:public_id>/amendment")
@needs(REQUEST_HEARING)
def amendment(public_id: uuid.UUID) -> ResponseReturnValue:
    hearing = find(Hearing, public_id, may=AMEND_HEARING)
    by_rule = openness_by_rule(hearing.kind, hearing.case.minor_on(today()))
    openness = "public" if hearing.is_public else "closed"
    if by_rule == Openness(hearing.is_public, hearing.closed_reason):
        openness = AS_THE_RULE_SAYS
    return _page(hearing.case, hearing, RequestForm(obj=hearing, data={"openness": openness}))


@bp.post("/hearings/<uuid:public_id>/amendment")
@needs(REQUEST_HEARING)
def amend(public_id: uuid.UUID) -> ResponseReturnValue:
    hearing = find(Hearing, public_id, may=AMEND_HEARING)
    again = bool(hearing.returned)
    form = RequestForm.of(lambda form: _page(hearing.case, hearing, form))
    amend_hearing(hearing, form.values, by=person(), at=now())
    said = gettext("Amended. It lies before the chief prosecutor again.") if again else gettext("Amended.")
    flash(said, "good")
    return see_other("hearings.show", public_id=hearing.public_id)


def _page(case: Case, hearing: Hearing | None, form: RequestForm) -> str:
    return render_template(
        "hearings/request.html",
        case=case,
        hearing=hearing,
        form=form,
        minor=case.minor_on(today()) and may(viewer(), SEE_CASE, case),
        sees_case=may(viewer(), SEE_CASE, case),
    )


def request_panel(hearing: Hearing, forms: Any) -> Panel:
    """What is asked for, by whom, and why."""
    open_now = hearing.state == HearingState.REQUESTED
    return Panel(
        "request",
        gettext("What is asked for"),
        "hearings/_request.html",
        {
            "grounds": GROUNDS,
            "modes": MODES,
            "closed": CLOSED,
            "inside": reads_inside(viewer(), hearing),
            "may_amend": open_now and may(viewer(), AMEND_HEARING, hearing),
            "may_withdraw": open_now and may_cancel(hearing),
        },
    )


def what_is_missing(hearing: Hearing) -> list[Missing]:
    """Of the request: what came back is amended; the questions belong into the plan (H-40)."""
    items = []
    if hearing.shown_state == "returned":
        mine = may(viewer(), AMEND_HEARING, hearing)
        url = url_for("hearing_request.amendment", public_id=hearing.public_id) if mine else ""
        items.append(
            Missing(
                gettext("Amended as the chief remarked"), False, hearing.returned, url, gettext("Amend the request")
            )
        )
    if hearing.state == HearingState.APPROVED:
        items.append(Missing(gettext("Questions to be heard"), bool(hearing.questions.strip())))
    return items


def hearings_of_case(case: Case) -> CasePanel | None:
    """The panel on a case's page: its hearings as far as the viewer may see them, and the button that asks for one."""
    if not holds(viewer(), SEE_HEARING):
        return None
    rows = listed(viewer(), Hearing, SEE_HEARING).where(Hearing.case_id == case.id).order_by(Hearing.id.desc())
    found = list(db.session.scalars(rows))
    asks = case.stage != CaseStage.CLOSED and may(viewer(), REQUEST_HEARING, case)
    return CasePanel(
        gettext("Hearings"), "hearings/_of_case.html", {"hearings": found, "kinds": KINDS, "may_request": asks}
    )
