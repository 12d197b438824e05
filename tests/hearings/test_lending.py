"""A lawyer on duty is lent to the hearing and comes back (L-24, I42; DOMAIN 8.10)."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import select

from accounts.actions.memberships import change_organisation
from accounts.models import Organisation
from cases.actions.parties import remove_party
from extensions import db
from hearings.actions.cancelling import cancel_hearing
from hearings.actions.lending import LawyerUnsuitable, NoSitting, give_back_lawyer, lawyers_on_duty, lend_lawyer
from hearings.actions.move import move_sitting
from hearings.actions.parties import NotTakenIn, take_in_party
from hearings.actions.planning import ReasonNeeded
from hearings.rules.lending import judge_lawyer
from hearings.rules.officers import Candidate, Involved
from record import invariants
from record.act import act, history
from record.models import Act, Message
from scheduler.actions.absence import HitsUnseen, approve_absence, hit_by, request_absence
from scheduler.timeline import timeline
from scheduler.timeline.models import Absence, Booking
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


def test_who_is_counsel_or_stands_too_near_to_the_case() -> None:
    """8.10, H-25, H-26, L-15: by his row, or by name and firm together; one of the two is asked about."""
    lawyer = Candidate("尤律师", None, employer="枫桥律所", person=1)
    cases = {
        "by his row": Involved("别名", "counsel", person=1),
        "party by his row": Involved("别名", "party", person=1),
        "counsel of name and firm": Involved("尤 律师", "counsel", employer="枫桥 律所"),
        "with a row of its own": Involved("尤律师", "counsel", employer="枫桥律所", person=2),
        "victim of name and firm": Involved("尤律师", "party", employer="枫桥律所"),
        "counsel of his name": Involved("尤律师", "counsel", employer="远山律所"),
        "counsel of his name alone": Involved("尤律师", "counsel"),
        "witness of his name": Involved("尤律师", "witness"),
        "counsel of his firm": Involved("孔律师", "counsel", employer="枫桥律所"),
        "party who works there": Involved("孔律师", "party", employer="枫桥律所前台"),
        "nothing": Involved("孔律师", "counsel", employer="远山律所", person=3),
    }
    assert {k: [(d.level, d.code) for d in judge_lawyer(lawyer, [v], ())] for k, v in cases.items()} == {
        "by his row": [("refuse", "counsel_in_the_case")],
        "party by his row": [("refuse", "in_the_case")],
        "counsel of name and firm": [("refuse", "counsel_in_the_case")],
        "with a row of its own": [("refuse", "counsel_in_the_case")],
        "victim of name and firm": [("refuse", "in_the_case")],
        "counsel of his name": [("warn", "same_name")],
        "counsel of his name alone": [("warn", "same_name")],
        "witness of his name": [("warn", "same_name")],
        "counsel of his firm": [("warn", "same_firm")],
        "party who works there": [("warn", "same_firm")],
        "nothing": [],
    }
    assert [(d.level, d.code) for d in judge_lawyer(lawyer, [], {1})] == [("refuse", "two_capacities")]
    near = [cases["counsel of his firm"], cases["witness of his name"]]
    assert [d.code for d in judge_lawyer(lawyer, [*near, *near], {2})] == ["same_firm", "same_name"]
    assert [d.code for d in judge_lawyer(lawyer, [*near, cases["by his row"]], {1})] == [
        "counsel_in_the_case",
        "two_capacities",
    ]
    nameless = Candidate("尤律师", None, person=1)
    assert [d.code for d in judge_lawyer(nameless, [Involved("孔律师", "party")], ())] == []


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


def test_counsel_whom_nobody_knows_as_a_person_is_told_by_name_and_firm(town: Town, duty: Booking) -> None:
    """8.10: in the case he is a name and a firm; also when he has left it (L-15)."""
    case = the_case(town)
    hearing = planned(town, hearing=approved(town, case)).hearing
    party = a_party(town, case, "尤律师", "defender", employer="枫桥律所")
    for left in (False, True):
        if left:
            remove_party(party, date(2026, 11, 24), town.coordinator, NOW, "解除委托")
        [(_, doubts)] = lawyers_on_duty(hearing)
        assert [(d.level, d.code) for d in doubts] == [("refuse", "counsel_in_the_case")]
        with pytest.raises(LawyerUnsuitable):
            lend_lawyer(hearing, duty, town.coordinator, NOW, despite="别无他人")
    assert (hearing.taking_part("duty_lawyer"), pieces(duty)) == ([], [(NINE, TWELVE)])


def test_who_is_of_counsels_firm_is_lent_for_a_reason_that_is_kept(town: Town, duty: Booking) -> None:
    """H-26, L-15."""
    case = the_case(town)
    hearing = planned(town, hearing=approved(town, case)).hearing
    a_party(town, case, "孔律师", "defender", employer="枫桥律所")
    for despite in ("", " "):
        with pytest.raises(ReasonNeeded) as asked:
            lend_lawyer(hearing, duty, town.coordinator, NOW, despite=despite)
    assert [(who, d.code, d.facts) for who, d in asked.value.doubts] == [
        ("尤律师", "same_firm", {"firm": "枫桥律所", "name": "孔律师"})
    ]
    assert (history(hearing)[-1], pieces(duty)) == ("hearing.plan", [(NINE, TWELVE)])
    lend_lawyer(hearing, duty, town.coordinator, NOW, despite="法援机构书面同意")
    [done] = db.session.scalars(select(Act).filter_by(name="hearing.lend_lawyer"))
    assert (done.reason, done.facts["warned"], pieces(duty)) == ("法援机构书面同意", ["same_firm"], [(HALF, TWELVE)])
    assert invariants.broken() == []


def test_the_firm_is_the_one_he_is_of_on_the_day_of_the_sitting(town: Town, duty: Booking) -> None:
    """He goes to another firm the day before."""
    case = the_case(town)
    hearing = planned(town, hearing=approved(town, case)).hearing
    other = Organisation(office_id=town.office.id, kind="law_firm", name="远山律所")
    with act("organisation.enter", other, by=None, at=NOW):
        db.session.add(other)
    [mine] = town.lawyer.memberships
    change_organisation(mine, other, date(2026, 12, 2), by=town.coordinator, at=NOW)
    a_party(town, case, "孔律师", "defender", employer="枫桥律所")
    assert lawyers_on_duty(hearing) == [(duty, [])]
    a_party(town, case, "施律师", "defender", employer="远山律所")
    [(_, doubts)] = lawyers_on_duty(hearing)
    assert [d.code for d in doubts] == ["same_firm"]


def test_who_enters_the_case_as_counsel_is_not_taken_in_beside_himself_as_duty_lawyer(
    town: Town, duty: Booking
) -> None:
    """The other way about: he was lent before the case had him as counsel."""
    case = the_case(town)
    hearing = planned(town, hearing=approved(town, case)).hearing
    lent = lend_lawyer(hearing, duty, town.coordinator, NOW)
    himself = a_party(town, case, "尤律师", "defender", employer="枫桥律所")
    near = a_party(town, case, "孔律师", "defender", employer="枫桥律所")
    with pytest.raises(NotTakenIn) as refusal:
        take_in_party(hearing, himself, town.coordinator, NOW, despite="无妨")
    assert [(who, d.code) for who, d in refusal.value.doubts] == [("尤律师", "counsel_in_the_case")]
    with pytest.raises(ReasonNeeded) as asked:
        take_in_party(hearing, near, town.coordinator, NOW)
    assert [(who, d.code) for who, d in asked.value.doubts] == [("尤律师", "same_firm")]
    give_back_lawyer(lent, town.coordinator, NOW, "是本案辩护人")
    for one in (himself, near):
        take_in_party(hearing, one, town.coordinator, NOW)
    assert [p.name for p in hearing.taking_part("party")] == ["尤律师", "孔律师"]


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


def leave_of(town: Town, starts: str, ends: str) -> Absence:
    span = local(f"2026-12-02 {starts}"), local(f"2026-12-02 {ends}")
    return request_absence(town.lawyer, town.office, *span, by=town.lawyer, at=NOW)


@pytest.mark.parametrize("leave", [("00:00", "23:00"), ("09:00", "10:30")], ids=["of the day", "of the lent time"])
@pytest.mark.parametrize("minutes", [90, 180], ids=["half is lent", "all is lent"])
def test_leave_of_a_lent_lawyer_ends_his_duty_and_the_lending_together(
    town: Town, duty: Booking, minutes: int, leave: tuple[str, str]
) -> None:
    hearing = planned(town, minutes=minutes).hearing
    lent = lend_lawyer(hearing, duty, town.coordinator, NOW)
    asked = leave_of(town, *leave)
    assert {b.event.title for b in hit_by(asked)} == {"值班", lent.booking.event.title}
    with pytest.raises(HitsUnseen):
        approve_absence(asked, town.coordinator, NOW, release=[lent.booking_id])
    approve_absence(asked, town.coordinator, NOW, release=[b.id for b in hit_by(asked)])
    assert (asked.state, lent.ended_why, lent.booking.status, pieces(duty)) == ("approved", "leave", "released", [])
    assert invariants.broken() == []
