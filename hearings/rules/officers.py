"""Who may be a hearing officer at a hearing, how many, and who stands too near to its case (H-21 to H-26, H-37)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from errors import N_
from exchange.tidy import full_years
from hearings.rules.pool import term_ends_on
from law import Doubt, Rule, Verdict

_OFFICERS = "人民检察院审查案件听证工作规定 art. 7"  # citation
_POOL = "人民检察院听证员库建设管理指导意见"  # citation
_RECUSAL = "刑诉法 29–30"  # citation


@dataclass(frozen=True)
class Candidate:
    """What is known of somebody who might be chosen. `joined_on` None: he is not of the pool."""

    name: str
    born_on: date | None
    joined_on: date | None = None
    left_on: date | None = None
    barred: bool = False
    employer: str = ""
    person: int | None = None


@dataclass(frozen=True)
class Involved:
    """Somebody in the case: `side` is party, counsel (defender, agent, representative) or witness (witness, expert)."""

    name: str
    side: str
    employer: str = ""
    person: int | None = None


def judge_number(number: int, least: Rule, most: Rule) -> Verdict:
    """Refuse fewer hearing officers than `least` (facts: least), warn of more than `most` (facts: most).

    An even number is lawful: no rule asks for an odd one (H-22). Source: art. 7; DOMAIN H-21.
    """
    if number < least.amount:
        return Verdict.refuse(least.amount)
    return Verdict.warn(most.amount) if number > most.amount else Verdict.ok()


def judge_candidate(candidate: Candidate, on: date, min_age: Rule, term: Rule) -> list[Doubt]:
    """What keeps somebody from sitting as a hearing officer on a day: age, bar, term. Source: H-23, H-24, H-34."""
    doubts = []
    if candidate.barred:
        doubts.append(
            Doubt("refuse", "barred", N_("Barred from hearings for what the pool notes"), f"DOMAIN H-24; {_OFFICERS}")
        )
    if candidate.born_on is None:
        doubts.append(Doubt("warn", "age_unknown", N_("The date of birth is not known"), f"DOMAIN H-23; {_OFFICERS}"))
    elif full_years(candidate.born_on, on) < min_age.amount:
        facts = {"age": min_age.amount}
        doubts.append(
            Doubt("refuse", "too_young", N_("Younger than %(age)s that day"), f"DOMAIN H-23; {_OFFICERS}", facts)
        )
    if candidate.left_on is not None and candidate.left_on <= on:
        facts = {"on": candidate.left_on}
        doubts.append(Doubt("refuse", "left_pool", N_("Left the pool on %(on)s"), f"DOMAIN H-34; {_POOL}", facts))
    elif candidate.joined_on is not None and on > term_ends_on(candidate.joined_on, term.amount):
        facts = {"on": term_ends_on(candidate.joined_on, term.amount)}
        doubts.append(Doubt("refuse", "term_over", N_("The term ended on %(on)s"), f"DOMAIN H-37; {_POOL}", facts))
    elif candidate.joined_on is not None and candidate.joined_on > on:
        facts = {"on": candidate.joined_on}
        doubts.append(Doubt("refuse", "not_yet", N_("Joins the pool only on %(on)s"), f"DOMAIN H-32; {_POOL}", facts))
    return doubts


def judge_recusal(candidate: Candidate, involved: Sequence[Involved]) -> list[Doubt]:
    """What speaks against impartiality, as far as the data say: who is in the case himself is refused; the same name
    and the same employer are asked about. Source: H-26; criminal procedure arts. 29-30, applied by practice."""
    source = f"DOMAIN H-26; {_RECUSAL}"
    doubts = []
    for one in involved:
        if candidate.person is not None and candidate.person == one.person:
            doubts.append(Doubt("refuse", "in_the_case", N_("Is in this case himself"), source))
        elif same_name(candidate.name, one.name):
            doubts.append(Doubt("warn", "same_name", N_("Has the same name as somebody in this case"), source))
        elif same_place(candidate.employer, one.employer):
            facts = {"employer": one.employer}
            doubts.append(
                Doubt(
                    "warn", "same_employer", N_("Works where somebody in this case works: %(employer)s"), source, facts
                )
            )
    return list({doubt.code: doubt for doubt in doubts}.values())


def same_name(one: str, other: str) -> bool:
    """Whether two people are called the same; a short name is often written with a blank in it."""
    return "".join(one.split()) == "".join(other.split())


def same_place(one: str, other: str) -> bool:
    """Whether two texts name the same employer: equal, or the one begins with the other (a post behind the place)."""
    one, other = "".join(one.split()), "".join(other.split())
    return bool(one) and bool(other) and (one.startswith(other) or other.startswith(one))
