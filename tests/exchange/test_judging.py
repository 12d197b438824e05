"""The rules of each list at their edges, and what the one loop does with rows whatever the list."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

import pytest

from exchange.judging import Context, judge
from exchange.reading import read_table
from exchange.refusals import ColumnsMissing
from exchange.tidy import check_digit
from hearings.rules.pool import POOL, bars, term_ends_on
from lawyers.rules.register import REGISTER
from volunteers.rules.intake import INTAKE, held
from volunteers.rules.known import Known, KnownPerson, KnownPost, KnownSignIn
from volunteers.rules.posts import POSTS
from volunteers.rules.sheet import SHEET, context_of, standing

ON = date(2026, 11, 24)


def number(first_seventeen: str) -> str:
    return first_seventeen + check_digit(first_seventeen)


def findings(judged):
    """(row, code) of all flags and refusals, with the row's fate."""
    flagged = [(finding.row, finding.code, "flag") for finding in judged.flagged]
    refused = [(one.row, one.code, "refuse") for row in judged.refused_rows for one in row.findings]
    return sorted([*flagged, *refused])


LAWYER = {"name": "马明", "sex": "男", "licence": "19999201710146101", "phone": "174 0342 2804"}
PERSON = {
    "name": "李磊",
    "sex": "男",
    "id_number": number("99999919771010485"),
    "case_number": "枫检刑诉〔2026〕133号",
    "measure": "取保候审",
    "blood_alcohol": "173.29",
    "first_on": "2026-10-16",
    "last_on": "2026-11-15",
    "required_minutes": "20",
}
OFFICER = {"name": "李国庆", "born_on": "1988-05-01", "joined_on": "2026-03-09"}
POST = {"name": "东门", "capacity": "4", "morning": "7:30-9:00", "evening": "无", "weekdays": "周一至周五"}


@pytest.fixture
def intake(table_of, office):
    return lambda *rows: judge(
        table_of(INTAKE, *({**PERSON, **row} for row in rows)), INTAKE, office.context("volunteers.xlsx")
    )


@pytest.fixture
def pool(table_of, office):
    return lambda *rows: judge(
        table_of(POOL, *({**OFFICER, **row} for row in rows)), POOL, office.context("hearing_officers.xlsx")
    )


def test_a_second_row_of_the_same_identity_is_already_there_whatever_else_it_says(table_of):
    again = {**LAWYER, "licence": "1 9999 2017 1 0 146101", "name": "", "phone": "1", "remark": "重复登记"}
    judged = judge(table_of(REGISTER, LAWYER, again), REGISTER, Context(on=ON))
    assert (judged.taken, judged.already_there, judged.refused) == (1, 1, ())
    [repeated] = judged.already_there_rows
    assert (repeated.row, repeated.column, repeated.value) == (3, "执业证号", "1 9999 2017 1 0 146101")
    assert repeated.facts == {"row": 2}


def test_a_refused_row_is_not_stored_so_a_mended_copy_below_it_is_taken(table_of):
    judged = judge(table_of(REGISTER, {**LAWYER, "phone": "1"}, LAWYER, LAWYER), REGISTER, Context(on=ON))
    assert [row.number for row in judged.rows] == [3]
    assert findings(judged) == [(2, "phone_unreadable", "refuse")]
    assert [(one.row, one.facts["row"]) for one in judged.already_there_rows] == [(4, 3)]


def test_a_result_stored_and_judged_again_takes_nothing(table_of):
    table = table_of(REGISTER, LAWYER, {**LAWYER, "licence": "19999201810301425"})
    first = judge(table, REGISTER, Context(on=ON))
    again = judge(table, REGISTER, Context(on=ON, stored=first.identities))
    assert (again.taken, again.already_there) == (0, 2)
    assert [one.facts for one in again.already_there_rows] == [{"row": None}, {"row": None}]


def test_stored_rows_may_be_asked_one_by_one(table_of):
    class Hashed:
        def __contains__(self, identity):
            return identity == ("19999201710146101",)

    assert judge(table_of(REGISTER, LAWYER), REGISTER, Context(on=ON, stored=Hashed())).already_there == 1


