"""Choosing between two times that differ: a stored act with a reason, both times stay (D-28, I45).

By an officer posted to the shift, or the squad leader; the coordinator never does (TRUST 2).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from accounts.models import Person
from accounts.settings import rule_for
from errors import Refusal
from extensions import db
from record.act import act
from record.course import OffCourse
from volunteers.actions.interests import check_near
from volunteers.actions.ticks import CORRECTABLE, JUDGED_BY_THE_END, NotForOneself, TickReasonNeeded, outcome_of
from volunteers.models.attendance import Attendance, Tick, TickChoice, TickKind


class NoConflict(Refusal):
    code = "no_conflict"
    message = "Here no two times differ (any more)."
    help = "Look at the times as they are now."
    source = "DOMAIN D-28"


def conflict_minutes(attendance: Attendance) -> int:
    shift = attendance.shift
    return int(rule_for("service.tick_conflict", shift.office, shift.starts_on).amount)


def in_conflict(attendance: Attendance, apart: int) -> dict[str, list[Tick]]:
    """The times that differ, by kind: all that stand of a kind of which two are further apart than `apart` minutes."""
    replaced = {tick.replaces_id for tick in attendance.ticks}
    standing: dict[str, list[Tick]] = defaultdict(list)
    for tick in attendance.counting:
        if tick.id not in replaced:
            standing[tick.kind].append(tick)
    return {
        kind: sorted(ticks, key=lambda tick: (tick.at, tick.id))
        for kind, ticks in standing.items()
        if max(t.at for t in ticks) - min(t.at for t in ticks) > timedelta(minutes=apart)
    }


def choose(attendance: Attendance, tick: Tick, by: Person, at: datetime, reason: str) -> TickChoice:
    """Say which of the times that differ counts; the others stay as facts.

    Raises: TickReasonNeeded, NotForOneself, NotWithAnInterest, NobodyElsePosted, OffCourse, NoConflict.
    """
    if not reason.strip():
        raise TickReasonNeeded()
    if attendance.person_id == by.id:
        raise NotForOneself()
    check_near(attendance.shift, attendance.person_id, by)
    facts: dict[str, Any] = {"kind": tick.kind, "stated": tick.at}
    with act("attendance.settle_conflict", attendance, by=by, at=at, reason=reason.strip(), **facts):
        held = select(Attendance).where(Attendance.id == attendance.id).with_for_update(of=Attendance)
        standing = db.session.scalars(held.execution_options(populate_existing=True)).one()
        db.session.expire(standing, ["ticks", "choices"])
        if standing.state not in CORRECTABLE[TickKind.IN]:
            raise OffCourse(state=standing.state)
        if tick not in in_conflict(standing, conflict_minutes(standing)).get(tick.kind, []):
            raise NoConflict()
        choice = TickChoice(
            attendance_id=standing.id,
            office_id=standing.office_id,
            kind=tick.kind,
            tick_id=tick.id,
            up_to_id=max(one.id for one in standing.ticks),
            by_id=by.id,
            chosen_at=at,
            reason=reason.strip(),
        )
        standing.choices.append(choice)
        if tick.kind == TickKind.OUT and standing.outcome in JUDGED_BY_THE_END:
            told = outcome_of(standing, tick.at)
            standing.outcome, standing.fault = told["outcome"], told.get("fault")
        db.session.flush()
    return choice
