"""The terms of a service scheme: what is asked of somebody, in which hours, and what excuses or ends it (DOMAIN 3.3).

Local schemes differ in nearly everything and none is the rule; an office begins with a preset and changes it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any

from errors import Refusal

SOURCE = "DOMAIN 3.3"
LEAST_MINUTES, MOST_MINUTES, MOST_OF_A_DAY = 30, 200 * 60, 12 * 60
MOST_UNDO_MINUTES = 24 * 60
ALTERNATIVES = ("community_service", "legal_publicity", "indoor_duty")
EXEMPTIONS = ("age", "pregnancy", "illness", "disability", "carer")
STOPS = ("new_offence", "breach_of_bail", "impostor", "fraud", "plea_withdrawn")
COUNTERSIGN = ("none", "squad_leader")
EQUIPMENT = ("vest", "flag", "whistle")
LIMIT_BASES = ("review_limit", "bail_limit", "entered_date")


class TermsWrong(Refusal):
    """`field` is the one that is wrong."""

    code = "terms_wrong"
    status = 422
    source = SOURCE
    field: str = ""


class HoursOutOfBounds(TermsWrong):
    code = "hours_out_of_bounds"
    message = "Between half an hour and 200 hours of service can be asked."
    help = "Local schemes ask for 10 to 80 hours."
    field = "required_minutes"


class TierHoursOutOfBounds(HoursOutOfBounds):
    code = "tier_hours_out_of_bounds"
    field = "tiers"


class ShiftLongerThanDay(TermsWrong):
    code = "shift_longer_than_day"
    message = "The shortest shift is longer than what counts on one day."
    help = "Shorten the shift or lengthen the day."
    field = "min_shift_minutes"


class DayTooLong(TermsWrong):
    code = "day_too_long"
    message = "At most twelve hours of one day can count."
    help = "Local schemes count about three."
    field = "max_day_minutes"


class WindowsWrong(TermsWrong):
    code = "windows_wrong"
    message = "The service windows overlap, or one ends before it begins."
    help = "Give each its beginning and its end, in their order."
    field = "windows"


class TiersWrong(TermsWrong):
    """A tier below 150 mg describes people who normally committed no crime (D-04)."""

    code = "tiers_wrong"
    message = "Tiers of blood alcohol begin at %(least)s mg/100 ml, follow each other and do not overlap."
    help = "Below that, without an aggravating circumstance, it is normally no crime."
    source = "DOMAIN D-04"
    field = "tiers"


class GradesWrong(TermsWrong):
    code = "grades_wrong"
    message = "Excellent would begin below passed."
    help = "Give excellent at least as many points as passed."
    field = "excellent_score"


@dataclass(frozen=True)
class Tier:
    """From `bac_min` mg/100 ml up to but not including `bac_max` (None: open), so many minutes."""

    bac_min: int
    bac_max: int | None
    minutes: int


@dataclass(frozen=True)
class Terms:
    """Every term of a scheme. Minutes and days are whole numbers; `windows` are local times of a day.

    `allow_weekends`, `allow_holidays`: whether a shift on such a day may be booked. Of a score of 0 to 100,
    `pass_score` and `excellent_score` are where the grades begin that an evaluation proposes.
    """

    required_minutes: int = 1200
    tiers: tuple[Tier, ...] = ()
    aggravator_extra_minutes: int = 0
    min_shift_minutes: int = 60
    max_day_minutes: int = 180
    windows: tuple[tuple[time, time], ...] = ((time(7, 30), time(9)), (time(17), time(18, 30)))
    allow_weekends: bool = True
    allow_holidays: bool = False
    period_days: int = 15
    extension_days: int = 15
    intake_working_days: int = 4
    evaluation_working_days: int = 2
    window_from: date | None = None
    limit_basis: str = "review_limit"
    report_days: int = 3
    training_required: bool = True
    training_minutes: int = 60
    insurance_required: bool = True
    equipment: tuple[str, ...] = EQUIPMENT
    countersign: str = "none"
    confirm_undo_minutes: int = 10
    shift_photos: bool = False
    late_grace_minutes: int = 10
    cancel_before_hours: int = 12
    round_minutes: int = 30
    no_show_limit: int = 2
    pass_score: int = 60
    excellent_score: int = 90
    random_checks: int = 1
    exempt_age: int = 65
    alternatives: tuple[str, ...] = ALTERNATIVES
    exemptions: tuple[str, ...] = EXEMPTIONS
    stops: tuple[str, ...] = STOPS

    @property
    def usual_shift(self) -> int:
        """Minutes of the shortest window: what one shift a day brings."""
        return min((_minutes(end) - _minutes(start) for start, end in self.windows), default=self.min_shift_minutes)

    @property
    def shift(self) -> int:
        """Minutes by which shifts still to come are counted: none is shorter than the shortest that counts."""
        return min(max(self.usual_shift, self.min_shift_minutes), self.max_day_minutes)

    @property
    def every_day(self) -> bool:
        """Whether weekends and holidays are like any other day."""
        return self.allow_weekends and self.allow_holidays

    def serves_on(self, kind: str) -> bool:
        """Whether a shift on such a day may be booked: a kind of day of the calendar."""
        if kind in ("off", "local_off"):
            return self.allow_holidays
        return kind != "weekend" or self.allow_weekends

    def minutes_for(self, bac_hundredths: int, *, aggravated: bool) -> int:
        """Minutes asked of somebody with so much blood alcohol (hundredths of mg/100 ml)."""
        asked = self.required_minutes
        for tier in self.tiers:
            if tier.bac_min * 100 <= bac_hundredths and (tier.bac_max is None or bac_hundredths < tier.bac_max * 100):
                asked = tier.minutes
        return asked + (self.aggravator_extra_minutes if aggravated else 0)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def check_terms(terms: Terms, minor_line: int) -> None:
    """Refuse terms nobody can serve by. `minor_line`: mg/100 ml from which tiers begin (D-04).

    Raises: HoursOutOfBounds, DayTooLong, ShiftLongerThanDay, GradesWrong, WindowsWrong, TiersWrong.
    """
    if not LEAST_MINUTES <= terms.required_minutes <= MOST_MINUTES:
        raise HoursOutOfBounds()
    if any(not LEAST_MINUTES <= tier.minutes <= MOST_MINUTES for tier in terms.tiers):
        raise TierHoursOutOfBounds()
    if terms.max_day_minutes > MOST_OF_A_DAY:
        raise DayTooLong()
    if terms.min_shift_minutes > terms.max_day_minutes:
        raise ShiftLongerThanDay()
    if terms.excellent_score < terms.pass_score:
        raise GradesWrong()
    edges = [edge for window in terms.windows for edge in window]
    if any(later <= earlier for earlier, later in zip(edges[::2], edges[1::2], strict=True)) or edges != sorted(edges):
        raise WindowsWrong()
    least = minor_line
    for tier in terms.tiers:
        if tier.bac_min < least or (tier.bac_max is not None and tier.bac_max <= tier.bac_min):
            raise TiersWrong(least=minor_line)
        if tier.bac_max is None and tier is not terms.tiers[-1]:
            raise TiersWrong(least=minor_line)
        least = tier.bac_max or least


@cache
def presets() -> Mapping[str, Terms]:
    """The local schemes an office may begin with (DOMAIN 3.2, 3.3), by their key; `custom` is the default terms."""
    content = tomllib.loads(Path(__file__).with_name("schemes.toml").read_text(encoding="utf-8"))
    return {key: from_plain({**plain(Terms()), **given}) for key, given in content.items()}


def plain(terms: Terms) -> dict[str, Any]:
    """Terms as JSON holds them: times and dates in ISO, tiers as tables."""
    found = asdict(terms)
    found["windows"] = [[start.isoformat("minutes"), end.isoformat("minutes")] for start, end in terms.windows]
    found["window_from"] = terms.window_from.isoformat() if terms.window_from else None
    return {key: list(value) if isinstance(value, tuple) else value for key, value in found.items()}


def from_plain(held: Mapping[str, Any]) -> Terms:
    """The same, read back."""
    known = {field.name for field in fields(Terms)}
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in held.items() if key in known
    }
    values["tiers"] = tuple(Tier(**tier) for tier in held["tiers"])
    values["windows"] = tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in held["windows"])
    values["window_from"] = date.fromisoformat(held["window_from"]) if held.get("window_from") else None
    return Terms(**values)