def test_a_column_the_file_lacks_goes_by_its_usual_name(table_of):
    table = table_of(REGISTER, LAWYER)
    places = {key: place for key, place in table.places.items() if key != "name"}
    judged = judge(table.__class__(1, table.headers, places, table.rows), REGISTER, Context(on=ON))
    assert [(one.column, one.value, one.code) for one in judged.refused] == [("姓名", "", "value_missing")]


def test_a_lawyer_without_a_sex_contradicts_nothing(table_of):
    women = {**LAWYER, "licence": "19999201410484104", "sex": "女"}
    judged = judge(table_of(REGISTER, {**LAWYER, "sex": ""}, women), REGISTER, Context(on=ON))
    assert findings(judged) == [(3, "sex_contradicts_licence", "flag")]
    assert judged.rows[0].values["licence_parts"].sex == "male"


def test_a_post_has_its_windows_days_and_officers(table_of):
    judged = judge(
        table_of(POSTS, {**POST, "officers": "韩 正华、程红梅", "badges": "235602、229114"}), POSTS, Context(on=ON)
    )
    assert judged.rows[0].values == {
        "name": "东门",
        "squad": None,
        "officers": ("韩正华", "程红梅"),
        "badges": ("235602", "229114"),
        "capacity": 4,
        "morning": (time(7, 30), time(9, 0)),
        "evening": None,
        "weekdays": (1, 2, 3, 4, 5),
        "remark": None,
    }


def test_a_post_without_days_is_staffed_every_day_and_a_reversed_evening_is_refused(table_of):
    judged = judge(
        table_of(POSTS, {**POST, "weekdays": ""}, {**POST, "name": "西门", "evening": "18:30-17:00"}),
        POSTS,
        Context(on=ON),
    )
    assert judged.rows[0].values["weekdays"] == (1, 2, 3, 4, 5, 6, 7)
    assert [(one.column, one.code) for one in judged.refused] == [("晚高峰", "window_reversed")]


@pytest.mark.parametrize(
    ("figure", "aggravating", "codes"),
    [
        ("79.99", "", [(2, "bac_below_80", "refuse")]),
        ("80", "", [(2, "bac_below_150", "flag")]),
        ("149.99", "无", [(2, "bac_below_150", "flag")]),
        ("149.99", "无驾驶资格驾驶汽车", []),
        ("150", "", []),
        ("180", "", []),
        ("180.01", "发生事故负主要责任", [(2, "bac_above_180", "flag")]),
        ("1.8mg/ml", "", []),
        ("1.81mg/ml", "", [(2, "bac_above_180", "flag")]),
        ("1.65", "", [(2, "bac_below_80", "refuse")]),
    ],
)
def test_blood_alcohol_is_judged_at_its_lines(intake, figure, aggravating, codes):
    assert findings(intake({"blood_alcohol": figure, "aggravating": aggravating})) == codes


@pytest.mark.parametrize(("birthday", "codes"), [("19611016", [(2, "age_65", "flag")]), ("19611017", [])])
def test_65_is_counted_on_the_day_the_period_begins(intake, birthday, codes):
    assert findings(intake({"id_number": number(f"999999{birthday}485")})) == codes


def test_a_period_may_be_one_day_and_never_none(intake):
    judged = intake({"last_on": "2026-10-16"}, {"last_on": "2026-10-15", "id_number": number("99999919790706497")})
    assert findings(judged) == [(3, "period_reversed", "refuse")]


@pytest.mark.parametrize("measure", ["刑事拘留", "逮捕", "羁押中", "取保候审后被逮捕", " 刑事 拘留 "])
def test_a_measure_says_that_a_person_is_held(measure):
    assert held(measure)


@pytest.mark.parametrize(
    "measure",
    [
        "取保候审",
        "取保",
        "取保候审(保证金)",
        "未采取强制措施",
        "监视居住",
        "刑事拘留后取保候审",
        "不批准逮捕",
        "逮捕已解除",
    ],
)
def test_a_measure_says_that_a_person_is_free(measure):
    assert not held(measure)


def test_a_person_may_be_doubtful_for_several_reasons(intake):
    judged = intake({"blood_alcohol": "190", "measure": "逮捕", "id_number": number("99999919590317367")})
    assert [one.code for one in judged.flagged] == ["bac_above_180", "age_65", "in_custody"]
    assert judged.taken == 1


