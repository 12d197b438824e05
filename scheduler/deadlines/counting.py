"""Counting a period: the one place where a deadline's day is found (DOMAIN 6.2, 6.3). Pure.

The start is a local date, or a local naive moment for hours (C-14): whoever holds an aware time turns it into the
office's zone first. The start is never counted (C-01). What comes back says the day, the day before it was moved for
days off, why, and whether a year without notice was touched (C-12).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from errors import YEAR_OUTSIDE, Refusal
from law import Roll, Unit
from scheduler.deadlines.reasons import UNPUBLISHED, Reason
from scheduler.deadlines.working_days import Calendar

FIRST_YEAR, LAST_YEAR = 1949, 2200
LARGEST = {"hour": 880_000, "day": 36_600, "clear_day": 36_600, "working_day": 25_000, "month": 1_200, "year": 100}
_MONTHS = {"month": 1, "year": 12}


class NotCountable(Refusal):
    """The unit is none that a deadline can be counted in, or hours are mixed with days."""

    code = "not_countable"
    status = 422
    message = "A period in “%(unit)s” cannot be counted here."
    help = "Count in hours, days, working days, months or years, and do not join hours with days."
    source = "DOMAIN C-01"


class AmountNotWhole(Refusal):
    """Half a month is fifteen days, and nothing else is counted in parts (C-05)."""

    code = "amount_not_whole"
    status = 422
    message = "%(amount)s is not a whole number."
    help = "Give a whole number. Half a month is 15 days."
    source = "DOMAIN C-05"


class AmountNegative(Refusal):
    """A period is zero or more; the direction is said by `before`."""

    code = "amount_negative"
    status = 422
    message = "A period cannot be negative: %(amount)s."
    help = "Give a positive number; to count back from a day, say so."
    source = "DOMAIN C-09"


class AmountTooLarge(Refusal):
    """More than about a hundred years: a slip of the hand."""

    code = "amount_too_large"
    status = 422
    message = "%(amount)s is too much: at most %(largest)s can be counted."
    help = "Check the number and its unit."


class TimeMissing(Refusal):
    """Hours were asked from a date without a time."""

    code = "time_missing"
    status = 422
    message = "Hours are counted from a time, and %(start)s has none."
    help = "Give the hour and minute as well."
    source = "DOMAIN C-01"


class YearOutOfRange(Refusal):
    """The start or the end lies where no deadline of this program can lie."""

    code = "year_out_of_range"
    status = 422
    message = YEAR_OUTSIDE
    help = "Check the date and the period."


@dataclass(frozen=True)
class Period:
    """An amount and its unit. `clear_day` n leaves n whole days between the two ends (C-09, strict)."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.unit not in LARGEST:
            raise NotCountable(unit=self.unit)
        if not isinstance(self.amount, int) or isinstance(self.amount, bool):
            raise AmountNotWhole(amount=self.amount)
        if self.amount < 0:
            raise AmountNegative(amount=self.amount)
        if self.amount > LARGEST[self.unit]:
            raise AmountTooLarge(amount=self.amount, largest=LARGEST[self.unit])


@dataclass(frozen=True)
class Manner:
    """How a period runs.

    `roll`: where an end on a day off moves. `before`: count back from an event, the event's day left out (C-09).
    `custody`: this is a period of somebody's custody and ends on the exact day, whatever `roll` says (C-02).
    `criminal`: months by C-05 (the last day of a month answers to the last day), else by C-04 (the same date).
    """

    roll: Roll = "none"
    before: bool = False
    custody: bool = False
    criminal: bool = False


@dataclass(frozen=True)
class Due:
    """The day (for hours: the moment) a period ends. `raw` is the end before it was moved for a day off."""

    due: date
    raw: date
    why: tuple[Reason, ...]
    provisional: bool


def count(
    start: date,
    amount: int,
    unit: Unit,
    calendar: Calendar,
    *,
    roll: Roll = "none",
    before: bool = False,
    custody: bool = False,
    criminal: bool = False,
) -> Due:
    """Count one period from `start`; see `Manner` for the keywords.

    Hours end at the same minute: 24 hours from 16:20 end at 16:20 of the next day. "The starting hour is not counted"
    (C-01) is read as the starting moment; reading it as the whole clock hour would end at 17:00, which is never
    earlier, so who keeps to 16:20 keeps both readings. Hours are not moved for days off, which C-02 says of days.
    Raises: NotCountable, AmountNotWhole, AmountNegative, AmountTooLarge, TimeMissing, YearOutOfRange, CalendarUnknown.
    """
    return count_joined(start, [Period(amount, unit)], calendar, Manner(roll, before, custody, criminal))


def count_joined(start: date, periods: Sequence[Period], calendar: Calendar, manner: Manner) -> Due:
    """Count periods that follow each other: joined first, rolled once from the raw end (C-16).

    Neighbours of one unit are added before counting: one month and one month from 31 January are two months.
    """
    raw, why = join(start, periods, calendar, manner)
    return finish(start, raw, why, calendar, manner)


def join(start: date, periods: Sequence[Period], calendar: Calendar, manner: Manner) -> tuple[date, tuple[Reason, ...]]:
    """The raw end of periods that follow each other, and how it was reached; nothing is moved for a day off."""
    end = _beginning(start, periods)
    code = "hours_run" if isinstance(end, datetime) else "start_excluded"
    why = [Reason.of(code, start=end)]
    if len(periods) > 1:
        why.append(Reason.of("joined"))
    for period in _added_up(periods):
        end, steps = _step(end, period, calendar, manner)
        why += steps
    return end, tuple(why)


