"""Who sits for a case at a hearing ahead gives his place to whoever has it now; an empty chair is taken (T14; H-27)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from accounts.models import Person
from cases.actions.reassigning import follows_handler
from cases.models import Case
from errors import Refusal
from extensions import db
from hearings.actions.officers import OPEN
from hearings.actions.telling import hold, tell_of_newcomer
from hearings.models import Capacity, Hearing, HearingState, Participant
from hearings.plan_facts import Judging
from record.act import Current, Someone, act, current_act, transaction
from record.course import OffCourse
from scheduler.actions.absence import when_released
from scheduler.timeline import timeline
from scheduler.timeline.models import Absence, Booking, BookingRole, BookingStatus, Event
from scheduler.timeline.timeline import Change, Free, Take, resource_of

STAFF = (Capacity.CHAIR, Capacity.PROSECUTOR)
_ROLES = {Capacity.CHAIR: BookingRole.CHAIR, Capacity.PROSECUTOR: BookingRole.PROSECUTOR}


class NotHandedOver(Refusal):
    code = "hearing_not_handed_over"
    message = "%(who)s cannot take this place: he is taken at that time, or stands too near to somebody in the case."
    help = "Move the sitting to a time that suits him: the chair changes with it. Or give the case to somebody else."
    source = "DOMAIN H-26"


class ChairNeeded(Refusal):
    """People know who chairs the hearing; it is not left without anybody."""

    code = "chair_needed"
    message = "%(who)s chairs a hearing of which people have been told, and nobody else can take the chair."
    help = "Move the sitting, or give the case to somebody else; then approve the leave."
    source = "DOMAIN H-27, H-42"


def chairs_no_more(hearing: Hearing) -> Participant | None:
    """Who still chairs a hearing though he neither handles its case nor leads its group (H-27)."""
    case = hearing.case
    chairs = hearing.taking_part(Capacity.CHAIR)
    return next((one for one in chairs if one.person_id not in {case.handler_id, case.lead_id}), None)


def lacks_chair(hearing: Hearing, at: datetime) -> bool:
    """Whether a sitting is ahead and nobody chairs it: an approved leave took him."""
    ahead = hearing.event is not None and hearing.event.starts_at > at
    return ahead and hearing.state in OPEN and not hearing.taking_part(Capacity.CHAIR)


@dataclass(frozen=True)
class Succession:
    """Who leaves a place at a hearing, and who takes it for the case; of two places, or where nobody chairs the
    hearing, he takes the chair."""

    hearing: Hearing
    going: Sequence[Participant]
    to: Person

    @property
    def capacity(self) -> Capacity:
        stays = any(one not in self.going for one in self.hearing.taking_part(Capacity.CHAIR))
        return Capacity.PROSECUTOR if stays else Capacity.CHAIR

    def act(self, by: Someone | None, at: datetime, reason: str) -> AbstractContextManager[Current]:
        had_it = next((one.person_id for one in self.going if one.person_id != self.to.id), None)
        if had_it is None:
            return act("hearing.seat_chair", self.hearing, by=by, at=at, reason=reason)
        return act("hearing.hand_over", self.hearing, by=by, at=at, reason=reason, had_it=had_it)

    def changes(self, event: Event, starts_at: datetime | None = None, ends_at: datetime | None = None) -> list[Change]:
        free = [Free(one.booking, BookingStatus.RELEASED) for one in self.going if one.booking is not None]
        role = _ROLES[self.capacity]
        return [*free, Take(event, resource_of(self.to), role, starts_at=starts_at, ends_at=ends_at)]

    def seat(self, made: Iterable[Booking], at: datetime, reason: str) -> Participant:
        """Within an act: the rows of who takes part say what the timeline says."""
        for one in self.going:
            one.ended_at, one.ended_why = at, reason
        [booking] = [one for one in made if one.resource.person_id == self.to.id]
        place = {"hearing_id": self.hearing.id, "office_id": self.hearing.office_id, "capacity": self.capacity}
        seated = Participant(**place, person_id=self.to.id, booking_id=booking.id)
        db.session.add(seated)
        db.session.flush()
        db.session.expire(self.hearing, ["participants"])
        return seated


def succession(participant: Participant) -> Succession:
    return _succession(participant.hearing, [participant], participant.hearing.case.handler)


def new_chair(hearing: Hearing, at: datetime) -> Succession | None:
    """The handler takes the chair where nobody has it, or somebody who has the case no longer."""
    gone = chairs_no_more(hearing)
    if gone is None and not lacks_chair(hearing, at):
        return None
    return _succession(hearing, [gone] if gone else [], hearing.case.handler)


def _succession(hearing: Hearing, going: Sequence[Participant], to: Person) -> Succession:
    return Succession(hearing, [*going, *(p for p in hearing.taking_part(*STAFF) if p.person_id == to.id)], to)


def seat_chair(hearing: Hearing, by: Someone | None, at: datetime, reason: str) -> Person:
    """Somebody takes the empty chair: the handler, or where he cannot come and need not chair, the lead prosecutor.
    Where another desk was faster, who chairs it by now.

    Raises: NotHandedOver, OffCourse once the sitting has begun.
    """
    case = hearing.case
    refused: list[NotHandedOver] = []
    with transaction():
        hold(hearing)
        for seated in hearing.taking_part(Capacity.CHAIR):
            if seated.person is not None:
                return seated.person
        if not lacks_chair(hearing, at):
            raise OffCourse(state=hearing.state)
        for to in dict.fromkeys(one for one in (case.handler, case.lead) if one is not None):
            try:
                _take_over(_succession(hearing, [], to), by, at, reason)
            except NotHandedOver as refusal:
                refused.append(refusal)
            else:
                return to
        raise refused[0]


def hand_over_hearing(participant: Participant, by: Person, at: datetime, reason: str) -> None:
    """The place of whoever had the case goes to whoever has it now, with its time on the calendar.

    Raises: NotHandedOver.
    """
    _take_over(succession(participant), by, at, reason)


def _take_over(after: Succession, by: Someone | None, at: datetime, reason: str) -> None:
    hearing = after.hearing
    with after.act(by, at, reason):
        hold(hearing)
        event = hearing.event
        if event is None or _speaks_against(after, event, at):
            raise NotHandedOver(who=after.to.name)
        try:
            made = timeline.rebook(*after.changes(event))
        except timeline.Collision as collision:
            raise NotHandedOver(who=after.to.name) from collision
        seated = after.seat(made, at, reason)
        if seated.capacity == Capacity.CHAIR and event.starts_at > at:
            tell_of_newcomer(hearing, seated, by, at)


def _speaks_against(after: Succession, event: Event, at: datetime) -> bool:
    """Whether he may not take the place: too near to the case, or the chair is the handler's alone (H-26, H-27)."""
    judging = Judging(after.hearing, at)
    doubts = judging.of_staff(after.to)
    if after.capacity == Capacity.CHAIR:
        doubts += judging.of_chair(after.to, judging.day(event.starts_at))
    return any(doubt.level == "refuse" for doubt in doubts)


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


def release_participant(booking: Booking, absence: Absence, at: datetime) -> None:
    """An approved leave took somebody out of a hearing: his place is free, and whoever arranges it is told (8.0).

    Raises: ChairNeeded.
    """
    his = select(Participant).where(Participant.booking_id == booking.id, Participant.ended_at.is_(None))
    participant = db.session.scalar(his)
    if participant is None:
        return
    by = current_act().by
    with act("participant.release", participant, by=by, at=at):
        if participant.capacity == Capacity.PARTY:  # he is a party still, and is told; only his time is not held here
            participant.booking_id = None
        else:
            participant.ended_at, participant.ended_why = at, "leave"
    if participant.capacity == Capacity.CHAIR:
        _keep_a_chair(participant, by, at)


def _keep_a_chair(gone: Participant, by: Someone | None, at: datetime) -> None:
    """After notice somebody else who may chair takes it at once; before it the empty chair waits on the desk."""
    hearing = gone.hearing
    hold(hearing)
    if hearing.state != HearingState.NOTICED or hearing.event is None or hearing.event.starts_at <= at:
        return
    try:
        seat_chair(hearing, by, at, "")
    except NotHandedOver as refusal:
        raise ChairNeeded(who=gone.name) from refusal


when_released("hearing", release_participant)
