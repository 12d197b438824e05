"""SEQUENCE of a feed: rises whenever what a calendar shows changes, and never falls (RFC 5545 3.8.7.4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from random import Random

import pytest
from flask import Flask
from sqlalchemy import select

from extensions import db
from record.act import act
from scheduler.calendar.feeds import entries
from scheduler.calendar.models import Feed
from scheduler.notices import about_event
from scheduler.timeline import lending, timeline
from scheduler.timeline.lending import LentAlready
from scheduler.timeline.models import Booking, Event
from scheduler.timeline.timeline import Collision, Free, LentOut, Move, Take
from tests.racing import race
from tests.scheduler.subscriber import feed_of
from tests.town import NOW, Town, local

Shown = tuple[int, datetime, tuple[datetime, datetime, bool]]


@pytest.fixture
def duty(town: Town) -> Booking:
    """The lawyer's morning, 9:00 to 12:00."""
    event = town.event("值班", "2026-11-25 09:00", "2026-11-25 12:00", kind="duty")
    with act("duty.publish", event, by=town.coordinator, at=NOW):
        return timeline.rebook(Take(event, town.resource(town.lawyer), "duty_lawyer"))[0]


def shown(feed: Feed, at: datetime) -> dict[str, Shown]:
    """What a feed shows of each event: SEQUENCE, LAST-MODIFIED, and what a calendar draws."""
    return {
        entry.uid: (entry.sequence, entry.changed_at, (entry.starts_at, entry.ends_at, entry.cancelled))
        for entry in entries(feed, at, 90, 30)
    }


def lend(town: Town, duty: Booking, starts: str, ends: str, at: datetime) -> Booking:
    hearing = town.event("听证会", f"2026-11-25 {starts}", f"2026-11-25 {ends}", kind="hearing")
    with act("duty.lend", duty.event, by=town.coordinator, at=at):
        return lending.lend(duty, hearing.starts_at, hearing.ends_at, hearing, "hearing_officer")


def give_back(town: Town, lent: Booking, at: datetime) -> None:
    with act("duty.give_back", lent.event, by=town.coordinator, at=at):
        lending.give_back(lent)


def test_the_first_hour_of_a_duty_lent_and_returned_is_told_both_times(town: Town, duty: Booking) -> None:
    feed, _ = feed_of(town, town.lawyer, at=NOW)
    uid, later = str(duty.event.uid), NOW + timedelta(hours=1)
    whole, rest = [(local(f"2026-11-25 {start}"), local("2026-11-25 12:00"), False) for start in ("09:00", "10:00")]
    assert shown(feed, NOW)[uid] == (1, NOW, whole)
    lent = lend(town, duty, "09:00", "10:00", NOW + timedelta(minutes=1))
    assert shown(feed, NOW)[uid] == (2, NOW + timedelta(minutes=1), rest)
    give_back(town, lent, later)
    assert shown(feed, NOW)[uid] == (3, later, whole)


def test_a_middle_hour_lent_returned_and_lent_again_never_lowers_it(town: Town, duty: Booking) -> None:
    feed, _ = feed_of(town, town.lawyer, at=NOW)
    uid, said = str(duty.event.uid), []
    for _ in range(3):
        lent = lend(town, duty, "10:00", "11:00", NOW)
        said.append(shown(feed, NOW)[uid][0])
        give_back(town, lent, NOW)
        said.append(shown(feed, NOW)[uid][0])
    assert said == [3, 5, 7, 9, 11, 13]


def test_two_hours_returned_at_one_moment_count_both(app: Flask, town: Town, duty: Booking) -> None:
    """Each of the two loads the duty before the other one has laid it anew."""
    feed, _ = feed_of(town, town.lawyer, at=NOW)
    lent = [lend(town, duty, f"{hour}:00", f"{hour}:30", NOW).id for hour in (10, 11)]
    root, feed_id, uid = duty.id, feed.id, str(duty.event.uid)
    assert shown(feed, NOW)[uid][0] == 6

    def give_one_back(key: int) -> None:
        loaded, booking = db.session.get_one(Booking, root), db.session.get_one(Booking, key)
        with act("duty.give_back", loaded.event, by=town.coordinator, at=NOW):
            lending.give_back(booking)

    race(app, [partial(give_one_back, key) for key in lent])
    assert shown(db.session.get_one(Feed, feed_id), NOW)[uid][0] == 11


