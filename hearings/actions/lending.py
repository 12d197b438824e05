"""A lawyer on duty is lent to the hearing, for its time, and given back (L-24). The rota itself is not our affair."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts.models import Person
from errors import Refusal
from extensions import db
from hearings.actions.planning import ReasonNeeded
from hearings.dates import day_of
from hearings.models import Capacity, Hearing, HearingState, Participant
from hearings.plan_facts import involved_in, lawyers_as_of
from hearings.rules.lending import judge_lawyer
from law import Doubt
from record.act import act
from scheduler.timeline import lending
from scheduler.timeline.models import Booking, BookingRole, Event

LENT_WHILE = frozenset({HearingState.PLANNED, HearingState.NOTICED})


class NoSitting(Refusal):
    code = "no_sitting"
    message = "The hearing has no time yet."
    help = "Plan it first."


class LawyerUnsuitable(Refusal):
    code = "lawyer_unsuitable"
    status = 422
    message = "%(name)s cannot be lent to this hearing."
    help = "Choose another lawyer on duty then, or ask the legal-aid body for one."
    source = "DOMAIN 8.10"

    def __init__(self, name: str, doubts: list[Doubt]) -> None:
        super().__init__(name=name)
        self.doubts = [(name, doubt) for doubt in doubts]


def lawyers_on_duty(hearing: Hearing) -> list[tuple[Booking, list[Doubt]]]:
    """Whose session covers the sitting, each with what speaks against him."""
    event = hearing.event
    if event is None:
        return []
    found = lending.on_duty(hearing.office_id, event.starts_at, event.ends_at)
    return list(zip(found, _doubts(hearing, event, found), strict=True))


def _doubts(hearing: Hearing, event: Event, sessions: Sequence[Booking]) -> list[list[Doubt]]:
    """What speaks against each, from the people who are or were in the case."""
    people = [session.resource.person for session in sessions]
    lawyers = lawyers_as_of([p for p in people if p], hearing.office_id, day_of(event.starts_at, hearing.office))
    known = {lawyer.person: lawyer for lawyer in lawyers}
    involved = involved_in(hearing.case)
    taking_part = {p.person_id for p in hearing.taking_part() if p.person_id is not None}
    return [judge_lawyer(known[p.id], involved, taking_part) if p else [] for p in people]


def lend_lawyer(hearing: Hearing, session: Booking, by: Person, at: datetime, *, despite: str = "") -> Participant:
    """Lend a lawyer's session to the sitting, for its time. `despite`: why warnings are borne.

    Raises: NoSitting, LawyerUnsuitable, ReasonNeeded, NotInTheSession, LentAlready, Collision.
    """
    event = hearing.event
    if event is None or hearing.state not in LENT_WHILE:
        raise NoSitting()
    [doubts] = _doubts(hearing, event, [session])
    if any(doubt.level == "refuse" for doubt in doubts):
        raise LawyerUnsuitable(session.resource.name, doubts)
    if doubts and not despite.strip():
        raise ReasonNeeded([(session.resource.name, doubt) for doubt in doubts])
    warned, lawyer = [doubt.code for doubt in doubts], session.resource.person_id
    with act("hearing.lend_lawyer", hearing, by=by, at=at, reason=despite, lawyer=lawyer, warned=warned):
        lent = lending.lend(session, event.starts_at, event.ends_at, event, BookingRole.DUTY_LAWYER)
        participant = Participant(
            hearing_id=hearing.id,
            office_id=hearing.office_id,
            capacity=Capacity.DUTY_LAWYER,
            person_id=lawyer,
            booking_id=lent.id,
        )
        db.session.add(participant)
        db.session.flush()
        db.session.expire(hearing, ["participants"])
    return participant


def give_back_lawyer(participant: Participant, by: Person, at: datetime, reason: str) -> None:
    """Give a lent lawyer's hour back to his duty."""
    with act(
        "hearing.give_back_lawyer", participant.hearing, by=by, at=at, reason=reason, lawyer=participant.person_id
    ):
        return_lent(participant, at, reason)


def return_lent(participant: Participant, at: datetime, reason: str) -> None:
    """The same within an act at hand: the sitting is moved, the duty stays where it is."""
    assert participant.booking is not None  # a lent lawyer has his hour
    lending.give_back(participant.booking)
    participant.ended_at, participant.ended_why = at, reason
