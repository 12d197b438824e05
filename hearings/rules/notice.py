"""Whether people hear of a sitting in time (H-41)."""

from __future__ import annotations

from datetime import date, timedelta

from errors import N_
from law import Doubt, Rule, Verdict

SOURCE = "DOMAIN H-41; 人民检察院审查案件听证工作规定 art. 10(2)"  # citation


def latest_lawful(sits_on: date, lax: Rule) -> date:
    """The last day on which people may be told: the day of telling does not count, the sitting's does (H-41)."""
    return sits_on - timedelta(days=lax.amount)


def latest_safe(sits_on: date, strict: Rule) -> date:
    """The last day on which so many clear days still lie between telling and sitting."""
    return sits_on - timedelta(days=strict.amount + 1)


def earliest_sitting(told_on: date, lax: Rule) -> date:
    """The first day on which a hearing of which people are told on a day may sit."""
    return told_on + timedelta(days=lax.amount)


def judge_notice(sits_on: date, told_on: date, lax: Rule, strict: Rule) -> Verdict:
    """Judge whether people hear of a sitting in time. Calendar days; the clock is ignored.

    Later than the lax day: refused (facts: the latest lawful day). Between it and the strict one: warned (facts: the
    latest safe day), a reason is asked. Source: 人民检察院审查案件听证工作规定 art. 10(2); DOMAIN H-41.
    """
    latest, safe = latest_lawful(sits_on, lax), latest_safe(sits_on, strict)
    if told_on > latest:
        return Verdict.refuse(latest)
    return Verdict.warn(safe) if told_on > safe else Verdict.ok()


def notice_doubts(sits_on: date, told_on: date, lax: Rule, strict: Rule, *, waived: bool = False) -> list[Doubt]:
    """The same as people read it. `waived`: a simplified hearing to which the parties have consented (H-58)."""
    verdict = judge_notice(sits_on, told_on, lax, strict)
    if waived or verdict.level == "ok":
        return []
    facts = {"on": verdict.facts}
    if verdict.level == "refuse":
        message = N_("Too late to tell people: the last lawful day was %(on)s")
        return [Doubt("refuse", "notice_too_short", message, SOURCE, facts)]
    message = N_("Fewer than the full clear days lie between: to be safe, people should have been told by %(on)s")
    return [Doubt("warn", "notice_short", message, SOURCE, facts)]