def test_somebody_elses_booking_leaves_what_was_told_of_an_event_true(town: Town, duty: Booking) -> None:
    """I25: what is about to be told to one person is not withdrawn because another one joins."""
    told = about_event(duty.event)
    with act("event.book", duty.event, by=town.coordinator, at=NOW):
        timeline.rebook(Take(duty.event, town.resource(town.clerk), "observer"))
    assert about_event(duty.event) == told
    with act("event.move", duty.event, by=town.coordinator, at=NOW):
        timeline.rebook(Move(duty.event, local("2026-11-26 09:00"), local("2026-11-26 12:00")))
    assert about_event(duty.event) != told


def steps(town: Town, duty: Booking, chance: Random) -> list[Callable[[], object]]:
    """What may happen next: some minutes lent, lent ones returned, a hearing or the duty moved, somebody joining."""
    hearings = db.session.scalars(select(Event).where(Event.kind == "hearing").order_by(Event.id)).all()
    lent = db.session.scalars(select(Booking).where(Booking.lent_from_id == duty.id, Booking.binds)).all()
    clerks = db.session.scalars(select(Booking).where(Booking.role == "observer", Booking.status == "accepted")).all()
    hearing, minutes = chance.choice(hearings), timedelta(minutes=15 * chance.randrange(1, 5))
    start = duty.event.starts_at + timedelta(minutes=15 * chance.randrange(0, 12))
    ways: list[Callable[[], object]] = [
        lambda: timeline.rebook(Move(hearing, start, start + minutes)),
        lambda: lending.lend(duty, hearing.starts_at, hearing.ends_at, hearing, "hearing_officer"),
        lambda: lending.lend(duty, hearing.starts_at, hearing.ends_at, hearing, "hearing_officer"),
        lambda: timeline.rebook(Take(hearing, town.resource(town.clerk), "observer")),
    ]
    if lent:
        ways += [lambda: lending.give_back(chance.choice(lent))] * 3
    else:
        ways.append(lambda: timeline.rebook(Move(duty.event, start, start + timedelta(hours=3))))
    if clerks:
        ways.append(lambda: timeline.rebook(Free(chance.choice(clerks))))
    return ways


@pytest.mark.parametrize("seed", [1, 2])
def test_it_never_falls_and_rises_whenever_times_or_status_differ(town: Town, duty: Booking, seed: int) -> None:
    chance, at, raised = Random(seed), NOW, 0
    for start in (9, 10, 11):
        town.event("听证会", f"2026-11-25 {start:02}:00", f"2026-11-25 {start + 1}:00", kind="hearing")
    feeds = [feed_of(town, town.lawyer, at=NOW)[0], feed_of(town, town.coordinator, "office", at=NOW)[0]]
    before = [shown(feed, at) for feed in feeds]
    for _ in range(60):
        at += timedelta(minutes=1)
        try:
            with act("event.change", duty.event, by=town.coordinator, at=at):
                chance.choice(steps(town, duty, chance))()
        except (Collision, LentAlready, LentOut, lending.NotInTheSession):
            db.session.expire_all()
        after = [shown(feed, at) for feed in feeds]
        for old, new in zip(before, after, strict=True):
            assert old.keys() <= new.keys()
            for uid, (sequence, changed_at, drawn) in old.items():
                rose, changed = new[uid][0] - sequence, new[uid][1:] != (changed_at, drawn)
                assert (rose >= 0, rose > 0) == (True, changed)
                raised += rose > 0
        assert [(uid, after[1][uid][0]) for uid in after[0]] == [(uid, after[0][uid][0]) for uid in after[0]]
        before = after
    assert raised > 60
