"""Every term of a scheme as a form asks it and as a page says it, in groups; the difference of two versions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from accounts.presenting import dated, duration
from accounts.setting_values import unit_word, with_unit
from volunteers.rules.schemes import (
    ALTERNATIVES,
    COUNTERSIGN,
    EQUIPMENT,
    EXEMPTIONS,
    LIMIT_BASES,
    MOST_UNDO_MINUTES,
    STOPS,
    Terms,
    Tier,
)
from volunteers.words import BASES, COUNTERSIGNED, EQUIPPED, EXEMPTED, OTHERWISE, STOPPED


@dataclass(frozen=True)
class Term:
    """`kind`: hours (typed as hours, kept as minutes), a unit of whole numbers, or a field of its own. `least` and
    `most` bound a whole number; `words` are those of a choice, in the order of the rule."""

    name: str
    kind: str
    label: Any
    help: Any = ""
    least: int = 0
    most: int = 0
    words: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    title: Any
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Line:
    """A term in words; of a difference also as it was."""

    label: Any
    text: str
    before: str = ""


def _in_order(names: tuple[str, ...], words: Mapping[str, Any]) -> dict[str, Any]:
    return {name: words[name] for name in names}


GROUPS = (
    Group(
        _l("Hours and tiers"),
        (
            Term("required_minutes", "hours", _l("Hours of service asked"), _l("Local schemes ask for 10 to 80.")),
            Term(
                "aggravator_extra_minutes",
                "hours",
                _l("More hours where something aggravates"),
                _l("0: none."),
            ),
            Term(
                "tiers",
                "tiers",
                _l("Other hours by blood alcohol"),
                _l(
                    "One a line. “150-180: 30” asks 30 hours from 150 up to, not including, 180 mg/100 ml; “180-: 40” "
                    "has no upper end. Empty: the same hours for everybody."
                ),
            ),
        ),
    ),
    Group(
        _l("Days and shifts"),
        (
            Term(
                "min_shift_minutes",
                "minute",
                _l("Shortest shift that counts"),
                _l("Whoever signs it books no shorter one."),
                15,
                600,
            ),
            Term("max_day_minutes", "hours", _l("Hours on one day, at most"), _l("Split at local midnight.")),
            Term(
                "windows",
                "windows",
                _l("Service windows"),
                _l("One a line, as 07:30-09:00; a school gate may begin at 07:00."),
            ),
            Term("allow_weekends", "switch", _l("Shifts on weekends may be booked")),
            Term("allow_holidays", "switch", _l("Shifts on public holidays may be booked")),
        ),
    ),
    Group(
        _l("Period and back-plan"),
        (
            Term("period_days", "day", _l("Length of an assessment"), "", 1, 180),
            Term("extension_days", "day", _l("Extension"), "", 0, 180),
            Term(
                "intake_working_days",
                "working_day",
                _l("Intake"),
                _l("Telling, consent, training and insurance come before the first shift."),
                0,
                30,
            ),
            Term(
                "evaluation_working_days",
                "working_day",
                _l("Evaluation before the notice"),
                _l("So long before the hearing is announced."),
                0,
                30,
            ),
            Term(
                "window_from",
                "date",
                _l("Service may begin from"),
                _l("Leave it empty: right after intake."),
            ),
            Term("limit_basis", "choice", _l("Counted back from"), words=_in_order(LIMIT_BASES, BASES)),
        ),
    ),
    Group(
        _l("Training, insurance, equipment"),
        (
            Term("training_minutes", "hours", _l("Training before the first shift"), _l("At least.")),
            Term("report_days", "day", _l("First report to the squad"), _l("From the first day on."), 1, 30),
            Term("training_required", "switch", _l("Nobody stands at a crossing untrained")),
            Term("insurance_required", "switch", _l("Nobody stands at a crossing uninsured")),
            Term("equipment", "ticks", _l("Equipment"), words=_in_order(EQUIPMENT, EQUIPPED)),
        ),
    ),
    Group(
        _l("Presence and confirming"),
        (
            Term(
                "countersign",
                "choice",
                _l("Countersigned by"),
                _l("With the squad leader, hours count once he has signed the week."),
                words=_in_order(COUNTERSIGN, COUNTERSIGNED),
            ),
            Term(
                "confirm_undo_minutes",
                "minute",
                _l("A confirmation can be undone"),
                _l("Of several people confirmed with one press, as long as the longest of their schemes says."),
                0,
                MOST_UNDO_MINUTES,
            ),
            Term("late_grace_minutes", "minute", _l("Late after"), _l("Minutes stay as they were."), 0, 120),
            Term(
                "cancel_before_hours",
                "hour",
                _l("Cancelled before the shift"),
                _l("Later he says he is absent."),
                0,
                240,
            ),
            Term("round_minutes", "hours", _l("Hours are rounded to"), _l("Down, once, only where a total is shown.")),
            Term("shift_photos", "switch", _l("Photos of a shift")),
        ),
    ),
    Group(
        _l("What is looked at"),
        (
            Term(
                "no_show_limit",
                "times",
                _l("Missed shifts before the prosecutor is told"),
                _l("Without notice."),
                1,
                20,
            ),
            Term("random_checks", "times", _l("Unannounced checks of one person"), _l("At least."), 0, 50),
            Term("pass_score", "score", _l("Passed from"), _l("Of a score from 0 to 100; a person decides."), 0, 100),
            Term("excellent_score", "score", _l("Excellent from"), _l("Of the same score."), 0, 100),
        ),
    ),
    Group(
        _l("What excuses, ends or replaces the service"),
        (
            Term("exempt_age", "age", _l("Excused from this age"), _l("Another kind of service is offered."), 50, 100),
            Term("exemptions", "ticks", _l("Excused by"), words=_in_order(EXEMPTIONS, EXEMPTED)),
            Term("alternatives", "ticks", _l("Offered instead"), words=_in_order(ALTERNATIVES, OTHERWISE)),
            Term("stops", "ticks", _l("Ended by"), words=_in_order(STOPS, STOPPED)),
        ),
    ),
)


UNITS = {"hours": "hour", "minute": "minute", "hour": "hour", "day": "day", "working_day": "working_day"}


def hint(term: Term) -> str:
    """What a form says beside a term: its help, and what it is counted in."""
    unit = gettext("Counted in: %(unit)s.", unit=unit_word(UNITS[term.kind])) if term.kind in UNITS else ""
    return f"{term.help} {unit}".strip()


def say(term: Term, value: Any) -> str:
    """A term's value in the reader's language."""
    return _SAY[term.kind](term, value) if term.kind in _SAY else with_unit(value, term.kind)


def _listed(words: Iterable[Any]) -> str:
    return gettext(", ").join(str(one) for one in words) or gettext("none")


def say_tier(tier: Tier) -> str:
    facts = {"least": tier.bac_min, "most": tier.bac_max, "hours": duration(tier.minutes)}
    if tier.bac_max is None:
        return gettext("from %(least)s mg/100 ml: %(hours)s", **facts)
    return gettext("from %(least)s to under %(most)s mg/100 ml: %(hours)s", **facts)


_SAY: dict[str, Callable[[Term, Any], str]] = {
    "hours": lambda _, minutes: duration(minutes) if minutes else gettext("none"),
    "minute": lambda _, minutes: duration(minutes) if minutes else gettext("none"),
    "switch": lambda _, on: gettext("yes") if on else gettext("no"),
    "choice": lambda term, value: str(term.words[value]),
    "ticks": lambda term, values: _listed(term.words[one] for one in values),
    "windows": lambda _, windows: _listed(f"{starts:%H:%M}\u2013{ends:%H:%M}" for starts, ends in windows),
    "tiers": lambda _, tiers: gettext("; ").join(say_tier(tier) for tier in tiers) or gettext("none"),
    "date": lambda _, on: dated(on) if on else gettext("right after intake"),
    "age": lambda _, years: gettext("%(n)s years old", n=years),
    "score": lambda _, score: str(score),
}


def in_words(terms: Terms) -> list[tuple[Any, list[Line]]]:
    """All terms, group by group."""
    return [
        (group.title, [Line(one.label, say(one, getattr(terms, one.name))) for one in group.terms]) for group in GROUPS
    ]


def difference(before: Terms, terms: Terms) -> list[Line]:
    """The terms in which a version differs from the one before it."""
    found = []
    for one in (one for group in GROUPS for one in group.terms):
        was, now = getattr(before, one.name), getattr(terms, one.name)
        if was != now:
            found.append(Line(one.label, say(one, now), say(one, was)))
    return found
