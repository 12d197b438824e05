"""The limit of a case as it stands: receipt and spells, by the calendar and settings of its office (D-10 to D-16)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, select

from accounts.models import Office
from accounts.settings import rule_for
from cases.models import Case, CaseStage, LimitSpell, Measure, Party, SpellKind
from extensions import db
from record.once import once
from scheduler.deadlines.calendar import calendar_in_force
from scheduler.deadlines.counting import Due, Period, count
from scheduler.deadlines.limit import REVIEW, REVIEW_IN_CUSTODY, Spell, count_limit
from scheduler.deadlines.models import Deadline, DeadlineState
from scheduler.deadlines.working_days import Calendar

REVIEW_KEYS = ("case.review_limit", "case.review_fast")


@dataclass(frozen=True)
class Limit:
    """`review`: the review limit, None while none runs. `bail_on`: the first last day of bail among the suspects, None
    where nobody is on bail; of one of them ask `end_of_bail`.

    `by` is the day a plan counts back from (`case.limit_basis`: review_limit, bail_limit or entered_date), None where
    that one is missing. `custody`: the review limit is a wall, no day off moves it.
    """

    review: Due | None
    bail_on: date | None
    by: date | None
    basis: str
    custody: bool

    @property
    def on(self) -> date | None:
        """The last day of the review limit."""
        return self.review.due if self.review else None

    @property
    def provisional(self) -> bool:
        return self.review is not None and self.review.provisional


@dataclass(frozen=True)
class Counting:
    """What limits of an office are counted by, whenever they began; read once for a whole list."""

    office: Office
    calendar: Calendar
    basis: str

    @classmethod
    def of(cls, office: Office, on: date) -> Counting:
        return cls(office, calendar_in_force(office), rule_for("case.limit_basis", office, on).amount)


def limit_of(
    case: Case, on: date, counting: Counting | None = None, spells: Sequence[LimitSpell] | None = None
) -> Limit:
    """The limit of a case as it stands on a day; each part keeps the rule it began under (8.8, I49).

    `spells` stand in for the stored ones.

    Raises: TooManyReturns, SpellOutOfOrder.
    """
    counting = counting or Counting.of(case.office, on)
    custody = case.in_custody
    review = None
    if case.stage == CaseStage.PROSECUTION_REVIEW:
        told = case.spells if spells is None else spells
        manner = REVIEW_IN_CUSTODY if custody else REVIEW
        review = count_limit(spells_of(case.received_on, told), _base(case), counting.calendar, manner)
    bail_on = min(filter(None, (end_of_bail(one, counting) for one in case.present_parties)), default=None)
    ends = {"review_limit": review.due if review else None, "bail_limit": bail_on, "entered_date": case.limit_on}
    return Limit(review, bail_on, ends[counting.basis], counting.basis, custody)


def _base(case: Case) -> Period:
    """What the running deadline started with; a setting that changed on the day of receipt came after it."""
    key = review_key(case)
    deadline = once((Deadline,), case.id, lambda: deadline_of(case))
    if deadline is not None and (deadline.starts_on, deadline.rule_key) == (case.received_on, key):
        return Period(deadline.amount, deadline.unit)  # type: ignore[arg-type]
    rule = rule_for(key, case.office, case.received_on)
    return Period(rule.amount, rule.unit)


def review_key(case: Case) -> str:
    """The setting that says how long the review of a case may take."""
    return "case.review_fast" if case.fast_track else "case.review_limit"


def deadline_of(case: Case) -> Deadline | None:
    """The running deadline that the review limit of a case feeds."""
    mine = select(Deadline).where(
        Deadline.subject_table == case.__tablename__,
        Deadline.subject_id == case.id,
        Deadline.rule_key.in_(REVIEW_KEYS),
        Deadline.state == DeadlineState.RUNNING,
    )
    return db.session.scalar(mine.order_by(Deadline.id.desc()))


def end_of_bail(party: Party, counting: Counting) -> date | None:
    """The last day of somebody's bail: twelve months at most, to the date (D-11). None where he is not on bail.

    The rule is that of the day on which his bail began.
    """
    if party.measure != Measure.BAIL or party.measure_from is None:
        return None
    rule = rule_for("case.bail_max", counting.office, party.measure_from)
    return count(party.measure_from, rule.amount, rule.unit, counting.calendar, criminal=True).raw


def standing(spells: Iterable[LimitSpell]) -> list[LimitSpell]:
    """The spells that hold: those nobody has withdrawn, in the order of their dates."""
    told = list(spells)
    gone = {spell.withdraws_id for spell in told if spell.withdraws_id is not None}
    held = [s for s in told if s.kind != SpellKind.WITHDRAWN and (s.id is None or s.id not in gone)]
    return sorted(held, key=lambda s: s.happened_on)


def spells_of(received_on: date, told: Iterable[LimitSpell]) -> list[Spell]:
    """The spells as the limit counts them; what resumed closes the suspension before it."""
    found = [Spell("received", received_on)]
    for spell in standing(told):
        match spell.kind:
            case SpellKind.EXTENDED:
                found.append(Spell("extended", spell.happened_on, by=Period(spell.days or 0, "day")))
            case SpellKind.RESUMED if found[-1].kind == "suspended":
                found[-1] = Spell("suspended", found[-1].on, until=spell.happened_on)
            case _:
                found.append(Spell(spell.kind, spell.happened_on))  # type: ignore[arg-type]
    return found


def runs_for_case() -> ColumnElement[bool]:
    """Joins a case to the running deadline that its review limit feeds: for lists."""
    return and_(
        Deadline.subject_table == Case.__tablename__,
        Deadline.subject_id == Case.id,
        Deadline.rule_key.in_(REVIEW_KEYS),
        Deadline.state == DeadlineState.RUNNING,
    )


def days_left(until: date | None, on: date) -> int | None:
    return None if until is None else (until - on) // timedelta(days=1)
