"""A case goes to another prosecutor of its office (TRUST 2, `reassign_case`; T14: who had it sees it no longer)."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Person
from cases.actions.entering import check_prosecutor
from cases.limits import deadline_of
from cases.models import Case
from errors import Refusal
from extensions import db
from record.act import act
from record.following import Following
from scheduler.actions.deadlines import entrust_deadline

# what of a higher room goes with a case: `(case, who had it, by, at, reason)`
follows_handler: Following[[Case, int, Person, datetime, str]] = Following()


class HandlesIt(Refusal):
    code = "handles_it"
    message = "%(who)s handles this case already."
    help = "Choose somebody else."


class HandledByAnother(Refusal):
    code = "handled_by_another"
    message = "Meanwhile the case was given to %(who)s. Nothing was changed."
    help = "Look at it as it is now."


def reassign_case(  # noqa: PLR0917 - which case, to whom, who says so when and why, and what he had before him
    case: Case, to: Person, by: Person, at: datetime, reason: str, shown: int | None = None
) -> None:
    """Give a case to another prosecutor, with the deadlines he answers for. `shown`: who had it when one looked.

    Raises: HandlesIt, HandledByAnother, NotAProsecutor.
    """
    db.session.refresh(case, with_for_update=True)
    if to.id == case.handler_id:
        raise HandlesIt(who=to.name)
    if shown is not None and shown != case.handler_id:
        raise HandledByAnother(who=case.handler.name)
    had_it = case.handler_id
    with act("case.reassign", case, by=by, at=at, reason=reason, had_it=had_it):
        check_prosecutor(case, to.id)
        case.handler_id = to.id
        deadline = deadline_of(case)
        if deadline is not None:
            entrust_deadline(deadline, to, by=by, at=at, reason=reason)
        db.session.flush()
        follows_handler.tell(case, had_it, by, at, reason)
