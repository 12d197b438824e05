"""Why a date is what it is: codes with facts, and the sentence for each. Pure.

A reason is data, so that it can be stored with a deadline and read in Chinese or English. Its sentence is an English
msgid with `%(name)s` places; `N_` only marks it for extraction. `render` takes whatever gettext the caller has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from errors import N_

UNPUBLISHED = "日历未公布"  # citation: DOMAIN C-12, the mark of a date whose year has no notice yet


@dataclass(frozen=True)
class Reason:
    """One step of a count: a stable code and its facts (dates, numbers, names), in a fixed order."""

    code: str
    params: tuple[tuple[str, object], ...] = ()

    @classmethod
    def of(cls, code: str, **facts: object) -> Reason:
        """Make a reason; the facts keep the order they are given in."""
        return cls(code, tuple(facts.items()))

    @property
    def facts(self) -> Mapping[str, object]:
        """The facts by name."""
        return dict(self.params)

    @property
    def msgid(self) -> str:
        """The English sentence with places for the facts."""
        return MSGIDS[self.code][0]

    @property
    def source(self) -> str:
        """The DOMAIN ids and articles behind it."""
        return MSGIDS[self.code][1]


def unchanged(msgid: str) -> str:
    """The gettext of a reader who reads the msgid: English."""
    return msgid


def render(reasons: Iterable[Reason], gettext: Callable[[str], str] = unchanged) -> str:
    """All reasons as one line, in the language of `gettext`."""
    return gettext(SEPARATOR).join(gettext(reason.msgid) % _shown(reason.facts) for reason in reasons)


def _shown(facts: Mapping[str, object]) -> dict[str, str]:
    """Dates as ISO, moments to the minute, several things with commas."""
    return {name: _text(value) for name, value in facts.items()}


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, tuple):
        return ", ".join(_text(part) for part in value)
    return str(value)


SEPARATOR = N_("; ")

# Sources of law, cited as 9.1 of DOMAIN names them.
_CRIMINAL = "刑诉法 105"  # citation: Criminal Procedure Law
_CIVIL = "民法典 200-203"  # citation: Civil Code
_COURT = "最高法刑诉解释 202"  # citation: Supreme People's Court's interpretation of the Criminal Procedure Law
_RETURN = "刑诉法 175"  # citation: Criminal Procedure Law, supplementary investigation
_MOVE = "刑诉法 172"  # citation: Criminal Procedure Law, review limit and change of jurisdiction
_APPRAISAL = "刑诉法 149"  # citation: Criminal Procedure Law, psychiatric appraisal

MSGIDS: dict[str, tuple[str, str]] = {
    "start_excluded": (N_("%(start)s itself is not counted"), f"C-01; {_CRIMINAL}; {_CIVIL}"),
    "hours_run": (
        N_("hours run from %(start)s to the minute, that moment not counted, through nights and days off"),
        f"C-01; {_CRIMINAL}",
    ),
    "joined": (N_("periods that follow each other are joined, and moved once at the end"), "C-16"),
    "hour": (N_("%(amount)s hour(s) on: %(end)s"), "C-01"),
    "hour_back": (N_("%(amount)s hour(s) back: %(end)s"), "C-09"),
    "day": (N_("%(amount)s calendar day(s) on: %(end)s"), "C-01, C-08"),
    "day_back": (N_("%(amount)s calendar day(s) back: %(end)s"), "C-08, C-09"),
    "clear_day": (N_("%(amount)s whole day(s) lie between: %(end)s"), "C-09"),
    "clear_day_back": (N_("%(amount)s whole day(s) lie between, counted back: %(end)s"), "C-09"),
    "working_day": (N_("%(amount)s working day(s) on: %(end)s"), "C-08"),
    "working_day_back": (N_("%(amount)s working day(s) back: %(end)s"), "C-08, C-09"),
    "month": (N_("%(amount)s month(s) on, by the date: %(end)s"), f"C-04, C-05; {_CIVIL}; {_COURT}"),
    "month_back": (N_("%(amount)s month(s) back, by the date: %(end)s"), "C-04, C-09"),
    "year": (N_("%(amount)s year(s) on, by the date: %(end)s"), f"C-04; {_CIVIL}"),
    "year_back": (N_("%(amount)s year(s) back, by the date: %(end)s"), "C-04, C-09"),
    "no_such_day": (
        N_("that month has no day %(day)s, so its last day stands for it"),
        f"C-04, C-05; {_CIVIL}; {_COURT}",
    ),
    "month_end": (
        N_("%(start)s is the last day of its month, so the period ends on the last day of a month"),
        f"C-05; {_COURT}",
    ),
    "makeup_counted": (N_("days of a weekend counted because people work on them: %(days)s"), "C-08, C-13"),
    "rest_passed": (N_("%(count)s day(s) off in between not counted"), "C-08"),
    "rolled": (
        N_("%(raw)s is a day off (%(name)s), so it moves to the first working day after it, %(due)s"),
        f"C-02; {_CRIMINAL}; {_CIVIL}",
    ),
    "rolled_unnamed": (
        N_("%(raw)s is a day off, so it moves to the first working day after it, %(due)s"),
        f"C-02; {_CRIMINAL}; {_CIVIL}",
    ),
    "rolled_back": (
        N_("%(raw)s is a day off (%(name)s), so it moves back to the working day before it, %(due)s"),
        "C-09",
    ),
    "rolled_back_unnamed": (
        N_("%(raw)s is a day off, so it moves back to the working day before it, %(due)s"),
        "C-09",
    ),
    "custody": (N_("in custody: ends on the exact day, a day off moves nothing"), f"C-02; {_CRIMINAL}"),
    "hours_stay": (N_("a period of hours is not moved for a day off"), "C-02"),
    "received": (N_("received on %(on)s"), f"D-10; {_MOVE}"),
    "extended": (N_("extended on %(on)s"), f"D-10, C-16; {_MOVE}"),
    "re_received": (N_("received again on %(on)s, so counted anew"), f"D-15; {_RETURN}"),
    "jurisdiction_changed": (N_("jurisdiction changed, received on %(on)s, so counted anew"), f"D-15; {_MOVE}"),
    "suspended": (N_("%(count)s suspended day(s) not counted: %(end)s"), f"D-15; {_APPRAISAL}"),
    "unpublished": (N_("%(mark)s (calendar of %(years)s not yet published)"), "C-12"),
}
