"""What can keep somebody from a shift, in the order in which it is told, each with its refusal (IDEAS A11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from errors import N_, Refusal

Code = Literal[
    "shift_not_open",
    "shift_over",
    "not_serving",
    "not_told",
    "not_consented",
    "not_trained",
    "not_insured",
    "outside_period",
    "day_not_served",
    "shift_too_short",
    "after_bail",
    "bail_area_unknown",
    "outside_bail_area",
    "too_old",
    "health_unknown",
    "too_hard",
    "day_full",
    "too_many_open",
    "overlap",
    "own_hearing",
    "full",
]
ORDER: tuple[Code, ...] = Code.__args__  # type: ignore[attr-defined]
# What the coordinator has to enter or to renew before the next booking (SETTLED 12).
FOR_THE_OFFICE = frozenset(
    {"not_told", "not_consented", "not_trained", "not_insured", "bail_area_unknown", "health_unknown"}
)


@dataclass(frozen=True)
class Obstacle:
    """One thing in the way, with what its sentence needs."""

    code: Code
    facts: dict[str, Any] = field(default_factory=dict)


class NotBookable(Refusal):
    """The shift cannot be booked by this person. `obstacles` are all that stands in the way, the first one is said."""

    source = "DOMAIN 8.4"
    obstacles: tuple[Obstacle, ...]

    def __init__(self, obstacles: Sequence[Obstacle] = ()) -> None:
        super().__init__(**(obstacles[0].facts if obstacles else {}))
        self.obstacles = tuple(obstacles)


class ShiftNotOpen(NotBookable):
    code = "shift_not_open"
    message = "This shift cannot be booked any more."
    help = "Choose one of the other shifts."


class ShiftOver(NotBookable):
    code = "shift_over"
    message = "This shift has begun already."
    help = "Choose a later one."


class NotServing(NotBookable):
    code = "not_serving"
    message = "Shifts can be booked while the service runs."
    help = "Ask the coordinator when yours begins."


class HoursComplete(NotBookable):
    code = "hours_complete"
    message = "The hours of service are complete already."
    help = "Nothing more needs to be booked."


class OutsidePeriod(NotBookable):
    code = "outside_period"
    message = "This shift lies outside the time of service, which runs from %(first_on)s to %(last_on)s."
    help = "Choose a shift on one of these days."
    source = "DOMAIN 8.5"


class NotTold(NotBookable):
    code = "not_told"
    message = "It is not on record yet that the risks of this service were explained."
    help = "The coordinator enters it; then shifts can be booked."
    source = "DOMAIN D-22; 志愿服务条例 12"  # citation


class NotConsented(NotBookable):
    code = "not_consented"
    message = "A signed consent is not on record yet: the service is voluntary."
    help = "The coordinator enters it; then shifts can be booked."
    source = "DOMAIN D-20; 志愿服务条例 2, 25"  # citation


class NotTrained(NotBookable):
    code = "not_trained"
    message = "The training before the first shift is not on record yet."
    help = "Ask the coordinator for the next training."
    source = "DOMAIN D-22; 志愿服务条例 16"  # citation


class NotInsured(NotBookable):
    code = "not_insured"
    message = "There is no accident insurance on record for this day."
    help = "The coordinator enters the policy; then shifts can be booked."
    source = "DOMAIN D-22; 志愿服务条例 17"  # citation


class InsuredUntil(NotInsured):
    """Where there is one that ends before."""

    message = "The accident insurance on record ends on %(insured_until)s, before this shift."
    help = "The coordinator renews it; until then shifts up to that day can be booked."


class DayNotServed(NotBookable):
    code = "day_not_served"
    message = "By the terms of this service nobody serves on such a day."
    help = "Choose a shift on another day."
    source = "DOMAIN 3.3"


class ShiftTooShort(NotBookable):
    code = "shift_too_short"
    message = "By the terms of this service a shift lasts %(least)s at least; this one is shorter."
    help = "Choose a longer one."
    source = "DOMAIN 3.3"


class AfterBail(NotBookable):
    code = "after_bail"
    message = "This shift lies after %(bail_on)s, the last day on which one may be planned."
    help = "Choose an earlier one."
    source = "DOMAIN D-11; 刑诉法 79"  # citation


class BailAreaUnknown(NotBookable):
    code = "bail_area_unknown"
    message = "The area in which shifts may be served is not on record yet."
    help = "The coordinator enters it; then shifts can be booked."
    source = "DOMAIN D-11; 刑诉法 71"  # citation


class OutsideBailArea(NotBookable):
    code = "outside_bail_area"
    message = "This post lies in %(area)s, outside the area in which shifts may be served."
    help = "Choose a post inside it, or ask the coordinator for an approval."
    source = "DOMAIN D-11; 刑诉法 71"  # citation


class TooOld(NotBookable):
    code = "too_old"
    message = "From the age of %(age)s on nobody is asked to stand at a crossing."
    help = "Ask the coordinator for another kind of service."
    source = "DOMAIN D-21, 3.3; 志愿服务条例 15"  # citation


class HealthUnknown(NotBookable):
    code = "health_unknown"
    message = "It is not on record yet what kind of post is all right for the health."
    help = "Tell the coordinator; then shifts can be booked."
    source = "DOMAIN D-21; 志愿服务条例 15"  # citation


class TooHard(NotBookable):
    code = "too_hard"
    message = "This post asks for more than was said to be all right for the health."
    help = "Choose a quieter post."
    source = "DOMAIN D-21; 志愿服务条例 15"  # citation


class DayFull(NotBookable):
    code = "day_full"
    message = "With this shift %(on)s would hold more than %(most)s, the most that can be booked."
    help = "Choose a shift on another day."
    source = "DOMAIN 3.3, 9.2 service.max_per_day; TRUST I14"


class TooManyOpen(NotBookable):
    code = "too_many_open"
    message = "Booked and still to come: %(open)s. More are not booked ahead, so that others find a place too."
    help = "Serve one of them or give one back; the coordinator can plan more for you."
    source = "TRUST T06"


class Overlap(NotBookable):
    code = "overlap"
    message = "Another commitment is in the way: %(starts_at)s."
    help = "Choose another time, or cancel the other one first."
    source = "DOMAIN 8.10"


class OverlapAt(Overlap):
    """Where it may be said, with the place of the other commitment."""

    message = "Another commitment is in the way: %(starts_at)s, %(title)s."


class OwnHearing(NotBookable):
    code = "own_hearing"
    message = "A hearing you take part in is at this time: %(starts_at)s."
    help = "Choose another time; the hearing goes first."
    source = "DOMAIN 8.10"


class NoPlace(NotBookable):
    code = "full"
    message = "All %(capacity)s places are taken."
    help = "Choose another, or wait: a place is yours as soon as it is given up, until shortly before the start."


_REFUSALS: dict[str, type[NotBookable]] = {
    kind.code: kind
    for kind in (
        ShiftNotOpen,
        ShiftOver,
        NotServing,
        NotTold,
        NotConsented,
        NotTrained,
        NotInsured,
        OutsidePeriod,
        DayNotServed,
        ShiftTooShort,
        AfterBail,
        BailAreaUnknown,
        OutsideBailArea,
        TooOld,
        HealthUnknown,
        TooHard,
        DayFull,
        TooManyOpen,
        Overlap,
        OwnHearing,
        NoPlace,
    )
}


def refusal_of(obstacles: Sequence[Obstacle]) -> NotBookable:
    """The refusal that says the first of them."""
    first = obstacles[0]
    match first.code:
        case "not_serving" if first.facts.get("state") == "hours_complete":
            return HoursComplete(obstacles)
        case "overlap" if first.facts.get("title"):
            return OverlapAt(obstacles)
        case "not_insured" if first.facts.get("insured_until"):
            return InsuredUntil(obstacles)
    return _REFUSALS[first.code](obstacles)


# What is told of those whose own sentence names a day, a place or a number: a message is read on another day, and
# perhaps over somebody's shoulder.
_IN_GENERAL = {
    "outside_period": N_("The day lies outside your time of service."),
    "shift_too_short": N_("The shift is shorter than any that counts by the terms of your service."),
    "after_bail": N_("The day lies after the last one that can be planned for you."),
    "outside_bail_area": N_("The post lies outside the area in which you serve."),
    "too_old": N_("At your age nobody is asked to stand at a crossing."),
    "day_full": N_("With it your day would have been too full."),
    "too_many_open": N_("You had booked as many shifts ahead as one may."),
    "overlap": N_("You had another commitment at that time."),
    "own_hearing": N_("You are expected elsewhere at that time."),
}


def in_general(code: str) -> tuple[str, str]:
    """What stood in somebody's way and what helps, without its facts."""
    kind = _REFUSALS.get(code, NotServing)
    return _IN_GENERAL.get(code, kind.message), kind.help
