"""What waits for somebody in hearings: the chief's decisions, requests that came back, hearings without a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from accounts.access import Viewer, grants_of, listed
from accounts.models import Office, Role
from cases.limits import runs_for_case
from cases.models import Case
from cases.pending import Pending
from extensions import db
from hearings.actions.approval import REPLY
from hearings.models import OVER, About, Hearing, HearingApproval, HearingKind, HearingState, SittingState
from hearings.rights import AMEND_HEARING, APPROVE_HEARING, PLAN_HEARING, SEND_NOTICE
from hearings.words import KINDS, MATTERS
from scheduler.calendar.desk import Wait
from scheduler.deadlines.models import Deadline, DeadlineState

CLOSED = (HearingState.REFUSED, HearingState.CANCELLED, HearingState.CLOSED)


def waiting(viewer: Viewer, office: Office, now: datetime) -> Iterator[Wait]:
    """Everything, each with its one button; what has no date in the order in which it came."""
    yield from _before_the_chief(viewer, office)
    yield from _came_back(viewer, office)
    yield from _to_plan(viewer, office)
    yield from _to_be_told(viewer, office)


def not_closed(case: Case, now: datetime) -> Pending | None:
    """What is still open of the hearings of a case: what hangs on their opinion waits until they are closed (8.5)."""
    rows = select(Hearing).where(Hearing.case_id == case.id, Hearing.state.not_in(CLOSED))
    found = {Pending.AHEAD if _still_to_be_held(hearing, now) else Pending.HELD for hearing in db.session.scalars(rows)}
    return next((one for one in Pending if one in found), None)


def _still_to_be_held(hearing: Hearing, now: datetime) -> bool:
    """Asked for, or adjourned, or with a sitting that is not over."""
    if hearing.state == HearingState.CONCLUDED:
        return False
    live = [one for one in hearing.sittings if one.state != SittingState.CANCELLED]
    return hearing.state == HearingState.ADJOURNED or not live or any(one.event.ends_at > now for one in live)


def before_the_chief(viewer: Viewer, office: Office) -> Select[Any]:
    """What waits for the viewer's decision in an office, oldest first."""
    rows = listed(viewer, HearingApproval, APPROVE_HEARING).join(Hearing, HearingApproval.hearing_id == Hearing.id)
    rows = rows.where(
        HearingApproval.office_id == office.id, HearingApproval.granted.is_(None), Hearing.state.not_in(OVER)
    )
    return rows.order_by(HearingApproval.asked_at, HearingApproval.id)


def _before_the_chief(viewer: Viewer, office: Office) -> Iterator[Wait]:
    rows = before_the_chief(viewer, office).options(joinedload(HearingApproval.hearing).joinedload(Hearing.case))
    asked = list(db.session.scalars(rows))
    replies = _replies([approval.hearing_id for approval in asked])
    for approval in asked:
        hearing = approval.hearing
        yield Wait(
            _asked(approval),
            url_for("hearing_approval.show", public_id=hearing.public_id),
            gettext("Review and decide"),
            _about(hearing),
            replies.get(hearing.id),
            "gavel",
        )


def _asked(approval: HearingApproval) -> str:
    if approval.about == About.HEARING:
        return gettext("A hearing to decide on")
    return gettext("A hearing to decide on: %(what)s", what=MATTERS[About(approval.about)])


def _came_back(viewer: Viewer, office: Office) -> Iterator[Wait]:
    """To whoever asked, and to whoever handles the case."""
    rows = _hearings(viewer, office, AMEND_HEARING, HearingState.REQUESTED).where(Hearing.returned != "")
    me = viewer.people(Role.PROSECUTOR, office.id)
    rows = rows.where(or_(Hearing.requested_by_id == viewer.person.id, Case.handler_id.in_(me)))
    for hearing, _ in db.session.execute(rows):
        url = url_for("hearing_request.amendment", public_id=hearing.public_id)
        yield Wait(gettext("A request came back"), url, gettext("Amend it"), _about(hearing), icon="arrow-back-up")


def _to_plan(viewer: Viewer, office: Office) -> Iterator[Wait]:
    """Approved, without a time: due by the limit of the case."""
    for hearing, limit in db.session.execute(_hearings(viewer, office, PLAN_HEARING, HearingState.APPROVED)):
        url = url_for("hearings.show", public_id=hearing.public_id)
        due = limit.due_on if limit else None
        yield Wait(gettext("A hearing without a time"), url, gettext("Plan it"), _about(hearing), due, "calendar-plus")


def _to_be_told(viewer: Viewer, office: Office) -> Iterator[Wait]:
    """Decided, but the applicant has not been told (H-05): for the prosecutor and the clerk of the case."""
    decided = [state for state in HearingState if state not in {HearingState.REQUESTED, HearingState.CANCELLED}]
    rows = _hearings(viewer, office, SEND_NOTICE, *decided)
    rows = rows.where(Hearing.applicant != "", Hearing.applicant_told_on.is_(None))
    if not any(grant.scope == "a" for _, grant in grants_of(viewer, SEND_NOTICE)):
        return
    found = [hearing for hearing, _ in db.session.execute(rows)]
    replies = _replies([hearing.id for hearing in found])
    for hearing in found:
        url = url_for("hearings.show", public_id=hearing.public_id, _anchor="approval")
        yield Wait(
            gettext("An applicant to be told"),
            url,
            gettext("Note it"),
            _about(hearing),
            replies.get(hearing.id),
            "phone",
        )


def _hearings(viewer: Viewer, office: Office, permission: str, *states: str) -> Select[Any]:
    """Hearings in some states that a permission reaches, each with the running limit of its case, oldest first."""
    rows = listed(viewer, Hearing, permission).join(Case, Hearing.case_id == Case.id).add_columns(Deadline)
    rows = rows.outerjoin(Deadline, runs_for_case()).options(joinedload(Hearing.case))
    return rows.where(Hearing.office_id == office.id, Hearing.state.in_(states)).order_by(
        Hearing.requested_at, Hearing.id
    )


def _replies(ids: list[int]) -> dict[int, date]:
    """Until when applicants are owed an answer."""
    rows = select(Deadline.subject_id, Deadline.due_on).where(
        Deadline.subject_table == Hearing.__tablename__,
        Deadline.subject_id.in_(ids),
        Deadline.rule_key == REPLY,
        Deadline.state == DeadlineState.RUNNING,
        Deadline.due_on.is_not(None),
    )
    return {row.subject_id: row.due_on for row in db.session.execute(rows)} if ids else {}


def _about(hearing: Hearing) -> str:
    return f"{hearing.case.number} · {KINDS[HearingKind(hearing.kind)]}"
