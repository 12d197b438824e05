"""Little time between two places warns, and refuses nothing (TRUST I03, 9.2 `timeline.travel_gap`)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from record.act import act
from scheduler.timeline import timeline
from scheduler.timeline.models import Event
from scheduler.timeline.travel import ShortWay, short_ways
from tests.town import NOW, Town

GAP = timedelta(minutes=15)
HERE, THERE = "第一听证室", "客运站前广场"


def event_at(town: Town, place: str, since: str, until: str) -> Event:
    event = town.event("会", f"2026-11-25 {since}", f"2026-11-25 {until}")
    with act("event.plan", event, by=town.clerk, at=NOW):
        event.place = place
    return event


def booked(town: Town, since: str, until: str, place: str = HERE) -> Event:
    event = event_at(town, place, since, until)
    with act("sitting.plan", event, by=town.clerk, at=NOW):
        timeline.rebook(timeline.Take(event, town.resource(town.prosecutor), "chair"))
    return event


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        ("10:14", "11:00", ShortWay(14, comes_first=True, place=HERE)),
        ("10:15", "11:00", None),
        ("08:00", "08:46", ShortWay(14, comes_first=False, place=HERE)),
        ("08:00", "08:45", None),
        ("10:00", "11:00", ShortWay(0, comes_first=True, place=HERE)),
        ("09:30", "10:30", None),  # that they meet is told as such
    ],
)
def test_less_than_the_time_between_two_places_is_said(town: Town, since: str, until: str, found: ShortWay) -> None:
    booked(town, "09:00", "10:00")
    event = event_at(town, THERE, since, until)
    ways = short_ways(town.resource(town.prosecutor), [event], GAP, town.office.id)
    assert ways == ({event.id: found} if found else {})


def test_at_one_place_nobody_travels_and_of_two_ways_the_shorter_is_said(town: Town) -> None:
    booked(town, "08:00", "08:59", place=THERE)
    booked(town, "10:10", "10:30")
    event = event_at(town, THERE, "09:00", "10:05")
    resource = town.resource(town.prosecutor)
    assert short_ways(resource, [event], GAP, town.office.id) == {event.id: ShortWay(5, comes_first=False, place=HERE)}


def test_of_another_office_no_place_is_named(town: Town) -> None:
    booked(town, "08:00", "08:55")
    event = event_at(town, THERE, "09:00", "10:00")
    ways = short_ways(town.resource(town.prosecutor), [event], GAP, town.other_office.id)
    assert ways == {event.id: ShortWay(5, comes_first=True, place="")}
