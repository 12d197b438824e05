"""A rota as a page shows it: lawyers and days, who is where and why somebody cannot be, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from flask_babel import format_date, gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from accounts.models import Membership
from accounts.presenting import dated, month_name
from accounts.presenting import day as day_words
from extensions import db
from lawyers.models import Duty, DutyState, LawyerEntry, Rota, RotaState, key_of
from lawyers.rota_facts import Facts, Reason, cells_of, gather
from scheduler.fairness.rota_check import Broken
from scheduler.fairness.rota_due import dues
from scheduler.fairness.rota_values import TOTAL, Cause, Key, Mend

MOST_NAMES = 4


@dataclass(frozen=True)
class Column:
    """A day of the month. `kind` is the calendar's; `name` its holiday's or make-up day's; `duties` its places."""

    on: date
    kind: str
    name: str
    duties: tuple[Duty, ...]
    over: bool

    @property
    def open(self) -> bool:
        return bool(self.duties)

    @property
    def letter(self) -> str:
        """The weekday in one letter or character."""
        return str(format_date(self.on, "EEEEE"))

    @property
    def empty(self) -> int:
        """How many of its places nobody fills."""
        return sum(duty.lawyer_id is None for duty in self.duties)


@dataclass(frozen=True)
class Cell:
    """A lawyer on a day. `why` says in words why he cannot come, and `code` which kind of reason that is."""

    column: Column
    duty: Duty | None
    code: str = ""
    why: str = ""


@dataclass(frozen=True)
class Line:
    """A lawyer's month, with what he serves and what he owes (None where that is nobody's to see)."""

    entry: LawyerEntry
    cells: tuple[Cell, ...]
    served: int
    due: Fraction | None

    @property
    def difference(self) -> Fraction | None:
        return None if self.due is None else self.served - self.due


@dataclass(frozen=True)
class Grid:
    rota: Rota
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    facts: Facts
    full: bool

    @property
    def open_columns(self) -> list[Column]:
        return [column for column in self.columns if column.open]

    @property
    def empty_days(self) -> list[date]:
        return [column.on for column in self.columns if column.empty and not column.over]


def load(rota: Rota) -> list[Duty]:
    """The duties of a rota with lawyers, people and firms. Three queries, whatever its size."""
    member = joinedload(Duty.lawyer).joinedload(LawyerEntry.membership)
    query = (
        select(Rota)
        .where(Rota.id == rota.id)
        .options(
            selectinload(Rota.duties).options(
                member.joinedload(Membership.person), member.joinedload(Membership.organisation)
            )
        )
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query).one().duties


def grid_of(rota: Rota, today: date, full: bool) -> Grid:
    """The month of a rota. `full`: with leave, patterns and what is owed, for whoever drafts."""
    duties = [duty for duty in load(rota) if duty.state != DutyState.CANCELLED or rota.state == RotaState.SUPERSEDED]
    facts = gather(rota.station, rota.first_on, rota.last_on, rota)
    columns = _columns(rota, facts, duties, today)
    entries = {entry.id: entry for entry in facts.register}
    for duty in duties:
        if duty.lawyer is not None:
            entries.setdefault(duty.lawyer.id, duty.lawyer)
    served = Counter(duty.lawyer_id for duty in duties)
    owed = dues(facts.problem, TOTAL, _to_share_out(rota, facts, duties)) if full else {}
    shown = entries.values() if full else [entry for entry in entries.values() if served[entry.id]]
    lines = tuple(
        Line(
            entry,
            tuple(_cell(facts, column, entry, full) for column in columns),
            served[entry.id],
            owed.get(key_of(entry)),
        )
        for entry in shown
    )
    return Grid(rota, columns, lines, facts, full)


def _to_share_out(rota: Rota, facts: Facts, duties: Sequence[Duty]) -> int:
    """How many duties are owed by all together: of a draft every place, else those that somebody serves."""
    if rota.state == RotaState.DRAFT:
        return sum(day.needed for day in facts.problem.days if day.on not in facts.problem.may_stay_uncovered)
    return sum(map(len, cells_of(duties).values()))


