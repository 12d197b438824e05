"""A case goes to another prosecutor of its office (TRUST 2, `reassign_case`; T14: who had it sees it no longer)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from accounts.models import Person
from cases.actions.entering import check_prosecutor
from cases.actions.limits import deadline_of
from cases.models import Case
from errors import Refusal
from extensions import db
from record.act import act

Follower = Callable[[Case, int, Person, datetime, str], None]

_followers: list[Follower] = []


class HandlesIt(Refusal):
    code = "handles_it"
    message = "%(who)s handles this case already."
    help = "Choose somebody else."


def follows_handler(follower: Follower) -> Follower:
    """Register what of a higher room goes with a case: `(case, who had it, by, at, reason)`, inside the act."""
    _followers.append(follower)
    return follower


def reassign_case(case: Case, to: Person, by: Person, at: datetime, reason: str) -> None:
    """Give a case to another prosecutor, with the deadlines he answers for. Raises: HandlesIt, NotAProsecutor."""
    if to.id == case.handler_id:
        raise HandlesIt(who=to.name)
    had_it = case.handler_id
    with act("case.reassign", case, by=by, at=at, reason=reason, had_it=had_it):
        check_prosecutor(case, to.id)
        case.handler_id = to.id
        deadline = deadline_of(case)
        if deadline is not None:
            deadline.responsible_id = to.id
        db.session.flush()
        for follower in _followers:
            follower(case, had_it, by, at, reason)