@pytest.mark.parametrize(
    "remark",
    [
        "2022年被吊销律师执业证书",
        "2019年因危险驾驶受过刑事处罚",
        "曾被 开除公职",
        "无业人员,受过刑事处罚",
        "无业人员受过刑事处罚",
        "经查无刑事处罚记录,2020年被开除公职",
        "并非无刑事处罚记录",
        "未婚曾受刑事处罚",
        "刑事处罚:有",
        "无异议;刑事处罚一次",
    ],
)
def test_a_remark_bars_a_person(remark):
    assert bars(remark)


@pytest.mark.parametrize(
    "remark",
    [
        "经查无刑事处罚记录",
        "未受过刑事处罚",
        "没有 受过刑事处罚",
        "无刑事处罚、开除公职、吊销执业证书记录",
        "未曾被开除公职或吊销律师执业证书",
        "从未因违法犯罪受过刑事处罚",
        "未因醉驾受到刑事处罚",
        "刑事处罚:无",
        "刑事处罚：无；开除公职：无；吊销：无",
        "无违法犯罪记录及刑事处罚",
        "不存在开除公职情形",
        "连任",
        "周三不行",
        "",
    ],
)
def test_a_remark_bars_nobody(remark):
    assert not bars(remark)


@pytest.mark.parametrize("piece", ["无因", "受过", "无受过过", "没有有", "不良前科", "无", "刑事处罚"])
def test_no_remark_makes_the_search_for_bars_slow(piece):
    bars((piece * 2000)[:1990] + "刑事处罚。")


@pytest.mark.parametrize(("born", "codes"), [("2003-11-24", []), ("2003-11-25", [(2, "under_23", "flag")])])
def test_23_is_reached_on_the_birthday(pool, born, codes):
    assert findings(pool({"born_on": born})) == codes


@pytest.mark.parametrize(("joined", "codes"), [("2024-11-24", []), ("2024-11-23", [(2, "term_expired", "flag")])])
def test_a_term_of_two_years_ends_with_the_corresponding_day(pool, joined, codes):
    assert findings(pool({"joined_on": joined})) == codes


def test_a_term_begun_on_29_february_ends_on_the_28th():
    assert term_ends_on(date(2024, 2, 29), 2) == date(2026, 2, 28)
    assert term_ends_on(date(2024, 2, 29), 4) == date(2028, 2, 29)


def test_namesakes_of_another_birthday_are_two_people_and_of_the_same_one(pool):
    judged = pool({}, {"born_on": "1990-01-01"}, {"name": "李 国庆", "born_on": "1988年5月1日"})
    assert (judged.taken, judged.already_there) == (2, 1)


EVERY_DAY = frozenset(range(1, 8))
EAST = KnownPost(
    "east", "东门", frozenset({"韩正华"}), ((time(7, 30), time(9, 0)), (time(17, 0), time(18, 30))), EVERY_DAY
)
WEST = KnownPost("west", "西门", frozenset({"程红梅"}), ((time(7, 30), time(9, 0)),), frozenset({1, 2, 3, 4, 5}))
LI = KnownPerson("li", "李磊", date(2026, 10, 8), date(2026, 10, 31))
WANG = KnownPerson("wang", "王伟", date(2026, 10, 1), date(2026, 10, 15))
SUN, SUN_AGAIN = (KnownPerson("sun", "孙复来", date(2026, month, 1), date(2026, month, 12)) for month in (9, 10))
WANG_2 = KnownPerson("wang-2", "王伟", date(2026, 10, 15), date(2026, 10, 31))
ROW = {"on": "10.8", "post": "东门", "person": "李磊", "came_at": "7:30", "left_at": "9:00", "officers": "韩正华"}


@pytest.fixture
def sheet(table_of):
    def run(*rows, stored=(), month=(2026, 10)):
        known = Known.of([EAST, WEST], [LI, WANG, WANG_2, SUN, SUN_AGAIN], stored)
        context = context_of(ON, month, known, lambda on: date(2026, 10, 1) <= on <= date(2026, 10, 7))
        return judge(table_of(SHEET, *({**ROW, **row} for row in rows)), SHEET, context)

    return run


def test_a_signed_row_without_doubt_is_called_confirmed(sheet):
    judged = sheet({})
    assert judged.extra == {"open": [], "pending": [], "minutes": {"confirmed": 90, "pending": 0}}
    assert standing(judged.rows[0]) == "confirmed"
    assert judged.rows[0].identity == (date(2026, 10, 8), "east", "li", time(7, 30))