def _columns(rota: Rota, facts: Facts, duties: Sequence[Duty], today: date) -> tuple[Column, ...]:
    days = (rota.first_on + timedelta(days=n) for n in range((rota.last_on - rota.first_on).days + 1))
    return tuple(
        Column(
            on,
            facts.calendar.kind(on),
            facts.calendar.name(on),
            tuple(duty for duty in duties if duty.serves_on == on),
            on < today,
        )
        for on in days
    )


def _cell(facts: Facts, column: Column, entry: LawyerEntry, full: bool) -> Cell:
    duty = next((duty for duty in column.duties if duty.lawyer_id == entry.id), None)
    reason = facts.reasons.get((key_of(entry), column.on)) if full and column.open else None
    return Cell(column, duty) if reason is None else Cell(column, duty, reason.code, reason_in_words(reason))


def reason_in_words(reason: Reason) -> str:
    """Why somebody cannot come, as a page says it."""
    match reason.code:
        case "leave":
            return gettext("on leave")
        case "pattern":
            return gettext("cannot come on this weekday")
        case "booked":
            return gettext("taken by “%(what)s”", what=reason.what)
        case "elsewhere":
            return gettext("occupied elsewhere")
        case "not_yet":
            return gettext("not on the register that day")
        case _:
            return gettext("less than %(years)s years in practice", years=reason.what)


def broken_in_words(broken: Broken, facts: Facts) -> str:
    """A broken demand, with names and days instead of keys."""
    if broken.code == "leave" and broken.on is not None and broken.lawyer is not None:
        reason = facts.reasons.get((broken.lawyer, broken.on))
        if reason is not None:
            return f"{facts.name(broken.lawyer)}: {reason_in_words(reason)}"
    return str(gettext(broken.message, **_shown(broken.params, facts)))


def cause_in_words(cause: Cause, facts: Facts) -> str:
    """One member of a clash."""
    params = {**cause.params, "lawyers": _names(cause.lawyers, facts), "days": days_in_words(cause.days)}
    return str(gettext(cause.message, **_shown(params, facts)))


def mend_in_words(mend: Mend, facts: Facts) -> str:
    """What a change would be, as a button says it."""
    return str(gettext(mend.message, **_shown(mend.params, facts)))


def days_in_words(days: Iterable[date]) -> str:
    """Days by name; of many the first ones and how many more."""
    return _some([day_words(on) for on in days])


def _names(keys: Iterable[Key], facts: Facts) -> str:
    return _some([facts.name(key) for key in keys])


def _some(words: list[str]) -> str:
    shown = "、".join(words[:MOST_NAMES])  # citation: a list of names
    more = len(words) - MOST_NAMES
    if more <= 0:
        return shown
    rest = ngettext("and %(num)d more", "and %(num)d more", more)
    return f"{shown} {rest}"


def _shown(params: Any, facts: Facts) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name, value in params.items():
        if isinstance(value, date):
            shown[name] = day_words(value)
        elif isinstance(value, Fraction):
            shown[name] = f"{float(value):.1f}"
        elif name == "lawyer":
            shown[name] = facts.name(value)
        elif name == "days" and isinstance(value, tuple):
            shown[name] = days_in_words(value)
        else:
            shown[name] = value
    return shown


def text_of(rota: Rota, duties: Iterable[Duty]) -> str:
    """The month as plain text for the chat group: a line a day."""
    station = rota.station
    hours = [f"{a:%H:%M}–{b:%H:%M}" for a, b in station.sessions.values()]
    lines = [f"{station.name} {month_words(rota)}", gettext(", ").join(hours)]
    if rota.provisional:
        lines.append(gettext("Calendar not yet published"))
    by_day: dict[date, list[str]] = {}
    for duty in duties:
        by_day.setdefault(duty.serves_on, []).append(duty.lawyer.name if duty.lawyer else gettext("nobody"))
    lines += [f"{dated(on)} {'、'.join(names)}" for on, names in sorted(by_day.items())]  # citation: a list of names
    return "\n".join(lines)


def month_words(rota: Rota) -> str:
    """`2026年12月`."""
    return month_name(rota.first_on)
