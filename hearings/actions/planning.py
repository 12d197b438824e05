"""Planning a sitting: time, place, chair, hearing officers; all that speaks against it is said at once (DOMAIN 8.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select

from accounts.models import Membership, Person
from cases.actions.parties import hold_people
from cases.models import Party
from errors import Refusal
from extensions import db
from hearings.actions.invitations import invite
from hearings.actions.openness import exclude_public
from hearings.models import (
    HEARING,
    Capacity,
    Hearing,
    Participant,
    Sitting,
)
from hearings.plan_facts import PRESENT, Judging, Plan
from hearings.wording import neutral_title
from law import Doubt
from record.act import act
from scheduler.timeline import timeline
from scheduler.timeline.models import Booking, BookingRole, BookingStatus, Event, Resource
from scheduler.timeline.slots import Span
from scheduler.timeline.timeline import Change, Clash, Collision, Take, resource_of

KIND = "hearing"
Found = Sequence[tuple[str, Doubt]]
Times = Callable[[], list[Span]]


class Objections(Refusal):
    """A plan that cannot stand as it is. `doubts`: (whom or what it concerns, doubt); `clashes` and `times` as in a
    collision."""

    status = 422

    def __init__(self, doubts: Found, clashes: Sequence[Clash] = (), times: Sequence[Span] = ()) -> None:
        super().__init__(count=len(doubts) + len(clashes))
        self.doubts, self.clashes, self.times = list(doubts), list(clashes), list(times)


class NotPlannable(Objections):
    code = "not_plannable"
    message = "The sitting cannot be planned like this."
    help = "Everything in the way is listed here; change it, or take one of the times that suit everybody."


class ReasonNeeded(Objections):
    code = "reason_needed"
    message = "This is allowed, but not without a reason."
    help = "Say at the end of the form why it must be so, and send it again."


def plan_hearing(hearing: Hearing, plan: Plan, by: Person, at: datetime, *, despite: str = "") -> Sitting:
    """Plan the sitting of an approved hearing and invite its hearing officers. `despite`: why warnings are borne.

    Raises: NotPlannable with everything in the way and the next times that suit all; ReasonNeeded; OffCourse.
    """
    hold_people(hearing.case)
    with act("hearing.plan", hearing, by=by, at=at, reason=despite) as current:
        HEARING.step("plan", hearing, officers_why=plan.officers_why)
        judging = Judging(hearing, at)
        doubts = judging.whole(plan)
        current.facts["warned"] = [doubt.code for _, doubt in doubts if doubt.level == "warn"]
        event = _event(hearing, plan, at)
        db.session.add(event)
        db.session.flush()
        sitting = Sitting(hearing_id=hearing.id, office_id=hearing.office_id, event_id=event.id)
        with act("sitting.plan", sitting, by=by, at=at):
            db.session.add(sitting)
            people = _people(hearing, plan)
            changes: list[Take] = [*room_of(event, plan.room, judging), *_takes(event, people)]
            made = carry_out(changes, doubts, despite, lambda: _times(judging, plan, changes))
        participants = _participants(hearing, people, made)
        for participant in participants:
            if participant.capacity == Capacity.HEARING_OFFICER:
                invite(participant, by, at)
        exclude_public(hearing, by, at)
    return sitting


def _event(hearing: Hearing, plan: Plan, at: datetime) -> Event:
    return Event(
        office_id=hearing.office_id,
        kind=KIND,
        title=neutral_title(),
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        place=plan.venue,
        changed_at=at,
    )


People = Sequence[tuple[str, Person, int | None]]


def _people(hearing: Hearing, plan: Plan) -> People:
    """Who takes part: (capacity, person, party's id). Parties whom we know as people stand among them, each once,
    in however many roles he is in the case."""
    found: list[tuple[str, Person, int | None]] = [(Capacity.CHAIR, plan.chair, None)]
    found += [(Capacity.PROSECUTOR, person, None) for person in plan.prosecutors]
    found += [(Capacity.HEARING_OFFICER, person, None) for person in plan.officers]
    known: dict[Person, Party] = {}
    for party in hearing.case.present_parties:
        if party.role in PRESENT and party.person is not None:
            known.setdefault(party.person, party)
    return found + [(Capacity.PARTY, person, party.id) for person, party in known.items()]


def room_of(event: Event, room: Resource | None, judging: Judging) -> list[Take]:
    """The booking of the room with the time kept free around it; a place of others is booked by nobody here."""
    if room is None:
        return []
    before, after = (judging.rules[f"hearing.room_buffer.{side}"].amount for side in ("before", "after"))
    return [Take(event, room, BookingRole.ROOM, buffer_before=before, buffer_after=after)]


def _takes(event: Event, people: People) -> list[Take]:
    """One booking a person; hearing officers are asked, all others are told. Somebody who never worked with this
    office has no time here to be booked."""
    found: dict[int, Take] = {}  # whoever is named twice is refused by a rule, not by a collision with himself
    for capacity, person, _ in people:
        if _bookable(capacity, person, event):
            status = _STATUS.get(capacity, BookingStatus.ACCEPTED)
            found.setdefault(person.id, Take(event, resource_of(person), _ROLES[capacity], status))
    return list(found.values())


_ROLES: dict[str, BookingRole] = {
    Capacity.CHAIR: BookingRole.CHAIR,
    Capacity.PROSECUTOR: BookingRole.PROSECUTOR,
    Capacity.HEARING_OFFICER: BookingRole.HEARING_OFFICER,
    Capacity.PARTY: BookingRole.PARTY,
}
_STATUS: dict[str, BookingStatus] = {Capacity.HEARING_OFFICER: BookingStatus.INVITED}


def _bookable(capacity: str, person: Person, event: Event) -> bool:
    return capacity != Capacity.PARTY or works_with(person, event.office_id)


def works_with(person: Person, office_id: int) -> bool:
    held = select(Membership.id).where(Membership.person_id == person.id, Membership.office_id == office_id)
    return db.session.scalar(held.limit(1)) is not None


def officer_take(event: Event, person: Person) -> Take:
    """The booking of one more hearing officer, who is asked."""
    return Take(event, resource_of(person), BookingRole.HEARING_OFFICER, BookingStatus.INVITED)


def carry_out(
    changes: Sequence[Change], doubts: Found, despite: str, times: Times, no: type[NotPlannable] = NotPlannable
) -> list[Booking]:
    """Book, unless something speaks against it. Raises: NotPlannable (as `no` words it), ReasonNeeded."""
    clashes: list[Clash] = []
    made: list[Booking] = []
    refused = any(doubt.level == "refuse" for _, doubt in doubts)
    try:
        made = timeline.rebook(*changes)
    except timeline.NotOfThisOffice as stranger:  # said better by what was found; nothing more can be asked by now
        if refused:
            raise no(doubts, [], []) from stranger
        raise
    except Collision as collision:
        if not collision.clashes:  # a rival was faster than any look: nothing to name
            raise
        clashes = collision.clashes
    if clashes or refused:
        raise no(doubts, clashes, times())
    if doubts and not despite.strip():
        raise ReasonNeeded(doubts)
    return made


def _times(judging: Judging, plan: Plan, changes: Sequence[Change]) -> list[Span]:
    resources = {change.resource.id for change in changes if isinstance(change, Take)}
    return judging.next_times(resources, plan.minutes, plan.starts_at, buffered=plan.room is not None)


def _participants(hearing: Hearing, people: People, made: Sequence[Booking]) -> list[Participant]:
    """One row a person, with his booking; one for each party who has no row of his own."""
    booked = {booking.resource.person_id: booking.id for booking in made}
    found = [
        Participant(
            hearing_id=hearing.id,
            office_id=hearing.office_id,
            capacity=capacity,
            person_id=person.id,
            party_id=party_id,
            booking_id=booked.get(person.id),
        )
        for capacity, person, party_id in people
    ]
    found += [
        Participant(hearing_id=hearing.id, office_id=hearing.office_id, capacity=Capacity.PARTY, party_id=party.id)
        for party in hearing.case.present_parties
        if party.role in PRESENT and party.person_id is None
    ]
    db.session.add_all(found)
    db.session.flush()
    db.session.expire(hearing, ["participants", "sittings"])
    return found
