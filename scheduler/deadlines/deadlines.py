"""Counting stored deadlines: one row with its spells, or all that a change of the calendar crosses (DOMAIN 8.8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from accounts.models import Setting
from extensions import db
from record.invariants import invariant
from scheduler.deadlines.calendar import calendars
from scheduler.deadlines.counting import Due, Manner, Period, count_joined
from scheduler.deadlines.limit import Spell, count_limit
from scheduler.deadlines.models import Deadline, DeadlineSpell, DeadlineState, SpellWord
from scheduler.deadlines.working_days import Calendar


def counted(
    deadline: Deadline,
    calendar: Calendar,
    spells: Sequence[DeadlineSpell] | None = None,
    custody: bool | None = None,
) -> Due | None:
    """Count a deadline anew from the rule it started under and its spells; None while none runs.

    `spells` and `custody` stand in for the stored ones, to count what is about to happen.
    Raises: what `count_joined` and `count_limit` refuse.
    """
    told = deadline.spells if spells is None else spells
    held = deadline.custody if custody is None else custody
    manner = Manner(roll=deadline.roll, custody=held, criminal=deadline.criminal)  # type: ignore[arg-type]
    base = Period(deadline.amount, deadline.unit)  # type: ignore[arg-type]
    if all(spell.kind == SpellWord.EXTENDED for spell in told):
        return count_joined(_start(deadline), [base, *(_added(spell) for spell in told)], calendar, manner)
    return count_limit(_limit_spells(deadline.starts_on, told), base, calendar, manner)


def _start(deadline: Deadline) -> date:
    """Where counting begins, as counting takes it: a local date, or a local moment without zone."""
    if deadline.starts_at is None:
        return deadline.starts_on
    return deadline.starts_at.astimezone(_zone(deadline)).replace(tzinfo=None)


def _zone(deadline: Deadline) -> ZoneInfo:
    return ZoneInfo(deadline.office.zone)


def _added(spell: DeadlineSpell) -> Period:
    return Period(spell.amount, spell.unit)  # type: ignore[arg-type]


def _limit_spells(received_on: date, told: Sequence[DeadlineSpell]) -> list[Spell]:
    """The spells as the limit counts them; what resumed closes the suspension before it."""
    found = [Spell("received", received_on)]
    for spell in told:
        match spell.kind:
            case SpellWord.EXTENDED:
                found.append(Spell("extended", spell.happened_on, by=_added(spell)))
            case SpellWord.RESUMED if found[-1].kind == "suspended":
                found[-1] = Spell("suspended", found[-1].on, until=spell.happened_on)
            case _:
                found.append(Spell(spell.kind, spell.happened_on))  # type: ignore[arg-type]
    return found


def columns_of(deadline: Deadline, due: Due | None) -> dict[str, Any]:
    """What a count writes into the row. Days and moments are the office's; a moment is stored with its zone."""
    if due is None:
        return {"raw_on": None, "due_on": None, "due_at": None, "provisional": False}
    moment = due.due if isinstance(due.due, datetime) else None
    return {
        "raw_on": _day(due.raw),
        "due_on": _day(due.due),
        "due_at": moment.replace(tzinfo=_zone(deadline)) if moment else None,
        "provisional": due.provisional,
    }


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


@dataclass(frozen=True)
class Move:
    """A running deadline that a change of the calendar touches: `old` and `new` are its due days."""

    deadline: Deadline
    old: date | None
    due: Due | None

    @property
    def new(self) -> date | None:
        return _day(self.due.due) if self.due else None

    @property
    def moved(self) -> bool:
        """Whether the day moves; if not, only the mark of an unpublished calendar comes or goes."""
        return self.old != self.new


def crossing(first: date, last: date, office_id: int | None = None) -> Select[Deadline]:
    """Running deadlines whose counting looks at any day from `first` to `last`, both included."""
    rows = select(Deadline).options(selectinload(Deadline.spells), selectinload(Deadline.office))
    rows = rows.where(Deadline.state == DeadlineState.RUNNING, Deadline.starts_on <= last, Deadline.due_on >= first)
    return rows.where(Deadline.office_id == office_id) if office_id is not None else rows


def moves(deadlines: Iterable[Deadline], by_office: Mapping[int | None, Calendar]) -> list[Move]:
    """Those of the deadlines whose row another calendar changes, soonest first."""
    found = []
    for deadline in deadlines:
        due = counted(deadline, by_office[deadline.office_id])
        if any(getattr(deadline, name) != value for name, value in columns_of(deadline, due).items()):
            found.append(Move(deadline, deadline.due_on, due))
    return sorted(found, key=lambda move: (move.old or date.max, move.deadline.id))


@invariant("I49 a deadline's due date is what counting gives")
def _due_dates() -> Iterable[str]:
    """Running deadlines are counted anew by the calendar in force."""
    rows = select(Deadline).options(selectinload(Deadline.spells), selectinload(Deadline.office))
    running = db.session.scalars(
        rows.where(Deadline.state == DeadlineState.RUNNING).execution_options(populate_existing=True)
    ).all()
    by_office = calendars({deadline.office_id for deadline in running})
    for move in moves(running, by_office):
        yield f"deadline {move.deadline.public_id}, stored {move.old}, counted {move.new}"


@invariant("I49 a deadline keeps the rule it started under")
def _rules() -> Iterable[str]:
    """The value frozen with a deadline is that of the settings row it names."""
    kept = select(Deadline, Setting).join(Setting, Setting.public_id == Deadline.rule_version)
    for deadline, row in db.session.execute(kept):
        if row.key != deadline.rule_key or row.value.get("amount") != deadline.amount:
            yield f"deadline {deadline.public_id}, rule {deadline.rule_key}, version {row.public_id}"
