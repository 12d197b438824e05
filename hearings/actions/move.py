"""Moving a sitting: a new time or place, judged as a new plan is; everybody who was told is told of the change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from accounts.models import Person
from accounts.rules.settings import check_reason
from cases.actions.parties import hold_people
from errors import Refusal
from extensions import db
from hearings.actions.invitations import invite
from hearings.actions.lending import return_lent
from hearings.actions.openness import exclude_public
from hearings.actions.planning import carry_out, room_of
from hearings.actions.reassigning import chairs_no_more, new_chair
from hearings.actions.telling import tell, told_before
from hearings.models import HEARING, SITTING, Capacity, Hearing, NoticeKind, Participant, Sitting
from hearings.plan_facts import Judging, Plan
from record.act import act
from scheduler.timeline import timeline
from scheduler.timeline.models import Booking, BookingRole, BookingStatus, Event, Resource
from scheduler.timeline.slots import Span
from scheduler.timeline.timeline import Change, Free, Move, Retime, Take, resource_of


class NothingMoves(Refusal):
    """Whoever has said yes would be asked again, and every link would die, for nothing."""

    code = "nothing_moves"
    status = 422
    message = "Nothing changes: day, time, length and place are as they were."
    help = "Choose another time or place; or leave the sitting as it is: nobody was told anything."


def move_sitting(  # noqa: PLR0917 - when, how long, where, who, when it is done, why
    sitting: Sitting,
    starts_at: datetime,
    minutes: int,
    by: Person,
    at: datetime,
    reason: str,
    *,
    room: Resource | None = None,
    place: str = "",
    despite: str = "",
) -> None:
    """Put a sitting at another time or place. Hearing officers are asked again, a lent lawyer goes back to his duty.

    Raises: ReasonMissing, NothingMoves, NotPlannable with everything in the way and the next times that suit,
    ReasonNeeded.
    """
    check_reason(reason)
    hearing, event = sitting.hearing, sitting.event
    if _stays(event, starts_at, minutes, room, place):
        raise NothingMoves()
    before = [event.starts_at, event.ends_at]
    hold_people(hearing.case)
    with act("hearing.replan", hearing, by=by, at=at, reason=reason, despite=despite, before=before) as current:
        told = told_of_a_change(hearing)
        HEARING.step("replan", hearing)
        with act("sitting.move", sitting, by=by, at=at, reason=reason):
            SITTING.step("move", sitting)
            lent = hearing.taking_part(Capacity.DUTY_LAWYER)
            for lawyer in lent:
                return_lent(lawyer, at, reason)
            current.facts["returned"] = [lawyer.person_id for lawyer in lent]
            _rebook(hearing, _planned(hearing, starts_at, minutes, room, place), by, at, reason, despite)
        exclude_public(hearing, by, at, told=False)
        tell(hearing, NoticeKind.CHANGE, [p for p in told if p.live and not _only_asked(p)], by, at, reason=reason)
        for participant in hearing.taking_part(Capacity.HEARING_OFFICER):
            invite(participant, by, at, moved=True)


def _stays(event: Event, starts_at: datetime, minutes: int, room: Resource | None, place: str) -> bool:
    """Whether what is asked for is what stands already."""
    if (event.starts_at, event.ends_at) != (starts_at, starts_at + timedelta(minutes=minutes)):
        return False
    held = [b.resource_id for b in timeline.live_bookings(event, BookingRole.ROOM)]
    return held == [room.id] if room is not None else not held and event.place == place.strip()


def _planned(hearing: Hearing, starts_at: datetime, minutes: int, room: Resource | None, place: str) -> Plan:
    """The plan that results: the same people at another time or place, and in the chair whoever has the case now."""

    def people(capacity: str) -> tuple[Person, ...]:
        return tuple(p.person for p in hearing.taking_part(capacity) if p.person is not None)

    sits = () if chairs_no_more(hearing) else people(Capacity.CHAIR)
    chair = sits[0] if sits else hearing.case.handler
    return Plan(
        starts_at=starts_at,
        minutes=minutes,
        chair=chair,
        officers=people(Capacity.HEARING_OFFICER),
        prosecutors=tuple(p for p in people(Capacity.PROSECUTOR) if p is not chair),
        room=room,
        place=place,
        officers_why=hearing.officers_why,
    )


def _rebook(  # noqa: PLR0917 - which hearing, how, by whom, when, why, why in spite of warnings
    hearing: Hearing, plan: Plan, by: Person, at: datetime, reason: str, despite: str
) -> None:
    event = hearing.event
    assert event is not None  # it is moved, so it stands
    judging = Judging(hearing, at)
    bookings = timeline.live_bookings(event)
    after = new_chair(hearing, at)
    changes = [*_rooms(event, plan, judging, bookings), *_people(event, plan, bookings)]
    changes += after.changes(event, plan.starts_at, plan.ends_at) if after is not None else []
    event.place = plan.venue
    resources = {b.resource_id for b in bookings if b.role != BookingRole.ROOM}
    if after is not None:
        resources = resources - {p.booking.resource_id for p in after.going if p.booking} | {resource_of(after.to).id}
    if plan.room is not None:
        resources.add(plan.room.id)

    def times() -> list[Span]:
        return judging.next_times(resources, plan.minutes, plan.starts_at, buffered=plan.room is not None)

    made = carry_out(changes, judging.whole(plan), despite, times)
    if after is not None:
        with after.act(by, at, reason):
            after.seat(made, at, reason)
    db.session.flush()


def _people(event: Event, plan: Plan, bookings: Sequence[Booking]) -> list[Change]:
    """Everybody moves with the event; hearing officers have not yet said yes to the new time."""
    return [
        Move(event, plan.starts_at, plan.ends_at),
        *(
            Retime(b, plan.starts_at, plan.ends_at, BookingStatus.INVITED)
            for b in bookings
            if b.role == BookingRole.HEARING_OFFICER
        ),
    ]


def _rooms(event: Event, plan: Plan, judging: Judging, bookings: Sequence[Booking]) -> list[Change]:
    """The room that was booked is let go, the new one taken; the same one moves with the event."""
    held = [b for b in bookings if b.role == BookingRole.ROOM]
    if plan.room is not None and [b.resource_id for b in held] == [plan.room.id]:
        return []
    free: list[Change] = [Free(b, BookingStatus.RELEASED) for b in held]
    if plan.room is None:
        return free
    take = room_of(event, plan.room, judging)
    before, after = (judging.rules[f"hearing.room_buffer.{side}"].amount for side in ("before", "after"))
    around = timedelta(minutes=before), timedelta(minutes=after)
    return [*free, *_at(take, plan.starts_at - around[0], plan.ends_at + around[1])]


def _at(changes: Sequence[Take], starts_at: datetime, ends_at: datetime) -> list[Change]:
    return [replace(change, starts_at=starts_at, ends_at=ends_at) for change in changes]


def told_of_a_change(hearing: Hearing) -> list[Participant]:
    """Who hears of a move or a cancellation: who was told, who was asked, who holds the time by office or duty."""
    told = {p.id for p in told_before(hearing)}
    return [p for p in hearing.taking_part() if p.id in told or p.issue > 0 or p.capacity in _HOLDING]


_HOLDING = frozenset({Capacity.CHAIR, Capacity.PROSECUTOR, Capacity.DUTY_LAWYER})


def _only_asked(participant: Participant) -> bool:
    """A hearing officer who had no notice yet: the new invitation says the new time."""
    return participant.issue > 0 and not participant.notices
