"""How far somebody's service has come, in minutes, and what it still asks of each week (DOMAIN 8.5, LOOK)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from typing import Literal

USUAL_SHIFT = 90  # minutes: how much of a lag is only the next shift
Standing = Literal["complete", "booked", "on_course", "behind", "over"]
ORDER: tuple[Standing, ...] = ("over", "behind", "on_course", "booked", "complete")


@dataclass(frozen=True)
class Pace:
    """`done` is credited, `pending` confirmed and not yet final, `booked` still to be served; all minutes.

    `needed` is what is neither done nor pending; `open` what is not booked either. `lag`: how far behind an even pace.
    """

    required: int
    done: int
    pending: int
    booked: int
    days_left: int
    lag: int
    standing: Standing

    @property
    def needed(self) -> int:
        return max(self.required - self.done - self.pending, 0)

    @property
    def open(self) -> int:
        return max(self.needed - self.booked, 0)

    def shifts(self, shift: int) -> int:
        """How many shifts of a length are still to be booked."""
        return shifts_for(self.open, shift)

    def week_shifts(self, shift: int) -> int:
        """The same in each of the weeks that are left."""
        return shifts_a_week(self.open, shift, self.days_left)


def shifts_for(minutes: int, shift: int) -> int:
    """How many shifts bring so many minutes, rounded up."""
    return -(-minutes // shift)


def shifts_a_week(minutes: int, shift: int, days: int) -> int:
    """How many of them each week asks, rounded up; all of them where no more than a week is left (8.9)."""
    needed = shifts_for(minutes, shift)
    return needed if days <= 7 else -(-needed * 7 // days)


def pace(*, required: int, done: int, pending: int, booked: int, first_on: date, last_on: date, on: date) -> Pace:
    """Where somebody stands on a day, both ends of the period included.

    Behind is who lags an even pace by more than a usual shift and has not booked the rest. No cap on the total (I14).
    """
    length = (last_on - first_on).days + 1
    gone = min(max((on - first_on).days, 0), length)
    days_left = max((last_on - max(on, first_on)).days + 1, 0)
    even = required * gone // length
    lag = max(min(even, required) - done - pending, 0)
    return Pace(
        required, done, pending, booked, days_left, lag, _standing(required, done, pending, booked, days_left, lag)
    )


def _standing(required: int, done: int, pending: int, booked: int, days_left: int, lag: int) -> Standing:  # noqa: PLR0917
    if done >= required:
        return "complete"
    if done + pending >= required:
        return "booked"
    if days_left == 0:
        return "over"
    if done + pending + booked >= required:
        return "booked"
    return "behind" if lag > USUAL_SHIFT else "on_course"


def served(minutes: int, unit: int) -> Decimal:
    """A total as it is shown, in hours: down to the whole unit of minutes, once. Nobody is shown more than he has.

    Source: DOMAIN V-06, `service.round_unit`.
    """
    return _in_hours(minutes // max(unit, 1) * max(unit, 1), ROUND_DOWN)


def missing(minutes: int, unit: int) -> Decimal:
    """What is still missing, the same way up: nobody is told that he needs less than he does."""
    return _in_hours(-(-minutes // max(unit, 1)) * max(unit, 1), ROUND_UP)


def asked(minutes: int) -> Decimal:
    """What was agreed, in hours; it is no sum, and stands as it was agreed."""
    return _in_hours(minutes, ROUND_DOWN)


def _in_hours(minutes: int, rounding: str) -> Decimal:
    """To a hundredth, without zeros at its end and never as a power of ten."""
    hours = (Decimal(minutes) / 60).quantize(Decimal("0.01"), rounding)
    return Decimal(int(hours)) if hours == int(hours) else hours.normalize()
