"""What keeps somebody from a shift, each thing by itself, one step inside its edge and one beyond (SETTLED 12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.town import local
from volunteers.rules.booking import SECOND_THOUGHT, Taken, Wanted, cancels_until, judge_booking, may_cancel, may_report
from volunteers.rules.gates import Gates, judge_fitness, judge_gates
from volunteers.rules.obstacles import ORDER, NotBookable, Obstacle, in_general, refusal_of

DAY = date(2026, 11, 25)
START = local("2026-11-25 07:30")
SECOND = timedelta(seconds=1)
UNKNOWN = Gates(
    told_on=None,
    consented_on=DAY,
    trained_on=DAY,
    insured_from=DAY,
    insured_until=DAY,
    training_required=True,
    insurance_required=True,
    on_bail=False,
    bail_area="",
    bail_leave="",
    bail_on=None,
    born_on=None,
    age_limit=65,
    capable_of=2,
)
FREE = Wanted(
    now=START - timedelta(days=1),
    shift_state="open",
    starts_at=START,
    starts_on=DAY,
    capacity=2,
    taken=1,
    state="serving",
    first_on=DAY,
    last_on=DAY,
    area="枫县",
    difficulty=2,
    takes={DAY: 90},
    booked={DAY: 90},
    a_day=180,
)
MEETING = Taken(START, START + timedelta(hours=1), title="客运站前广场")
HEARING = Taken(START + timedelta(minutes=30), START + timedelta(hours=2), hearing=True, title="听证会")
PERIOD = {"first_on": date(2026, 11, 24), "last_on": date(2026, 11, 26)}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        # 8.3, 8.4: only what is open and has not begun
        ({"shift_state": "planned"}, [Obstacle("shift_not_open")]),
        ({"shift_state": "closed"}, [Obstacle("shift_not_open")]),
        ({"now": START - SECOND}, []),
        ({"now": START}, [Obstacle("shift_over")]),
        # 8.4: who serves here
        ({"state": "insured"}, [Obstacle("not_serving", {"state": "insured"})]),
        ({"state": "hours_complete"}, [Obstacle("not_serving", {"state": "hours_complete"})]),
        ({"state": None}, [Obstacle("not_serving", {"state": None})]),
        # 8.5: the period, both days included; an open one keeps nobody away
        (PERIOD, []),
        ({**PERIOD, "starts_on": date(2026, 11, 24), "takes": {}}, []),
        ({**PERIOD, "starts_on": date(2026, 11, 26), "takes": {}}, []),
        ({**PERIOD, "starts_on": date(2026, 11, 23), "takes": {}}, [Obstacle("outside_period", PERIOD)]),
        ({**PERIOD, "starts_on": date(2026, 11, 27), "takes": {}}, [Obstacle("outside_period", PERIOD)]),
        ({"first_on": None, "last_on": date(2026, 11, 1)}, []),
        ({"first_on": date(2026, 12, 1), "last_on": None}, []),
        # 3.3: days on which nobody serves; the most of a day, to the minute (I14)
        ({"day_served": False}, [Obstacle("day_not_served")]),
        # 3.3 `min_shift_minutes`: the shortest shift that counts, over midnight as well
        ({"least": 90}, []),
        ({"least": 91}, [Obstacle("shift_too_short", {"least": 91})]),
        ({"least": 90, "takes": {DAY: 60, date(2026, 11, 26): 30}}, []),
        ({"takes": {DAY: 91}}, [Obstacle("day_full", {"on": DAY, "minutes": 181, "most": 180})]),
        ({"takes": {DAY: 91}, "a_day": None}, []),
        ({"takes": {DAY: 0}, "booked": {}, "a_day": 0}, []),
        ({"takes": {DAY: 1}, "booked": {}, "a_day": 0}, [Obstacle("day_full", {"on": DAY, "minutes": 1, "most": 0})]),
        # T06: so many ahead and no more; where the office plans for him, any number
        ({"open": 19, "most_open": 20}, []),
        ({"open": 20, "most_open": 20}, [Obstacle("too_many_open", {"open": 20})]),
        ({"open": 20, "most_open": None}, []),
        # D-22: papers are asked where there are any to ask
        ({"gates": UNKNOWN}, [Obstacle("not_told")]),
        ({"gates": replace(UNKNOWN, told_on=DAY)}, []),
        # 8.10: what else takes the person, a hearing of his own as such
        ({"clashes": (MEETING,)}, [Obstacle("overlap", {"starts_at": START, "title": "客运站前广场"})]),
        ({"clashes": (HEARING,)}, [Obstacle("own_hearing", {"starts_at": HEARING.starts_at, "title": "听证会"})]),
        # I04: places
        ({"taken": 0, "capacity": 1}, []),
        ({"taken": 2}, [Obstacle("full", {"capacity": 2})]),
        ({"taken": 3}, [Obstacle("full", {"capacity": 2})]),
    ],
)
def test_each_thing_by_itself_is_in_the_way_beyond_its_edge_and_not_before(
    changes: dict[str, Any], found: list[Obstacle]
) -> None:
    assert judge_booking(FREE) == []
    assert judge_booking(replace(FREE, **changes)) == found


def test_whoever_does_not_serve_is_told_nothing_of_his_papers_or_his_day() -> None:
    wrong = replace(FREE, state="proposed", gates=UNKNOWN, day_served=False, takes={DAY: 200}, taken=2)
    assert [one.code for one in judge_booking(wrong)] == ["not_serving", "full"]


def test_of_two_commitments_the_first_is_named_and_a_hearing_besides() -> None:
    """8.10: an overlap goes before a hearing of one's own, and each is said once."""
    later = replace(MEETING, starts_at=START + timedelta(minutes=10))
    found = judge_booking(replace(FREE, clashes=(HEARING, MEETING, later)))
    assert [(one.code, one.facts["starts_at"]) for one in found] == [
        ("overlap", START),
        ("own_hearing", HEARING.starts_at),
    ]


