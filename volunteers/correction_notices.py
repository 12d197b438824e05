"""Who hears of corrections (two people, and the one whose hours they are: V-08, V-14) and of declared interests."""

from __future__ import annotations

from typing import Any

from accounts.actions.memberships import local_day
from accounts.models import Role
from accounts.rights import members
from record.models import Act
from record.notices import Recipient, tells
from volunteers.models.corrections import Correction
from volunteers.models.interests import Interest
from volunteers.notices import but_the_actor, facts_of
from volunteers.rights import deciders


def _change(act: Act, correction: Correction) -> dict[str, Any]:
    said = {"old": act.facts.get("old", 0), "new": act.facts.get("new") or 0, "reason": act.reason}
    return {**facts_of(correction.attendance), **said}


@tells("correction.ask")
def who_answers_what_is_said_to_be_wrong(act: Act, correction: Correction) -> list[Recipient]:
    shift = correction.attendance.shift
    desk = members(shift.office_id, Role.COORDINATOR, local_day(shift.office, act.at))
    people = [one for one in (*desk, *deciders(shift, local_day(shift.office, act.at))) if one != correction.person_id]
    return but_the_actor(act, people, "volunteers/correction_asked", **_change(act, correction))


@tells("interest.declare")
def who_finds_somebody_else_for_an_interest(act: Act, interest: Interest) -> list[Recipient]:
    """The office posts another officer, or has the case handed over."""
    desk = members(interest.office_id, Role.COORDINATOR, local_day(interest.office, act.at))
    others = [one for one in desk if one != interest.officer_id]
    return but_the_actor(act, others, "volunteers/interest_declared", officer=interest.officer.name)


@tells("interest.end")
def who_looks_after_an_interest_that_ends(act: Act, interest: Interest) -> list[Recipient]:
    """An officer may end his own, and speaks for these hours from then on: the office is told (T01)."""
    desk = members(interest.office_id, Role.COORDINATOR, local_day(interest.office, act.at))
    return but_the_actor(act, desk, "volunteers/interest_ended", officer=interest.officer.name, reason=act.reason)


@tells("correction.propose")
def who_decides_a_correction(act: Act, correction: Correction) -> list[Recipient]:
    shift = correction.attendance.shift
    people = [one for one in deciders(shift, local_day(shift.office, act.at)) if one != correction.person_id]
    return but_the_actor(act, people, "volunteers/correction_proposed", **_change(act, correction))


@tells("correction.refuse", "correction.approve")
def who_hears_what_became_of_a_correction(act: Act, correction: Correction) -> list[Recipient]:
    """The volunteer where he asked or his hours have changed; who proposed; whose confirmation was corrected."""
    approved = act.name == "correction.approve"
    facts = {**facts_of(correction.attendance), "reason": act.reason}
    facts |= {"old": correction.old_minutes, "new": correction.minutes or 0}
    told: list[Recipient] = []
    if approved or correction.asked_at is not None:
        template = "volunteers/corrected" if approved else "volunteers/correction_refused"
        told = [Recipient(correction.person_id, template, facts)]
    confirmed = [one.by_id for one in correction.attendance.confirmations if approved and one.undone_at is None]
    staff = "volunteers/correction_approved" if approved else "volunteers/proposal_refused"
    return told + but_the_actor(act, [correction.proposed_by_id, *confirmed], staff, **facts)
