"""A hearing is asked for, and the request is amended (DOMAIN 8.1 `request`)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from accounts.models import Person
from cases.actions.parties import hold_people
from cases.models import Case, CaseStage
from errors import Refusal
from extensions import db
from hearings.actions.approval import ask_approval, follow_application
from hearings.dates import day_of
from hearings.models import HEARING, OVER, About, Hearing
from hearings.rules.request import (
    Openness,
    fitting_grounds,
    judge_application,
    judge_grounds,
    judge_openness,
    openness_by_rule,
)
from record.act import act

_RULES = "人民检察院审查案件听证工作规定"  # citation
AS_THE_RULE_SAYS = "rule"


class CaseIsClosed(Refusal):
    code = "hearing_in_closed_case"
    status = 422
    message = "Case %(number)s is closed: there is nothing left to hear in it."
    help = "A petition about it is a case of its own."


class AskedForAlready(Refusal):
    code = "hearing_asked_for_already"
    message = "A hearing of this kind is under way in this case already."
    help = "Open it, and amend or cancel it there."


class GroundMissing(Refusal):
    code = "hearing_ground_missing"
    status = 422
    message = "Without a ground that fits its kind there is no hearing."
    help = (
        "Tick what applies: serious dispute, great social impact, the need to hear the parties face to face; "
        "for an arrest review social danger or social support."
    )
    source = f"DOMAIN H-01; {_RULES} art. 4"


class OpennessUnknown(Refusal):
    code = "hearing_openness_unknown"
    status = 422
    message = "For this kind no rule says whether the hearing is public."
    help = "Choose whether it is public; if not, say why."
    source = f"DOMAIN H-10; {_RULES} art. 5"


class MinorStaysClosed(Refusal):
    code = "hearing_of_a_minor"
    status = 422
    message = "A minor is party or victim in this case: the hearing is never public."
    help = "Choose “as the rule says”; it is then closed for that reason."
    source = f"DOMAIN H-11; {_RULES} art. 5, 刑诉法 286"  # citation


class ClosedWithoutReason(Refusal):
    code = "hearing_closed_without_reason"
    status = 422
    message = "A hearing that is not public has a reason."
    help = "Choose the reason from the list."
    source = "DOMAIN H-07; 公益诉讼办案听证工作指引 art. 5"  # citation


class ReasonUntrue(Refusal):
    code = "hearing_closed_reason_untrue"
    status = 422
    message = "The case does not bear out this reason for closing the hearing."
    help = "Enter in the case who is a minor, or choose the reason that applies."
    source = f"DOMAIN H-07, H-11; {_RULES} art. 5"


class DepartsWithoutReason(Refusal):
    code = "hearing_departs_from_rule"
    status = 422
    message = "This departs from what the rule says for the kind: a reason is asked."
    help = "Say in a sentence why, or choose “as the rule says”."
    source = f"DOMAIN H-12; {_RULES} art. 5"


class ApplicationIncomplete(Refusal):
    code = "hearing_application_incomplete"
    status = 422
    message = "An application has an applicant and a day: one of the two is missing."
    help = "The answer is owed from the day of the application. Leave both empty where nobody applied."
    source = f"DOMAIN H-05; {_RULES} art. 9"


class AppliedInTheFuture(Refusal):
    code = "hearing_applied_in_the_future"
    status = 422
    message = "%(on)s lies ahead: an application has been made, or there is none."
    help = "Check the day of the application."
    source = f"DOMAIN H-05; {_RULES} art. 9"


_AGAINST_OPENNESS: dict[str, type[Refusal]] = {
    "minor": MinorStaysClosed,
    "reason": ClosedWithoutReason,
    "untrue": ReasonUntrue,
    "departs": DepartsWithoutReason,
}
PLAIN = ("kind", "mode", "why", "questions", "consent")


def request_hearing(case: Case, facts: dict[str, Any], by: Person, at: datetime) -> Hearing:
    """Ask for a hearing; it lies before the chief from now on.

    `facts`: kind, mode, grounds, why, questions, consent, applicant, applied_on; openness ("rule", "public",
    "closed"), closed_reason, public_why. An applicant begins the deadline of the answer (H-05).
    Raises: CaseIsClosed, AskedForAlready, and what `_columns` raises.
    """
    if case.stage == CaseStage.CLOSED:
        raise CaseIsClosed(number=case.number)
    hold_people(case)
    _check_only_one(case, facts["kind"], None)
    columns = _columns(case, facts, day_of(at, case.office))
    hearing = Hearing(
        office_id=case.office_id,
        office=case.office,
        case_id=case.id,
        case=case,
        requested_by_id=by.id,
        requested_at=at,
        **columns,
    )
    with act("hearing.request", hearing, by=by, at=at):
        db.session.add(hearing)
        db.session.flush()
        ask_approval(hearing, About.HEARING, by=by, at=at)
        follow_application(hearing, by, at)
    return hearing


def amend_hearing(hearing: Hearing, facts: dict[str, Any], by: Person, at: datetime) -> None:
    """Amend a request that is not decided; one that came back lies before the chief again.

    Raises: AskedForAlready, OffCourse, and what `_columns` raises.
    """
    hold_people(hearing.case)
    _check_only_one(hearing.case, facts["kind"], hearing)
    columns = _columns(hearing.case, facts, day_of(at, hearing.office))
    returned = bool(hearing.returned)
    with act("hearing.amend", hearing, by=by, at=at, again=returned):
        HEARING.step("amend", hearing, returned="", **columns)
        if returned:
            ask_approval(hearing, About.HEARING, by=by, at=at)
        follow_application(hearing, by, at)


def _columns(case: Case, facts: dict[str, Any], on: date) -> dict[str, Any]:
    """The columns that a request writes, judged.

    Raises: GroundMissing, OpennessUnknown, MinorStaysClosed, ClosedWithoutReason, ReasonUntrue, DepartsWithoutReason,
    ApplicationIncomplete, AppliedInTheFuture.
    """
    grounds = [str(ground) for ground in facts["grounds"]]
    if judge_grounds(facts["kind"], grounds).level == "refuse":
        raise GroundMissing()
    openness, public_why = _openness(case, facts, on)
    applicant, applied_on = facts.get("applicant") or "", facts.get("applied_on")
    _check_application(applicant, applied_on, on)
    plain = {name: facts.get(name) or "" for name in PLAIN}
    return {
        **plain,
        "grounds": [ground for ground in grounds if ground in fitting_grounds(facts["kind"])],
        "is_public": openness.is_public,
        "closed_reason": openness.closed_reason,
        "public_why": public_why,
        "applicant": applicant,
        "applied_on": applied_on,
    }


def _openness(case: Case, facts: dict[str, Any], on: date) -> tuple[Openness, str]:
    """What is chosen, or what the rule says; with the reason where it departs from the rule."""
    kind, minor = facts["kind"], case.minor_on(on)
    by_rule = openness_by_rule(kind, minor)
    if facts.get("openness", AS_THE_RULE_SAYS) == AS_THE_RULE_SAYS:
        if by_rule is None:
            raise OpennessUnknown()
        return by_rule, ""
    public = facts["openness"] == "public"
    chosen = Openness(public, "" if public else facts.get("closed_reason") or "")
    why = facts.get("public_why") or ""
    verdict = judge_openness(kind, minor, chosen, why)
    if verdict.level != "ok":
        raise _AGAINST_OPENNESS[verdict.facts]()
    return chosen, "" if chosen == by_rule else why


def _check_application(applicant: str, applied_on: date | None, on: date) -> None:
    verdict = judge_application(applicant, applied_on, on)
    if verdict.level == "refuse":
        raise AppliedInTheFuture(on=verdict.facts) if isinstance(verdict.facts, date) else ApplicationIncomplete()


def _check_only_one(case: Case, kind: str, but: Hearing | None) -> None:
    live = select(Hearing.id).where(Hearing.case_id == case.id, Hearing.kind == kind, Hearing.state.not_in(OVER))
    others = [found for found in db.session.scalars(live) if but is None or found != but.id]
    if others:
        raise AskedForAlready()
