"""Proposing an assessment: the form, and beside it what it would be, counted anew as it is filled in."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import joinedload

from accounts.access import holds, listed, may
from accounts.web import find, needs, now, person, see_other, today, viewer
from cases.masking import masked_name
from cases.models import Case, CaseStage, Party
from cases.panels import Panel
from extensions import db
from law import Doubt
from volunteers.actions.backplan import plan_for
from volunteers.actions.proposing import look, propose, suspects_of
from volunteers.forms.fields import show_at_field
from volunteers.forms.proposing import ProposalForm
from volunteers.models.assessment import UNDER_ASSESSMENT, Assessment, ServiceProof
from volunteers.rights import RUN_ASSESSMENT, SEE_ASSESSMENT
from volunteers.rules.backplan import LEVELS, BackPlan
from volunteers.rules.proposing import NoSuspect
from volunteers.rules.schemes import Terms, Tier
from volunteers.scheme_words import say_tier
from volunteers.terms import scheme_in_force, terms_in_force
from volunteers.views.assessments import inspects, watches

bp = Blueprint("proposing", __name__, url_prefix="/cases/<uuid:public_id>/assessments")


@dataclass(frozen=True)
class Seen:
    """What stands beside the form. `minutes` are asked in all: as typed, or by a tier and with `extra` where something
    aggravates."""

    minutes: int
    typed: bool
    tier: str
    extra: int
    plan: BackPlan
    doubts: list[Doubt]
    proof: ServiceProof | None


@bp.get("/new")
@needs(RUN_ASSESSMENT)
def write(public_id: uuid.UUID) -> ResponseReturnValue:
    case = find(Case, public_id, may=RUN_ASSESSMENT)
    return _page(case, ProposalForm(formdata=None, suspects=free_suspects(case), data=_suggested(case)))


def _suggested(case: Case) -> dict[str, Any]:
    """The window of the back-plan, no longer than the scheme's period and never beyond bail."""
    terms = terms_in_force(case.office, today())
    free = free_suspects(case)
    counted = plan_for(case, free[0] if free else None, terms, today(), terms.required_minutes)
    first = counted.plan.window_first
    bounds = (counted.plan.window_last, counted.bail_on, first + timedelta(days=terms.period_days - 1))
    last: date = min(day for day in bounds if day is not None)
    wanted = {"suspect": str(free[0].public_id)} if free else {}
    return {**wanted, "first_on": first, "last_on": max(first, last), "with_hearing": True, "pleaded": False}


@bp.get("/back-plan")
@needs(RUN_ASSESSMENT)
def back_plan(public_id: uuid.UUID) -> ResponseReturnValue:
    """The part beside the form, for what is typed so far. Who it is about does not travel in the address."""
    case = find(Case, public_id, may=RUN_ASSESSMENT)
    form = ProposalForm(request.args, suspects=free_suspects(case), meta={"csrf": False})
    form.validate()
    return render_template("volunteers/_proposal.html", **_beside(case, form))


@bp.post("")
@needs(RUN_ASSESSMENT)
def enter(public_id: uuid.UUID) -> ResponseReturnValue:
    case = find(Case, public_id, may=RUN_ASSESSMENT)
    form = ProposalForm.of(lambda form: _page(case, form), suspects=free_suspects(case))
    if form.chosen is None:
        raise NoSuspect()
    made = propose(form.chosen, form.proposal, form.number, person(), now(), form.reason.data or "")
    flash(gettext("Proposed. The notice of matters comes next: risks, voluntary, data."), "good")
    return see_other("assessments.show", public_id=made.public_id)


def _page(case: Case, form: ProposalForm) -> str:
    refusal = g.get("refusal")
    show_at_field(form, refusal)
    unknown = [one for one in free_suspects(case) if one.person is None or not one.person.id_number]
    return render_template(
        "volunteers/proposal.html",
        case=case,
        form=form,
        refused=refusal,
        all_known=not unknown,
        terms=terms_in_force(case.office, today()),
        **_beside(case, form),
    )


def _beside(case: Case, form: ProposalForm) -> dict[str, Any]:
    scheme = scheme_in_force(case.office_id)
    return {"seen": _seen(case, form), "scheme": scheme}


def _seen(case: Case, form: ProposalForm) -> Seen | None:
    """What the form would be, as far as it is filled in; None where not even its days can be read."""
    first, last = form.first_on.data, form.last_on.data
    if form.chosen is None or first is None or last is None or last < first:
        return None
    terms, typed = terms_in_force(case.office, today()), form.hours.data or None
    measured = None if form.bac.errors else form.bac.data
    asked = replace(form.proposal, bac_hundredths=measured)
    found = look(form.chosen, asked, now(), form.number if not form.id_number.errors else "")
    doubts = _refusals_first(found.doubts)
    if measured is None:  # an empty form is not reproached with a box that is not ticked yet
        doubts = [doubt for doubt in doubts if doubt.code != "no_plea"]
    tier = "" if typed or measured is None else _tier(terms, measured)
    extra = terms.aggravator_extra_minutes if form.aggravating.data and measured is not None and not typed else 0
    return Seen(found.minutes, typed is not None, tier, extra, found.counted.plan, doubts, found.proof)


def _refusals_first(doubts: Any) -> list[Doubt]:
    return sorted(doubts, key=lambda doubt: -LEVELS.index(doubt.level))


def _tier(terms: Terms, bac_hundredths: int) -> str:
    """The tier somebody falls into, in words."""

    def holds_it(tier: Tier) -> bool:
        return tier.bac_min * 100 <= bac_hundredths and (tier.bac_max is None or bac_hundredths < tier.bac_max * 100)

    return next((say_tier(tier) for tier in terms.tiers if holds_it(tier)), "")


def free_suspects(case: Case) -> list[Party]:
    """The suspects of a case who are not under assessment in it."""
    standing = {one.person_id for one in _assessments_of(case) if one.state in UNDER_ASSESSMENT}
    return [one for one in suspects_of(case) if one.person_id is None or one.person_id not in standing]


def _assessments_of(case: Case) -> list[Assessment]:
    """Those the viewer may see, the newest first."""
    rows = listed(viewer(), Assessment, SEE_ASSESSMENT).where(Assessment.case_id == case.id)
    return list(db.session.scalars(rows.options(joinedload(Assessment.person)).order_by(Assessment.id.desc())))


def assessments_of_case(case: Case) -> Panel | None:
    """The panel on a case's page: whoever serves in it, and the button that proposes somebody."""
    if not watches(viewer()):
        return None
    found = _assessments_of(case)
    runs = case.stage != CaseStage.CLOSED and holds(viewer(), RUN_ASSESSMENT) and may(viewer(), RUN_ASSESSMENT, case)
    if not found and not runs:
        return None
    name = masked_name if inspects() else str
    values = {"assessments": found, "name": name, "may_propose": runs, "free": free_suspects(case) if runs else []}
    return Panel(gettext("Traffic service"), "volunteers/_of_case.html", values)
