"""Whether somebody entered in the case after the plan still hears of the hearing in time (H-41, H-58)."""

from __future__ import annotations

from datetime import date

from errors import N_
from hearings.rules.notice import SOURCE, notice_doubts
from law import Doubt, Rule


def judge_late_party(sits_on: date, told_on: date, lax: Rule, strict: Rule, *, consented: bool = False) -> list[Doubt]:
    """The days of notice hold for him as for everybody: too late is refused, between the two ways of counting warned.

    `consented`: the consent on record stands in place of the days (H-58). Whoever came later has not given it, so that
    his own is asked for. Source: 人民检察院审查案件听证工作规定 art. 10(2); DOMAIN H-41, H-58.
    """
    doubts = notice_doubts(sits_on, told_on, lax, strict)
    if not doubts or not consented:
        return doubts
    message = N_("The recorded consent is older than this person's part in the case: write how he consented as well")
    return [Doubt("warn", "consent_without_him", message, f"DOMAIN H-58; {SOURCE.removeprefix('DOMAIN ')}")]
