"""What is typed of a person is tidied, and refused where it cannot be true (TRUST I33, I34)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.reading import reading_of
from accounts.rules import people as rules
from tests.accounts.crowd import ID, PHONE


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (ID, ID),
        ("11010519491231002x", ID),
        ("１１０１０５１９４９１２３１００２Ｘ", ID),
        (" 110105 19491231 002X ", ID),
    ],
)
def test_an_id_number_is_tidied(typed: str, kept: str) -> None:
    """I34."""
    assert rules.id_number(typed) == kept


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("110105194912310021", "id_number_check"),
        ("11010519491231020X", "id_number_check"),
        ("110105194902300022", "id_number_date"),
        ("110105491231002", "id_number_length"),
        ("11010519491231002Y", "id_number_length"),
        ("", "id_number_length"),
    ],
)
def test_a_wrong_id_number_says_what_is_wrong_and_never_repeats_it(typed: str, code: str) -> None:
    """I34."""
    with pytest.raises(rules.FactRefused) as refusal:
        rules.id_number(typed)
    assert refusal.value.code == code
    assert not typed or typed not in refusal.value.message % refusal.value.facts


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (PHONE, PHONE),
        ("１７４ ００００ ０１２３", PHONE),
        ("+86 174-0000-0123", PHONE),
        ("0571-87654321", "057187654321"),
    ],
)
def test_a_phone_is_tidied(typed: str, kept: str) -> None:
    assert rules.phone(typed) == kept


@pytest.mark.parametrize("typed", ["1740000012", "174000001234", "27400000123", "call me", "١٧٤"])
def test_what_is_no_phone_is_refused(typed: str) -> None:
    with pytest.raises(rules.PhoneUnreadable):
        rules.phone(typed)


@pytest.mark.parametrize(
    ("born", "good"), [("2026-11-24", True), ("2026-11-25", False), ("1896-01-01", True), ("1895-12-31", False)]
)
def test_nobody_is_born_tomorrow_nor_before_anybody_living(born: str, good: bool) -> None:
    try:
        rules.check_birth(date.fromisoformat(born), date(2026, 11, 24))
        refused = False
    except rules.BirthImpossible:
        refused = True
    assert refused is not good


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        ("单雄信", ("shan xiong xin", "sxx")),
        ("欧阳明", ("ou yang ming", "oym")),
        ("尉迟恭", ("yu chi gong", "ycg")),
        ("曾静", ("zeng jing", "zj")),
        ("买买提·艾力", ("mai mai ti ai li", "mmtal")),
        ("John Smith", ("john smith", "js")),
    ],
)
def test_surnames_of_several_readings_are_read_as_surnames(name: str, reading: tuple[str, str]) -> None:
    """SETTLED 24."""
    assert reading_of(name) == reading


@given(st.integers(0, 16), st.integers(0, 9))
def test_one_mistyped_digit_of_an_id_number_is_always_noticed(place: int, digit: int) -> None:
    typed = ID[:place] + str(digit) + ID[place + 1 :]
    try:
        accepted = rules.id_number(typed) == ID
    except rules.FactRefused:
        accepted = False
    assert accepted is (typed == ID)


@given(st.text())
def test_no_text_breaks_the_reading_of_a_search_or_a_fact(text: str) -> None:
    rules.sought(text)
    reading_of(text)
    for rule in (rules.name, rules.phone, rules.id_number, rules.email, rules.reading, rules.username):
        try:
            once = rule(text)
        except rules.FactRefused:
            continue
        assert rule(once) == once
