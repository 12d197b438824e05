"""What the generator of a duty rota receives and returns: frozen values (DOMAIN L-24 … L-28, TRUST I38)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any, ClassVar

from errors import Refusal

Key = str | int
Assignments = Mapping[date, tuple[Key, ...]]

TOTAL = "total"
MEASURES = (TOTAL, "monday", "friday", "before_holiday")
CHANGES = "changes"
UNCOVERED = "uncovered"


@dataclass(frozen=True)
class Day:
    """One opening day of the station: its kinds ("monday", "friday", "before_holiday") and the places to fill."""

    on: date
    label: frozenset[str] = frozenset()
    needed: int = 1

    def counts_for(self, measure: str) -> bool:
        """Say whether a duty on this day counts for a measure of L-28."""
        return measure == TOTAL or measure in self.label


@dataclass(frozen=True)
class Lawyer:
    """One lawyer of the register, as far as the rota must know him.

    `unavailable`: leave and blocked weekdays, already expanded to dates. `carried_over`: measure → duties he still
    owes from before (negative: he served too many). `served_before` and `booked_after`: his duties outside this span;
    they bind the distance and the caps, nothing else. `cap_per_month`: most duties in one calendar month.
    """

    key: Key
    share: Fraction | float = Fraction(1)
    unavailable: frozenset[date] = frozenset()
    firm: str | None = None
    carried_over: Mapping[str, Fraction] = field(default_factory=dict)
    served_before: tuple[date, ...] = ()
    booked_after: tuple[date, ...] = ()
    cap_per_month: int | None = None

    @property
    def elsewhere(self) -> tuple[date, ...]:
        """All his duties outside the span."""
        return self.served_before + self.booked_after


@dataclass(frozen=True)
class Problem:
    """One station, one span: who is to serve on which day, and under which demands.

    `min_distance`: two duties of one lawyer lie at least so many days apart (L-27; 7: Monday → next Monday).
    `max_per_week`: per calendar week, Monday to Sunday; None where it follows from the distance, as in the preset
    *every working day* (L-25). `within`: how far a lawyer's total may lie from his due (I38: 1). `firm_caps`: firm →
    most duties in one calendar month. `locked` cells stay; what is already served belongs into `served_before` and
    `carried_over`, not into a lock. `existing` is the rota to keep as far as the aims allow. `aims` are met in strict
    order. `effort` bounds each solve in the solver's own deterministic seconds, so that a busy machine finds the same
    plan; `workers` only help to prove, the deciding solve always runs on one.
    """

    days: tuple[Day, ...]
    lawyers: tuple[Lawyer, ...]
    locked: Assignments = field(default_factory=dict)
    existing: Assignments = field(default_factory=dict)
    min_distance: int = 7
    max_per_week: int | None = None
    within: int = 1
    firm_caps: Mapping[str, int] = field(default_factory=dict)
    may_stay_uncovered: frozenset[date] = frozenset()
    aims: tuple[str, ...] = (*MEASURES, CHANGES)
    seed: int = 1
    effort: float = 20.0
    workers: int = 1

    def __post_init__(self) -> None:
        open_on, keys = {day.on for day in self.days}, {lawyer.key for lawyer in self.lawyers}
        if len(open_on) != len(self.days) or len(keys) != len(self.lawyers):
            raise ValueError("a day or a lawyer stands twice in the problem")
        if self.min_distance < 1 or any(day.needed < 0 for day in self.days):
            raise ValueError("the distance is at least one day, the places of a day at least none")
        if not set(self.aims) <= {*MEASURES, CHANGES}:
            raise ValueError("an aim is not known")
        for on, locked in self.locked.items():
            if on not in open_on or not keys.issuperset(locked) or len(set(locked)) != len(locked):
                raise ValueError(f"the lock on {on} names no opening day, an unknown lawyer or one lawyer twice")

    @property
    def places(self) -> int:
        """Number of duties when every day is covered."""
        return sum(day.needed for day in self.days)

    def in_order(self) -> Problem:
        """Return the same problem with days and lawyers sorted, so that the order of rows decides nothing."""
        return replace(
            self,
            days=tuple(sorted(self.days, key=lambda day: day.on)),
            lawyers=tuple(sorted(self.lawyers, key=lambda lawyer: order_of(lawyer.key))),
        )


def order_of(key: Key) -> tuple[bool, int, str]:
    """Give keys one order: numbers by value, then words."""
    return (True, 0, key) if isinstance(key, str) else (False, key, "")


def exact(share: Fraction | float) -> Fraction:
    """Read a share as it is written: 0.1 is one tenth."""
    return share if isinstance(share, Fraction) else Fraction(str(share))


def in_keys_order(keys: Iterable[Key]) -> tuple[Key, ...]:
    """Sort keys as `order_of` says."""
    return tuple(sorted(keys, key=order_of))


@dataclass(frozen=True)
class Measure:
    """How even (or how changed) a plan is: its value, what no plan can fall below, and whether the two are one."""

    spread: Fraction
    bound: Fraction
    proven: bool


@dataclass(frozen=True)
class Plan:
    """A rota that breaks no demand.

    `uncovered`: accepted days with fewer lawyers than needed. `measures`: aim → what was reached; the spread is the
    largest difference between served and due (L-28), for "changes" the number of cells of the existing rota given up.
    `due` and `served` are totals; `seconds` is wall time and no part of the plan.
    """

    assignments: dict[date, tuple[Key, ...]]
    uncovered: tuple[date, ...]
    measures: dict[str, Measure]
    due: dict[Key, Fraction]
    served: dict[Key, int]
    seconds: float = field(compare=False)


@dataclass(frozen=True)
class Cause:
    """One member of a clash: a demand, whom it binds and on which days."""

    code: str
    lawyers: tuple[Key, ...] = ()
    days: tuple[date, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)

    MESSAGES: ClassVar[Mapping[str, str]] = {
        "cover": "%(places)s duties are to be filled on %(days)s.",
        "leave": "%(lawyers)s cannot come on %(days)s.",
        "distance": "%(lawyers)s may serve again only after %(distance)s days.",
        "week": "%(lawyers)s may serve at most %(amount)s times a week.",
        "month_cap": "%(lawyers)s may serve at most %(amount)s times a month.",
        "firm_cap": "The firm %(firm)s may serve at most %(amount)s times a month.",
        "lock": "%(lawyers)s are fixed on %(days)s.",
        "share": "%(lawyers)s serve as often as they owe, give or take %(within)s.",
    }

    @property
    def message(self) -> str:
        """The msgid of this demand."""
        return self.MESSAGES[self.code]


@dataclass(frozen=True)
class Mend:
    """One change after which a rota exists; each was tried against the whole problem before it is named."""

    code: str
    params: Mapping[str, Any]

    MESSAGES: ClassVar[Mapping[str, str]] = {
        "shorter_distance": "Let duties lie %(distance)s days apart.",
        "more_per_week": "Allow %(amount)s duties a week.",
        "available": "Ask %(lawyer)s to come on %(on)s.",
        "higher_cap": "Allow %(lawyer)s %(amount)s duties a month.",
        "higher_firm_cap": "Allow the firm %(firm)s %(amount)s duties a month.",
        "unlock": "Give up what is fixed on %(on)s.",
        "uncovered": "Accept that a place stays empty on %(days)s.",
        "wider_share": "Let duties differ from what is owed by %(within)s.",
    }

    @property
    def message(self) -> str:
        """The msgid of this change."""
        return self.MESSAGES[self.code]


class NoRota(Refusal):
    """No rota meets every demand. `clash`: a minimal set of demands that cannot all hold; `mends`: single ways out."""

    code = "no_rota"
    message = "No rota from %(first)s to %(last)s meets every demand."
    help = "Take one of the changes below, or ask more lawyers."
    source = "DOMAIN L-27, L-28"

    clash: tuple[Cause, ...]
    mends: tuple[Mend, ...]


class RotaNotFound(Refusal):
    """The solver's effort ran out before a rota was found or refuted."""

    code = "rota_not_found"
    message = "No rota from %(first)s to %(last)s was found in time."
    help = "Fix some days by hand and generate the rest, or take a shorter span."
    source = "DOMAIN L-28"
