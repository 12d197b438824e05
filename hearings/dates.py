"""The dates of a hearing that are always in view: the last lawful notice, the sitting, the limit of its case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Office
from accounts.settings import in_force
from cases.limits import Counting, Limit, limit_of
from hearings.models import Hearing
from scheduler.deadlines.working_days import Calendar

NOTICE, BUFFER = "hearing.notice_days", "hearing.buffer_before_case_limit"


@dataclass(frozen=True)
class Dates:
    """`notice_by`: the last day on which telling is lawful, None before there is a sitting; `notice_practical`: the
    working day before it where that is a day off (H-41). `sit_by`: the last day that leaves the case its buffer (H-55),
    None where no limit runs. `notice_days`: how many days lie between telling and sitting at least."""

    limit: Limit
    sits_on: date | None
    sit_by: date | None
    notice_by: date | None
    notice_practical: date | None
    notice_days: int


def dates_of(hearing: Hearing, on: date) -> Dates:
    """The dates as they stand on a day."""
    office = hearing.office
    counting = Counting.of(office, on)
    limit = limit_of(hearing.case, on, counting)
    rules = in_force(office, on, (NOTICE, BUFFER))
    days = rules[NOTICE].rule.amount
    sits_on = day_of(hearing.event.starts_at, office) if hearing.event else None
    notice_by = sits_on - timedelta(days=days) if sits_on else None
    sit_by = last_day_to_sit(limit.by, rules[BUFFER].rule.amount, counting.calendar)
    return Dates(limit, sits_on, sit_by, notice_by, _practical(notice_by, counting.calendar), days)


def day_of(at: datetime, office: Office) -> date:
    """The local day of an instant."""
    return at.astimezone(ZoneInfo(office.zone)).date()


def public_with_a_minor(hearing: Hearing, at: datetime) -> bool:
    """Whether a hearing is public though it must not be: a minor is in its case, by age on the day it sits, or today
    while it has none (H-11)."""
    by_when = hearing.event.starts_at if hearing.event else at
    return hearing.is_public and hearing.case.minor_on(day_of(by_when, hearing.office))


def last_day_to_sit(limit_on: date | None, buffer: int, calendar: Calendar) -> date | None:
    """The last day that leaves `buffer` working days before the end of a limit (DOMAIN H-55, D-16)."""
    return calendar.add_working_days(limit_on, -buffer) if limit_on is not None else None


def _practical(notice_by: date | None, calendar: Calendar) -> date | None:
    if notice_by is None or calendar.is_working_day(notice_by):
        return None
    return calendar.working_day_until(notice_by)
