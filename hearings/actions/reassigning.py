"""A case goes to another prosecutor: who sits for it at a hearing ahead gives his place to him (T14; H-27)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from accounts.models import Person
from cases.actions.reassigning import follows_handler
from cases.models import Case
from errors import Refusal
from extensions import db
from hearings.actions.officers import OPEN
from hearings.models import Capacity, Hearing, Participant
from hearings.plan_facts import Judging
from record.act import act
from scheduler.timeline import timeline
from scheduler.timeline.models import Booking, BookingRole, BookingStatus, Event
from scheduler.timeline.timeline import Change, Free, Take, resource_of

STAFF = (Capacity.CHAIR, Capacity.PROSECUTOR)
_ROLES = {Capacity.CHAIR: BookingRole.CHAIR, Capacity.PROSECUTOR: BookingRole.PROSECUTOR}


class NotHandedOver(Refusal):
    code = "hearing_not_handed_over"
    message = "%(who)s cannot take this place: he is taken at that time, or stands too near to somebody in the case."
    help = "Move the sitting to a time that suits him: the chair changes with it. Or give the case to somebody else."
    source = "DOMAIN H-26"


def chairs_no_more(hearing: Hearing) -> Participant | None:
    """Who still chairs a hearing though he neither handles its case nor leads its group (H-27)."""
    case = hearing.case
    chairs = hearing.taking_part(Capacity.CHAIR)
    return next((one for one in chairs if one.person_id not in {case.handler_id, case.lead_id}), None)


@dataclass(frozen=True)
class Succession:
    """Who leaves a place at a hearing, and whoever has the case now, who takes it; of two places he takes the chair."""

    hearing: Hearing
    going: Sequence[Participant]
    to: Person

    @property
    def capacity(self) -> Capacity:
        chairs = any(one.capacity == Capacity.CHAIR for one in self.going)
        return Capacity.CHAIR if chairs else Capacity.PROSECUTOR

    def changes(self, event: Event, starts_at: datetime | None = None, ends_at: datetime | None = None) -> list[Change]:
        free = [Free(one.booking, BookingStatus.RELEASED) for one in self.going if one.booking is not None]
        role = _ROLES[self.capacity]
        return [*free, Take(event, resource_of(self.to), role, starts_at=starts_at, ends_at=ends_at)]

    def seat(self, made: Iterable[Booking], at: datetime, reason: str) -> None:
        """Within an act: the rows of who takes part say what the timeline says."""
        for one in self.going:
            one.ended_at, one.ended_why = at, reason
        [booking] = [one for one in made if one.resource.person_id == self.to.id]
        place = {"hearing_id": self.hearing.id, "office_id": self.hearing.office_id, "capacity": self.capacity}
        db.session.add(Participant(**place, person_id=self.to.id, booking_id=booking.id))
        db.session.flush()
        db.session.expire(self.hearing, ["participants"])


def succession(participant: Participant) -> Succession:
    hearing = participant.hearing
    to = hearing.case.handler
    return Succession(hearing, [participant, *(p for p in hearing.taking_part(*STAFF) if p.person_id == to.id)], to)


def hand_over_hearing(participant: Participant, by: Person, at: datetime, reason: str) -> None:
    """The place of whoever had the case goes to whoever has it now, with its time on the calendar.

    Raises: NotHandedOver.
    """
    hearing, event, after = participant.hearing, participant.hearing.event, succession(participant)
    if event is None or any(doubt.level == "refuse" for doubt in Judging(hearing, at).of_staff(after.to)):
        raise NotHandedOver(who=after.to.name)
    with act("hearing.hand_over", hearing, by=by, at=at, reason=reason, had_it=participant.person_id):
        try:
            made = timeline.rebook(*after.changes(event))
        except timeline.Collision as collision:
            raise NotHandedOver(who=after.to.name) from collision
        after.seat(made, at, reason)


def _release(participant: Participant, by: Person, at: datetime, reason: str) -> None:
    """Nobody takes the place: the hearing has its chair."""
    with act("hearing.hand_over", participant.hearing, by=by, at=at, reason=reason, had_it=participant.person_id):
        participant.ended_at, participant.ended_why = at, reason
        if participant.booking is not None:
            timeline.rebook(Free(participant.booking, BookingStatus.RELEASED))


@follows_handler
def _after_the_handler(case: Case, had_it: int, by: Person, at: datetime, reason: str) -> None:
    """Who had the case has no part in what is still ahead of it. A chair whose successor cannot come stays, until the
    coordinator, who finds it on his day, has moved the sitting."""
    for hearing in db.session.scalars(select(Hearing).where(Hearing.case_id == case.id, Hearing.state.in_(OPEN))):
        ahead = hearing.event is not None and hearing.event.starts_at > at
        his = [one for one in hearing.taking_part(*STAFF) if one.person_id == had_it and had_it != case.lead_id]
        for participant in his if ahead else ():
            try:
                hand_over_hearing(participant, by, at, reason)
            except NotHandedOver:
                if participant.capacity == Capacity.PROSECUTOR:
                    _release(participant, by, at, reason)
