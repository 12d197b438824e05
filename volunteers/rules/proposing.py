"""What speaks against an assessment before it is proposed: blood alcohol, age, plea, fast track (DOMAIN 3.1, 8.5)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from errors import N_, Refusal
from exchange.tidy import full_years
from law import Doubt

SINCE = date(2017, 1, 1)  # no service of this kind is known before: DOMAIN 3.2, row 1
LONGEST = timedelta(days=366)  # bail, at most twelve months (D-11), bounds whatever is planned or was signed for it
CRIMINAL_AGE = 16  # 刑法 art. 17: for this offence nobody answers who is younger
FULL_AGE = 18  # 民法典 arts. 17, 19: before, whoever represents him consents as well


class NotProposable(Refusal):
    """`doubts` are all that stands in the way; the page names each."""

    code = "not_proposable"
    message = "This assessment cannot be proposed."
    help = "What stands in the way is named below, each with its rule."
    source = "DOMAIN 8.5"


class ReasonAsked(Refusal):
    """`doubts` are what a reason is asked for."""

    code = "reason_asked"
    status = 422
    message = "What is named below asks for a reason."
    help = "Say why it is right all the same; the reason stays with the file."
    source = "DOMAIN 8.9"


class NoSuspect(Refusal):
    code = "no_suspect"
    status = 422
    message = "Nobody under assessment stands in this case as a suspect."
    help = "Enter him in the case first."


class IdNumberNeeded(Refusal):
    """`field` is the one that lacks it."""

    code = "id_number_needed"
    status = 422
    message = "The ID number is needed: hours are counted for one human, whatever the office."
    help = "Give the ID number of the suspect."
    field = "id_number"


class UnderAssessmentAlready(Refusal):
    code = "under_assessment_already"
    message = "%(name)s is under assessment at this office already."
    help = "Look at the assessment that runs."


class HoursUnchanged(Refusal):
    code = "hours_unchanged"
    status = 422
    message = "These are the hours that stand already."
    help = "Give the hours as the supplementary agreement has them."
    source = "DOMAIN 8.5"


class PeriodReversed(Refusal):
    code = "period_reversed"
    status = 422
    message = "The service would end on %(last_on)s, before it begins on %(first_on)s."
    help = "Check the two days."
    source = "DOMAIN 8.5"


class SignedLater(Refusal):
    code = "signed_later"
    status = 422
    message = "%(on)s lies ahead: enter what has been signed."
    help = "Enter it on the day it is signed."


class BeforeTheStep(Refusal):
    """The papers follow each other."""

    code = "before_the_step"
    status = 422
    message = "%(on)s lies before the step it follows, %(before)s."
    help = "Check the two days."
    source = "DOMAIN 8.5"


class DayCannotBe(Refusal):
    """A day that nobody can mean, with those between which it lies; `field` is the one that holds it."""

    code = "day_cannot_be"
    status = 422
    message = "%(on)s cannot be meant: this day lies between %(earliest)s and %(latest)s."
    help = "Check the year and the day."
    source = "DOMAIN 3.2, D-11"


def check_day(field: str, on: date, earliest: date, latest: date) -> None:
    """Raises: DayCannotBe."""
    if not earliest <= on <= latest:
        raise DayCannotBe(field=field, on=on, earliest=earliest, latest=latest)


@dataclass(frozen=True)
class Proposed:
    """What is known of somebody before he is proposed on a day, `on`. Blood alcohol in hundredths of mg/100 ml, None
    before it is typed; the lines in mg. `earliest`: the receipt of his case, or the earlier day that the scheme names.
    """

    bac_hundredths: int | None
    aggravated: bool
    pleaded: bool
    born_on: date | None
    on: date
    earliest: date
    first_on: date
    last_on: date
    fast_track: bool
    drunk: Decimal
    minor_line: Decimal
    probation_line: Decimal
    exempt_age: int
    cause: str


def doubts_of(asked: Proposed) -> list[Doubt]:
    """What speaks against it, refusals first.

    Sources: DOMAIN D-07 (the opinion is on drunk driving; another charge needs a reason, as in Nantong), 8.5 (plea),
    D-01 (80), D-04 (150 without an aggravating circumstance), D-06 (180), 3.3 `exempt_if`, D-09 (fast track); of the
    period and of his youth as `_period` and `_youth` say.
    """
    found = [*_period(asked), *_youth(asked.born_on, asked.first_on)]
    if not asked.pleaded:
        found.append(Doubt("refuse", "no_plea", N_("Without a plea there is no assessment (8.5)."), "DOMAIN 8.5"))
    if asked.bac_hundredths is not None:
        found += _alcohol(asked, Decimal(asked.bac_hundredths) / 100)
    if charge() not in asked.cause:
        message = N_("The case is about %(cause)s; the scheme is for drunk driving (D-07).")
        found.append(Doubt("warn", "other_charge", message, "DOMAIN D-07", {"cause": asked.cause}))
    if asked.born_on is not None and full_years(asked.born_on, asked.first_on) >= asked.exempt_age:
        message = N_("%(age)s or older when the service begins: another kind of service is offered (3.3).")
        found.append(Doubt("warn", "age_65", message, "DOMAIN 3.3", {"age": asked.exempt_age}))
    if asked.fast_track:
        found.append(
            Doubt("warn", "fast_track", N_("The case runs on the fast track: ten days in all (D-09)."), "DOMAIN D-09")
        )
    return found


def _alcohol(asked: Proposed, figure: Decimal) -> list[Doubt]:
    found = []
    if figure < asked.drunk:
        message = N_("Below %(line)s mg/100 ml it is no drunk driving (D-01).")
        found.append(Doubt("refuse", "bac_below_80", message, "DOMAIN D-01", {"line": asked.drunk}))
    elif figure < asked.minor_line and not asked.aggravated:
        message = N_("Below %(line)s mg/100 ml and nothing aggravating: normally no crime at all (D-04).")
        found.append(Doubt("warn", "bac_below_150", message, "DOMAIN D-04", {"line": asked.minor_line}))
    if figure > asked.probation_line:
        message = N_("Above %(line)s mg/100 ml the scheme normally does not apply (D-06).")
        found.append(Doubt("warn", "bac_above_180", message, "DOMAIN D-06", {"line": asked.probation_line}))
    return found


def _period(asked: Proposed) -> list[Doubt]:
    """A period that begins before the case is there, or ends when bail cannot hold any more (8.9, D-11)."""
    if asked.first_on < asked.earliest:
        message = N_("The service would begin on %(first_on)s; in this case it begins on %(earliest)s or later.")
        facts = {"first_on": asked.first_on, "earliest": asked.earliest}
        return [Doubt("refuse", "period_before_case", message, "DOMAIN 8.9", facts)]
    latest = asked.on + LONGEST
    if asked.last_on > latest:
        message = N_(
            "The service would end on %(last_on)s; bail holds twelve months at most, so it ends by %(latest)s."
        )
        facts = {"last_on": asked.last_on, "latest": latest}
        return [Doubt("refuse", "period_too_far", message, "DOMAIN D-11", facts)]
    return []


def _youth(born_on: date | None, first_on: date) -> list[Doubt]:
    if born_on is None or full_years(born_on, first_on) >= FULL_AGE:
        return []
    if is_too_young(born_on, first_on):
        message = N_("Younger than %(age)s when the service begins: nobody so young answers for dangerous driving.")
        return [Doubt("refuse", "under_16", message, "DOMAIN D-21; 刑法 17", {"age": CRIMINAL_AGE})]  # citation
    message = N_("Younger than %(age)s when the service begins: whoever represents him consents as well.")
    return [Doubt("warn", "under_18", message, "DOMAIN D-21; 民法典 19", {"age": FULL_AGE})]  # citation


def is_too_young(born_on: date, first_on: date) -> bool:
    """Whether somebody cannot have answered for the offence at any time before his service."""
    return full_years(born_on, first_on) < CRIMINAL_AGE


@cache
def _words() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("proposing.toml").read_text(encoding="utf-8"))


def charge() -> str:
    """What the cause of a case names where the scheme is for it."""
    return str(_words()["cause"]["meant"])


@cache
def circumstances() -> Mapping[str, str]:
    """The fifteen aggravating circumstances by their key, as the opinion words them (D-02)."""
    return dict(_words()["aggravating"])


def aggravating_text(keys: Iterable[str], other: str) -> str:
    """What an assessment keeps of them, in the order of the opinion; `other` says what the last one is."""
    chosen = set(keys)
    told = [words for key, words in circumstances().items() if key in chosen]
    if "other" in chosen and other:
        told[-1] = f"{told[-1]}\uff1a{other}"
    return "\uff1b".join(told)
