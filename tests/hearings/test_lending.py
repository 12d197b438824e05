"""A lawyer on duty is lent to the hearing and comes back (L-24, I42; DOMAIN 8.10)."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from extensions import db
from hearings.actions.cancelling import cancel_hearing
from hearings.actions.lending import LawyerUnsuitable, NoSitting, give_back_lawyer, lawyers_on_duty, lend_lawyer
from hearings.actions.move import move_sitting
from hearings.rules.lending import judge_lawyer
from record import invariants
from record.act import act, history
from record.models import Message
from scheduler.timeline import timeline
from scheduler.timeline.models import Booking
from scheduler.timeline.timeline import Take
from tests.cases.made import a_party
from tests.hearings.planned import approved, planned, the_case
from tests.town import NOW, Town, local


@pytest.fixture
def duty(town: Town) -> Booking:
    """The lawyer's morning of 2 December, 9:00 to 12:00."""
    event = town.event("值班", "2026-12-02 09:00", "2026-12-02 12:00", kind="duty")
    with act("duty.publish", event, by=town.coordinator, at=NOW):
        return timeline.rebook(Take(event, town.resource(town.lawyer), "duty_lawyer"))[0]


def pieces(duty: Booking) -> list[tuple[datetime, datetime]]:
    live = select(Booking).where(Booking.event_id == duty.event_id, Booking.binds).order_by(Booking.starts_at)
    return [(b.starts_at, b.ends_at) for b in db.session.scalars(live)]


NINE, HALF, TWELVE = local("2026-12-02 09:00"), local("2026-12-02 10:30"), local("2026-12-02 12:00")


def test_counsel_of_the_case_is_refused() -> None:
    """8.10."""
    assert judge_lawyer(1, {2}, {2, 3}, {4}) == []
    assert [d.code for d in judge_lawyer(2, {2}, {2, 3}, {4})] == ["counsel_in_the_case"]
    assert [d.code for d in judge_lawyer(3, {2}, {2, 3}, {4})] == ["in_the_case"]
    assert [d.code for d in judge_lawyer(4, {2}, {2, 3}, {4})] == ["two_capacities"]


def test_an_hour_goes_to_the_hearing_and_comes_back(town: Town, duty: Booking) -> None:
    hearing = planned(town).hearing
    assert lawyers_on_duty(hearing) == [(duty, [])]
    lent = lend_lawyer(hearing, duty, town.coordinator, NOW)
    assert (lent.name, lent.booking.event_id, pieces(duty)) == ("尤律师", hearing.event.id, [(HALF, TWELVE)])
    assert lawyers_on_duty(hearing) == []
    give_back_lawyer(lent, town.coordinator, NOW, "当事人已有辩护人")
    assert (lent.live, pieces(duty)) == (False, [(NINE, TWELVE)])
    assert history(hearing)[2:] == ["hearing.lend_lawyer", "hearing.give_back_lawyer"]
    told = db.session.execute(select(Message.template, Message.recipient_id).where(Message.template.like("%l%ent%")))
    assert ("hearings/lent", town.lawyer.id) in told.all()
    assert invariants.broken() == []


def test_only_a_session_that_covers_the_sitting_can_be_lent(town: Town, duty: Booking) -> None:
    assert lawyers_on_duty(planned(town, "2026-12-02 10:45", despite="只有此时各方都能到").hearing) == []
    other = planned(town, "2026-12-03 09:00", approved(town, the_case(town, "枫检刑诉〔2026〕32号")))
    assert lawyers_on_duty(other.hearing) == []


def test_the_lawyer_of_a_party_is_not_lent_to_its_hearing(town: Town, duty: Booking) -> None:
    case = the_case(town)
    hearing = planned(town, hearing=approved(town, case)).hearing
    a_party(town, case, "尤律师", "defender", person_id=town.lawyer.id)
    [(session, doubts)] = lawyers_on_duty(hearing)
    assert (session, [d.code for d in doubts]) == (duty, ["counsel_in_the_case"])
    with pytest.raises(LawyerUnsuitable):
        lend_lawyer(hearing, duty, town.coordinator, NOW)
    assert pieces(duty) == [(NINE, TWELVE)]


def test_before_the_plan_there_is_nothing_to_lend_to(town: Town, duty: Booking) -> None:
    hearing = approved(town)
    assert lawyers_on_duty(hearing) == []
    with pytest.raises(NoSitting):
        lend_lawyer(hearing, duty, town.coordinator, NOW)


@pytest.mark.parametrize("way", ["move", "cancel"])
def test_moving_and_cancelling_give_the_hour_back(town: Town, duty: Booking, way: str) -> None:
    """I42."""
    hearing = planned(town).hearing
    lent = lend_lawyer(hearing, duty, town.coordinator, NOW)
    if way == "move":
        move_sitting(
            hearing.sitting, local("2026-12-03 09:00"), 90, town.coordinator, NOW, "主持人开会", room=town.room()
        )
    else:
        cancel_hearing(hearing, town.coordinator, NOW, "撤回申请")
    assert (lent.live, pieces(duty), invariants.broken()) == (False, [(NINE, TWELVE)], [])
