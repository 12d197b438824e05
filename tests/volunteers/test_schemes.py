"""The terms of a scheme, its presets and tiers (DOMAIN 3.2, 3.3, D-04)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteers.rules.schemes import (
    DayTooLong,
    HoursOutOfBounds,
    ShiftLongerThanDay,
    Terms,
    TermsWrong,
    Tier,
    TiersWrong,
    WindowsWrong,
    check_terms,
    from_plain,
    plain,
    presets,
)

TIERED = Terms(tiers=(Tier(150, 180, 1200), Tier(180, None, 2400)), aggravator_extra_minutes=600)


def test_the_presets_ask_for_the_hours_their_places_ask_for() -> None:
    hours = {key: terms.required_minutes / 60 for key, terms in presets().items()}
    assert hours == {
        "custom": 20,
        "ruian": 30,
        "liuyang": 20,
        "ningjiang": 10,
        "taijiang": 60,
        "nantong": 30,
        "xiangyang": 40,
        "shijiazhuang": 2,
        "kaiyuan": 20,
    }


def test_every_preset_can_be_served() -> None:
    for terms in presets().values():
        check_terms(terms, 150)


@pytest.mark.parametrize(
    ("hundredths", "aggravated", "minutes"),
    [
        (14999, False, 1200),
        (15000, False, 1200),
        (17999, False, 1200),
        (18000, False, 2400),
        (18000, True, 3000),
        (9000, True, 1800),
    ],
)
def test_hours_follow_the_tier_of_the_blood_alcohol_and_what_aggravates(
    hundredths: int, aggravated: bool, minutes: int
) -> None:
    assert TIERED.minutes_for(hundredths, aggravated=aggravated) == minutes


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        (Terms(required_minutes=29), HoursOutOfBounds),
        (Terms(required_minutes=12001), HoursOutOfBounds),
        (Terms(tiers=(Tier(150, None, 12001),)), HoursOutOfBounds),
        (Terms(min_shift_minutes=181), ShiftLongerThanDay),
        (Terms(max_day_minutes=721), DayTooLong),
        (Terms(windows=((time(9), time(7, 30)),)), WindowsWrong),
        (Terms(windows=((time(7), time(7)),)), WindowsWrong),
        (Terms(windows=((time(17), time(18)), (time(7), time(9)))), WindowsWrong),
        (Terms(windows=((time(7), time(9)), (time(8), time(10)))), WindowsWrong),
        (Terms(tiers=(Tier(149, None, 1200),)), TiersWrong),
        (Terms(tiers=(Tier(150, 150, 1200),)), TiersWrong),
        (Terms(tiers=(Tier(150, 180, 1200), Tier(179, None, 1200))), TiersWrong),
        (Terms(tiers=(Tier(150, None, 1200), Tier(180, None, 1200))), TiersWrong),
    ],
)
def test_terms_nobody_can_serve_by_are_refused_with_the_field(terms: Terms, refusal: type[TermsWrong]) -> None:
    with pytest.raises(refusal) as refused:
        check_terms(terms, 150)
    assert refused.value.field != ""


@pytest.mark.parametrize(
    "terms",
    [
        Terms(required_minutes=30),
        Terms(required_minutes=12000),
        Terms(min_shift_minutes=180),
        Terms(max_day_minutes=720),
        Terms(windows=((time(7), time(9)), (time(9), time(10)))),
        Terms(windows=()),
        Terms(tiers=(Tier(150, 180, 1200), Tier(180, None, 1200))),
    ],
)
def test_terms_at_the_edge_pass(terms: Terms) -> None:
    check_terms(terms, 150)


def test_the_usual_shift_is_the_shortest_window() -> None:
    assert Terms().usual_shift == 90
    assert Terms(windows=((time(7), time(8)), (time(17), time(18, 30)))).usual_shift == 60
    assert Terms(windows=()).usual_shift == 60


@given(
    required=st.integers(30, 12000),
    on=st.none() | st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    equipment=st.lists(st.sampled_from(("vest", "flag", "whistle")), unique=True),
)
def test_terms_come_back_from_what_is_stored_as_they_were(required: int, on: date | None, equipment: list[str]) -> None:
    terms = replace(TIERED, required_minutes=required, window_from=on, equipment=tuple(equipment))
    assert from_plain(plain(terms)) == terms
