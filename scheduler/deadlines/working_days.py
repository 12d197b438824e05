"""Which days are working days. A frozen value, no web, no database (DOMAIN 6.1; C-08, C-10, C-12, C-13).

The statutory part comes from the package `holidays`, one year at a time, when it is asked for. A year is official
where the package carries the State Council's notice or where an office has imported it. In a year without notice only
weekends and the days of the base law are off; the package's guess of compensation days can be shown, never counted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from errors import YEAR_OUTSIDE, Refusal

if TYPE_CHECKING:
    import holidays

Kind = Literal["working", "weekend", "off", "makeup_work", "local_off"]

FIRST_YEAR, LAST_YEAR = 1950, 2100  # what the package's lunar calendar reaches
MAKEUP_NAME = "调休上班"  # citation: the yearly notice of the State Council, days on which one works instead

_KINDS: frozenset[str] = frozenset(get_args(Kind))
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_WORKING: frozenset[str] = frozenset({"working", "makeup_work"})
_ONE_DAY = timedelta(days=1)


class Day(NamedTuple):
    """What a day is and what people call it ("" for an ordinary day)."""

    kind: Kind
    name: str = ""


class CalendarUnknown(Refusal):
    """A working day was asked for in a year whose lunar holidays nobody can compute here."""

    code = "calendar_unknown"
    status = 422
    message = YEAR_OUTSIDE
    help = "Working days are known as far as the lunar calendar. Check the year."
    source = "DOMAIN C-13"


@dataclass(frozen=True)
class Calendar:
    """The working-day calendar of one office: statutory days, with what the office has corrected or imported.

    `corrections` decide over the statutory table day by day (an imported notice, local days off of base law art. 4,
    a day the office found wrong). `official_years` are the years whose notice was imported.
    """

    corrections: Mapping[date, Day] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    official_years: frozenset[int] = frozenset()

    def kind(self, day: date) -> Kind:
        """What `day` is: working, weekend, off, makeup_work (a working rest day) or local_off (C-10)."""
        return self._day(day).kind

    def name(self, day: date) -> str:
        """The Chinese name of a holiday or make-up day; "" for an ordinary working day or weekend."""
        return self._day(day).name

    def is_working_day(self, day: date) -> bool:
        """Whether `day` is a working day, make-up working days included (C-08)."""
        return self._day(day).kind in _WORKING

    def is_official(self, year: int) -> bool:
        """Whether the notice for `year` is known, from the package or imported (C-12, C-13)."""
        return year in self.official_years or year in _published_years()

    def unofficial_years(self, first: date, last: date) -> tuple[int, ...]:
        """The years from `first` to `last`, both included, whose notice is not known."""
        return tuple(year for year in range(first.year, last.year + 1) if not self.is_official(year))

    def guessed_compensation(self, year: int) -> Mapping[date, str]:
        """Days probably off in a year without notice, by name: to be shown as a guess, never counted (C-13)."""
        return MappingProxyType({}) if self.is_official(year) else _guess(year)

    def next_working_day(self, day: date) -> date:
        """The first working day after `day`."""
        return self.working_day_from(day + _ONE_DAY)

    def previous_working_day(self, day: date) -> date:
        """The last working day before `day`."""
        return self.working_day_until(day - _ONE_DAY)

    def working_day_from(self, day: date) -> date:
        """`day` itself if it is a working day, else the first one after it (C-02)."""
        while not self.is_working_day(day):
            day += _ONE_DAY
        return day

    def working_day_until(self, day: date) -> date:
        """`day` itself if it is a working day, else the last one before it."""
        while not self.is_working_day(day):
            day -= _ONE_DAY
        return day

    def add_working_days(self, day: date, amount: int) -> date:
        """The `amount`-th working day after `day` (before it, if negative); `day` is not counted, 0 leaves it."""
        for _ in range(abs(amount)):
            day = self.next_working_day(day) if amount > 0 else self.previous_working_day(day)
        return day

    def working_days(self, first: date, last: date) -> Iterator[date]:
        """Every working day from `first` to `last`, both included; nothing if `last` lies before `first`."""
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            if self.is_working_day(day):
                yield day

    def _day(self, day: date) -> Day:
        if isinstance(day, datetime):
            raise TypeError("a calendar is asked about local dates, not moments (DOMAIN C-14)")
        return self.corrections.get(day) or _statutory_day(day)


def statutory(
    corrections: Mapping[date, tuple[Kind, str]] | None = None, official_years: Collection[int] = ()
) -> Calendar:
    """The calendar from the package `holidays`, under an office's corrections and the years it has imported.

    An imported notice need only name its days off and its make-up working days; weekends and the days of the base law
    stand already. To take a statutory day away, correct it to "working" or "weekend".
    Raises: ValueError for a kind that does not exist (who reads files checks them before).
    """
    days = {day: Day(*value) for day, value in (corrections or {}).items()}
    unknown = sorted({day.kind for day in days.values()} - _KINDS)
    if unknown:
        raise ValueError(f"no such kind of day: {', '.join(unknown)}")
    return Calendar(MappingProxyType(days), frozenset(official_years))


def _statutory_day(day: date) -> Day:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise CalendarUnknown(year=day.year, first=FIRST_YEAR, last=LAST_YEAR)
    return _year(day.year).get(day) or _ORDINARY[day.weekday()]


_ORDINARY = (Day("working"),) * 5 + (Day("weekend"),) * 2


@cache
def _year(year: int) -> Mapping[date, Day]:
    """Every day of `year` that is not what its weekday says, or has a name. Only base-law days without a notice.

    A notice gives a run of days: a weekend that touches a day off belongs to the holiday, as the notice writes it.
    """
    listed = _listed(year)
    if year not in _published_years():
        return listed
    weekends = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
    joined = {day: Day("off", name) for day in weekends if day.year == year and (name := _holiday_around(day))}
    return MappingProxyType({**joined, **listed})


def _holiday_around(day: date) -> str:
    """The holiday whose run of days a weekend day lies in; "" for any other day."""

    def stands(at: date) -> Day:
        return _listed(at.year).get(at) or _ORDINARY[at.weekday()]

    for step in (-_ONE_DAY, _ONE_DAY):
        near = day
        while stands(near).kind == "weekend":
            near += step
        if near != day and stands(near).kind == "off":
            return stands(near).name
    return ""


@cache
def _listed(year: int) -> Mapping[date, Day]:
    """What the package lists: statutory days, compensation days and make-up days."""
    package = _package(year, observed=year in _published_years())
    off = {day: Day("off", _ISO.sub(_in_chinese, name)) for day, name in package.items() if day.year == year}
    # The package lists make-up days of every year it knows in `weekend_workdays`: keep this year's.
    makeup = {day: Day("makeup_work", MAKEUP_NAME) for day in package.weekend_workdays if day.year == year}
    return MappingProxyType(off | makeup)


def _in_chinese(found: re.Match[str]) -> str:
    """A day in a name of the package, which writes it 2026-10-10."""
    return f"{int(found[2])}月{int(found[3])}日"  # citation: the order of a Chinese date


@cache
def _guess(year: int) -> Mapping[date, str]:
    known = _package(year, observed=False)
    guessed = sorted((day, name) for day, name in _package(year, observed=True).items() if day not in known)
    return MappingProxyType({day: name for day, name in guessed if day.year == year})


@cache
def _published_years() -> frozenset[int]:
    """The years whose notice the package carries; for any other it guesses without saying so (C-13)."""
    return frozenset(_package(FIRST_YEAR, observed=True).special_public_holidays)


def _package(year: int, *, observed: bool) -> holidays.HolidayBase:
    """China's public holidays of one year; `expand` is off so that a look at another year adds nothing."""
    import holidays  # here: a tenth of the program's start, and most commands count no working day

    return holidays.country_holidays("CN", years=year, observed=observed, expand=False, language="zh_CN")
