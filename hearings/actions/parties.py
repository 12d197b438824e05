"""People of the case after the plan: who was entered late is taken in, who has left the case is let go (H-20, H-41)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts.models import Person
from cases.actions.parties import hold_people
from cases.models import Party
from errors import Refusal
from extensions import db
from hearings.actions.officers import OPEN
from hearings.actions.openness import exclude_public
from hearings.actions.planning import NotPlannable, carry_out, works_with
from hearings.actions.telling import hold, tell
from hearings.models import Capacity, Hearing, HearingState, NoticeKind, Participant
from hearings.plan_facts import Judging, left_behind, left_out
from record.act import act
from scheduler.timeline import timeline
from scheduler.timeline.models import BookingRole, BookingStatus, Event
from scheduler.timeline.slots import Span
from scheduler.timeline.timeline import Free, Take, resource_of


class NotTakenIn(NotPlannable):
    code = "not_taken_in"
    message = "This person cannot be taken in like this."
    help = "Everything in the way is listed here: change it, or move the sitting first, then take this person in."


class NotLeftOut(Refusal):
    code = "not_left_out"
    message = "This person does not wait to be taken into this hearing."
    help = "Reload the page; somebody may have been faster."


class NotLeftBehind(Refusal):
    code = "not_left_behind"
    message = "Only who has left the case can be let go from its hearing."
    help = "Reload the page; somebody may have been faster. Take the person out of the case first."


def take_in_party(hearing: Hearing, party: Party, by: Person, at: datetime, *, despite: str = "") -> Participant:
    """Take in somebody who was entered in the case after the plan; once notice is given, he is told at once.

    Raises: NotLeftOut; NotTakenIn with what speaks against it and the next times that suit all; ReasonNeeded.
    """
    hold_people(hearing.case)
    with act("hearing.take_in_party", hearing, by=by, at=at, reason=despite):
        hold(hearing)
        event = hearing.event
        if event is None or hearing.state not in OPEN or party not in left_out(hearing):
            raise NotLeftOut()
        judging = Judging(hearing, at)
        takes = _takes(event, party)
        doubts = judging.of_party(party, event.starts_at)
        made = carry_out(takes, doubts, despite, lambda: _times(judging, event, takes), NotTakenIn)
        taken = Participant(
            hearing_id=hearing.id,
            office_id=hearing.office_id,
            capacity=Capacity.PARTY,
            person_id=party.person_id,
            party_id=party.id,
            booking_id=made[0].id if made else None,
        )
        db.session.add(taken)
        db.session.flush()
        db.session.expire(hearing, ["participants"])
        exclude_public(hearing, by, at)
        if hearing.state == HearingState.NOTICED:
            tell(hearing, NoticeKind.TIME, [taken], by, at)
    return taken


def let_go_party(participant: Participant, by: Person, at: datetime) -> None:
    """Let somebody go who is no longer in the case: his time is free, and if he was told of the hearing he is told so.

    Raises: NotLeftBehind.
    """
    hearing = participant.hearing
    with act("hearing.let_go_party", hearing, by=by, at=at):
        hold(hearing)
        if hearing.state not in OPEN or participant not in left_behind(hearing):
            raise NotLeftBehind()
        if was_told(participant):
            tell(hearing, NoticeKind.RELEASE, [participant], by, at)
        participant.ended_at = at
        if participant.booking is not None:
            timeline.rebook(Free(participant.booking, BookingStatus.RELEASED))


def was_told(participant: Participant) -> bool:
    """Whether he has heard of the hearing, and so has to hear that it is his no longer."""
    return any(notice.told_at is not None for notice in participant.notices)


def _takes(event: Event, party: Party) -> list[Take]:
    """His time, where he is somebody whose time is kept here."""
    if party.person is None or not works_with(party.person, event.office_id):
        return []
    return [Take(event, resource_of(party.person), BookingRole.PARTY)]


def _times(judging: Judging, event: Event, takes: Sequence[Take]) -> list[Span]:
    held = timeline.live_bookings(event)
    resources = {*(b.resource_id for b in held), *(take.resource.id for take in takes)}
    minutes = int((event.ends_at - event.starts_at).total_seconds()) // 60
    buffered = any(b.role == BookingRole.ROOM for b in held)
    return judging.next_times(resources, minutes, event.starts_at, buffered=buffered)
