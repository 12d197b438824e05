"""Judge a duty rota without the solver: every broken demand with its day and lawyer (DOMAIN L-25 … L-28, TRUST I38).

Written apart from the generator on purpose: it shares no counting with it, so that each can find the other's mistake.
Hand edits ask `judge_cell`, a whole draft asks `judge_rota`, tests ask `judge_plan`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any, ClassVar

from scheduler.fairness.rota_values import CHANGES, UNCOVERED, Assignments, Day, Key, Lawyer, Plan, Problem, order_of


@dataclass(frozen=True)
class Broken:
    """One broken demand: which, on which day, with whom; `message` is its msgid, filled from `params`."""

    code: str
    on: date | None = None
    lawyer: Key | None = None
    params: Mapping[str, Any] = field(default_factory=dict)

    MESSAGES: ClassVar[Mapping[str, str]] = {
        "not_open": "The station is closed on %(on)s.",
        "not_registered": "%(lawyer)s is not on the register.",
        "already_there": "%(lawyer)s is already on duty on %(on)s.",
        "leave": "%(lawyer)s cannot come on %(on)s.",
        "distance": "%(lawyer)s also serves on %(other)s, %(days)s days apart; at least %(distance)s are asked.",
        "week": "%(lawyer)s would serve %(served)s times in this week; at most %(amount)s are allowed.",
        "month_cap": "%(lawyer)s would serve %(served)s times in this month; at most %(amount)s are allowed.",
        "firm_cap": "The firm %(firm)s would serve %(served)s times in this month; at most %(amount)s are allowed.",
        "too_few": "%(missing)s more lawyers are needed on %(on)s.",
        "too_many": "%(surplus)s lawyers too many are on duty on %(on)s.",
        "lock": "%(lawyer)s is fixed on %(on)s, but missing there.",
        "share": "%(lawyer)s serves %(served)s times and owes %(due)s; more than %(within)s lie between.",
        "claim": "The plan says %(said)s about %(what)s, counted are %(counted)s.",
    }

    @property
    def message(self) -> str:
        """The msgid of this demand."""
        return self.MESSAGES[self.code]


def judge_cell(problem: Problem, assignments: Assignments, on: date, key: Key) -> list[Broken]:
    """Say what a person breaks by setting this lawyer on this day beside `assignments`; nothing: he may.

    To judge a replacement, leave the replaced lawyer out of `assignments`. Evenness is not judged here: it is a
    matter of the whole rota (`judge_rota`).
    """
    day = next((day for day in problem.days if day.on == on), None)
    lawyer = next((each for each in problem.lawyers if each.key == key), None)
    broken = [] if day else [Broken("not_open", on, key, {"on": on})]
    if lawyer is None:
        return [*broken, Broken("not_registered", on, key, {"lawyer": key})]
    there = assignments.get(on, ())
    if key in there or on in lawyer.elsewhere:
        return [*broken, Broken("already_there", on, key, {"lawyer": key, "on": on})]
    if day and len(there) >= day.needed:
        broken.append(Broken("too_many", on, None, {"on": on, "surplus": len(there) + 1 - day.needed}))
    if on in lawyer.unavailable:
        broken.append(Broken("leave", on, key, {"lawyer": key, "on": on}))
    others = sorted({*_duties_of(assignments, key), *lawyer.elsewhere})
    broken += [_too_near(problem, key, on, other) for other in others if _near(problem, on, other)]
    broken += _caps_at(problem, {**assignments, on: (*there, key)}, lawyer, on)
    return broken


def judge_rota(problem: Problem, assignments: Assignments) -> list[Broken]:
    """List every hard demand that a whole rota breaks, by day, then by lawyer."""
    broken = [*_judge_days(problem, assignments), *_judge_locks(problem, assignments)]
    for lawyer in problem.lawyers:
        broken += _judge_spacing(problem, assignments, lawyer)
    broken += _judge_caps(problem, assignments)
    broken += _judge_shares(problem, assignments)
    return sorted(broken, key=_place)


def judge_plan(problem: Problem, plan: Plan) -> list[Broken]:
    """List broken demands, and whatever the plan says about itself that counting does not bear out."""
    return [*judge_rota(problem, plan.assignments), *_judge_claims(problem, plan)]


def count_measure(problem: Problem, cells: Assignments, name: str) -> Fraction:
    """Count by hand one measure of L-28, the empty places (accepted days), or the cells given up."""
    if name == UNCOVERED:
        return Fraction(sum(max(0, day.needed - len(cells.get(day.on, ()))) for day in problem.days))
    if name == CHANGES:
        lost = [(day.on, key) for day in problem.days for key in problem.existing.get(day.on, ())]
        return Fraction(sum(key not in cells.get(on, ()) for on, key in lost))
    days = [day for day in problem.days if name == "total" or name in day.label]
    owed = _owed(problem, days, sum(len(cells.get(day.on, ())) for day in days), name)
    worst = [abs(sum(key in cells.get(day.on, ()) for day in days) - due) for key, due in owed.items()]
    return max(worst, default=Fraction(0))


def _place(broken: Broken) -> tuple[date, tuple[bool, int, str], str]:
    return broken.on or date.max, order_of(broken.lawyer if broken.lawyer is not None else ""), broken.code


def _duties_of(assignments: Assignments, key: Key) -> list[date]:
    return sorted(on for on, keys in assignments.items() if key in keys)


def _near(problem: Problem, on: date, other: date) -> bool:
    return on != other and abs(on.toordinal() - other.toordinal()) < problem.min_distance


def _too_near(problem: Problem, key: Key, on: date, other: date) -> Broken:
    days = abs(on.toordinal() - other.toordinal())
    params = {"lawyer": key, "other": other, "days": days, "distance": problem.min_distance}
    return Broken("distance", on, key, params)


def _judge_days(problem: Problem, assignments: Assignments) -> Iterator[Broken]:
    days = {day.on: day for day in problem.days}
    register = {each.key: each for each in problem.lawyers}
    for on, keys in assignments.items():
        for key, times in Counter(keys).items():
            if on not in days:
                yield Broken("not_open", on, key, {"on": on})
            if key not in register:
                yield Broken("not_registered", on, key, {"lawyer": key})
            elif on in register[key].unavailable:
                yield Broken("leave", on, key, {"lawyer": key, "on": on})
            if times > 1:
                yield Broken("already_there", on, key, {"lawyer": key, "on": on})
    for on, day in days.items():
        gap = day.needed - len(assignments.get(on, ()))
        if gap > 0 and on not in problem.may_stay_uncovered:
            yield Broken("too_few", on, None, {"on": on, "missing": gap})
        if gap < 0:
            yield Broken("too_many", on, None, {"on": on, "surplus": -gap})


def _judge_locks(problem: Problem, assignments: Assignments) -> Iterator[Broken]:
    for on, keys in problem.locked.items():
        for key in keys:
            if key not in assignments.get(on, ()):
                yield Broken("lock", on, key, {"lawyer": key, "on": on})


def _judge_spacing(problem: Problem, assignments: Assignments, lawyer: Lawyer) -> Iterator[Broken]:
    """Compare each duty with his next one, and with each duty outside the rota (L-27)."""
    own = _duties_of(assignments, lawyer.key)
    for first, second in pairwise(own):
        if _near(problem, first, second):
            yield _too_near(problem, lawyer.key, second, first)
    for on in own:
        for other in sorted(set(lawyer.elsewhere)):
            if on == other:
                yield Broken("already_there", on, lawyer.key, {"lawyer": lawyer.key, "on": on})
            elif _near(problem, on, other):
                yield _too_near(problem, lawyer.key, on, other)


def _judge_caps(problem: Problem, assignments: Assignments) -> Iterator[Broken]:
    """Report a cap once, on the last of its lawyer's (or firm's) duties in that week or month."""
    last: dict[tuple[Any, ...], Broken] = {}
    for on in sorted(assignments):
        for lawyer in (each for each in problem.lawyers if each.key in assignments[on]):
            for broken in _caps_at(problem, assignments, lawyer, on):
                week = on.isocalendar()[:2] if broken.code == "week" else (on.year, on.month)
                whom = lawyer.firm if broken.code == "firm_cap" else lawyer.key
                last[broken.code, whom, week] = broken
    yield from last.values()


def _caps_at(problem: Problem, assignments: Assignments, lawyer: Lawyer, on: date) -> Iterator[Broken]:
    """Judge the caps that a duty of this lawyer on this day touches; `assignments` already hold it."""
    own = [*_duties_of(assignments, lawyer.key), *lawyer.elsewhere]
    week = sum(other.isocalendar()[:2] == on.isocalendar()[:2] for other in own)
    if problem.max_per_week is not None and week > problem.max_per_week:
        params = {"lawyer": lawyer.key, "served": week, "amount": problem.max_per_week}
        yield Broken("week", on, lawyer.key, params)
    month = sum((other.year, other.month) == (on.year, on.month) for other in own)
    if lawyer.cap_per_month is not None and month > lawyer.cap_per_month:
        params = {"lawyer": lawyer.key, "served": month, "amount": lawyer.cap_per_month}
        yield Broken("month_cap", on, lawyer.key, params)
    if lawyer.firm is not None and lawyer.firm in problem.firm_caps:
        dates: list[date] = []
        for each in (each for each in problem.lawyers if each.firm == lawyer.firm):
            dates += [*_duties_of(assignments, each.key), *each.elsewhere]
        served = sum((other.year, other.month) == (on.year, on.month) for other in dates)
        amount = problem.firm_caps[lawyer.firm]
        if served > amount:
            yield Broken("firm_cap", on, lawyer.key, {"firm": lawyer.firm, "served": served, "amount": amount})


def _judge_shares(problem: Problem, assignments: Assignments) -> Iterator[Broken]:
    """Compare served with owed (I38); both are counted from what is assigned."""
    owed = _owed(problem, list(problem.days), sum(len(assignments.get(day.on, ())) for day in problem.days), "total")
    for key, due in owed.items():
        served = len([day for day in problem.days if key in assignments.get(day.on, ())])
        if abs(served - due) > problem.within:
            yield Broken("share", None, key, {"lawyer": key, "served": served, "due": due, "within": problem.within})


def _owed(problem: Problem, days: list[Day], duties: int, measure: str) -> dict[Key, Fraction]:
    """Share the duties out by hand: give everybody his part, cut who owes below nothing or above his most, repeat."""
    weight: dict[Key, Fraction] = {}
    carried: dict[Key, Fraction] = {}
    top: dict[Key, int] = {}
    for each in problem.lawyers:
        there = sum(day.on not in each.unavailable for day in days)
        weight[each.key] = Fraction(str(each.share)) * there
        carried[each.key] = Fraction(each.carried_over.get(measure, 0))
        top[each.key] = _most(problem, each, days)
    done = {key: min(max(carried[key], Fraction(0)), Fraction(top[key])) for key, w in weight.items() if not w}
    open_to = [key for key, w in weight.items() if w]
    while open_to:
        rest = duties - sum(done.values(), Fraction(0))
        scale = (rest - sum(carried[key] for key in open_to)) / sum((weight[key] for key in open_to), Fraction(0))
        part = {key: scale * weight[key] + carried[key] for key in open_to}
        cut = {key: min(max(part[key], Fraction(0)), Fraction(top[key])) for key in open_to}
        surplus = sum(cut.values(), Fraction(0)) - rest
        for key in open_to:
            if surplus == 0 or (part[key] <= 0 and surplus > 0) or (part[key] >= top[key] and surplus < 0):
                done[key] = cut[key]
        open_to = [key for key in open_to if key not in done]
    return done


def _most(problem: Problem, lawyer: Lawyer, days: list[Day]) -> int:
    """Count the most duties he can serve, filling the span from its end."""
    taken: list[date] = []
    for day in sorted(days, key=lambda day: day.on, reverse=True):
        others = [*lawyer.elsewhere, *taken]
        week = [other for other in others if other.isocalendar()[:2] == day.on.isocalendar()[:2]]
        month = [other for other in others if (other.year, other.month) == (day.on.year, day.on.month)]
        near = any(abs(day.on.toordinal() - other.toordinal()) < problem.min_distance for other in others)
        full = problem.max_per_week is not None and len(week) >= problem.max_per_week
        spent = lawyer.cap_per_month is not None and len(month) >= lawyer.cap_per_month
        if day.needed and day.on not in lawyer.unavailable and not (near or full or spent):
            taken.append(day.on)
    return len(taken)


def _judge_claims(problem: Problem, plan: Plan) -> Iterator[Broken]:
    """Count again what the plan reports: served, due, uncovered days and every measure."""
    cells, days = plan.assignments, problem.days
    served = {each.key: len(_duties_of(cells, each.key)) for each in problem.lawyers}
    empty = tuple(sorted(day.on for day in days if len(cells.get(day.on, ())) < day.needed))
    due = _owed(problem, list(days), sum(served.values()), "total")
    counted = {"served": served, "due": due, "uncovered": empty}
    said = {"served": plan.served, "due": plan.due, "uncovered": plan.uncovered}
    for name, measure in plan.measures.items():
        said[name], counted[name] = measure.spread, count_measure(problem, cells, name)
        if measure.bound > measure.spread or measure.proven != (measure.bound == measure.spread):
            yield Broken("claim", params={"what": name, "said": measure.bound, "counted": measure.spread})
    for what, value in counted.items():
        if said[what] != value:
            yield Broken("claim", params={"what": what, "said": said[what], "counted": value})
