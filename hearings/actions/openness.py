"""A hearing with a minor is never public, whenever he comes into the case and whenever it sits (H-11)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from accounts.models import Person
from cases.actions.parties import follows_people
from cases.models import Case
from extensions import db
from hearings.actions.telling import tell, told_before
from hearings.dates import public_with_a_minor
from hearings.models import OVER, ClosedReason, Hearing, NoticeKind
from record.act import act


def exclude_public(hearing: Hearing, by: Person | None, at: datetime, *, told: bool = True) -> None:
    """Close a public hearing that has a minor in its case; nothing opens it again but an amended request.

    `told`: whoever was given notice hears of it in this act; False where he is told in the act around it.
    """
    if not public_with_a_minor(hearing, at):
        return
    db.session.refresh(hearing, with_for_update=True)
    if not hearing.is_public:  # closed by somebody who was faster
        return
    with act("hearing.exclude_public", hearing, by=by, at=at):
        hearing.is_public, hearing.closed_reason, hearing.public_why = False, ClosedReason.MINOR, ""
        db.session.flush()
        if told:
            tell(hearing, NoticeKind.CHANGE, told_before(hearing), by, at)


@follows_people
def _after_the_people(case: Case, by: Person | None, at: datetime, reason: str) -> None:
    public = select(Hearing).where(Hearing.case_id == case.id, Hearing.is_public, Hearing.state.not_in(OVER))
    as_it_stands = public.order_by(Hearing.id).execution_options(populate_existing=True)
    for hearing in db.session.scalars(as_it_stands).all():
        exclude_public(hearing, by, at)
