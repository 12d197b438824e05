"""The back-plan of an assessment: from the limit of its case back to the days on which somebody can serve (DOMAIN 8.9).

Latest dates are counted back from the limit, the window forward from the receipt: telling, consent, training,
insurance and the report to the squad come first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from errors import N_
from law import Doubt, Minutes
from scheduler.deadlines.working_days import Calendar
from volunteers.rules.pace import shifts_a_week, shifts_for

SOURCE = "DOMAIN 8.9, D-16"
Level = Literal["ok", "warn", "refuse"]
LEVELS: tuple[Level, ...] = ("ok", "warn", "refuse")


@dataclass(frozen=True)
class Chain:
    """How many days the chain from the service to the limit takes.

    `intake` and `evaluation` are working days, `buffer` the working days between hearing and limit (H-55), `lax` and
    `strict` the days of notice (H-41). Without a hearing the evaluation lies `evaluation` working days before `buffer`.
    """

    intake: int
    evaluation: int
    buffer: int
    lax: int
    strict: int
    hearing: bool = True


@dataclass(frozen=True)
class Wanted:
    """What is asked of somebody, and what bounds it.

    `limit_on` is the day the chain is counted back from, None while no limit runs; `bail_on` the last day of bail,
    None where there is none. `window_from` lets the window begin earlier or later than the intake says. `first_on` and
    `last_on` are the period as it stands or is proposed. Minutes: `required` less what is `done`, a shift, a day.
    """

    received_on: date
    limit_on: date | None
    bail_on: date | None
    in_custody: bool
    required: int
    shift: int
    a_day: int
    done: int = 0
    window_from: date | None = None
    first_on: date | None = None
    last_on: date | None = None
    on: date | None = None


@dataclass(frozen=True)
class BackPlan:
    """Every date with the day it rests on. `told_safe` is a working day, `told_lawful` the last lawful one (H-41).

    The window is empty where `window_last` lies before `window_first`, and open where no limit runs. `most` and `one`
    are minutes at the daily maximum and at one shift a day, on its `working_days`.
    """

    limit_on: date | None
    hearing_by: date | None
    told_safe: date | None
    told_lawful: date | None
    evaluation_by: date | None
    window_first: date
    window_last: date | None
    days: int
    working_days: int
    most: int
    one: int
    shifts_needed: int
    shifts_a_week: int
    provisional: bool
    doubts: tuple[Doubt, ...]

    @property
    def verdict(self) -> Level:
        return max((doubt.level for doubt in self.doubts), key=LEVELS.index, default="ok")


def plan_back(wanted: Wanted, chain: Chain, calendar: Calendar) -> BackPlan:
    """The back-plan, with everything that speaks against it.

    Refused: custody; hours that do not fit before the end of bail; a period that ends after it. Warned: hours that fit
    before the end of bail but not into the window, or only at the daily maximum on every working day; a period that
    ends after the evaluation. Source: DOMAIN 8.9.
    """
    hearing, safe, lawful, evaluation = _latest(wanted.limit_on, chain, calendar)
    first = _window_first(wanted, chain, calendar)
    last = _earliest(evaluation, wanted.last_on)
    working = _working(first, last, calendar)
    left = max(wanted.required - wanted.done, 0)
    days = max((last - first).days + 1, 0) if last else 0
    doubts = _doubts(wanted, evaluation, first, left, working, calendar)
    furthest = max(day for day in (first, wanted.limit_on, last) if day is not None)
    return BackPlan(
        limit_on=wanted.limit_on,
        hearing_by=hearing,
        told_safe=safe,
        told_lawful=lawful,
        evaluation_by=evaluation,
        window_first=first,
        window_last=last,
        days=days,
        working_days=working,
        most=working * wanted.a_day,
        one=working * min(wanted.shift, wanted.a_day),
        shifts_needed=shifts_for(left, wanted.shift),
        shifts_a_week=shifts_a_week(left, wanted.shift, days),
        provisional=bool(calendar.unofficial_years(wanted.received_on, max(furthest, wanted.received_on))),
        doubts=tuple(doubts),
    )


def _latest(
    limit_on: date | None, chain: Chain, calendar: Calendar
) -> tuple[date | None, date | None, date | None, date | None]:
    """Latest hearing, safe and lawful day of telling, latest evaluation."""
    if limit_on is None:
        return None, None, None, None
    end = calendar.add_working_days(limit_on, -chain.buffer)
    if not chain.hearing:
        return None, None, None, calendar.add_working_days(end, -chain.evaluation)
    safe = calendar.working_day_until(end - timedelta(days=chain.strict + 1))
    return end, safe, end - timedelta(days=chain.lax), calendar.add_working_days(safe, -chain.evaluation)


def _window_first(wanted: Wanted, chain: Chain, calendar: Calendar) -> date:
    """The day after the intake, or the day entered instead; never before today and the period as it stands."""
    after_intake = calendar.add_working_days(wanted.received_on, chain.intake) + timedelta(days=1)
    begins = wanted.window_from or after_intake
    return max(day for day in (begins, wanted.first_on, wanted.on) if day is not None)


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)


def _working(first: date, last: date | None, calendar: Calendar) -> int:
    return sum(1 for _ in calendar.working_days(first, last)) if last else 0


def _doubts(  # noqa: PLR0917 - what was asked, and what was counted from it
    wanted: Wanted, evaluation: date | None, first: date, left: int, working: int, calendar: Calendar
) -> list[Doubt]:
    found: list[Doubt] = []
    if wanted.in_custody:
        found.append(Doubt("refuse", "in_custody", N_("Held in custody: nobody serves at a crossing."), "DOMAIN 8.9"))
    if wanted.bail_on and wanted.last_on and wanted.last_on > wanted.bail_on:
        message = N_("The period ends on %(last_on)s, after bail: its last day is %(bail_on)s.")
        facts = {"last_on": wanted.last_on, "bail_on": wanted.bail_on}
        found.append(Doubt("refuse", "period_after_bail", message, "DOMAIN D-16", facts))
    if wanted.bail_on and left > _working(first, wanted.bail_on, calendar) * wanted.a_day:
        message = N_("The hours do not fit before the last day of bail, %(bail_on)s.")
        found.append(Doubt("refuse", "hours_after_bail", message, "DOMAIN D-16", {"bail_on": wanted.bail_on}))
    if evaluation is not None and wanted.last_on is not None and wanted.last_on > evaluation:
        message = N_("The period ends on %(last_on)s; the evaluation is due by %(evaluation_by)s.")
        facts = {"last_on": wanted.last_on, "evaluation_by": evaluation}
        found.append(Doubt("warn", "period_after_evaluation", message, "DOMAIN 8.9", facts))
    if evaluation is not None or wanted.last_on is not None:
        found += _too_little(left, working, wanted.a_day)
    return found


def _too_little(left: int, working: int, a_day: int) -> list[Doubt]:
    """Whether the window holds the hours, and whether only with every day filled."""
    facts = {"most": Minutes(working * a_day), "left": Minutes(left)}
    if left > working * a_day:
        message = N_("Of the %(left)s still to serve, %(most)s fit into the window.")
        return [Doubt("warn", "hours_do_not_fit", message, "DOMAIN 8.9", facts)]
    if left and left > (working - 1) * a_day:
        message = N_("The %(left)s still to serve fit only with the daily maximum on every working day.")
        return [Doubt("warn", "every_day_full", message, "DOMAIN 8.9", facts)]
    return []
