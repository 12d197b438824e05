"""The course of a deadline: started by an act, met by another, in between extended, recounted, excused (DOMAIN 8.8)."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Office, Person
from errors import Refusal
from extensions import db
from law import Rule
from record.act import act
from scheduler.deadlines.calendar import calendar_in_force, hold_calendar
from scheduler.deadlines.counting import Due, Period
from scheduler.deadlines.deadlines import columns_of, counted
from scheduler.deadlines.models import COURSE, Deadline, DeadlineSpell, SpellWord


class PaperMissing(Refusal):
    """An extension rests on a document, an excuse on evidence."""

    code = "paper_missing"
    status = 422
    message = "Say which paper this rests on."
    help = "Give the number of the document, or what proves it."
    source = "DOMAIN 8.8"


class MomentMissing(Refusal):
    """A rule in hours needs the minute it starts."""

    code = "moment_missing"
    status = 422
    message = "“%(key)s” is counted in hours: the minute it starts is needed."
    help = "Give the hour and minute as well."
    source = "DOMAIN C-01"


def start_deadline(
    subject: Any,
    rule: Rule,
    start: date,
    *,
    office: Office,
    by: Person | None,
    at: datetime,
    custody: bool = False,
    criminal: bool = False,
    responsible: Person | None = None,
    role: str = "",
) -> Deadline:
    """Start what `subject` (a stored row) owes by a rule; the rule is frozen with it (I49).

    `start`: the local day of the event; for hours the moment, with its zone.
    Raises: MomentMissing, what counting refuses.
    """
    moment = start if isinstance(start, datetime) else None
    if rule.unit == "hour" and moment is None:
        raise MomentMissing(key=rule.key)
    zone = ZoneInfo(office.zone)
    deadline = Deadline(
        office_id=office.id,
        office=office,
        subject_table=subject.__tablename__,
        subject_id=subject.id,
        rule_key=rule.key,
        rule_version=None if rule.version == "default" else uuid.UUID(rule.version),
        amount=rule.amount,
        unit=rule.unit,
        roll=rule.roll,
        criminal=criminal,
        custody=custody,
        starts_on=moment.astimezone(zone).date() if moment else start,
        starts_at=moment if rule.unit == "hour" else None,
        responsible_id=responsible.id if responsible else None,
        responsible_role=role,
    )
    with act("deadline.start", deadline, by=by, at=at, rule=rule.key, source=rule.source):
        hold_calendar(change=False)
        for name, value in columns_of(deadline, counted(deadline, calendar_in_force(office), spells=())).items():
            setattr(deadline, name, value)
        db.session.add(deadline)
    return deadline


def meet_deadline(
    deadline: Deadline, *, by: Person | None, at: datetime, evidence: str, met_at: datetime | None = None
) -> None:
    """Meet it: `met` on or before the due day (for hours the due moment), `late` after it. Raises: OffCourse."""
    done = met_at or at
    step = "meet" if _in_time(deadline, done) else "meet_late"
    with act("deadline.meet", deadline, by=by, at=at, in_time=step == "meet"):
        COURSE.step(step, deadline, met_at=done, evidence=evidence)


def _in_time(deadline: Deadline, done: datetime) -> bool:
    if deadline.due_at is not None:
        return done <= deadline.due_at
    return deadline.due_on is None or done.astimezone(ZoneInfo(deadline.office.zone)).date() <= deadline.due_on


def extend_deadline(
    deadline: Deadline, period: Period, *, document: str, on: date, by: Person | None, at: datetime, reason: str = ""
) -> None:
    """Extend it: the period is joined to what ran before and the end moves once (C-16).

    `on` is the date of the document. Raises: PaperMissing, OffCourse, what counting refuses.
    """
    if not document.strip():
        raise PaperMissing()
    spell = DeadlineSpell(
        deadline_id=deadline.id,
        kind=SpellWord.EXTENDED,
        happened_on=on,
        amount=period.amount,
        unit=period.unit,
        document=document,
    )
    with act("deadline.extend", deadline, by=by, at=at, reason=reason) as current:
        _tell(deadline, "extend", spell, deadline.custody, current.facts)


def recount_deadline(
    deadline: Deadline,
    *,
    by: Person | None,
    at: datetime,
    reason: str,
    spell: DeadlineSpell | None = None,
    custody: bool | None = None,
) -> None:
    """Count it anew: custody begins or ends (C-02), a spell of a limit was recorded (D-15). Old and new due are noted.

    `spell` is a new `DeadlineSpell(kind, happened_on, document)`. Raises: OffCourse, what counting refuses.
    """
    with act("deadline.recount", deadline, by=by, at=at, reason=reason) as current:
        _tell(deadline, "recount", spell, deadline.custody if custody is None else custody, current.facts)


def _tell(deadline: Deadline, step: str, spell: DeadlineSpell | None, custody: bool, facts: dict[str, Any]) -> None:
    """Record what happened, count anew and take the step, inside the act under way."""
    hold_calendar(change=False)
    told = list(deadline.spells)
    if spell is not None:
        spell.deadline_id = deadline.id
        told.append(spell)
    due = counted(deadline, calendar_in_force(deadline.office), spells=told, custody=custody)
    recount(deadline, due, facts, step=step, custody=custody)
    if spell is not None:
        db.session.add(spell)
        db.session.flush()
        db.session.expire(deadline, ["spells"])


def recount(deadline: Deadline, due: Due | None, facts: dict[str, Any], step: str = "recount", **columns: Any) -> None:
    """Take the step with what counting gave, inside the act under way; `facts` receives old and new due."""
    facts["old"] = deadline.due_at or deadline.due_on
    COURSE.step(step, deadline, **columns_of(deadline, due), **columns)
    facts["new"] = deadline.due_at or deadline.due_on


def entrust_deadline(deadline: Deadline, to: Person, *, by: Person | None, at: datetime, reason: str) -> None:
    """Somebody else answers for it from now on."""
    with act("deadline.entrust", deadline, by=by, at=at, reason=reason):
        deadline.responsible_id = to.id


def excuse_deadline(
    deadline: Deadline, *, code: str, evidence: str, by: Person, at: datetime, reason: str = ""
) -> None:
    """Excuse it, by a code and its evidence (P-06). Raises: PaperMissing, OffCourse."""
    if not evidence.strip():
        raise PaperMissing()
    with act("deadline.excuse", deadline, by=by, at=at, reason=reason):
        COURSE.step("excuse", deadline, excuse=code, evidence=evidence)


def cancel_deadline(deadline: Deadline, *, by: Person | None, at: datetime, reason: str) -> None:
    """Cancel it: its subject ended, was merged or transferred. Raises: OffCourse."""
    with act("deadline.cancel", deadline, by=by, at=at, reason=reason):
        COURSE.step("cancel", deadline)
