"""The five files of the demonstration office give exactly what data/expected.json says."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

import pytest

from exchange.judging import expected_shape, why
from exchange.reasons import GENERIC_REASONS
from hearings.rules.pool import POOL
from lawyers.rules.register import REGISTER
from volunteers.rules.intake import INTAKE
from volunteers.rules.posts import POSTS
from volunteers.rules.sheet import SHEET

FILES = ("lawyers.xlsx", "posts.csv", "volunteers.xlsx", "hearing_officers.xlsx", "signin_2026_10.csv")
IMPORTERS = (REGISTER, POSTS, INTAKE, POOL, SHEET)
ROOT = Path(__file__).parent.parent.parent


def without_why(shape):
    if isinstance(shape, dict):
        return {key: without_why(value) for key, value in shape.items() if not key.startswith("why_")}
    return [without_why(one) for one in shape] if isinstance(shape, list) else shape


@pytest.mark.parametrize("file", FILES)
def test_a_file_is_judged_exactly_as_expected(file, judged, expected):
    assert without_why(expected_shape(judged[file], str)) == without_why(expected[file])


@pytest.mark.parametrize("file", FILES)
def test_the_keys_of_every_finding_are_those_of_the_expected_file_in_its_order(file, judged, expected):
    got = expected_shape(judged[file], str)
    assert list(got) == list(expected[file])
    for part in ("flagged", "refused", "already_there_rows"):
        assert [list(one) for one in got[part]] == [list(one) for one in expected[file][part]]


@pytest.mark.parametrize("file", FILES)
def test_every_row_is_taken_or_refused_or_already_there(file, judged):
    one = judged[file]
    assert one.rows_total == one.taken + one.already_there + len(one.refused)


@pytest.mark.parametrize("on", [date(2026, 11, 24), date(2026, 12, 31), date(2027, 1, 31)])
@pytest.mark.parametrize("file", FILES)
def test_the_answers_are_the_same_until_the_end_of_january(file, on, office_with, expected):
    assert without_why(expected_shape(office_with(on).judge(file), str)) == without_why(expected[file])


@pytest.mark.parametrize("file", FILES)
def test_a_file_sent_again_stores_nothing_and_refuses_only_what_it_refused(file, judged, office_with):
    again = office_with(stored=judged).judge(file)
    assert again.taken == 0
    assert again.flagged == ()
    assert again.already_there == judged[file].taken + judged[file].already_there
    assert [row.number for row in again.refused_rows] == [row.number for row in judged[file].refused_rows]
    assert {finding.code for finding in again.already_there_rows} == {"same_row_again"}


def test_a_repeated_row_names_the_first_one_and_a_stored_one_says_so(judged, office_with):
    [repeated] = judged["lawyers.xlsx"].already_there_rows
    assert why(REGISTER, repeated, str) == "Repeats row 6; nothing new to store"
    again = office_with(stored=judged).judge("lawyers.xlsx").already_there_rows[0]
    assert why(REGISTER, again, str) == "Already stored; nothing new to store"


def test_every_finding_of_the_five_files_has_a_sentence_in_the_language_asked_for(judged):
    def shouting(msgid: str) -> str:
        return msgid.upper().replace("%(ROW)S", "%(row)s").replace("%(MINUTES)S", "%(minutes)s").replace(
            "%(LINE)S", "%(line)s").replace("%(AGE)S", "%(age)s").replace("%(YEARS)S", "%(years)s")  # fmt: skip

    for one in judged.values():
        shape = expected_shape(one, shouting)
        for finding in [*shape["flagged"], *shape["refused"], *shape["already_there_rows"]]:
            assert finding["why_en"] and finding["why_zh"] == finding["why_en"].upper()
            assert "%(" not in finding["why_en"]


def codes_in(path: str) -> set[str]:
    """Every code a module can give: the first argument of Untidy, the second of Fault."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Untidy", "Fault"):
            code = node.args[1 if node.func.id == "Fault" else 0]
            if isinstance(code, ast.Constant):
                found.add(code.value)
    return found


@pytest.mark.parametrize("importer", IMPORTERS, ids=lambda importer: importer.name)
def test_every_code_a_rule_can_give_has_a_sentence(importer):
    modules = {
        "lawyers": "lawyers/rules/register.py",
        "posts": "volunteers/rules/posts.py",
        "volunteers": "volunteers/rules/intake.py",
        "hearing_officers": "hearings/rules/pool.py",
        "signin": "volunteers/rules/sheet.py",
    }
    codes = codes_in(modules[importer.name]) - GENERIC_REASONS.keys()
    assert codes == {code for code in importer.reasons if not code.endswith(".stored")}


def test_every_code_of_tidying_has_a_sentence():
    codes = codes_in("exchange/tidy.py") | codes_in("exchange/tidy_times.py")
    assert codes | {"same_row_again"} == {code for code in GENERIC_REASONS if not code.endswith(".stored")}


def test_the_tidied_values_of_a_taken_row_are_there_to_be_stored(judged):
    row = judged["volunteers.xlsx"].rows[5]
    assert row.number == 9
    assert row.identity == ("99999919771010485X",)
    assert {key: row.values[key] for key in ("name", "sex", "phone", "measure", "aggravating")} == {
        "name": "李磊",
        "sex": "male",
        "phone": "17401175163",
        "measure": "取保",
        "aggravating": None,
    }
    assert (row.values["first_on"], row.values["last_on"]) == (date(2026, 9, 16), date(2026, 10, 16))
    assert (row.values["born_on"], row.values["required_minutes"]) == (date(1977, 10, 10), 1200)
    assert str(row.values["blood_alcohol"]) == "173.29"


def test_a_flag_stands_with_the_row_that_it_doubts(judged):
    doubted = [row for row in judged["hearing_officers.xlsx"].rows if row.flags]
    assert [(row.number, [flag.code for flag in row.flags]) for row in doubted] == [
        (3, ["term_expired"]),
        (4, ["term_expired"]),
        (6, ["barred"]),
        (11, ["term_expired"]),
        (28, ["under_23"]),
        (35, ["barred"]),
    ]
