"""Who hears of a hearing's acts. Messages are neutral: they name neither the case nor anybody in it (LOOK, I27)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from accounts.access import delegates
from accounts.models import Delegation, Role
from accounts.rights import members
from extensions import db
from hearings.dates import day_of
from hearings.models import OVER, Hearing, HearingApproval
from record.models import Act, Message
from record.notices import Recipient, outdated_when, tells


@tells("approval.ask")
def who_decides(act: Act, approval: HearingApproval) -> list[Recipient]:
    """The chief, and a deputy under a delegation; not whoever asks himself."""
    on = day_of(act.at, approval.hearing.office)
    facts = {"approval": str(approval.public_id)}
    people = approvers(approval.office_id, on)
    return [Recipient(one, "hearings/approval_asked", facts) for one in people if one != act.actor_id]


@outdated_when
def asks_for_what_is_decided(message: Message) -> bool:
    told = message.facts.get("approval")
    if told is None:
        return False
    approval = db.session.scalar(select(HearingApproval).where(HearingApproval.public_id == uuid.UUID(told)))
    return approval is None or approval.granted is not None or approval.hearing.state in OVER


@tells("hearing.request")
def whoever_handles_the_case(act: Act, hearing: Hearing) -> list[Recipient]:
    """Where somebody else asked for it: a defender, the counter."""
    return _all_but(act, [hearing.case.handler_id], "hearings/asked_in_your_case")


@tells("hearing.return")
def whoever_amends(act: Act, hearing: Hearing) -> list[Recipient]:
    return _all_but(act, [hearing.requested_by_id, hearing.case.handler_id], "hearings/returned")


@tells("hearing.approve")
def whoever_plans(act: Act, hearing: Hearing) -> list[Recipient]:
    """Whoever asked, the prosecutor, the clerk, and the coordinators."""
    case = hearing.case
    on = day_of(act.at, hearing.office)
    planning = [case.clerk_id, *members(hearing.office_id, Role.COORDINATOR, on)]
    asked = _all_but(act, [hearing.requested_by_id, case.handler_id], "hearings/approved")
    return [*asked, *_all_but(act, planning, "hearings/approved")]


@tells("hearing.refuse")
def whoever_asked(act: Act, hearing: Hearing) -> list[Recipient]:
    return _all_but(act, [hearing.requested_by_id, hearing.case.handler_id], "hearings/refused")


@tells("approval.grant", "approval.deny")
def whoever_wanted_it(act: Act, approval: HearingApproval) -> list[Recipient]:
    return _all_but(act, [approval.asked_by_id], "hearings/approval_decided")


def _all_but(act: Act, people: Iterable[int | None], template: str) -> list[Recipient]:
    """Each once, and nobody what he did himself."""
    return [Recipient(one, template) for one in dict.fromkeys(people) if one is not None and one != act.actor_id]


def approvers(office_id: int, on: date) -> list[int]:
    """Ids of those who may approve hearings in an office on a day (H-02)."""
    delegated = select(Delegation.to_person_id).where(Delegation.office_id == office_id, delegates(on))
    deputies = [one for one in db.session.scalars(delegated) if one in members(office_id, Role.DEPUTY_CHIEF, on)]
    return list(dict.fromkeys([*members(office_id, Role.CHIEF, on), *deputies]))
