"""The gates before a roadside shift, on both sides of each edge (DOMAIN D-11, D-20 to D-22; TRUST I14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.town import ZONE, local
from volunteers.rules.booking import Wanted, judge_booking, judge_day, minutes_by_day
from volunteers.rules.gates import Gates, county_of, judge_area, judge_fitness, judge_gates, lies_in
from volunteers.rules.obstacles import FOR_THE_OFFICE, ORDER, InsuredUntil, NotInsured, Obstacle, refusal_of

DAY = date(2026, 11, 25)
OPEN = Gates(
    told_on=DAY,
    consented_on=DAY,
    trained_on=DAY,
    insured_from=DAY,
    insured_until=DAY,
    training_required=True,
    insurance_required=True,
    on_bail=True,
    bail_area="枫县",
    bail_leave="",
    bail_on=DAY,
    born_on=date(1990, 1, 1),
    age_limit=65,
    capable_of=2,
)


def codes(found: list[Obstacle]) -> list[str]:
    return [one.code for one in found]


def all_codes(gates: Gates, area: str = "枫县", difficulty: int = 2) -> list[str]:
    return codes([*judge_gates(gates, DAY), *judge_area(gates, area, DAY), *judge_fitness(gates, difficulty, DAY)])


def test_with_everything_on_record_by_the_day_itself_nothing_stands_in_the_way() -> None:
    assert all_codes(OPEN) == []


@pytest.mark.parametrize(
    ("name", "code"), [("told_on", "not_told"), ("consented_on", "not_consented"), ("trained_on", "not_trained")]
)
def test_each_gate_must_be_passed_by_the_day_of_the_shift(name: str, code: str) -> None:
    """D-20, D-22: what is not known, or dated a day later, keeps the gate shut."""
    assert all_codes(replace(OPEN, **{name: None})) == [code]
    assert all_codes(replace(OPEN, **{name: date(2026, 11, 26)})) == [code]


def test_insurance_covers_the_day_from_its_first_to_its_last() -> None:
    """D-22: `insured_until` on or after the shift's date."""
    assert all_codes(replace(OPEN, insured_from=None, insured_until=None)) == ["not_insured"]
    assert all_codes(replace(OPEN, insured_from=date(2026, 11, 26), insured_until=date(2026, 12, 31))) == [
        "not_insured"
    ]
    ended = replace(OPEN, insured_from=date(2026, 1, 1), insured_until=date(2026, 11, 24))
    assert judge_gates(ended, DAY) == [Obstacle("not_insured", {"insured_until": date(2026, 11, 24)})]
    assert type(refusal_of(judge_gates(ended, DAY))) is InsuredUntil
    assert type(refusal_of([Obstacle("not_insured")])) is NotInsured


def test_a_scheme_that_asks_for_neither_training_nor_insurance_asks_for_neither() -> None:
    bare = replace(OPEN, trained_on=None, insured_from=None, insured_until=None)
    assert all_codes(bare) == ["not_trained", "not_insured"]
    assert all_codes(replace(bare, training_required=False, insurance_required=False)) == []


def test_nobody_is_planned_after_his_last_day_of_bail() -> None:
    """D-11: the last day itself is good."""
    assert all_codes(replace(OPEN, bail_on=date(2026, 11, 24))) == ["after_bail"]
    assert all_codes(replace(OPEN, bail_on=None)) == []


def test_a_post_lies_inside_the_bail_area_or_an_approval_is_on_record() -> None:
    assert all_codes(OPEN, area="邻县") == ["outside_bail_area"]
    assert all_codes(replace(OPEN, bail_leave="枫公保〔2026〕3号"), area="邻县") == []
    assert all_codes(replace(OPEN, bail_area="")) == ["bail_area_unknown"]
    assert all_codes(replace(OPEN, bail_area="", on_bail=False), area="邻县") == []


