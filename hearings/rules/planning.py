"""When, where and under whom a hearing may sit (H-25, H-27, H-36, H-40, H-45, H-55; D-16)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from errors import N_
from hearings.rules.officers import judge_number
from law import Doubt, Rule

_LAW = "人民检察院审查案件听证工作规定"  # citation


@dataclass(frozen=True)
class Limits:
    """The last days that bear on a sitting, each None where there is none. `custody`: the review limit is a wall.

    `safe_on` is the last day that keeps `hearing.buffer_before_case_limit` before the day the office plans by.
    """

    review_on: date | None = None
    bail_on: date | None = None
    entered_on: date | None = None
    safe_on: date | None = None
    custody: bool = False


Hours = Sequence[tuple[time, time]]


def judge_moment(starts_at: datetime, now: datetime, *, working_day: bool) -> list[Doubt]:
    """Refuse what is over, warn of a rest day. Source: DOMAIN 8.10."""
    if starts_at <= now:
        return [Doubt("refuse", "in_the_past", N_("This time is over"), "DOMAIN H-40")]
    if not working_day:
        return [Doubt("warn", "rest_day", N_("This is no working day"), "DOMAIN 8.10")]
    return []


def judge_hours(starts_at: datetime, ends_at: datetime, hours: Hours) -> list[Doubt]:
    """Warn of a sitting, in local time, that begins or ends outside office hours. Source: DOMAIN 8.10."""
    begins = any(opens <= starts_at.time() < closes for opens, closes in hours)
    ends = any(opens < ends_at.time() <= closes for opens, closes in hours)
    if begins and ends and starts_at.date() == ends_at.date():
        return []
    facts = {"hours": "、".join(f"{a:%H:%M}–{b:%H:%M}" for a, b in hours)}  # citation: a list of hours
    message = N_("It begins or ends outside office hours (%(hours)s)")
    return [Doubt("warn", "outside_hours", message, "DOMAIN 8.10", facts)]


def judge_limit(sits_on: date, limits: Limits) -> list[Doubt]:
    """Judge a sitting's day against the limits of its case: a hearing never stops them.

    Beyond the end of bail: refused; beyond the review limit: refused while somebody is in custody, else warned; nearer
    to it than the buffer: warned. Source: art. 20; DOMAIN H-55, D-16.
    """
    source = f"DOMAIN H-55; {_LAW} art. 20"
    found = []
    if limits.bail_on is not None and sits_on > limits.bail_on:
        facts = {"on": limits.bail_on}
        found.append(Doubt("refuse", "after_bail", N_("Bail ends before, on %(on)s"), "DOMAIN D-16", facts))
    if limits.review_on is not None and sits_on > limits.review_on:
        facts = {"on": limits.review_on}
        if limits.custody:
            message = N_("The limit of the case ends before, on %(on)s, and somebody is in custody")
            found.append(Doubt("refuse", "after_limit_in_custody", message, source, facts))
        else:
            message = N_("The limit of the case ends before, on %(on)s")
            found.append(Doubt("warn", "after_limit", message, "DOMAIN D-16", facts))
    elif limits.entered_on is not None and sits_on > limits.entered_on:
        facts = {"on": limits.entered_on}
        message = N_("The day the case is planned by comes before, on %(on)s")
        found.append(Doubt("warn", "after_entered_day", message, "DOMAIN D-16", facts))
    elif limits.safe_on is not None and sits_on > limits.safe_on:
        facts = {"on": limits.safe_on}
        message = N_("Too near to the limit of the case: the last comfortable day is %(on)s")
        found.append(Doubt("warn", "near_limit", message, source, facts))
    return found


def judge_venue(*, is_hearing_room: bool, approved: bool) -> list[Doubt]:
    """Another place than a hearing room needs the chief prosecutor's approval. Source: art. 12; DOMAIN H-45."""
    if is_hearing_room or approved:
        return []
    message = N_("No hearing room: this place needs the chief prosecutor's approval")
    return [Doubt("refuse", "venue_not_approved", message, f"DOMAIN H-45; {_LAW} art. 12")]


def judge_place(place: str, known: Iterable[str]) -> list[Doubt]:
    """A place in words stands in every calendar and feed: it names nothing of the case. `known`: the case's number,
    cause and people. Brackets, blanks and the width of figures make no other word. Source: DOMAIN H-45."""
    said = _bare(place)
    word = next((word for word in known if (bare := _bare(word)) and bare in said), None)
    if word is None:
        return []
    message = N_("Everybody sees the place, in calendars too: it must not say “%(word)s”")
    return [Doubt("refuse", "place_tells_of_the_case", message, "DOMAIN H-45", {"word": word})]


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


_MUST_CHAIR = {
    "chief": N_("The chief prosecutor handles this case and must chair himself"),
    "head": N_("The head of a department handles this case and must chair himself"),
}
_NO_ROLE = N_("Holds no prosecutor's role here: have the role granted, or give the case to somebody else")


def judge_chair(
    chair: int, handler: int, lead: int | None, *, handler_is: str = "", is_prosecutor: bool = True
) -> list[Doubt]:
    """The handling or the lead prosecutor chairs; a chief prosecutor or the head of a department who handles the case
    must (`handler_is`: chief, head, or "" for neither; a deputy chief is neither). `is_prosecutor`: whether who is to
    chair holds a prosecutor's role at the office; one whom a list named may not yet. People by id.

    Source: art. 13; DOMAIN H-27.
    """
    source = f"DOMAIN H-27; {_LAW} art. 13"
    if handler_is and chair != handler:
        return [Doubt("refuse", "handler_must_chair", _MUST_CHAIR[handler_is], source)]
    if chair not in {handler, lead}:
        message = N_("Only who handles the case, or leads its group, may chair")
        return [Doubt("refuse", "wrong_chair", message, source)]
    return [] if is_prosecutor else [Doubt("refuse", "no_prosecutor", _NO_ROLE, source)]


def judge_capacities(people: Iterable[tuple[int, str]]) -> list[Doubt]:
    """Nobody takes part in two capacities. `people`: (person, name) once for each capacity. Source: art. 8; H-25."""
    seen: set[int] = set()
    twice: dict[int, str] = {}
    for person, name in people:
        if person in seen:
            twice[person] = name
        seen.add(person)
    source = f"DOMAIN H-25; {_LAW} art. 8"
    return [
        Doubt("refuse", "two_capacities", N_("%(name)s would take part in two capacities"), source, {"name": name})
        for name in twice.values()
    ]


def judge_panel(number: int, least: Rule, most: Rule, why: str) -> list[Doubt]:
    """How many hearing officers, and why these: chosen by hand, they need a reason. Source: art. 7; H-21, H-36."""
    source = f"DOMAIN H-21; {_LAW} art. 7"
    verdict = judge_number(number, least, most)
    found = []
    if verdict.level == "refuse":
        facts = {"number": number, "least": verdict.facts}
        message = N_("%(number)s hearing officers: at least %(least)s are needed")
        found.append(Doubt("refuse", "too_few_officers", message, source, facts))
    elif verdict.level == "warn":
        facts = {"number": number, "most": verdict.facts}
        message = N_("%(number)s hearing officers: usually at most %(most)s")
        found.append(Doubt("warn", "many_officers", message, source, facts))
    if not why.strip():
        message = N_("Chosen by hand, the hearing officers need a reason why these")
        found.append(Doubt("refuse", "choice_without_reason", message, "DOMAIN H-36"))
    return found
