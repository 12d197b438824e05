"""The back-plan of an assessment, counted back from the limit (DOMAIN 8.9, D-16, H-41, H-55)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.actions.limits import follow_limit, record_spell
from cases.actions.parties import correct_party, enter_party
from cases.models import Case, Party
from record.act import act, history
from scheduler.actions.calendar_days import correct_day
from scheduler.deadlines.models import DayKind
from scheduler.deadlines.working_days import statutory
from tests.town import NOW
from tests.volunteers.prepared import TODAY, Prepared
from volunteers.actions.backplan import changes, plans_of
from volunteers.actions.ending import withdraw
from volunteers.actions.proposing import look
from volunteers.models.assessment import Assessment
from volunteers.rules.backplan import BackPlan, Chain, Wanted, plan_back
from volunteers.rules.gates import judge_area
from volunteers.rules.schemes import Terms
from volunteers.terms import gates_of, terms_of

CALENDAR = statutory()
RECEIVED = date(2026, 9, 1)
NO_EXTENSION, EXTENDED = date(2026, 10, 8), date(2026, 10, 16)
BAIL = date(2027, 8, 31)
CHAIN = Chain(intake=4, evaluation=2, buffer=5, lax=3, strict=3)
WANTED = Wanted(RECEIVED, NO_EXTENSION, BAIL, in_custody=False, required=1200, shift=90, a_day=180)


def plan(chain: Chain = CHAIN, **more: object) -> BackPlan:
    return plan_back(replace(WANTED, **more), chain, CALENDAR)  # type: ignore[arg-type]


def dates(one: BackPlan) -> tuple[date | None, ...]:
    return (one.hearing_by, one.told_safe, one.told_lawful, one.evaluation_by)


def codes(one: BackPlan) -> list[tuple[str, str]]:
    return [(doubt.level, doubt.code) for doubt in one.doubts]


def test_the_chain_is_counted_back_from_the_limit_as_the_worked_example_has_it() -> None:
    """8.9, without extension: 23 September, 18, 20 and 16; with 15 days joined: 10 October, 30 September, 7 and 28."""
    assert dates(plan()) == (date(2026, 9, 23), date(2026, 9, 18), date(2026, 9, 20), date(2026, 9, 16))
    extended = plan(limit_on=EXTENDED)
    assert dates(extended) == (date(2026, 10, 10), date(2026, 9, 30), date(2026, 10, 7), date(2026, 9, 28))


@pytest.mark.parametrize(
    ("limit_on", "intake", "first", "last", "days", "working", "most", "one"),
    [
        (NO_EXTENSION, 0, date(2026, 9, 2), date(2026, 9, 16), 15, 11, 33, 16.5),
        (EXTENDED, 0, date(2026, 9, 2), date(2026, 9, 28), 27, 19, 57, 28.5),
        (NO_EXTENSION, 4, date(2026, 9, 8), date(2026, 9, 16), 9, 7, 21, 10.5),
        (EXTENDED, 4, date(2026, 9, 8), date(2026, 9, 28), 21, 15, 45, 22.5),
    ],
)
def test_the_window_and_the_hours_it_holds_are_those_of_the_worked_example(
    limit_on: date, intake: int, first: date, last: date, days: int, working: int, most: float, one: float
) -> None:
    found = plan(replace(CHAIN, intake=intake), limit_on=limit_on)
    assert (found.window_first, found.window_last) == (first, last)
    assert (found.days, found.working_days, found.most / 60, found.one / 60) == (days, working, most, one)


def test_twenty_hours_without_extension_ask_for_two_shifts_on_every_working_day_and_say_so() -> None:
    found = plan()
    assert (found.shifts_needed, found.shifts_a_week) == (14, 11)
    assert codes(found) == [("warn", "every_day_full")]
    assert codes(plan(required=1080)) == []  # 18 hours leave one of the seven days free
    assert codes(plan(required=1081)) == [("warn", "every_day_full")]
    assert codes(plan(required=1260)) == [("warn", "every_day_full")]
    assert codes(plan(required=1261)) == [("warn", "hours_do_not_fit")]


def test_hours_that_fit_before_bail_ends_but_not_before_the_review_limit_are_warned() -> None:
    """D-16: beyond the review limit warned, beyond bail refused, on both sides of the edge."""
    eight_days_of_bail = {"bail_on": date(2026, 9, 17)}  # 8 to 17 September: eight working days, 24 hours
    assert codes(plan(required=1440, **eight_days_of_bail)) == [("warn", "hours_do_not_fit")]
    assert codes(plan(required=1441, **eight_days_of_bail)) == [
        ("refuse", "hours_after_bail"),
        ("warn", "hours_do_not_fit"),
    ]


def test_a_period_may_end_on_the_last_day_of_bail_and_not_a_day_later() -> None:
    bound = {"bail_on": date(2026, 10, 30), "limit_on": None, "required": 600}
    assert plan(last_on=date(2026, 10, 30), **bound).verdict == "ok"
    late = plan(last_on=date(2026, 10, 31), **bound)
    assert codes(late) == [("refuse", "period_after_bail")]
    assert late.verdict == "refuse"


def test_a_period_that_ends_after_the_evaluation_is_warned() -> None:
    assert codes(plan(required=600, last_on=date(2026, 9, 16))) == []
    assert codes(plan(required=600, last_on=date(2026, 9, 17))) == [("warn", "period_after_evaluation")]


def test_nobody_in_custody_serves_at_a_crossing() -> None:
    assert codes(plan(required=600, in_custody=True)) == [("refuse", "in_custody")]


def test_while_no_limit_runs_only_bail_and_the_period_bound_the_window() -> None:
    """A returned case has no review limit (D-15)."""
    found = plan(limit_on=None)
    assert (*dates(found), found.window_last) == (None, None, None, None, None)
    assert codes(found) == []
    bounded = plan(limit_on=None, first_on=date(2026, 9, 14), last_on=date(2026, 9, 18))
    assert (bounded.window_first, bounded.window_last, bounded.working_days) == (
        date(2026, 9, 14),
        date(2026, 9, 18),
        5,
    )
    assert codes(bounded) == [("warn", "hours_do_not_fit")]


def test_the_window_may_be_set_earlier_or_later_than_the_intake() -> None:
    assert plan(window_from=date(2026, 8, 20)).window_first == date(2026, 8, 20)
    assert plan(window_from=date(2026, 9, 14)).window_first == date(2026, 9, 14)


def test_what_is_past_or_done_already_is_counted_no_more() -> None:
    later = plan(on=date(2026, 9, 14), done=660)
    assert (later.window_first, later.working_days, later.shifts_needed) == (date(2026, 9, 14), 3, 6)
    assert codes(later) == [("warn", "every_day_full")]


def test_without_a_hearing_the_evaluation_lies_before_the_decision_alone() -> None:
    alone = plan(replace(CHAIN, hearing=False))
    assert dates(alone) == (None, None, None, date(2026, 9, 21))


def test_a_plan_that_touches_a_year_without_notice_is_provisional() -> None:
    assert plan().provisional is False
    assert plan(received_on=date(2026, 12, 20), limit_on=date(2027, 1, 20)).provisional is True


@given(
    limit=st.dates(date(2026, 9, 1), date(2026, 12, 20)),
    required=st.integers(1, 6000),
    more=st.integers(0, 600),
    intake=st.integers(0, 10),
)
def test_a_later_limit_or_fewer_hours_never_make_a_plan_worse(
    limit: date, required: int, more: int, intake: int
) -> None:
    order = ("ok", "warn", "refuse")
    chain = replace(CHAIN, intake=intake)
    one = plan(chain, limit_on=limit, required=required + more)
    fewer = plan(chain, limit_on=limit, required=required)
    later = plan(chain, limit_on=EXTENDED if limit <= EXTENDED else BAIL, required=required + more)
    assert order.index(fewer.verdict) <= order.index(one.verdict)
    assert order.index(later.verdict) <= order.index(one.verdict)


@given(limit=st.dates(date(2026, 1, 1), date(2026, 12, 20)))
def test_the_links_of_the_chain_follow_each_other(limit: date) -> None:
    one = plan(limit_on=limit)
    assert one.evaluation_by and one.told_safe and one.told_lawful and one.hearing_by
    assert one.evaluation_by < one.told_safe < one.told_lawful < one.hearing_by < limit


# Kept in step with the case: each change is a row, and says what it moved.

D8, D14, D21 = date(2026, 12, 8), date(2026, 12, 14), date(2026, 12, 21)


def told(one: Assessment) -> list[tuple[str, dict[str, tuple[date | None, date | None]]]]:
    return [(row.why, moved) for row, moved in changes(plans_of(one))]


def test_a_proposal_keeps_its_back_plan_and_its_limits(prepared: Prepared) -> None:
    one = prepared.proposed()
    (row,) = plans_of(one)
    assert (row.limit_on, row.hearing_by, row.evaluation_by, row.verdict) == (D21, D14, D8, "ok")
    assert (one.limit_on, one.bail_on) == (D21, date(2027, 11, 1))


def test_an_extension_moves_the_chain_and_the_plan_says_what_moved(prepared: Prepared) -> None:
    """D-15, C-16: one month and 15 days joined: 4 January 2027, of a year whose calendar is not published."""
    one = prepared.proposed()
    record_spell(one.case, "extended", TODAY, prepared.town.prosecutor, NOW, document="延期1号", days=15, today=TODAY)
    assert told(one) == [
        (
            "延期1号",
            {
                "limit_on": (D21, date(2027, 1, 4)),
                "hearing_by": (D14, date(2026, 12, 25)),
                "told_safe": (date(2026, 12, 10), D21),
                "told_lawful": (date(2026, 12, 11), date(2026, 12, 22)),
                "evaluation_by": (D8, date(2026, 12, 17)),
            },
        )
    ]
    assert one.limit_on == date(2027, 1, 4)


def test_while_the_case_is_returned_no_chain_runs_and_when_it_comes_back_it_is_counted_anew(prepared: Prepared) -> None:
    """D-15."""
    one = prepared.proposed()
    by = prepared.town.prosecutor
    record_spell(one.case, "returned", TODAY, by, NOW, document="退查1号", today=TODAY)
    assert (one.limit_on, plans_of(one)[0].hearing_by) == (None, None)
    record_spell(one.case, "re_received", date(2026, 12, 10), by, NOW, document="重报1号", today=date(2026, 12, 10))
    assert (one.limit_on, len(plans_of(one))) == (date(2027, 1, 11), 3)


def test_custody_turns_the_verdict_and_takes_the_roll_away(prepared: Prepared) -> None:
    """C-02: the exact day, a Sunday; nobody serves from custody."""
    one = prepared.proposed()
    (suspect,) = one.case.present_parties
    correct_party(suspect, {"measure": "arrest", "measure_from": TODAY}, prepared.town.coordinator, NOW, "执行逮捕")
    row = plans_of(one)[0]
    assert (row.limit_on, row.verdict) == (date(2026, 12, 20), "refuse")
    assert [doubt["code"] for doubt in row.doubts] == ["in_custody"]


def test_a_corrected_day_of_the_calendar_moves_what_is_counted_over_it(prepared: Prepared) -> None:
    """C-10: a local day off between the hearing and the limit."""
    one = prepared.proposed()
    town = prepared.town
    facts = {"name": "州庆", "source": "州政府通知", "by": town.coordinator, "at": NOW, "reason": "自治州州庆"}
    correct_day(town.office, date(2026, 12, 16), DayKind.LOCAL_OFF, **facts)
    ((why, moved),) = told(one)
    assert (why, moved["hearing_by"]) == ("自治州州庆", (D14, date(2026, 12, 11)))


def test_nothing_is_written_where_nothing_moves(prepared: Prepared) -> None:
    one = prepared.proposed()
    follow_limit_again(one)
    assert len(plans_of(one)) == 1


def follow_limit_again(one: Assessment) -> None:
    with act("case.correct", one.case, by=None, at=NOW):
        follow_limit(one.case, None, NOW, "")


def test_an_ended_assessment_is_counted_no_more(prepared: Prepared) -> None:
    one = prepared.proposed()
    withdraw(one, prepared.town.coordinator, NOW)
    record_spell(one.case, "extended", TODAY, prepared.town.prosecutor, NOW, document="延期1号", days=15, today=TODAY)
    assert len(plans_of(one)) == 1


# One of several in a case: liberty and bail are his own, the review limit is the case's (8.9, D-11, C-02).


def beside(case: Case, prepared: Prepared, **more: Any) -> Party:
    """Another suspect in a case."""
    facts = {"name": "同案", "role": "suspect", "birth_on": date(1990, 1, 1), **more}
    return enter_party(case, facts, prepared.town.coordinator, NOW)


def refused(suspect: Party, prepared: Prepared) -> list[str]:
    return [one.code for one in look(suspect, prepared.asked(), NOW).doubts if one.level == "refuse"]


def test_of_two_suspects_only_the_one_in_custody_is_refused_a_roadside_service(prepared: Prepared) -> None:
    free = prepared.suspect()
    held = beside(free.case, prepared, measure="detention", measure_from=date(2026, 11, 1))
    assert (refused(free, prepared), refused(held, prepared)) == ([], ["in_custody"])
    assert look(free, prepared.asked(), NOW).counted.limit_on == date(2026, 12, 20)  # C-02: the exact day, a Sunday


def test_of_two_suspects_on_bail_each_serves_until_the_end_of_his_own(prepared: Prepared) -> None:
    """Bail since 1 December 2025 ends on 1 December 2026, within the period asked for."""
    later = prepared.suspect()
    earlier = beside(later.case, prepared, measure="bail", measure_from=date(2025, 12, 1), bail_area="枫县")
    assert [refused(one, prepared) for one in (later, earlier)] == [[], ["period_after_bail", "hours_after_bail"]]
    ends = [look(one, prepared.asked(), NOW).counted.bail_on for one in (later, earlier)]
    assert ends == [date(2027, 11, 1), date(2026, 12, 1)]


def test_what_another_suspect_is_put_under_changes_nothing_for_him_but_the_limit_of_the_case(
    prepared: Prepared,
) -> None:
    one = prepared.serving()
    by = prepared.town.coordinator
    other = beside(one.case, prepared)
    correct_party(other, {"measure": "bail", "measure_from": date(2025, 12, 1)}, by, NOW, "取保候审")
    assert (one.bail_on, len(plans_of(one))) == (date(2027, 11, 1), 1)
    correct_party(other, {"measure": "arrest", "measure_from": TODAY}, by, NOW, "执行逮捕")
    row = plans_of(one)[0]
    assert (row.limit_on, row.bail_on, one.bail_on) == (date(2026, 12, 20), date(2027, 11, 1), date(2027, 11, 1))
    assert [doubt["code"] for doubt in row.doubts if doubt["level"] == "refuse"] == []
    assert history(one)[-2:] == ["assessment.start", "assessment.replan"]


def test_the_end_of_his_own_bail_moves_with_it_and_closes_the_crossing_to_him(prepared: Prepared) -> None:
    """D-11: the day after it is refused where the booking is made."""
    one = prepared.serving()
    (suspect,) = one.case.present_parties
    correct_party(suspect, {"measure_from": date(2025, 12, 1)}, prepared.town.coordinator, NOW, "更正取保日期")
    assert (one.bail_on, plans_of(one)[0].verdict) == (date(2026, 12, 1), "refuse")
    gates = gates_of(one, terms_of(one, TODAY))
    assert [[found.code for found in judge_area(gates, "枫县", on)] for on in (one.bail_on, date(2026, 12, 2))] == [
        [],
        ["after_bail"],
    ]


def test_a_plan_counted_back_from_bail_is_counted_from_his_own(prepared: Prepared) -> None:
    """D-16, `limit_basis`."""
    prepared.in_force(replace(Terms(), limit_basis="bail_limit"))
    suspect = prepared.suspect()
    beside(suspect.case, prepared, measure="bail", measure_from=date(2025, 12, 1))
    assert look(suspect, prepared.asked(), NOW).counted.limit_on == date(2027, 11, 1)