@pytest.mark.parametrize(
    ("before", "may"), [(timedelta(hours=12), True), (timedelta(hours=12) - SECOND, False), (timedelta(days=2), True)]
)
def test_till_twelve_hours_before_a_volunteer_cancels_by_himself(before: timedelta, may: bool) -> None:
    """9.2 `service.cancel_before`: the last second counts."""
    assert cancels_until(START, 12) == START - timedelta(hours=12)
    assert may_cancel(START, START - before, 12) is may


@pytest.mark.parametrize(
    ("booked", "until"),
    [
        (timedelta(days=2), timedelta(hours=12)),  # long ago: as usual
        (timedelta(hours=12, minutes=5), timedelta(hours=12)),
        (timedelta(hours=12, minutes=4), timedelta(hours=11, minutes=59)),
        (timedelta(hours=1), timedelta(minutes=55)),
        (timedelta(minutes=5), timedelta()),
        (timedelta(minutes=2), timedelta()),  # never beyond the start
    ],
)
def test_whoever_has_just_booked_may_think_again_for_five_minutes(booked: timedelta, until: timedelta) -> None:
    assert timedelta(minutes=5) == SECOND_THOUGHT
    last = START - until
    assert cancels_until(START, 12, START - booked) == last
    assert [may_cancel(START, at, 12, START - booked) for at in (last, last + SECOND)] == [True, False]


def test_an_absence_is_told_before_the_start() -> None:
    """D-23; 9.2 `service.absence_notice`: at the start itself it is too late, or so many minutes before."""
    assert [may_report(START, at) for at in (START - SECOND, START)] == [True, False]
    half_past = START - timedelta(minutes=30)
    assert [may_report(START, at, 30) for at in (half_past - SECOND, half_past)] == [True, False]


TOLD = {
    "shift_not_open": ("ShiftNotOpen", "DOMAIN 8.4"),
    "shift_over": ("ShiftOver", "DOMAIN 8.4"),
    "not_serving": ("NotServing", "DOMAIN 8.4"),
    "not_told": ("NotTold", "DOMAIN D-22; 志愿服务条例 12"),
    "not_consented": ("NotConsented", "DOMAIN D-20; 志愿服务条例 2, 25"),
    "not_trained": ("NotTrained", "DOMAIN D-22; 志愿服务条例 16"),
    "not_insured": ("NotInsured", "DOMAIN D-22; 志愿服务条例 17"),
    "outside_period": ("OutsidePeriod", "DOMAIN 8.5"),
    "day_not_served": ("DayNotServed", "DOMAIN 3.3"),
    "shift_too_short": ("ShiftTooShort", "DOMAIN 3.3"),
    "after_bail": ("AfterBail", "DOMAIN D-11; 刑诉法 79"),
    "bail_area_unknown": ("BailAreaUnknown", "DOMAIN D-11; 刑诉法 71"),
    "outside_bail_area": ("OutsideBailArea", "DOMAIN D-11; 刑诉法 71"),
    "too_old": ("TooOld", "DOMAIN D-21, 3.3; 志愿服务条例 15"),
    "health_unknown": ("HealthUnknown", "DOMAIN D-21; 志愿服务条例 15"),
    "too_hard": ("TooHard", "DOMAIN D-21; 志愿服务条例 15"),
    "day_full": ("DayFull", "DOMAIN 3.3, 9.2 service.max_per_day; TRUST I14"),
    "too_many_open": ("TooManyOpen", "TRUST T06"),
    "overlap": ("Overlap", "DOMAIN 8.10"),
    "own_hearing": ("OwnHearing", "DOMAIN 8.10"),
    "full": ("NoPlace", "DOMAIN 8.4"),
}