def test_no_officer_is_pending_no_sign_out_open_and_a_doubt_neither(sheet):
    judged = sheet(
        {"officers": ""},
        {"on": "10.9", "left_at": ""},
        {"on": "10.12", "officers": "陆未识"},
        {"on": "10.13", "officers": "无", "left_at": "—"},
    )
    assert [standing(row) for row in judged.rows] == ["pending", "open", "doubtful", "open"]
    assert judged.extra == {"open": [3, 5], "pending": [2], "minutes": {"confirmed": 0, "pending": 90}}


def test_a_row_without_year_needs_the_month_of_the_sheet(sheet):
    assert findings(sheet({}, month=None)) == [(2, "year_missing", "refuse")]
    assert findings(sheet({"on": "2026-10-08"}, month=None)) == []


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"on": "10.7"}, ["outside_period", "statutory_holiday"]),
        ({"on": "10.8"}, []),
        ({"on": "10.31"}, []),
        ({"on": "11.1"}, ["outside_period"]),
        ({"on": "10.10", "post": "西门", "officers": ""}, ["post_closed"]),
        ({"came_at": "7:29"}, ["outside_window"]),
        ({"left_at": "9:01"}, ["outside_window"]),
        ({"came_at": "8:59"}, []),
        ({"came_at": "9:00", "left_at": "9:30"}, ["outside_window"]),
        ({"came_at": "7:30", "left_at": "18:30"}, ["outside_window"]),
        ({"came_at": "17:00", "left_at": ""}, []),
        ({"officers": "韩 正华、陆未识"}, []),
        ({"officers": "程红梅"}, ["officer_not_of_post"]),
        ({"came_at": "9:00", "left_at": "7:30"}, ["out_before_in"]),
        ({"left_at": "7:30"}, ["out_before_in"]),
        ({"minutes_stated": "90分钟"}, []),
        ({"minutes_stated": "1.5小时"}, []),
        ({"minutes_stated": "89"}, ["minutes_contradict"]),
        ({"minutes_stated": "900", "left_at": ""}, []),
        ({"post": "=1+1"}, ["unknown_post"]),
        ({"person": "欧阳未录"}, ["unknown_person"]),
        ({"person": "欧阳未录", "post": "北门"}, ["unknown_person", "unknown_post"]),
        ({"on": "10.32"}, ["date_impossible"]),
        ({"came_at": ""}, ["time_missing"]),
        ({"person": "王伟", "on": "10.14"}, []),
        ({"person": "王伟", "on": "10.15"}, ["several_persons"]),
        ({"person": "王伟", "on": "11.1"}, ["several_persons"]),
        ({"person": "孙复来", "on": "10.9"}, []),
        ({"person": "孙复来", "on": "10.14"}, ["outside_period"]),
    ],
)
def test_a_sign_in_is_judged_against_post_and_period(sheet, row, found):
    assert sorted(code for _, code, _ in findings(sheet(row))) == found


def test_a_namesake_is_known_by_the_period(sheet):
    judged = sheet({"person": "王伟", "on": "10.14"}, {"person": "王 伟", "on": "10.16"})
    assert [row.values["person_key"] for row in judged.rows] == ["wang", "wang-2"]


@pytest.mark.parametrize(
    ("second", "clash"),
    [
        ({"post": "西门", "came_at": "8:59", "left_at": "9:00"}, True),
        ({"post": "东门", "came_at": "8:00", "left_at": "9:00"}, True),
        ({"post": "西门", "came_at": "8:00", "left_at": ""}, True),
        ({"post": "西门", "came_at": "9:00", "left_at": "9:30"}, False),
        ({"post": "西门", "came_at": "8:00", "left_at": "9:00", "on": "10.9"}, False),
        ({"post": "西门", "came_at": "8:00", "left_at": "9:00", "person": "王伟"}, False),
    ],
)
def test_of_two_rows_that_overlap_the_second_is_refused(sheet, second, clash):
    judged = sheet({}, second)
    assert (
        [(one.row, one.code, dict(one.facts)) for one in judged.refused] == [(3, "two_places", {"row": 2})]
    ) is clash