@pytest.mark.parametrize(
    ("area", "areas", "inside"),
    [
        ("枫县", "枫县", True),
        ("枫县", "邻县、枫县", True),
        ("枫县", "枫州市枫县", True),
        ("枫州市枫东区", "枫州市", True),
        ("枫县", "邻县", False),
        ("枫县", "", False),
        ("枫县", "邻县,远县", False),
    ],
)
def test_a_county_is_found_among_several_and_within_its_city(area: str, areas: str, inside: bool) -> None:
    assert lies_in(area, areas) is inside


def test_the_county_of_an_office_is_read_from_its_name() -> None:
    assert [county_of(name) for name in ("枫县人民检察院", "枫县检察院", "样例")] == ["枫县", "枫县", "样例"]


def test_from_the_exempt_age_on_nobody_stands_at_a_crossing_but_indoors() -> None:
    """3.3 `exempt_if`: the birthday itself counts."""
    of_age = replace(OPEN, born_on=date(1961, 11, 25))
    assert all_codes(of_age) == ["too_old"]
    assert all_codes(of_age, difficulty=0) == []
    assert all_codes(replace(OPEN, born_on=date(1961, 11, 26))) == []
    assert all_codes(replace(OPEN, born_on=None)) == []


def test_a_post_is_never_harder_than_the_health_allows() -> None:
    """D-21."""
    assert all_codes(OPEN, difficulty=3) == ["too_hard"]
    assert all_codes(OPEN, difficulty=2) == []
    assert all_codes(replace(OPEN, capable_of=None)) == ["health_unknown"]


def test_a_day_holds_its_maximum_and_not_a_minute_more() -> None:
    """I14."""
    assert judge_day({DAY: 90}, {DAY: 90}, 180) == []
    assert judge_day({DAY: 91}, {DAY: 90}, 180) == [Obstacle("day_full", {"on": DAY, "minutes": 181, "most": 180})]
    assert judge_day({DAY: 90}, {date(2026, 11, 24): 180}, 180) == []


def test_a_shift_over_midnight_is_split_there() -> None:
    found = minutes_by_day(local("2026-11-25 23:00"), local("2026-11-26 01:30"), ZONE)
    assert found == {DAY: 60, date(2026, 11, 26): 90}


@given(
    starts=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 30)),
    minutes=st.integers(1, 720),
    zone=st.sampled_from(["Asia/Shanghai", "Asia/Urumqi", "UTC"]),
)
def test_the_days_of_a_span_add_up_to_its_minutes(starts: datetime, minutes: int, zone: str) -> None:
    begins = starts.replace(second=0, microsecond=0, tzinfo=ZoneInfo(zone))
    found = minutes_by_day(begins, begins + timedelta(minutes=minutes), ZoneInfo("Asia/Shanghai"))
    assert sum(found.values()) == minutes
    assert len(found) <= 2


def test_everything_in_the_way_is_told_in_the_fixed_order() -> None:
    """IDEAS A11: the order of `ORDER`, whatever is wrong at once."""
    nothing = replace(
        OPEN,
        told_on=None,
        consented_on=None,
        trained_on=None,
        insured_from=None,
        insured_until=None,
        bail_area="邻县",
        bail_on=date(2026, 11, 1),
        born_on=date(1950, 1, 1),
        capable_of=1,
    )
    wanted = Wanted(
        now=local("2026-11-25 08:00"),
        shift_state="closed",
        starts_at=local("2026-11-25 07:30"),
        starts_on=DAY,
        capacity=1,
        taken=1,
        state="serving",
        gates=nothing,
        first_on=date(2026, 12, 1),
        last_on=date(2026, 12, 2),
        area="枫县",
        difficulty=2,
        day_served=False,
        least=91,
        takes={DAY: 90},
        booked={DAY: 180},
        a_day=180,
        open=20,
        most_open=20,
    )
    found = codes(judge_booking(wanted))
    missing = {"not_serving", "bail_area_unknown", "health_unknown", "overlap", "own_hearing"}
    assert found == [code for code in ORDER if code not in missing]


def test_what_only_the_office_can_enter_is_known_as_such() -> None:
    assert sorted(FOR_THE_OFFICE) == [
        "bail_area_unknown",
        "health_unknown",
        "not_consented",
        "not_insured",
        "not_told",
        "not_trained",
    ]
