"""The review limit of a case, which is not one date but spells (DOMAIN D-10, D-15, C-16). Pure.

Sources: 刑诉法 art. 172 (limit, extension, change of jurisdiction), 175 (return, twice at most), 149 (appraisal).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

from errors import Refusal
from scheduler.deadlines.counting import Due, Manner, NotCountable, Period, finish, join
from scheduler.deadlines.reasons import Reason
from scheduler.deadlines.working_days import Calendar

SpellKind = Literal["received", "extended", "returned", "re_received", "suspended", "jurisdiction_changed"]

MOST_RETURNS = 2
REVIEW = Manner(roll="next_working_unless_custody", criminal=True)
REVIEW_IN_CUSTODY = Manner(roll="next_working_unless_custody", criminal=True, custody=True)

_STARTS: frozenset[SpellKind] = frozenset({"received", "re_received", "jurisdiction_changed"})


@dataclass(frozen=True)
class Spell:
    """One fact about a limit, on the date of its document.

    `by` is what an extension adds. `until` ends a suspension: the first day that counts again, None while it lasts.
    """

    kind: SpellKind
    on: date
    by: Period | None = None
    until: date | None = None


class TooManyReturns(Refusal):
    """A case is returned for supplementary investigation twice at most, a change of jurisdiction between or not."""

    code = "too_many_returns"
    message = "This case was returned %(returns)s times already, and a third return is not allowed."
    help = "Decide the case on the evidence there is."
    source = "DOMAIN D-15; 刑诉法 175"  # citation


class SpellOutOfOrder(Refusal):
    """The spells of a limit do not follow from each other."""

    code = "spell_out_of_order"
    status = 422
    message = "What is entered for %(on)s does not follow from what is recorded before it."
    help = "Check the order and the dates: received first; received again only after a return."
    source = "DOMAIN D-15"


def count_limit(spells: Sequence[Spell], base: Period, calendar: Calendar, manner: Manner = REVIEW) -> Due | None:
    """Count the limit that the spells leave standing, or None while none runs.

    `base` is the limit of one review (1 month; 10 days fast-track). It counts from the last receipt; extensions since
    then are joined to it, suspended days are left out, and the end moves once. None runs while the case is returned
    (the police's month does) and while a suspension has no end.
    Raises: TooManyReturns, SpellOutOfOrder, NotCountable for a base or extension not in months or days.
    """
    check_spells(spells)
    last_receipt = max(place for place, spell in enumerate(spells) if spell.kind in _STARTS)
    start, *after = spells[last_receipt:]
    suspended = [spell for spell in spells if spell.kind == "suspended"]
    if any(spell.kind == "returned" for spell in after) or any(spell.until is None for spell in suspended):
        return None
    extensions = [spell for spell in after if spell.by is not None]
    periods = [base, *(spell.by for spell in extensions if spell.by is not None)]
    for period in periods:
        if period.unit not in ("month", "day"):
            raise NotCountable(unit=period.unit)
    raw, why = join(start.on, periods, calendar, manner)
    raw, left_out = _leave_out(start.on, raw, suspended)
    told = tuple(Reason.of(spell.kind, on=spell.on) for spell in (start, *extensions))
    return finish(start.on, raw, told + why + left_out, calendar, manner)


def check_spells(spells: Sequence[Spell]) -> None:
    """Refuse spells that do not follow from each other, and a third return (D-15).

    Returns are counted over the whole case: a change of jurisdiction does not give two new ones.
    """
    if not spells or spells[0].kind not in ("received", "jurisdiction_changed"):
        raise SpellOutOfOrder(on=spells[0].on if spells else "")
    for earlier, later in pairwise(spells):
        if later.on < earlier.on or later.kind == "received":
            raise SpellOutOfOrder(on=later.on)
    returns, away = 0, False
    for spell in spells:
        if not _fits(spell, away):
            raise SpellOutOfOrder(on=spell.on)
        if spell.kind == "returned":
            if returns == MOST_RETURNS:
                raise TooManyReturns(returns=returns)
            returns, away = returns + 1, True
        elif spell.kind in _STARTS:
            away = False


def _fits(spell: Spell, away: bool) -> bool:
    """Whether a spell may follow while the case is `away` (returned) or here, and carries what its kind needs."""
    if (spell.kind == "extended") != (spell.by is not None):
        return False
    if spell.until is not None and (spell.kind != "suspended" or spell.until < spell.on):
        return False
    if spell.kind == "re_received":
        return away
    return not away or spell.kind not in ("extended", "returned")


def _leave_out(start: date, raw: date, suspended: Sequence[Spell]) -> tuple[date, tuple[Reason, ...]]:
    """Push the raw end by each suspended day that would have been counted; days named twice push once."""
    days = sorted({day for spell in suspended if spell.until for day in range(*_ordinals(spell.on, spell.until))})
    end, count = raw.toordinal(), 0
    for day in days:
        if start.toordinal() < day <= end:
            end, count = end + 1, count + 1
    if not count:
        return raw, ()
    moved = raw + timedelta(days=count)
    return moved, (Reason.of("suspended", count=count, end=moved),)


def _ordinals(first: date, end: date) -> tuple[int, int]:
    return first.toordinal(), end.toordinal()
