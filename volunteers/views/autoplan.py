"""A plan of shifts for everybody: made, looked at person by person, booked with those who agree."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from accounts.access import Forbidden, holds, listed
from accounts.web import find, here, needs, now, person, see_other, viewer
from extensions import db
from volunteers.actions import autoplan
from volunteers.forms.autoplan import PlanForm, TakingForm, WishesForm
from volunteers.models.assessment import Assessment
from volunteers.models.plans import DraftPlan
from volunteers.models.shifts import Shift
from volunteers.rights import BOOK_SHIFT, KEEP_SHIFTS
from volunteers.words import GATES, LEFT_OUT

bp = Blueprint("autoplan", __name__, url_prefix="/shifts/plans")
wishes = Blueprint("autoplan_wishes", __name__, url_prefix="/assessments")


def _at_the_desk() -> None:
    """A volunteer books for himself only. Raises: Forbidden."""
    if not holds(viewer(), KEEP_SHIFTS):
        raise Forbidden()


@bp.get("")
@needs(BOOK_SHIFT)
def index() -> ResponseReturnValue:
    _at_the_desk()
    return _index(PlanForm(formdata=None))


def _index(form: PlanForm) -> str:
    plans = listed(viewer(), DraftPlan, BOOK_SHIFT).where(DraftPlan.office_id == here().id)
    newest = db.session.scalars(plans.order_by(DraftPlan.id.desc()).limit(10))
    return render_template("volunteers/plans.html", form=form, plans=list(newest))


@bp.post("")
@needs(BOOK_SHIFT)
def make() -> ResponseReturnValue:
    _at_the_desk()
    form = PlanForm.of(_index)
    plan = autoplan.draft_plan(here(), form.days.data, person(), now())
    return see_other("autoplan.show", public_id=plan.public_id)


@bp.get("/<uuid:public_id>")
@needs(BOOK_SHIFT)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    plan = find(DraftPlan, public_id, may=BOOK_SHIFT)
    return _page(plan, TakingForm(formdata=None, keys=plan.turns))


@dataclass(frozen=True)
class Line:
    """One person of a plan; `why` with the page that helps."""

    key: str
    assessment: Assessment
    shifts: list[Shift]
    short: int
    later: int
    why: str
    helps: str


def _page(plan: DraftPlan, form: TakingForm, refused: Any = ()) -> str:
    people, shifts = autoplan.people_of(plan), autoplan.shifts_of(plan)
    lines = [_line(plan, key, one, shifts) for key, one in people.items()]
    lines.sort(key=lambda line: (-line.short, -line.later, line.assessment.last_on, line.assessment.id))
    return render_template(
        "volunteers/plan.html",
        plan=plan,
        form=form,
        lines=lines,
        refused=refused,
        last_on=plan.made_on + timedelta(days=plan.days),
        not_begun=autoplan.not_begun(here()) if plan.discarded_at is None else [],
        time_over=autoplan.time_over(here(), plan.made_on) if plan.discarded_at is None else [],
    )


def _line(plan: DraftPlan, key: str, one: Assessment, shifts: Mapping[str, Shift]) -> Line:
    why = plan.why.get(key, "")
    return Line(
        key=key,
        assessment=one,
        shifts=[shifts[i] for i in plan.turns.get(key, ()) if i in shifts],
        short=plan.short.get(key, 0),
        later=plan.later.get(key, 0),
        why=str(LEFT_OUT[why]) if why else "",
        helps=_helps(why, one) if why else "",
    )


def _helps(why: str, one: Assessment) -> str:
    """The page on which what kept somebody out can be mended."""
    if why in GATES:
        return url_for("preparing.show", public_id=one.public_id)
    if why in ("too_few", "full"):
        return url_for("opening.show")
    return url_for("assessments.show", public_id=one.public_id)


@bp.post("/<uuid:public_id>/taking")
@needs(BOOK_SHIFT)
def take(public_id: uuid.UUID) -> ResponseReturnValue:
    plan = find(DraftPlan, public_id, may=BOOK_SHIFT)
    form = TakingForm.of(lambda form: _page(plan, form), keys=plan.turns)
    taken = autoplan.take_plan(plan, form.chosen.data, person(), now(), form.reason.data)
    if taken.booked or taken.refused:
        flash(
            ngettext("%(num)d shift is booked.", "%(num)d shifts are booked.", taken.booked),
            "good" if taken.booked else "wait",
        )
    else:
        flash(gettext("Nothing was left to book: it is booked already, or its shifts were cancelled."), "wait")
    if taken.refused:
        return _page(plan, form, taken.refused)
    return see_other("autoplan.show", public_id=public_id)


@bp.post("/<uuid:public_id>/discarding")
@needs(BOOK_SHIFT)
def discard(public_id: uuid.UUID) -> ResponseReturnValue:
    plan = find(DraftPlan, public_id, may=BOOK_SHIFT)
    autoplan.discard_plan(plan, person(), now())
    flash(gettext("The plan is put away; nothing was booked."), "good")
    return see_other("autoplan.index")


@wishes.post("/<uuid:public_id>/wishes")
@needs(BOOK_SHIFT)
def wish(public_id: uuid.UUID) -> ResponseReturnValue:
    """When somebody would rather not serve: his own word, or entered for him at the desk."""
    assessment = find(Assessment, public_id, may=BOOK_SHIFT)
    form = WishesForm.of(lambda form: _page_of_wishes(assessment, form))
    autoplan.wish(assessment, form.wishes.data or (), person(), now())
    flash(gettext("Entered. What is booked already stays as it is."), "good")
    return see_other("autoplan_wishes.show_wishes", public_id=public_id)


@wishes.get("/<uuid:public_id>/wishes")
@needs(BOOK_SHIFT)
def show_wishes(public_id: uuid.UUID) -> ResponseReturnValue:
    assessment = find(Assessment, public_id, may=BOOK_SHIFT)
    return _page_of_wishes(assessment, WishesForm(formdata=None, data={"wishes": assessment.wishes}))


def _page_of_wishes(assessment: Assessment, form: WishesForm) -> str:
    own = assessment.person_id == person().id
    return render_template("volunteers/wishes.html", assessment=assessment, form=form, own=own)
