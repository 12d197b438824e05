"""When a hearing may be asked for, and whether it is public (H-01 to H-12)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from law import Verdict

GENERAL_GROUNDS = frozenset({"dispute", "social_impact", "face_to_face"})
ARREST_GROUNDS = frozenset({"social_danger", "social_support"})
PUBLIC_BY_RULE = frozenset(
    {"non_prosecution", "criminal_petition", "civil_supervision", "administrative_supervision", "public_interest"}
)
CLOSED_BY_RULE = frozenset({"arrest_review", "custody_review", "detention_extension"})


@dataclass(frozen=True)
class Openness:
    """Whether a hearing is public, and if not, why (a `ClosedReason`; "" for a public one)."""

    is_public: bool
    closed_reason: str = ""


PUBLIC = Openness(True)


def fitting_grounds(kind: str) -> frozenset[str]:
    """The grounds on which a hearing of a kind may rest. Source: art. 4; DOMAIN H-01, H-03, H-06."""
    others = {"arrest_review": ARREST_GROUNDS, "detention_extension": GENERAL_GROUNDS | ARREST_GROUNDS}
    return others.get(kind, GENERAL_GROUNDS)


def judge_grounds(kind: str, grounds: Collection[str]) -> Verdict:
    """Refuse a request without a ground that fits its kind (facts: the grounds that would fit).

    An arrest review hears about social danger or social support; an extension of detention rests on either kind of
    ground; every other kind on dispute, social impact or the need to hear the parties face to face.
    Source: 人民检察院审查案件听证工作规定 art. 4; DOMAIN H-01, H-03, H-06.
    """
    wanted = fitting_grounds(kind)
    return Verdict.ok() if wanted & set(grounds) else Verdict.refuse(sorted(wanted))


def openness_by_rule(kind: str, minor: bool) -> Openness | None:
    """What holds unless somebody says otherwise; None for a kind the text says nothing about. Source: H-10, H-11."""
    if minor:
        return Openness(False, "minor")
    if kind in CLOSED_BY_RULE:
        return Openness(False, "arrest_or_detention")
    return PUBLIC if kind in PUBLIC_BY_RULE else None


def judge_openness(kind: str, minor: bool, chosen: Openness, why: str) -> Verdict:
    """Refuse what cannot be, warn of what departs from the rule without a reason in words (facts: a word for it).

    `minor`: a minor is party or victim, so the hearing is closed without exception (facts: minor). A closed one says
    why (reason), and by a reason that is true of it (untrue). The rule of the kind may be departed from with a reason
    (departs). Source: 人民检察院审查案件听证工作规定 art. 5; DOMAIN H-07, H-10, H-11, H-12.
    """
    if minor:
        return Verdict.ok() if chosen == Openness(False, "minor") else Verdict.refuse("minor")
    if not chosen.is_public:
        if not chosen.closed_reason:
            return Verdict.refuse("reason")
        untrue = {"minor": True, "arrest_or_detention": kind not in CLOSED_BY_RULE}
        if untrue.get(chosen.closed_reason, False):
            return Verdict.refuse("untrue")
    by_rule = openness_by_rule(kind, minor)
    departs = by_rule is not None and by_rule.is_public != chosen.is_public
    return Verdict.warn("departs") if departs and not why.strip() else Verdict.ok()


def judge_application(applicant: str, applied_on: date | None, today: date) -> Verdict:
    """Refuse an applicant without the day of his application, a day without an applicant (facts: which is missing),
    and a day that lies ahead (facts: that day). The answer is owed from that day. Source: art. 9; DOMAIN H-05."""
    if bool(applicant.strip()) != (applied_on is not None):
        return Verdict.refuse("day" if applied_on is None else "applicant")
    if applied_on is not None and applied_on > today:
        return Verdict.refuse(applied_on)
    return Verdict.ok()
