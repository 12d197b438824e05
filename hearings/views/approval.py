"""What lies before the chief, decided at a desk or on a phone; and the answer to whoever applied."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from accounts.access import NotFound, listed, may
from accounts.web import find, here, needs, now, person, see_other, today, viewer
from cases.limits import days_left
from cases.words import MEASURES, ROLES
from extensions import db
from hearings.actions.approval import (
    approve_hearing,
    deny_approval,
    grant_approval,
    refuse_hearing,
    reply_deadline,
    return_hearing,
    tell_applicant,
)
from hearings.dates import dates_of
from hearings.forms.approval import AnswerForm, ApprovalForm, FurtherApprovalForm, RefusalForm, ReturnForm
from hearings.models import About, Hearing, HearingApproval, HearingState
from hearings.panels import Missing, Panel
from hearings.rights import APPROVE_HEARING, SEND_NOTICE, reads_inside
from hearings.views.hearings import page_of
from hearings.waiting import before_the_chief
from hearings.words import CLOSED, GROUNDS, KINDS, MATTERS, MODES, outcome_of

bp = Blueprint("hearing_approval", __name__, url_prefix="/hearings")
DECIDED_SHOWN = 10
ANSWER = "answer"


@bp.get("/approvals")
@needs(APPROVE_HEARING)
def index() -> ResponseReturnValue:
    """What waits, oldest first; below, what was decided last."""
    loads = (
        joinedload(HearingApproval.hearing).joinedload(Hearing.case),
        joinedload(HearingApproval.asked_by),
        joinedload(HearingApproval.person),
    )
    waiting = before_the_chief(viewer(), here()).options(*loads)
    decided = listed(viewer(), HearingApproval, APPROVE_HEARING).options(*loads)
    decided = decided.where(HearingApproval.office_id == here().id, HearingApproval.granted.is_not(None))
    decided = decided.order_by(HearingApproval.decided_at.desc(), HearingApproval.id.desc())
    past = joinedload(HearingApproval.hearing).selectinload(Hearing.approvals)  # a refusal was the last word of all
    return render_template(
        "hearings/approvals.html",
        waiting=list(db.session.scalars(waiting)),
        decided=list(db.session.scalars(decided.options(past).limit(DECIDED_SHOWN))),
        kinds=KINDS,
        matters=MATTERS,
        outcome_of=outcome_of,
        on=today(),
    )


def waiting_count() -> int:
    """How much lies before the person who asks; the badge of the navigation."""
    rows = before_the_chief(viewer(), here()).order_by(None)
    return int(db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0)


@bp.get("/<uuid:public_id>/approval")
@needs(APPROVE_HEARING)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    return _page(find(Hearing, public_id, may=APPROVE_HEARING))


def _page(hearing: Hearing, **refused: Any) -> str:
    """The page on which the chief decides; `refused` is the form that was sent, by its name."""
    on = today()
    forms = {"approval": ApprovalForm, "returning": ReturnForm, "refusal": RefusalForm}
    return render_template(
        "hearings/approval.html",
        hearing=hearing,
        case=hearing.case,
        dates=dates_of(hearing, on),
        left=lambda until: days_left(until, on),
        reply=reply_deadline(hearing),
        today=on,
        further=hearing.asked(About.VENUE, About.OUTSIDER),
        open=bool(hearing.asked(About.HEARING)),
        kinds=KINDS,
        grounds=GROUNDS,
        modes=MODES,
        closed=CLOSED,
        matters=MATTERS,
        roles=ROLES,
        measures=MEASURES,
        refused=next(iter(refused), ""),
        **{name: refused.get(name) or form(formdata=None) for name, form in forms.items()},
    )


@bp.post("/<uuid:public_id>/approval")
@needs(APPROVE_HEARING)
def approve(public_id: uuid.UUID) -> ResponseReturnValue:
    hearing = find(Hearing, public_id, may=APPROVE_HEARING)
    form = ApprovalForm.of(lambda form: _page(hearing, approval=form))
    approve_hearing(hearing, person(), now(), form.document.data, form.note.data or "", seen=form.seen.data)
    flash(gettext("Approved. Whoever asked for it and whoever plans it are told."), "good")
    return see_other("hearing_approval.index")


@bp.post("/<uuid:public_id>/return")
@needs(APPROVE_HEARING)
def send_back(public_id: uuid.UUID) -> ResponseReturnValue:
    hearing = find(Hearing, public_id, may=APPROVE_HEARING)
    form = ReturnForm.of(lambda form: _page(hearing, returning=form))
    return_hearing(hearing, person(), now(), form.remark.data, seen=form.seen.data)
    flash(gettext("Sent back with your remark."), "good")
    return see_other("hearing_approval.index")


@bp.post("/<uuid:public_id>/refusal")
@needs(APPROVE_HEARING)
def refuse(public_id: uuid.UUID) -> ResponseReturnValue:
    hearing = find(Hearing, public_id, may=APPROVE_HEARING)
    form = RefusalForm.of(lambda form: _page(hearing, refusal=form))
    refuse_hearing(hearing, person(), now(), form.reasons.data, seen=form.seen.data)
    flash(gettext("Refused. Whoever asked for it reads your reasons."), "good")
    return see_other("hearing_approval.index")


@bp.post("/<uuid:hearing_id>/approvals/<uuid:public_id>/approval")
@needs(APPROVE_HEARING)
def grant(hearing_id: uuid.UUID, public_id: uuid.UUID) -> ResponseReturnValue:
    """Allow a place or an outsider."""
    approval = _further(hearing_id, public_id)
    form = FurtherApprovalForm.of(lambda _: _page(approval.hearing))
    grant_approval(approval, person(), now(), form.document.data or "", form.note.data or "")
    flash(gettext("Approved."), "good")
    return see_other("hearing_approval.show", public_id=hearing_id)


@bp.post("/<uuid:hearing_id>/approvals/<uuid:public_id>/refusal")
@needs(APPROVE_HEARING)
def deny(hearing_id: uuid.UUID, public_id: uuid.UUID) -> ResponseReturnValue:
    approval = _further(hearing_id, public_id)
    form = FurtherApprovalForm.of(lambda _: _page(approval.hearing))
    deny_approval(approval, person(), now(), form.note.data or "")
    flash(gettext("Not approved."), "good")
    return see_other("hearing_approval.show", public_id=hearing_id)


def _further(hearing_id: uuid.UUID, public_id: uuid.UUID) -> HearingApproval:
    """A place or an outsider of this hearing. Raises: NotFound, Forbidden."""
    hearing = find(Hearing, hearing_id, may=APPROVE_HEARING)
    approval = find(HearingApproval, public_id, may=APPROVE_HEARING)
    if approval.hearing_id != hearing.id or approval.about == About.HEARING:
        raise NotFound()
    return approval


@bp.post("/<uuid:public_id>/answer")
@needs(SEND_NOTICE)
def answer(public_id: uuid.UUID) -> ResponseReturnValue:
    """Note that the applicant was told what became of his application."""
    hearing = find(Hearing, public_id, may=SEND_NOTICE)
    form = AnswerForm.of(lambda form: page_of(hearing, **{ANSWER: form}))
    tell_applicant(hearing, form.told_on.data, form.how.data, person(), now())
    flash(gettext("Noted: the applicant has been told."), "good")
    return see_other("hearings.show", public_id=hearing.public_id)


def approval_panel(hearing: Hearing, forms: Mapping[str, Any]) -> Panel | None:
    """What was put before the chief and what he said; the answer to an applicant where it is owed."""
    if not reads_inside(viewer(), hearing):
        return None
    owed = answer_owed(hearing) and may(viewer(), SEND_NOTICE, hearing)
    return Panel(
        "approval",
        gettext("Approval"),
        "hearings/_approval.html",
        {
            "matters": MATTERS,
            "outcome_of": outcome_of,
            "may_decide": bool(hearing.asked()) and may(viewer(), APPROVE_HEARING, hearing),
            "form": forms.get(ANSWER) or (AnswerForm(formdata=None, data={"told_on": today()}) if owed else None),
            "sent": ANSWER in forms,
            "reply": reply_deadline(hearing) if hearing.applicant else None,
            "on": today(),
        },
    )


def answer_owed(hearing: Hearing) -> bool:
    """Whether there is a decision that an applicant has not been told (H-05)."""
    undecided = {HearingState.REQUESTED, HearingState.CANCELLED}
    return bool(hearing.applicant) and hearing.applicant_told_on is None and hearing.state not in undecided


def what_is_missing(hearing: Hearing) -> list[Missing]:
    items = []
    if hearing.state == HearingState.REQUESTED and not hearing.returned:
        decides = may(viewer(), APPROVE_HEARING, hearing)
        url = url_for("hearing_approval.show", public_id=hearing.public_id) if decides else ""
        note = gettext("It lies before the chief prosecutor.")
        items.append(
            Missing(gettext("Approval of the chief prosecutor"), False, note, url, gettext("Review and decide"))
        )
    if hearing.state == HearingState.APPROVED and hearing.approval:
        items.append(Missing(gettext("Approval of the chief prosecutor"), True, hearing.approval.document))
    if answer_owed(hearing):
        url = "#approval" if may(viewer(), SEND_NOTICE, hearing) else ""
        items.append(Missing(gettext("Applicant told"), False, hearing.applicant, url, gettext("Note it")))
    return items
