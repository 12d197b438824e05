"""People of the case after the plan: who comes late is taken in, who leaves is let go (H-20, H-26, H-41)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from cases.actions.parties import correct_party, remove_party
from cases.models import Case
from extensions import db
from hearings.actions.notice import LeftTheCase, note_telling, notify_hearing, pending
from hearings.actions.parties import NotLeftBehind, NotLeftOut, NotTakenIn, let_go_party, take_in_party
from hearings.actions.planning import ReasonNeeded
from hearings.models import Hearing, Notice
from hearings.plan_facts import left_behind, left_out
from hearings.rules.parties import judge_late_party
from law import Rule
from record import invariants
from record.act import act, history
from record.models import Act, Message
from scheduler.timeline import timeline
from scheduler.timeline.timeline import Take
from tests.cases.made import a_party
from tests.hearings.planned import approved, late, participant, planned, the_case
from tests.town import NOW, Town, local

LAX, STRICT = Rule("hearing.notice_days", 3, "day"), Rule("hearing.notice_clear_days", 3, "clear_day")
SITS = date(2026, 12, 2)


def test_who_comes_late_is_judged_by_the_days_of_notice_and_by_nobody_elses_consent() -> None:
    """H-41, H-58: lax day 29 November, strict day the 28th."""
    days = (date(2026, 11, 28), date(2026, 11, 29), date(2026, 11, 30))
    found = {
        consented: [
            [(d.level, d.code) for d in judge_late_party(SITS, day, LAX, STRICT, consented=consented)] for day in days
        ]
        for consented in (False, True)
    }
    assert found == {
        False: [[], [("warn", "notice_short")], [("refuse", "notice_too_short")]],
        True: [[], [("warn", "consent_without_him")], [("warn", "consent_without_him")]],
    }


@pytest.fixture
def case(town: Town) -> Case:
    case = the_case(town)
    a_party(town, case, "李受害", "victim")
    return case


@pytest.fixture
def hearing(town: Town, case: Case) -> Hearing:
    """Planned for Wednesday, 2 December, with a victim we do not know; nobody has been told."""
    return planned(town, hearing=approved(town, case)).hearing


@pytest.fixture
def noticed(town: Town, hearing: Hearing) -> Hearing:
    notify_hearing(hearing, {}, town.coordinator, NOW)
    return hearing


def of_the_case(hearing: Hearing) -> list[tuple[str, str | None]]:
    """Who takes part as somebody of the case, with the status of his booking."""
    return [(p.name, p.booking.status if p.booking else None) for p in hearing.taking_part("party")]


def told(name: str) -> list[tuple[str, str, bool]]:
    notices = [n for n in db.session.scalars(select(Notice).order_by(Notice.id)) if n.participant.name == name]
    return [(n.kind, n.channel, n.told_at is not None) for n in notices]


def messages_to(person_id: int) -> list[tuple[str, str]]:
    sent = db.session.scalars(select(Message).where(Message.recipient_id == person_id).order_by(Message.id))
    return [(m.template, (m.frozen_text or "").partition("\n")[0]) for m in sent]


def test_who_was_entered_after_the_plan_is_taken_in_and_his_time_is_kept(town: Town, hearing: Hearing) -> None:
    party = late(town, hearing)
    assert (left_out(hearing), of_the_case(hearing)) == ([party], [("李受害", None)])
    taken = take_in_party(hearing, party, town.coordinator, NOW)
    assert of_the_case(hearing) == [("李受害", None), ("何志愿", "accepted")]
    event = hearing.event
    assert (taken.booking.role, taken.booking.starts_at, taken.booking.ends_at, taken.booking.binds) == (
        "party",
        event.starts_at,
        event.ends_at,
        True,
    )
    assert history(hearing) == ["hearing.approve", "hearing.plan", "hearing.take_in_party"]
    assert (left_out(hearing), hearing.state, invariants.broken()) == ([], "planned", [])


def test_before_the_notice_he_is_told_nothing_and_then_with_everybody(town: Town, hearing: Hearing) -> None:
    take_in_party(hearing, late(town, hearing), town.coordinator, local("2026-12-01 09:00"))
    assert (told("何志愿"), messages_to(town.volunteer.id)) == ([], [])
    notices = notify_hearing(hearing, {}, town.coordinator, NOW)
    assert [n.participant.name for n in notices][-2:] == ["李受害", "何志愿"]


def test_after_the_notice_he_is_told_at_once_as_everybody_was(town: Town, noticed: Hearing) -> None:
    """H-41, H-42: the same words, frozen; nobody else is told anything."""
    before = len(noticed.notices)
    take_in_party(noticed, late(town, noticed), town.coordinator, NOW)
    assert (noticed.state, len(noticed.notices) - before) == ("noticed", 1)
    assert told("何志愿") == [("time", "message", True)]
    text = noticed.notices[-1].text
    assert [part for part in ("何志愿", "危险驾驶", "听证室", "郑检察", "甲听证", "人大代表") if part not in text] == []
    sent = db.session.scalars(select(Message).filter_by(recipient_id=town.volunteer.id)).all()
    assert [(m.template, m.frozen_text) for m in sent] == [("hearings/notice", text)]


def test_who_has_no_row_here_is_taken_in_without_a_booking_and_told_by_hand(town: Town, noticed: Hearing) -> None:
    taken = take_in_party(noticed, late(town, noticed, "后来人"), town.coordinator, NOW)
    assert (taken.person_id, taken.booking_id, told("后来人")) == (None, None, [("time", "phone", False)])
    assert [n.participant.name for n in pending(noticed)] == ["李受害", "后来人"]
    assert invariants.broken() == []


def test_who_never_worked_with_this_office_has_no_time_here_to_be_kept(town: Town, noticed: Hearing) -> None:
    stranger = town.neighbour("volunteer")
    taken = take_in_party(noticed, late(town, noticed, "邻何", person_id=stranger.id), town.coordinator, NOW)
    assert (taken.person, taken.booking_id, told("邻何")) == (stranger, None, [("time", "message", True)])


def test_too_late_is_refused_with_the_next_times_and_near_asks_for_a_reason(town: Town, noticed: Hearing) -> None:
    """H-41: lax day 29 November, strict day the 28th."""
    party = late(town, noticed)
    with pytest.raises(NotTakenIn) as refusal:
        take_in_party(noticed, party, town.coordinator, local("2026-11-30 00:01"))
    assert [(who, d.code) for who, d in refusal.value.doubts] == [("何志愿", "notice_too_short")]
    assert refusal.value.times[0][0] == local("2026-12-04 08:45")
    near = local("2026-11-29 23:59")
    with pytest.raises(ReasonNeeded) as asked:
        take_in_party(noticed, party, town.coordinator, near)
    assert [(who, d.code) for who, d in asked.value.doubts] == [("何志愿", "notice_short")]
    assert (of_the_case(noticed), told("何志愿"), history(noticed)[-1]) == ([("李受害", None)], [], "hearing.notify")
    take_in_party(noticed, party, town.coordinator, near, despite="本人同意如期举行")
    [done] = db.session.scalars(select(Act).filter_by(name="hearing.take_in_party"))
    assert (done.reason, told("何志愿")) == ("本人同意如期举行", [("time", "message", True)])


def test_the_consent_of_the_others_is_not_his(town: Town, case: Case) -> None:
    """H-58: a simplified hearing, noticed on the day before with the consent of those who were in the case then."""
    agreed = approved(town, case, mode="simplified", consent="双方当事人书面同意")
    hearing = planned(town, hearing=agreed).hearing
    eve = local("2026-12-01 09:00")
    notify_hearing(hearing, {}, town.coordinator, eve)
    party = late(town, hearing)
    with pytest.raises(ReasonNeeded) as asked:
        take_in_party(hearing, party, town.coordinator, eve)
    assert [d.code for _, d in asked.value.doubts] == ["consent_without_him"]
    take_in_party(hearing, party, town.coordinator, eve, despite="电话同意")
    assert told("何志愿") == [("time", "message", True)]


def test_who_is_taken_elsewhere_at_that_time_is_named_with_the_next_times(town: Town, hearing: Hearing) -> None:
    shift = town.event("执勤", "2026-12-02 10:00", "2026-12-02 12:00", kind="shift")
    with act("event.book", shift, by=town.coordinator, at=NOW):
        timeline.rebook(Take(shift, town.resource(town.volunteer), "volunteer"))
    party = late(town, hearing)
    with pytest.raises(NotTakenIn) as refusal:
        take_in_party(hearing, party, town.coordinator, NOW)
    assert [(c.resource, c.title) for c in refusal.value.clashes] == [("何志愿", "执勤")]
    assert refusal.value.times[0][0] == local("2026-12-02 14:15")
    assert (left_out(hearing), history(hearing)[-1], invariants.broken()) == ([party], "hearing.plan", [])


def test_those_who_sit_are_judged_by_whom_is_taken_in(town: Town, hearing: Hearing) -> None:
    """H-26, H-25: one works where a hearing officer works; another is a hearing officer himself."""
    officer = participant(hearing, "甲听证").person
    near = late(town, hearing, "孙小明", employer="甲听证的单位")
    with pytest.raises(ReasonNeeded) as asked:
        take_in_party(hearing, near, town.coordinator, NOW)
    assert [(who, d.code) for who, d in asked.value.doubts] == [("甲听证", "same_employer")]
    himself = late(town, hearing, "甲听证", person_id=officer.id)
    with pytest.raises(NotTakenIn) as refusal:
        take_in_party(hearing, himself, town.coordinator, NOW, despite="无妨")
    assert [(d.code, d.facts) for _, d in refusal.value.doubts] == [("two_capacities", {"name": "甲听证"})]


def test_nobody_is_taken_in_twice_nor_without_a_time_nor_as_a_witness(town: Town, hearing: Hearing) -> None:
    party, witness = late(town, hearing), late(town, hearing, "某证人", role="witness")
    take_in_party(hearing, party, town.coordinator, NOW)
    other = approved(town, the_case(town, "枫检刑诉〔2026〕32号"))
    for at, whom in ((hearing, party), (hearing, witness), (other, a_party(town, other.case, "周某"))):
        with pytest.raises(NotLeftOut):
            take_in_party(at, whom, town.coordinator, NOW)


def test_who_leaves_the_case_still_takes_part_until_he_is_let_go(town: Town, hearing: Hearing) -> None:
    party = late(town, hearing)
    taken = take_in_party(hearing, party, town.coordinator, NOW)
    with pytest.raises(NotLeftBehind):
        let_go_party(taken, town.coordinator, NOW)
    remove_party(party, date(2026, 11, 24), town.coordinator, NOW, "录错")
    assert left_behind(hearing) == [taken]
    let_go_party(taken, town.coordinator, NOW)
    assert (taken.live, taken.ended_at, taken.booking.status, taken.booking.binds) == (False, NOW, "released", False)
    assert (of_the_case(hearing), left_behind(hearing), left_out(hearing)) == ([("李受害", None)], [], [])
    assert history(hearing)[-2:] == ["hearing.take_in_party", "hearing.let_go_party"]
    assert (told("何志愿"), messages_to(town.volunteer.id), invariants.broken()) == ([], [], [])
    with pytest.raises(NotLeftBehind):
        let_go_party(taken, town.coordinator, NOW)


def test_who_was_told_is_told_that_the_hearing_is_no_longer_his(town: Town, noticed: Hearing) -> None:
    party = late(town, noticed)
    taken = take_in_party(noticed, party, town.coordinator, NOW)
    remove_party(party, date(2026, 11, 24), town.coordinator, NOW, "解除委托")
    let_go_party(taken, town.coordinator, NOW)
    assert told("何志愿") == [("time", "message", True), ("release", "message", True)]
    told_so = noticed.notices[-1].text
    assert [subject for _, subject in messages_to(town.volunteer.id)][-1] == told_so.partition("\n")[0]
    assert [word for word in ("危险驾驶", "听证室", "郑检察", "甲听证", "解除委托") if word in told_so] == []


def test_who_is_told_by_hand_waits_only_where_he_had_heard_of_it(town: Town, noticed: Hearing) -> None:
    """The victim, whom we do not know: once before the call, once after it."""
    victim, other = (
        participant(noticed, "李受害"),
        take_in_party(noticed, late(town, noticed, "后来人"), town.coordinator, NOW),
    )
    [call, _] = pending(noticed)
    note_telling(call, "phone", NOW, "知悉", town.clerk, NOW)
    for one in (victim, other):
        remove_party(one.party, date(2026, 11, 24), town.coordinator, NOW, "录错")
        let_go_party(one, town.coordinator, NOW)
    assert told("李受害") == [("time", "phone", True), ("release", "phone", False)]
    assert told("后来人") == [("time", "phone", False)]
    assert [(n.participant.name, n.kind) for n in pending(noticed)] == [("李受害", "release")]


def test_nobody_is_given_notice_who_has_left_the_case(town: Town, hearing: Hearing) -> None:
    victim = participant(hearing, "李受害")
    remove_party(victim.party, date(2026, 11, 24), town.coordinator, NOW, "录错")
    with pytest.raises(LeftTheCase) as refusal:
        notify_hearing(hearing, {}, town.coordinator, NOW)
    assert (refusal.value.facts["names"], hearing.state) == ("李受害", "planned")
    let_go_party(victim, town.coordinator, NOW)
    assert "李受害" not in [n.participant.name for n in notify_hearing(hearing, {}, town.coordinator, NOW)]


def test_another_role_in_the_case_ends_and_begins_taking_part_as_well(town: Town, hearing: Hearing) -> None:
    victim = participant(hearing, "李受害")
    correct_party(victim.party, {"role": "witness"}, town.coordinator, NOW, "更正")
    let_go_party(victim, town.coordinator, NOW)
    correct_party(victim.party, {"role": "victim"}, town.coordinator, NOW, "更正")
    assert left_out(hearing) == [victim.party]
    again = take_in_party(hearing, victim.party, town.coordinator, NOW)
    assert (again is victim, of_the_case(hearing)) == (False, [("李受害", None)])


def test_who_comes_back_into_the_case_is_taken_in_anew(town: Town, hearing: Hearing) -> None:
    first = late(town, hearing)
    let_go = take_in_party(hearing, first, town.coordinator, NOW)
    remove_party(first, date(2026, 11, 24), town.coordinator, NOW, "录错")
    let_go_party(let_go, town.coordinator, NOW)
    second = late(town, hearing, role="victim")
    assert left_out(hearing) == [second]
    take_in_party(hearing, second, town.coordinator, NOW)
    assert (of_the_case(hearing)[-1], invariants.broken()) == (("何志愿", "accepted"), [])


def test_who_is_in_the_case_in_two_roles_takes_part_once(town: Town, case: Case) -> None:
    """Planned with both, and taken in where they came later; when the one ends, the other takes his place."""
    twice = [a_party(town, case, "何志愿", role, person_id=town.volunteer.id) for role in ("victim", "representative")]
    hearing = planned(town, hearing=approved(town, case)).hearing
    assert (of_the_case(hearing), left_out(hearing)) == ([("何志愿", "accepted"), ("李受害", None)], [])
    remove_party(twice[0], date(2026, 11, 24), town.coordinator, NOW, "更正")
    let_go_party(participant(hearing, "何志愿"), town.coordinator, NOW)
    assert left_out(hearing) == [twice[1]]
    take_in_party(hearing, twice[1], town.coordinator, NOW)
    assert (of_the_case(hearing), invariants.broken()) == ([("李受害", None), ("何志愿", "accepted")], [])
