"""Hearing officers: who may sit, who stands too near, and who takes a free place (H-20 to H-26, H-35)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from extensions import db
from hearings.actions.invitations import answer_invitation
from hearings.actions.notice import notify_hearing
from hearings.actions.officers import NoHearingOfficer, NotPlanned, choose_officer
from hearings.actions.planning import NotPlannable, ReasonNeeded
from hearings.models import Notice
from hearings.rules.officers import Candidate, Involved, judge_candidate, judge_number, judge_recusal
from law import Rule, Verdict
from record import invariants
from record.act import history
from record.models import Message
from scheduler.actions.absence import approve_absence, request_absence
from tests.cases.made import a_party
from tests.hearings.planned import WHY, an_officer, approved, officers, participant, planned, the_case
from tests.town import NOW, Town, local

AGE, TERM = Rule("hearing_officer.min_age", 23, "year"), Rule("hearing_officer.pool.term", 2, "year")
ON = date(2026, 12, 2)


def found(**facts: object) -> list[tuple[str, str]]:
    candidate = Candidate(**{"name": "甲", "born_on": date(1980, 1, 1), "joined_on": date(2026, 1, 5), **facts})
    return [(d.level, d.code) for d in judge_candidate(candidate, ON, AGE, TERM)]


def test_who_may_sit_on_a_day() -> None:
    """H-23, H-24, H-34, H-37: each edge."""
    assert found() == []
    assert found(born_on=date(2003, 12, 2)) == []
    assert found(born_on=date(2003, 12, 3)) == [("refuse", "too_young")]
    assert found(born_on=None) == [("warn", "age_unknown")]
    assert found(joined_on=date(2024, 12, 2)) == []
    assert found(joined_on=date(2024, 12, 1)) == [("refuse", "term_over")]
    assert found(left_on=date(2026, 12, 3)) == []
    assert found(left_on=ON) == [("refuse", "left_pool")]
    assert found(joined_on=date(2026, 12, 3)) == [("refuse", "not_yet")]
    assert found(barred=True) == [("refuse", "barred")]


def test_who_stands_too_near_to_the_case() -> None:
    """H-26."""
    one = Candidate("甲", None, employer="枫县供电所", person=7)
    cases = {
        "himself": Involved("乙", "party", person=7),
        "name": Involved("甲", "witness"),
        "work": Involved("乙", "counsel", employer="枫县 供电所营业厅"),
        "nothing": Involved("乙", "party", employer="枫县邮局", person=8),
    }
    assert {k: [(d.level, d.code) for d in judge_recusal(one, [v])] for k, v in cases.items()} == {
        "himself": [("refuse", "in_the_case")],
        "name": [("warn", "same_name")],
        "work": [("warn", "same_employer")],
        "nothing": [],
    }


def test_two_are_too_few_and_eight_are_unusual() -> None:
    least, most = Rule("min", 3), Rule("max", 7)
    assert [judge_number(n, least, most) for n in (2, 3, 7, 8)] == [
        Verdict.refuse(3),
        Verdict.ok(),
        Verdict.ok(),
        Verdict.warn(7),
    ]


def test_a_plan_names_every_hearing_officer_who_cannot_sit(town: Town) -> None:
    young = an_officer(town, "年轻", born_on=date(2005, 1, 1))
    barred = an_officer(town, "受限", barred=True, bar_reason="受过刑事处罚")
    with pytest.raises(NotPlannable) as refusal:
        planned(town, people=[officers(town)[0], young, barred, town.hearing_officer])
    assert [(who, d.code) for who, d in refusal.value.doubts] == [
        ("年轻", "too_young"),
        ("受限", "barred"),
        ("吕听证", "not_of_the_pool"),
    ]


def test_somebody_who_works_where_a_party_works_asks_for_a_reason(town: Town) -> None:
    case = the_case(town)
    a_party(town, case, "孙小明", employer="甲听证的单位")
    with pytest.raises(ReasonNeeded) as asked:
        planned(town, hearing=approved(town, case))
    assert [(who, d.code, d.source.split(";")[0]) for who, d in asked.value.doubts] == [
        ("甲听证", "same_employer", "DOMAIN H-26")
    ]


def test_a_free_place_is_filled_and_the_new_one_invited(town: Town) -> None:
    hearing = planned(town).hearing
    gone = participant(hearing, "甲听证")
    answer_invitation(gone, False, gone.person, NOW, how="link", reason="出差")
    fourth = officers(town, 4)[3]
    chosen = choose_officer(hearing, fourth, town.coordinator, NOW, why=WHY)
    assert [(p.name, p.booking.status) for p in hearing.taking_part("hearing_officer")] == [
        ("乙听证", "invited"),
        ("丙听证", "invited"),
        ("丁听证", "invited"),
    ]
    assert history(chosen) == ["participant.invite"]
    assert history(hearing) == ["hearing.approve", "hearing.plan", "hearing.choose_officer"]
    assert invariants.broken() == []


def test_after_notice_the_parties_hear_the_new_name_at_once(town: Town) -> None:
    """H-42."""
    case = the_case(town)
    a_party(town, case, "何志愿", person_id=town.volunteer.id)
    hearing = planned(town, hearing=approved(town, case)).hearing
    notify_hearing(hearing, {}, town.coordinator, NOW)
    old, fourth = participant(hearing, "甲听证"), officers(town, 4)[3]
    choose_officer(hearing, fourth, town.coordinator, NOW, why="原听证员患病", instead_of=old)
    told = [n for n in db.session.scalars(select(Notice).order_by(Notice.id)) if n.participant.name == "何志愿"]
    assert [(n.kind, "甲听证" in n.text, "丁听证" in n.text) for n in told] == [
        ("time", True, False),
        ("change", False, True),
    ]
    released = db.session.scalars(select(Message.recipient_id).filter_by(template="hearings/released")).all()
    assert (released, hearing.state, old.booking.status) == ([old.person_id], "noticed", "released")


def test_a_replacement_is_judged_like_anybody(town: Town) -> None:
    hearing = planned(town).hearing
    old, barred = participant(hearing, "甲听证"), an_officer(town, "受限", barred=True, bar_reason="受过刑事处罚")
    with pytest.raises(NotPlannable) as refusal:
        choose_officer(hearing, barred, town.coordinator, NOW, why=WHY, instead_of=old)
    assert [d.code for _, d in refusal.value.doubts] == ["barred"]
    assert participant(hearing, "甲听证").booking.status == "invited"
    with pytest.raises(NotPlannable) as twice:
        choose_officer(hearing, old.person, town.coordinator, NOW, why=WHY)
    assert "two_capacities" in [d.code for _, d in twice.value.doubts]


def test_who_is_gone_is_not_replaced_again_and_nothing_before_the_plan(town: Town) -> None:
    hearing = planned(town).hearing
    four = officers(town, 5)
    old = participant(hearing, "甲听证")
    choose_officer(hearing, four[3], town.coordinator, NOW, why=WHY, instead_of=old)
    with pytest.raises(NoHearingOfficer):
        choose_officer(hearing, four[4], town.coordinator, NOW, why=WHY, instead_of=old)
    with pytest.raises(NotPlanned):
        choose_officer(approved(town, the_case(town, "枫检刑诉〔2026〕32号")), four[4], town.coordinator, NOW, why=WHY)


def test_an_approved_leave_frees_the_place(town: Town) -> None:
    """DOMAIN 8.0."""
    hearing = planned(town).hearing
    mine = participant(hearing, "甲听证")
    span = local("2026-12-02 00:00"), local("2026-12-03 00:00")
    leave = request_absence(mine.person, town.office, *span, by=mine.person, at=NOW)
    approve_absence(leave, town.coordinator, NOW, release=[mine.booking_id])
    assert (mine.live, mine.ended_why, mine.booking.status) == (False, "leave", "released")
    assert history(mine) == ["participant.invite", "participant.release"]


def test_a_party_on_leave_stays_a_party_and_is_told(town: Town) -> None:
    case = the_case(town)
    a_party(town, case, "何志愿", person_id=town.volunteer.id)
    hearing = planned(town, hearing=approved(town, case)).hearing
    party = participant(hearing, "何志愿")
    span = local("2026-12-02 00:00"), local("2026-12-03 00:00")
    leave = request_absence(town.volunteer, town.office, *span, by=town.volunteer, at=NOW)
    approve_absence(leave, town.coordinator, NOW, release=[party.booking_id])
    assert (party.live, party.booking_id, invariants.broken()) == (True, None, [])
    assert "何志愿" in [n.participant.name for n in notify_hearing(hearing, {}, town.coordinator, NOW)]