def finish(start: date, raw: date, why: tuple[Reason, ...], calendar: Calendar, manner: Manner) -> Due:
    """Move a raw end off a day off, once, and say whether a year without notice was touched (C-02, C-12)."""
    due, moved = _rolled(raw, calendar, manner)
    years = calendar.unofficial_years(*_counted_span(_day(start), _day(raw), _day(due)))
    mark = (Reason.of("unpublished", mark=UNPUBLISHED, years=years),) if years else ()
    return Due(due, raw, why + moved + mark, bool(years))


def _beginning(start: date, periods: Sequence[Period]) -> date:
    """A moment for hours, a date for everything else; refuses what cannot be counted."""
    if isinstance(start, datetime) and start.tzinfo is not None:
        raise ValueError("count from the office's local time, without a zone (DOMAIN C-14)")
    _check_year(start.year)
    hours = [period.unit == "hour" for period in periods]
    if not all(hours) and any(hours):
        raise NotCountable(unit="hour")
    if not any(hours):
        return _day(start)
    if not isinstance(start, datetime):
        raise TimeMissing(start=start)
    return start


def _added_up(periods: Sequence[Period]) -> list[Period]:
    """Neighbours of one unit become one period."""
    joined: list[Period] = []
    for period in periods:
        if joined and joined[-1].unit == period.unit:
            joined[-1] = Period(joined[-1].amount + period.amount, period.unit)
        else:
            joined.append(period)
    return joined


def _step(start: date, period: Period, calendar: Calendar, manner: Manner) -> tuple[date, list[Reason]]:
    """One period from `start`, with its reasons."""
    sign = -1 if manner.before else 1
    extra: Reason | None = None
    details: list[Reason] = []
    end = start
    if period.unit in _MONTHS:
        # C-05 speaks of months alone; a year is the same date of another year.
        criminal = manner.criminal and period.unit == "month"
        end, extra = _months_on(start, sign * period.amount * _MONTHS[period.unit], criminal)
    elif period.unit == "working_day":
        end = calendar.add_working_days(start, sign * period.amount)
        details = _passed(start, end, period.amount, calendar)
    else:
        end = start + sign * _span(period)
    _check_year(end.year)
    code = period.unit + ("_back" if manner.before else "")
    return end, [Reason.of(code, amount=period.amount, end=end), *([extra] if extra else details)]


def _span(period: Period) -> timedelta:
    if period.unit == "hour":
        return timedelta(hours=period.amount)
    return timedelta(days=period.amount + (1 if period.unit == "clear_day" else 0))


def months_away(start: date, months: int) -> date:
    """The corresponding day some months on, or back (C-04)."""
    return _months_on(start, months, criminal=False)[0]


def _months_on(start: date, months: int, criminal: bool) -> tuple[date, Reason | None]:
    """The corresponding day `months` away (C-04), or by C-05 the last day for the last day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    month += 1
    _check_year(year)
    last = monthrange(year, month)[1]
    if start.day > last:
        return date(year, month, last), Reason.of("no_such_day", day=start.day)
    if criminal and start.day == monthrange(start.year, start.month)[1] and start.day < last:
        return date(year, month, last), Reason.of("month_end", start=start)
    return date(year, month, start.day), None


def _passed(start: date, end: date, amount: int, calendar: Calendar) -> list[Reason]:
    """What a count of working days met on its way: working weekends it counted, days off it did not."""
    if start == end:
        return []
    first, last = _counted_span(start, end)
    makeup = tuple(day for day in calendar.working_days(first, last) if calendar.kind(day) == "makeup_work")
    off = (last - first).days + 1 - amount
    return [
        *([Reason.of("rest_passed", count=off)] if off else []),
        *([Reason.of("makeup_counted", days=makeup)] if makeup else []),
    ]


def _rolled(raw: date, calendar: Calendar, manner: Manner) -> tuple[date, tuple[Reason, ...]]:
    """Where an end on a day off moves, and why it does or does not."""
    if manner.custody:
        return raw, (Reason.of("custody"),)
    if manner.roll == "none":
        return raw, ()
    if isinstance(raw, datetime):
        return raw, (Reason.of("hours_stay"),)
    back = manner.roll == "previous_working"
    due = calendar.working_day_until(raw) if back else calendar.working_day_from(raw)
    if due == raw:
        return raw, ()
    code, name = "rolled_back" if back else "rolled", calendar.name(raw)
    if not name:
        return due, (Reason.of(f"{code}_unnamed", raw=raw, due=due),)
    return due, (Reason.of(code, raw=raw, name=name, due=due),)


def _counted_span(start: date, *ends: date) -> tuple[date, date]:
    """First and last of the days counted or looked at: from `start`, itself left out, to the furthest end."""
    first, last = min(start, *ends), max(start, *ends)
    if first == last:
        return first, last
    if start == first:
        return first + timedelta(days=1), last
    return first, last - timedelta(days=1) if start == last else last


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise YearOutOfRange(year=year, first=FIRST_YEAR, last=LAST_YEAR)