def test_each_thing_in_the_way_has_its_refusal_with_its_rule_and_what_helps() -> None:
    """IDEAS A11: in the order in which they are told."""
    assert list(TOLD) == list(ORDER)
    refusals = {code: refusal_of([Obstacle(code)]) for code in ORDER}
    assert {code: (type(one).__name__, one.source) for code, one in refusals.items()} == TOLD
    assert [code for code, one in refusals.items() if one.code != code or not one.help] == []


@pytest.mark.parametrize(
    ("obstacle", "kind"),
    [
        (Obstacle("not_serving", {"state": "serving"}), "NotServing"),
        (Obstacle("not_serving", {"state": "hours_complete"}), "HoursComplete"),
        (Obstacle("not_insured", {"insured_until": None}), "NotInsured"),
        (Obstacle("not_insured", {"insured_until": DAY}), "InsuredUntil"),
        (Obstacle("overlap", {"starts_at": START, "title": None}), "Overlap"),
        (Obstacle("overlap", {"starts_at": START, "title": "客运站前广场"}), "OverlapAt"),
    ],
)
def test_a_sentence_says_more_where_more_is_known_and_may_be_said(obstacle: Obstacle, kind: str) -> None:
    refusal = refusal_of([obstacle, Obstacle("full", {"capacity": 1})])
    assert (type(refusal).__name__, refusal.facts) == (kind, obstacle.facts)
    assert (NotBookable().obstacles, NotBookable().facts) == ((), {})
    assert [one.code for one in refusal.obstacles] == [obstacle.code, "full"]


def test_what_is_told_later_names_no_day_no_place_and_no_number() -> None:
    """IDEAS A11: a message may be read over somebody's shoulder, and on another day."""
    told = {code: in_general(code) for code in (*ORDER, "a code of yesterday")}
    assert [code for code, (message, helps) in told.items() if "%(" in message + helps and code != "full"] == []
    assert told["a code of yesterday"] == told["not_serving"]
    assert told["overlap"][0] == "You had another commitment at that time."


@pytest.mark.parametrize(
    ("first", "last", "code", "late"),
    [
        (DAY, DAY, None, None),
        (DAY - timedelta(days=1), DAY - timedelta(days=1), "not_insured", DAY - timedelta(days=1)),
        (DAY + timedelta(days=1), DAY + timedelta(days=9), "not_insured", None),
        (None, DAY, "not_insured", None),  # half a policy insures nobody
        (DAY, None, "not_insured", None),
        (None, DAY - timedelta(days=1), "not_insured", DAY - timedelta(days=1)),
    ],
)
def test_an_insurance_covers_the_shift_or_says_when_it_ended(
    first: date | None, last: date | None, code: str | None, late: date | None
) -> None:
    """D-22."""
    found = judge_gates(replace(UNKNOWN, told_on=DAY, insured_from=first, insured_until=last), DAY)
    assert [(one.code, one.facts.get("insured_until")) for one in found] == ([(code, late)] if code else [])


@pytest.mark.parametrize(("difficulty", "asked"), [(0, True), (1, False), (3, False)])
def test_a_quiet_corner_is_a_crossing_still_and_only_indoors_age_is_not_asked(difficulty: int, asked: bool) -> None:
    """D-21, 3.3: 65 on the day of the shift."""
    old = replace(UNKNOWN, born_on=date(1961, 11, 25), capable_of=3)
    assert judge_fitness(old, difficulty, DAY) == ([] if asked else [Obstacle("too_old", {"age": 65})])
