"""Tidying of names, numbers, phones, identity and licence numbers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exchange import tidy
from exchange.tidy import Untidy


def code(function, *arguments):
    with pytest.raises(Untidy) as refusal:
        function(*arguments)
    return refusal.value.code


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("高 刚", "高刚"),
        (" 徐丽华", "徐丽华"),
        ("张国庆 ", "张国庆"),
        ("　沈\u00a0正华\u3000", "沈正华"),
        ("John  Smith", "John Smith"),
        ("ＷＰＳ办公", "WPS办公"),
        ("阿卜杜拉・ 买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("王\u200b小\ufeff明", "王小明"),
        ("\u202e王小明\u202c", "王小明"),
        ("𠮷田", "𠮷田"),
        ("䶮", "䶮"),
        ("e\u0301mile", "émile"),
        ("志愿者👨\u200d👩\u200d👧", "志愿者👨\u200d👩\u200d👧"),
        ("张\u200d三", "张三"),
        ("=1+1", "=1+1"),
        ("长" * 100, "长" * 100),
    ],
)
def test_a_name_loses_blanks_beside_han_and_what_nobody_sees(cell, name):
    assert tidy.name(cell) == name


@pytest.mark.parametrize(
    ("cell", "refused"),
    [
        ("", "value_missing"),
        (" \u200b", "value_missing"),
        ("王\x00明", "text_forbidden"),
        ("王\x1b明", "text_forbidden"),
        ("王\ud842明", "text_forbidden"),
        ("长" * 101, "text_too_long"),
    ],
)
def test_a_name_that_cannot_be_stored_is_refused(cell, refused):
    assert code(tidy.name, cell) == refused


def test_several_names_in_a_cell_keep_their_order_and_stand_once():
    assert tidy.names("韩正华、 程 红梅,韩正华；徐家豪") == ("韩正华", "程红梅", "徐家豪")
    assert tidy.identifiers("235602、 229 114") == ("235602", "229114")
    assert code(tidy.names, "、") == "value_missing"


def test_a_remark_stays_word_for_word():
    assert tidy.remark(" 夜班工人,只能 晚高峰（１０月）\r\n第二行 ") == "夜班工人,只能 晚高峰（１０月）\n第二行"
    assert tidy.remark("a\u202eb") == "ab"
    assert tidy.remark("字" * 2000) == "字" * 2000
    assert code(tidy.remark, "字" * 2001) == "text_too_long"
    assert code(tidy.remark, "a\x00") == "text_forbidden"


@pytest.mark.parametrize("cell", ["", " ", "　", "\u200b", "无", " 无 ", "—", "——", "-", "/", "暂 无"])
def test_a_cell_may_say_nothing_in_many_ways(cell):
    assert tidy.nothing(cell)


@pytest.mark.parametrize("cell", ["无驾驶资格驾驶汽车", "0", "x", "\x00"])
def test_a_cell_that_says_something_is_not_nothing(cell):
    assert not tidy.nothing(cell)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("枫检刑诉〔2026〕105号", "枫检刑诉〔2026〕105号"),
        ("枫检刑诉[2026]105号", "枫检刑诉〔2026〕105号"),
        ("枫检刑诉（２０２６） 105 号", "枫检刑诉〔2026〕105号"),
        ("枫检刑诉【2026】105号", "枫检刑诉〔2026〕105号"),
    ],
)
def test_two_spellings_of_a_case_number_are_one_case(cell, number):
    assert tidy.case_number(cell) == number


def test_the_sex_is_read_in_words():
    assert [tidy.sex(cell) for cell in ("男", " 女 ", "男性", "F")] == ["male", "female", "male", "female"]
    assert code(tidy.sex, "不详") == "sex_unreadable"


@pytest.mark.parametrize(("cell", "people"), [("12", 12), ("4人", 4), (" １０ 人", 10), ("6名", 6), ("999999", 999999)])
def test_a_number_of_people_may_carry_its_unit(cell, people):
    assert tidy.count(cell) == people


@pytest.mark.parametrize(
    ("cell", "refused"),
    [
        ("", "value_missing"),
        ("0", "number_unreadable"),
        ("-4", "number_unreadable"),
        ("4.5人", "number_unreadable"),
        ("若干", "number_unreadable"),
        ("1000000", "number_unreadable"),
    ],
)
def test_a_number_of_people_that_is_none_is_refused(cell, refused):
    assert code(tidy.count, cell) == refused


@pytest.mark.parametrize(
    ("cell", "bare", "minutes"),
    [
        ("30小时", "hours", 1800),
        ("30h", "hours", 1800),
        ("30H", "hours", 1800),
        ("40", "hours", 2400),
        ("20 小时", "hours", 1200),
        ("1.5小时", "hours", 90),
        ("90分钟", "hours", 90),
        ("90分钟", "minutes", 90),
        ("90", "minutes", 90),
        ("１小时30分", "minutes", 90),
        ("0", "minutes", 0),
    ],
)
def test_a_duration_is_counted_in_minutes(cell, bare, minutes):
    assert tidy.duration(cell, bare) == minutes


@pytest.mark.parametrize("cell", ["约30", "30天", "1小时30", "0.01小时", "-5", "1234567"])
def test_a_duration_that_cannot_be_counted_is_refused(cell):
    assert code(tidy.duration, cell, "hours") == "number_unreadable"


@pytest.mark.parametrize(
    ("cell", "figure"),
    [
        ("178mg/100ml", "178"),
        ("112 mg/100ml", "112"),
        ("1.65mg/ml", "165"),
        ("1.54 MG/ML", "154"),
        ("㎎ 1", None),
        ("201.3", "201.3"),
        ("170.28 mg/100ml", "170.28"),
        ("１５０．５０", "150.5"),
        ("155㎎／100㎖", "155"),
        ("178毫克/100毫升", "178"),
        ("未检出", None),
        ("", None),
        ("0", None),
        ("178mg/l", None),
        (">178", None),
        ("1780000", None),
    ],
)
def test_a_blood_alcohol_figure_is_in_milligrams_in_100_ml(cell, figure):
    if figure is None:
        assert code(tidy.blood_alcohol, cell) == "bac_not_measured"
    else:
        assert str(tidy.blood_alcohol(cell)) == figure
        assert tidy.blood_alcohol(cell) == Decimal(figure)


@pytest.mark.parametrize(
    ("cell", "digits"),
    [
        ("17404258249", "17404258249"),
        ("+8617402710083", "17402710083"),
        ("86 174 0271 0083", "17402710083"),
        ("0086-174-0271-0083", "17402710083"),
        ("174 0202 2397", "17402022397"),
        ("174-0338-7539", "17403387539"),
        ("'+8617402710083", "17402710083"),
        ("\u202d17402710083\u202c", "17402710083"),
        ("１７４０２７１００８３", "17402710083"),
        ("0877-6123456", "08776123456"),
        ("(0877) 612 3456", "08776123456"),
        ("6123456", "6123456"),
    ],
)
def test_a_phone_number_is_its_digits(cell, digits):
    assert tidy.phone(cell) == digits


@pytest.mark.parametrize("cell", ["1740271008", "174027100831", "+1 212 555 0100", "电话", "17402710083/17402710084"])
def test_a_phone_number_that_is_not_whole_is_refused(cell):
    assert code(tidy.phone, cell) == "phone_unreadable"


def test_an_id_number_is_known_by_its_check_digit():
    assert tidy.id_number("99999919771010485x") == "99999919771010485X"
    assert tidy.id_number(" 999999 19730316 2614 ") == "999999197303162614"
    assert tidy.born_on("99999919771010485X") == date(1977, 10, 10)
    assert tidy.sex_of("99999919771010485X") == "male"
    assert tidy.sex_of("999999196601230203") == "female"


@pytest.mark.parametrize("cell", ["999999199810162250", "99999919771010485", "9999991977101048500", "abc"])
def test_an_id_number_with_a_wrong_check_digit_or_length_is_refused(cell):
    assert code(tidy.id_number, cell) == "id_check_digit"


def test_an_id_number_with_a_birthday_that_never_was_is_refused():
    first = "99999919990231123"
    assert code(tidy.id_number, first + tidy.check_digit(first)) == "id_check_digit"


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_of_an_id_number_is_always_found(place, step):
    right = "999999197303162614"
    wrong = right[:place] + str((int(right[place]) + step) % 10) + right[place + 1 :]
    assert code(tidy.id_number, wrong) == "id_check_digit"


def test_a_licence_number_tells_year_and_sex():
    licence = tidy.licence("19999 2023 10454142 ")
    assert licence == tidy.Licence("19999202310454142", "9999", 2023, "1", "male", "454142")
    assert tidy.licence("19999200811146692").sex == "female"


@pytest.mark.parametrize("cell", ["1999920231045414", "29999202310454142", "19999202312454142", "无证"])
def test_a_licence_number_of_another_form_is_refused(cell):
    assert code(tidy.licence, cell) == "licence_unreadable"


@pytest.mark.parametrize(
    ("on", "age"),
    [(date(2026, 10, 15), 22), (date(2026, 10, 16), 23), (date(2026, 10, 17), 23)],
)
def test_an_age_is_reached_on_the_birthday(on, age):
    assert tidy.full_years(date(2003, 10, 16), on) == age


def test_who_is_born_on_29_february_is_a_year_older_on_1_march():
    assert tidy.full_years(date(2004, 2, 29), date(2027, 2, 28)) == 22
    assert tidy.full_years(date(2004, 2, 29), date(2027, 3, 1)) == 23


ANY_TEXT = st.one_of(
    st.text(),
    st.text(st.characters()),  # surrogates too
    st.text("0123456789.-/:年月日至周一五无小时mghl×１２：　 ’'+86X\u200b\u200d\u202e\u3099\u0301\x00", max_size=20),
)
TO_TEXT = {
    "name": tidy.name,
    "remark": tidy.remark,
    "identifier": tidy.identifier,
    "case_number": tidy.case_number,
    "phone": tidy.phone,
    "id_number": tidy.id_number,
    "plain": tidy.plain,
    "compact": tidy.compact,
}
TO_VALUES = {
    "names": tidy.names,
    "identifiers": tidy.identifiers,
    "sex": tidy.sex,
    "count": tidy.count,
    "hours": lambda text: tidy.duration(text, "hours"),
    "minutes": lambda text: tidy.duration(text, "minutes"),
    "blood_alcohol": tidy.blood_alcohol,
    "licence": tidy.licence,
    "blank": tidy.blank,
    "nothing": tidy.nothing,
}


@pytest.mark.parametrize("function", TO_TEXT.values(), ids=TO_TEXT)
@given(text=ANY_TEXT)
@example(text="か \u3099")
@example(text="a\u200b\u0301")
@example(text="'\u200b'=1")
def test_tidying_what_is_tidy_changes_nothing_and_nothing_but_untidy_is_raised(function, text):
    try:
        once = function(text)
    except Untidy as untidy:
        assert untidy.code
    else:
        assert function(once) == once


@pytest.mark.parametrize("function", TO_VALUES.values(), ids=TO_VALUES)
@given(text=ANY_TEXT)
def test_whatever_the_text_a_value_or_untidy_comes_back(function, text):
    try:
        function(text)
    except Untidy as untidy:
        assert untidy.code


@given(st.decimals(min_value="0.01", max_value="999", places=2))
def test_a_blood_alcohol_figure_reads_back_as_it_is_written(figure):
    assert tidy.blood_alcohol(str(figure)) == figure
    assert tidy.blood_alcohol(str(tidy.blood_alcohol(str(figure)))) == figure
    assert tidy.blood_alcohol(f"{figure} mg/ml") == figure * 100