def test_a_stored_sign_in_is_already_there_and_overlaps_like_a_row(sheet):
    stored = KnownSignIn(date(2026, 10, 8), "east", "li", time(7, 30), time(9, 0))
    judged = sheet({}, {"post": "西门", "came_at": "8:00", "officers": ""}, stored=[stored])
    assert [(one.row, dict(one.facts)) for one in judged.already_there_rows] == [(2, {"row": None})]
    assert [(one.row, one.code, dict(one.facts)) for one in judged.refused] == [(3, "two_places", {"row": None})]


def test_a_refused_row_takes_nobodys_place(sheet):
    judged = sheet({"minutes_stated": "900"}, {"post": "西门", "came_at": "8:00", "officers": ""})
    assert findings(judged) == [(2, "minutes_contradict", "refuse")]


def test_the_same_sign_in_in_another_spelling_is_already_there(sheet):
    judged = sheet({}, {"on": "2026年10月8日", "came_at": "07：30", "person": "李 磊 ", "left_at": "8:00"})
    assert (judged.taken, judged.already_there) == (1, 1)
    assert judged.already_there_rows[0].column == "日期"


def test_a_figure_is_kept_exactly(intake):
    assert intake({"blood_alcohol": "170.280"}).rows[0].values["blood_alcohol"] == Decimal("170.28")


@pytest.mark.parametrize("cell", ["\x00", "\ud800", "👨\u200d👩", "\u202e", "𠮷" * 200, "=1+1", "'" * 50])
def test_no_cell_whatever_it_holds_stops_the_judging(table_of, office, sheet, cell):
    for importer, context in ((REGISTER, Context(on=ON)), (POSTS, Context(on=ON))):
        judge(table_of(importer, {column.key: cell for column in importer.columns}), importer, context)
    judge(table_of(INTAKE, dict.fromkeys(PERSON, cell)), INTAKE, office.context("volunteers.xlsx"))
    judge(table_of(POOL, dict.fromkeys(OFFICER, cell)), POOL, office.context("hearing_officers.xlsx"))
    for key in ROW:
        sheet({key: cell})


OF_PEOPLE = {"name", "id_number", "case_number", "blood_alcohol", "aggravating", "first_on", "last_on"}
SILENT_OF_PEOPLE = {
    *("sex", "phone", "received_on", "measure", "aggravating", "prosecutor", "required_minutes", "remark"),
}
OF_SHEETS = {"on", "post", "person", "came_at", "left_at"}
OF_POSTS = {"name", "capacity", "morning", "evening"}


@pytest.mark.parametrize(
    ("importer", "row", "needed", "silent"),
    [
        (INTAKE, PERSON, OF_PEOPLE, SILENT_OF_PEOPLE),
        (SHEET, ROW, OF_SHEETS, {"left_at", "officers", "minutes_stated", "remark"}),
        (POSTS, POST, OF_POSTS, {"squad", "officers", "badges", "morning", "evening", "weekdays", "remark"}),
    ],
    ids=["people", "sheets", "posts"],
)
def test_which_columns_a_list_of_the_service_needs_and_which_cells_may_say_nothing(
    importer, row, needed, silent, table_of, office
):
    """data/README.md: a file without what a list must say is no such list; what an office may not know may be empty."""
    contexts = {
        "volunteers": office.context("volunteers.xlsx"),
        "posts": Context(on=ON),
        "signin": context_of(ON, (2026, 10), Known.of([EAST], [LI]), lambda _: False),
    }
    context = contexts[importer.name]

    def lacks(key):
        """What a file without a column is told to lack."""
        names = [column.names[0] for column in importer.columns if column.key != key]
        try:
            read_table(f"{','.join(names)}\n{','.join('x' * len(names))}\n".encode(), importer.columns)
        except ColumnsMissing as refusal:
            return refusal.columns
        return None

    keys = [column.key for column in importer.columns]
    usual = {column.key: column.names[0] for column in importer.columns}
    assert {key: lacks(key) for key in keys} == {key: usual[key] if key in needed else None for key in keys}
    for nothing in ("", "无"):
        judged = {key: judge(table_of(importer, {**row, key: nothing}), importer, context) for key in keys}
        assert {key for key, one in judged.items() if one.taken} == silent
    assert [judged[key].rows[0].values[key] for key in keys if key in silent][-1] == "无"  # a remark is read as it is
