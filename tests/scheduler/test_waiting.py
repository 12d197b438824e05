"""Places and waiting lists (I04, I05, I06)."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from accounts.actions.people import enter_person, give_membership
from extensions import db
from record.act import act
from scheduler.timeline import timeline, waiting
from scheduler.timeline.models import Booking, Event, Quota, Resource, Waiting
from scheduler.timeline.timeline import Free, Full, Take
from tests.town import NOW, Town


def volunteers(town: Town, count: int) -> list[Resource]:
    people = [enter_person({"name": f"志愿{n}"}, town.office, by=None, at=NOW) for n in range(count)]
    for person in people:
        give_membership(person, town.office, "volunteer", starts_on=date(2026, 1, 1), by=None, at=NOW)
    with act("resource.enter", town.office, by=None, at=NOW):
        return [timeline.resource_of(p) for p in people]


@pytest.fixture
def shift(town: Town) -> Event:
    """A shift with one place; whoever is called 志愿1 does not fit it."""
    event = town.event("执勤", "2026-11-25 07:30", "2026-11-25 09:00", kind="test_shift")
    with act("event.plan", event, by=town.coordinator, at=NOW):
        db.session.add(Quota(event=event, office_id=event.office_id, role="volunteer", capacity=1))

    def fits(event: Event, resource: Resource, now: datetime) -> str:
        return "not_insured" if resource.name == "志愿1" else ""

    def promoted(place: Waiting, booking: Booking, now: datetime) -> None:
        assert booking.binds

    waiting.promote_by("test_shift", fits, promoted)
    return event


def book(town: Town, shift: Event, resource: Resource) -> Booking:
    with act("event.book", shift, by=town.coordinator, at=NOW):
        return timeline.rebook(Take(shift, resource, "volunteer"))[0]


def quota(shift: Event) -> Quota:
    return db.session.scalars(select(Quota).where(Quota.event_id == shift.id)).one()


def wait(town: Town, shift: Event, resource: Resource) -> Waiting:
    with act("waiting.join", shift, by=town.coordinator, at=NOW):
        return waiting.join(quota(shift), resource, NOW)


def test_a_full_shift_refuses_the_next_and_says_how_many_places_there_are(town: Town, shift: Event) -> None:
    first, second, *_ = volunteers(town, 3)
    book(town, shift, first)
    with pytest.raises(Full) as refusal:
        book(town, shift, second)
    assert (refusal.value.capacity, quota(shift).taken) == (1, 1)


def test_a_freed_place_goes_to_the_first_whom_it_fits_and_who_was_passed_over_is_told_why(
    town: Town, shift: Event
) -> None:
    holder, unfit, next_one, last = volunteers(town, 4)
    booking = book(town, shift, holder)
    waits = [wait(town, shift, r) for r in (unfit, next_one, last)]
    with act("event.release", shift, by=town.coordinator, at=NOW):
        timeline.rebook(Free(booking))
        (promoted,) = waiting.fill(shift, "volunteer", NOW)
    assert promoted.resource == next_one
    assert [(w.number, w.state, w.why) for w in waits] == [
        (1, "passed_over", "not_insured"),
        (2, "promoted", ""),
        (3, "waiting", ""),
    ]
    assert quota(shift).taken == 1


def test_whoever_has_something_else_by_then_is_passed_over(town: Town, shift: Event) -> None:
    holder, _, busy, free = volunteers(town, 4)
    booking = book(town, shift, holder)
    waits = [wait(town, shift, r) for r in (busy, free)]
    other = town.event("别处", "2026-11-25 08:00", "2026-11-25 08:30")
    book(town, other, busy)
    with act("event.release", shift, by=town.coordinator, at=NOW):
        timeline.rebook(Free(booking))
        waiting.fill(shift, "volunteer", NOW)
    assert [(w.state, w.why) for w in waits] == [("passed_over", "overlap"), ("promoted", "")]


def test_nobody_waits_twice_in_one_list(town: Town, shift: Event) -> None:
    (someone,) = volunteers(town, 1)
    wait(town, shift, someone)
    with pytest.raises(waiting.WaitsAlready):
        wait(town, shift, someone)


def test_the_places_cannot_be_lowered_below_what_is_taken(town: Town, shift: Event) -> None:
    """I05."""
    (someone,) = volunteers(town, 1)
    book(town, shift, someone)
    with pytest.raises(IntegrityError), act("event.change", shift, by=town.coordinator, at=NOW):
        quota(shift).capacity = 0
