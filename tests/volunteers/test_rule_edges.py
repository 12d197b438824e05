"""Small rules of the service at their edges: the last minute, day or count allowed, and the first that is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from errors import Refusal
from law import Doubt
from scheduler.deadlines.working_days import statutory
from tests.town import ZONE, local
from volunteers.rules import unconfirmed
from volunteers.rules.corrections import (
    ASKABLE,
    CORRECTABLE,
    Counts,
    EvidenceNeeded,
    NothingChanges,
    OutsideShift,
    check_change,
    check_evidence,
    stated,
)
from volunteers.rules.gates import lies_in
from volunteers.rules.minutes import Standing, Stated, arrives_from, standing
from volunteers.rules.pace import Pace, pace
from volunteers.rules.proposing import Proposed, doubts_of
from volunteers.rules.scan import (
    LATE_AT_MOST,
    Code,
    CodeKind,
    Why,
    digits_of,
    judge_age,
    read,
    seconds_left,
    sole,
    spell,
    stated_late,
    step_at,
    steps_known,
)
from volunteers.rules.schemes import Terms, Tier, check_terms
from volunteers.rules.shifts import Staffed, TooLong, TooShort, check_length, plan_shifts, staffed_on
from volunteers.rules.steering import (
    PROLONGED_BY,
    NotStopped,
    ShiftNotRunning,
    StoppedAlready,
    StopStands,
    check_running,
    check_undo,
    fits_the_day,
)

START, END = local("2026-11-25 07:30"), local("2026-11-25 09:00")
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
DAY = date(2026, 11, 25)
CALENDAR = statutory()


def refused(rule: Any, *args: Any, **more: Any) -> str | None:
    """The code of the refusal, or None."""
    try:
        rule(*args, **more)
    except Refusal as refusal:
        return refusal.code
    return None


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


# Minutes (V-06, D-28)


def test_somebody_is_ticked_in_from_an_hour_before() -> None:
    assert arrives_from(START) == local("2026-11-25 06:30")


@pytest.mark.parametrize(
    ("ticks", "stands"),
    [
        ([], Standing(None, None)),
        ([Stated(1, "out", at(90))], Standing(None, at(90))),
        ([Stated(1, "in", at(0))], Standing(at(0), None)),
        (
            [Stated(1, "in", at(0)), Stated(2, "out", at(80)), Stated(3, "out", at(90), replaces=2)],
            Standing(at(0), at(90)),
        ),
        ([Stated(1, "out", at(88.99)), Stated(2, "out", at(90))], Standing(None, at(90), disagree=True)),
        ([Stated(1, "out", at(89)), Stated(2, "out", at(90))], Standing(None, at(90))),
        (
            [Stated(1, "in", at(0)), Stated(2, "in", at(0.5)), Stated(3, "in", at(1.5))],
            Standing(at(0), None, disagree=True),
        ),
    ],
)
def test_what_stands_of_the_ticks_is_the_earlier_arrival_the_later_leaving_and_their_quarrel(
    ticks: list[Stated], stands: Standing
) -> None:
    """D-28, I45: of leavings as of arrivals, and between the first and the last of several."""
    assert standing(ticks) == stands


def test_how_far_two_ticks_may_be_apart_is_the_offices_to_say() -> None:
    """9.2 `service.tick_conflict`."""
    ticks = [Stated(1, "in", at(0)), Stated(2, "in", at(3))]
    assert [standing(ticks, minutes).disagree for minutes in (2, 3)] == [True, False]


def test_a_county_that_carries_its_city_lies_in_the_one_without() -> None:
    """D-11."""
    assert [lies_in("枫州市枫县", "枫县"), lies_in("枫州市邻县", "枫县"), lies_in("枫县", "枫州市")] == [
        True,
        False,
        False,
    ]


# Codes (D-28; TRUST T03)


KEY, MARK = UUID(bytes=bytes(range(1, 17))), "ab" * 32


@pytest.mark.parametrize(
    ("kind", "step", "letters"), [("P", 7, 37), ("S", 7, 37), ("G", 2**32 - 1, 37), ("K", None, 30)]
)
def test_a_code_reads_as_it_was_spelled_and_no_letter_may_be_missing(kind: str, step: int | None, letters: int) -> None:
    """D-28: the beginning of a random id, a step of time but on paper, a mark of 80 bits."""
    text = spell(CodeKind(kind), KEY, step, MARK)
    code = Code(CodeKind(kind), bytes(range(1, 9)), step, bytes([0xAB]) * 10)
    assert (len(text), read(text), read(f" {text.lower()} ")) == (letters, code, code)
    assert [read(wrong) for wrong in (text[:-2], text + "AA", text[1:], "X" + text[1:])] == [None] * 4
    assert code.keys == (UUID(bytes=code.key + bytes(8)), UUID(bytes=code.key + b"\xff" * 8))


def test_the_short_code_is_the_last_six_digits_of_the_mark() -> None:
    assert [digits_of(mark) for mark in ("0", f"{10**6 - 1:x}", f"{10**6:x}", f"{10**9 + 42:x}")] == [
        "000000",
        "999999",
        "000000",
        "000042",
    ]


def test_a_tick_is_taken_as_such_for_three_days_and_later_only_kept() -> None:
    """TRUST 7.2 no. 13."""
    assert timedelta(hours=72) == LATE_AT_MOST


@pytest.mark.parametrize(("second", "left"), [(0, 30), (1, 29), (29, 1), (30, 30)])
def test_a_code_lasts_till_its_step_is_over(second: int, left: int) -> None:
    minute = datetime(2026, 11, 25, 7, 30, tzinfo=UTC)
    assert seconds_left(minute + timedelta(seconds=second), 30) == left
    assert step_at(minute + timedelta(seconds=second), 30) - step_at(minute, 30) == second // 30


def test_digits_are_looked_up_as_long_as_a_code_is_known_to_have_been_kept() -> None:
    steps = steps_known(START, 30)
    assert (steps[0], len(steps)) == (step_at(START, 30), 22)
    whys = [judge_age(step, START, 30) for step in (*steps, steps[-1] - 1)]
    assert whys == [None, None, *[Why.SCREENSHOT] * 20, Why.OLD]


@pytest.mark.parametrize(
    ("found", "meant"),
    [
        ([], None),
        ([("a", 7)], ("a", 7)),
        ([("a", 7), ("a", 9), ("a", 8)], ("a", 9)),
        ([("a", 7), ("b", 7)], None),
    ],
)
def test_typed_digits_mean_somebody_only_where_one_has_them(
    found: list[tuple[str, int]], meant: tuple[str, int] | None
) -> None:
    assert sole(found) == meant


def test_a_tick_delivered_late_states_the_devices_time_and_never_a_time_to_come() -> None:
    assert [stated_late(START + off, START) for off in (-SECOND, timedelta(), SECOND)] == [START - SECOND, START, START]


# Corrections (8.6, V-06, V-08, V-14)


def test_what_is_confirmed_and_not_final_is_asked_about_and_not_yet_corrected() -> None:
    assert sorted(ASKABLE - CORRECTABLE) == ["confirmed"]
    assert sorted(CORRECTABLE) == ["arrived", "booked", "credited", "left", "no_show"]


def test_what_is_stated_lies_within_the_shift_for_a_whole_minute() -> None:
    assert stated((at(89), at(95)), START, END) == Counts(1, at(89), END)
    assert stated(None, START, END) == Counts.of(None) == Counts(0, None, None)
    with pytest.raises(OutsideShift) as refusal:
        stated((at(89.01), at(95)), START, END)
    assert refusal.value.facts == {"starts_at": START, "ends_at": END}


@pytest.mark.parametrize(
    ("new", "changes"),
    [
        (Counts(90, START, END), False),
        (Counts(90, START + 59 * SECOND, END), False),  # no minute shows it
        (Counts(90, START + MINUTE, END + MINUTE), True),
        (Counts(89, START, END), True),
        (Counts(), True),
    ],
)
def test_a_correction_changes_what_a_minute_can_show(new: Counts, changes: bool) -> None:
    assert refused(check_change, Counts(90, START, END), new) == (None if changes else NothingChanges.code)
    assert refused(check_change, Counts(), Counts()) == NothingChanges.code


@pytest.mark.parametrize(
    ("rests_on", "confirmed", "ticked", "enough"),
    [
        ("other", True, False, True),
        ("other", False, True, False),
        ("paper", False, False, True),
        ("ticks", False, True, True),
        ("ticks", False, False, False),
    ],
)
def test_what_no_officer_confirmed_rests_on_paper_or_on_ticks_that_stand(
    rests_on: str, confirmed: bool, ticked: bool, enough: bool
) -> None:
    """V-14."""
    found = refused(check_evidence, rests_on, confirmed=confirmed, ticked=ticked)
    assert found == (None if enough else EvidenceNeeded.code)


# Steering (8.3, I14)


@pytest.mark.parametrize(
    ("now", "stopped", "refusal"),
    [
        (START + MINUTE, None, None),
        (START + MINUTE - SECOND, None, ShiftNotRunning),
        (END - SECOND, None, None),
        (END, None, ShiftNotRunning),
        (at(30), at(20), StoppedAlready),
    ],
)
def test_a_shift_is_stopped_or_prolonged_from_its_second_minute_until_its_end(
    now: datetime, stopped: datetime | None, refusal: type[Refusal] | None
) -> None:
    assert refused(check_running, START, END, stopped, now) == (refusal.code if refusal else None)


@pytest.mark.parametrize(
    ("after", "refusal"),
    [(timedelta(minutes=5), None), (timedelta(minutes=5) + SECOND, StopStands), (None, NotStopped)],
)
def test_a_stop_is_taken_back_within_five_minutes(after: timedelta | None, refusal: type[Refusal] | None) -> None:
    stopped = None if after is None else START
    assert refused(check_undo, stopped, START + (after or timedelta())) == (refusal.code if refusal else None)


def test_a_prolonged_shift_fits_each_of_its_days_or_does_not() -> None:
    takes, next_day = {DAY: 60, DAY + timedelta(days=1): 90}, DAY + timedelta(days=1)
    assert [fits_the_day(takes, {next_day: more}, 180) for more in (90, 91)] == [True, False]
    assert [fits_the_day({DAY: minutes}, {next_day: 900}, 180) for minutes in (180, 181)] == [True, False]
    assert PROLONGED_BY == (10, 20, 30, 60)


# Shifts (3.3, C-08, 9.2)


def test_a_make_up_day_staffs_posts_of_every_working_day_and_no_others() -> None:
    """C-08."""
    saturday, working = date(2026, 10, 10), frozenset({1, 2, 3, 4, 5})

    def why(days: frozenset[int], kind: Any = "makeup_work", day: date = saturday, **more: Any) -> str | None:
        return staffed_on(
            day, kind, Staffed("x", days, {}, at_school="breaks" in more), **{"holidays_too": False, **more}
        )

    assert [why(days) for days in (working, working | {6, 7}, frozenset({6}))] == [None] * 3
    assert [why(working - {day}) for day in working] == ["not_staffed"] * 5
    assert [why(working, "off", date(2026, 10, 5), holidays_too=too) for too in (True, False)] == [None, "holiday"]
    autumn, winter = (date(2026, 10, 8), date(2026, 10, 10)), (date(2027, 1, 25), date(2027, 2, 21))
    assert [why(working, breaks=found) for found in ([winter, autumn], [winter], [])] == ["school_holiday", None, None]


@pytest.mark.parametrize(
    ("minutes", "shortest", "hours", "refusal"),
    [
        (60, 60, 12, None),
        (59, 60, 12, TooShort),
        (720, 60, 12, None),
        (721, 60, 12, TooLong),
        (241, 60, 4, TooLong),
        (240, 60, 4, None),
        (721, 60, 24, TooLong),  # I32: twelve hours, whatever the office has set
        (720, 60, 24, None),
    ],
)
def test_a_shift_is_as_long_as_counts_and_as_anybody_stands(
    minutes: int, shortest: int, hours: int, refusal: type[Refusal] | None
) -> None:
    assert refused(check_length, minutes, shortest, hours) == (refusal.code if refusal else None)


def test_a_shift_that_would_begin_now_is_past_and_a_second_later_it_is_planned() -> None:
    post = Staffed("x", frozenset({3}), {"morning": (time(7, 30), time(9)), "evening": (time(17), time(19))})

    def planned(now: datetime, taken: Any = None, day: date = DAY, holidays_too: bool = False) -> list[Any]:
        kept, left_out = plan_shifts(
            [post],
            [day],
            lambda on: "off" if on == date(2026, 10, 7) else "working",
            slots={"morning"},
            holidays_too=holidays_too,
            breaks=(),
            taken=taken or {},
            now=now,
            zone=ZONE,
        )
        return [*((one.slot, one.despite_rest) for one in kept), *((one.slot, one.why) for one in left_out)]

    assert planned(START) == [("morning", "past")]
    assert planned(START - SECOND) == [("morning", False)]
    assert planned(START, {("x", DAY, "morning"): "stands"}) == [("morning", "stands")]
    holiday = date(2026, 10, 7)
    assert planned(local("2026-10-06 09:00"), day=holiday) == [("morning", "holiday")]
    assert planned(local("2026-10-06 09:00"), day=holiday, holidays_too=True) == [("morning", True)]


# Hours that nobody confirmed (V-07, C-01)


def test_unconfirmed_hours_are_the_offices_the_day_after_the_last_working_day() -> None:
    terms = unconfirmed.Terms(hours=2, working_days=1)
    assert unconfirmed.officers_due(END, terms) == local("2026-11-25 11:00")
    friday, monday = date(2026, 11, 27), date(2026, 11, 30)
    assert unconfirmed.last_day(friday, terms, CALENDAR.add_working_days) == monday
    late = [unconfirmed.is_late(friday, on, terms, CALENDAR.add_working_days) for on in (monday, date(2026, 12, 1))]
    assert late == [False, True]


# Pace (8.5, I14)

TWENTY_DAYS = {"first_on": date(2026, 11, 1), "last_on": date(2026, 11, 20)}


@pytest.mark.parametrize(
    ("done", "pending", "booked", "on", "stands"),
    [
        (1200, 0, 0, date(2026, 12, 1), "complete"),
        (1199, 1, 0, date(2026, 12, 1), "booked"),
        (1199, 0, 1, date(2026, 11, 20), "booked"),
        (1199, 0, 1, date(2026, 11, 21), "over"),  # what is booked after the period brings nothing any more
        (1199, 0, 0, date(2026, 11, 20), "on_course"),
        (1199, 0, 0, date(2026, 11, 21), "over"),
        (0, 0, 1200, date(2026, 11, 20), "booked"),
        (500, 600, 100, date(2026, 11, 20), "booked"),
        (0, 0, 1199, date(2026, 11, 20), "behind"),
        (0, 509, 0, date(2026, 11, 11), "behind"),
        (0, 510, 0, date(2026, 11, 11), "on_course"),
        (0, 0, 0, date(2026, 10, 1), "on_course"),
    ],
)
def test_where_somebody_stands_is_told_on_both_sides_of_each_edge(
    done: int, pending: int, booked: int, on: date, stands: str
) -> None:
    found = pace(required=1200, done=done, pending=pending, booked=booked, on=on, **TWENTY_DAYS)
    assert found.standing == stands


@pytest.mark.parametrize(
    ("on", "left", "lag"),
    [
        (date(2026, 10, 1), 20, 0),
        (date(2026, 11, 1), 20, 0),
        (date(2026, 11, 2), 19, 60),
        (date(2026, 11, 20), 1, 1140),
        (date(2026, 11, 21), 0, 1200),
        (date(2026, 12, 21), 0, 1200),
    ],
)
def test_days_left_and_the_lag_are_counted_with_both_ends_of_the_period(on: date, left: int, lag: int) -> None:
    found = pace(required=1200, done=0, pending=0, booked=0, on=on, **TWENTY_DAYS)
    assert (found.days_left, found.lag) == (left, lag)
    ahead = pace(required=1200, done=1150, pending=10, booked=0, on=on, **TWENTY_DAYS)
    assert ahead.lag == max(lag - 1160, 0)


@pytest.mark.parametrize(
    ("left", "days", "shifts", "a_week"),
    [(0, 14, 0, 0), (180, 7, 2, 2), (180, 8, 2, 2), (180, 14, 2, 1), (181, 14, 3, 2), (270, 22, 3, 1), (180, 0, 2, 2)],
)
def test_what_a_week_asks_is_rounded_up_and_falls_with_what_is_booked(
    left: int, days: int, shifts: int, a_week: int
) -> None:
    """8.9: of 1200 minutes some are done, 90 pending and 300 booked."""
    found = Pace(1200, 1200 - left - 390, 90, 300, days, 0, "on_course")
    assert (found.shifts(90), found.week_shifts(90)) == (shifts, a_week)


def test_what_is_still_open_is_never_less_than_nothing() -> None:
    over = Pace(1200, 1300, 10, 90, 5, 0, "complete")
    some = Pace(1200, 600, 100, 90, 5, 0, "on_course")
    assert [(one.needed, one.open) for one in (over, some)] == [(0, 0), (500, 410)]
    assert Pace(1200, 600, 100, 501, 5, 0, "booked").open == 0


# Proposing (D-01, D-04, D-06, D-09, 3.3, 8.5)

PROPOSED = Proposed(
    bac_hundredths=15000,
    aggravated=False,
    pleaded=True,
    born_on=date(1961, 11, 26),
    on=DAY - timedelta(days=5),
    earliest=DAY - timedelta(days=5),
    first_on=DAY,
    last_on=DAY + timedelta(days=10),
    fast_track=False,
    drunk=Decimal(80),
    minor_line=Decimal(150),
    probation_line=Decimal(180),
    exempt_age=65,
    cause="危险驾驶",
)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"pleaded": False}, [("refuse", "no_plea", "DOMAIN 8.5", {})]),
        ({"bac_hundredths": 8000, "aggravated": True}, []),
        ({"bac_hundredths": 7999}, [("refuse", "bac_below_80", "DOMAIN D-01", {"line": Decimal(80)})]),
        ({"bac_hundredths": 14999}, [("warn", "bac_below_150", "DOMAIN D-04", {"line": Decimal(150)})]),
        ({"bac_hundredths": 14999, "aggravated": True}, []),
        ({"bac_hundredths": 18000}, []),
        ({"bac_hundredths": 18001}, [("warn", "bac_above_180", "DOMAIN D-06", {"line": Decimal(180)})]),
        ({"born_on": date(1961, 11, 25)}, [("warn", "age_65", "DOMAIN 3.3", {"age": 65})]),
        ({"born_on": None}, []),
        ({"born_on": date(2008, 11, 25)}, []),
        ({"born_on": date(2008, 11, 26)}, [("warn", "under_18", "DOMAIN D-21; 民法典 19", {"age": 18})]),
        ({"born_on": date(2010, 11, 25)}, [("warn", "under_18", "DOMAIN D-21; 民法典 19", {"age": 18})]),
        ({"born_on": date(2010, 11, 26)}, [("refuse", "under_16", "DOMAIN D-21; 刑法 17", {"age": 16})]),
        ({"earliest": DAY}, []),
        (
            {"earliest": DAY + timedelta(days=1)},
            [
                (
                    "refuse",
                    "period_before_case",
                    "DOMAIN 8.9",
                    {"first_on": DAY, "earliest": DAY + timedelta(days=1)},
                )
            ],
        ),
        ({"last_on": DAY + timedelta(days=361)}, []),
        (
            {"last_on": DAY + timedelta(days=362)},
            [
                (
                    "refuse",
                    "period_too_far",
                    "DOMAIN D-11",
                    {"last_on": DAY + timedelta(days=362), "latest": DAY + timedelta(days=361)},
                )
            ],
        ),
        ({"cause": "危险驾驶罪"}, []),
        ({"cause": "盗窃"}, [("warn", "other_charge", "DOMAIN D-07", {"cause": "盗窃"})]),
        ({"fast_track": True}, [("warn", "fast_track", "DOMAIN D-09", {})]),
    ],
)
def test_each_doubt_about_a_proposal_by_itself_on_both_sides_of_its_edge(
    changes: dict[str, Any], found: list[tuple[str, str, str, dict[str, Any]]]
) -> None:
    assert doubts_of(PROPOSED) == []
    told: list[Doubt] = doubts_of(replace(PROPOSED, **changes))
    assert [(one.level, one.code, one.source, dict(one.facts)) for one in told] == found


# Schemes (3.3)


@pytest.mark.parametrize(
    ("kind", "weekends", "holidays", "served"),
    [
        ("working", False, False, True),
        ("makeup_work", False, False, True),
        ("weekend", True, False, True),
        ("weekend", False, True, False),
        ("off", True, False, False),
        ("off", False, True, True),
        ("local_off", True, False, False),
        ("local_off", False, True, True),
    ],
)
def test_whether_a_day_is_served_is_the_schemes_to_say(kind: str, weekends: bool, holidays: bool, served: bool) -> None:
    """3.3 `allow_weekend_holiday`."""
    terms = Terms(allow_weekends=weekends, allow_holidays=holidays)
    assert (terms.serves_on(kind), terms.every_day) == (served, weekends and holidays)


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        (Terms(tiers=(Tier(150, None, 30),)), None),
        (Terms(tiers=(Tier(150, None, 29),)), "tier_hours_out_of_bounds"),
        (Terms(tiers=(Tier(150, None, 12000),)), None),
        (Terms(pass_score=60, excellent_score=60), None),
        (Terms(pass_score=60, excellent_score=59), "grades_wrong"),
        (Terms(tiers=(Tier(150, 151, 600), Tier(160, None, 1200))), None),
        (Terms(tiers=(Tier(160, 170, 600), Tier(150, None, 1200))), "tiers_wrong"),
    ],
)
def test_terms_are_refused_one_step_beyond_what_can_be_served(terms: Terms, code: str | None) -> None:
    assert refused(check_terms, terms, 150) == code


def test_whoever_lies_in_no_tier_serves_the_usual_hours() -> None:
    terms = Terms(required_minutes=600, tiers=(Tier(150, 160, 900), Tier(170, 180, 1200)))
    figures = (14999, 15000, 15999, 16000, 16999, 17000, 17999, 18000)
    assert [terms.minutes_for(figure, aggravated=False) for figure in figures] == [
        600,
        900,
        900,
        600,
        600,
        1200,
        1200,
        600,
    ]
