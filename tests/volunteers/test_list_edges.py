"""What is refused or flagged in the lists of people and in paper sheets, each on both sides of its edge."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest

from exchange.judging import Fault, Finding, TakenRow
from volunteers.rules.intake import IntakeContext, aggravating, complete_person, judge_person
from volunteers.rules.known import Known, KnownPerson, KnownPost, KnownSignIn, person_of, post_of, sign_in_of
from volunteers.rules.posts import complete_post
from volunteers.rules.sheet import SHEET, complete_sign_in, context_of, find_person, judge_sign_in, standing, summary

ON = date(2026, 10, 14)  # a Wednesday
LIST = IntakeContext(on=ON, drunk=Decimal(80), minor_line=Decimal(150), probation_line=Decimal(180), exempt_age=65)
BOUNDS = {"earliest": date(2017, 1, 1), "latest": date(2027, 10, 15)}
PERSON = {
    "first_on": ON,
    "last_on": ON,
    "blood_alcohol": Decimal(150),
    "aggravating": None,
    "born_on": date(1961, 10, 15),
    "measure": None,
}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"last_on": date(2026, 10, 13)}, [Fault("last_on", "period_reversed", "refuse")]),
        ({"blood_alcohol": Decimal(80), "aggravating": "逃逸"}, []),
        (
            {"blood_alcohol": Decimal("79.99"), "aggravating": "逃逸", "measure": "逮捕"},
            [Fault("blood_alcohol", "bac_below_80", "refuse", {"line": Decimal(80)})],
        ),
        (
            {"blood_alcohol": Decimal("149.99")},
            [Fault("blood_alcohol", "bac_below_150", "flag", {"line": Decimal(150)})],
        ),
        ({"blood_alcohol": Decimal("149.99"), "aggravating": "逃逸"}, []),
        ({"blood_alcohol": Decimal(180)}, []),
        (
            {"blood_alcohol": Decimal("180.01")},
            [Fault("blood_alcohol", "bac_above_180", "flag", {"line": Decimal(180)})],
        ),
        ({"born_on": date(1961, 10, 14)}, [Fault("id_number", "age_65", "flag", {"age": 65})]),
        ({"born_on": date(2010, 10, 14)}, []),
        ({"born_on": date(2010, 10, 15)}, [Fault("id_number", "under_16", "refuse", {"age": 16})]),
        ({"first_on": date(2017, 1, 1)}, []),
        ({"first_on": date(2016, 12, 31)}, [Fault("first_on", "day_cannot_be", "refuse", BOUNDS)]),
        ({"last_on": date(2027, 10, 15)}, []),
        ({"last_on": date(2027, 10, 16)}, [Fault("last_on", "day_cannot_be", "refuse", BOUNDS)]),
        ({"measure": "取保候审"}, []),
        ({"measure": "逮捕"}, [Fault("measure", "in_custody", "flag")]),
    ],
)
def test_a_person_of_the_list_is_refused_or_flagged_beyond_each_line(
    changes: dict[str, Any], found: list[Fault]
) -> None:
    """D-01 (80), D-04 (150), D-06 (180), 3.3 (65 when the period begins), 8.9 (custody), 3.2 (2017); 刑法 art. 17."""
    assert judge_person({**PERSON, **changes}, LIST, []) == found


def test_words_for_nothing_aggravating_are_nothing_and_all_others_are_kept() -> None:
    assert [aggravating(text) for text in ("无从重情节", " 否 ", "无证驾驶")] == [None, None, "无证驾驶"]


def test_an_id_number_tells_the_date_of_birth_where_it_was_read() -> None:
    values: dict[str, Any] = {"id_number": "11010519491231002X"}
    assert (complete_person(values, LIST), values["born_on"]) == ([], date(1949, 12, 31))
    unread: dict[str, Any] = {}
    assert (complete_person(unread, LIST), unread) == ([], {})


def test_a_post_without_a_word_about_its_days_is_staffed_on_every_day() -> None:
    bare: dict[str, Any] = {"weekdays": None, "officers": None}
    complete_post(bare, LIST)
    assert bare == {"weekdays": (1, 2, 3, 4, 5, 6, 7), "officers": (), "badges": ()}
    said: dict[str, Any] = {"weekdays": (1,), "officers": ("朱交警",), "badges": ("7",)}
    complete_post(said, LIST)
    assert said == {"weekdays": (1,), "officers": ("朱交警",), "badges": ("7",)}
    unread: dict[str, Any] = {}
    complete_post(unread, LIST)
    assert unread == {"officers": (), "badges": ()}


# Paper sheets

POST = KnownPost("p", "北门", frozenset({"朱交警"}), ((time(7, 30), time(9)), (time(17), time(18, 30))), frozenset({3}))
OTHER = KnownPost("q", "西门", frozenset(), ((time(7, 30), time(9)),), frozenset({3}))
SOMEBODY = KnownPerson("a", "李小明", ON, ON)


def sheet(*sign_ins: KnownSignIn, holiday: bool = False) -> Any:
    return context_of(date(2026, 10, 31), None, Known.of([POST, OTHER], [SOMEBODY], sign_ins), lambda _: holiday)


def row(**changes: Any) -> dict[str, Any]:
    values = {"on": ON, "post": "北门", "person": "李小明", "came_at": time(7, 30), "left_at": time(9)}
    found = {**values, "officers": ("朱交警",), "minutes_stated": None, **changes}
    complete_sign_in(found, sheet())
    return found


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"left_at": time(7, 31)}, []),
        ({"left_at": time(7, 30)}, [("left_at", "refuse", "out_before_in")]),
        ({"left_at": None}, []),
        ({"minutes_stated": 90}, []),
        ({"minutes_stated": 89}, [("minutes_stated", "refuse", "minutes_contradict")]),
        ({"minutes_stated": 89, "left_at": None}, []),
        ({"came_at": time(7, 29)}, [("came_at", "flag", "outside_window")]),
        ({"left_at": time(9, 1)}, [("left_at", "flag", "outside_window")]),
        ({"came_at": time(9), "left_at": time(9, 30)}, [("came_at", "flag", "outside_window")]),
        ({"came_at": time(8, 59)}, []),
        ({"came_at": time(17), "left_at": time(18, 30)}, []),
        ({"officers": ("马交警",)}, [("officers", "flag", "officer_not_of_post")]),
        ({"officers": ("马交警", "朱交警")}, []),
        ({"officers": ()}, []),
        ({"on": date(2026, 10, 13)}, [("on", "flag", "outside_period"), ("on", "flag", "post_closed")]),
        ({"on": date(2026, 10, 21)}, [("on", "flag", "outside_period")]),
    ],
)
def test_a_row_of_a_sheet_is_refused_or_flagged_beyond_each_line(
    changes: dict[str, Any], codes: list[tuple[str, str, str]]
) -> None:
    """What is late or early within a window is no doubt."""
    assert [(one.key, one.level, one.code) for one in judge_sign_in(row(**changes), sheet(), [])] == codes


def test_a_holiday_is_flagged_as_such_whatever_the_days_of_the_post() -> None:
    assert judge_sign_in(row(), sheet(holiday=True), []) == [Fault("on", "statutory_holiday", "flag")]
    closed = row(post="西门", on=date(2026, 10, 13))
    assert [one.code for one in judge_sign_in(closed, sheet(holiday=True), [])] == [
        "outside_period",
        "statutory_holiday",
        "officer_not_of_post",
    ]


def stored(came: time, left: time | None, post: str = "q", by_phone: bool = False) -> KnownSignIn:
    return KnownSignIn(ON, post, "a", came, left, by_phone)


@pytest.mark.parametrize(
    ("other", "two_places"),
    [
        (stored(time(6), time(7, 30)), False),
        (stored(time(6), time(7, 31)), True),
        (stored(time(9), time(10)), False),
        (stored(time(8, 59), time(10)), True),
        (stored(time(8, 59), None), True),  # an open row is known at its first minute
        (stored(time(7, 30), None), True),
        (stored(time(9), None), False),
        (stored(time(7, 29), None), False),
        (stored(time(8), time(9), by_phone=True), True),
        (stored(time(8), time(9), post="p", by_phone=True), False),  # the same presence, seen twice (D-28)
        (stored(time(8), time(9), post="p"), True),
    ],
)
def test_nobody_is_in_two_places_to_the_minute(other: KnownSignIn, two_places: bool) -> None:
    found = judge_sign_in(row(), sheet(other), [])
    assert found == ([Fault("post", "two_places", "refuse", {"row": None})] if two_places else [])
    beside = TakenRow(7, (), {"came_at": other.came_at, "left_at": other.left_at})
    if other.post_key == "q":
        expected = [Fault("post", "two_places", "refuse", {"row": 7})] if two_places else []
        assert judge_sign_in(row(), sheet(), [beside]) == expected


def test_of_namesakes_the_one_whose_period_it_is_is_meant_and_of_one_person_the_newest_period() -> None:
    autumn = KnownPerson("b", "王芳", date(2026, 10, 1), date(2026, 10, 14))
    later = KnownPerson("c", "王芳", date(2026, 10, 14), date(2026, 10, 31))
    again = KnownPerson("b", "王芳", date(2026, 11, 1), date(2026, 11, 30))

    def meant(on: date, *people: KnownPerson) -> Any:
        found = find_person("王芳", on, Known.of([], people))
        if not isinstance(found, Fault):
            return found
        assert (found.key, found.level) == ("person", "refuse")
        return found.code

    assert meant(ON) == "unknown_person"
    assert [meant(date(2026, 10, day), autumn, later) for day in (13, 14, 15)] == [autumn, "several_persons", later]
    assert meant(date(2026, 9, 1), autumn, later) == "several_persons"
    assert [meant(on, autumn, again) for on in (ON, date(2026, 11, 5), date(2026, 12, 5))] == [autumn, again, again]
    both = replace(again, first_on=date(2026, 10, 14))
    assert [meant(date(2026, 10, day), autumn, both) for day in (13, 14, 15)] == [autumn, both, both]
    assert meant(date(2026, 9, 1), autumn, both) == both
    days = (date(2026, 10, 13), date(2026, 10, 14), date(2026, 10, 15), date(2026, 11, 1), date(2026, 12, 1))
    assert [meant(on, autumn, later, again) for on in days] == [
        *(autumn, "several_persons", later, again, "several_persons")
    ]
    assert meant(date(2026, 10, 14), autumn, both, later) == "several_persons"


def test_what_the_paper_says_of_a_row_and_what_it_sums_to() -> None:
    """SETTLED 1: nothing is confirmed by it."""
    flag = Finding(1, "x", "x", "outside_window")
    rows = [
        TakenRow(1, (), row(left_at=None), (flag,)),
        TakenRow(2, (), row(), (flag,)),
        TakenRow(3, (), row(officers=())),
        TakenRow(4, (), row()),
        TakenRow(5, (), row(came_at=time(8))),
    ]
    assert [standing(one) for one in rows] == ["open", "doubtful", "pending", "confirmed", "confirmed"]
    assert summary(rows) == {"open": [1], "pending": [3], "minutes": {"confirmed": 150, "pending": 90}}


def test_what_a_sheet_does_not_know_is_said_once_each() -> None:
    unknown: dict[str, Any] = {"post": "南门", "person": "张三", "on": ON}
    assert [one.code for one in complete_sign_in(unknown, sheet())] == ["unknown_post", "unknown_person"]
    assert (unknown["officers"], unknown["minutes"]) == ((), None)
    for unread in ({}, {"person": "张三"}, {"on": ON}, {"left_at": time(9)}):
        assert complete_sign_in(dict(unread), sheet()) == []


def test_an_open_row_of_ones_own_is_known_at_its_first_minute() -> None:
    beside = sheet(stored(time(7, 31), time(8)))
    assert [judge_sign_in(row(came_at=came, left_at=None), beside, []) for came in (time(7, 30), time(7, 31))] == [
        [],
        [Fault("post", "two_places", "refuse", {"row": None})],
    ]


def test_a_date_without_its_year_is_of_the_sheets_year() -> None:
    tidied = next(column.tidy for column in SHEET.columns if column.key == "on")
    assert tidied("10.5", replace(sheet(), year_month=(2026, 10))) == date(2026, 10, 5)
    assert tidied("2025-10-05", sheet()) == date(2025, 10, 5)


def test_what_was_judged_is_known_as_what_is_stored_would_be() -> None:
    post = {"name": "北门", "officers": ["朱交警"], "morning": (time(7), time(9)), "evening": None, "weekdays": [1]}
    assert post_of(post) == KnownPost("北门", "北门", frozenset({"朱交警"}), ((time(7), time(9)),), frozenset({1}))
    person = {"id_number": "n", "name": "李小明", "first_on": ON, "last_on": ON}
    assert person_of(person) == KnownPerson("n", "李小明", ON, ON)
    signed = sign_in_of({"on": ON, "post_key": "p", "person_key": "a", "came_at": time(8), "left_at": None})
    ticked = stored(time(9), None, by_phone=True)
    known = Known.of([POST], [SOMEBODY], [signed, ticked])
    assert (known.sign_ins[("a", ON)], known.identities) == ((signed, ticked), frozenset({(ON, "p", "a", time(8))}))
