"""Invitations: a hearing officer is asked, and says yes or no with a reason. Each invitation has a link of its own."""

from __future__ import annotations

import hmac
from datetime import datetime

from accounts.models import Person
from errors import Refusal
from hearings.models import Participant, SittingState
from record.act import act
from record.sealed import keyed_hash
from scheduler.timeline import timeline
from scheduler.timeline.models import BookingStatus
from scheduler.timeline.timeline import Free, Retime

LINK_LENGTH = 32


class InvitationGone(Refusal):
    """A link that was good once, or an invitation that waits for no answer any more."""

    code = "invitation_gone"
    status = 410
    message = "This invitation does not hold any more."
    help = "If you got a newer message about the hearing, use its link; otherwise ask the office."


class TooLateToAnswer(Refusal):
    code = "too_late_to_answer"
    message = "The hearing has begun; nothing can be answered here any more."
    help = "Please call the office."


class ReasonMissing(Refusal):
    code = "decline_needs_a_reason"
    status = 422
    message = "Please say in a few words why you cannot come."


def invite(participant: Participant, by: Person, at: datetime, *, moved: bool = False) -> None:
    """Ask somebody; an earlier link of his opens no more. `moved`: he was asked before, for another time."""
    with act("participant.invite", participant, by=by, at=at, moved=moved):
        participant.issue += 1
        participant.invited_at, participant.answered_at, participant.answered_how = at, None, ""


def secret_of(participant: Participant, issue: int | None = None) -> str:
    """What makes a link private: derived from the invitation and its number, kept nowhere."""
    number = participant.issue if issue is None else issue
    return keyed_hash("invitation", f"{participant.public_id}:{number}")[:LINK_LENGTH]


def check_link(participant: Participant, secret: str) -> None:
    """Raises: InvitationGone where the link is of an earlier invitation, or of none."""
    if participant.issue < 1 or not hmac.compare_digest(secret_of(participant).encode(), secret.encode()):
        raise InvitationGone()


def is_open(participant: Participant) -> bool:
    """Whether somebody is still asked for a planned sitting."""
    sitting = participant.hearing.sitting
    return participant.live and participant.issue > 0 and sitting is not None and sitting.state == SittingState.PLANNED


def answer_invitation(
    participant: Participant, yes: bool, by: Person, at: datetime, *, how: str, reason: str = ""
) -> None:
    """Say yes, or no with a reason; a no frees the place at once. `how`: by link, or on his own page.

    Who said yes may still say no before the hearing begins. Raises: InvitationGone, TooLateToAnswer, ReasonMissing.
    """
    booking, event = participant.booking, participant.hearing.event
    if not is_open(participant) or booking is None or event is None:
        raise InvitationGone()
    if event.starts_at <= at:
        raise TooLateToAnswer()
    if not yes and not reason.strip():
        raise ReasonMissing()
    if yes and booking.status == BookingStatus.ACCEPTED:
        return
    name = "participant.accept" if yes else "participant.decline"
    with act(name, participant, by=by, at=at, reason=reason, how=how):
        participant.answered_at, participant.answered_how = at, how
        if yes:
            timeline.rebook(Retime(booking, booking.starts_at, booking.ends_at))
        else:
            participant.ended_at, participant.ended_why = at, reason
            timeline.rebook(Free(booking, BookingStatus.DECLINED))
