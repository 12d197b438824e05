"""Cancelling a hearing: everything booked is free again, and everybody who was told or asked hears of it."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Person
from accounts.rules.settings import check_reason
from hearings.actions.approval import follow_application
from hearings.actions.move import told_of_a_change
from hearings.actions.telling import tell
from hearings.models import HEARING, SITTING, Hearing, NoticeKind
from record.act import act
from scheduler.timeline import timeline


def cancel_hearing(hearing: Hearing, by: Person, at: datetime, reason: str) -> None:
    """Cancel a hearing, with its sitting if it has one. A lent lawyer's hour goes back by itself.

    Raises: ReasonMissing, OffCourse.
    """
    check_reason(reason)
    sitting = hearing.sitting
    with act("hearing.cancel", hearing, by=by, at=at, reason=reason):
        told = told_of_a_change(hearing)
        HEARING.step("cancel", hearing)
        follow_application(hearing, by, at, reason)
        if sitting is None:
            return
        tell(hearing, NoticeKind.CANCELLATION, told, by, at, reason=reason)
        with act("sitting.cancel", sitting, by=by, at=at, reason=reason):
            timeline.rebook(timeline.Cancel(sitting.event))
            for participant in hearing.taking_part():
                participant.ended_at, participant.ended_why = at, reason
            SITTING.step("cancel", sitting)
