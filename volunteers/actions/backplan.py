"""The back-plan of an assessment, kept in step with its case; each change is a row, so that it can be told (8.9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from accounts.actions.memberships import local_day
from accounts.models import Office
from accounts.settings import in_force
from cases.actions.limits import follows_limit
from cases.actions.reassigning import follows_handler
from cases.limits import Counting, end_of_bail, limit_of
from cases.models import Case, Party
from extensions import db
from record.act import act, plain
from scheduler.deadlines.calendar import follows_calendar
from volunteers.models.assessment import UNDER_ASSESSMENT, Assessment, BackPlanned
from volunteers.rules.backplan import BackPlan, Chain, Wanted, plan_back
from volunteers.rules.schemes import Terms
from volunteers.terms import terms_of

CHAIN = ("hearing.buffer_before_case_limit", "hearing.notice_days", "hearing.notice_clear_days")
DATES = (
    "limit_on",
    "bail_on",
    "hearing_by",
    "told_safe",
    "told_lawful",
    "evaluation_by",
    "window_first",
    "window_last",
)
Moved = dict[str, tuple[date | None, date | None]]


@dataclass(frozen=True)
class Counted:
    """A back-plan with what it was counted from."""

    plan: BackPlan
    limit_on: date | None
    bail_on: date | None


def plan_for(  # noqa: PLR0917 - who in which case, the terms, and how the period is meant
    case: Case,
    suspect: Party | None,
    terms: Terms,
    on: date,
    required: int,
    first_on: date | None = None,
    last_on: date | None = None,
    *,
    with_hearing: bool = True,
    done: int = 0,
    from_today: bool = True,
) -> Counted:
    """Count the back-plan of a suspect in a case, as it stands on a day. `from_today`: past days are gone.

    The review limit is the case's, and ends on the exact day while anybody in it is held (C-02). Liberty and bail are
    his own: what another suspect is under neither keeps him from a crossing nor ends his service (D-11, 8.9).
    """
    counting = Counting.of(case.office, on)
    limit = limit_of(case, on, counting)
    bail_on = end_of_bail(suspect, counting) if suspect else None
    by = {"review_limit": limit.on, "bail_limit": bail_on, "entered_date": case.limit_on}[terms.limit_basis]
    wanted = Wanted(
        received_on=case.received_on,
        limit_on=by,
        bail_on=bail_on,
        in_custody=suspect is not None and suspect.in_custody,
        required=required,
        shift=terms.shift,
        a_day=terms.max_day_minutes,
        done=done,
        window_from=terms.window_from,
        first_on=first_on,
        last_on=last_on,
        on=on if from_today else None,
    )
    chain = _chain(case.office, terms, on, with_hearing)
    return Counted(plan_back(wanted, chain, counting.calendar), by, bail_on)


def _chain(office: Office, terms: Terms, on: date, with_hearing: bool) -> Chain:
    held = in_force(office, on, CHAIN)
    buffer, lax, strict = (held[key].rule.amount for key in CHAIN)
    return Chain(terms.intake_working_days, terms.evaluation_working_days, buffer, lax, strict, with_hearing)


def plan_of(assessment: Assessment, on: date, done: int = 0) -> BackPlan:
    """The back-plan of an assessment as it stands today: what is past is gone, what is done counts."""
    return _counted(assessment, on, done, from_today=True).plan


def _counted(assessment: Assessment, on: date, done: int = 0, *, from_today: bool) -> Counted:
    return plan_for(
        assessment.case,
        assessment.suspect,
        terms_of(assessment, on),
        on,
        assessment.required_minutes,
        assessment.first_on,
        assessment.last_on,
        with_hearing=assessment.with_hearing,
        done=done,
        from_today=from_today,
    )


def follow_plan(assessment: Assessment, by: Any, at: datetime, why: str = "") -> None:
    """Count the plan anew inside the act under way; where a date or the verdict has changed it is written as a row,
    and a change after the first one is an act of its own, so that it is told."""
    on = local_day(assessment.office, at)
    counted = _counted(assessment, on, from_today=False)
    assessment.limit_on, assessment.bail_on = counted.limit_on, counted.bail_on
    plan = counted.plan
    facts: dict[str, Any] = {name: getattr(plan, name) for name in DATES if name != "bail_on"}
    facts |= {"bail_on": counted.bail_on, "working_days": plan.working_days, "most": plan.most}
    facts |= {"verdict": plan.verdict, "doubts": plain([asdict(doubt) for doubt in plan.doubts])}
    last = last_plan(assessment)
    if last is not None and all(getattr(last, name) == value for name, value in facts.items()):
        return
    row = BackPlanned(assessment_id=assessment.id, office_id=assessment.office_id, made_at=at, why=why, **facts)
    if last is None:
        db.session.add(row)
        db.session.flush()
        return
    told = {"limit": plain(counted.limit_on), "verdict": plan.verdict, "before": last.verdict}
    with act("assessment.replan", assessment, by=by, at=at, reason=why, **told):
        db.session.add(row)


def plans_of(assessment: Assessment) -> list[BackPlanned]:
    """Every back-plan of an assessment, newest first."""
    mine = select(BackPlanned).where(BackPlanned.assessment_id == assessment.id)
    return list(db.session.scalars(mine.order_by(BackPlanned.id.desc())))


def last_plan(assessment: Assessment) -> BackPlanned | None:
    mine = select(BackPlanned).where(BackPlanned.assessment_id == assessment.id)
    return db.session.scalar(mine.order_by(BackPlanned.id.desc()).limit(1))


def changes(plans: list[BackPlanned]) -> list[tuple[BackPlanned, Moved]]:
    """What each plan changed against the one before it: date by its name, from and to. Newest first."""
    told: list[tuple[BackPlanned, Moved]] = []
    for row, before in pairwise(plans):
        moved = {n: (getattr(before, n), getattr(row, n)) for n in DATES if getattr(before, n) != getattr(row, n)}
        told.append((row, moved))
    return told


def _live(offices: Iterable[int] | None = None, case_id: int | None = None) -> list[Assessment]:
    query = select(Assessment).where(Assessment.state.in_(UNDER_ASSESSMENT)).order_by(Assessment.id)
    if offices is not None:
        query = query.where(Assessment.office_id.in_(list(offices)))
    if case_id is not None:
        query = query.where(Assessment.case_id == case_id)
    return list(db.session.scalars(query))


@follows_limit
def _after_the_limit(case: Case, by: Any, at: datetime, reason: str) -> None:
    """D-15: extension, return, re-receipt, change of jurisdiction, custody."""
    if case.id is not None:
        for assessment in _live(case_id=case.id):
            follow_plan(assessment, by, at, reason)


@follows_handler
def _after_the_handler(case: Case, had_it: int, by: Any, at: datetime, reason: str) -> None:
    """T14: whoever had the case has its people under assessment no longer."""
    for assessment in _live(case_id=case.id):
        if assessment.prosecutor_id == had_it:
            with act("assessment.reassign", assessment, by=by, at=at, reason=reason):
                assessment.prosecutor_id = case.handler_id


@follows_calendar
def _after_the_calendar(offices: Iterable[int] | None, by: Any, at: datetime, reason: str) -> None:
    """C-11: an imported list or a corrected day."""
    for assessment in _live(offices):
        follow_plan(assessment, by, at, reason)
